"""The command line: names, help, what it imports, and how it says that something is wrong."""

import subprocess
import sys
from pkgutil import iter_modules

import click
import pytest
from click.testing import CliRunner

import kg.commands
from kg.cli import COMMANDS, LazyGroup, main
from kg.errors import KgError, Problems, UnreadableError

HELPERS = {"answers", "opened", "process"}
"""Modules of `kg.commands` that are no commands."""


def test_every_module_of_commands_is_in_the_table() -> None:
    assert {module.name for module in iter_modules(kg.commands.__path__)} - HELPERS == COMMANDS.keys()


def modules_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_imports_no_engine() -> None:
    loaded = modules_after(
        "from click.testing import CliRunner\nfrom kg.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0"
    )
    assert "kg.cli" in loaded
    heavy = {"rdflib", "pyoxigraph", "pyshacl", "flask", "rich", "pyld", "kg.namespaces"}
    assert loaded & heavy == set()
    assert not any(name.startswith("kg.commands.") for name in loaded)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_an_example_and_starts_light(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert f"kg {name}" in result.output
    command = main.get_command(click.Context(main), name)
    assert isinstance(command, click.Command)
    parts = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    assert all("Example" in (part.help or "") for part in parts)
    loaded = modules_after(
        f"from click.testing import CliRunner\nfrom kg.cli import main\nCliRunner().invoke(main, [{name!r}, '--help'])"
    )
    assert loaded & {"rdflib", "pyshacl", "flask"} == set()


def test_help_lists_every_command() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {name}  " in output for name in COMMANDS)


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (KgError("no"), 1, ["kg: no"]),
        (UnreadableError("a.ttl", None, "gone"), 2, ["kg: a.ttl: gone"]),
        (Problems([KgError("one"), UnreadableError("b", 3, "two")]), 2, ["kg: one", "kg: b:3: two"]),
    ],
)
def test_an_error_is_told_on_standard_error_without_a_traceback(
    error: KgError, code: int, lines: list[str]
) -> None:
    @click.group(cls=LazyGroup)
    def group() -> None:
        raise error

    result = CliRunner().invoke(group, ["fmt", "--check", "none.ttl"])
    assert (result.exit_code, result.stderr.splitlines(), result.stdout) == (code, lines, "")


def test_a_command_that_is_not_there_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["nothing"])
    assert result.exit_code == 2
    assert "No such command 'nothing'" in result.stderr

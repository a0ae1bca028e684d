"""run.py: parses on old versions of Python, needs the standard library only, and ends in words."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import run
from tests.test_imports import imports


def call(root: Path, *args: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, root / "run.py", *args], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def test_it_parses_on_python_3_6_and_imports_the_standard_library_only(root: Path) -> None:
    source = (root / "run.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    assert {name.split(".")[0] for name in imports(source, "run")} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("args", [("no-such-command",), ("setup", "extra"), ("lock", "extra")])
def test_wrong_usage_is_one_line(root: Path, args: tuple[str, ...]) -> None:
    code, said = call(root, *args)
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("run.py: usage:")


def test_help_names_every_command(root: Path) -> None:
    code, said = call(root, "--help")
    assert code == 0
    assert all(f"run.py {command}" in said for command in ("[serve]", "setup", "test", "bench", "lock"))


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MINIMUM", (99, 0))
    with pytest.raises(run.Stop, match=r"Python 99\.0 or newer is needed") as stop:
        run.main(["setup"])
    assert stop.value.code == 2


def test_a_browser_that_is_named_but_not_there_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_BROWSER", "/no/such/browser")
    assert run.find_browser(sys.executable) is None
    with pytest.raises(run.Stop, match="KG_BROWSER") as stop:
        run.need_browser()
    assert stop.value.code == 4

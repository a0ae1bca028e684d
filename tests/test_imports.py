"""The arrows of the architecture, read from the imports (web -> kg, cli -> kg, never back); small modules."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted([*(ROOT / "kg").rglob("*.py"), *(ROOT / "web").rglob("*.py")])
MAY_IMPORT_CLI = {"kg.__main__"}
SOFT, HARD = 300, 350


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, module: str, is_package: bool = False) -> Iterator[str]:
    """Absolute names of what a module imports anywhere in it, relative imports resolved.

    >>> list(imports("import a.b\\nfrom . import c\\ndef f():\\n    from ..d import e", "kg.x.y"))
    ['a.b', 'kg.x.c', 'kg.d.e']
    """
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = [*base, *([node.module] if node.module else [])]
            yield from (".".join([*stem, alias.name]) for alias in node.names)


def broken_rules(module: str, imported: Iterator[str]) -> list[str]:
    broken = []
    for name in imported:
        top = name.split(".")[0]
        if module.split(".")[0] == "kg":
            if top in {"flask", "werkzeug", "web"}:
                broken.append(f"{module} imports {name}: kg knows nothing of the web")
            is_cli = name == "kg.cli" or name.startswith(("kg.cli.", "kg.cli_"))
            if is_cli and not module.startswith("kg.cli") and module not in MAY_IMPORT_CLI:
                broken.append(f"{module} imports {name}: only the command line imports kg.cli")
        if top in {"edtf", "tests", "run"}:
            broken.append(f"{module} imports {name}: that is for tests only")
    return broken


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_one_way(path: Path) -> None:
    module = module_name(path)
    found = imports(path.read_text(encoding="utf-8"), module, path.name == "__init__.py")
    assert broken_rules(module, found) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("kg.build", "import flask"),
        ("kg.build", "from web import create_app"),
        ("kg.build", "def f():\n    from flask.json import dumps"),
        ("kg.build", "from . import cli"),
        ("kg.build", "from kg.cli import main"),
        ("web.pages", "import edtf"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert broken_rules(module, imports(source, module))


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_modules_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= HARD, f"{lines} lines; the aim is {SOFT}, the limit {HARD}: split it"

"""The arrows of the architecture, read from the imports (web -> kg, cli -> kg, never back); small modules."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted([*(ROOT / "kg").rglob("*.py"), *(ROOT / "web").rglob("*.py")])
CLI = ("kg.cli", "kg.commands")
SOFT, HARD = 300, 350


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, module: str, is_package: bool = False, runs: bool = False) -> Iterator[str]:
    """Absolute names of what a module imports anywhere in it, relative imports resolved; `runs`: not for types alone.

    >>> list(imports("import a.b\\nfrom . import c\\ndef f():\\n    from ..d import e", "kg.x.y"))
    ['a.b', 'kg.x.c', 'kg.d.e']
    """
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in nodes(ast.parse(source), runs):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = [*base, *([node.module] if node.module else [])]
            yield from (".".join([*stem, alias.name]) for alias in node.names)


def nodes(tree: ast.AST, runs: bool) -> Iterator[ast.AST]:
    """Every node, or every one that runs: what `if TYPE_CHECKING` holds never does."""
    for node in ast.iter_child_nodes(tree):
        if not (runs and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from nodes(node, runs)


def imports_of(path: Path, runs: bool = False) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    return imports(source, module_name(path), path.name == "__init__.py", runs)


def broken_rules(module: str, imported: Iterator[str]) -> list[str]:
    broken = []
    for name in imported:
        top = name.split(".")[0]
        if module.split(".")[0] == "kg":
            if top in {"flask", "werkzeug", "web"}:
                broken.append(f"{module} imports {name}: kg knows nothing of the web")
            if name.startswith(CLI) and not module.startswith(CLI) and module != "kg.__main__":
                broken.append(f"{module} imports {name}: only the command line imports the command line")
        if top in {"edtf", "tests", "run"}:
            broken.append(f"{module} imports {name}: that is for tests only")
    return broken


def test_imports_point_one_way() -> None:
    assert [rule for path in MODULES for rule in broken_rules(module_name(path), imports_of(path))] == []


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


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Not at its head and not in a function either: late imports only put off what takes long."""
    names = {module_name(path) for path in MODULES}
    order: TopologicalSorter[str] = TopologicalSorter()
    for path in MODULES:
        module = module_name(path)
        for name in imports_of(path, runs=True):
            target = name if name in names else name.rpartition(".")[0]  # a module, or something in it
            order.add(module, *({target} & names - {module}))
    order.prepare()  # raises CycleError, which names the circle


def test_modules_stay_small() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    too_long = {module_name(path): number for path, number in lines.items() if number > HARD}
    assert too_long == {}, f"the aim is {SOFT} lines, the limit {HARD}: split them"

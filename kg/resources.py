"""Where the project's own files are: in a checkout beside `kg/`, in an installed wheel inside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from kg.errors import UnreadableError


def checkout_root() -> Path | None:
    """Return the folder of the checkout that this code runs from, `None` when it is installed from a wheel."""
    root = Path(str(files("kg"))).parent
    return root if (root / "pyproject.toml").is_file() and (root / "ontology").is_dir() else None


def _resource(name: str) -> Path:
    packaged = Path(str(files("kg"))) / name
    if packaged.is_dir():
        return packaged
    beside = packaged.parent.parent / name
    if beside.is_dir() or checkout_root() is not None:
        return beside
    raise UnreadableError(packaged, None, "no such folder: this installation is not complete")


def ontology_dir() -> Path:
    """Return the folder of vocabulary, shapes, rules and checks. Raises `UnreadableError` if it is missing."""
    return _resource("ontology")


def data_dir() -> Path:
    """Return the folder of the register and the claims. Raises `UnreadableError` if it is missing."""
    return _resource("data")


def default_out(data_dir: Path | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder where the built graph lives unless `--out` says otherwise.

    `$KG_OUT`; else `build` in the checkout that holds `data_dir` or, without one, this code; else the user's own
    data folder.
    """
    environ = os.environ if environ is None else environ
    if environ.get("KG_OUT"):
        return Path(environ["KG_OUT"])
    if data_dir is not None and (data_dir.resolve().parent / "pyproject.toml").is_file():
        return data_dir.resolve().parent / "build"
    root = checkout_root()
    if root is not None:
        return root / "build"
    import platformdirs

    return Path(platformdirs.user_data_dir("scrutiny-graph", appauthor=False))

"""The table of what the engine itself cannot do: `known.toml`, test IRI to reason."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("known.toml")


@dataclass(frozen=True)
class Reason:
    """Why tests fail: `title` is the heading of a group in the table, `text` its sentence."""

    title: str
    text: str


def read_known(path: Path = TABLE) -> dict[str, Reason]:
    """Return the IRIs of the tests that are known to fail, each with its reason.

    Raises `ValueError` for one that is listed twice.
    """
    known: dict[str, Reason] = {}
    for title, group in tomllib.loads(path.read_text("utf-8")).items():
        for name in group["tests"]:
            test = group.get("prefix", "") + name
            if test in known:
                raise ValueError(f"{test} is listed twice")
            known[test] = Reason(title, group["reason"])
    return known

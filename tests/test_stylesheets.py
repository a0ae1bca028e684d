"""The style sheets hold no rule for what no template, view or script writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parent.parent / "web"
SHEETS = sorted((WEB / "static").glob("*.css"))
WRITERS = [
    *(WEB / "templates").glob("*"),
    *WEB.rglob("*.py"),
    *(WEB / "static").glob("*.js"),
    *(WEB / "frontend").glob("*.js"),
]
MADE = {"c0", "c1"}
"""Class names that are put together from a letter and a number."""


def selectors(sheet: Path) -> str:
    """Return all selectors of a sheet, without comments, at-rules and declarations."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(part for part in re.findall(r"[^{};]+(?=\{)", text) if not part.strip().startswith("@"))


@pytest.fixture(scope="module")
def written() -> set[str]:
    """The words that can become a class or an id: those within quotation marks."""
    quoted = r'"[^"\n]*"|\'[^\'\n]*\'|`[^`]*`'
    texts = (path.read_text(encoding="utf-8") for path in WRITERS)
    return {
        word for text in texts for part in re.findall(quoted, text) for word in re.findall(r"[\w-]+", part)
    }


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_class_and_id_of_a_sheet_is_written_somewhere(sheet: Path, written: set[str]) -> None:
    named = set(re.findall(r"[.#]([A-Za-z][\w-]*)", selectors(sheet)))
    assert named - written - MADE == set()

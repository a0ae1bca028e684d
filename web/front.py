"""What the front page says beside the story: questions to start from, what is disputed, what no source states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.evidence import BEARING
from kg.namespaces import ID, SCHEMA
from kg.queries import select
from web.links import page_of
from web.serving.state import Served

QUESTIONS = (
    "director-on-a-day",
    "lewis-end",
    "in-post-at-inspection",
    "main-judgements-over-time",
    "notice-target",
    "directors-cost",
    "enfield-director",
)
"""Questions to start from: who, what is disputed, grades, what was demanded, money, what no source states.

Those that the library does not hold are left out."""
GAPS = ("gap-review-conclusion", "gap-wooster-end", "gap-framework-2013")
"""Things that no source states, of which a reader is likely to ask; left out where they are not in the data."""
SEARCHES = ("Peter Lewis", "safeguarding board", "requires improvement", "summer 2013")
"""Searches that show what can be typed."""
FEW = 3
ABOUT = 3
"""How many of the things that a difference touches are named beside it."""


@dataclass(frozen=True)
class Line:
    """A sentence of the curators and where it leads; `kind` is the kind of difference, `about` what it touches."""

    sentence: str
    address: str
    kind: NamedNode | None = None
    about: tuple[NamedNode, ...] = ()

    @property
    def terms(self) -> tuple[NamedNode, ...]:
        """What is named beside the sentence."""
        return (*((self.kind,) if self.kind is not None else ()), *self.about)


@dataclass(frozen=True)
class Front:
    """What differs and what is not stated, a few of each."""

    disputed: tuple[Line, ...]
    unstated: tuple[Line, ...]


def read_front(state: Served) -> Front:
    """Read a few records of difference, one of each kind that bears on answers first, and a few gaps."""
    rows = select(state.store, "page_disagreements")
    records = {record: (kind, sentence.value) for record, kind, sentence, *_ in rows}
    about: dict[NamedNode, list[NamedNode]] = {}
    for record, *_, prop, value in rows:
        if prop == SCHEMA.about:
            about.setdefault(record, []).append(value)
    weighty = sorted(
        (BEARING.index(kind), record.value, record, kind, sentence)
        for record, (kind, sentence) in records.items()
        if kind in BEARING
    )
    disputed = (
        Line(sentence, page_of(record), kind, tuple(about.get(record, ())[:ABOUT]))
        for _, _, record, kind, sentence in weighty
    )
    gaps = {gap: label.value for gap, label, *_ in select(state.store, "page_gaps")}
    wanted = [ID[name] for name in GAPS if ID[name] in gaps] or sorted(gaps, key=str)
    return Front(
        tuple(_varied(disputed)),
        tuple(Line(gaps[gap], page_of(gap)) for gap in wanted[:FEW]),
    )


def _varied(lines: Iterable[Line]) -> list[Line]:
    """Return a few, the first of each kind before a second of any."""
    first, rest, seen = list[Line](), list[Line](), set[NamedNode | None]()
    for line in lines:
        (rest if line.kind in seen else first).append(line)
        seen.add(line.kind)
    return [*first, *rest][:FEW]

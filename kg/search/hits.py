"""What a search answers: hits, and how the query was read."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.search.dates import Period


@dataclass(frozen=True)
class Hit:
    """Something found. `matched` is the text that was hit and `role` what that is: `label`, `name`, `excerpt` ...

    `also` are further texts, each with its role, that hold what `matched` lacks.

    `words` are the words of the data that stand for those of the query, for marking; `spelt` pairs of a typed word
    and the one that it was taken for; `missing` words of the query that are not there; `days` whether it fits by a
    date that its label does not name, `possibly` whether none of its dates lies in the period for sure. `score` orders
    hits and means nothing else.
    """

    iri: NamedNode
    label: str
    matched: str
    kind: str
    score: float
    role: str = "label"
    type: NamedNode | None = None
    source: NamedNode | None = None
    words: frozenset[str] = frozenset()
    spelt: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    days: bool = False
    possibly: bool = False
    also: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Found:
    """The answer to a query: all hits in order, how many of each kind, and how the query was read.

    `complete` is the number of hits that have all the words; they come first. `read_as` are words that stand nowhere
    with those they were taken for; `ignored` is true for a query of nothing but small words.
    """

    hits: tuple[Hit, ...]
    counts: dict[str, int]
    complete: int
    periods: tuple[Period, ...] = ()
    read_as: tuple[tuple[str, str], ...] = ()
    ignored: bool = False

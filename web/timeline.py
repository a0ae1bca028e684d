"""What the sources date, in order of time: for the front page (the story) and for `/timeline` (everything)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.evidence import ClaimView, Disagreement, read_claims
from kg.labels import labels
from kg.namespaces import CLAIM, RDF, SCHEMA, SG
from kg.queries import Queryable, select

KINDS: dict[str, tuple[str, frozenset[NamedNode]]] = {
    "inspections": (
        "Inspections and judgements",
        frozenset({SG.Inspection, SG.BoardReview, SG.Judgement, SG.Report}),
    ),
    "interventions": (
        "Interventions",
        frozenset(
            {SG.ImprovementNotice, SG.ProgressReview, SG.AdviserReview, SG.PeerSupport, SG.Letter, SG.Option}
        ),
    ),
    "posts": ("Posts", frozenset({SG.Tenure, SG.TenureEnd, SG.Announcement, SG.PostAtEvent})),
    "publications": ("Publications", frozenset({SG.Publication, SG.Accounts, SG.Article, SG.Report})),
}
"""Filters of the page: name in the address, heading, classes."""

LEFT_OUT = frozenset({RDF.Statement, SG.Claim, SG.DateReading, SG.Voice})


@dataclass(frozen=True)
class Entry:
    """One dated statement: the thing, the property, the date, whether it only follows by rule, and its claims."""

    thing: NamedNode
    classes: tuple[NamedNode, ...]
    predicate: NamedNode
    date: NamedNode
    earliest: str | None
    latest: str | None
    derived: bool
    claims: tuple[ClaimView, ...] = ()
    grades: tuple[NamedNode, ...] = ()

    @property
    def year(self) -> str:
        """The year under which it is listed: that of the first day it can be, else of the last."""
        return (self.earliest or self.latest or "undated")[:4]


@dataclass(frozen=True)
class Timeline:
    """The entries in order, and a label for every IRI in them."""

    entries: tuple[Entry, ...]
    names: dict[NamedNode, str]


def read_timeline(store: Queryable) -> Timeline:
    """Return every dated statement, the first possible day first."""
    rows: dict[tuple[NamedNode, NamedNode, NamedNode], dict[str, set[NamedNode]]] = {}
    days: dict[NamedNode, tuple[str | None, str | None]] = {}
    for thing, cls, prop, date, earliest, latest, graph, claim in select(store, "page_timeline"):
        if cls in LEFT_OUT or not isinstance(thing, NamedNode):
            continue
        entry = rows.setdefault((thing, prop, date), {"class": set(), "graph": set(), "claim": set()})
        entry["class"].add(cls)
        entry["graph"].add(graph)
        entry["claim"].add(claim)
        days[date] = (earliest.value if earliest else None, latest.value if latest else None)
    claims = read_claims(store, {claim for entry in rows.values() for claim in entry["claim"]})
    grades = main_grades(store)
    entries = [
        Entry(
            thing,
            tuple(sorted(entry["class"], key=str)),
            prop,
            date,
            *days[date],
            not any(graph in CLAIM for graph in entry["graph"]),
            tuple(claims[c] for c in sorted(entry["claim"], key=str) if c in claims),
            grades.get(thing, ()),
        )
        for (thing, prop, date), entry in rows.items()
    ]
    terms: set[object] = {t for e in entries for t in (e.thing, e.predicate, e.date, *e.classes, *e.grades)}
    for claim in claims.values():
        terms |= claim.terms()
    names = labels(store, terms)
    entries.sort(
        key=lambda e: (
            e.earliest or e.latest or "9999",
            e.latest or "9999",
            names[e.thing],
            e.predicate.value,
        )
    )
    return Timeline(tuple(entries), names)


MAIN_AREAS = ("overall-effectiveness", "area-child-protection", "area-childrens-services")


def main_grades(store: Queryable) -> dict[NamedNode, tuple[NamedNode, ...]]:
    """Return the overall grade, or grades where sources differ, of each inspection and judgement that has one."""
    found: dict[NamedNode, set[NamedNode]] = {}
    for inspection, judgement, area, grade in select(store, "page_grades"):
        if isinstance(grade, NamedNode):
            found.setdefault(judgement, set()).add(grade)
            if area is None or area.value.endswith(MAIN_AREAS):
                found.setdefault(inspection, set()).add(grade)
    return {thing: tuple(sorted(grades, key=str)) for thing, grades in found.items()}


STORY = {
    SG.time: frozenset({SG.Inspection, SG.ImprovementNotice, SG.ProgressReview, SG.AdviserReview, SG.PeerSupport,
                        SG.TenureEnd}),
    SG.published: frozenset({SG.Report}),
    SG.judgedOn: frozenset({SG.Judgement}),
    SG.start: frozenset({SG.Tenure}),
    SG.appointed: frozenset({SG.Tenure}),
    SG.due: frozenset({SG.AdviserReview}),
}  # fmt: skip
"""Property and classes of the entries that the front page tells."""


@dataclass(frozen=True)
class Chapter:
    """One thing of the story: its dated entries, which may differ between sources.

    `after` is what a source puts it after, for an inspection that no source dates. `of_end` are the records of
    disagreement that concern an end: those of a tenure, of which its start is told here, are not among its differences.
    """

    thing: NamedNode
    entries: tuple[Entry, ...] = ()
    grades: tuple[NamedNode, ...] = ()
    after: NamedNode | None = None
    of_end: frozenset[NamedNode] = frozenset()

    @property
    def differences(self) -> list[Disagreement]:
        """The records of disagreement that touch its dates."""
        found = {d.iri: d for entry in self.entries for claim in entry.claims for d in claim.disagreements}
        return [d for d in found.values() if d.iri not in self.of_end]

    @property
    def derived(self) -> bool:
        """Whether its dates only follow by rule."""
        return bool(self.entries) and all(entry.derived for entry in self.entries)


def story(store: Queryable, timeline: Timeline) -> list[Chapter]:
    """Return the front page's part of the timeline, one chapter per thing; undated inspections come last."""
    by_thing: dict[NamedNode, list[Entry]] = {}
    for entry in timeline.entries:
        if STORY.get(entry.predicate, frozenset()).intersection(entry.classes):
            by_thing.setdefault(entry.thing, []).append(entry)
    ends = {thing for thing, entries in by_thing.items() if SG.TenureEnd in entries[0].classes}
    of_end = frozenset(
        record
        for record, *_, prop, value in select(store, "page_disagreements")
        if prop == SCHEMA.about and value in ends
    )
    told = [
        Chapter(
            thing,
            tuple(entries),
            entries[0].grades,
            of_end=of_end if SG.Tenure in entries[0].classes else frozenset(),
        )
        for thing, entries in by_thing.items()
    ]
    grades = main_grades(store)
    for thing, after, _ in select(store, "page_after"):
        if after in by_thing and thing not in by_thing:
            by_thing[thing] = []
            timeline.names.update(labels(store, [thing, after, *grades.get(thing, ())]))
            told.append(Chapter(thing, (), grades.get(thing, ()), after))
    return told


def of_kind(entries: Iterable[Entry], kind: str) -> list[Entry]:
    """Return the entries of one filter; `known` are the days on which somebody is known to have been in post."""
    if kind == "known":
        return [entry for entry in entries if entry.predicate == SG.knownOn]
    classes = KINDS[kind][1]
    return [
        entry for entry in entries if classes.intersection(entry.classes) and entry.predicate != SG.knownOn
    ]

"""Who was in post when something happened, as rules conclude it: one table in place of a card for each event."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup
from pyoxigraph import NamedNode

from kg.describe import Statement
from kg.evidence import read_supports
from kg.namespaces import DERIVED, SG
from web.charts.figure import Figure
from web.charts.values import Cell, Link, Table
from web.entity.facts import Facts
from web.links import page_of
from web.views.choice import markup
from web.views.events import kind_of, read_events, when_judged
from web.views.inspections import classes as note_classes

COLUMNS: tuple[tuple[str, NamedNode | None], ...] = (
    ("When", SG.event),
    ("What happened", None),
    ("Who", SG.holder),
    ("Post", SG.post),
    ("In post then", None),
    ("Evidence", None),
)
"""Headings, and the property whose value on the page of that very thing makes the column superfluous."""


def in_post(facts: Facts, iri: NamedNode, statements: Iterable[Statement]) -> Markup | None:
    """Return the conclusions about an entity that are among its statements as a table; `None` without any.

    In order of the first day that the event can mean. On the page of a person there is no column for the person.
    """
    about: dict[NamedNode, NamedNode] = {}
    for statement in statements:
        if statement.derived and statement.graph in DERIVED:
            about.setdefault(statement.subject, statement.graph)
    facts.read(about)
    about = {thing: proof for thing, proof in about.items() if facts.all(thing, SG.verdict)}
    if not about:
        return None
    events = [event for thing in about for event in facts.objects(thing, SG.event)]
    note_classes(facts, events)
    read_events(facts, events)
    claims = read_supports(facts.store, about.values())
    rows: list[tuple[tuple[str, str], tuple[Cell, ...]]] = []
    for thing, proof in about.items():
        cells = _cells(facts, thing, Link(count_of(len(claims.get(proof, ()))), page_of(proof)))
        shown = tuple(
            cell for cell, (_, prop) in zip(cells, COLUMNS, strict=True)
            if prop is None or iri not in facts.objects(thing, prop)
        )  # fmt: skip
        rows.append((_order(facts, thing), shown))
    first = next(iter(about))
    headings = tuple(name for name, prop in COLUMNS if prop is None or iri not in facts.objects(first, prop))
    wanted = [row for _, row in sorted(rows, key=lambda row: row[0]) if len(row) == len(headings)]
    if iri in facts.objects(first, SG.event):  # the page of the event says what happened
        headings, wanted = headings[1:], [row[1:] for row in wanted]
    return markup([
        Figure(
            "in-post",
            "In post when it happened",
            "Concluded by a rule from the dates that sources give; each row leads to the claims that it follows from. "
            "“Possibly”: the dates allow it and do not settle it.",
            "",
            Table(headings, tuple(wanted)),
            heading=3,
        )
    ])  # fmt: skip


def count_of(n: int) -> str:
    """Return how many claims something follows from, in words.

    >>> count_of(1), count_of(10)
    ('by rule, from 1 claim', 'by rule, from 10 claims')
    """
    return f"by rule, from {n} claim{'' if n == 1 else 's'}"


def _cells(facts: Facts, thing: NamedNode, proof: Link) -> tuple[Cell, ...]:
    event = facts.objects(thing, SG.event)
    dates = list(dict.fromkeys(k.when.words for e in event for k in when_judged(facts, e) if k.when))

    def links(*props: NamedNode) -> Cell:
        found = [Link(facts.name(x), page_of(x)) for x in facts.objects(thing, *props)]
        return found[0] if len(found) == 1 else tuple(found)

    return (
        " / ".join(dates) or "not dated", tuple(
            Link(f"{kind_of(facts, e)[1].capitalize()}: {facts.name(e)}", page_of(e)) for e in event
        ), links(SG.holder), links(SG.post), links(SG.verdict),
        proof,
    )  # fmt: skip


def _order(facts: Facts, thing: NamedNode) -> tuple[str, str]:
    events = facts.objects(thing, SG.event)
    days = [day.isoformat() for e in events for k in when_judged(facts, e) if k.when for day in k.when.days]
    return min(days, default="9999"), " ".join(facts.name(event) for event in events)

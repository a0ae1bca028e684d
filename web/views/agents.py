"""What a body or a person did to others: inspections, notices, letters and reviews, by the days that each can mean."""

from __future__ import annotations

from pyoxigraph import NamedNode

from kg.namespaces import SCHEMA, SG
from web.charts.events import event_legend, events_drawing
from web.charts.figure import Figure
from web.charts.values import Table
from web.entity.facts import Facts, source_line
from web.views.events import EVENT_COLUMNS, event_rows, happenings, kind_of, read_events

DONE_BY = (
    SG.inspector, SG.issuedBy, SG.commissionedBy, SG.announcedBy, SG.publishedBy, SG.provider, SG.carriedOutBy,
    SG.ledBy, SG.directedBy, SCHEMA.sender,
)  # fmt: skip
"""Properties by which an event names who did it."""
MOST = 60
"""Above this number a drawing is no longer read; the table has all of them, as it has what nothing dates."""


def done_figure(facts: Facts, iri: NamedNode) -> Figure | None:
    """Return what sources say that an agent did, in order of time; `None` where they name nothing."""
    done = [thing for thing in facts.pointing((iri,), DONE_BY) if kind_of(facts, thing)[0] != "event"]
    if not done:
        return None
    read_events(facts, done)
    facts.want([iri])
    rows = happenings(facts, done)
    drawn = len(rows) <= MOST and any(event.reach for event in rows)
    title = f"What {facts.name(iri)} did, as the sources tell it"
    return Figure(
        "done",
        title,
        "By the days that each can mean" if drawn else "",
        source_line(facts),
        Table(EVENT_COLUMNS, tuple(event_rows(facts, rows))),
        events_drawing("done", title, rows) if drawn else "",
        event_legend(rows),
    )

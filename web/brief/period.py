"""Which things belong to the period of a brief: what a source lets be in it, and no more.

A bound that no source gives is not taken as "for ever": the thing counts up to the last day that is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pyoxigraph import NamedNode

from kg.namespaces import SG
from web.charts.events import Happening
from web.charts.values import When
from web.entity.facts import Facts
from web.views.bodies import Record
from web.views.events import when_judged
from web.views.posts import DATES

Span = tuple[date, date]


def span_of(days: Iterable[date | None]) -> Span | None:
    """Return the first and the last of those days that are known; `None` if none is.

    >>> span_of([None, date(2015, 3, 2), date(2015, 1, 5)])
    (datetime.date(2015, 1, 5), datetime.date(2015, 3, 2))
    """
    known = [day for day in days if day is not None]
    return (min(known), max(known)) if known else None


def span_of_record(facts: Facts, record: Record) -> Span | None:
    """Return the first and last day of a record; what nobody dates counts by when a source told of it."""
    things = (*record.events, *record.judgements)
    whens = [k.when for t in things for k in when_judged(facts, t)]
    whens += [w for t in record.tenures for w in facts.whens(t, *(p for p, _ in DATES))]
    told = [facts.reported(facts.about(t)) for t in things if not when_judged(facts, t)]
    return span_of([*(day for when in whens if when is not None for day in when.days), *told])


def happened_within(facts: Facts, event: Happening, whole: Span | None, period: Span) -> bool:
    """Whether an event may have happened in a period; of what nothing bounds, `whole` is the span.

    With an earliest day only, it counts up to when it was due or a source told of it; with a latest only, on that day.
    """
    if event.whens:
        return _meet(_spans(event.whens), period)
    thing = NamedNode(event.key)
    later = (
        [event.ceiling]
        if event.ceiling is not None
        else [
            facts.reported(facts.about(thing)),
            *(day for w in facts.whens(thing, SG.due) for day in w.days),
        ]
    )
    return _meet([span_of([event.floor, *later]) or whole or period], period)


def held_within(facts: Facts, tenure: NamedNode, period: Span) -> bool:
    """Whether a source tells of a tenure in a period.

    With a stated start or end it lasts from the first to the last day that is told of it. Without, somebody who was
    known in post on some days counts on these.
    """
    whens = facts.whens(tenure, *(p for p, _ in DATES))
    if facts.whens(tenure, SG.start, SG.end):
        whole = span_of(day for when in whens for day in when.days)
        return _meet([whole] if whole else [], period)
    return _meet(_spans(whens), period)


def told_within(facts: Facts, thing: NamedNode, whole: Span | None, period: Span) -> bool:
    """Whether a source first told of a thing in a period; where no source has a day, `whole` is the span."""
    told = facts.reported(facts.about(thing))
    return _meet([(told, told) if told is not None else whole or period], period)


def _spans(whens: Iterable[When]) -> list[Span]:
    return [span for when in whens if (span := span_of(when.days)) is not None]


def _meet(spans: Iterable[Span], period: Span) -> bool:
    return any(first <= period[1] and last >= period[0] for first, last in spans)

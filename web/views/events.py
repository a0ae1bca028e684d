"""What was done to a body and what followed: inspections, judgements, notices, reviews, support and reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pyoxigraph import NamedNode

from kg.labels import day_in_words
from kg.namespaces import SG
from web.charts.events import Happening
from web.charts.values import Cell, Link, When
from web.entity.facts import Facts, Known
from web.links import page_of

KINDS: tuple[tuple[NamedNode, str, str], ...] = (
    (SG.BoardReview, "inspection", "inspection"),
    (SG.Inspection, "inspection", "inspection"),
    (SG.Judgement, "judgement", "judgement"),
    (SG.ImprovementNotice, "intervention", "notice"),
    (SG.AdviserReview, "intervention", "review"),
    (SG.ProgressReview, "intervention", "review"),
    (SG.PeerSupport, "intervention", "support"),
    (SG.Letter, "intervention", "letter"),
    (SG.TenureEnd, "post", "end of a post"),
    (SG.Report, "report", "report"),
    (SG.Announcement, "report", "announcement"),
    (SG.Publication, "report", "publication"),
    (SG.Event, "event", "event"),
)
"""Class, the class that its mark is drawn with, and its word."""

TIMES = (SG.time, SG.judgedOn, SG.published)
LINKS = (SG.next, SG.before, SG.follows)
ENOUGH = (SG.inspector, SG.inspected, SG.grade, SG.publishedBy, SG.describes)
"""Properties by which a source tells of something that was."""
TO_BODY = (SG.inspected, SG.issuedTo, SG.concerns, SG.recipient, SG.judged)
"""Properties by which an event names the body that it was done to."""


def kind_of(facts: Facts, thing: NamedNode) -> tuple[str, str]:
    """Return the class to draw an event with, and its word."""
    classes = facts.classes(thing)
    return next(((kind, word) for cls, kind, word in KINDS if cls in classes), ("event", "event"))


def read_events(facts: Facts, things: Iterable[NamedNode]) -> None:
    """Read what is drawn of events."""
    wanted = list(things)
    facts.read(wanted)
    facts.want(wanted)


def times_of(facts: Facts, thing: NamedNode) -> list[Known]:
    """Return the statements that date an event: when it was, else when it was judged or published."""
    for prop in TIMES:
        found = [known for known in facts.all(thing, prop) if known.when is not None]
        if found:
            return found
    return []


def when_judged(facts: Facts, judgement: NamedNode) -> list[Known]:
    """Return what dates a judgement: its own day, its report's publication, else the time of its inspection."""
    found = times_of(facts, judgement)
    for inspection in facts.objects(judgement, SG.inspection) if not found else ():
        for report in facts.pointing((inspection,), (SG.describes,)):
            found += facts.all(report, SG.published)
        found = found or times_of(facts, inspection)
    return [known for known in found if known.when is not None]


REPORTED = frozenset({SG.Inspection, SG.BoardReview, SG.Judgement, SG.Report})
"""What was over when a source told of it; a review or support may have been announced only."""


def happenings(
    facts: Facts, things: Iterable[NamedNode], context: Iterable[NamedNode] = ()
) -> list[Happening]:
    """Return events that were read in order of time; undated ones stand between what they follow and precede.

    `context` are things that were read and are not drawn here, whose dates bound the others all the same.
    """
    wanted = list(things)
    inside = {*wanted, *context}
    later: dict[NamedNode, set[NamedNode]] = {thing: set() for thing in inside}
    for thing in inside:
        later[thing] |= {t for t in facts.objects(thing, SG.next, SG.before) if t in inside}
        for earlier in facts.objects(thing, SG.follows, SG.inspection, SG.describes):
            if earlier in inside:
                later[earlier].add(thing)
    whens = {thing: tuple({k.when: None for k in when_judged(facts, thing) if k.when}) for thing in inside}
    floors = _bounds(later, whens, forward=True)
    ceilings = _bounds(_reverse(later), whens, forward=False)
    bounded: set[NamedNode] = set()
    for thing in wanted:
        told = [known for prop in ENOUGH for known in facts.all(thing, prop)]
        if not whens[thing] and facts.classes(thing) & REPORTED and (day := facts.reported(told)) is not None:
            ceilings[thing] = min(day, ceilings.get(thing, day))
        bounds = [when.latest for when in facts.whens(thing, SG.notAfter) if when.latest and not whens[thing]]
        if bounds:
            ceilings[thing] = min(*bounds, ceilings.get(thing, bounds[0]))
            bounded.add(thing)
    found = []
    for thing in wanted:
        grades = sorted({facts.name(grade) for grade in facts.objects(thing, SG.grade)})
        due = [f"due {when.words}" for when in facts.whens(thing, SG.due)]
        kind, _ = kind_of(facts, thing)
        shown = next((p for p in TIMES if facts.whens(thing, p)), None)
        how = (
            "published"
            if shown == SG.published or (shown is None and SG.Judgement in facts.classes(thing))
            else ""
        )
        how = how if whens[thing] else ""
        dated = " / ".join(when.words for when in whens[thing])
        if not dated and (thing in bounded or facts.classes(thing) & REPORTED) and thing in ceilings:
            by = day_in_words(ceilings[thing].isoformat())
            dated = f"by {by}" if grades else f"not dated; by {by}"
        dated = dated or "not dated"
        note = ", ".join([*([" or ".join(grades)] if grades else ()), f"{how} {dated}".strip(), *due])
        found.append(
            Happening(
                thing.value,
                facts.name(thing),
                whens[thing],
                page_of(thing),
                kind,
                note,
                None if whens[thing] else floors.get(thing),
                None if whens[thing] else ceilings.get(thing),
                tuple(sorted(t.value for t in facts.objects(thing, SG.next) if t in wanted)),
                facts.disputed([*times_of(facts, thing), *facts.all(thing, SG.grade)]),
            )
        )
    drawn = set(wanted)
    return _in_order(found, {thing.value: {t.value for t in later[thing] & drawn} for thing in wanted})


def _in_order(events: list[Happening], later: Mapping[str, set[str]]) -> list[Happening]:
    """Sort by time, then move what the sources put after something behind it."""
    ordered = sorted(events, key=lambda event: event.order)
    for _ in range(len(ordered)):
        place = {event.key: n for n, event in enumerate(ordered)}
        late = next(
            (
                (n, place[t])
                for n, event in enumerate(ordered)
                for t in sorted(later[event.key])
                if place[t] < n and not (event.days and ordered[place[t]].days)
            ),
            None,
        )
        if late is None:
            break
        n, before = late
        # The one without a date moves: behind what it follows, or before what it precedes.
        if ordered[before].days:
            ordered.insert(before, ordered.pop(n))
        else:
            ordered.insert(n, ordered.pop(before))
    return ordered


def _reverse(later: Mapping[NamedNode, set[NamedNode]]) -> dict[NamedNode, set[NamedNode]]:
    found: dict[NamedNode, set[NamedNode]] = {thing: set() for thing in later}
    for thing, after in later.items():
        for t in after:
            found[t].add(thing)
    return found


def _bounds(
    later: Mapping[NamedNode, set[NamedNode]], whens: Mapping[NamedNode, tuple[When, ...]], forward: bool
) -> dict[NamedNode, date]:
    """Carry the days of dated events on to what comes after them (or, backward, before them)."""
    known: dict[NamedNode, date] = {}
    for thing, dates in whens.items():
        days = [day for when in dates for day in when.days]
        if days:
            known[thing] = min(days) if forward else max(days)
    found: dict[NamedNode, date] = {}
    for _ in range(len(later)):
        changed = False
        for thing, after in later.items():
            day = known.get(thing, found.get(thing))
            for t in after if day is not None else ():
                old = found.get(t)
                better = day if old is None else max(old, day) if forward else min(old, day)  # type: ignore[type-var]
                if better != old and better is not None:
                    found[t], changed = better, True
        if not changed:
            break
    return found


def event_rows(facts: Facts, events: Iterable[Happening]) -> list[tuple[Cell, ...]]:
    """Return one row per event: what, kind, when, what is told of it, evidence."""
    rows: list[tuple[Cell, ...]] = []
    for event in events:
        thing = NamedNode(event.key)
        times = when_judged(facts, thing)
        grades = facts.all(thing, SG.grade)
        due = facts.all(thing, SG.due)
        told = [
            *(facts.name(known.object) for known in grades),
            *(f"due {w.words}" for w in facts.whens(thing, SG.due)),
        ]
        nexts = [known for known in facts.all(thing, *LINKS) if known.object != thing]
        followed = [f"then {facts.name(o)}" for o in facts.objects(thing, SG.next) if o.value in event.then]
        known = [*times, *grades, *due] or nexts or facts.all(thing, *ENOUGH, *TO_BODY) or facts.about(thing)
        what: Cell = Link(event.label, page_of(thing))
        if event.differ:
            what = (Link(event.label, page_of(thing)), Link("sources disagree", event.differ))
        rows.append(
            (
                what,
                kind_of(facts, thing)[1],
                " / ".join(when.words for when in event.whens) or _not_stated(event),
                tuple(dict.fromkeys([*told, *followed])),
                facts.cite([*known, *(nexts if followed and known is not nexts else ())]),
            )
        )
    return rows


def _not_stated(event: Happening) -> str:
    return f"not stated{f'; by {day_in_words(event.ceiling.isoformat())}' if event.ceiling else ''}"


EVENT_COLUMNS = ("What", "Kind", "When", "What is told", "Evidence")
LINES_LEAD = "Lines lead to what followed, as sources or rules say."

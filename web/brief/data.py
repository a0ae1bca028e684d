"""What a scrutiny brief holds: one council, one period; every line with the claims that it rests on.

A brief is drawn from the same record as the council's page and cut to the period by what each date can mean: whatever
may have happened in it, by the days that sources tell, is in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from pyoxigraph import NamedNode

from kg.evidence import BEARING, CONTRADICTING, read_claims
from kg.labels import labels
from kg.namespaces import CLAIM, ORG, SCHEMA, SG
from kg.queries import Queryable
from web.brief.gaps import COST, POST, around, unstated
from web.brief.notes import Notes, with_notes
from web.brief.period import Span, happened_within, held_within, span_of_record, told_within
from web.brief.values import Brief, Grades, Line, in_words
from web.entity.facts import Facts, Known
from web.links import page_of, record_page
from web.views.bodies import Record, record_of
from web.views.events import happenings, read_events, when_judged
from web.views.posts import DATES, ends_of
from web.views.targets import Target, gaps_about, reached_in_words, targets_of

DISPUTES = 8
"""How many disputed points a brief tells in full, the gravest kinds first; it says how many more there are."""


def make_brief(
    store: Queryable, council: NamedNode, version: str, start: date | None = None, end: date | None = None
) -> Brief | None:
    """Return the brief of a council; `None` where nothing is known that was done to it.

    Without `start` or `end` the period begins with the first, or ends with the last year of which something is told.
    """
    facts, notes = Facts(store), Notes(store)
    record = record_of(facts, council)
    if not record.events and not record.judgements and not record.tenures:
        return None
    facts.want([council])
    whole = span_of_record(facts, record)
    first, last = (whole[0].year, whole[1].year) if whole else (1900, 2100)
    start = start or date(min(first, end.year) if end else first, 1, 1)
    end = end or date(max(last, start.year), 12, 31)
    period = (start, end)
    given = [t for t in facts.pointing(record.bodies, (SG.provider,)) if t not in record.events]
    read_events(facts, given)
    within = {
        NamedNode(h.key): h
        for h in happenings(facts, [*record.events, *record.judgements, *given])
        if happened_within(facts, h, whole, period)
    }
    chain = [_event(facts, notes, thing) for thing in within if thing in record.events]
    options = _options(facts, record, whole, period)
    chain += [_option(facts, notes, thing) for thing in options]
    tenures = [t for t in record.tenures if held_within(facts, t, period)]
    posts = [_post(facts, notes, tenure) for tenure in tenures]
    judged = [thing for thing in within if thing in record.judgements]
    grades = _grades(facts, notes, judged)
    helped = [_help(facts, notes, thing) for thing in within if thing in given]
    own = [thing for thing in (*within, *tenures, *options) if thing not in given]
    things = around(facts, own, _with_posts(facts, record, tenures)) if own else {}
    disputed, more = _disputed(facts, notes, things)
    gaps, asked = unstated(facts, things)
    return Brief(
        council, facts.name(council), start, end, tuple(chain), tuple(helped), tuple(posts), grades, disputed, more,
        gaps, asked, with_notes(facts, notes.cited), version,
    )  # fmt: skip


def _line(
    facts: Facts,
    notes: Notes,
    when: str,
    thing: NamedNode,
    told: Iterable[str],
    known: list[Known],
    text: str = "",
) -> Line:
    cited, more = notes.cite(notes.below(g for k in known for g in k.graphs))
    return Line(
        when,
        text or facts.name(thing),
        page_of(thing),
        tuple(dict.fromkeys(told)),
        cited,
        more,
        bool(known) and all(k.derived for k in known),
        facts.disputed(known),
    )


_ACTS = (
    (SG.issuedBy, "issued by"), (SG.commissionedBy, "ordered by"), (SG.provider, "given by"),
    (SG.directedBy, "directed by"), (SG.ledBy, "led by"), (SG.due, "due"),
)  # fmt: skip
"""What is told of an event besides when it was, in this order."""


def _event(facts: Facts, notes: Notes, thing: NamedNode) -> Line:
    times, grades = when_judged(facts, thing), facts.all(thing, SG.grade, SG.setsTarget)
    parts = [
        _line(facts, notes, words, thing, (), known, " / ".join(_objects(facts, known)))
        for prop, words in _ACTS
        if (known := facts.all(thing, prop))
    ]
    parts += _found(facts, notes, thing)
    known = [*times, *grades]
    links = facts.all(thing, SG.next, SG.before, SG.follows) if not known and not parts else []
    rest = facts.about(thing) if not known and not parts and not links else []
    when = " / ".join({k.when.words: None for k in times if k.when}) or _undated(facts, [thing])
    line = _line(facts, notes, when, thing, (), [*known, *links, *rest])
    parts += [part for target in targets_of(facts, thing) for part in _target(facts, notes, target)]
    return replace(line, parts=tuple(parts))


def _objects(facts: Facts, known: Iterable[Known]) -> dict[str, None]:
    return dict.fromkeys(k.when.words if k.when else facts.name(k.object) for k in known)


def _help(facts: Facts, notes: Notes, thing: NamedNode) -> Line:
    """Return the line of help that the council gave to another; who it is for stands in its name."""
    return _line(facts, notes, "", thing, (), facts.all(thing, SG.provider))


def _found(facts: Facts, notes: Notes, thing: NamedNode) -> list[Line]:
    """Return what a review found: how many findings of each direction."""
    findings = facts.objects(thing, SG.finds)
    facts.read(findings)
    facts.want(findings)
    by_direction: dict[str, list[Known]] = {}
    for known in (k for finding in findings for k in facts.all(finding, SG.direction)):
        by_direction.setdefault(facts.name(known.object), []).append(known)
    return [
        _line(facts, notes, "found", thing, (), several, f"{direction} ({_how_many(several)})")
        for direction, several in sorted(by_direction.items())
    ]


def _how_many(findings: list[Known]) -> str:
    several = len({known.subject for known in findings})
    return f"{several} finding" + ("" if several == 1 else "s")


def _target(facts: Facts, notes: Notes, target: Target) -> list[Line]:
    """Return what a target is, by when it was due and whether it was met; where no source says so, the gap."""
    gaps = gaps_about(facts, target.things)

    def answer(question: str, known: tuple[Known, ...], words: list[str], missing: NamedNode) -> Line:
        if known:
            return _line(
                facts, notes, question, target.iri, (), list(known), " / ".join(dict.fromkeys(words))
            )
        href = next((page_of(gap.iri) for gap in gaps if gap.missing == missing), page_of(target.iri))
        return Line(question, "not stated", href)

    due = [k.when.words if k.when else facts.name(k.object) for k in target.due]
    reached = [reached_in_words(facts, k) for k in target.reached]
    return [
        _line(facts, notes, "target", target.iri, (), list(target.known), target.words),
        answer("by", target.due, due, SG.due),
        answer("whether met", target.reached, reached, SCHEMA.value),
    ]


def _undated(facts: Facts, things: list[NamedNode]) -> str:
    """Say of what nobody dates by when a source told of it."""
    told = facts.reported([known for thing in things for known in facts.about(thing)])
    return f"no date; told by {in_words(told)}" if told else "no date"


def _options(facts: Facts, record: Record, whole: Span | None, period: Span) -> list[NamedNode]:
    """Return what was threatened or considered, without a date of its own: by when a source first told of it."""
    found = [t for t in facts.pointing(record.bodies, (SG.concerns,)) if SG.Option in facts.classes(t)]
    facts.read(found)
    facts.want(found)
    return sorted((t for t in found if told_within(facts, t, whole, period)), key=facts.name)


def _option(facts: Facts, notes: Notes, thing: NamedNode) -> Line:
    known = facts.all(thing, SG.optionStatus)
    status = " / ".join(dict.fromkeys(facts.name(k.object) for k in known))
    return _line(
        facts, notes, "an option, no event", thing, [status] if status else [], known or facts.about(thing)
    )


def _post(facts: Facts, notes: Notes, tenure: NamedNode) -> Line:
    parts = []
    for prop, words in DATES:
        dated = facts.all(tenure, prop)
        if dated and (prop != SG.knownOn or not facts.whens(tenure, SG.start, SG.end)):
            parts.append(_line(facts, notes, words, tenure, (), dated, " / ".join(_objects(facts, dated))))
    for known in (k for end in ends_of(facts, tenure) for k in facts.all(end, SG.kind)):
        kind = f"{facts.name(known.object)}{_according(facts, known)}"
        parts.append(_line(facts, notes, "end", tenure, (), [known], kind))
    who = " or ".join(facts.name(m) for m in facts.objects(tenure, ORG.member)) or facts.name(tenure)
    post = " or ".join(facts.name(p) for p in facts.objects(tenure, ORG.post))
    status = ", ".join(sorted({facts.name(s) for s in facts.objects(tenure, SG.status)}))
    about = f"{post} ({status})" if status and post else post or status
    return Line(who, about or facts.name(tenure), page_of(tenure), parts=tuple(parts))


def _according(facts: Facts, known: Known) -> str:
    claims = read_claims(facts.store, [g for g in known.graphs if g in CLAIM]).values()
    agents = dict.fromkeys(claim.voices[-1].agent for claim in claims if claim.voices)
    return f" (says {' and '.join(facts.name(agent) for agent in agents)})" if agents else ""


def _grades(facts: Facts, notes: Notes, judgements: list[NamedNode]) -> tuple[Grades, ...]:
    grouped: dict[NamedNode | None, list[NamedNode]] = {}
    for judgement in judgements:
        inspections = facts.objects(judgement, SG.inspection)
        grouped.setdefault(inspections[0] if inspections else None, []).append(judgement)
    found = []
    for inspection, several in grouped.items():
        lines = []
        for judgement in several:
            given = facts.all(judgement, SG.grade)
            grade = " or ".join(dict.fromkeys(facts.name(k.object) for k in given)) or "not stated"
            areas = " or ".join(facts.name(a) for a in facts.objects(judgement, SG.area)) or facts.name(
                judgement
            )
            lines.append(_line(facts, notes, grade, judgement, (), given, areas[:1].upper() + areas[1:]))
        lines.sort(key=lambda line: ("overall" not in line.text.lower(), line.text))
        whens = dict.fromkeys(k.when.words for j in several for k in when_judged(facts, j) if k.when)
        head = inspection or several[0]
        when = " / ".join(whens) or _undated(facts, several)
        found.append(Grades(when, facts.name(head), page_of(head), tuple(lines)))
    return tuple(found)


def _with_posts(facts: Facts, record: Record, tenures: list[NamedNode]) -> dict[NamedNode, str]:
    """Return the bodies of a record; posts, ends and pay of tenures, which hang on them from the other side."""
    posts = {p for t in tenures for p in facts.objects(t, ORG.post)}
    ends = {end for t in tenures for end in ends_of(facts, t)}
    money = facts.pointing(tenures, (SG.costOf,))
    return dict.fromkeys([*record.bodies, *posts, *ends], POST) | dict.fromkeys(money, COST)


def _disputed(facts: Facts, notes: Notes, things: Iterable[NamedNode]) -> tuple[tuple[Line, ...], int]:
    facts.read(things)
    own = {t for t in things if facts.about(t)}
    graphs = {g for t in own for k in facts.about(t) for g in k.graphs if g in CLAIM}
    records = {d.iri: d for c in read_claims(facts.store, graphs).values() for d in c.disagreements}
    bearing = [d for d in records.values() if d.kind in BEARING and graphs.issuperset(d.between)]
    bearing.sort(key=lambda d: (d.kind not in CONTRADICTING, BEARING.index(d.kind), d.sentence))
    names = labels(facts.store, {d.kind for d in bearing})
    lines = []
    for record in bearing[:DISPUTES]:
        cited, more = notes.cite(record.between, 4)
        href = record_page(record.iri)
        lines.append(Line(names[record.kind], record.sentence, href, (), cited, more))
    return tuple(lines), max(0, len(bearing) - DISPUTES)

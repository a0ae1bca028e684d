"""An inspection (judgements, findings, what followed) and an intervention (target, deadline, what came of it)."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode

from kg.namespaces import DCTERMS, SCHEMA, SG, SGV
from kg.queries import select
from web.charts.bars import Bar, bars_drawing
from web.charts.events import event_legend, events_drawing
from web.charts.figure import Figure
from web.charts.grades import Grade, Strip, ladder_drawing
from web.charts.values import Cell, Link, Table
from web.entity.facts import Facts, Known, source_line
from web.links import page_of
from web.views.bodies import read_scales, tone_of
from web.views.events import EVENT_COLUMNS, LINES_LEAD, LINKS, event_rows, happenings, kind_of, read_events
from web.views.targets import Gap, gaps_of, reached_in_words, targets_of
from web.words import lower_first

DIRECTIONS = tuple(
    SGV[name]
    for name in (
        "strength",
        "improved",
        "mixed",
        "unchanged",
        "still-to-do",
        "weakness",
        "worsened",
        "priority-action",
    )
)
"""Directions of findings, the best first."""
_TONE = {
    "strength": "high",
    "improved": "high",
    "weakness": "low",
    "worsened": "low",
    "priority-action": "low",
}


def inspection_figures(facts: Facts, iri: NamedNode) -> list[Figure]:
    """Return the judgements, the findings and what followed an inspection, as far as there is any."""
    made = [ladder(facts, iri), findings(facts, iri, (SG.inspection,)), chain(facts, iri)]
    return [figure for figure in made if figure is not None]


def ladder(facts: Facts, iri: NamedNode) -> Figure | None:
    """Return the grades that an inspection led to, by area, on its scale."""
    judgements = [j for j in facts.pointing((iri,), (SG.inspection,)) if SG.Judgement in facts.classes(j)]
    facts.read(judgements)
    judgements = [j for j in judgements if facts.objects(j, SG.grade)]
    if not judgements:
        return None
    scales = read_scales(facts, {g for j in judgements for g in facts.objects(j, SG.grade)})
    levels = next((found for _, found in scales.values() if found), ())
    facts.want([iri, *levels, *(area for j in judgements for area in facts.objects(j, SG.area))])
    strips, rows = [], []
    for j in sorted(judgements, key=lambda j: ("overall" not in j.value, facts.name(j))):
        known = facts.all(j, SG.grade)
        grades = [
            Grade(
                facts.name(g),
                level=levels.index(g) if g in levels else None,
                href=page_of(j),
                tone=tone_of(g) if g in levels else "",
            )
            for g in facts.objects(j, SG.grade)
        ]
        area = " or ".join(facts.name(a) for a in facts.objects(j, SG.area)) or "area not stated"
        label = area[:1].upper() + area[1:]
        strips.append(Strip(label, tuple(grades), page_of(j)))
        written = sorted(
            {o.value for k in facts.all(j, SG.gradeAsWritten) if isinstance(o := k.object, Literal)}
        )
        told: Cell = (" or ".join(g.words for g in grades), *(f"as written: “{w}”" for w in written))
        rows.append((Link(label, page_of(j)), told, facts.cite(known)))
    facts.read([iri])
    if levels and not facts.objects(iri, SG.framework):
        inferred = ". The scale is inferred from the names of the areas; no article names the framework."
    else:
        inferred = ""
    title = _grades_in_words(facts, judgements)
    scale = (
        facts.name(next(iter(scales.values()))[0])
        if levels
        else "no scale is stated: the grades have no place"
    )
    return Figure(
        "judgements",
        title,
        f"Grade by area; {lower_first(scale)}{inferred}",
        source_line(facts),
        Table(("Area", "Grade", "Evidence"), tuple(rows)),
        ladder_drawing("judgements", title, tuple(facts.name(g) for g in levels), strips),
    )


def _grades_in_words(facts: Facts, judgements: Iterable[NamedNode]) -> str:
    counted: dict[str, int] = {}
    for j in judgements:
        for grade in facts.objects(j, SG.grade):
            words = facts.name(grade)
            counted[words] = counted.get(words, 0) + 1
    told = [f"{n} {words}" for words, n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]
    return f"Judgements: {', '.join(told)}"


def findings(facts: Facts, iri: NamedNode, by: tuple[NamedNode, ...]) -> Figure | None:
    """Return the findings that point at something, by direction."""
    things = [
        t for t in facts.pointing((iri,), by) if facts.classes(t) & {SG.Finding, SG.Recommendation}
    ] + facts.objects(iri, SG.finds)
    facts.read(things)
    facts.want([*things, *DIRECTIONS])
    if not things:
        return None
    grouped: dict[NamedNode | None, list[NamedNode]] = {}
    for thing in dict.fromkeys(things):
        for direction in (*facts.objects(thing, SG.direction),) or (None,):
            grouped.setdefault(direction, []).append(thing)
    order: list[NamedNode | None] = [
        *(d for d in DIRECTIONS if d in grouped),
        *(d for d in grouped if d not in DIRECTIONS),
    ]
    bars, rows = list[Bar](), list[tuple[Cell, ...]]()
    for direction in order:
        words = facts.name(direction) if direction is not None else "direction not stated"
        tone = _TONE.get(direction.value.rpartition("/")[2], "mid") if direction is not None else ""
        bars.append(Bar(words[:1].upper() + words[1:], len(grouped[direction]), "", None, tone))
        for thing in sorted(grouped[direction], key=facts.name):
            known = facts.all(thing, SG.direction) or facts.all(thing, SG.saidBy, SG.topic)
            topics = ", ".join(sorted(facts.name(t) for t in facts.objects(thing, SG.topic)))
            rows.append((Link(facts.name(thing), page_of(thing)), words, topics, facts.cite(known)))
    total = len(dict.fromkeys(things))
    beside = [
        t
        for t in facts.pointing((iri,), (SG.compares,))
        if t not in things and facts.classes(t) & {SG.Finding, SG.Recommendation}
    ]
    apart = f". Not counted: {len(beside)} of other inspections, compared with it" if beside else ""
    title = f"{total} {'finding' if total == 1 else 'findings'} by direction"
    return Figure(
        "findings",
        title,
        f"How many findings the sources report, by what they say of the service; not how many there were{apart}",
        source_line(facts),
        Table(("Finding", "Direction", "Topic", "Evidence"), tuple(rows)),
        bars_drawing("findings", title, bars),
    )


def chain_members(facts: Facts, iri: NamedNode) -> list[NamedNode]:
    """Return the steps of the chains that something is part of, itself among them, else what it is next to."""
    chains = facts.pointing((iri,), (SG.step,))
    steps = {s for found in facts.values(chains, SG.step).values() for s in found if isinstance(s, NamedNode)}
    facts.read([iri])
    near = {*facts.objects(iri, *LINKS), *facts.pointing((iri,), LINKS)}
    members = {iri, *steps, *near}
    facts.pointing(members, LINKS)
    return sorted(members, key=str)


def chain(facts: Facts, iri: NamedNode) -> Figure | None:
    """Return what came before and after something, as the sources and the rules order it."""
    members = chain_members(facts, iri)
    classes(facts, members)
    members = [m for m in members if kind_of(facts, m)[0] not in ("event", "post")]
    read_events(facts, members)
    rows = happenings(facts, members)
    if len(rows) < 2:
        return None
    title = "What came before, and what followed"
    return Figure(
        "chain",
        title,
        "By the days that each can mean",
        source_line(facts),
        Table(EVENT_COLUMNS, tuple(event_rows(facts, rows))),
        events_drawing("chain", title, rows),
        event_legend(rows),
        hint=LINES_LEAD,
    )


def classes(facts: Facts, things: Iterable[NamedNode]) -> None:
    """Make the classes of things known."""
    for thing, cls in select(facts.store, "page_types", x=sorted(set(things), key=str)):
        facts.note_class(thing, cls)


MET = SCHEMA.value
"""Missing from the cases of a target where no source says how many of them reached it."""
LEDGER: tuple[tuple[str, tuple[NamedNode, ...]], ...] = (
    ("By whom", (SG.issuedBy, SG.commissionedBy, SG.provider, SG.directedBy)),
    ("Led by", (SG.ledBy,)),
    ("Carried out by", (SG.carriedOutBy,)),
    ("For whom", (SG.issuedTo, SG.recipient, SG.concerns)),
    ("When", (SG.time,)),
    ("Why", (SG.reason, SG.follows)),
    ("Condition", (SG.conditionalOn,)),
    ("Target", (SG.setsTarget,)),
    ("What was required", (SG.requires, SG.remit, SG.purpose, DCTERMS.hasPart)),
    ("Deadline", (SG.due,)),
    ("Was the target met", (MET,)),
    ("Until when", (SG.end,)),
    ("State", (SG.optionStatus,)),
    ("What was found", (SG.finds,)),
    ("What came of it", (SG.next, SG.informs)),
)
"""What is asked of an intervention, and the properties that answer."""
ALWAYS = frozenset({"When", "Deadline", "What came of it"})
"""What is answered with "not stated" where no claim answers; of a notice the target as well."""


def ledger(facts: Facts, iri: NamedNode) -> Figure:
    """Return what an intervention was to achieve, by when, and what came of it, with what no source states."""
    facts.read([iri])
    targets = targets_of(facts, iri)
    facts.want([iri])
    is_notice, is_option = SG.ImprovementNotice in facts.classes(iri), SG.Option in facts.classes(iri)
    counted = {thing for target in targets for thing in target.counted}
    gaps: dict[NamedNode, list[Gap]] = {}
    for gap in gaps_of(facts, iri, targets):
        gaps.setdefault(MET if gap.thing in counted else gap.missing, []).append(gap)
    rows: list[tuple[Cell, ...]] = []
    for question, several in LEDGER:
        told = facts.all(iri, *several) if several != (SG.setsTarget,) else []
        if several == (SG.setsTarget,):
            rows += [
                (question, Link(t.words, page_of(t.iri)), facts.cite([*t.set_by, *t.known])) for t in targets
            ]
        rows += [(question, _told(facts, known), facts.cite([known])) for known in told]
        if question == "Deadline":
            rows += [
                (question, f"of the target: {k.when.words}", facts.cite([k]))
                for t in targets
                for k in t.due
                if k.when
            ]
        if several == (MET,):
            rows += [
                (question, Link(reached_in_words(facts, k), page_of(k.subject)), facts.cite([k]))
                for t in targets
                for k in t.reached
            ]
        missing = [gap for prop in several for gap in gaps.pop(prop, ())]
        rows += [(question, f"Not stated. {gap.sentence}", _asked(gap)) for gap in missing]
        answered = any(row[0] == question for row in rows)
        due = question in ALWAYS or (question == "Target" and is_notice) or (several == (MET,) and targets)
        if not answered and due and not is_option:
            rows.append((question, "Not stated in any claim of the graph", "–"))
    for left in gaps.values():
        rows += [("Also", f"Not stated. {gap.sentence}", _asked(gap)) for gap in left]
    return Figure(
        "ledger",
        "On what condition, and what became of it"
        if is_option
        else "What it was for, by when, and what came of it",
        "",
        source_line(facts),
        Table(("Asked", "Answer", "Evidence"), tuple(rows)),
    )


def _asked(gap: Gap) -> Link:
    return Link(f"{gap.asked} {'source' if gap.asked == 1 else 'sources'} asked", page_of(gap.iri))


def _told(facts: Facts, known: Known) -> Cell:
    if known.when is not None:
        return known.when.words
    if isinstance(known.object, Literal):
        return facts.name(known.object)
    words, figure = facts.name(known.object), facts.figure(known.object)
    return Link(f"{words}: {figure}" if figure else words, page_of(known.object))


def intervention_figures(facts: Facts, iri: NamedNode) -> list[Figure]:
    """Return the ledger of an intervention, its findings and its place in the chain."""
    made = [ledger(facts, iri), findings(facts, iri, ()), chain(facts, iri)]
    return [figure for figure in made if figure is not None]

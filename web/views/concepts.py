"""Where a grade or an area is used, an article's claims counted, and what surrounds a thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyoxigraph import NamedNode

from kg.evidence import ClaimView
from kg.namespaces import CLAIM, ID, SG
from kg.queries import select
from web.charts.bars import Bar, bars_drawing
from web.charts.events import Happening, event_legend, events_drawing
from web.charts.figure import Figure
from web.charts.tree import GROUPS, Branch, tree_drawing
from web.charts.values import Cell, Link, Table
from web.entity.facts import Facts, Known, source_line
from web.links import page_of
from web.render import inverse
from web.views.bodies import grade_rows, inferred_scale
from web.views.events import when_judged
from web.words import excerpt_words

MOST = 40
"""Above this number of judgements a drawing counts them instead of showing each."""
NEIGHBOURS = 400
TABLE = 120
"""How many neighbours are read, and how many of them stand in the table."""


def used_figure(facts: Facts, iri: NamedNode, prop: NamedNode) -> Figure | None:
    """Return the judgements that give a grade, or are of an area, in order of time; counted by body if many."""
    judgements = [j for j in facts.pointing((iri,), (prop,)) if SG.Judgement in facts.classes(j)]
    facts.read(judgements)
    if not judgements:
        return None
    facts.want([iri, *judgements])
    reports = facts.pointing(
        {i for j in judgements for i in facts.objects(j, SG.inspection)}, (SG.describes,)
    )
    facts.read([*reports, *(i for j in judgements for i in facts.objects(j, SG.inspection))])
    n, inferred = len(judgements), inferred_scale(facts, judgements)
    rows = grade_rows(facts, judgements)[:200]
    title = (
        f"{facts.name(iri)[:1].upper()}{facts.name(iri)[1:]}: {n} {'judgement' if n == 1 else 'judgements'}"
    )
    legend: tuple[tuple[str, str], ...] = ()
    if n <= MOST:
        graded = prop != SG.grade
        events = sorted((_happening(facts, j, graded) for j in judgements), key=lambda event: event.order)
        svg, legend = events_drawing("used", title, events), event_legend(events)
        how = "Each judgement by the days that its date can mean"
    else:
        counted: dict[NamedNode, int] = {}
        for j in judgements:
            for body in facts.objects(j, SG.judged):
                counted[body] = counted.get(body, 0) + 1
        ordered = sorted(counted.items(), key=lambda item: (-item[1], facts.name(item[0])))[:25]
        svg = bars_drawing("used", title, [Bar(facts.name(b), k, "", page_of(b)) for b, k in ordered])
        how = f"Judgements by body, the first {len(ordered)}"
    return Figure(
        "used",
        title,
        f"{how}.{inferred}" if inferred else how,
        source_line(facts),
        Table(("Judgement", "When", "Grade", "Evidence"), tuple((r[0], r[2], r[3], r[4]) for r in rows)),
        svg,
        legend,
    )


def _happening(facts: Facts, judgement: NamedNode, graded: bool) -> Happening:
    whens = tuple({k.when: None for k in when_judged(facts, judgement) if k.when})
    grades = " or ".join(facts.name(g) for g in facts.objects(judgement, SG.grade))
    dated = " / ".join(when.words for when in whens) or "not dated"
    reported = facts.reported(facts.all(judgement, SG.grade)) if not whens else None
    return Happening(
        judgement.value,
        facts.name(judgement),
        whens,
        page_of(judgement),
        "judgement",
        f"{grades}, {dated}" if graded else dated,
        ceiling=reported,
        differ=facts.disputed(facts.all(judgement, SG.grade)),
    )


def article_figures(
    groups: Sequence[tuple[str, object, Sequence[ClaimView]]], names: Mapping[NamedNode, str]
) -> list[Figure]:
    """Return an article's claims counted by topic and by the voice that they rest on.

    `groups` are the page's: name, topic, claims; the n-th, from 1, has the address `#tn`.
    """
    topics, voices = [], dict[NamedNode, list[ClaimView]]()
    for n, (name, _, claims) in enumerate(groups, 1):
        topics.append((f"{name[:1].upper()}{name[1:]}", len(claims), f"#t{n}"))
        for claim in claims:
            if claim.voices:
                voices.setdefault(claim.voices[-1].agent, []).append(claim)
    topics.sort(key=lambda item: (-item[1], item[0]))
    spoken = sorted(voices.items(), key=lambda item: (-len(item[1]), names.get(item[0], "")))
    total = sum(n for _, n, _ in topics)
    if not total:
        return []
    title = f"{total} {'claim' if total == 1 else 'claims'} by topic"
    first = f": {names.get(spoken[0][0], '')} for {len(spoken[0][1])} of {total}" if spoken else ""
    whose = f"On whose word{first}"
    made = [
        Figure(
            "topics",
            title,
            "Each claim counts once, under the first of its topics or what it is about",
            "",
            Table(
                ("Topic", "Claims"),
                tuple((Link(n, href), str(k)) for n, k, href in topics),
            ),
            bars_drawing("topics", title, [Bar(n, k, "", href) for n, k, href in topics], 560),
        )
    ]
    if spoken:
        made.append(
            Figure(
                "voices",
                whose,
                "The last voice of each claim: the one that could deny it",
                "",
                Table(
                    ("Voice", "Claims", "Evidence"),
                    tuple(
                        (
                            Link(names.get(agent, ""), page_of(agent)),
                            str(len(claims)),
                            _first_words(claims),
                        )
                        for agent, claims in spoken
                    ),
                ),
                bars_drawing(
                    "voices", whose, [Bar(names.get(a, ""), len(c), "", page_of(a)) for a, c in spoken], 560
                ),
            )
        )
    return made


def _first_words(claims: Sequence[ClaimView], most: int = 5) -> Cell:
    """Return the excerpts of the first claims, none of them twice, and how many claims there are beside those."""
    different = {excerpt_words(claim): claim for claim in reversed(claims)}
    shown = [claim for claim in claims if different[excerpt_words(claim)] is claim][:most]
    links = [Link(excerpt_words(claim), page_of(claim.iri)) for claim in shown]
    more = len(claims) - len(shown)
    return (*links, *([f"and {more} more below"] if more else ()))


def neighbourhood(facts: Facts, iri: NamedNode) -> Figure | None:
    """Return what claims and rules connect a thing with, as a tree with two sides; `None` where there is nothing."""
    rows = select(facts.store, "view_neighbours", limit=NEIGHBOURS, e=iri)
    grouped: dict[tuple[str, NamedNode], dict[NamedNode, list[NamedNode]]] = {}
    for way, prop, other, graph in rows:
        # What the build derives about a thing has its place in the sections; the tree shows what sources connect.
        if isinstance(other, NamedNode) and not other.value.startswith(f"{ID}derived-"):
            grouped.setdefault((way.value, prop), {}).setdefault(other, []).append(graph)
    if not grouped:
        return None
    facts.want([iri, *(p for _, p in grouped), *(x for found in grouped.values() for x in found)])
    facts.note_graphs(graph for found in grouped.values() for graphs in found.values() for graph in graphs)
    sides: dict[str, list[Branch]] = {"in": [], "out": []}
    told = []
    for (way, prop), found in grouped.items():
        label = inverse(prop) if way == "in" else facts.name(prop)
        nodes = sorted(
            (Link(facts.name(x), page_of(x)) for x in found), key=lambda node: node.text.casefold()
        )
        sides[way].append(Branch(label, tuple(nodes), len(nodes), page_of(prop)))
        for other, graphs in found.items():
            ordered = tuple(sorted(graphs, key=lambda g: (g not in CLAIM, g.value)))
            cited = facts.cite([Known(iri, prop, other, ordered)])
            told.append((label, Link(facts.name(other), page_of(other)), cited[:3]))
    for branches in sides.values():
        branches.sort(key=lambda branch: (-branch.count, branch.label))
    told.sort(key=lambda row: (row[0], row[1].text))
    n = sum(len(found) for found in grouped.values())
    title = f"Connected with {n if len(rows) < NEIGHBOURS else f'more than {n}'} {'thing' if n == 1 else 'things'}"
    hidden = sum(max(0, len(branches) - GROUPS) for branches in sides.values())
    cut = f" {hidden} more properties are not drawn." if hidden else ""
    cut += f" The table has the first {TABLE} of {n}." if n > TABLE else ""
    return Figure(
        "near",
        title,
        f"What claims and rules connect it with, by property.{cut}",
        source_line(facts),
        Table(("Connection", "With", "Evidence"), tuple(told[:TABLE])),
        tree_drawing("near", title, facts.name(iri), sides["in"], sides["out"], "#statements"),
        heading=3,
        hint="Left: what points at it. Right: what it points at. In brackets: how many there are.",
    )

"""The parts of the page of a thing that are no statements: its head, groups, counts, gaps, differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyoxigraph import NamedNode

from kg.describe import PAGE, SECTIONS, Description, describe
from kg.errors import ParameterError
from kg.evidence import BEARING, Disagreement
from kg.labels import labels
from kg.namespaces import FOAF, GRAPH, SG
from kg.queries import select
from kg.terms import Term
from web.entity.cards import Section
from web.entity.facts import Facts
from web.entity.gist import ACTS
from web.parameters import place_in
from web.schema_org import thing as thing_block
from web.serving.served import served
from web.views.bodies import parts_of
from web.views.events import happenings, read_events

PEOPLE = frozenset({FOAF.Person, SG.UnnamedAgent, SG.Tenure, SG.TenureEnd})
"""Classes of pages that are not offered to search engines: they name living people."""

LONG = 20
"""A group of more cards than this shows its first `FIRST` on the page of the thing, all on a page of its own."""
FIRST = 4
"""Cards of a group that are open; those that follow, where they are more than two, are folded or on that page."""
GROUP = 50
"""Cards on a page of one group."""


def groups_of(found: list[Section], group: str | None) -> list[Section]:
    """Return the groups of cards as far as this page has them."""
    if group is None:
        return [
            replace(s, cards=s.cards[:FIRST], total=len(s.cards)) if len(s.cards) > LONG else s for s in found
        ]
    wanted = next((s for s in found if s.key == group), None)
    if wanted is None:
        raise ParameterError.not_one_of(
            "group", group, "is no group of this page", {s.key: s.title for s in found}
        )
    offset = place_in(len(wanted.cards))
    return [replace(wanted, cards=wanted.cards[offset : offset + GROUP], total=len(wanted.cards))]


def posts_held(described: Description) -> dict[NamedNode, str]:
    """Return the posts that sources connect with a person, with their labels; nothing for what is no person."""
    if FOAF.Person not in described.types:
        return {}
    held = [row[0] for row in select(served().store, "page_posts_held", person=described.iri)]
    found = labels(served().store, held)
    return {post: found[post] for post in held}


def dates_of(described: Description) -> dict[NamedNode, list[Term]]:
    """Return when the events were that point at a thing, in whatever claim that is told."""
    things = sorted({statement.subject for statement in described.incoming}, key=str)
    found: dict[NamedNode, list[Term]] = {}
    for thing, _, date in select(served().store, "view_values", s=things, p=SG.time) if things else ():
        found.setdefault(thing, []).append(date)
    return found


def with_both_ends(described: Description) -> Description:
    """Return the description of a judgement with the other judgement of each change of grade that it is one end of."""
    ends = (SG.fromJudgement, SG.toJudgement)
    changes = {s.subject for s in described.incoming if s.predicate in ends}
    found = [describe(served().store, change) for change in sorted(changes, key=str)]
    other = [s for d in found for s in d.statements if s.predicate in ends and s.object != described.iri]
    names = {iri: name for d in found for iri, name in d.names.items()}
    return replace(described, of_shown=(*described.of_shown, *other), names={**names, **described.names})


def acts_of(described: Description) -> tuple[int, dict[NamedNode, str]]:
    """Return what a body did or had done to it: the place in `ACTS`, and the acts in order of time, with labels."""
    facts = Facts(served().store)
    for n, (cls, _, props, *_) in enumerate(ACTS):
        if cls in described.types:
            bodies = parts_of(facts, described.iri) if cls == SG.Council else [described.iri]
            if acts := facts.pointing(bodies, props):
                read_events(facts, acts)
                return n, {
                    (act := NamedNode(event.key)): facts.name(act) for event in happenings(facts, acts)
                }
    return 0, {}


def head_of(described: Description, posts: list[str]) -> dict[str, Any]:
    """Return what the head of a page says of a thing: of a living person the name and the public post, nothing else."""
    about_people = bool(PEOPLE.intersection(described.types))
    is_person = FOAF.Person in described.types
    block = thing_block(described.iri, described.label, described.types, posts)
    told = "What sources say of it, each statement with the words that support it."
    kind = described.names.get(described.types[0], "") if described.types else ""
    return {
        "about_people": about_people,
        "card": described.label if is_person or not about_people else None,
        "description": "; ".join(posts) if about_people else f"{kind}. {told}" if kind else told,
        "schema": (block,) if block else (),
    }


def gaps_of(described: Description) -> list[NamedNode]:
    """Return the gaps about the entity; for a source that was asked they are on the page of gaps instead."""
    return [f.subject for f in described.facts_about if f.graph == GRAPH.gaps and f.predicate == SG.about]


def differences_of(described: Description) -> list[Disagreement]:
    """Return the records of how sources differ that touch what is stated here, those that bear on answers first."""
    found = {
        record.iri: record
        for statement in (*described.statements, *described.incoming, *described.of_shown)
        for row in statement.evidence
        if not row.derived
        for record in row.claim.disagreements
    }
    ranks = {kind: rank for rank, kind in enumerate(BEARING)}
    return sorted(found.values(), key=lambda r: (ranks.get(r.kind, len(BEARING)), r.kind.value, r.iri.value))


def claims_of(described: Description) -> dict[str, int]:
    """Count the claims of a page: those that speak of the thing, `basis` those from which rules conclude more."""
    rows = [
        row
        for statement in (*described.statements, *described.incoming, *described.of_shown)
        for row in statement.evidence
    ]
    stating = {row.claim.iri: row.claim for row in rows if not row.derived}
    basis = {row.claim.iri: row.claim for row in rows if row.claim.iri not in stating}
    told = stating or basis
    return {
        "claims": len(stating),
        "basis": len(basis),
        "articles": len({claim.article for claim in told.values()}),
        "publishers": len({claim.publisher for claim in told.values() if claim.publisher}),
        "single": len({claim.publisher for claim in (stating | basis).values() if claim.publisher}) == 1,
    }


def more_of(described: Description, section: str | None, offset: int) -> list[tuple[str, int, int]]:
    """Return, for each part of which there is more, its name, the next offset and the total."""
    found = []
    for name in SECTIONS:
        start = offset if name == section else 0
        if described.totals.get(name, 0) > start + PAGE:
            found.append((name, start + PAGE, described.totals[name]))
    return found

"""The parts of the page of a thing that are no statements: its head, groups, counts, gaps, differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyoxigraph import NamedNode

from kg.describe import PAGE, SECTIONS, Description
from kg.errors import ParameterError
from kg.evidence import BEARING, Disagreement
from kg.labels import labels
from kg.namespaces import FOAF, GRAPH, SG
from kg.queries import select
from web.entity.cards import Section
from web.entity.facts import Facts
from web.parameters import place_in
from web.schema_org import thing as thing_block
from web.serving.served import served
from web.views.bodies import parts_of
from web.views.events import happenings, read_events

PEOPLE = frozenset({FOAF.Person, SG.UnnamedAgent, SG.Tenure, SG.TenureEnd})
"""Classes of pages that are not offered to search engines: they name living people."""

LONG = 30
"""A group of more cards than this shows its first `FIRST` on the page of the thing, all on a page of its own."""
FIRST = 12
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


def inspections_of(described: Description) -> dict[NamedNode, str]:
    """Return the inspections of a council, its services and boards, in order of time, with their labels."""
    if SG.Council not in described.types:
        return {}
    facts = Facts(served().store)
    found = facts.pointing(parts_of(facts, described.iri), (SG.inspected,))
    read_events(facts, found)
    ordered = [NamedNode(event.key) for event in happenings(facts, found)]
    return {thing: facts.name(thing) for thing in ordered}


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
    claims = {
        row.claim.iri: row.claim
        for statement in (*described.statements, *described.incoming, *described.of_shown)
        for row in statement.evidence
    }
    return {
        "claims": len(claims),
        "articles": len({claim.article for claim in claims.values()}),
        "publishers": len({claim.publisher for claim in claims.values() if claim.publisher}),
    }


def more_of(described: Description, section: str | None, offset: int) -> list[tuple[str, int, int]]:
    """Return, for each part of which there is more, its name, the next offset and the total."""
    found = []
    for name in SECTIONS:
        start = offset if name == section else 0
        if described.totals.get(name, 0) > start + PAGE:
            found.append((name, start + PAGE, described.totals[name]))
    return found

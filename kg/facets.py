"""Choosing among the members of a class by what claims say of them: body, person, year, article, voice, kind, grade.

A member is chosen when one and the same claim about it has all the chosen values; of claims, each stands for itself.
What is chosen here in memory is what the query of `kg.facet_query` finds, in any client.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.namespaces import FOAF, RDFS, SG
from kg.queries import Queryable, select, value_of

FACETS = ("body", "person", "year", "article", "voice", "kind", "grade")
"""What can be chosen by, in the order of a page and of an address."""

BODY_CLASSES = (
    SG.Council, SG.Service, SG.Inspectorate, SG.GovernmentDepartment, SG.Board, SG.ProfessionalBody,
    SG.PoliticalParty,
)  # fmt: skip
"""Classes of what the facet `body` offers."""

Value = NamedNode | int
"""An IRI, or a year."""
Chosen = Mapping[str, Value]


@dataclass(frozen=True)
class Facets:
    """What the claims of one version can be chosen by: the values of each claim, and the claims about each thing."""

    values: Mapping[NamedNode, Mapping[str, frozenset[Value]]]
    about: Mapping[NamedNode, frozenset[NamedNode]]

    def claims_of(self, member: NamedNode) -> frozenset[NamedNode]:
        """Return the claims by which a member is chosen: itself, if it is one."""
        return frozenset((member,)) if member in self.values else self.about.get(member, frozenset())

    def choose(self, members: Iterable[NamedNode], chosen: Chosen) -> list[NamedNode]:
        """Return the members that one claim about has all chosen values for, in their order; all if none is chosen."""
        if not chosen:
            return list(members)
        return [member for member in members if any(True for _ in self._fitting(member, chosen))]

    def counts(self, members: Iterable[NamedNode], chosen: Chosen) -> dict[str, dict[Value, int]]:
        """Return, for each facet and value, how many members there would be with it and the other chosen values."""
        found: dict[str, Counter[Value]] = {facet: Counter() for facet in FACETS}
        known = list(members)
        for facet in FACETS:
            others = {name: value for name, value in chosen.items() if name != facet}
            for member in known:
                seen = {value for claim in self._fitting(member, others) for value in self._of(claim, facet)}
                found[facet].update(seen)
        return {facet: dict(counter) for facet, counter in found.items() if counter}

    def known(self, facet: str) -> frozenset[Value]:
        """Return all values of a facet."""
        return frozenset(value for values in self.values.values() for value in values.get(facet, ()))

    def _fitting(self, member: NamedNode, chosen: Chosen) -> Iterator[NamedNode]:
        for claim in self.claims_of(member):
            if all(value in self._of(claim, facet) for facet, value in chosen.items()):
                yield claim

    def _of(self, claim: NamedNode, facet: str) -> frozenset[Value]:
        return self.values[claim].get(facet, frozenset())


def read_facets(store: Queryable) -> Facets:
    """Read what the claims of a graph can be chosen by; withdrawn claims are left out."""
    values: dict[NamedNode, dict[str, set[Value]]] = defaultdict(lambda: defaultdict(set))
    for claim, facet, value in select(store, "facets_claims"):
        if isinstance(value, NamedNode):
            values[claim][facet.value].add(value)
    for claim, earliest, latest in select(store, "facets_days"):
        first, last = value_of(earliest or latest)[:4], value_of(latest or earliest)[:4]
        if first and last:
            values[claim]["year"].update(range(int(first), int(last) + 1))
    kinds = {"body": set(_members(store, BODY_CLASSES)), "person": set(_members(store, (FOAF.Person,)))}
    about: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for thing, claim in select(store, "facets_about"):
        if claim in values:
            about[thing].add(claim)
            for facet, things in kinds.items():
                if thing in things:
                    values[claim][facet].add(thing)
    return Facets(
        {claim: {facet: frozenset(found) for facet, found in of.items()} for claim, of in values.items()},
        {thing: frozenset(claims) for thing, claims in about.items()},
    )


def members_of(store: Queryable, cls: NamedNode) -> list[NamedNode]:
    """Return the members of a class and of the classes below it, sorted."""
    return sorted(set(_members(store, (cls,))), key=lambda iri: iri.value)


def classes_of(store: Queryable) -> dict[NamedNode, frozenset[NamedNode]]:
    """Return every class that has members, with the classes right above it."""
    above: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for cls, upper in select(store, "facets_classes"):
        if isinstance(cls, NamedNode):
            above[cls].update({upper} if isinstance(upper, NamedNode) and upper != RDFS.Resource else ())
    return {cls: frozenset(upper - {cls}) for cls, upper in above.items()}


def _members(store: Queryable, classes: Iterable[NamedNode]) -> Iterator[NamedNode]:
    for (member,) in select(store, "facets_members", kind=list(classes)):
        if isinstance(member, NamedNode):
            yield member

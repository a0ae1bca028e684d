"""Choosing among the members of a class by what claims say of them: body, person, year, article, voice, kind, grade.

A member is chosen when one and the same claim about it has all the chosen values; of claims, each stands for itself.
The year is that of the member itself where sources date it, else the year that the claim is about. What is chosen here
in memory is what the query of `kg.facet_query` finds, in any client.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from kg.dated import Dated, read_dated
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
    """What the claims of one version can be chosen by: the values of each claim, and the claims about each thing.

    `years` are those in which a thing that sources date can lie, `sure` those in which a date of a thing or a claim
    lies for sure: as a whole, or lasting through them. A bound ("not later than") is sure of no year.
    """

    values: Mapping[NamedNode, Mapping[str, frozenset[Value]]]
    about: Mapping[NamedNode, frozenset[NamedNode]]
    years: Mapping[NamedNode, frozenset[Value]] = field(default_factory=dict)
    sure: Mapping[NamedNode, frozenset[Value]] = field(default_factory=dict)

    def claims_of(self, member: NamedNode) -> frozenset[NamedNode]:
        """Return the claims by which a member is chosen: itself, if it is one."""
        return frozenset((member,)) if member in self.values else self.about.get(member, frozenset())

    def choose(self, members: Iterable[NamedNode], chosen: Chosen) -> list[NamedNode]:
        """Return the members that one claim about has all chosen values for, in their order; all if none is chosen."""
        if not chosen:
            return list(members)
        return [member for member in members if self._fits(member, chosen)]

    def counts(self, members: Iterable[NamedNode], chosen: Chosen) -> dict[str, dict[Value, int]]:
        """Return, for each facet and value, how many members there would be with it and the other chosen values."""
        found: dict[str, Counter[Value]] = {facet: Counter() for facet in FACETS}
        known = list(members)
        for facet in FACETS:
            others = {name: value for name, value in chosen.items() if name != facet}
            for member in known:
                if facet == "year" and member in self.years:
                    found[facet].update(self.years[member] if self._fits(member, others) else ())
                elif "year" not in others or self._fits(member, others):
                    fitting = self._fitting(member, self._of_claims(member, others))
                    found[facet].update({value for claim in fitting for value in self._of(claim, facet)})
        return {facet: dict(counter) for facet, counter in found.items() if counter}

    def known(self, facet: str) -> frozenset[Value]:
        """Return all values of a facet."""
        return frozenset(value for values in self.values.values() for value in values.get(facet, ()))

    def standing(self, member: NamedNode, chosen: Chosen) -> str:
        """Return how surely a chosen member belongs to the chosen year, if one is.

        The empty text for one that does; `possibly` where a date is less exact, or only a limit; `undated` for a thing
        that no source dates, but of which a claim speaks that is about the year.
        """
        year = chosen.get("year")
        if year is None or year in self.sure.get(member, ()):
            return ""
        return "possibly" if member in self.years or member in self.values else "undated"

    def _fits(self, member: NamedNode, chosen: Chosen) -> bool:
        year = chosen.get("year")
        if year is not None and member in self.years and year not in self.years[member]:
            return False
        wanted = self._of_claims(member, chosen)
        return not wanted or any(True for _ in self._fitting(member, wanted))

    def _of_claims(self, member: NamedNode, chosen: Chosen) -> Chosen:
        """Return the choices that a claim about a member has to meet: not the year of what has dates of its own."""
        return {name: v for name, v in chosen.items() if name != "year" or member not in self.years}

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
    sure: dict[NamedNode, set[Value]] = defaultdict(set)
    for claim, edtf, earliest, latest in select(store, "facets_days"):
        date = Dated(value_of(earliest), value_of(latest), edtf.value, "")
        values[claim]["year"].update(date.years())
        sure[claim].update(date.sure_years())
    kinds = {"body": set(_members(store, BODY_CLASSES)), "person": set(_members(store, (FOAF.Person,)))}
    about: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for thing, claim in select(store, "facets_about"):
        if claim in values:
            about[thing].add(claim)
            for facet, things in kinds.items():
                if thing in things:
                    values[claim][facet].add(thing)
    dated = {thing: dates for thing, dates in read_dated(store).items() if thing not in values}
    for thing, dates in dated.items():
        sure[thing].update(year for date in dates for year in date.sure_years())
    return Facets(
        {claim: {facet: frozenset(found) for facet, found in of.items()} for claim, of in values.items()},
        {thing: frozenset(claims) for thing, claims in about.items()},
        {thing: frozenset(year for date in dates for year in date.years()) for thing, dates in dated.items()},
        {dated: frozenset(years) for dated, years in sure.items()},
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

"""What the page of an entity contains: statements with everything that supports them, and what the register holds.

Pure: a store and an IRI in, frozen values out. Symmetric: what the entity's statements say, what others say about it,
and the statements of the things that are shown with it (`sg:shownWithSubject`: tenures, judgements, statements ...),
down to how a tenure ended. A statement is here only with the claims that state it or that it follows from; what the
register holds without a claim (type, names, identifiers) is a `Fact`. Nothing of a withdrawn claim is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from kg.errors import NotFound
from kg.evidence import ClaimView, Derivation, read_claims, read_derivations, read_supports
from kg.labels import labels
from kg.namespaces import RDF, RDFS, SCHEMA, SG, SGV, SKOS, curie
from kg.queries import Queryable, Row, count, select
from kg.record import Voice
from kg.terms import Term

PAGE = 200
"""How many statements, or things shown with the entity, of a section are read at once."""

HUB = 5000
"""An entity with more rows of statements than this is a hub: its pages are cut by the store."""

SECTIONS = ("statements", "incoming", "of_shown", "spoken")


@dataclass(frozen=True)
class EvidenceRow:
    """One claim that supports a statement: by stating it, or as a claim that the statement is derived from.

    `graph` is the claim or the derivation in which the triple stands.
    """

    graph: NamedNode
    claim: ClaimView
    derivation: Derivation | None = None

    @property
    def derived(self) -> bool:
        """Whether the statement follows from the claim by a rule, rather than being stated by it."""
        return self.derivation is not None

    @property
    def sentence(self) -> str:
        """The claim in one plain sentence."""
        return self.claim.sentence

    @property
    def article(self) -> NamedNode:
        """The source of the claim."""
        return self.claim.article

    @property
    def publisher(self) -> NamedNode | None:
        """Who published the source."""
        return self.claim.publisher

    @property
    def voices(self) -> tuple[Voice, ...]:
        """The chain of voices, narrator first."""
        return self.claim.voices

    @property
    def excerpt(self) -> str | None:
        """The first of the claim's excerpts; `None` for a row of a table."""
        return next(iter(self.claim.excerpts), None)


@dataclass(frozen=True)
class Statement:
    """A triple and the claims that support it; `evidence` is never empty."""

    subject: NamedNode
    predicate: NamedNode
    object: Term
    evidence: tuple[EvidenceRow, ...]

    @property
    def graph(self) -> NamedNode:
        """The first graph that holds the triple, a claim before a derivation."""
        return self.evidence[0].graph

    @property
    def derived(self) -> bool:
        """Whether no claim states it and it only follows by a rule."""
        return all(row.derived for row in self.evidence)

    @property
    def publishers(self) -> tuple[NamedNode, ...]:
        """The different narrators (first voices) whose claims state it, without those that it only follows from."""
        stated = {row.voices[0].agent for row in self.evidence if not row.derived and row.voices}
        return tuple(sorted(stated, key=str))


@dataclass(frozen=True)
class Fact:
    """A triple that needs no claim: of the register, the vocabulary, the dates or the curators' notes."""

    subject: NamedNode
    predicate: NamedNode
    object: Term
    graph: NamedNode


@dataclass(frozen=True)
class Description:
    """All that is known of an entity, in a stable order, and a label for every IRI in it (`names`).

    `totals` counts what there is of each section of `SECTIONS` (of `of_shown`: things, not their statements); a section
    holds a page of it, from `offset`.
    """

    iri: NamedNode
    label: str
    types: tuple[NamedNode, ...]
    facts: tuple[Fact, ...] = ()
    facts_about: tuple[Fact, ...] = ()
    statements: tuple[Statement, ...] = ()
    incoming: tuple[Statement, ...] = ()
    of_shown: tuple[Statement, ...] = ()
    spoken: tuple[ClaimView, ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    offset: int = 0
    names: Mapping[NamedNode, str] = field(default_factory=dict)

    @property
    def other_names(self) -> tuple[str, ...]:
        """The names by which the sources call it, besides the label."""
        return tuple(self._texts(SKOS.altLabel))

    @property
    def identifiers(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """Its identifiers: label, address where there is one, where it was verified."""
        found = []
        for fact in self.facts:
            if (
                fact.subject == self.iri
                and fact.predicate == SCHEMA.identifier
                and isinstance(fact.object, NamedNode)
            ):
                about = {f.predicate: f.object.value for f in self.facts if f.subject == fact.object}
                name = about.get(RDFS.label, curie(fact.object))
                found.append((name, about.get(SCHEMA.url), about.get(SG.verifiedIn)))
        return tuple(sorted(found))

    @property
    def contested(self) -> bool:
        """Whether a record of disagreement touches it."""
        return any(f.subject == self.iri and f.predicate == SG.contested for f in self.facts)

    def shown(self) -> dict[NamedNode, tuple[Statement, ...]]:
        """Return `of_shown` by the thing that each statement is about, in the order of their labels."""
        groups: dict[NamedNode, list[Statement]] = {}
        for statement in self.of_shown:
            groups.setdefault(statement.subject, []).append(statement)
        ordered = sorted(groups, key=lambda iri: (self.names.get(iri, ""), iri.value))
        return {iri: tuple(groups[iri]) for iri in ordered}

    def _texts(self, predicate: NamedNode) -> Iterable[str]:
        return (f.object.value for f in self.facts if f.subject == self.iri and f.predicate == predicate)


@dataclass(frozen=True)
class _Section:
    """A page of a section: rows (s, p, o, graph), of `spoken` (claim, position); and how many there are in all."""

    rows: list[Row]
    total: int


def describe(
    store: Queryable, iri: NamedNode, *, limit: int = PAGE, offset: int = 0, section: str | None = None
) -> Description:
    """Describe an entity. Raises `NotFound` if the IRI stands in no statement and no fact.

    At most `limit` statements of each section of `SECTIONS`, things of `of_shown`, claims of `spoken`; `offset` applies
    to `section`, the others start at 0.
    """

    def first(name: str) -> int:
        return offset if name == section else 0

    sections = {
        "statements": _statement_page(store, iri, "outgoing", limit, first("statements")),
        "incoming": _statement_page(store, iri, "incoming", limit, first("incoming")),
        "of_shown": _shown(store, iri, limit, first("of_shown")),
        "spoken": _spoken(store, iri, limit, first("spoken")),
    }
    facts = [Fact(s, p, o, g) for g, s, p, o in select(store, "facts", e=iri)]
    about = [Fact(s, p, o, g) for g, s, p, o in select(store, "facts_about", limit=limit, e=iri)]
    if not facts and not about and not any(part.total for part in sections.values()):
        raise NotFound(f"{curie(iri)}: nothing in the data has this IRI")
    graphs = {row[3] for name in SECTIONS[:3] for row in sections[name].rows}
    supports = read_supports(store, graphs)
    spoken = list(dict.fromkeys(row[0] for row in sections["spoken"].rows))
    claims = read_claims(store, {claim for several in supports.values() for claim in several}.union(spoken))
    derivations = read_derivations(store, graphs - claims.keys())
    statements = {
        name: _statements(sections[name].rows, supports, claims, derivations) for name in SECTIONS[:3]
    }
    terms: set[object] = {iri}
    for fact in (*facts, *about):
        terms |= {fact.subject, fact.predicate, fact.object, fact.graph}
    for found in statements.values():
        for statement in found:
            terms |= {statement.subject, statement.predicate, statement.object}
    for view in claims.values():
        terms |= view.terms()
    terms |= {derivation.rule for derivation in derivations.values()}
    names = labels(store, terms)
    types = {f.object for f in facts if f.subject == iri and f.predicate == RDF.type}
    return Description(
        iri,
        names[iri],
        tuple(sorted((t for t in types if isinstance(t, NamedNode)), key=str)),
        tuple(facts),
        tuple(about),
        statements["statements"],
        statements["incoming"],
        statements["of_shown"],
        tuple(claims[claim] for claim in spoken if claim in claims),
        {name: part.total for name, part in sections.items()},
        offset,
        names,
    )


def _statement_page(store: Queryable, iri: NamedNode, query: str, limit: int, offset: int) -> _Section:
    # Read everything where that is not much; a hub's page is found by the store, then its graphs by subject.
    rows = select(store, query, limit=HUB + 1, e=iri)
    if len(rows) <= HUB:
        keys = sorted({row[:3] for row in rows}, key=_key)
        total = len(keys)
    else:
        keys = select(store, f"{query}_page", limit=limit, offset=offset, e=iri)
        total = count(store, f"count_{query}", e=iri)
        rows = select(store, "statements_of", s=sorted({key[0] for key in keys}, key=str))
        offset = 0
    page = set(keys[offset : offset + limit])
    return _Section([row for row in rows if row[:3] in page], total)


def _shown(store: Queryable, iri: NamedNode, limit: int, offset: int) -> _Section:
    things = [row[0] for row in select(store, "shown", limit=limit + 1, offset=offset, e=iri)]
    total = len(things)
    if len(things) > limit or offset:
        total, things = count(store, "count_shown", e=iri), things[:limit]
    rows = select(store, "statements_of", s=things) if things else []
    return _Section([row for row in rows if row[2] != iri], total)


def _spoken(store: Queryable, iri: NamedNode, limit: int, offset: int) -> _Section:
    rows = select(store, "spoken", limit=limit + 1, offset=offset, e=iri)
    if len(rows) > limit or offset:
        return _Section(rows[:limit], count(store, "count_spoken", e=iri))
    return _Section(rows, len({row[0] for row in rows}))


def _key(statement: Row) -> list[str]:
    return [str(term) for term in statement]


def _statements(
    rows: Iterable[Row],
    supports: Mapping[NamedNode, tuple[NamedNode, ...]],
    claims: Mapping[NamedNode, ClaimView],
    derivations: Mapping[NamedNode, Derivation],
) -> tuple[Statement, ...]:
    # What a claim says outright comes before what is only implied, and both before what follows by rule.
    found: dict[Row, dict[tuple[bool, bool, str, str], EvidenceRow]] = {}
    for s, p, o, graph in rows:
        for claim in supports.get(graph, ()):
            if claim in claims:
                row = EvidenceRow(graph, claims[claim], derivations.get(graph))
                implied = claims[claim].kind == SGV.implied
                found.setdefault((s, p, o), {})[row.derived, implied, graph.value, claim.value] = row
    return tuple(
        Statement(s, p, o, tuple(row for _, row in sorted(found[s, p, o].items(), key=lambda item: item[0])))
        for s, p, o in sorted(found, key=_key)
    )

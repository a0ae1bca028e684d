"""What the page of an entity contains: statements with everything that supports them, and what the register holds.

Pure: a store and an IRI in, frozen values out. Symmetric: what the entity's statements say, what others say about it,
and the statements of the things that are shown with it (`sg:shownWithSubject`: tenures, judgements, statements ...),
down to how a tenure ended. A statement is here only with the claims that state it or that it follows from; what the
register holds without a claim (type, names, identifiers) is a `Fact`. Nothing of a withdrawn claim is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from kg.record import Voice
from kg.errors import NotFound
from kg.evidence import ClaimView, Derivation, read_claims, read_derivations
from kg.labels import labels
from kg.namespaces import RDF, RDFS, SCHEMA, SG, SKOS, curie
from kg.queries import Queryable, Row, count, select
from kg.terms import Term

PAGE = 200
"""How many statements of a section are read at once."""

SECTIONS = ("statements", "incoming", "of_shown", "spoken")
_QUERY = {"statements": "outgoing", "incoming": "incoming", "of_shown": "shown", "spoken": "spoken"}


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

    `totals` counts each section of `SECTIONS` in the store; a hub's section holds only a page of it, from `offset`.
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
            if fact.subject == self.iri and fact.predicate == SCHEMA.identifier and isinstance(fact.object, NamedNode):
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
    rows: list[Row]
    total: int


def describe(
    store: Queryable, iri: NamedNode, *, limit: int = PAGE, offset: int = 0, section: str | None = None
) -> Description:
    """Describe an entity. Raises `NotFound` if the IRI stands in no statement and no fact.

    At most `limit` statements of each section of `SECTIONS`; `offset` applies to `section`, the others start at 0.
    """
    sections = {
        name: _read(store, iri, name, limit, offset if name == section else 0) for name in SECTIONS
    }
    facts = [Fact(s, p, o, g) for g, s, p, o in select(store, "facts", e=iri)]
    about = [Fact(s, p, o, g) for g, s, p, o in select(store, "facts_about", limit=limit, e=iri)]
    if not facts and not about and not any(part.total for part in sections.values()):
        raise NotFound(f"{curie(iri)}: nothing in the data has this IRI")
    spoken_iris = [row[0] for row in sections["spoken"].rows]
    graphs = {row[3] for name in SECTIONS[:3] for row in sections[name].rows}
    claimed = {row[4] for name in SECTIONS[:3] for row in sections[name].rows}
    claims = read_claims(store, claimed.union(spoken_iris))
    derivations = read_derivations(store, graphs - claims.keys())
    statements = {name: _statements(sections[name].rows, claims, derivations) for name in SECTIONS[:3]}
    terms: set[object] = {iri}
    for fact in (*facts, *about):
        terms |= {fact.subject, fact.predicate, fact.object, fact.graph}
    for found in statements.values():
        for statement in found:
            terms |= {statement.subject, statement.predicate, statement.object}
    for claim in claims.values():
        terms |= claim.terms()
    terms |= {derivation.rule for derivation in derivations.values()}
    names = labels(store, terms)
    types = sorted({f.object for f in facts if f.subject == iri and f.predicate == RDF.type}, key=str)
    return Description(
        iri,
        names[iri],
        tuple(t for t in types if isinstance(t, NamedNode)),
        tuple(facts),
        tuple(about),
        statements["statements"],
        statements["incoming"],
        statements["of_shown"],
        tuple(claims[claim] for claim in dict.fromkeys(spoken_iris) if claim in claims),
        {name: part.total for name, part in sections.items()},
        offset,
        names,
    )


def _read(store: Queryable, iri: NamedNode, section: str, limit: int, offset: int) -> _Section:
    # One more than wanted tells whether there is more; only then is it worth counting.
    query = _QUERY[section]
    rows = select(store, query, limit=limit + 1, offset=offset, e=iri)
    keys = list(dict.fromkeys(_key(section, row) for row in sorted(rows, key=lambda row: _order(section, row))))
    if len(keys) <= limit and offset == 0:
        return _Section(rows, len(keys))
    page = set(keys[:limit])
    return _Section([row for row in rows if _key(section, row) in page], count(store, f"count_{query}", e=iri))


def _key(section: str, row: Row) -> Row:
    return row[:1] if section == "spoken" else row[:3]


def _order(section: str, row: Row) -> tuple[str, ...]:
    # The order of the query's ORDER BY, so that the surplus row is the last one of the page.
    if section == "spoken":
        return (row[0].value, row[1].value)
    s, p, o = row[:3]
    rank = str(int(isinstance(o, Literal)))
    return {
        "statements": (p.value, rank, o.value),
        "incoming": (p.value, s.value),
        "of_shown": (s.value, p.value, rank, o.value),
    }[section]


def _statements(
    rows: Iterable[Row], claims: Mapping[NamedNode, ClaimView], derivations: Mapping[NamedNode, Derivation]
) -> tuple[Statement, ...]:
    found: dict[Row, dict[tuple[bool, str, str], EvidenceRow]] = {}
    for s, p, o, graph, claim in rows:
        if claim in claims:
            row = EvidenceRow(graph, claims[claim], derivations.get(graph))
            found.setdefault((s, p, o), {})[row.derived, graph.value, claim.value] = row
    return tuple(
        Statement(s, p, o, tuple(row for _, row in sorted(evidence.items(), key=lambda item: item[0])))
        for (s, p, o), evidence in sorted(found.items(), key=lambda item: [str(term) for term in item[0]])
    )

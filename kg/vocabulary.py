"""The vocabulary for readers: every term with its meaning, source, examples and uses; schemes with ordered concepts.

Read from `graph:vocabulary`; the numbers of uses from the whole data. Pure: a store in, frozen values out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kg.namespaces import DCTERMS, OWL, RDF, RDFS, SG, SKOS
from kg.queries import Queryable, Row, select

NOT = "Not:"
"""How an example begins that shows what a term does not mean."""

Facts = Mapping[NamedNode, Mapping[NamedNode, tuple[object, ...]]]


@dataclass(frozen=True)
class Term:
    """A class, property or concept: what it means, where that was read, examples for and against, how often it is used.

    `sources` are IRIs or texts. `broader` are superclasses, superproperties or broader concepts; `others` are further
    properties of the term (range, inverse reading ...) with their values.
    """

    iri: NamedNode
    is_class: bool
    label: str
    definition: str
    sources: tuple[NamedNode | Literal, ...]
    examples: tuple[str, ...]
    against: tuple[str, ...]
    broader: tuple[NamedNode, ...]
    others: tuple[tuple[NamedNode, tuple[object, ...]], ...]
    uses: int
    rank: int | None = None

    @property
    def order(self) -> tuple[int, str, str]:
        """Ranked concepts from the highest, others by label."""
        return (-(self.rank or 0), self.label.casefold(), self.iri.value)


@dataclass(frozen=True)
class Scheme:
    """A scheme of concepts, these in order: grades from the best, others by notation or label."""

    iri: NamedNode
    label: str
    definition: str
    sources: tuple[NamedNode | Literal, ...]
    concepts: tuple[Term, ...]


@dataclass(frozen=True)
class Joined:
    """How often things of one class are joined to things of another by a property; `None` for a literal or no class."""

    cls: NamedNode | None
    predicate: NamedNode
    other: NamedNode | None
    uses: int


_SHOWN = {
    RDF.type, RDFS.label, RDFS.isDefinedBy, RDFS.subClassOf, RDFS.subPropertyOf, SKOS.prefLabel, SKOS.definition,
    SKOS.example, SKOS.inScheme, SKOS.topConceptOf, SKOS.broader, SKOS.notation, DCTERMS.source, SG.rank,
}  # fmt: skip


def read_terms(store: Queryable) -> tuple[Term, ...]:
    """Return the classes and properties of the vocabulary, by label."""
    uses = _numbers(select(store, "page_term_uses"))
    found = _facts(select(store, "page_vocabulary"))
    terms = [_term(iri, facts, uses) for iri, facts in found.items() if iri in SG]
    return tuple(sorted(terms, key=lambda term: term.order))


def read_schemes(store: Queryable) -> tuple[Scheme, ...]:
    """Return the schemes by label, each with its concepts in order."""
    uses = _numbers(select(store, "page_concept_uses"))
    found = _facts(select(store, "page_concepts"))
    members: dict[NamedNode, list[Term]] = defaultdict(list)
    for iri, facts in found.items():
        for scheme in _iris(facts.get(SKOS.inScheme, ())):
            members[scheme].append(_term(iri, facts, uses))
    schemes = [
        Scheme(
            iri,
            _text(facts, SKOS.prefLabel, RDFS.label),
            _text(facts, SKOS.definition),
            _sources(facts),
            tuple(sorted(members[iri], key=lambda term: _place(found[term.iri], term))),
        )
        for iri, facts in found.items()
        if SKOS.ConceptScheme in facts.get(RDF.type, ())
    ]
    return tuple(sorted(schemes, key=lambda scheme: (scheme.label.casefold(), scheme.iri.value)))


def links_of(store: Queryable, terms: Iterable[NamedNode], *, classes: bool) -> tuple[Joined, ...]:
    """Return what classes (or properties) are joined to in the data, the most frequent first for each."""
    wanted = sorted(set(terms), key=str)
    if not wanted:
        return ()
    if classes:
        rows = select(store, "page_class_links", start=wanted)
    else:
        rows = select(store, "page_property_links", property=wanted)
    return tuple(Joined(cls, prop, other, int(uses.value)) for cls, prop, other, uses in rows)


def _facts(rows: Iterable[Row]) -> Facts:
    found: dict[NamedNode, dict[NamedNode, tuple[object, ...]]] = {}
    for subject, predicate, value in rows:
        facts = found.setdefault(subject, {})
        if value not in facts.get(predicate, ()):
            facts[predicate] = (*facts.get(predicate, ()), value)
    return found


def _numbers(rows: Iterable[Row]) -> dict[NamedNode, int]:
    return {term: int(n.value) for term, n in rows if isinstance(term, NamedNode)}


def _term(
    iri: NamedNode, facts: Mapping[NamedNode, tuple[object, ...]], uses: Mapping[NamedNode, int]
) -> Term:
    examples = [value.value for value in facts.get(SKOS.example, ()) if isinstance(value, Literal)]
    ranks = [int(value.value) for value in facts.get(SG.rank, ()) if isinstance(value, Literal)]
    broader = (
        *facts.get(RDFS.subClassOf, ()),
        *facts.get(RDFS.subPropertyOf, ()),
        *facts.get(SKOS.broader, ()),
    )
    return Term(
        iri,
        OWL.Class in facts.get(RDF.type, ()),
        _text(facts, SKOS.prefLabel, RDFS.label),
        _text(facts, SKOS.definition),
        _sources(facts),
        tuple(text for text in examples if not text.startswith(NOT)),
        tuple(text.removeprefix(NOT).strip() for text in examples if text.startswith(NOT)),
        tuple(_iris(broader)),
        tuple(
            (predicate, values)
            for predicate, values in facts.items()
            if predicate not in _SHOWN and not any("genid-" in str(value) for value in values)
        ),
        uses.get(iri, 0),
        ranks[0] if ranks else None,
    )


def _text(facts: Mapping[NamedNode, tuple[object, ...]], *properties: NamedNode) -> str:
    values = (value for prop in properties for value in facts.get(prop, ()))
    return next((value.value for value in values if isinstance(value, Literal)), "")


def _sources(facts: Mapping[NamedNode, tuple[object, ...]]) -> tuple[NamedNode | Literal, ...]:
    return tuple(v for v in facts.get(DCTERMS.source, ()) if isinstance(v, NamedNode | Literal))


def _iris(values: Iterable[object]) -> list[NamedNode]:
    return [value for value in values if isinstance(value, NamedNode) and "genid-" not in value.value]


def _place(facts: Mapping[NamedNode, tuple[object, ...]], term: Term) -> tuple[int, str, str, str]:
    rank, label, iri = term.order
    return rank, _text(facts, SKOS.notation), label, iri

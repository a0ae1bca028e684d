"""How many independent publishers stand behind each claimed triple.

The one rule that is not a SPARQL file: a triple is named by the hash of its N-Triples line as it was parsed
(`kg.ids.triple_iri`), and the engine that runs the others rewrites literals. Its concept is `sgv:rule-publishers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pyoxigraph as ox

from kg.ids import triple_iri
from kg.labels import term_in_words
from kg.namespaces import CLAIM, PROV, RDF, RDFS, SG, SKOS, XSD, curie

Count = tuple[str, frozenset[ox.Triple], frozenset[str]]
"""A sentence, the triples that describe a claimed triple and its count, and the IRIs of its claims."""


def publisher_counts(quads: Collection[ox.Quad]) -> list[Count]:
    """Return, for each triple of a claim graph, its description with `sg:publisherCount`, sorted by its IRI.

    Counted are different agents of the first voice (`sg:firstVoice/prov:agent`): two articles of one publisher count
    once. A claim without a record has no voice and is left out; the checks report it.
    """
    first: dict[object, object] = {q.subject: q.object for q in quads if q.predicate == SG.firstVoice}
    agents: dict[object, object] = {q.subject: q.object for q in quads if q.predicate == PROV.agent}
    labels = _labels(quads)
    claims: dict[ox.Triple, set[ox.NamedNode]] = {}
    for quad in quads:
        graph = quad.graph_name
        if isinstance(graph, ox.NamedNode) and graph in CLAIM and _narrator(graph, first, agents) is not None:
            claims.setdefault(quad.triple, set()).add(graph)
    counts = []
    for triple, stated in claims.items():
        publishers = sorted({_word(_narrator(claim, first, agents), labels) for claim in stated})
        subject, predicate, value = (
            _word(t, labels) for t in (triple.subject, triple.predicate, triple.object)
        )
        sentence = f"Told by {in_words(publishers)}: “{subject}”, {predicate}: {value}."
        described = _describe(triple, len(publishers))
        counts.append((triple_iri(triple).value, (sentence, described, frozenset(c.value for c in stated))))
    return [count for _, count in sorted(counts, key=lambda entry: entry[0])]


def _narrator(claim: ox.NamedNode, first: Mapping[object, object], agents: Mapping[object, object]) -> object:
    return agents.get(first.get(claim))


def in_words(names: Collection[str]) -> str:
    """Join names as a sentence does.

    >>> in_words(["A", "B", "C"])
    'A, B and C'
    """
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _labels(quads: Iterable[ox.Quad]) -> dict[object, str]:
    """Return one label per thing: the first by code point, so that the order of quads makes no difference."""
    labels: dict[object, str] = {}
    for quad in quads:
        if quad.predicate in (RDFS.label, SKOS.prefLabel) and isinstance(quad.object, ox.Literal):
            text = quad.object.value
            labels[quad.subject] = min(labels.get(quad.subject, text), text)
    return labels


def _word(term: object, labels: dict[object, str]) -> str:
    if isinstance(term, ox.NamedNode):
        return labels.get(term) or curie(term)
    return f"“{term_in_words(term, {})}”" if isinstance(term, ox.Literal) else str(term)


def _describe(triple: ox.Triple, count: int) -> frozenset[ox.Triple]:
    iri = triple_iri(triple)
    return frozenset(
        {
            ox.Triple(iri, RDF.type, RDF.Statement),
            ox.Triple(iri, RDF.subject, triple.subject),
            ox.Triple(iri, RDF.predicate, triple.predicate),
            ox.Triple(iri, RDF.object, triple.object),
            ox.Triple(iri, SG.publisherCount, ox.Literal(str(count), datatype=XSD.integer)),
        }
    )

"""The default graph: a de-duplicated flat copy of all named graphs, less what is withdrawn.

Ordinary SPARQL then just works and counts each triple once (the engine's own union of graphs counts a triple once
per graph). What leaves with a withdrawn claim: the triples of its graph, its record (label, voices, evidence) and
every derivation that rests on it, record included. What stays of it is a tombstone, `sg:withdrawn` and
`dcterms:isReplacedBy`, so that a plain query meets neither the statement nor its sentence but can still see that
there was one. The named graphs keep everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyoxigraph as ox

from kg.namespaces import CLAIM, DCTERMS, DERIVED, GRAPH, PROV, SG

TOMBSTONE = frozenset({SG.withdrawn, DCTERMS.isReplacedBy})
"""The properties of a withdrawn claim that stay in the default graph."""

_TRUE = frozenset({"true", "1"})


def record_of(term: object) -> str | None:
    """Return the IRI of the claim or derivation that a node belongs to, `None` for any other term.

    >>> record_of(CLAIM["0d662f37494f4718#v1"])
    'https://w3id.org/scrutiny-graph/claim/0d662f37494f4718'
    >>> record_of(ox.Literal("x")) is None
    True
    """
    if isinstance(term, ox.NamedNode) and (term in CLAIM or term in DERIVED):
        return term.value.partition("#")[0]
    return None


def withdrawn_claims(quads: Iterable[ox.Quad]) -> frozenset[str]:
    """Return the IRIs of the claims that are withdrawn or replaced by another."""
    return frozenset(
        q.subject.value
        for q in quads
        if q.predicate in TOMBSTONE
        and isinstance(q.subject, ox.NamedNode)
        and q.subject in CLAIM
        and (q.predicate == DCTERMS.isReplacedBy or getattr(q.object, "value", "") in _TRUE)
    )


def withdrawn_derivations(quads: Iterable[ox.Quad], withdrawn: Collection[str]) -> frozenset[str]:
    """Return the IRIs of the derivations that follow, at any distance, from one of the withdrawn claims."""
    if not withdrawn:
        return frozenset()
    follow: dict[str, list[str]] = {}
    for q in quads:
        if q.predicate == PROV.wasDerivedFrom and q.graph_name == GRAPH.derived:
            assert isinstance(q.subject, ox.NamedNode)
            assert isinstance(q.object, ox.NamedNode)
            follow.setdefault(q.object.value, []).append(q.subject.value)
    found: set[str] = set()
    todo = list(withdrawn)
    while todo:
        for derivation in follow.get(todo.pop(), ()):
            if derivation not in found:
                found.add(derivation)
                todo.append(derivation)
    return frozenset(found)


def live_quads(quads: Collection[ox.Quad]) -> list[ox.Quad]:
    """Return the quads of what is not withdrawn, and the tombstones of what is, in the order given."""
    withdrawn = withdrawn_claims(quads)
    if not withdrawn:
        return list(quads)
    hidden = withdrawn | withdrawn_derivations(quads, withdrawn)
    return [q for q in quads if _is_live(q, hidden)]


def flatten(quads: Collection[ox.Quad]) -> list[ox.Triple]:
    """Return the triples of the default graph of a dataset of named graphs: distinct, sorted as N-Triples."""
    distinct = {q.triple for q in live_quads(quads)}
    return sorted(distinct, key=str)


def _is_live(quad: ox.Quad, hidden: Collection[str]) -> bool:
    graph = record_of(quad.graph_name)
    if graph is not None and graph in hidden:
        return False
    record = record_of(quad.subject)
    if record is None or record not in hidden:
        return True
    return quad.predicate in TOMBSTONE

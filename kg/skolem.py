"""Stable IRIs for blank nodes: `id:genid-<hash>` of what a node says and what points at it.

Shapes and axioms keep blank nodes in the files. A change to one shape must not rename the nodes of all others, so a
node is hashed by its own content (recursively) and by the subject and predicate that lead to it, not by its place in
the file. Two nodes that say the same in the same place become one, which says the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from pyoxigraph import BlankNode, NamedNode, Quad

from kg.namespaces import ID


def skolemise(quads: Sequence[Quad], graph: NamedNode) -> list[Quad]:
    """Return the quads in `graph`, in order, each blank node replaced by an IRI; duplicates are left out."""
    says: dict[BlankNode, list[Quad]] = defaultdict(list)
    pointed: dict[BlankNode, list[Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, BlankNode):
            says[quad.subject].append(quad)
        if isinstance(quad.object, BlankNode):
            pointed[quad.object].append(quad)
    content: dict[BlankNode, str] = {}
    names: dict[BlankNode, NamedNode] = {}

    def content_of(node: BlankNode, above: frozenset[BlankNode]) -> str:
        if node in above:
            return "cycle"
        if node not in content:
            inside = above | {node}
            lines = sorted(f"{q.predicate} {text(q.object, inside)}" for q in says[node])
            content[node] = _hash("\n".join(lines))
        return content[node]

    def text(term: object, above: frozenset[BlankNode]) -> str:
        return content_of(term, above) if isinstance(term, BlankNode) else str(term)

    def name_of(node: BlankNode, above: frozenset[BlankNode]) -> NamedNode:
        if node not in names:
            inside = above | {node}
            places = sorted(
                f"{q.subject if not isinstance(q.subject, BlankNode) else name_of(q.subject, inside)} {q.predicate}"
                for q in pointed[node]
                if q.subject not in inside
            )
            names[node] = ID["genid-" + _hash("\n".join([content_of(node, frozenset()), *places]))]
        return names[node]

    def named(term: object) -> object:
        return name_of(term, frozenset()) if isinstance(term, BlankNode) else term

    made = dict.fromkeys(
        Quad(named(q.subject), q.predicate, named(q.object), graph)  # type: ignore[arg-type]
        for q in quads
    )
    return list(made)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]

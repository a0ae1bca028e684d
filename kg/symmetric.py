"""What DESCRIBE answers: the statements about a resource, and those in which it is the object.

SPARQL leaves it to the service what a description holds. The engine gives the outgoing statements, with those of the
blank nodes that they lead to. In this graph most of what is known of a person or a body is said from the other end
(a tenure has a member, a finding is about somebody), so the statements that lead to the resource belong to its
description: a symmetric concise bounded description, one step in both directions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.policy import dataset_clauses
from kg.query_tokens import iri_of, prologue

if TYPE_CHECKING:
    from pyoxigraph import DefaultGraph, NamedNode, Triple


def widen(
    store: ox.Store,
    outgoing: Iterable[Triple],
    text: str,
    base_iri: str | None = None,
    prefixes: Mapping[str, str] | None = None,
    graphs: Sequence[NamedNode | DefaultGraph] | None = None,
) -> Iterator[Triple]:
    """Yield what the engine answered to the DESCRIBE query `text`, then the statements that lead to what it described.

    `graphs` are the default graph of the query; if they are not given, they are what its FROM clauses say. A resource
    counts that is the subject of what came `outgoing`, or that the query names. A statement may come twice. Both parts
    are sorted: what a resource says of itself comes first, also where the answer is cut off.
    """
    found: dict[NamedNode, None] = {}
    for iri in described_iris(text, base_iri, prefixes):
        try:
            found.setdefault(ox.NamedNode(iri))
        except ValueError:
            continue  # the engine has had its word about it
    for triple in sorted(outgoing, key=str):
        yield triple
        if isinstance(triple.subject, ox.NamedNode):
            found.setdefault(triple.subject)
    if graphs is None:
        clauses = dataset_clauses(text, base_iri, prefixes)
        only = [ox.NamedNode(iri) for iri in clauses.default]
        graphs = only if clauses.default or clauses.named else [ox.DefaultGraph()]
    for node in found:
        for graph in graphs:
            incoming = store.quads_for_pattern(None, None, node, graph)
            yield from sorted((quad.triple for quad in incoming), key=_parts_last)


def _parts_last(triple: Triple) -> tuple[bool, str]:
    """Put things before the parts of a document, whose names have a fragment: a tenure before a voice of a claim."""
    return "#" in str(triple.subject), str(triple)


def described_iris(
    text: str, base_iri: str | None = None, prefixes: Mapping[str, str] | None = None
) -> list[str]:
    """Return the IRIs that stand after the word DESCRIBE.

    >>> described_iris("PREFIX x: <urn:x:> DESCRIBE x:a ?b <urn:c> WHERE { ?b a x:d }")
    ['urn:x:a', 'urn:c']
    """
    base, declared, rest = prologue(text, base_iri)
    known = {**(prefixes or {}), **declared}
    found: list[str] = []
    if not rest or rest[0].text.upper() != "DESCRIBE":
        return found
    for token in rest[1:]:
        iri = iri_of(token, base, known)
        if iri is not None:
            found.append(iri)
        elif token.kind != "var":
            break
    return found

"""The data set of a test as one file of N-Quads, and its query with the base IRI that it counts on.

A suite says which file is the default graph and which files are named graphs, each named by its address. The lexical
forms of the literals are copied, not rewritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox

from kg.policy import dataset_clauses, tokens
from tests.conformance.manifest import Test, iri_of

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".trig": ox.RdfFormat.TRIG,
}
SENTINEL = "<urn:x-test:s> <urn:x-test:p> <urn:x-test:o> .\n"
"""What a server holds to which updates are sent: it has to be there still afterwards."""


@dataclass(frozen=True)
class Dataset:
    """Files of the default graph and of the named graphs; equal ones are served by one server."""

    data: tuple[Path, ...] = ()
    named: tuple[Path, ...] = ()
    is_evaluated: bool = True


def dataset_of(test: Test) -> Dataset:
    """Return what a test is asked about: graphs that only its FROM clauses name belong to it as well."""
    if test.kind != "evaluation":
        return Dataset(is_evaluated=False)
    clauses = dataset_clauses(read_query(test), iri_of(test.query))
    named = set(test.named)
    for address in (*clauses.default, *clauses.named):
        path = Path(unquote(urlsplit(address).path))
        if address.startswith("file:") and path.is_file() and path.parent == test.query.parent:
            named.add(path)
    return Dataset(test.data, tuple(sorted(named)))


def write_dataset(dataset: Dataset, target: Path) -> None:
    """Write a data set as N-Quads, the sentinel for tests that evaluate nothing."""
    quads: list[ox.Quad] = []
    for path in dataset.data:
        quads += _parse(path, None)
    for path in dataset.named:
        quads += _parse(path, ox.NamedNode(iri_of(path)))
    text = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    target.write_bytes(text if dataset.is_evaluated else SENTINEL.encode())


def _parse(path: Path, graph: ox.NamedNode | None) -> list[ox.Quad]:
    found = ox.parse(
        path=str(path), format=FORMATS[path.suffix], base_iri=iri_of(path), rename_blank_nodes=True
    )
    return [ox.Quad(q.subject, q.predicate, q.object, graph or ox.DefaultGraph()) for q in found]


def read_query(test: Test) -> str:
    """Return the text of a test's query. A query that is evaluated gets its file as base IRI (SPARQL 1.1, 4.1.1.2)."""
    text = test.query.read_bytes().decode("utf-8")
    return f"BASE <{iri_of(test.query)}>\n{text}" if test.kind == "evaluation" else text


def is_ordered(text: str) -> bool:
    """Whether a query orders its solutions: ORDER outside of all braces."""
    depth = 0
    for token in tokens(text):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth == 0 and token.kind == "word" and token.text.upper() == "ORDER":
            return True
    return False

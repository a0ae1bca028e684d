"""Loads the data set into a SPARQL 1.1 store: by the Graph Store Protocol, or by updates.

Every named graph goes under its name and the flat copy of all of them into the default graph, so that the store answers
as the built graph does (`kg.flat`). What was loaded is written down in one more graph, `PUSHED`: the description of the
data set and the names of its graphs. By it a later push finds the graphs that are no longer there, and removes those
and no others; by it a store is refused whose default graph holds something that is not ours. The list is written
before anything else and the version after everything, so that an interrupted push is completed by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from pyoxigraph import NamedNode, Quad, Triple

from kg.errors import EndpointError
from kg.namespaces import DCTERMS
from kg.remote.http import HttpClient, Reply
from kg.remote.store import PUSHED, RemoteStore
from kg.terms import bind, serialize_term
from kg.void import DATASET

BATCH_BYTES = 1 << 20
"""About how long one update may be: some stores refuse longer ones."""
DEFAULT_GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
NAMED_GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?graph { <urn:graph> } GRAPH ?graph { ?s ?p ?o } }"
Progress = Callable[[int, int], None]
Graph = NamedNode | None
"""A named graph, or the default graph."""


@dataclass(frozen=True)
class Pushed:
    """What was done: graphs and triples written (the default graph is one of the graphs), graphs removed."""

    graphs: int
    triples: int
    removed: int


class Target(Protocol):
    """A store that graphs are written to. Each method raises `EndpointError` where the store does not do it."""

    def read(self, graph: Graph) -> list[Triple]:
        """Return the triples of a graph, none if there is no such graph."""

    def is_empty(self) -> bool:
        """Return whether the default graph is empty."""

    def write(self, graphs: Iterable[tuple[Graph, Collection[Triple]]], done: Callable[[int], None]) -> None:
        """Replace graphs; `done` hears how many more have been written."""

    def remove(self, graphs: Collection[NamedNode]) -> None:
        """Remove named graphs; one that is not there is no error."""


class GraphStore:
    """A store that speaks the SPARQL 1.1 Graph Store HTTP Protocol; a graph is `?graph=IRI` or `?default`."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def read(self, graph: Graph) -> list[Triple]:
        """Return the triples of a graph, none if there is no such graph."""
        reply = self._send("GET", graph, {"Accept": "application/n-triples, text/turtle;q=0.9"})
        if reply.status in (204, 404):
            return []
        if reply.status != 200:
            raise self._http.failure(reply)
        rdf_format = ox.RdfFormat.from_media_type(reply.kind)
        if rdf_format is None:
            raise EndpointError(
                self._http.url,
                f"answered a request for a graph with {reply.kind or 'no media type'}: it is no graph store"
                " (an address of updates is told with --by update)",
            )
        try:
            return [quad.triple for quad in ox.parse(reply.body, format=rdf_format, base_iri=self._http.url)]
        except (SyntaxError, ValueError) as error:
            raise EndpointError(
                self._http.url, f"answered with {reply.kind} that cannot be read: {error}"
            ) from None

    def is_empty(self) -> bool:
        """Return whether the default graph is empty."""
        return not self.read(None)

    def write(self, graphs: Iterable[tuple[Graph, Collection[Triple]]], done: Callable[[int], None]) -> None:
        """Replace graphs, each with a request of its own."""
        for graph, triples in graphs:
            reply = self._send("PUT", graph, {"Content-Type": "application/n-triples"}, _lines(triples))
            if reply.status not in (200, 201, 204):
                raise self._http.failure(reply)
            done(1)

    def remove(self, graphs: Collection[NamedNode]) -> None:
        """Remove named graphs; one that is not there is no error."""
        for graph in graphs:
            reply = self._send("DELETE", graph)
            if reply.status not in (200, 202, 204, 404):
                raise self._http.failure(reply)

    def _send(
        self, method: str, graph: Graph, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        named = "default" if graph is None else f"graph={quote(graph.value, safe='')}"
        target = self._http.target
        return self._http.send(method, f"{target}{'&' if '?' in target else '?'}{named}", body, headers)


class Updates:
    """A store that takes SPARQL 1.1 updates; `queries` is the address where it answers queries."""

    def __init__(self, http: HttpClient, queries: RemoteStore, batch_bytes: int = BATCH_BYTES) -> None:
        self._http = http
        self._queries = queries
        self._batch_bytes = batch_bytes

    def read(self, graph: Graph) -> list[Triple]:
        """Return the triples of a graph, none if there is no such graph."""
        if graph is None:
            return list(self._queries.query(DEFAULT_GRAPH))
        return list(self._queries.query(bind(NAMED_GRAPH, {"graph": graph})))

    def is_empty(self) -> bool:
        """Return whether the default graph is empty."""
        return not self._queries.query("ASK { ?s ?p ?o }")

    def write(self, graphs: Iterable[tuple[Graph, Collection[Triple]]], done: Callable[[int], None]) -> None:
        """Replace graphs, many with one request."""
        waiting: list[str] = []
        count = size = 0
        for graph, triples in graphs:
            for operation in self._operations(graph, triples):
                if waiting and size + len(operation) > self._batch_bytes:
                    self._update(waiting)
                    done(count)
                    waiting, count, size = [], 0, 0
                waiting.append(operation)
                size += len(operation)
            count += 1
        if waiting:
            self._update(waiting)
            done(count)

    def remove(self, graphs: Collection[NamedNode]) -> None:
        """Remove named graphs; one that is not there is no error."""
        if graphs:
            self._update([f"DROP SILENT GRAPH {serialize_term(graph)}" for graph in graphs])

    def _operations(self, graph: Graph, triples: Iterable[Triple]) -> Iterator[str]:
        yield f"CLEAR SILENT {'DEFAULT' if graph is None else f'GRAPH {serialize_term(graph)}'}"
        lines: list[str] = []
        size = 0
        for triple in triples:
            line = f"{triple} ."
            if size + len(line) > self._batch_bytes // 2 and lines:
                yield _insert(graph, lines)
                lines, size = [], 0
            lines.append(line)
            size += len(line)
        if lines:
            yield _insert(graph, lines)

    def _update(self, operations: Iterable[str]) -> None:
        body = urlencode([("update", " ;\n".join(operations))]).encode()
        reply = self._http.send("POST", None, body, {"Content-Type": "application/x-www-form-urlencoded"})
        if reply.status not in (200, 202, 204):
            raise self._http.failure(reply)


def push(
    target: Target,
    named: Iterable[Quad],
    default: Collection[Triple],
    description: Collection[Triple],
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> Pushed:
    """Load a data set: quads of its named graphs, the default graph, and the description with the version.

    `replace` allows to replace a default graph that no push has written. Raises `EndpointError` if the store cannot be
    reached, refuses something, or holds a default graph that is not ours.
    """
    parts = _by_graph(named)
    before = _listed(target.read(PUSHED))
    if not before and not replace and not target.is_empty():
        raise EndpointError(
            _address(target),
            "its default graph holds triples that kg push did not put there; --replace would replace them,"
            " and named graphs of the same names",
        )
    total, written = len(parts) + 1, 0

    def done(more: int) -> None:
        nonlocal written
        written = min(total, written + more)
        if progress is not None:
            progress(written, total)

    def unheard(_more: int) -> None:
        """The list of graphs is none of the graphs that are counted."""

    gone = sorted(before - parts.keys(), key=str)
    every = [*parts, *gone]
    target.write([(PUSHED, _list(every))], unheard)  # before anything else: nothing is ever left over
    target.write([(None, default), *parts.items()], done)
    target.remove(gone)
    target.write([(PUSHED, sorted({*description, *_list(parts)}, key=str))], unheard)
    triples = len(default) + sum(map(len, parts.values()))
    return Pushed(total, triples, len(gone))


def _by_graph(named: Iterable[Quad]) -> dict[NamedNode, list[Triple]]:
    ordered = sorted(set(named), key=lambda q: (str(q.graph_name), str(q.triple)))
    found: dict[NamedNode, list[Triple]] = {}
    for graph, quads in groupby(ordered, key=lambda q: q.graph_name):
        if isinstance(graph, NamedNode):
            found[graph] = [quad.triple for quad in quads]
    return found


def _list(graphs: Iterable[NamedNode]) -> list[Triple]:
    return [Triple(DATASET, DCTERMS.hasPart, graph) for graph in graphs]


def _listed(triples: Iterable[Triple]) -> set[NamedNode]:
    return {
        t.object
        for t in triples
        if t.subject == DATASET and t.predicate == DCTERMS.hasPart and isinstance(t.object, NamedNode)
    }


def _lines(triples: Iterable[Triple]) -> bytes:
    return "".join(f"{triple} .\n" for triple in triples).encode()


def _insert(graph: Graph, lines: Iterable[str]) -> str:
    inside = "\n".join(lines)
    if graph is not None:
        inside = f"GRAPH {serialize_term(graph)} {{ {inside} }}"
    return f"INSERT DATA {{ {inside} }}"


def _address(target: Target) -> str:
    http = getattr(target, "_http", None)
    return http.url if isinstance(http, HttpClient) else "the store"

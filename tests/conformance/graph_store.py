"""The W3C suite for the Graph Store HTTP Protocol, read side.

Writes are refused and change nothing. What the suite reads after a write is read from a server that was started with
what the write would have made: so every GET and HEAD of the suite is held against its expected status and graph.
Graphs are named by `?graph=` and `?default`; naming one by its own address is for graphs below the address of the
server, which those of a file need not be.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
from rdflib import Graph, Node

from tests.conformance.compare import difference
from tests.conformance.evaluate import Outcome
from tests.conformance.manifest import MF, Test, entries, load
from tests.conformance.protocol import CNT, HT, READ_ONLY, Request, is_expected, read_requests
from tests.conformance.results import read_graph
from tests.conformance.server import Reply, Server

ADDRESS = "/graph"
"""Where the graph store is; the manifest calls it `/gsp`."""
_BASE = "http://www.example"


@dataclass
class State:
    """The graphs that a server would hold; the empty name is the default graph."""

    graphs: dict[str, set[ox.Triple]] = field(default_factory=dict)

    def apply(self, request: Request) -> None:
        """Do what a write asks for."""
        name = graph_name(request.target)
        if request.method == "DELETE":
            self.graphs.pop(name, None)
            return
        found: set[ox.Triple] = set()
        for content, kind in _parts(request):
            rdf_format = ox.RdfFormat.from_media_type(kind) or ox.RdfFormat.TURTLE
            base = name or f"{_BASE}/"
            quads = ox.parse(content, format=rdf_format, base_iri=base, rename_blank_nodes=True)
            found |= {quad.triple for quad in quads}
        self.graphs[name] = found | (self.graphs.get(name, set()) if request.method == "POST" else set())

    def write(self, path: Path) -> None:
        """Write all graphs as N-Quads."""
        quads = [
            ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(name) if name else ox.DefaultGraph())
            for name, triples in self.graphs.items()
            for t in triples
        ]
        path.write_bytes(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")


def graph_name(target: str) -> str:
    """Return the IRI of the graph that a request of the manifest names, nothing for the default graph.

    >>> graph_name("/gsp?graph=http://www.example/%2531"), graph_name("/gsp?default")
    ('http://www.example/%31', '')
    """
    return parse_qs(urlsplit(target).query).get("graph", [""])[0]


def run_graph_store(root: Path, only: str = "") -> list[Outcome]:
    """Run the suite `graph-store-protocol` below a folder of suites."""
    suite = "sparql11/graph-store-protocol"
    found: list[Outcome] = []
    for name in ("manifest-indirect.ttl", "manifest-direct.ttl"):
        manifest = root / suite / name
        if manifest.is_file():
            graph = load(manifest)
            for entry in entries(graph, manifest):
                if only in suite or only in str(entry):
                    found.append(_run(graph, entry, manifest, suite))  # noqa: PERF401
    return found


def _run(graph: Graph, entry: Node, manifest: Path, suite: str) -> Outcome:
    required = set(graph.objects(entry, MF.requires))
    reason = (
        "graphs are not named by their own address"
        if MF.DirectGraphIdentification in required
        else "writing: refused"
        if MF.POSTGraphCreation in required
        else ""
    )
    test = Test(
        str(entry), str(graph.value(entry, MF.name)), suite, "protocol", manifest, not_applicable=reason
    )
    if reason.startswith("graphs"):
        return Outcome(test)
    return Outcome(test, "; ".join(filter(None, _steps(graph, entry, only_writes=bool(reason)))))


def _steps(graph: Graph, entry: Node, *, only_writes: bool) -> Iterator[str]:
    """Run the requests of a test, each on a server that holds what the writes before it would have made."""
    state = State()
    requests = [r for r in read_requests(graph, entry) if not (only_writes and r.method in READ_ONLY)]
    while requests:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder, "data.nq")
            state.write(data)
            with Server([data], env={"KG_WORKERS": "1"}) as server:
                while requests:
                    request = requests.pop(0)
                    yield _step(graph, request, server)
                    if request.method not in READ_ONLY:
                        break
        if not only_writes and request.method not in READ_ONLY:
            state.apply(request)


def _step(graph: Graph, request: Request, server: Server) -> str:
    target = ADDRESS + request.target.removeprefix("/gsp")
    reply = server.request(request.method, target, request.headers, request.body)
    if request.method in READ_ONLY:
        problem = _read(graph, request, reply)
    else:
        problem = "" if reply.status in (403, 405) else f"a write got {reply.status}"
    return f"{request.method} {target}: {problem}" if problem else ""


def _read(graph: Graph, request: Request, reply: Reply) -> str:
    if not is_expected(reply.status, request.statuses):
        return f"expected {' or '.join(request.statuses)}, got {reply.status}"
    expected = graph.value(graph.value(request.node, HT.resp), HT.body)
    chars = graph.value(expected, CNT.chars)
    if chars is None or request.method == "HEAD":
        return "" if reply.body == b"" or request.method != "HEAD" else "HEAD has a body"
    base = graph_name(request.target) or f"{_BASE}/"
    if reply.media_type != "text/turtle":
        return f"answered as {reply.media_type}"
    return difference(read_graph(str(chars).encode(), "turtle", base), read_graph(reply.body, "turtle", base))


def _parts(request: Request) -> Iterator[tuple[bytes, str]]:
    """Yield the contents of a body, several for multipart/form-data."""
    kind = request.headers.get("content-type", "text/turtle")
    body = request.body or b""
    if not kind.startswith("multipart/"):
        yield body, kind.partition(";")[0]
        return
    boundary = b"--" + kind.partition("boundary=")[2].strip().strip('"').encode()
    for part in body.replace(b"\r\n", b"\n").split(boundary)[1:-1]:
        head, _, content = part.strip(b"\n").partition(b"\n\n")
        types = [
            line for line in head.decode().splitlines() if line.strip().lower().startswith("content-type:")
        ]
        yield content, types[0].partition(":")[2].partition(";")[0].strip() if types else "text/turtle"

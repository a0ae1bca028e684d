"""The W3C suites for the SPARQL 1.1 Protocol and Service Description, request by request as their manifests say.

What is about updates is held to what an endpoint for queries must do: refuse with a status of the 400s and change
nothing.
"""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pyoxigraph as ox
from rdflib import Graph, Namespace, Node, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS

from tests.conformance.evaluate import GRAPHS, ROWS, Outcome
from tests.conformance.manifest import MF, SD, UT, Test, entries, load
from tests.conformance.results import read, read_graph
from tests.conformance.server import Reply, Server

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
FORMATS = {"boolean": ROWS[:2], "tabular": ROWS, "RDF": GRAPHS}
READ_ONLY = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Request:
    """A request of a manifest and what has to come of it; `statuses` are codes (`200`) or classes (`4xx`)."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None
    statuses: tuple[str, ...]
    boolean: bool | None
    format: str
    node: Node

    @property
    def is_update(self) -> bool:
        """Whether the protocol reads it as an update."""
        kind = self.headers.get("content-type", "")
        return "sparql-update" in kind or b"update=" in (self.body or b"") or "update=" in self.target


def run_protocol(root: Path, only: str = "") -> list[Outcome]:
    """Run the suites `protocol` and `service-description` below a folder of suites."""
    found: list[Outcome] = []
    for suite, run in (("protocol", _protocol), ("service-description", _descriptions)):
        manifest = root / "sparql11" / suite / "manifest.ttl"
        if manifest.is_file() and (
            only in f"sparql11/{suite}" or only in str(entries(load(manifest), manifest))
        ):
            found += run(manifest, f"sparql11/{suite}")
    return [outcome for outcome in found if only in outcome.test.suite or only in outcome.test.iri]


def _protocol(manifest: Path, suite: str) -> Iterator[Outcome]:
    graph = load(manifest)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data.nq")
        data.write_bytes(_named_graphs(graph))
        with Server([data], env={"KG_WORKERS": "1"}) as server:
            before = server.query(_ALL, accept=ROWS[0]).body
            for entry in entries(graph, manifest):
                requests = list(read_requests(graph, entry))
                is_update = any(request.is_update for request in requests)
                not_applicable = "update: refused" if is_update else ""
                test = Test(
                    str(entry), str(graph.value(entry, MF.name)), suite, "update" if is_update else "protocol",
                    manifest, not_applicable=not_applicable,
                )  # fmt: skip
                problems = [_run(request, server, after_update=is_update) for request in requests]
                problem = "; ".join(filter(None, problems))
                if server.query(_ALL, accept=ROWS[0]).body != before:
                    problem = f"the data has changed; {problem}"
                yield Outcome(test, problem)


_ALL = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?g ?s ?p ?o"


def _named_graphs(graph: Graph) -> bytes:
    """Return the data of all tests as N-Quads: they agree on which graph is called what."""
    quads: set[ox.Quad] = set()
    for node in set(graph.objects(None, UT.graphData)):
        path = Path(str(graph.value(node, UT.graph)).removeprefix("file://"))
        name = ox.NamedNode(str(graph.value(node, RDFS.label)))
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES):
            quads.add(ox.Quad(quad.subject, quad.predicate, quad.object, name))
    return ox.serialize(sorted(quads, key=str), format=ox.RdfFormat.N_QUADS) or b""


def read_requests(graph: Graph, entry: Node) -> Iterator[Request]:
    """Yield the requests of a test in their order."""
    action = graph.value(entry, MF.action)
    listed: Any = graph.value(action, HT.requests)
    for node in Collection(graph, listed):
        reply = graph.value(node, HT.resp)
        body = graph.value(node, HT.body)
        encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8")
        chars = graph.value(body, CNT.chars)
        boolean = graph.value(reply, MF.expectedBoolean)
        yield Request(
            method=str(graph.value(node, HT.methodName)),
            target=str(graph.value(node, HT.absolutePath)),
            headers=_headers(graph, node),
            body=None if chars is None else str(chars).encode(encoding),
            statuses=tuple(sorted(_code(status) for status in graph.objects(reply, MF.expectedStatus))),
            boolean=None if boolean is None else str(boolean) == "true",
            format=str(graph.value(reply, MF.expectedFormat) or ""),
            node=node,
        )


def _headers(graph: Graph, node: Node) -> dict[str, str]:
    listed: Any = graph.value(node, HT.headers)
    fields = Collection(graph, listed) if listed is not None else []
    return {str(graph.value(f, HT.fieldName)).lower(): str(graph.value(f, HT.fieldValue)) for f in fields}


def _code(status: Node) -> str:
    """Return `404` for hts:NotFound, `4xx` for hts:StatusCode4xx."""
    name = str(status).rpartition("#")[2]
    if name.startswith("StatusCode"):
        return name.removeprefix("StatusCode")
    return next(str(code) for code, words in http.client.responses.items() if words.replace(" ", "") == name)


def is_expected(status: int, statuses: tuple[str, ...]) -> bool:
    """Tell whether a status is one of those expected, or of their class."""
    return str(status) in statuses or f"{status // 100}xx" in statuses


def _run(request: Request, server: Server, *, after_update: bool) -> str:
    target = "/sparql" + request.target.removeprefix("/sparql/")
    reply = server.request(request.method, target, request.headers, request.body)
    shown = f"{request.method} {unquote_plus(target)[:120]} {(request.body or b'')[:80]!r}"
    if request.is_update:
        if reply.status // 100 != 4 or reply.status == 404:
            return f"{shown}: an update got {reply.status}"
        return "" if reply.body.strip() else f"{shown}: refused without a word"
    if request.statuses == ("4xx",) and reply.status // 100 == 4:
        return "" if reply.body.strip() else f"{shown}: refused without a word"
    if not is_expected(reply.status, request.statuses):
        return f"{shown}: expected {' or '.join(request.statuses)}, got {reply.status}: {reply.text.strip()[:200]}"
    problem = _content(request, reply, after_update=after_update)
    return f"{shown}: {problem}" if problem else ""


def _content(request: Request, reply: Reply, *, after_update: bool) -> str:
    """Check format and boolean; what a refused update would have made true is not asked."""
    if not request.format:
        return ""
    if reply.media_type not in FORMATS[request.format]:
        return f"expected {request.format}, got {reply.media_type}"
    answer = read(reply.body, reply.media_type)
    if request.boolean is not None and not after_update:
        return "" if answer.boolean == request.boolean else f"expected {request.boolean}"
    return ""


def _descriptions(manifest: Path, suite: str) -> Iterator[Outcome]:
    """Ask for the service description in each syntax; the manifest names the tests and leaves the rest to us."""
    checks = {
        "returns-rdf": _returns_rdf,
        "has-endpoint-triple": _has_endpoint,
        "conforms-to-schema": _conforms_to_schema,
    }
    graph = load(manifest)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data.nq")
        data.write_text("<urn:a> <urn:b> <urn:c> .\n")
        with Server([data], env={"KG_WORKERS": "1"}) as server:
            for entry in entries(graph, manifest):
                test = Test(str(entry), str(graph.value(entry, MF.name)), suite, "protocol", manifest)
                check = checks.get(str(entry).rpartition("#")[2])
                problems = [check(server, kind) for kind in GRAPHS] if check else ["no such check here"]
                yield Outcome(test, "; ".join(filter(None, problems)))


def _returns_rdf(server: Server, media_type: str) -> str:
    reply = server.request("GET", "/sparql", {"Accept": media_type})
    if reply.status != 200 or reply.media_type != media_type:
        return f"{media_type}: status {reply.status}, {reply.media_type}"
    return "" if read_graph(reply.body, media_type).triples else f"{media_type}: no triples"


def _description(server: Server, media_type: str) -> Graph:
    graph = Graph()
    graph.parse(data=server.request("GET", "/sparql", {"Accept": media_type}).body, format=media_type)
    return graph


def _has_endpoint(server: Server, media_type: str) -> str:
    found = [str(o) for o in _description(server, media_type).objects(None, SD.endpoint)]
    return "" if found == [f"{server.base}/sparql"] else f"{media_type}: sd:endpoint {found}"


_RANGES = {
    "endpoint": None, "supportedLanguage": "Language", "resultFormat": None, "inputFormat": None,
    "feature": "Feature", "defaultDataset": "Dataset", "availableGraphs": "GraphCollection", "defaultGraph": "Graph",
    "namedGraph": "NamedGraph", "name": None, "graph": "Graph", "extensionFunction": "Function",
    "extensionAggregate": "Aggregate", "languageExtension": "Feature", "propertyFeature": "Feature",
    "defaultEntailmentRegime": "EntailmentRegime", "entailmentRegime": "EntailmentRegime",
    "defaultSupportedEntailmentProfile": "EntailmentProfile", "supportedEntailmentProfile": "EntailmentProfile",
}  # fmt: skip
_CLASSES = frozenset({*filter(None, _RANGES.values()), "Service"})
_INSTANCES = frozenset(
    [
        "SPARQL10Query",
        "SPARQL11Query",
        "SPARQL11Update",
        "DereferencesURIs",
        "UnionDefaultGraph",
        "RequiresDataset",
        "EmptyGraphs",
        "BasicFederatedQuery",
    ]
)


def _conforms_to_schema(server: Server, media_type: str) -> str:
    """Check the terms of sd: (SPARQL 1.1 Service Description, section 3): known ones, of the right subjects."""
    graph = _description(server, media_type)
    services = list(graph.subjects(RDF.type, SD.Service))
    if len(services) != 1:
        return f"{media_type}: {len(services)} services"
    for s, p, o in graph:
        name = str(p).removeprefix(str(SD))
        if str(p).startswith(str(SD)) and name not in _RANGES:
            return f"{media_type}: sd:{name} is not in the vocabulary"
        known = _CLASSES | _INSTANCES
        if isinstance(o, URIRef) and str(o).startswith(str(SD)) and str(o).removeprefix(str(SD)) not in known:
            return f"{media_type}: {o} is not in the vocabulary"
        wanted = _RANGES.get(name) if str(p).startswith(str(SD)) else None
        needs_type = wanted in ("Dataset", "Graph", "GraphCollection", "NamedGraph")
        if needs_type and (o, RDF.type, SD[str(wanted)]) not in graph:
            return f"{media_type}: the object of sd:{name} is no sd:{wanted}"
        of_service = name in ("endpoint", "supportedLanguage", "resultFormat", "feature", "defaultDataset")
        if of_service and s != services[0]:
            return f"{media_type}: sd:{name} of something that is not the service"
    missing = [
        n for n in ("supportedLanguage", "resultFormat", "defaultDataset") if (None, SD[n], None) not in graph
    ]
    return f"{media_type}: no sd:{missing[0]}" if missing else ""

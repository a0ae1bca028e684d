"""The manifests of the W3C suites: which tests there are, and what each needs.

What an endpoint that answers queries, and nothing else, is not made for is not left out: an update and a federated
query have to be refused. `not_applicable` says why such a test is not counted among the passed ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rdflib import Graph, Namespace, Node, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")

UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")

VERSIONS = ("sparql10", "sparql11")


@dataclass(frozen=True)
class Test:
    """One test of a query suite.

    `kind` is `evaluation`, `positive` or `negative` (syntax), `federated`, `update`, or `protocol` for all that is
    told request by request; `named` holds the files of named graphs; `lax` allows fewer duplicates (REDUCED). Files
    are paths; the IRI of a graph is the address of its file, see `iri_of`.
    """

    __test__ = False

    iri: str
    name: str
    suite: str
    kind: str
    query: Path
    data: tuple[Path, ...] = ()
    named: tuple[Path, ...] = ()
    result: Path | None = None
    lax: bool = False
    not_applicable: str = ""


def iri_of(path: Path) -> str:
    """Return the IRI of a file of a suite: the name of the graph that it holds, the base of what it contains."""
    return path.resolve().as_uri()


def find_root(suites: Path) -> Path | None:
    """Return the folder that holds `sparql10` and `sparql11`: the one given, or `sparql` in it; `None` without."""
    for folder in (suites, suites / "sparql"):
        if all((folder / version).is_dir() for version in VERSIONS):
            return folder
    return None


def read_tests(root: Path) -> Iterator[Test]:
    """Yield the tests of all query suites below a folder, in the order of the manifests."""
    for version in VERSIONS:
        for manifest in sorted((root / version).glob("*/manifest.ttl")):
            yield from _read(manifest, f"{version}/{manifest.parent.name}")


def load(manifest: Path) -> Graph:
    """Return a manifest as a graph, its relative IRIs resolved against its file."""
    return Graph().parse(manifest, format="turtle", publicID=iri_of(manifest))


def entries(graph: Graph, manifest: Path) -> list[Node]:
    """Return the tests that a manifest lists, in its order."""
    found = graph.value(URIRef(iri_of(manifest)), MF.entries)
    return list(Collection(graph, found)) if found is not None else []


def _read(manifest: Path, suite: str) -> Iterator[Test]:
    graph = load(manifest)
    for entry in entries(graph, manifest):
        for kind in graph.objects(entry, RDF.type):
            made = _test(graph, entry, str(kind).rpartition("#")[2], suite)
            if made is not None:
                yield made


_KINDS = {
    "QueryEvaluationTest": "evaluation",
    "CSVResultFormatTest": "evaluation",
    "PositiveSyntaxTest": "positive",
    "PositiveSyntaxTest11": "positive",
    "NegativeSyntaxTest": "negative",
    "NegativeSyntaxTest11": "negative",
}
_UPDATE_KINDS = frozenset(
    [
        "UpdateEvaluationTest",
        "PositiveUpdateSyntaxTest11",
        "NegativeUpdateSyntaxTest11",
        "NegativeUpdateSyntaxTest",
    ]
)


def _test(graph: Graph, entry: Node, kind: str, suite: str) -> Test | None:
    name = str(graph.value(entry, MF.name) or graph.value(entry, RDFS.label) or entry)
    action: Any = graph.value(entry, MF.action)
    if kind in _UPDATE_KINDS or suite.endswith("/delete-insert"):  # some there are typed as tests of queries
        text = graph.value(action, UT.request)
        path = _path(text if text is not None else action)
        return Test(str(entry), name, suite, "update", path, not_applicable="update: refused")
    if kind not in _KINDS:
        return None
    text = graph.value(action, QT.query)
    result = graph.value(entry, MF.result)
    is_federated = (action, QT.serviceData, None) in graph or suite.endswith(("/service", "/syntax-fed"))
    return Test(
        iri=str(entry),
        name=name,
        suite=suite,
        kind="federated" if is_federated else _KINDS[kind],
        query=_path(text if text is not None else action),
        data=_paths(graph, action, QT.data),
        named=_paths(graph, action, QT.graphData),
        result=_path(result) if result is not None else None,
        lax=(entry, MF.resultCardinality, MF.LaxCardinality) in graph,
        not_applicable="federation: refused"
        if is_federated
        else "entailment: the endpoint answers with what is stated"
        if (action, SD.entailmentRegime, None) in graph or suite.endswith("/entailment")
        else "",
    )


def _paths(graph: Graph, action: Any, predicate: URIRef) -> tuple[Path, ...]:
    return tuple(sorted(_path(found) for found in graph.objects(action, predicate)))


def _path(iri: Any) -> Path:
    return Path(unquote(urlsplit(str(iri)).path))

"""Four clients that are not ours ask the served graph, each with all four forms of a query.

What they read has to be what the store itself answers, term by term. A client that is not there is a failure that says
what to install, never a skip.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kg.namespaces import PREFIXES
from kg.snapshot import open_snapshot
from tests.clients import packages

Terms = frozenset[tuple[str, ...]]
"""Rows or triples, each a tuple of terms in N-Triples, unbound ones empty."""

HEAD = "".join(
    f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("id", "sg", "sgv", "org", "rdfs", "prov")
)
SELECT = {
    "names and dates": HEAD
    + """SELECT ?tenure ?who ?name ?start ?day WHERE {
           ?tenure org:post id:post-dcs-somerset ; org:member ?who . ?who rdfs:label ?name
           OPTIONAL { ?tenure sg:start ?start . ?start sg:earliest ?day } }""",
    "evidence": HEAD
    + """SELECT ?g ?claim ?sentence WHERE {
           GRAPH ?g { id:tenure-wooster-dcs ?p ?o } ?g sg:restsOn ?claim . ?claim rdfs:label ?sentence }""",
    "numbers": HEAD
    + "SELECT ?kind (COUNT(*) AS ?n) (MIN(?claim) AS ?one) WHERE { ?claim a sg:Claim ; sg:assertionKind ?kind }"
    " GROUP BY ?kind",
    "no rows": HEAD + "SELECT ?x WHERE { ?x a sg:NoSuchClass }",
}
ASK = {
    True: HEAD + "ASK { GRAPH ?g { ?tenure org:member id:julian-wooster } }",
    False: HEAD + "ASK { id:julian-wooster a sg:Council }",
}
GRAPHS = {
    "construct": HEAD
    + """CONSTRUCT { ?who rdfs:label ?name ; prov:wasDerivedFrom ?g }
         WHERE { GRAPH ?g { ?tenure org:member ?who } ?who rdfs:label ?name }""",
    "describe": HEAD + "DESCRIBE id:julian-wooster id:ofsted",
    "nothing": HEAD + "CONSTRUCT WHERE { ?x a sg:NoSuchClass }",
}
MALFORMED = "SELECT ?s WHERE {\n  ?s ?p }"


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[ox.Store]:
    with open_snapshot(built) as snapshot:
        yield snapshot.store


@pytest.fixture(scope="module")
def endpoint(live_server: str) -> str:
    return f"{live_server}sparql"


def rows_of(store: ox.Store, query: str) -> Terms:
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    return frozenset(tuple("" if term is None else str(term) for term in row) for row in solutions)


def triples_of(store: ox.Store, form: str) -> Terms:
    found = {tuple(map(str, triple)) for triple in store.query(GRAPHS[form])}  # type: ignore[union-attr]
    if form == "describe":  # both ways, which is the service's to decide
        for iri in ("julian-wooster", "ofsted"):
            node = ox.NamedNode(f"{PREFIXES['id']}{iri}")
            quads = store.quads_for_pattern(None, None, node, ox.DefaultGraph())
            found |= {tuple(map(str, quad.triple)) for quad in quads}
        assert len(found) > 100
    return frozenset(found)


def parsed(body: bytes, media_type: str) -> Terms:
    form = ox.RdfFormat.from_media_type(media_type)
    assert form is not None
    return frozenset(tuple(map(str, quad.triple)) for quad in ox.parse(body, format=form))


def rows_in(body: bytes, media_type: str) -> Terms:
    form = ox.QueryResultsFormat.from_media_type(media_type)
    assert form is not None
    solutions = ox.parse_query_results(body, format=form)
    assert isinstance(solutions, ox.QuerySolutions)
    return frozenset(tuple("" if term is None else str(term) for term in row) for row in solutions)


# --- curl


def curl(endpoint: str, query: str, accept: str, *how: str) -> bytes:
    """Ask by GET, or as `how` says; the body, after a look at the status and the type."""
    program = shutil.which("curl")
    if program is None:
        pytest.fail("there is no curl: sudo apt install curl")
    how = how or ("--get", "--data-urlencode", f"query={query}")
    told = "%{stderr}%{http_code} %{content_type}"
    done = subprocess.run(
        [
            program,
            "--silent",
            "--show-error",
            "--max-time",
            "30",
            "-H",
            f"Accept: {accept}",
            "-w",
            told,
            *how,
            endpoint,
        ],
        input=query.encode(),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    status, _, kind = done.stderr.decode().partition(" ")
    assert (status, kind.partition(";")[0]) == ("200", accept), done.stdout.decode()
    return done.stdout


POSTS = {
    "get": (),
    "form": ("--data-urlencode", "query@-"),
    "direct": ("-H", "Content-Type: application/sparql-query", "--data-binary", "@-"),
}


@pytest.mark.parametrize("name", SELECT)
@pytest.mark.parametrize(
    ("how", "kind"), [("get", "json"), ("form", "xml"), ("direct", "json"), ("form", "tsv")]
)
def test_curl_select(endpoint: str, store: ox.Store, name: str, how: str, kind: str) -> None:
    types = {"json": "application/sparql-results+json", "xml": "application/sparql-results+xml"}
    accept = types.get(kind, "text/tab-separated-values")
    assert rows_in(curl(endpoint, SELECT[name], accept, *POSTS[how]), accept) == rows_of(store, SELECT[name])


def test_curl_ask(endpoint: str) -> None:
    for expected, query in ASK.items():
        body = json.loads(curl(endpoint, query, "application/sparql-results+json"))
        assert body["boolean"] is expected


@pytest.mark.parametrize("form", GRAPHS)
@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]
)
def test_curl_graphs(endpoint: str, store: ox.Store, form: str, accept: str) -> None:
    assert parsed(curl(endpoint, GRAPHS[form], accept, *POSTS["form"]), accept) == triples_of(store, form)


# --- SPARQLWrapper


def wrapper(endpoint: str, query: str, returned: str, method: str | None = None, direct: bool = False) -> Any:
    asked = SPARQLWrapper(endpoint, returnFormat=returned)
    if method:
        asked.setMethod(method)
    if direct:
        asked.setRequestMethod(POSTDIRECTLY)
    asked.setTimeout(30)
    asked.setQuery(query)
    return asked.query()


@pytest.mark.parametrize("name", SELECT)
@pytest.mark.parametrize(("method", "direct"), [(None, False), (POST, False), (POST, True)])
def test_sparqlwrapper_select(
    endpoint: str, store: ox.Store, name: str, method: str | None, direct: bool
) -> None:
    found = wrapper(endpoint, SELECT[name], JSON, method, direct).convert()
    names = found["head"]["vars"]
    rows = frozenset(tuple(term_of(row.get(name)) for name in names) for row in found["results"]["bindings"])
    assert rows == rows_of(store, SELECT[name])


def term_of(binding: dict[str, str] | None) -> str:
    """A term of SPARQL JSON results as N-Triples."""
    if binding is None:
        return ""
    value, language, datatype = binding["value"], binding.get("xml:lang"), binding.get("datatype")
    if binding["type"] == "uri":
        return str(ox.NamedNode(value))
    if language:
        return str(ox.Literal(value, language=language))
    return str(ox.Literal(value, datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(value))


def test_sparqlwrapper_other_results(endpoint: str, store: ox.Store) -> None:
    query = SELECT["names and dates"]
    count = len(list(store.query(query)))  # type: ignore[arg-type]
    document = wrapper(endpoint, query, XML).convert()
    assert len(document.getElementsByTagName("result")) == count > 1
    for returned in (CSV, TSV):
        assert len(wrapper(endpoint, query, returned).convert().decode().splitlines()) == count + 1


def test_sparqlwrapper_ask(endpoint: str) -> None:
    for expected, query in ASK.items():
        assert wrapper(endpoint, query, JSON).convert()["boolean"] is expected


@pytest.mark.parametrize("form", GRAPHS)
def test_sparqlwrapper_graphs(endpoint: str, store: ox.Store, form: str) -> None:
    expected = triples_of(store, form)
    graph = wrapper(endpoint, GRAPHS[form], RDFXML).convert()  # an rdflib graph
    assert n3_of(graph) == expected
    assert parsed(wrapper(endpoint, GRAPHS[form], TURTLE).convert(), "text/turtle") == expected


def test_sparqlwrapper_hears_what_is_wrong(endpoint: str) -> None:
    with pytest.raises(QueryBadFormed, match="line 2, column"):
        wrapper(endpoint, MALFORMED, JSON)


# --- rdflib's SPARQLStore


def n3_of(graph: rdflib.Graph) -> Terms:
    body = graph.serialize(format="nt", encoding="utf-8")
    return parsed(body, "application/n-triples")


def rdflib_rows(result: rdflib.query.Result) -> Terms:
    return frozenset(tuple("" if term is None else ox_of(term) for term in row) for row in result)


def ox_of(term: Any) -> str:
    (quad,) = ox.parse(f"<urn:x> <urn:x> {term.n3()} .".encode(), format=ox.RdfFormat.N_TRIPLES)
    return str(quad.object)


@pytest.mark.parametrize("name", SELECT)
@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("returned", ["xml", "json"])
def test_rdflib_select(endpoint: str, store: ox.Store, name: str, method: str, returned: str) -> None:
    graph = rdflib.Graph(SPARQLStore(endpoint, method=method, returnFormat=returned))
    assert rdflib_rows(graph.query(SELECT[name])) == rows_of(store, SELECT[name])


def test_rdflib_ask(endpoint: str) -> None:
    graph = rdflib.Graph(SPARQLStore(endpoint))
    assert [bool(graph.query(query)) for query in ASK.values()] == list(ASK)


@pytest.mark.parametrize("form", GRAPHS)
def test_rdflib_graphs(endpoint: str, store: ox.Store, form: str) -> None:
    found = rdflib.Graph(SPARQLStore(endpoint)).query(GRAPHS[form]).graph
    assert found is not None
    assert n3_of(found) == triples_of(store, form)


def test_rdflib_reads_triples_and_named_graphs(endpoint: str, store: ox.Store) -> None:
    person = rdflib.URIRef(f"{PREFIXES['id']}julian-wooster")
    graph = rdflib.Graph(SPARQLStore(endpoint))
    node = ox.NamedNode(str(person))
    quads = list(store.quads_for_pattern(node, None, None, ox.DefaultGraph()))
    assert {ox_of(o) for _, _, o in graph.triples((person, None, None))} == {str(q.object) for q in quads}
    register = rdflib.URIRef(f"{PREFIXES['graph']}register")
    named = rdflib.Graph(SPARQLStore(endpoint), identifier=register)
    inside = list(store.quads_for_pattern(node, None, None, ox.NamedNode(str(register))))
    assert {ox_of(o) for _, _, o in named.triples((person, None, None))} == {str(q.object) for q in inside}
    contexts = {str(c) for c in SPARQLStore(endpoint).contexts((person, None, None))}
    assert str(register) in contexts


def test_rdflib_hears_what_is_wrong(endpoint: str) -> None:
    with pytest.raises(ValueError, match="your SPARQL query"):
        rdflib.Graph(SPARQLStore(endpoint)).query(MALFORMED)


# --- Comunica

COMUNICA = [
    *(("select", query) for query in SELECT.values()),
    *(("ask", query) for query in ASK.values()),
    *(("graph", query) for query in GRAPHS.values()),
    ("select", MALFORMED),
]


@pytest.fixture(scope="module")
def comunica(endpoint: str) -> Callable[[str], Any]:
    """What Comunica answers to a query of the list above; one process asks them all."""
    if not packages.are_there():
        pytest.fail("Comunica is not installed: python3 run.py test, or python -m tests.clients.packages")
    asked = {"endpoint": endpoint, "queries": [{"form": form, "query": query} for form, query in COMUNICA]}
    done = subprocess.run(
        [packages.node(), "comunica.mjs"],
        cwd=packages.FOLDER,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    return lambda query: answers[[q for _, q in COMUNICA].index(query)]


def comunica_term(term: dict[str, str] | None) -> str:
    kind = {"NamedNode": "uri"}.get(term["type"], "literal") if term else ""
    return term_of({**term, "type": kind, "xml:lang": term.get("language", "")} if term else None)


@pytest.mark.parametrize("name", SELECT)
def test_comunica_select(comunica: Callable[[str], Any], store: ox.Store, name: str) -> None:
    solutions = store.query(SELECT[name])
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    found = frozenset(tuple(comunica_term(row.get(name)) for name in names) for row in comunica(SELECT[name]))
    assert found == rows_of(store, SELECT[name])


def test_comunica_ask(comunica: Callable[[str], Any]) -> None:
    assert [comunica(query) for query in ASK.values()] == list(ASK)


@pytest.mark.parametrize("form", GRAPHS)
def test_comunica_graphs(comunica: Callable[[str], Any], store: ox.Store, form: str) -> None:
    found = frozenset(tuple(map(comunica_term, triple)) for triple in comunica(GRAPHS[form]))
    assert found == triples_of(store, form)


def test_comunica_hears_what_is_wrong(comunica: Callable[[str], Any]) -> None:
    assert "error" in comunica(MALFORMED)

"""`kg push` and `kg serve --endpoint` against a store that is not ours: the Oxigraph server, a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import URLError
from urllib.request import urlopen

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kg.cli import main
from kg.errors import EndpointError, PoolBusy, QueryError, QueryRefused, QueryTimeout, QueryTooLarge
from kg.namespaces import GRAPH, PREFIXES
from kg.remote.http import HttpClient
from kg.remote.push import GraphStore, Target, Updates, push
from kg.remote.store import PUSHED, RemotePool, RemoteStore
from kg.settings import Settings
from kg.snapshot import open_snapshot
from kg.workers.pool import Limits, NoSuitableFormat, QueryRequest
from tests.adversarial.queries import federated
from tests.processes import PATIENCE, eventually
from web import create_app
from web.serving.served import source_of
from web.serving.server import free_port

A, B, C = (ox.NamedNode(f"urn:{name}") for name in "abc")
DESCRIPTION = [ox.Triple(A, B, C)]


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty store of the Oxigraph server."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    assert program, "the package oxigraph is not installed: python3 run.py test"
    port = free_port("127.0.0.1", 0)
    place = tmp_path_factory.mktemp("oxigraph")
    command = [program, "serve", "--location", str(place), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            with suppress(URLError):
                urlopen(f"{address}/query?query=ASK%7B%7D", timeout=PATIENCE).close()
                return True
            return False

        assert eventually(answers)
        yield address
        process.terminate()


@pytest.fixture
def empty(oxigraph: str) -> str:
    """The same, emptied."""
    sent = HttpClient(f"{oxigraph}/update").send(
        "POST", body=b"CLEAR ALL", headers={"Content-Type": "application/sparql-update"}
    )
    assert sent.status == 204
    return oxigraph


def target(address: str, by: str) -> Target:
    if by == "graph-store":
        return GraphStore(HttpClient(f"{address}/store"))
    return Updates(HttpClient(f"{address}/update"), RemoteStore(f"{address}/query"), batch_bytes=200)


def graphs_in(address: str) -> dict[str, int]:
    query = "SELECT ?g (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } GROUP BY ?g"
    rows = RemoteStore(f"{address}/query").query(query)
    return {g.value if g else "": int(n.value) for g, n in rows if int(n.value)}


def some(graph: str, count: int) -> list[ox.Quad]:
    name = ox.NamedNode(graph)
    return [ox.Quad(A, B, ox.Literal(f'"{n}" \\ \n é {graph}'), name) for n in range(count)]


@pytest.mark.parametrize("by", ["graph-store", "update"])
def test_a_push_replaces_what_a_push_wrote_and_nothing_else(empty: str, by: str) -> None:
    store = target(empty, by)
    GraphStore(HttpClient(f"{empty}/store")).write(
        [(ox.NamedNode("urn:other"), [ox.Triple(A, B, C)])], lambda _: None
    )
    first = [*some("urn:g1", 30), *some("urn:g2", 1)]
    done = push(store, first, [q.triple for q in first], DESCRIPTION)
    assert (done.graphs, done.triples, done.removed) == (3, 62, 0)
    assert graphs_in(empty) == {"": 31, "urn:g1": 30, "urn:g2": 1, "urn:other": 1, PUSHED.value: 3}
    assert set(store.read(None)) == {q.triple for q in first}
    second = [*some("urn:g1", 2), *some("urn:g3", 1)]
    seen: list[tuple[int, int]] = []
    done = push(store, second, [ox.Triple(A, B, C)], DESCRIPTION, progress=lambda *at: seen.append(at))
    assert (done.graphs, done.removed, seen[-1]) == (3, 1, (3, 3))
    assert graphs_in(empty) == {"": 1, "urn:g1": 2, "urn:g3": 1, "urn:other": 1, PUSHED.value: 3}


def test_an_interrupted_push_is_completed_by_the_next(empty: str) -> None:
    store = GraphStore(HttpClient(f"{empty}/store"))
    push(store, some("urn:old", 1), [], DESCRIPTION)
    with pytest.raises(ZeroDivisionError):
        push(store, some("urn:half", 1), [], DESCRIPTION, progress=lambda *_: 1 // 0)  # type: ignore[arg-type, return-value]
    assert DESCRIPTION[0] not in store.read(PUSHED)
    push(store, some("urn:new", 1), [], DESCRIPTION)
    assert {"urn:old", "urn:half"}.isdisjoint(graphs_in(empty))
    assert DESCRIPTION[0] in store.read(PUSHED)


@pytest.mark.parametrize("by", ["graph-store", "update"])
def test_a_default_graph_of_others_is_not_touched(empty: str, by: str) -> None:
    other = GraphStore(HttpClient(f"{empty}/store"))
    other.write([(None, [ox.Triple(C, B, A)])], lambda _: None)
    with pytest.raises(EndpointError, match="that kg push did not put there; --replace"):
        push(target(empty, by), some("urn:mine", 1), [], DESCRIPTION)
    assert other.read(None) == [ox.Triple(C, B, A)]
    assert "urn:mine" not in graphs_in(empty)
    push(target(empty, by), some("urn:mine", 1), [], DESCRIPTION, replace=True)
    assert other.read(None) == []


def kg(*args: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    done = CliRunner().invoke(main, args, env=env)
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("nonsense", (), "is not an address"),
        ("ftp://127.0.0.1/x", (), "is not an address"),
        ("http://user:secret@127.0.0.1/x", (), "holds no user and password"),
        ("http://127.0.0.1:1/store", (), "cannot be reached: connection refused"),
        ("OXIGRAPH/nowhere", (), "answered 404"),
        ("OXIGRAPH/store", ("--queries", "http://127.0.0.1:1/"), "--queries goes with updates"),
        ("OXIGRAPH/store", ("--by", "update"), "answered 4"),
        ("OXIGRAPH/query", (), "answered 4"),
    ],
)
def test_a_wrong_address_is_told(
    oxigraph: str, built: Path, url: str, options: tuple[str, ...], words: str
) -> None:
    address = url.replace("OXIGRAPH", oxigraph)
    code, said = kg("push", address, "--replace", *options, "--out", str(built))
    assert (code, said.count("\n")) == (2, 1), said
    assert said.startswith("kg: ")
    assert words in said
    assert "secret" not in said


# --- the site over another store


@pytest.fixture(scope="module")
def filled(oxigraph: str, built: Path) -> str:
    code, said = kg("push", f"{oxigraph}/update", "--replace", "--out", str(built))
    assert code == 0, said
    assert said.startswith("pushed version ")
    return f"{oxigraph}/query"


@pytest.fixture(scope="module")
def here(built: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(out=built, workers=1, access_log="none"))
    yield app.test_client()
    source_of(app).close()


@pytest.fixture(scope="module")
def there(filled: str) -> Iterator[FlaskClient]:
    app = create_app(Settings(endpoint=filled, access_log="none"))
    yield app.test_client()
    source_of(app).close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/timeline",
        "/disagreements",
        "/page/julian-wooster",
        "/page/somerset-county-council",
        "/data/julian-wooster.trig",
        "/search?q=woster",
        "/questions/wooster-start?format=json",
        "/browse",
        "/brief/somerset-county-council",
        "/.well-known/sparql-examples",
        "/healthz",
        "/sparql?format=csv&query=SELECT * { ?c a sg:Council } ORDER BY ?c",
        "/sparql?format=nt&query=CONSTRUCT WHERE { ?c a sg:Council }",
        "/sparql?format=xml&query=ASK { id:ofsted ?p ?o }",
    ],
)
def test_the_site_is_the_same_over_another_store(here: FlaskClient, there: FlaskClient, path: str) -> None:
    mine, other = here.get(path), there.get(path)
    assert (mine.status_code, other.status_code) == (200, 200)
    assert mine.data == other.data
    assert mine.headers.get("X-Data-Version") == other.headers.get("X-Data-Version")


def test_what_only_a_build_has_is_not_there(there: FlaskClient) -> None:
    assert "There are no files here" in there.get("/downloads").text
    for path in ("/downloads/scrutiny-graph.ttl", "/changes", "/changes.atom", "/quality.ttl"):
        assert there.get(path).status_code == 404
    assert there.get("/quality").status_code == 200
    described = there.get("/.well-known/void").text
    assert "dcat:DataService" in described
    assert "downloads/" not in described
    assert there.get("/graph?default").text.count("\n") > 10_000


def test_the_fences_stand_before_another_store(there: FlaskClient) -> None:
    escaped = "ASK { \\u0053ERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"
    queries = [
        *(query for _, query in federated("http://127.0.0.1:1/")),
        escaped,
        "ASK { } # \\u000A SERVICE <urn:x> { }",
    ]
    assert len(queries) > 20
    for query in queries:
        answer = there.get("/sparql", query_string={"query": query})
        assert answer.status_code in (400, 403), query
        assert "SERVICE is refused" in answer.text or answer.status_code == 400
    assert there.post("/sparql", data={"query": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}).status_code == 403
    assert there.get("/sparql", query_string={"query": "SELEC *"}).status_code == 400


def test_limits_hold_before_another_store(filled: str) -> None:
    pool = RemotePool(filled, Limits(rows=5, bytes=2000, seconds=2.0), known_prefixes=PREFIXES)
    answer = pool.run(QueryRequest("SELECT ?s { ?s a <urn:none> } ", ("csv",)))
    assert (answer.rows, answer.truncated, answer.body) == (0, False, b"s\r\n")
    answer = pool.run(
        QueryRequest("SELECT ?s { ?s a sg:Council, sg:Council } LIMIT 6", ("tsv",), prefixes=PREFIXES)
    )
    assert answer.rows == 5
    with pytest.raises(QueryTooLarge, match="2000 bytes"):
        pool.run(QueryRequest("SELECT * { ?s ?p ?o } LIMIT 100"))
    with pytest.raises(QueryTooLarge, match="bytes"):
        RemotePool(filled, Limits(text_bytes=10)).run(QueryRequest("SELECT * { ?s ?p ?o }"))
    with pytest.raises(NoSuitableFormat):
        pool.run(QueryRequest("SELECT * { } ", ("turtle",)))
    with pytest.raises(QueryError, match="the endpoint refused the query"):
        pool.run(QueryRequest("SELECT * { ?s ?p }"))
    assert pool.run(
        QueryRequest("ASK { FILTER(STR(<x>) = 'http://a.example/x') }", base_iri="http://a.example/")
    ).body == (b'{"head":{},"boolean":true}\n')
    pool.close()
    with pytest.raises(PoolBusy):
        pool.run(QueryRequest("ASK { }"))


def test_serving_needs_a_store_with_claims(oxigraph: str, filled: str, tmp_path: Path) -> None:
    for url, words in [
        ("http://127.0.0.1:1/query", "cannot be reached"),
        (f"{oxigraph}/nowhere", "answered 404"),
        (f"{filled}?default-graph-uri=urn:none", "its default graph holds no claims"),
    ]:
        code, said = kg("serve", "--port", "0", "--endpoint", url)
        assert (code, said.count("\n")) == (2, 1)
        assert words in said
    code, said = kg("serve", "--endpoint", filled, str(tmp_path / "x.ttl"))
    assert (code, "not both" in said) == (2, True)


def test_a_store_that_goes_away_is_told_and_comes_back(filled: str) -> None:
    app = create_app(Settings(endpoint="http://127.0.0.1:1/query", access_log="none"))
    answer = app.test_client().get("/sparql", query_string={"query": "ASK { }"})
    assert (answer.status_code, answer.text) == (
        502,
        "the store behind this site: cannot be reached: connection refused\n",
    )
    page = app.test_client().get("/", headers={"Accept": "text/html"})
    assert (page.status_code, "does not answer" in page.text, "127.0.0.1:1" in page.text) == (
        502,
        True,
        False,
    )


# --- a server that misbehaves


class Odd(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.strip("/")
        if kind == "slow":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):  # who asked has gone
                for _ in range(40):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
            return
        status = int(kind) if kind.isdigit() else 200
        self.send_response(status)
        self.send_header("Location", "http://example.org/")
        if kind == "cut":
            self.send_header("X-Truncated", "rows=1")
        self.send_header("Content-Type", {"html": "text/html"}.get(kind, "application/sparql-results+json"))
        self.end_headers()
        self.wfile.write(b"<html>\x00" if kind == "html" else b"no words\r\nX: y")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("html", EndpointError, "answered with text/html, which is no SPARQL answer"),
        ("json", EndpointError, "cannot be read"),
        ("302", EndpointError, "answered 302 to 'http://example.org/'"),
        ("401", EndpointError, "a user and a password are needed"),
        ("400", QueryError, "the endpoint refused the query: no words X: y"),
        ("503", PoolBusy, "busy"),
        ("504", QueryTimeout, "the endpoint stopped the query"),
        ("500", EndpointError, "answered 500: no words X: y"),
        ("cut", QueryTooLarge, "cut its answer off (rows=1)"),
        ("slow", QueryTimeout, "did not answer within 0.5 seconds"),
    ],
)
def test_odd_answers_are_told(odd: str, path: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)):
        RemoteStore(f"{odd}/{path}", seconds=0.5 if path == "slow" else PATIENCE).query("ASK { }")


def test_the_version_is_what_the_push_wrote(filled: str, built: Path) -> None:
    with open_snapshot(built) as snapshot:
        assert RemoteStore(filled).version() == snapshot.version
    assert GRAPH.dataset == PUSHED
    with pytest.raises(QueryRefused):
        RemotePool(filled, Limits()).run(QueryRequest("CLEAR ALL"))


def test_queries_and_questions_can_be_asked_elsewhere(filled: str, built: Path) -> None:
    labelled = "SELECT ?c ?name { ?c a sg:Council ; rdfs:label ?name } ORDER BY ?c"
    for command in (
        ("query", labelled),
        ("query", "--format", "json", labelled),
        ("query", "ASK { id:ofsted ?p ?o }"),
        ("query", "CONSTRUCT WHERE { ?c a sg:Council }"),
        ("ask", "wooster-start"),
        ("ask", "wooster-start", "--format", "json"),
        ("ask", "--list"),
    ):
        mine = kg(*command, "--out", str(built))
        assert mine[0] == 0
        assert kg(*command, "--endpoint", filled) == mine
    code, said = kg("query", "DROP ALL", "--endpoint", filled)
    assert (code, "DROP is refused" in said) == (2, True)
    for command in (("ask", "wooster-start"), ("query", "ASK {}")):
        code, said = kg(*command, "--endpoint", "http://127.0.0.1:1/")
        assert (code, said) == (2, "kg: http://127.0.0.1:1/: cannot be reached: connection refused\n")
    assert kg("ask", "wooster-start", "--version", "abc", "--endpoint", filled)[0] == 2


def test_kg_query_calls_another_endpoint_only_when_told_to(filled: str, built: Path) -> None:
    query = f"SELECT ?x {{ SERVICE <{filled}> {{ ?x a sg:Council }} }}"
    code, said = kg("query", query, "--out", str(built))
    assert (code, said) == (2, f"kg: line 1, column 13: SERVICE calls {NOT_UNASKED}\n")
    assert kg("query", "ASK { FILTER('SERVICE' != '') }", "--out", str(built)) == (0, "true\n")
    code, said = kg("query", query, "--allow-service", "--format", "csv", "--out", str(built))
    assert (code, said.splitlines()[0]) == (0, "x")
    assert len(said.splitlines()) == 6


NOT_UNASKED = "another endpoint over the network: --allow-service lets it"

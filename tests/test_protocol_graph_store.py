"""The Graph Store Protocol, read side: a graph exactly, in any format; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.namespaces import GRAPH
from kg.serve_files import load_files
from kg.settings import Settings
from kg.snapshot import open_snapshot
from web import create_app
from web.serving.served import Files, source_of

DATA = """<http://a.example/s> <http://a.example/p> 1 .
<http://a.example/g> { <http://a.example/s> <http://a.example/p> 2 , 3 }"""
TYPES = ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    path = tmp_path_factory.mktemp("gsp") / "data.trig"
    path.write_text(DATA)
    loaded = load_files([path])
    settings = Settings(workers=1, query_rows=2, access_log="none")
    app = create_app(settings, Files(settings, loaded))
    yield app.test_client()
    source_of(app).close()
    loaded.remove()


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=built, workers=1, access_log="none"))
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def triples(body: bytes, media_type: str) -> set[ox.Triple]:
    parsed = list(ox.parse(body, format=ox.RdfFormat.from_media_type(media_type)))
    assert all(quad.graph_name == ox.DefaultGraph() for quad in parsed)
    return {quad.triple for quad in parsed}


@pytest.mark.parametrize("accept", TYPES)
@pytest.mark.parametrize(("address", "count"), [("default", 1), ("graph=http%3A%2F%2Fa.example%2Fg", 2)])
def test_a_graph_of_files_is_sent_whole(files: FlaskClient, address: str, count: int, accept: str) -> None:
    response = files.get(f"/graph?{address}", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, accept)
    assert len(triples(response.data, accept)) == count
    head = files.head(f"/graph?{address}", headers={"Accept": accept})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == response.headers["ETag"]


def test_a_graph_beyond_the_limit_is_refused_and_never_cut(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text("<urn:s> <urn:p> 1 , 2 , 3 .")
    loaded = load_files([path])
    settings = Settings(workers=1, query_rows=2, access_log="none")
    app = create_app(settings, Files(settings, loaded))
    response = app.test_client().get("/graph?default")
    assert response.status_code == 413
    assert b"more than the 2 triples" in response.data
    source_of(app).close()
    loaded.remove()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/graph", 400),
        ("/graph?default&graph=urn:x", 400),
        ("/graph?graph=urn:x&graph=urn:y", 400),
        ("/graph?graph=not%20an%20iri", 400),
        ("/graph?graph=", 400),
        ("/graph?graph=urn:x", 404),
        ("/graph?graph=file:///etc/passwd", 404),
        ("/graph?default&format=csv", 400),
        ("/graph?default&format=nt", 200),
    ],
)
def test_what_names_no_graph_is_refused(client: FlaskClient, address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.data.strip()


def test_a_format_that_has_no_graph_is_not_acceptable(client: FlaskClient) -> None:
    assert client.get("/graph?default", headers={"Accept": "text/csv"}).status_code == 406


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/graph?default", "/graph?graph=urn:x", "/graph/register"])
def test_nothing_is_written(client: FlaskClient, method: str, address: str) -> None:
    response = client.open(
        address, method=method, data="<urn:a> <urn:b> <urn:c> .", content_type="text/turtle"
    )
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_the_default_graph_is_the_one_that_queries_meet(client: FlaskClient, built: Path) -> None:
    with open_snapshot(built) as snapshot:
        stored = {q.triple for q in snapshot.store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    for accept in TYPES:
        sent = triples(client.get("/graph?default", headers={"Accept": accept}).data, accept)
        assert len(sent) == len(stored)
        store = ox.Store()
        store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in sent)
        assert {q.triple for q in store} == stored, "other than the forms that a store rewrites"


def test_a_named_graph_holds_its_triples_and_no_others(client: FlaskClient, built: Path) -> None:
    with open_snapshot(built) as snapshot:
        claim = next(
            g for g in snapshot.store.named_graphs() if isinstance(g, ox.NamedNode) and "/claim/" in g.value
        )
        stored = {q.triple for q in snapshot.store.quads_for_pattern(None, None, None, claim)}
    for graph in (claim, GRAPH.register):
        response = client.get(f"/graph?graph={quote(graph.value, safe='')}")
        assert response.status_code == 200
        assert graph != claim or triples(response.data, "text/turtle") == stored

"""The endpoint: forms of queries and answers, the protocol's requests, errors that say where, the page for people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.settings import Settings
from tests.html_check import read_page
from web import create_app
from web.serving.served import source_of

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SELECT = "SELECT ?post WHERE { ?t org:member id:julian-wooster ; org:post ?post } ORDER BY ?post LIMIT 1"
CONSTRUCT = "CONSTRUCT { ?t org:post ?post } WHERE { ?t org:member id:julian-wooster ; org:post ?post }"
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
POST = "https://w3id.org/scrutiny-graph/id/post-dcs-somerset"


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=built, port=8123, query_seconds=1.0, query_rows=1000, workers=1, queue=0))
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("accept", "media_type", "start"),
    [
        ("*/*", "application/sparql-results+json", b'{"head"'),
        ("application/sparql-results+json", "application/sparql-results+json", b'{"head"'),
        ("application/json", "application/sparql-results+json", b'{"head"'),
        ("application/sparql-results+xml", "application/sparql-results+xml", b"<?xml"),
        ("text/csv", "text/csv", b"post\r\n"),
        ("text/tab-separated-values", "text/tab-separated-values", b"?post\n"),
    ],
)
def test_rows_come_in_four_formats(client: FlaskClient, accept: str, media_type: str, start: bytes) -> None:
    response = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.mimetype == media_type
    assert response.data.startswith(start)
    assert POST.encode() in response.data
    assert "Accept" in response.headers["Vary"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("accept", "media_type", "engine"),
    [
        ("*/*", "text/turtle", ox.RdfFormat.TURTLE),
        ("text/turtle", "text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", "application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", "application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", "application/ld+json", ox.RdfFormat.JSON_LD),
    ],
)
def test_triples_come_in_four_formats(
    client: FlaskClient, accept: str, media_type: str, engine: ox.RdfFormat
) -> None:
    response = client.get("/sparql", query_string={"query": CONSTRUCT}, headers={"Accept": accept})
    assert response.mimetype == media_type
    assert len(list(ox.parse(response.data, format=engine))) >= 1


def test_a_query_comes_by_get_by_form_and_as_body(client: FlaskClient) -> None:
    by_get = client.get("/sparql", query_string={"query": SELECT}).data
    by_form = client.post("/sparql", data={"query": SELECT}).data
    by_body = client.post(
        "/sparql", data=SELECT.encode(), content_type="application/sparql-query; charset=utf-8"
    ).data
    assert by_get == by_form == by_body


def test_ask_is_answered_as_a_boolean(client: FlaskClient) -> None:
    assert client.get("/sparql", query_string={"query": "ASK {}"}).json == {"head": {}, "boolean": True}
    assert (
        client.get("/sparql", query_string={"query": "ASK {}"}, headers={"Accept": "text/csv"}).status_code
        == 406
    )


def test_the_default_graph_counts_a_statement_once(client: FlaskClient) -> None:
    query = (
        "SELECT (COUNT(*) AS ?all) (COUNT(DISTINCT ?o) AS ?different) { id:tenure-wooster-dcs org:member ?o }"
    )
    (row,) = client.get("/sparql", query_string={"query": query}).json["results"]["bindings"]
    assert row["all"]["value"] == row["different"]["value"] == "1"


def test_a_named_graph_leads_to_the_claim(client: FlaskClient) -> None:
    query = """SELECT ?excerpt { GRAPH ?g { id:tenure-wooster-dcs sg:start id:date-2015-03 } ?g sg:restsOn ?claim .
      ?claim sg:evidence/oa:hasSelector/oa:exact ?excerpt }"""
    rows = client.get("/sparql", query_string={"query": query}).json["results"]["bindings"]
    assert rows
    assert all(0 < len(row["excerpt"]["value"].split()) <= 12 for row in rows)


def test_the_request_may_name_the_data_set(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    def number(**graphs: str) -> int:
        target = {"query": count, **{name.replace("_", "-"): iri for name, iri in graphs.items()}}
        return int(client.get("/sparql", query_string=target).json["results"]["bindings"][0]["n"]["value"])

    everything = number()
    register = number(default_graph_uri="https://w3id.org/scrutiny-graph/graph/register")
    assert 0 < register < everything
    assert number(default_graph_uri="http://example.org/no-such-graph") == 0
    bad = client.get("/sparql", query_string={"query": count, "default-graph-uri": "not an iri"})
    assert bad.status_code == 400


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        ({"query_string": {"query": "SELECT * { ?s ?p }"}}, 400, "line 1, column"),
        ({"query_string": {"query": "SELECT *\n{ ?s ?p ?o"}}, 400, "line 2"),
        ({"query_string": {"query": ""}}, 400, ""),
        ({"query_string": [("query", "ASK {}"), ("query", "ASK {}")]}, 400, "more than one"),
        (
            {"query_string": {"query": "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"}},
            403,
            "SERVICE",
        ),
        ({"query_string": {"query": "DROP ALL"}}, 403, "DROP"),
        ({"query_string": {"update": "DROP ALL"}}, 400, "update"),
        ({"query_string": {"query": "ASK {} #" + "x" * 70_000}}, 413, "bytes"),
        ({"query_string": {"query": HEAVY}}, 504, "stopped after 1 second"),
        ({"query_string": {"query": SELECT, "format": "docx"}}, 400, "expected one of"),
        ({"query_string": {"query": SELECT}, "headers": {"Accept": "image/png"}}, 406, "text/csv"),
        ({"query_string": {"query": SELECT}, "headers": {"Accept": "text/turtle"}}, 406, "text/csv"),
    ],
)
def test_a_refused_query_says_why(
    client: FlaskClient, request_: dict[str, object], status: int, words: str
) -> None:
    response = client.get("/sparql", **request_)  # type: ignore[arg-type]
    assert response.status_code == status
    assert response.mimetype == "text/plain"
    assert words in response.text
    assert "Traceback" not in response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"data": {"update": "DROP ALL"}}, 403),
        ({"data": b"DROP ALL", "content_type": "application/sparql-update"}, 403),
        ({"data": b"ASK {}", "content_type": "text/plain"}, 415),
        ({"data": b"ASK { ?s ?p '\xff' }", "content_type": "application/sparql-query"}, 400),
        ({"data": {"other": "x"}}, 400),
        ({"data": b"x" * 400_000, "content_type": "application/sparql-query"}, 413),
    ],
)
def test_a_post_that_is_not_a_query_is_refused(
    client: FlaskClient, request_: dict[str, object], status: int
) -> None:
    assert client.post("/sparql", **request_).status_code == status  # type: ignore[arg-type]


def test_other_methods_are_405_and_name_those_there_are(client: FlaskClient) -> None:
    response = client.put("/sparql", data=b"x")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    options = client.options("/sparql")
    assert options.status_code == 204
    assert "POST" in options.headers["Access-Control-Allow-Methods"]


def test_head_has_the_headers_of_get(client: FlaskClient) -> None:
    response = client.head("/sparql", query_string={"query": SELECT})
    assert (response.status_code, response.data) == (200, b"")
    assert response.mimetype == "application/sparql-results+json"


def test_a_cut_off_answer_says_so(client: FlaskClient) -> None:
    query = "SELECT * { ?s ?p ?o }"
    response = client.get("/sparql", query_string={"query": query})
    assert response.headers["X-Truncated"] == "rows=1000"
    assert len(json.loads(response.data)["results"]["bindings"]) == 1000
    assert "cut off" in client.get("/sparql", query_string={"query": query}, headers=HTML).text


def test_the_pool_is_as_good_as_new_after_a_heavy_query(client: FlaskClient) -> None:
    assert client.get("/sparql", query_string={"query": HEAVY}).status_code == 504
    assert client.get("/sparql", query_string={"query": SELECT}).status_code == 200


def test_a_bare_get_describes_the_service_to_programs(client: FlaskClient) -> None:
    for accept in ("text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"):
        response = client.get("/sparql", headers={"Accept": accept, "Host": "evil.example"})
        assert response.mimetype == accept
        assert b"evil.example" not in response.data
    turtle = client.get("/sparql", headers={"Accept": "text/turtle"})
    triples = {str(q.triple) for q in ox.parse(turtle.data, format=ox.RdfFormat.TURTLE)}
    endpoint = "<http://127.0.0.1:8123/sparql>"
    assert f"{endpoint} <http://www.w3.org/ns/sparql-service-description#endpoint> {endpoint}" in triples


def test_the_page_shows_labels_beside_iris(client: FlaskClient) -> None:
    text = read_page(client.get("/sparql", query_string={"query": SELECT}, headers=HTML).text).text
    assert "1 row" in text
    assert "Director of children's services in Somerset id:post-dcs-somerset" in text
    assert "Download: JSON XML CSV TSV" in text


def test_the_page_keeps_the_text_and_points_at_the_mistake(client: FlaskClient) -> None:
    query = "SELECT ?s WHERE {\n  ?s a <x y> .\n}"
    response = client.get("/sparql", query_string={"query": query}, headers=HTML)
    assert response.status_code == 400
    page = read_page(response.text)
    assert page.problems == []
    assert "Line 2, column" in page.text
    assert "?s a &lt;x y&gt; ." in response.text
    assert 'role="alert"' in response.text


def test_the_page_says_what_to_try_when_time_is_up(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": HEAVY}, headers=HTML)
    assert response.status_code == 504
    assert "not an empty answer" in response.text
    assert "LIMIT" in response.text


def test_the_page_can_show_a_query_without_running_it(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": HEAVY, "run": "no"}, headers=HTML)
    assert response.status_code == 200
    assert "COUNT(*)" in response.text
    assert 'id="results"' not in response.text


def test_stored_questions_are_examples(client: FlaskClient) -> None:
    page = client.get("/sparql", headers=HTML).text
    assert "/sparql?question=director-on-a-day" in page
    filled = client.get("/sparql?question=director-on-a-day", headers=HTML).text
    assert "VALUES ?day" in filled


def test_what_is_hostile_in_a_query_is_text_on_the_page(client: FlaskClient) -> None:
    query = 'SELECT ("<script>alert(1)</script>" AS ?x) (<javascript:alert(1)> AS ?y) {} # </textarea><img onerror=x>'
    response = client.get("/sparql", query_string={"query": query}, headers=HTML)
    assert response.status_code == 200
    page = read_page(response.text)
    assert page.problems == []
    assert "<script>" not in response.text
    assert "<img onerror" not in response.text
    assert not any(link.lower().startswith("javascript") for link in page.links)


def test_queries_that_stay_long_when_deflated_are_not_put_into_links(client: FlaskClient) -> None:
    noise = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(200))
    page = client.get("/sparql?" + urlencode({"query": f"{SELECT} # {noise}"}), headers=HTML).text
    assert "Download:" not in page
    assert "send it by POST" in page


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("json-ld", "application/ld+json"), ("rdf+xml", "application/rdf+xml"), ("n3", "text/turtle")],
)
def test_formats_go_by_the_names_that_clients_use(client: FlaskClient, name: str, media_type: str) -> None:
    query = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 2"
    response = client.get("/sparql", query_string={"query": query, "format": name})
    assert (response.status_code, response.mimetype) == (200, media_type)

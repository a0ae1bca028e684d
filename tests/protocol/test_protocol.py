"""What the protocol asks for beyond the W3C suite: forms, data sets, negotiation, caching, headers, errors in words."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.conformance.evaluate import GRAPHS
from tests.conformance.results import read, read_json
from tests.conformance.server import Server
from tests.protocol.asking import (
    BASE_URL,
    CSV,
    JSON,
    JSONLD,
    NT,
    RDFXML,
    TSV,
    TURTLE,
    XML,
    boolean,
    count,
    get,
)

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


# --- operations


def test_the_three_ways_to_send_a_query(server: Server) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": JSON}
    assert boolean(get(server, "ASK {}")) is True
    assert boolean(server.request("POST", "/sparql", form, b"query=ASK+%7B%7D")) is True
    form["Content-Type"] += "; charset=UTF-8"
    assert boolean(server.request("POST", "/sparql", form, b"query=ASK+%7B%7D")) is True
    assert boolean(server.query("ASK {}", accept=JSON)) is True


@pytest.mark.parametrize(
    ("graphs", "default", "named"),
    [
        ([], 1, 3),
        ([("default-graph-uri", "g1")], 1, 0),
        ([("default-graph-uri", "g1"), ("default-graph-uri", "g2")], 2, 0),
        ([("named-graph-uri", "g2")], 0, 2),
        ([("default-graph-uri", "g2"), ("named-graph-uri", "g1")], 2, 1),
        ([("default-graph-uri", "none")], 0, 0),
        ([("named-graph-uri", "none")], 0, 0),
        ([("default-graph-uri", "g1"), ("default-graph-uri", "g1")], 1, 0),
    ],
)
def test_the_data_set_of_the_request(
    server: Server, graphs: list[tuple[str, str]], default: int, named: int
) -> None:
    """Graphs are merged as sets; a graph that is not there is empty."""
    given = [(name, f"http://example.org/{value}") for name, value in graphs]
    extra = "&" + urlencode(given) if given else ""
    assert count(get(server, COUNT, extra=extra)) == default
    assert count(get(server, COUNT_NAMED, extra=extra)) == named
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": JSON}
    body = urlencode([("query", COUNT), *given]).encode()
    assert count(server.request("POST", "/sparql", form, body)) == default
    direct = {"Content-Type": "application/sparql-query", "Accept": JSON}
    assert count(server.request("POST", f"/sparql?{extra[1:]}", direct, COUNT.encode())) == default


def test_the_data_set_of_the_request_wins_over_that_of_the_query(server: Server) -> None:
    query = "SELECT (COUNT(*) AS ?n) FROM <http://example.org/g2> { ?s ?p ?o }"
    assert count(get(server, query)) == 2
    assert count(get(server, query, extra="&default-graph-uri=http%3A%2F%2Fexample.org%2Fg1")) == 1
    both = "SELECT (COUNT(*) AS ?n) FROM <http://example.org/g1> FROM <http://example.org/g2> { ?s ?p ?o }"
    assert count(get(server, both)) == 2


def test_relative_iris_are_resolved_against_the_public_address(server: Server) -> None:
    reply = get(server, "SELECT (<x> AS ?x) (<#y> AS ?y) {}")
    rows = read_json(reply.body).rows
    assert rows is not None
    assert rows[0]["x"].value == f"{BASE_URL}/x"
    assert rows[0]["y"].value == f"{BASE_URL}/sparql#y"


# --- negotiation


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, JSON),
        ("*/*", JSON),
        (JSON, JSON),
        (XML, XML),
        (TSV, TSV),
        (CSV, CSV),
        ("application/json", JSON),
        ("application/xml", XML),
        ("text/*", CSV),
        ("application/*", JSON),
        (f"{XML};q=0.5, {CSV};q=0.9", CSV),
        (f"{JSON};q=0, */*", XML),
        (f"{XML};charset=utf-8;version=1.1", XML),
        ("TEXT/CSV", CSV),
        ("image/png, */*;q=0.1", JSON),
        (f"{TURTLE}, {XML};q=0.1", XML),
        ("application/sparql-results+json;profile=x", JSON),
    ],
)
def test_rows_in_the_format_that_is_asked_for(server: Server, accept: str | None, wanted: str) -> None:
    reply = get(server, "SELECT * { ?s ?p ?o }", accept)
    assert reply.status == 200
    assert reply.media_type == wanted
    assert "accept" in reply.headers["vary"].lower()
    read(reply.body, wanted)


@pytest.mark.parametrize("accept", [TURTLE, NT, RDFXML, JSONLD])
@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <http://example.org/s>"])
def test_graphs_in_the_format_that_is_asked_for(server: Server, accept: str, query: str) -> None:
    reply = get(server, query, accept)
    assert reply.status == 200
    assert reply.media_type == accept
    assert read(reply.body, accept).triples


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("SELECT * {}", TURTLE),
        ("ASK {}", TURTLE),
        ("CONSTRUCT WHERE { ?s ?p ?o }", CSV),
        ("SELECT * {}", "image/png"),
        ("SELECT * {}", "*/*;q=0"),
    ],
)
def test_a_format_that_cannot_be_had_is_406(server: Server, query: str, accept: str) -> None:
    reply = get(server, query, accept)
    assert reply.status == 406
    assert "application/" in reply.text  # it says what there is


def test_repeated_accept_headers_are_one(server: Server) -> None:
    target = f"/sparql?query={quote('SELECT * {}')}"
    got = server.exchange(
        f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept: image/png\r\nAccept: text/csv\r\n".encode()
        + b"Connection: close\r\n\r\n"
    )
    assert b"200 OK" in got
    assert b"text/csv" in got


@pytest.mark.parametrize(("name", "wanted"), [("json", JSON), ("xml", XML), ("csv", CSV), ("tsv", TSV)])
def test_the_format_parameter_wins(server: Server, name: str, wanted: str) -> None:
    assert get(server, "SELECT * {}", "text/html", f"&format={name}").media_type == wanted
    assert get(server, "SELECT * {}", "text/html", "&format=nonsense").status == 400


def test_text_formats_name_their_charset(server: Server) -> None:
    for accept in (CSV, TSV, TURTLE):
        query = "CONSTRUCT WHERE { ?s ?p ?o }" if accept == TURTLE else "SELECT * {}"
        assert "charset=utf-8" in get(server, query, accept).headers["content-type"].lower()


# --- caching, headers


def test_an_unchanged_answer_is_304(server: Server) -> None:
    first = get(server, "SELECT * { ?s ?p ?o }")
    again = get(server, "SELECT * { ?s ?p ?o }", **{"If-None-Match": first.headers["etag"]})
    assert again.status == 304
    assert again.body == b""
    other = get(server, "SELECT * { ?s ?p ?o }", CSV, **{"If-None-Match": first.headers["etag"]})
    assert other.status == 200  # another format is another representation


def test_any_site_may_read_answers_and_errors(server: Server) -> None:
    for reply in (get(server, "ASK {}"), get(server, "nonsense"), get(server, "SELECT * {}", "image/png")):
        assert reply.headers["access-control-allow-origin"] == "*"
    asked = {
        "Origin": "https://x.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    reply = server.request("OPTIONS", "/sparql", asked)
    assert reply.status in (200, 204)
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "content-type" in reply.headers["access-control-allow-headers"].lower()


def test_head_has_the_headers_of_get(server: Server) -> None:
    target = f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}"
    got, head = (server.request(method, target, {"Accept": JSON}) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, b"")
    for name in ("content-type", "etag", "vary"):
        assert head.headers[name] == got.headers[name]


# --- the bare endpoint


@pytest.mark.parametrize("accept", GRAPHS)
def test_a_bare_get_describes_the_service_at_its_public_address(server: Server, accept: str) -> None:
    reply = server.request("GET", "/sparql", {"Accept": accept, "Host": "evil.example"})
    assert reply.media_type == accept
    triples = read(reply.body, accept).triples or []
    endpoints = {row["o"].value for row in triples if row["p"].value.endswith("service-description#endpoint")}
    assert endpoints == {f"{BASE_URL}/sparql"}


def test_a_bare_get_of_a_browser_shows_the_query_page(server: Server) -> None:
    reply = server.request(
        "GET", "/sparql", {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    )
    assert reply.status == 200
    assert "<textarea" in reply.text


# --- errors


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("SELECT * {", 400, ("line 1",)),
        ("SELECT *\n{ ?s ?p }", 400, ("line 2", "column")),
        ("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }", 403, ("SERVICE", "line 1")),
        ("DROP ALL", 403, ("DROP",)),
        ("SELECT ?x { x:y ?p ?x }", 400, ("x:",)),
        ("", 400, ()),
    ],
)
def test_an_error_says_what_and_where(
    server: Server, query: str, status: int, words: tuple[str, ...]
) -> None:
    for accept in (JSON, "*/*", TURTLE):
        reply = get(server, query, accept)
        assert reply.status in (status, 406) if accept == TURTLE else reply.status == status, reply.text
        if reply.status == status:
            assert reply.media_type == "text/plain"
            assert all(word in reply.text for word in words), reply.text


def test_an_unknown_function_is_an_error_of_the_expression(server: Server) -> None:
    reply = get(server, "SELECT (<http://example.org/f>(1) AS ?x) (1 AS ?y) {}")
    assert reply.status == 200
    rows = read_json(reply.body).rows
    assert rows is not None
    assert set(rows[0]) == {"y"}


def test_a_page_of_an_error_is_for_browsers_only(server: Server) -> None:
    assert get(server, "nonsense", "text/html").media_type == "text/html"
    assert get(server, "nonsense", "text/html").status == 400


def test_files_are_served_as_they_are(tmp_path: Path) -> None:
    """The default graph is not a union, graphs keep their names, blank nodes of two files are different ones."""
    for name in "ab":
        (tmp_path / f"{name}.trig").write_text(f"_:x <urn:p> 1 . <urn:g:{name}> {{ _:x <urn:q> 2 }}")
    with Server([tmp_path / "a.trig", tmp_path / "b.trig"]) as running:
        assert running.seconds < 10
        assert count(running.query(COUNT, accept=JSON)) == 2
        assert count(running.query(COUNT_NAMED, accept=JSON)) == 2
        distinct = "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"
        assert count(running.query(distinct, accept=JSON)) == 2

"""Requests that clients seldom send: conditions, preflights, a family of types, a graph in the address of a form."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.conformance.server import Server
from tests.protocol.asking import CSV, JSON, TURTLE, XML, boolean, count, get

ALL = "SELECT * { ?s ?p ?o }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": JSON}


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"If-None-Match": "TAG"}, 304),
        ({"If-None-Match": "W/TAG"}, 304),
        ({"If-None-Match": '"x", W/"y" , TAG'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200),
        ({"If-Match": "TAG"}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": "W/TAG"}, 412),
        ({"If-Match": '"x"'}, 412),
        ({"If-Match": "TAG", "If-None-Match": "TAG"}, 304),
        ({"If-Match": '"x"', "If-None-Match": "TAG"}, 412),
        ({"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 200),
        ({"Range": "bytes=0-4"}, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_of_a_request(
    server: Server, method: str, conditions: dict[str, str], status: int
) -> None:
    """RFC 9110, 13: If-Match compares strongly and comes first, If-None-Match weakly."""
    tag = get(server, ALL).headers["etag"]
    given = {name: value.replace("TAG", tag) for name, value in conditions.items()}
    reply = server.request(method, f"/sparql?query={quote(ALL)}", {"Accept": JSON, **given})
    assert reply.status == status
    if status == 304:
        assert reply.body == b""
        assert reply.headers["etag"] == tag
        assert {"vary", "cache-control"} <= reply.headers.keys()
        assert "content-type" not in reply.headers


@pytest.mark.parametrize("coding", ["", "gzip", "gzip;q=0", "br", "identity;q=0"])
def test_head_is_as_long_as_get(server: Server, coding: str) -> None:
    query = "SELECT * { VALUES ?x { " + '"the same again and again" ' * 100 + "} }"
    got, head = (
        server.request(method, f"/sparql?query={quote(query)}", {"Accept": JSON, "Accept-Encoding": coding})
        for method in ("GET", "HEAD")
    )
    for name in ("content-length", "content-type", "etag", "vary"):
        assert head.headers[name] == got.headers[name]
    assert got.headers.get("content-encoding") == ("gzip" if coding == "gzip" else None)
    assert got.headers["etag"].startswith("W/") is (coding == "gzip")


def test_a_preflight_allows_what_pages_send(server: Server) -> None:
    asked = {"Origin": "https://x.example", "Access-Control-Request-Method": "GET"}
    reply = server.request("OPTIONS", "/sparql", {**asked, "Access-Control-Request-Headers": "if-none-match"})
    assert (reply.status, reply.body) == (204, b"")
    assert "content-type" not in reply.headers
    allowed = {name.strip() for name in reply.headers["access-control-allow-headers"].lower().split(",")}
    assert {"*", "accept", "authorization", "content-type"} <= allowed


@pytest.mark.parametrize("accept", ["text/*", "text/*;q=0.5, application/*;q=0.4"])
def test_a_family_of_types_gets_what_it_is_told(server: Server, accept: str) -> None:
    """A yes or no has no text format but the page."""
    reply = get(server, "ASK {}", accept)
    assert (reply.status, reply.media_type) == (200, "text/html")
    assert reply.text.startswith("<!doctype html>")
    assert get(server, ALL, accept).media_type == CSV


def test_a_graph_may_stand_in_the_address_of_a_form(server: Server) -> None:
    """An endpoint may be known by an address with a graph in it, to which a client adds a form."""
    graph = "default-graph-uri=http%3A%2F%2Fexample.org%2Fg2"
    body = f"query={quote(COUNT)}".encode()
    assert count(server.request("POST", f"/sparql?{graph}", FORM, body)) == 2
    both = body + b"&default-graph-uri=http%3A%2F%2Fexample.org%2Fg1"
    assert count(server.request("POST", f"/sparql?{graph}", FORM, both)) == 2
    assert count(server.request("POST", "/sparql", FORM, body)) == 1


def test_a_byte_order_mark_is_no_part_of_a_query(server: Server) -> None:
    marked = "\ufeffASK {}".encode()
    for extra in ("", "?format=json"):
        sent = {"Content-Type": "application/sparql-query", "Accept": JSON}
        assert boolean(server.request("POST", f"/sparql{extra}", sent, marked)) is True


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ("query=ASK%7B%7D&query=ASK%7B%7D", 400),
        ("query=ASK%7B%7D&timeout=1&timeout=2&x=", 200),
        ("query=", 400),
        ("query=ASK%7B%7D&default-graph-uri=", 400),
        ("query=ASK%7B%7D&named-graph-uri=relative", 400),
        ("query=ASK%7B%7D%FF", 400),
        ("query=ASK%7B%7D&format=", 200),
        ("query=ASK%7B%7D&format=xml&format=application/sparql-results%2Bxml&output=xml&results=xml", 200),
        ("query=ASK%7B%7D&output=json&results=json", 200),
        ("query=ASK%7B%7D&format=csv", 400),
        ("query=ASK%7B%7D&format=text%2Fcsv", 400),
        ("update=CLEAR+ALL", 400),
    ],
)
def test_fields_of_a_request(server: Server, fields: str, status: int) -> None:
    got = server.request("GET", f"/sparql?{fields}", {"Accept": JSON})
    assert got.status == status
    assert status == 200 or got.text.strip()


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/x-www-form-urlencoded;charset=UTF-8", 200),
        ('application/x-www-form-urlencoded; charset="utf-8"', 200),
        ("APPLICATION/X-WWW-FORM-URLENCODED", 200),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", 415),
        ("multipart/form-data; boundary=x", 415),
        ("text/plain", 415),
        (None, 415),
    ],
)
def test_the_type_of_a_form(server: Server, content_type: str | None, status: int) -> None:
    sent = {"Accept": XML, **({"Content-Type": content_type} if content_type else {})}
    assert server.request("POST", "/sparql", sent, b"query=ASK+%7B%7D").status == status


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("ASK {} zz", "line 1, column 8", "“zz” after the pattern"),
        ("SELECT * { ?s ?p ?o }\nLIMT 5", "line 2, column 1", "“LIMT” after the pattern"),
        ("CONSTRUCT { ?s ?p ?o }\nWHERE { ?s ?p ?o } ;", "line 2, column 20", "expected GROUP BY"),
        ("SELECT ?s, ?p { ?s ?p ?o }", "line 1, column 10", "without a “,”"),
        ("ASK {}\x00", "line 1, column 7", "U+0000"),
    ],
)
def test_an_error_beside_the_pattern_has_its_place(
    server: Server, query: str, place: str, words: str
) -> None:
    reply = get(server, query, "*/*")
    assert reply.status == 400
    assert place in reply.text
    assert words in reply.text


@pytest.mark.parametrize("accept", [TURTLE, "application/trig", "application/n-quads", "text/n3"])
def test_rows_are_no_graph(server: Server, accept: str) -> None:
    for query, possible in ((ALL, CSV), ("ASK {}", JSON)):
        reply = get(server, query, accept)
        assert reply.status == 406
        assert possible in reply.text
    assert get(server, "CONSTRUCT WHERE { ?s ?p ?o }", accept).status == 200

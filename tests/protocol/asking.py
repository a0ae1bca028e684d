"""How the tests of the protocol ask, and the data that they ask."""

from __future__ import annotations

from urllib.parse import quote

from tests.conformance.evaluate import GRAPHS, ROWS
from tests.conformance.results import read_json
from tests.conformance.server import Reply, Server

JSON, XML, TSV, CSV = ROWS
TURTLE, NT, RDFXML, JSONLD = GRAPHS
DATA = """
<http://example.org/s> <http://example.org/p> "v" .
<http://example.org/s> <http://example.org/p> "v" <http://example.org/g1> .
<http://example.org/s> <http://example.org/p> "v" <http://example.org/g2> .
<http://example.org/s> <http://example.org/q> "042"^^<http://www.w3.org/2001/XMLSchema#string> <http://example.org/g2> .
"""
BASE_URL = "https://data.example.org"


def get(server: Server, query: str, accept: str | None = JSON, extra: str = "", **headers: str) -> Reply:
    given = {"Accept": accept} if accept is not None else {}
    return server.request("GET", f"/sparql?query={quote(query)}{extra}", {**given, **headers})


def boolean(reply: Reply) -> bool | None:
    assert reply.status == 200, reply.text
    return read_json(reply.body).boolean


def count(reply: Reply) -> int:
    assert reply.status == 200, reply.text
    rows = read_json(reply.body).rows
    assert rows is not None
    return int(rows[0]["n"].value)

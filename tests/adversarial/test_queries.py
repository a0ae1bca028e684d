"""Hostile queries: each is answered with the right word, and the next query does not notice."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest

from tests.adversarial.canary import Canary
from tests.adversarial.conftest import JSON, assert_honest
from tests.adversarial.queries import UPDATES, Hostile, federated, harmless, heavy, nested, not_federated
from tests.conformance.results import read_json
from tests.conformance.server import Reply, Server
from tests.processes import PATIENCE

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": JSON}


def _names(cases: list[Hostile]) -> list[str]:
    return [case.name for case in cases]


def check(server: Server, case: Hostile) -> Reply:
    """Run a hostile query; it ends, with a right status."""
    accept = "application/sparql-results+json, text/turtle;q=0.5"
    reply = server.query(case.text, accept=accept, timeout=PATIENCE)
    assert_honest(reply, case.name)
    assert reply.status in case.statuses, (case.name, reply.status, reply.body[:300])
    if reply.status == 200 and reply.media_type == JSON:
        read_json(reply.body)
    return reply


@pytest.mark.parametrize("case", list(heavy()), ids=_names(list(heavy())))
def test_a_heavy_query_is_stopped(strict: Server, case: Hostile) -> None:
    reply = check(strict, case)
    if reply.status == 200:
        assert "x-truncated" in reply.headers


@pytest.mark.parametrize("case", list(harmless()), ids=_names(list(harmless())))
def test_an_odd_query_is_answered(server: Server, case: Hostile) -> None:
    check(server, case)


@pytest.mark.parametrize("case", list(nested()), ids=_names(list(nested())))
def test_nesting_takes_nothing_down(strict: Server, case: Hostile) -> None:
    check(strict, case)


def test_service_is_refused_in_every_spelling(server: Server, canary: Canary) -> None:
    wrong = {}
    for name, text in federated(canary.address):
        reply = server.query(text)
        assert_honest(reply, name)
        if reply.status != 403 or "SERVICE" not in reply.text:
            wrong[name] = (reply.status, reply.text[:200])
    # What is no SPARQL at all is refused as that; the engine's parser and the policy may each come first.
    assert not {name: found for name, found in wrong.items() if found[0] != 400}
    assert not canary.calls


@pytest.mark.parametrize(("name", "text"), list(not_federated()))
def test_a_query_that_mentions_service_is_answered(server: Server, name: str, text: str) -> None:
    reply = server.query(text, accept=JSON)
    assert reply.status == 200, (name, reply.text)
    assert read_json(reply.body).boolean is True


@pytest.mark.parametrize("text", UPDATES)
def test_an_update_is_refused_however_it_comes(server: Server, canary: Canary, text: str) -> None:
    text = text.replace("{address}", canary.address)
    before = server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", accept=JSON).body
    encoded = urlencode({"update": text}).encode()
    ways = [
        server.query(text),
        server.request("POST", "/sparql", {"Content-Type": "application/sparql-update"}, text.encode()),
        server.request("POST", "/sparql", FORM, encoded),
        server.request("POST", "/sparql", FORM, urlencode({"query": text}).encode()),
        server.request("GET", f"/sparql?query={quote(text)}"),
        server.request("GET", f"/sparql?update={quote(text)}"),
        server.request("PUT", "/sparql", {"Content-Type": "application/sparql-update"}, text.encode()),
        server.request("PATCH", "/sparql", {"Content-Type": "application/sparql-update"}, text.encode()),
        server.request("DELETE", "/sparql"),
    ]
    for number, reply in enumerate(ways):
        assert_honest(reply, (number, text))
        assert reply.status in (400, 403, 405), (number, reply.status, reply.text[:200])
    assert server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", accept=JSON).body == before


@pytest.mark.parametrize(
    "where", ["{address}data.ttl", "file:///etc/passwd", "file:/etc/hosts", "ftp://127.0.0.1/x"]
)
def test_a_graph_that_is_not_there_is_empty_and_never_fetched(
    server: Server, canary: Canary, where: str
) -> None:
    iri = where.replace("{address}", canary.address)
    queries = {
        f"SELECT * FROM <{iri}> {{ ?s ?p ?o }}": {},
        f"SELECT * FROM NAMED <{iri}> {{ GRAPH ?g {{ ?s ?p ?o }} }}": {},
        f"SELECT * {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}": {},
        "SELECT * { ?s ?p ?o }": {"default-graph-uri": iri},
        "SELECT * { GRAPH ?g { ?s ?p ?o } }": {"named-graph-uri": iri},
    }
    for text, graphs in queries.items():
        reply = server.query(text, accept=JSON, **graphs)
        if iri == "file:///etc/passwd" and "GRAPH <" in text:
            continue  # the hostile data has a graph of this name
        assert reply.status == 200, (text, reply.text)
        found = read_json(reply.body).rows
        assert found == [] or iri == "file:///etc/passwd"
        assert b"root:" not in reply.body
    assert not canary.calls


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "a b",
        "<urn:x>",
        "urn:x>",
        "http://[",
        "\u0000",
        "urn:\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_graph_name_that_is_no_iri_is_refused(server: Server, value: str) -> None:
    for name in ("default-graph-uri", "named-graph-uri"):
        reply = server.query("ASK {}", **{name: value})
        assert_honest(reply, value)
        assert reply.status in (400, 200), (value, reply.status)
        if " " in value or "<" in value or ":" not in value:
            assert reply.status == 400, value


def test_many_graphs_are_no_attack(server: Server) -> None:
    body = urlencode(
        [("query", "ASK { ?s ?p ?o }"), *(("default-graph-uri", f"urn:g:{n}") for n in range(4000))]
    )
    reply = server.request("POST", "/sparql", FORM, body.encode())
    assert_honest(reply)
    assert reply.status in (200, 400, 413), reply.status


def test_the_text_of_a_query_has_a_limit(server: Server) -> None:
    for size in (300_000, 3_000_000):
        text = "ASK {} #" + "x" * size
        for reply in (
            server.query(text),
            server.request("POST", "/sparql", FORM, urlencode({"query": text}).encode()),
        ):
            assert_honest(reply)
            assert reply.status == 413

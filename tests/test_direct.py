"""The short way past Flask answers exactly as the application does, and takes only requests that it understands."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote, quote_plus

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.settings import Settings
from kg.workers.caller import Caller
from web import create_app
from web.endpoint.direct import DirectQueries
from web.endpoint.reply import Reply
from web.serving.gateway import FAULT, Gateway
from web.serving.metrics import metrics_of
from web.serving.sending import Sending
from web.serving.served import source_of

T = TypeVar("T")
SELECT = "SELECT ?p ?o { id:ofsted ?p ?o } ORDER BY ?p ?o"
QUERIES = {
    "select": SELECT,
    "cut off": "SELECT * { ?s ?p ?o }",
    "nothing": "SELECT ?x { FILTER(false) }",
    "ask": "ASK { ?s ?p ?o }",
    "construct": "CONSTRUCT WHERE { id:ofsted rdfs:label ?o }",
    "describe": "DESCRIBE id:ofsted",
    "characters": "SELECT ('é \U0001f600 \\r\\n + % &' AS ?x) { }",
    "malformed": "SELECT * {",
    "empty": "",
    "update": "DROP ALL",
    "service": "ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    "unbound": "SELECT (1/0 AS ?n) {}",
    "nested": "ASK " + "{" * 1500 + "}" * 1500,
    "long": "# " + "x" * 5000 + "\nASK {}",
    "control": "SELECT * { ?s ?p '\x00\r\n\t' }",
}
ACCEPTS = (
    None,
    "",
    "*/*",
    "application/sparql-results+json",
    "application/sparql-results+xml;q=0.4, text/csv;q=0.5",
    "text/tab-separated-values, application/n-triples",
    "text/turtle",
    "application/ld+json, application/json;q=0.1",
    "application/*;q=0.2, text/turtle;q=0.1",
    "image/png",
    "text/html, */*;q=0.1",
    "text/html;q=0",
    "nonsense;;q=,",
)
CONDITIONS = (None, "*", '"x"', 'W/"x", "y"', "", "the answer's", "weakly the answer's")


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(
        Settings(out=built, workers=1, query_rows=700, query_text_bytes=4096, access_log="none",
                 base_url="https://graph.example.org", trusted_hosts="graph.example.org,.example.net")
    )  # fmt: skip
    with app.test_request_context("/"):
        state = source_of(app).current()
        assert state.pool
        state.give_back()
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def in_a_loop(made: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: a browser of other tests may have left its loop in this one."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, made).result()


def environ(method: str, fields: str, body: bytes, **more: str | None) -> dict[str, Any]:
    made = {
        "REQUEST_METHOD": method, "PATH_INFO": "/sparql", "QUERY_STRING": fields, "SCRIPT_NAME": "",
        "SERVER_NAME": "x", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "graph.example.org",
        "wsgi.url_scheme": "http", "CONTENT_LENGTH": str(len(body)), "wsgi.input_terminated": True,
        **{name: value for name, value in more.items() if value is not None},
    }  # fmt: skip
    return {**made, "wsgi.input": BytesIO(body)}


def by_flask(app: Flask, given: dict[str, Any], body: bytes) -> Reply:
    reply = Reply(0, [])

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        reply.status, reply.headers = int(status[:3]), headers

    reply.body = b"".join(app({**given, "wsgi.input": BytesIO(body)}, start))  # type: ignore[arg-type]
    return reply


def directly(app: Flask, threads: ThreadPoolExecutor, given: dict[str, Any], body: bytes) -> Reply | None:
    direct = DirectQueries(source_of(app), metrics_of(app), threads)
    return in_a_loop(direct.answer(given, body, Caller()))


def headers_of(reply: Reply) -> list[tuple[str, str]]:
    """The headers as a client sees them; the date is the server's affair."""
    return sorted((name.lower(), value) for name, value in reply.headers if name.lower() != "date")


def digest(body: bytes) -> str:
    return sha256(body).hexdigest()


def assert_same(app: Flask, threads: ThreadPoolExecutor, given: dict[str, Any], body: bytes) -> Reply | None:
    found = directly(app, threads, given, body)
    if found is not None:
        expected = by_flask(app, given, body)
        assert found.status == expected.status
        assert headers_of(found) == headers_of(expected)
        assert digest(found.body) == digest(expected.body)
    return found


def request(kind: str, query: str) -> tuple[str, str, bytes, str | None]:
    """A request for a query: method, the query part of the address, body, and its type."""
    if kind == "get":
        return "GET", f"query={quote_plus(query)}", b"", None
    if kind == "get, all escaped":
        return "GET", "query=" + "".join(f"%{byte:02x}" for byte in query.encode()), b"", None
    if kind == "direct":
        return "POST", "", query.encode(), "application/sparql-query"
    return "POST", "", f"query={quote(query)}".encode(), "application/x-www-form-urlencoded"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(("get", "get, all escaped", "direct", "form")),
    name=st.sampled_from(sorted(QUERIES)),
    accept=st.sampled_from(ACCEPTS),
    encoding=st.sampled_from((None, "gzip", "br, gzip;q=0.5", "gzip;q=0", "*", "identity")),
    condition=st.sampled_from(CONDITIONS),
    wanted=st.sampled_from((None, None, '"x"', "*")),
    host=st.sampled_from(("graph.example.org", "GRAPH.example.org:80", "a.example.net", "evil.example", "")),
)
def test_both_ways_give_the_same_answer(
    app: Flask,
    threads: ThreadPoolExecutor,
    kind: str,
    name: str,
    accept: str | None,
    encoding: str | None,
    condition: str | None,
    wanted: str | None,
    host: str,
) -> None:
    method, fields, body, content_type = request(kind, QUERIES[name])
    more = {"HTTP_ACCEPT": accept, "HTTP_ACCEPT_ENCODING": encoding, "CONTENT_TYPE": content_type}
    if condition is not None and "the answer's" in condition:
        tags = dict(by_flask(app, environ(method, fields, body, **more), body).headers)
        condition = tags.get("ETag", '"none"').replace("W/", "")
    more |= {"HTTP_IF_NONE_MATCH": condition, "HTTP_IF_MATCH": wanted, "HTTP_HOST": host}
    assert_same(app, threads, environ(method, fields, body, **more), body)


@pytest.mark.parametrize("kind", ["get", "get, all escaped", "direct", "form"])
@pytest.mark.parametrize("name", QUERIES)
def test_a_plain_query_is_answered_directly(
    app: Flask, threads: ThreadPoolExecutor, kind: str, name: str
) -> None:
    method, fields, body, content_type = request(kind, QUERIES[name])
    found = assert_same(app, threads, environ(method, fields, body, CONTENT_TYPE=content_type), body)
    assert found is not None


@pytest.mark.parametrize(
    ("method", "fields", "body", "more"),
    [
        ("GET", "", b"", {}),
        ("GET", "q=x", b"", {}),
        ("GET", "query=ASK+%7B%7D&query=ASK+%7B%7D", b"", {}),
        ("GET", "query=ASK+%7B%7D&format=xml", b"", {}),
        ("GET", "query=ASK+%7B%7D&default-graph-uri=urn:x", b"", {}),
        ("GET", "query=%ff", b"", {}),
        ("GET", "query=\xc3\xa9", b"", {}),
        ("GET", "%71uery=ASK+%7B%7D", b"", {}),
        ("GET", "query=ASK+%7B%7D", b"", {"HTTP_ACCEPT": "text/html"}),
        ("GET", "query=ASK+%7B%7D", b"", {"HTTP_ACCEPT": "image/png"}),
        ("GET", "query=ASK+%7B%7D", b"", {"HTTP_HOST": "evil.example"}),
        ("GET", "query=ASK+%7B%7D", b"", {"PATH_INFO": "/sparql/"}),
        ("HEAD", "query=ASK+%7B%7D", b"", {}),
        ("GET", "query=ASK+%7B%7D", b"", {"HTTP_ACCEPT": "text/*"}),
        ("OPTIONS", "query=ASK+%7B%7D", b"", {}),
        ("PUT", "query=ASK+%7B%7D", b"", {}),
        ("POST", "query=ASK+%7B%7D", b"", {"CONTENT_TYPE": "application/sparql-query"}),
        ("POST", "", b"ASK {}", {}),
        ("POST", "", b"ASK {}", {"CONTENT_TYPE": "application/sparql-update"}),
        ("POST", "", b"ASK {}", {"CONTENT_TYPE": "application/sparql-query; charset=latin-1"}),
        ("POST", "", b"\xff", {"CONTENT_TYPE": "application/sparql-query"}),
        (
            "POST",
            "",
            b"ASK {}",
            {"CONTENT_TYPE": "application/sparql-query", "HTTP_CONTENT_ENCODING": "gzip"},
        ),
        ("POST", "", b"update=DROP+ALL", {"CONTENT_TYPE": "application/x-www-form-urlencoded"}),
    ],
)
def test_whatever_is_not_plain_is_left_to_the_application(
    app: Flask, threads: ThreadPoolExecutor, method: str, fields: str, body: bytes, more: dict[str, str]
) -> None:
    assert directly(app, threads, environ(method, fields, body, **more), body) is None


def test_a_query_for_which_no_worker_is_free_waits_and_is_answered(app: Flask) -> None:
    """Many at once on one worker: each has its own answer, whichever way it took."""
    queries = [f"SELECT ({n} AS ?n) {{}}" for n in range(60)]

    async def all_of_them(threads: ThreadPoolExecutor) -> list[Reply | None]:
        direct = DirectQueries(source_of(app), metrics_of(app), threads)
        given = [environ("GET", f"query={quote(query)}", b"", HTTP_ACCEPT="text/csv") for query in queries]
        return await asyncio.gather(*(direct.answer(one, b"", Caller()) for one in given))

    with ThreadPoolExecutor(2) as threads:
        found = in_a_loop(all_of_them(threads))
    assert [reply.body for reply in found if reply is not None] == [b"n\r\n%d\r\n" % n for n in range(60)]


def test_both_ways_are_counted_alike(app: Flask, threads: ThreadPoolExecutor) -> None:
    metrics = metrics_of(app)
    for query, accept in ((SELECT, None), ("SELECT * {", None), (SELECT, "text/turtle")):
        given = environ("GET", f"query={quote(query)}", b"", HTTP_ACCEPT=accept)
        counts = []
        for ask in (lambda g: directly(app, threads, g, b""), lambda g: by_flask(app, g, b"")):
            before = metrics.requests.copy(), metrics.queries.copy()
            assert ask(given) is not None
            counts.append((metrics.requests - before[0], metrics.queries - before[1]))
        assert counts[0] == counts[1]
        assert all(part.total() == 1 for part in counts[0])


def test_a_fault_of_ours_is_an_answer_with_our_headers(caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> list[bytes]:
        raise RuntimeError("a fault")

    class Scope:
        method, path, query_string, scheme, http_version = "GET", "/about", "secret=1", "http", "1.1"
        server = client = "127.0.0.1:1"
        headers: ClassVar = {"host": "127.0.0.1"}

    sent: list[tuple[Any, ...]] = []

    class Protocol:
        def response_bytes(self, *answer: Any) -> None:
            sent.append(answer)

    gateway = Gateway(broken, threads=1, body_bytes=10, body_seconds=1, sending=Sending(1, 1))
    in_a_loop(gateway.__rsgi__(Scope(), Protocol()))
    ((status, headers, body),) = sent
    assert (status, body) == (500, FAULT.body)
    assert dict(headers)["x-content-type-options"] == "nosniff"
    assert "GET /about" in caplog.text
    assert "secret" not in caplog.text

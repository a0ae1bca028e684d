"""The server itself, byte by byte: slow clients, too much, other hosts, what it logs, and that the rest goes on."""

from __future__ import annotations

import os
import re
import resource
import select
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.errors import KgError
from kg.settings import Settings
from tests.conformance.server import Server
from tests.processes import FAR, command, descendants, eventually
from web.serving.hygiene import check_settings

POST = b"POST /sparql HTTP/1.1\r\nHost: graph.example.org\r\nContent-Type: application/sparql-query\r\n"
ENV = {
    "KG_WORKERS": "1",
    "KG_BASE_URL": "https://graph.example.org",
    "KG_TRUSTED_HOSTS": "graph.example.org, 127.0.0.1, .example.net",
    "KG_HEADER_SECONDS": FAR,
    "KG_BODY_SECONDS": FAR,
    "KG_QUERY_SECONDS": FAR,
    "KG_HEADER_BYTES": "100000",
    "KG_QUERY_TEXT_BYTES": "10000",
    "KG_QUERY_ROWS": "1000000",
}


IMPATIENT = ENV | {"KG_HEADER_SECONDS": "1", "KG_BODY_SECONDS": "1", "KG_SEND_SECONDS": "1"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("server") / "data.ttl"
    path.write_text("".join(f'<urn:s{n}> <urn:p> "{"long " * 40}{n}" .\n' for n in range(80_000)))
    return path


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    """A server that lets no client go while a test runs."""
    with Server([data], env=ENV) as running:
        yield running


def status(reply: bytes) -> int:
    """Return the status of the first answer in what came back, 0 for nothing."""
    return int(reply.split(b" ", 2)[1]) if reply.startswith(b"HTTP/1.1 ") else 0


def is_healthy(server: Server) -> bool:
    return server.request("GET", "/healthz").status == 200 and server.query("ASK {}").status == 200


def test_clients_that_do_not_go_on_are_let_go(data: Path) -> None:
    sent = {
        b"": 0,
        b"GET / HTTP/1.1\r\nHost: graph.example.org\r\nX-Slow: a": 0,
        POST + b"Content-Length: 100\r\n\r\nASK": 408,
        POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n": 408,
        POST + b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n": 100,
    }
    with Server([data], env=IMPATIENT) as server, ThreadPoolExecutor(len(sent)) as threads:
        replies = list(threads.map(server.exchange, sent))  # each returns when the server has closed
        assert [status(reply) for reply in replies] == list(sent.values())
        if sys.platform == "linux":  # the option is Linux's
            does_not_read(server)


def does_not_read(server: Server) -> None:
    """A client that does not read is let go; of what it is sent, the rest is not kept for it."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        target = "/sparql?format=nt&query=CONSTRUCT%20WHERE%20%7B?s%20?p%20?o%7D"
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: graph.example.org\r\n\r\n".encode())
        assert connection.recv(1)
        theirs = f":{server.port:04X} 0100007F:{connection.getsockname()[1]:04X} "
        assert theirs in connections()
        assert eventually(lambda: theirs not in connections())
        received = 0
        with suppress(ConnectionError):
            while part := connection.recv(1 << 20):
                received += len(part)
        assert received < 15_000_000, "the answer has 18 MB"


LARGE = "CONSTRUCT WHERE { ?s ?p ?o }"
ROOM_FOR_ONE = ENV | {"KG_SENDING_MB": "20"}


@contextmanager
def takes_little(server: Server) -> Iterator[socket.socket]:
    """A client that has begun to take a large answer, and has it still before it."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        target = f"/sparql?format=nt&query={quote(LARGE)}"
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: graph.example.org\r\n\r\n".encode())
        assert connection.recv(1)
        yield connection


def has_room(server: Server) -> bool:
    reply = server.query(LARGE, "application/n-triples")
    assert reply.status in (200, 503)
    assert reply.status == 200 or reply.headers["retry-after"] == "5"
    assert reply.headers["x-content-type-options"] == "nosniff"
    return reply.status == 200


def test_large_answers_that_nobody_takes_have_a_bound_in_memory(data: Path) -> None:
    with Server([data], env=ROOM_FOR_ONE) as server:
        with takes_little(server):
            assert not has_room(server)
            assert is_healthy(server)
        assert eventually(lambda: has_room(server))


def test_whoever_takes_a_large_answer_too_slowly_is_let_go(data: Path) -> None:
    with Server([data], env=ROOM_FOR_ONE | {"KG_SEND_SECONDS": "1"}) as server, takes_little(server) as slow:

        def after_a_byte_more() -> bool:
            slow.recv(1)
            return has_room(server)

        assert eventually(after_a_byte_more)


def connections() -> str:
    return Path("/proc/net/tcp").read_text()


def test_many_slow_clients_keep_nobody_waiting(server: Server) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    with ExitStack() as stack:
        slow = []
        for number in range(1200):  # more than the HTTP library takes by itself
            slow.append(stack.enter_context(socket.create_connection(("127.0.0.1", server.port))))
            slow[-1].sendall((POST + b"Content-Length: 100\r\n\r\nA") if number % 2 else b"GET / HT")
        for _ in range(5):
            assert is_healthy(server)
        for worker in [pid for pid in descendants(server.pid) if "kg.workers.process" in command(pid)]:
            os.kill(worker, signal.SIGKILL)
        assert eventually(lambda: is_healthy(server)), "they are made anew, whatever numbers their files have"
        waiting = select.poll()
        for connection in slow:
            waiting.register(connection, select.POLLIN)
        assert waiting.poll(0) == [], "none has been let go"


def test_a_large_answer_comes_whole_to_one_that_reads(server: Server) -> None:
    reply = server.query("CONSTRUCT WHERE { ?s ?p ?o }", accept="application/n-triples")
    assert reply.status == 200
    assert reply.body.count(b" .\n") == 80_000
    assert int(reply.headers["content-length"]) == len(reply.body)
    head = server.request("HEAD", "/sparql?query=ASK%7B%7D")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: graph.example.org\r\n", b"", 414),
        (b"GET / HTTP/1.1\r\nHost: graph.example.org\r\n" + b"X: a\r\n" * 200, b"", 431),
        (b"GET / HTTP/1.1\r\nHost: graph.example.org\r\nX: " + b"a" * 900_000 + b"\r\n", b"", 431),
        (POST + b"Content-Length: 99999999999\r\n", b"ASK", 413),
        (POST + b"Content-Length: 50000\r\n", b"a" * 50_000, 413),
        (POST + b"Transfer-Encoding: chunked\r\n", (b"4000\r\n" + b"a" * 16384 + b"\r\n") * 4, 413),
        (POST + b"Content-Length: 20000\r\n", b"ASK {}" + b" " * 19_994, 413),
        (POST + b"Content-Length: 6\r\nContent-Length: 7\r\n", b"ASK {}", 400),
        (POST + b"Content-Length: -1\r\n", b"ASK {}", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: graph.example.org\r\nBad Header: x\r\n", b"", 400),
        (b"PRI * HTTP/2.0\r\n", b"SM\r\n\r\n", 400),
    ],
)
def test_too_much_or_malformed_is_refused_at_once(
    server: Server, head: bytes, body: bytes, expected: int
) -> None:
    reply = server.exchange(head + b"Connection: close\r\n\r\n" + body)
    assert status(reply) in (expected, 0), reply[:200]
    assert status(reply) == expected or len(body) + len(head) > 60_000, (
        "only what is cut off may go unanswered"
    )
    assert is_healthy(server)


@pytest.mark.parametrize(
    ("host", "address", "expected"),
    [
        ("graph.example.org", "/", 200),
        ("graph.example.org:8443", "/", 200),
        ("GRAPH.example.org", "/", 200),
        ("sub.example.net", "/", 200),
        ("evil.example", "/", 421),
        ("graph.example.org.evil.example", "/", 421),
        ("graph.example.org@evil.example", "/", 421),
        ("", "/", 421),
        ("evil.example", "/healthz", 200),
    ],
)
def test_only_our_hosts_are_answered_for(server: Server, host: str, address: str, expected: int) -> None:
    reply = server.exchange(f"GET {address} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert status(reply) in {expected, 400 if "@" in host or not host else expected}
    if status(reply) == 421:
        assert b"content-security-policy" in reply.lower()


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/",
        "//evil.example/%2e%2e",
        "/id//evil.example",
        "/\\evil.example",
        "/id/%0d%0aLocation:%20https://evil.example",
        "/resource?iri=https://evil.example/%0d%0aX:%20y",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/app.py",
        "/downloads/..%2fmanifest.json",
        "/downloads/%00",
    ],
)
def test_no_address_leads_elsewhere(server: Server, target: str) -> None:
    head = f"GET {target} HTTP/1.1\r\nHost: graph.example.org\r\nX-Forwarded-Host: evil.example\r\n"
    reply = server.exchange(f"{head}Connection: close\r\n\r\n".encode())
    assert status(reply) in (400, 404), reply[:300]
    headers = reply.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nlocation:" not in headers
    assert b"root:" not in reply


def test_the_log_has_no_query_string_and_no_line_of_a_stranger(server: Server) -> None:
    server.request("GET", "/sparql?query=ASK%7B%22whom-I-look-for%22%7D")
    server.request("GET", "/id/x%0a2026-01-01T00:00:00Z%20200%20GET%20/forged")
    server.query("ASK { FILTER('in-the-body' = '') }")
    assert eventually(lambda: "/sparql" in server.output.partition("/forged")[2])
    assert "/id/x%0A2026-01-01T00:00:00Z%20200%20GET%20/forged" in server.output
    assert "whom-I-look-for" not in server.output
    assert "in-the-body" not in server.output
    line = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \d{3} [A-Z%0-9]+ \S+ (\d+|-) [\d.]+ms"
    requests = [text for text in server.output.splitlines() if text.startswith("20")]
    assert len(requests) > 3
    assert [text for text in requests if not re.fullmatch(line, text)] == []


@pytest.mark.parametrize(("log", "shown"), [("full", True), ("none", False)])
def test_the_log_is_as_the_setting_says(tmp_path: Path, log: str, shown: bool) -> None:
    data = tmp_path / "data.ttl"
    data.write_text("<urn:a> <urn:b> 1 .")
    with Server([data], env={"KG_ACCESS_LOG": log, "KG_WORKERS": "1"}) as running:
        running.request("GET", "/?about=me", {"User-Agent": 'an "agent" \t\xa0'})
        assert not shown or eventually(lambda: "?about=me 127.0.0.1" in running.output)
    assert ("?about=me 127.0.0.1" in running.output) is shown
    assert "\t" not in running.output


@pytest.mark.parametrize(
    ("variable", "settings"),
    [
        ("KG_BASE_URL", {"base_url": "graph.example.org"}),
        ("KG_BASE_URL", {"base_url": "javascript:alert(1)"}),
        ("KG_BASE_URL", {"base_url": "https://graph.example.org/path"}),
        ("KG_BASE_URL", {"base_url": "https://graph.example.org\r\nX: y"}),
        ("KG_BASE_URL", {"base_url": "https://user@graph.example.org"}),
        ("KG_ACCESS_LOG", {"access_log": "all"}),
        ("KG_HEADER_BYTES", {"header_bytes": 100}),
        ("KG_TRUSTED_HOSTS", {"trusted_hosts": "a.example b.example"}),
        ("KG_TRUSTED_HOSTS", {"trusted_hosts": "a.example, https://b.example"}),
        ("KG_BODY_SECONDS", {"body_seconds": 0.0}),
    ],
)
def test_a_setting_that_cannot_be_names_its_variable(variable: str, settings: dict[str, object]) -> None:
    with pytest.raises(KgError, match=variable) as caught:
        check_settings(Settings(**settings))  # type: ignore[arg-type]
    assert caught.value.exit_code == 2

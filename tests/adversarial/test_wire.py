"""Hostile bytes: requests that are none, bodies without end, clients that are slow or go away."""

from __future__ import annotations

import contextlib
import http.client
import re
import select
import socket
from urllib.parse import quote, urlencode

import pytest

from tests.adversarial.conftest import FORM, assert_alive, assert_honest
from tests.conformance.server import Server
from tests.processes import PATIENCE

POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
BAD_REQUESTS = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "no end of headers": b"GET / HTTP/1.1\r\nHost: x\r\n",
    "odd header": b"GET / HTTP/1.1\r\nHost: x\r\nX y: z\r\nConnection: close\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: x\r\nX: y\r\n z\r\nConnection: close\r\n\r\n",
    "NUL in header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\nConnection: close\r\n\r\n",
    "two lengths": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nASK",
    "length and chunks": POST + b"Content-Length: 6\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
    "negative length": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "length that is none": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    "huge length": POST + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "bad chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "absolute form": b"GET http://evil.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "raw bytes in the path": b"GET /id/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "raw dots": b"GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "no slash": b"GET etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "fragment": b"GET /#x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "HTTP/1.0": b"GET /robots.txt HTTP/1.0\r\n\r\n",
    "HTTP/3.7": b"GET / HTTP/3.7\r\nHost: x\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    + b"".join(b"X-%d: y\r\n" % n for n in range(5000))
    + b"\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    "long path": b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "long query": b"GET /sparql?query="
    + b"a" * 300_000
    + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "cookies": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: " + b"a=b; " * 1500 + b"\r\n\r\n",
    "expect": POST + b"Content-Length: 900000000\r\nExpect: 100-continue\r\n\r\n",
    "upgrade": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
    "websocket": b"GET /sparql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_bytes_that_are_no_good_request_harm_nobody(server: Server, name: str) -> None:
    got = server.exchange(
        BAD_REQUESTS[name], 1.0
    )  # some wait for more, or for nothing: so do we, but not long
    assert b"root:x:0" not in got
    assert b"Traceback" not in got
    assert b"HTTP/1.1 500" not in got
    if name == "length and chunks":
        assert got.count(b"HTTP/1.1 ") <= 1 or b" 400 " in got, "a second request was smuggled in"


GET = b"GET /robots.txt HTTP/1.1\r\nConnection: close\r\n"
CHUNKED = POST + b"Connection: close\r\nTransfer-Encoding: %s\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (GET + b"Host: x\r\n\r\n", 200),
        (GET + b"Host: [::1]:80\r\n\r\n", 200),
        (GET + b"\r\n", 400),
        (GET + b"Host: x\r\nHost: evil.example\r\n\r\n", 400),
        (GET + b"Host: user@evil.example\r\n\r\n", 400),
        (GET + b"Host: evil.example/x\r\n\r\n", 400),
        (GET + b"Host: x y\r\n\r\n", 400),
        (GET + b"Host: x:port\r\n\r\n", 400),
        (GET + "Host: é\r\n\r\n".encode(), 400),
        (GET + b"Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 200),
        (CHUNKED % b"chunked", 200),
        (CHUNKED % b"gzip, chunked", 501),
        (CHUNKED % b"chunked\r\nTransfer-Encoding: chunked", 501),
        (b"GET /search?q=\xc3\xa9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
        (
            b"GET /sparql?query=ASK{BIND('\xc3\xa9'AS?x)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            200,
        ),
    ],
)
def test_a_head_is_what_http_allows_or_refused(server: Server, data: bytes, status: int) -> None:
    got = server.exchange(data, PATIENCE)
    assert got[9:12] == b"%d" % status, got[:300]
    assert status == 400 or b"nosniff" in got or b"content-security-policy" in got


@pytest.mark.parametrize("name", ["Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "Cookie"])
@pytest.mark.parametrize("piece", [b"x/y;q=0.5,", b'"a",', b'W/"', b"a=b;"])
def test_a_header_of_thousands_of_pieces_holds_up_nobody(server: Server, name: str, piece: bytes) -> None:
    """Each piece costs little; what is read of them together must, too."""
    value = piece * (200_000 // len(piece))
    head = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    data = head + name.encode() + b": " + value + b"\r\n\r\n"
    connections = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in range(8)]
    try:
        for connection in connections:
            connection.sendall(data)
        assert_alive(server)
        for connection in connections:
            assert connection.recv(12)[9:12] in (b"200", b"406", b"400", b"413")
    finally:
        for connection in connections:
            connection.close()


def test_a_body_in_thousands_of_chunks_is_refused(server: Server) -> None:
    data = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 30_000
    got = server.exchange(data + b"0\r\n\r\n", PATIENCE)
    assert not got or (b" 413 " in got[:20] and b"at most 4096 pieces" in got)
    assert not got or b"\r\nserver: scrutiny-graph\r\n" in got
    assert_alive(server)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(server: Server) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 2000000000\r\n\r\n"
    for kind in (
        b"application/sparql-query",
        b"application/x-www-form-urlencoded",
        b"application/sparql-update",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
            connection.sendall(head % kind + b"ASK {} #")  # and no more than that
            got = connection.recv(100)
        assert re.match(rb"HTTP/1.1 (413|403|400)", got), got or "no answer"


def test_chunks_without_end_are_cut_off(server: Server) -> None:
    sent = 0
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection,
        contextlib.suppress(OSError),
    ):
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"#" * 65536 + b"\r\n"
        while sent < 200_000_000:
            connection.sendall(chunk)
            sent += 65536
    assert sent < 200_000_000, "200 MB of one body were taken"


def test_other_pages_take_no_bodies(server: Server) -> None:
    for path in ("/", "/search", "/resource", "/healthz", "/questions"):
        reply = server.request("POST", path, FORM, urlencode({"q": "x" * 100_000}).encode())
        assert_honest(reply, path)
        assert reply.status in (404, 405, 413), (path, reply.status)


def test_slow_clients_keep_nobody_waiting(server: Server) -> None:
    """Sixty connections that send a byte now and then: fewer than a real attack, more than there are threads."""
    head = POST + b"Content-Length: 1000\r\n\r\n"
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(60)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall(head + b"ASK {" if number % 2 else b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for _ in range(4):
            assert_alive(server)
            for connection in slow:
                connection.sendall(b"a")
        assert select.select(slow, [], [], 0) == ([], [], []), "they are in the middle of it still"
    finally:
        for connection in slow:
            connection.close()


def test_clients_that_go_away_free_what_they_held(server: Server) -> None:
    heavy = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    for _ in range(12):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"GET /sparql?query={heavy} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert_alive(server)


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    one = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    got = server.exchange(one * 20 + last, PATIENCE)
    assert got.count(b"HTTP/1.1 200") == 21


def test_a_truncated_answer_says_so(server: Server) -> None:
    reply = server.query("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 150000", accept="text/csv")
    assert_honest(reply)
    assert reply.status == 200
    assert reply.headers["x-truncated"] == "rows=100000"


def test_no_answer_of_http_client_is_odd(server: Server) -> None:
    """An answer has one length, and a connection can be used again after an error."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    for target, status in (("/sparql?query=x", 400), ("/nowhere", 404), ("/robots.txt", 200)):
        connection.request("GET", target)
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.close()

"""Hostile requests: what is sent around the query, and to the pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import pytest

from tests.adversarial.conftest import FORM, HOSTILE_IRIS, HOSTILE_TEXTS, JSON, assert_honest
from tests.conformance.results import read_json, read_xml
from tests.conformance.server import Reply, Server

HTML = {"Accept": "text/html"}
DIRECT = {"Content-Type": "application/sparql-query"}
INJECTED = "%0d%0aX-Injected:%20yes%0d%0a%0d%0a%3Cscript%3Ealert(1)%3C/script%3E"


class _Links(HTMLParser):
    """Collects what a page links to, and what must not be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.targets += [
            str(given[name]) for name in ("href", "src", "action", "formaction") if given.get(name)
        ]
        self.wrong += [
            f"<{tag} {name}>" for name in given if name.startswith("on") or name in ("style", "srcdoc")
        ]
        if tag in ("style", "iframe", "object", "embed", "base") or (
            tag == "script" and not given.get("src")
        ):
            kind = given.get("type") or ""
            self.wrong += [] if tag == "script" and kind.endswith("json") else [f"<{tag}>"]


def assert_safe_page(reply: Reply) -> None:
    """A page holds no script of a stranger and no link that is not http, https or mailto."""
    assert reply.media_type == "text/html"
    links = _Links()
    links.feed(reply.text)
    assert not links.wrong
    for target in links.targets:
        assert urlsplit(target).scheme.lower() in ("", "http", "https", "mailto"), target
        assert not target.lstrip().lower().startswith(("javascript:", "data:", "vbscript:", "//")), target
    for text in HOSTILE_TEXTS[:2]:
        assert text not in reply.text
    assert "49" not in re.findall(r">\s*(49)\s*<", reply.text)  # {{ 7*7 }}


# --- pages and data about hostile IRIs


@pytest.mark.parametrize("iri", HOSTILE_IRIS, ids=range(len(HOSTILE_IRIS)))
def test_the_page_of_a_hostile_iri_is_harmless(server: Server, iri: str) -> None:
    page = server.request("GET", f"/resource?iri={quote(iri, safe='')}", HTML)
    assert_honest(page, iri)
    assert page.status == 200, page.text[:300]
    assert_safe_page(page)
    for extension in ("ttl", "nt", "rdf", "jsonld", "trig"):
        data = server.request("GET", f"/resource?iri={quote(iri, safe='')}&format={extension}")
        assert_honest(data, iri)
        if extension == "rdf" and data.status == 406:  # XML has no name for it, and the answer says so
            assert f"no name for <{iri}>" in data.text
        else:
            assert data.status == 200, (extension, data.text[:200])


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "%00",
        "a%00b",
        "%ff%fe",
        "%ed%a0%80",
        INJECTED,
        "http://example.org/" + INJECTED,
        "urn:x" + "a" * 2000,
        "urn:" + "a" * 60000,
        "javascript:alert(1)%0a",
        "..%2f..%2fetc%2fpasswd",
        "file:///etc/passwd%00.ttl",
        "http://127.0.0.1:1/",
        "//evil.example/",
        "urn:x&iri=urn:y",
        "urn:x%3Cscript%3E",
        "%22onclick=alert(1)",
        "[]:x",
        "http://[",
        "urn:%E2%80%AE",
        "{{7*7}}:x",
        "urn:x{{7*7}}",
    ],
)
@pytest.mark.parametrize(
    "path", ["/resource?iri=", "/search?q=", "/sparql?query=", "/sparql?run=no&query=", "/questions?q="]
)
def test_a_hostile_parameter_is_answered(server: Server, path: str, value: str) -> None:
    for headers in (HTML, {}, {"Accept": JSON}):
        reply = server.request("GET", path + value, headers)
        assert_honest(reply, path + value[:50])
        assert reply.status in (200, 302, 303, 400, 404, 406, 413, 414, 431), (path, value[:50], reply.status)
        if reply.media_type == "text/html":
            assert_safe_page(reply)
        if "location" in reply.headers:
            assert urlsplit(reply.headers["location"]).netloc in ("", f"127.0.0.1:{server.port}")


PATHS = (
    "/id/../../../etc/passwd",
    "/id/..%2f..%2f..%2fetc%2fpasswd",
    "/data/..%2f..%2fetc%2fpasswd.ttl",
    "/static/../kg/cli.py",
    "/static/..%2f..%2fkg%2fcli.py",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static//etc/passwd",
    "/static/..\\..\\kg\\cli.py",
    "/downloads/../manifest.json",
    "/downloads/..%2fmanifest.json",
    "/downloads/%2e%2e%2fstore%2fCURRENT",
    "/graph/..%2f..",
    "/claim/%00",
    "/page/" + "a" * 5000,
    "/id/" + INJECTED,
    "/questions/" + INJECTED,
    "/browse/..%2f..%2f",
    "//evil.example/",
    "//evil.example/%2e%2e",
    "/\\evil.example",
    "/.git/config",
    "/.env",
    "/id/%ff%fe",
    "/data/x.ttl%00.html",
    "/%0d%0aX-Injected:x",
    "/vocab/{{7*7}}",
    "/articles/..%2f..%2f",
    "/derived/'%20or%201=1",
    "/sparql/../etc/passwd",
    "/sparql/",
    "/id/",
    "/data/.ttl",
    "/.well-known/../etc/passwd",
    "/ontology/..%2f",
    "/id/javascript:alert(1)",
    "/page/%3Cscript%3Ealert(1)%3C/script%3E",
)


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_a_hostile_path_leads_nowhere(server: Server, path: str) -> None:
    for headers in (HTML, {"Accept": "text/turtle"}):
        reply = server.request("GET", path, headers)
        assert_honest(reply, path)
        assert reply.status in (200, 301, 302, 303, 308, 400, 404, 405, 406, 414), (path, reply.status)
        if reply.status == 200:
            assert path in ("/sparql/",), (path, reply.body[:200])
        if reply.media_type == "text/html":
            assert_safe_page(reply)
        for leaked in (b"root:x:0", b"[project]", b"LazyGroup", b"[core]"):
            assert leaked not in reply.body
        if "location" in reply.headers:
            target = urlsplit(reply.headers["location"])
            assert target.netloc in ("", f"127.0.0.1:{server.port}"), reply.headers["location"]
            assert not reply.headers["location"].startswith(("//", "/\\")), reply.headers["location"]


# --- the protocol, misused


def _sparql(server: Server, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Reply:
    reply = server.request(method, f"/sparql{target}", {"Accept": JSON, **headers}, body)
    assert_honest(reply, (method, target, headers))
    assert reply.headers.get("access-control-allow-origin") == "*"
    return reply


def test_duplicated_and_missing_parameters(server: Server) -> None:
    ask = quote("ASK {}")
    assert _sparql(server, "GET", f"?query={ask}&query={ask}", {}, None).status == 400
    assert _sparql(server, "POST", "", FORM, f"query={ask}&query={ask}".encode()).status == 400
    assert _sparql(server, "POST", f"?query={ask}", FORM, f"query={ask}".encode()).status in (200, 400)
    assert _sparql(server, "POST", f"?query={ask}", DIRECT, b"ASK {}").status in (200, 400)
    assert _sparql(server, "POST", "", FORM, b"").status == 400
    assert _sparql(server, "POST", "", FORM, b"Query=ASK{}").status == 400
    assert _sparql(server, "POST", "", FORM, f"query={ask}&update=DROP+ALL".encode()).status in (400, 403)
    assert _sparql(server, "GET", f"?query={ask}&update=DROP+ALL", {}, None).status in (400, 403)
    assert _sparql(server, "GET", "?query=", {}, None).status == 400
    assert _sparql(server, "POST", "", DIRECT, b"").status == 400


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/json",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/sparql-results+json",
        "application/x-www-form-urlencodedx",
        "application/sparql-query-x",
        "x",
        "/",
        ";",
        "application/octet-stream",
        "",
    ],
)
def test_a_wrong_content_type_is_refused(server: Server, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    for body in (b"ASK {}", b"query=ASK+%7B%7D", b"--x--"):
        assert _sparql(server, "POST", "", headers, body).status in (400, 415)


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "utf-7", "nonsense"])
def test_a_charset_other_than_utf8_is_refused(server: Server, charset: str) -> None:
    headers = {"Content-Type": f"application/sparql-query; charset={charset}"}
    text = "ASK { FILTER('ä' != '') }"
    body = text.encode(charset) if charset != "nonsense" else text.encode()
    assert _sparql(server, "POST", "", headers, body).status in (400, 415)


def test_bad_utf8_is_refused(server: Server) -> None:
    for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"):
        text = b"ASK { FILTER('" + bad + b"' != '') }"
        assert _sparql(server, "POST", "", DIRECT, text).status == 400
        assert _sparql(server, "POST", "", FORM, b"query=" + quote(text).encode()).status == 400
        assert _sparql(server, "GET", f"?query={quote(text)}", {}, None).status == 400


def test_methods(server: Server) -> None:
    ask = f"?query={quote('ASK {}')}"
    get = _sparql(server, "GET", ask, {}, None)
    head = _sparql(server, "HEAD", ask, {}, None)
    assert head.status == 200
    assert head.body == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    options = _sparql(
        server, "OPTIONS", "", {"Origin": "http://x.example", "Access-Control-Request-Method": "POST"}, None
    )
    assert options.status in (200, 204)
    for method in ("PUT", "DELETE", "PATCH"):
        refused = _sparql(server, method, ask, {}, b"")
        assert refused.status == 405
        assert "GET" in refused.headers["allow"]
    for method in ("TRACE", "CONNECT", "BREW"):
        reply = server.exchange(
            f"{method} /sparql{ask} HTTP/1.1\r\nHost: x\r\nX-Secret: 1\r\nConnection: close\r\n\r\n".encode()
        )
        assert b"X-Secret" not in reply
        assert not reply or re.match(rb"HTTP/1.[01] (400|405|404|501)", reply), reply[:200]


def test_the_head_of_a_failure_says_so(server: Server) -> None:
    reply = server.request("HEAD", "/sparql?query=nonsense", {"Accept": JSON})
    assert reply.status == 400
    assert server.request("HEAD", "/nowhere").status == 404


def test_a_range_is_honoured_or_ignored(server: Server) -> None:
    target = f"?query={quote('SELECT * { ?s ?p ?o } ORDER BY ?s LIMIT 20')}"
    whole = _sparql(server, "GET", target, {}, None).body
    for value in (
        "bytes=0-9",
        "bytes=5-",
        "bytes=-5",
        "bytes=9999999-",
        "bytes=0-0,1-1,2-2",
        "lines=1",
        "bytes=x",
        "bytes=" + "0-1," * 2000,
    ):
        reply = server.request("GET", f"/sparql{target}", {"Accept": JSON, "Range": value})
        assert reply.status in (200, 206, 416, 431, 400), (value, reply.status)
        if reply.status == 200:
            assert reply.body == whole


@pytest.mark.parametrize(
    "accept",
    [
        "*/*;q=x",
        "application/json;q=1.5",
        ",,,",
        "/",
        ";q=1",
        "a" * 5000,
        "*/*," * 3000,
        "text/html;" * 500,
        "é",
        "q=0",
        "*/*;q=0",
        'application/sparql-results+json;charset=x;version="1, 2"',
        "text/csv;q=0, */*",
    ],
)
def test_an_odd_accept_header_is_answered(server: Server, accept: str) -> None:
    reply = server.request(
        "GET", f"/sparql?query={quote('SELECT * {}')}", {"Accept": accept.encode().decode("latin-1")}
    )
    assert reply.status in (200, 400, 406, 431), reply.status
    assert reply.status in (400, 431) or "accept" in reply.headers["vary"].lower()


def test_a_host_header_decides_nothing(server: Server) -> None:
    for host in (
        "evil.example",
        "evil.example:80",
        "127.0.0.1\\@evil.example",
        "[::1",
        "a" * 3000,
        "evil.example/x?",
        "",
    ):
        reply = server.request(
            "GET",
            "/sparql",
            {
                "Accept": "text/turtle",
                "Host": host,
                "X-Forwarded-Host": "evil.example",
                "Forwarded": "host=evil.example",
            },
        )
        assert reply.status in (200, 400, 403, 421, 431), (host, reply.status)
        assert b"evil.example" not in reply.body
        assert "evil.example" not in str(reply.headers)


def test_xml_is_well_formed_and_json_is_json_for_every_text(server: Server) -> None:
    odd = "\\u0001\\u0008\\u000B\\u001F\\uFFFE\\uFFFF\\r\\n\\t<&>]]>\\u2028\\u0085"
    text = f"SELECT ('{odd}' AS ?x) (<http://example.org/?a=1&b=2> AS ?y) {{}}"
    reply = server.query(text, accept=JSON)
    assert read_json(reply.body).rows
    reply = server.query(text, accept="application/sparql-results+xml")
    assert_honest(reply)
    if reply.status == 200:
        assert read_xml(reply.body).rows
    else:
        assert reply.status in (400, 406)
    for kind in ("text/csv", "text/tab-separated-values", "text/turtle"):
        assert_honest(server.query(text, accept=kind))


# --- pages of results


def test_the_query_page_shows_hostile_results_harmlessly(server: Server) -> None:
    for text in (
        "SELECT * { ?s ?p ?o FILTER(!STRSTARTS(STR(?s), 'http://example.org/s')) }",
        "CONSTRUCT WHERE { <javascript:alert(1)> ?p ?o }",
        f"SELECT ('{HOSTILE_TEXTS[0]}' AS ?x) {{}}",
        "<script>alert(1)</script>",
        "SELECT * { </textarea><script>alert(1)</script> }",
    ):
        reply = server.request("GET", f"/sparql?query={quote(text)}", HTML)
        assert_honest(reply, text)
        assert_safe_page(reply)


def test_the_page_of_a_big_result_is_bounded(server: Server) -> None:
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
    reply = server.request("GET", f"/sparql?query={quote(text)}", HTML)
    assert_honest(reply)
    assert reply.status == 200
    assert len(reply.body) < 4_000_000

"""Servers over data that is hostile itself: a calm one, and a strict one for what is to meet the limit of time.

No test depends on how fast the machine is. The calm server has limits that only a fault meets; the strict one stops
every query soon, so that an honest one may be stopped there, too, while the machine is busy: it is asked again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adversarial.canary import Canary
from tests.conformance.results import read_json
from tests.conformance.server import Reply, Server
from tests.processes import FAR, PATIENCE

LIMITS = {"KG_QUERY_MEMORY_MB": "256", "KG_WORKERS": "2", "KG_QUEUE": "16"}
CALM = {**LIMITS, "KG_QUERY_SECONDS": FAR, "KG_HEADER_SECONDS": FAR, "KG_BODY_SECONDS": FAR}
STRICT = {**LIMITS, "KG_QUERY_SECONDS": "0.4"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = "application/sparql-results+json"
HOSTILE_IRIS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//",
    "data:text/html,%3Cscript%3Ealert(1)%3C/script%3E",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "urn:x'onmouseover='alert(1)",
    "http://example.org/x'onmouseover='alert(1)",
    "http://example.org/%0d%0aX-Injected:%20yes",
    "http://example.org/&lt;script&gt;",
    "http://example.org/é/\u202e",
    "http://example.org/" + "a" * 2000,
    "http://example.org//x",
    "x:y",
)
HOSTILE_TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "\u202eevil",
    "]]>",
    "\x7f",
)


@pytest.fixture(scope="session")
def canary() -> Iterator[Canary]:
    """A listener that must never be called."""
    listener = Canary()
    yield listener
    listener.close()
    assert not listener.calls, "the server fetched something"


@pytest.fixture(scope="session")
def hostile_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough triples that products of them are heavy, and IRIs and texts that attack a page."""
    lines = [
        f"<http://example.org/s{n}> <http://example.org/p{n % 7}> <http://example.org/s{n * 7 % 3000}> ."
        for n in range(3000)
    ]
    for iri in HOSTILE_IRIS:
        for other in ("http://example.org/s1", iri):
            lines += [f"<{iri}> <http://example.org/p> <{other}> .", f"<{other}> <{iri}> <{iri}> <{iri}> ."]
        for text in HOSTILE_TEXTS:
            quoted = text.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'<{iri}> <http://www.w3.org/2000/01/rdf-schema#label> "{quoted}" .')
    path = tmp_path_factory.mktemp("hostile") / "hostile.nq"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="session")
def server(hostile_data: Path, canary: Canary) -> Iterator[Server]:
    """`kg serve` on the hostile data, which no honest request makes impatient."""
    with Server([hostile_data], env=CALM) as running:
        yield running


@pytest.fixture(scope="session")
def strict(hostile_data: Path, canary: Canary) -> Iterator[Server]:
    """`kg serve` on the hostile data, where a query has little time."""
    with Server([hostile_data], env=STRICT) as running:
        yield running


def assert_alive(server: Server) -> None:
    """A light query is answered rightly; one that met the strict limit while the machine was busy is asked again."""
    until = time.monotonic() + PATIENCE
    while True:
        reply = server.query("ASK { <http://example.org/s1> ?p ?o }", accept=JSON, timeout=PATIENCE)
        if reply.status not in (503, 504) or time.monotonic() > until:
            break
    assert reply.status == 200, reply.text
    assert read_json(reply.body).boolean is True


def assert_honest(reply: Reply, what: object = "") -> None:
    """Whatever came: no fault of ours, an error in words, the headers that every answer has."""
    assert reply.status < 500 or reply.status in (503, 504), (what, reply.status, reply.body[:300])
    if reply.status >= 400:
        assert reply.body.strip(), (what, reply.status, "no word of why")
        assert b"Traceback" not in reply.body
        if reply.status == 503:
            assert int(reply.headers["retry-after"]) > 0
    assert reply.headers.get("x-content-type-options") == "nosniff", (what, reply.status, reply.headers)
    assert "default-src 'none'" in reply.headers.get("content-security-policy", ""), (what, reply.status)
    assert "x-injected" not in reply.headers
    assert b"root:x:0" not in reply.body


@pytest.fixture(autouse=True)
def _still_alive(request: pytest.FixtureRequest, canary: Canary) -> Iterator[None]:
    """After every test the server that it used answers, and nothing was fetched."""
    yield
    for name in {"server", "strict"} & set(request.fixturenames):
        assert_alive(request.getfixturevalue(name))
    assert not canary.calls

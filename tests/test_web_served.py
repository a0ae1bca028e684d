"""Serving: the newest snapshot is followed without a failed request, a signal ends everything at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from kg.canonical import canonical_lines, hash_lines
from kg.flat import flatten
from kg.settings import Settings
from kg.snapshot import build_lock, prune, write_snapshot
from tests import anyshire
from tests.processes import FAR, KG, PATIENCE, descendants, eventually, gone, querying
from web import create_app
from web.serving.served import source_of

ROOT = Path(__file__).resolve().parent.parent
HTML = {"Accept": "text/html"}
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")


def publish(out: Path, council: str) -> str:
    """Make a snapshot of Anyshire the current one, with this name of the council; return its version."""
    iri = ox.NamedNode("https://w3id.org/scrutiny-graph/id/anyshire-council")
    quads = [
        ox.Quad(q.subject, q.predicate, ox.Literal(council, language="en"), q.graph_name)
        if q.subject == iri and q.predicate == LABEL
        else q
        for q in anyshire.quads()
    ]
    lines = canonical_lines(quads)
    version = hash_lines(lines)
    flat = (f"{triple} .\n".encode() for triple in flatten(quads))
    with build_lock(out):
        write_snapshot(out, version, lines, flat, {"counts": {}, "madeWith": {}})
    return version


def test_a_new_snapshot_is_served_at_once_and_the_old_one_let_go(tmp_path: Path) -> None:
    first = publish(tmp_path, "First Council")
    app = create_app(Settings(out=tmp_path, workers=1))
    client = app.test_client()
    try:
        assert "First Council" in client.get("/page/anyshire-council", headers=HTML).text
        ask = {"query": "ASK { ?s rdfs:label 'Second Council'@en }"}
        assert client.get("/sparql", query_string=ask).json["boolean"] is False
        second = publish(tmp_path, "Second Council")
        assert first != second
        response = client.get("/page/anyshire-council", headers=HTML)
        assert "Second Council" in response.text
        assert response.headers["X-Data-Version"] == second
        assert client.get("/sparql", query_string=ask).json["boolean"] is True
        publish(tmp_path, "Third Council")
        publish(tmp_path, "Fourth Council")
        assert "Fourth Council" in client.get("/page/anyshire-council", headers=HTML).text
        publish(tmp_path, "Fifth Council")
        prune(tmp_path, keep=2)
        kept = {path.name for path in (tmp_path / "snapshots").iterdir()}
        assert first not in kept
        assert second not in kept
    finally:
        source_of(app).close()


def test_requests_in_flight_keep_their_snapshot(tmp_path: Path) -> None:
    publish(tmp_path, "First Council")
    source = source_of(create_app(Settings(out=tmp_path, workers=1)))
    state = source.current()
    publish(tmp_path, "Second Council")
    newer = source.current()
    assert newer is not state
    assert (
        len(list(state.raw.quads_for_pattern(None, LABEL, ox.Literal("First Council", language="en"), None)))
        > 0
    )
    state.give_back()
    newer.give_back()
    source.close()


@contextmanager
def serving(
    *arguments: str, log: int | None = None, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`kg serve`, and its address; it logs to the file descriptor `log`, or to where the tests do."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    process = subprocess.Popen(
        [sys.executable, "-c", KG, "serve", "--port", "0", *arguments],
        cwd=ROOT, env={**env, **environment}, stdout=subprocess.PIPE, stderr=log, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Scrutiny Graph is at http://127.0.0.1:")
        yield process, line.split()[-1].rstrip("/")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def fetch(address: str, accept: str = "*/*") -> tuple[int, bytes]:
    try:
        with urlopen(Request(address, headers={"Accept": accept}), timeout=PATIENCE) as response:
            return response.status, response.read()
    except HTTPError as error:
        return error.code, error.read()


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
@pytest.mark.parametrize(
    ("number", "to_group", "heavy"),
    [
        (signal.SIGINT, True, 3),
        (signal.SIGTERM, False, 3),
        (signal.SIGTERM, False, 0),
        (signal.SIGKILL, False, 3),
    ],
    ids=["ctrl-c", "term", "term-idle", "kill"],
)
def test_a_signal_ends_all_processes_and_waits_for_no_limit(
    tmp_path: Path, number: int, to_group: bool, heavy: int
) -> None:
    publish(tmp_path, "Anyshire Council")
    far = {"KG_QUERY_SECONDS": FAR, "KG_STOP_SECONDS": FAR}
    with serving("--out", str(tmp_path), **far) as (process, address):
        assert fetch(f"{address}/", "text/html")[0] == 200
        answers: list[int] = []

        def ask() -> None:
            try:
                answers.append(fetch(f"{address}/sparql?{urlencode({'query': HEAVY})}")[0])
            except OSError:
                answers.append(0)

        threads = [threading.Thread(target=ask) for _ in range(heavy)]
        for thread in threads:
            thread.start()
        assert eventually(lambda: querying(process.pid) or not heavy)
        processes = descendants(process.pid)
        assert len(processes) >= 4, "server, its parent, two query workers"
        (os.killpg if to_group else os.kill)(process.pid, number)
        assert process.wait(PATIENCE) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
        assert gone(processes)
        for thread in threads:
            thread.join(PATIENCE)
        assert len(answers) == heavy
        assert set(answers) <= {503, 0}


def test_a_build_beside_a_running_server_is_served_without_a_failed_request(tmp_path: Path) -> None:
    publish(tmp_path, "Council 0")
    with serving("--out", str(tmp_path), KG_QUERY_SECONDS=FAR) as (_, address):
        wrong: list[object] = []
        stop = threading.Event()

        def shows(name: bytes) -> bool:
            return name in fetch(f"{address}/page/anyshire-council", "text/html")[1]

        def visit() -> None:
            while not stop.is_set():
                for path in ("/page/anyshire-council", f"/sparql?{urlencode({'query': 'ASK { ?s ?p ?o }'})}"):
                    status, body = fetch(address + path, "*/*")
                    if status != 200:
                        wrong.append((path, status, body[:200]))

        threads = [threading.Thread(target=visit) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for n in range(1, 4):
                publish(tmp_path, f"Council {n}")
                assert eventually(partial(shows, f"Council {n}".encode()))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert wrong == []


@linux_only
def test_pages_answer_while_all_query_workers_are_busy(tmp_path: Path) -> None:
    publish(tmp_path, "Anyshire Council")
    far = {"KG_QUERY_SECONDS": FAR, "KG_WORKERS": "1", "KG_QUEUE": "2"}
    with serving("--out", str(tmp_path), **far) as (process, address):
        answers: list[int] = []

        def ask() -> None:
            with suppress(OSError):
                answers.append(fetch(f"{address}/sparql?{urlencode({'query': HEAVY})}")[0])

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        assert eventually(lambda: len(answers) == 3), "one runs, two wait"
        assert eventually(lambda: querying(process.pid))
        assert fetch(f"{address}/page/anyshire-council", "text/html")[0] == 200
        assert fetch(f"{address}/sparql?{urlencode({'query': 'ASK {}'})}")[0] == 200
        assert answers == [503] * 3, "the others are at it still"
        process.terminate()
        for thread in threads:
            thread.join(PATIENCE)
        assert answers == [503] * 6


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from kg.cli import main; main()", "serve", *arguments],
        cwd=ROOT, env={name: value for name, value in os.environ.items() if not name.startswith("KG_")},
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip


def test_a_port_in_use_is_told_and_ends_with_2(tmp_path: Path) -> None:
    publish(tmp_path, "Anyshire Council")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = run("--out", str(tmp_path), "--port", port)
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_server_on_the_same_port_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, "Anyshire Council")
    with serving("--out", str(tmp_path)) as (_, address):
        assert run("--out", str(tmp_path), "--port", address.rpartition(":")[2]).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["no-such.ttl"], 2, "no-such.ttl"),
        (["--host", "no.such.host.invalid"], 2, "cannot listen"),
        (["--port", "99999"], 2, "99999"),
        (["--port", "x"], 2, "'x'"),
    ],
)
def test_mistakes_end_with_a_message(arguments: list[str], code: int, words: str) -> None:
    done = run(*(arguments if "--port" in arguments else [*arguments, "--port", "0"]))
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert words in done.stderr


def test_files_are_served_and_their_store_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text("<http://example.org/a> <http://example.org/b> 1 .", "utf-8")
    with serving(str(path), TMPDIR=str(tmp_path)) as (process, address):
        status, body = fetch(f"{address}/sparql?{urlencode({'query': 'SELECT * { ?s ?p ?o }'})}", "text/csv")
        assert (status, body.count(b"\r\n")) == (200, 2)
        assert list(tmp_path.glob("scrutiny-graph-*"))
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert not list(tmp_path.glob("scrutiny-graph-*"))

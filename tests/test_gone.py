"""A client that goes away takes its query along: it stops waiting, or stops running, and others have the room."""

from __future__ import annotations

import re
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from kg.errors import CallerGone
from kg.workers.caller import Caller
from kg.workers.pool import Limits, QueryPool, QueryRequest
from tests.conformance.server import Server, _free_port
from tests.processes import FAR, PATIENCE, alive, eventually

HEAVY = "SELECT (COUNT(*) AS ?n{0}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }}"
WAYS = {
    "directly": "GET /sparql?query={0} HTTP/1.1\r\nHost: x\r\n\r\n",
    "by the application": "GET /sparql?query={0}&format=csv HTTP/1.1\r\nHost: x\r\n\r\n",
    "as a page": "GET /sparql?query={0} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n",
    "from a form": "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: {1}\r\n\r\nquery={0}",
}


def lines(count: int) -> str:
    return "".join(f"<urn:s{n}> <urn:p> <urn:o{n % 7}> .\n" for n in range(count))


class Watched:
    """A server with one worker and one for heavy queries, and its metrics."""

    def __init__(self, server: Server, port: int) -> None:
        self.server, self._port = server, port

    def metric(self, name: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=PATIENCE) as reply:
            found = re.search(rf"^{re.escape(name)} (\d+)", reply.read().decode(), re.MULTILINE)
        return int(found[1]) if found else 0

    def ask(self, way: str, number: int) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE)
        query = quote(HEAVY.format(number), safe="")
        connection.sendall(WAYS[way].format(query, len(query) + 6).encode())
        return connection


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    data = tmp_path_factory.mktemp("gone") / "data.nt"
    data.write_text(lines(1500))
    port = _free_port()
    env = {"KG_METRICS": f"127.0.0.1:{port}", "KG_WORKERS": "1", "KG_QUERY_SECONDS": FAR}
    with Server([data], env=env) as server:
        yield Watched(server, port)


@pytest.mark.parametrize("way", WAYS)
def test_a_query_that_runs_is_stopped(watched: Watched, way: str) -> None:
    gone = watched.metric('kg_queries_total{outcome="gone"}')
    with watched.ask(way, len(way)):
        assert eventually(lambda: watched.metric("kg_query_workers_busy") == 1)
    assert eventually(lambda: watched.metric("kg_query_workers_busy") == 0)
    assert eventually(lambda: watched.metric('kg_queries_total{outcome="gone"}') == gone + 1)
    assert watched.server.query("ASK {}").status == 200


@pytest.mark.parametrize("way", WAYS)
def test_a_query_that_waits_leaves_the_queue_and_the_others_stay(watched: Watched, way: str) -> None:
    with watched.ask("directly", 100):
        assert eventually(lambda: watched.metric("kg_query_workers_busy") == 1)
        with watched.ask(way, 101):
            assert eventually(lambda: watched.metric("kg_queries_waiting") == 1)
        assert eventually(lambda: watched.metric("kg_queries_waiting") == 0)
        assert watched.metric("kg_query_workers_busy") == 1, "the one whose client is there goes on"
    assert eventually(lambda: watched.metric("kg_query_workers_busy") == 0)


def test_a_hundred_that_leave_at_once_leave_nothing_behind(watched: Watched) -> None:
    connections = [watched.ask(way, number) for number in range(25) for way in WAYS]
    for connection in connections:
        connection.close()
    assert eventually(
        lambda: watched.metric("kg_query_workers_busy") + watched.metric("kg_queries_waiting") == 0
    )
    assert watched.server.query("ASK {}").status == 200


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryPool]:
    path = tmp_path_factory.mktemp("pool")
    store = ox.Store(str(path))
    store.bulk_load(lines(1500).encode(), format=ox.RdfFormat.N_TRIPLES)
    store.flush()
    del store
    with QueryPool(path, 1, Limits(seconds=float(FAR)), heavy_workers=1) as made:
        made.run(QueryRequest("ASK {}"))
        yield made


@pytest.mark.parametrize("after", [0.0, 0.1, 0.4, 0.8])
def test_whoever_waits_is_told_whenever_it_is(pool: QueryPool, after: float) -> None:
    caller, told = Caller(), threading.Event()

    def ask() -> None:
        with pytest.raises(CallerGone):
            pool.run(QueryRequest(HEAVY.format(round(after * 10))), caller)
        told.set()

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(after)
    caller.leave()
    assert told.wait(PATIENCE)
    thread.join()
    assert pool.run(QueryRequest("ASK {}")).rows == 1
    assert pool.load.busy == 0


def test_a_caller_that_has_gone_already_costs_no_worker(pool: QueryPool) -> None:
    workers = pool.idle_pids
    caller = Caller()
    caller.leave()
    with pytest.raises(CallerGone):
        pool.run(QueryRequest("ASK {}"), caller)
    assert set(workers) <= set(pool.idle_pids)


def test_one_that_leaves_after_its_answer_disturbs_nobody(pool: QueryPool) -> None:
    for _ in range(20):
        caller = Caller()
        pool.run(QueryRequest("ASK {}"), caller)
        worker = pool.idle_pids[0]  # that it had
        caller.leave()
        assert pool.run(QueryRequest("ASK {}")).rows == 1
        assert alive(worker)

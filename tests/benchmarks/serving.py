"""What serving costs: a query through HTTP, against a peer, beside heavy queries, after a kill, and its memory."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox

from kg.errors import KgError
from kg.snapshot import open_snapshot
from kg.workers.nursery import nursery
from kg.workers.pool import Limits, QueryPool, QueryRequest
from tests.benchmarks.http_client import Connection, alternating, query_target, requests_per_second
from tests.benchmarks.measure import Row
from tests.benchmarks.processes import memory, tree
from tests.conformance.server import Server, _free_port

PREFIXES = (
    "PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#> PREFIX id: <https://w3id.org/scrutiny-graph/id/> "
    "PREFIX org: <http://www.w3.org/ns/org#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
)
SMALL = (
    PREFIXES + "SELECT ?who ?start { ?t org:post id:post-dcs-somerset ; org:member ?who ; sg:start ?start }"
)
PLAIN = (
    SMALL,
    PREFIXES + "SELECT ?tenure ?who { ?tenure org:post id:post-dcs-somerset ; org:member ?who }",
    PREFIXES + "SELECT ?p ?o { id:julian-wooster ?p ?o }",
    PREFIXES + "SELECT ?judgement ?grade { ?judgement sg:grade ?grade }",
)
GRAPH = PREFIXES + "SELECT ?g ?who { GRAPH ?g { ?t org:post id:post-dcs-somerset ; org:member ?who } }"
HEAVY = "SELECT (COUNT(*) AS ?n{0}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) }}"
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c"
PEER = "rdflib-endpoint==0.6.3"
PEER_WITH = ("rdflib==7.6.0", "uvicorn==0.54.0")
HEAVY_SECONDS = 5
MEMORY_MB = 512
ROUNDS = 7
"""Each round measures everything once, one after the other; the least of the medians counts, as noise only adds."""


def serving(out: Path, minutes: float = 0.2, *, peer: bool = True) -> list[Row]:
    """All rows about serving the graph that was built into `out`."""
    rows = [*_cost(out)]
    if peer:
        rows += _against_peer(out)
    return [*rows, *_beside_heavy(out), *_after_a_kill(out), *_memory(out, minutes)]


def _server(out: Path, **more: str) -> Server:
    return Server([], env={"KG_OUT": str(out), "KG_ACCESS_LOG": "none", **more})


def _cost(out: Path) -> list[Row]:
    """A small SELECT through HTTP against what it is made of: the engine's part and a request that asks nothing."""
    with open_snapshot(out) as snapshot, _server(out) as server, Connection(server.port) as connection:
        store = snapshot.store
        target = query_target(SMALL)
        connection.get(target)
        works = [
            lambda: store.query(SMALL).serialize(format=ox.QueryResultsFormat.JSON),  # type: ignore[union-attr]
            lambda: connection.get("/healthz"),
            lambda: connection.get(target),
        ]
        taken = [alternating(works, 200) for _ in range(ROUNDS)]
    engine, empty, through = (
        min(statistics.median(part) for part in parts) for parts in zip(*taken, strict=True)
    )
    return [
        Row("small SELECT through HTTP, wall", through * 1e6, "us"),
        Row("  the engine's evaluate and serialise", engine * 1e6, "us"),
        Row("  the server's empty request", empty * 1e6, "us"),
        Row("  to the sum of both", through / (engine + empty), "x", 2),
    ]


def _against_peer(out: Path) -> list[Row]:
    """Requests per second against rdflib-endpoint: one server process each, the same data, queries and clients."""
    folder = out / "peer"
    program = _install_peer(folder)
    if program is None:
        return [Row(f"{PEER} could not be installed: not compared", float("nan"), "")]
    data = out / "current" / "exports" / "scrutiny-graph.nq"
    port = _free_port()
    command = [str(program), "serve", "--host", "127.0.0.1", "--port", str(port), str(data)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        _wait_for(port)
        plain, graph = [query_target(q) for q in PLAIN], [query_target(GRAPH)]
        their_plain, their_graph = [query_target(q, "/") for q in PLAIN], [query_target(GRAPH, "/")]
        with _server(out) as server:
            ours, theirs, ours_graph, theirs_graph = [], [], [], []
            _same_answers(server.port, port)
            for _ in range(3):
                ours.append(requests_per_second(server.port, plain, 1.5))
                theirs.append(requests_per_second(port, their_plain, 1.5))
                ours_graph.append(requests_per_second(server.port, graph, 1.5))
                theirs_graph.append(requests_per_second(port, their_graph, 1.5, clients=1))
    finally:
        process.kill()
        process.wait()
    a, b = statistics.median(ours), statistics.median(theirs)
    c, d = statistics.median(ours_graph), statistics.median(theirs_graph)
    return [
        Row("plain patterns, requests per second", a, "/s"),
        Row(f"  {PEER}", b, "/s"),
        Row("  ours to theirs", a / b, "x", at_least=1.5),
        Row("patterns in GRAPH, requests per second", c, "/s"),
        Row(f"  {PEER}", d, "/s"),
        Row("  ours to theirs", c / d, "x", at_least=50),
    ]


def _install_peer(folder: Path) -> Path | None:
    """Make an environment of its own for the peer, outside of ours and of our lock files."""
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", PEER, *PEER_WITH]
    done = subprocess.run(pip, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return folder / "bin" / "rdflib-endpoint" if done.returncode == 0 else None


def _wait_for(port: int, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), Connection(port) as connection:
            if connection.get(query_target("ASK {}", "/"))[0] == 200:
                return
        time.sleep(0.2)
    raise RuntimeError("the peer did not start")


def _same_answers(ours: int, theirs: int) -> None:
    for query in (*PLAIN, GRAPH):
        found = []
        for port, path in ((ours, "/sparql"), (theirs, "/")):
            with Connection(port) as connection:
                body = connection.get(query_target(query, path))[1]
            read = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
            assert isinstance(read, ox.QuerySolutions)
            names = [variable.value for variable in read.variables]
            found.append(sorted(str([row[name] for name in sorted(names)]) for row in read))
        if found[0] != found[1] or not found[0]:
            raise RuntimeError(f"different answers to {query}: {len(found[0])} and {len(found[1])} rows")


def _beside_heavy(out: Path, heavy: int = 200) -> list[Row]:
    """A light query while as many heavy ones are queued: equal ones, and each another one."""
    rows = []
    for name, texts in (
        ("equal", [HEAVY.format("")] * heavy),
        ("different", list(map(HEAVY.format, range(heavy)))),
    ):
        env = {"KG_QUEUE": str(heavy), "KG_QUERY_SECONDS": str(HEAVY_SECONDS)}
        metrics = _free_port()
        with (
            _server(out, KG_METRICS=f"127.0.0.1:{metrics}", **env) as server,
            ThreadPoolExecutor(heavy) as pool,
        ):
            light = query_target(SMALL)
            asked = [pool.submit(server.query, text) for text in texts]
            time.sleep(0.3)
            taken, waiting = [], []
            with Connection(server.port) as connection:
                until = time.monotonic() + HEAVY_SECONDS
                while time.monotonic() < until:
                    started = time.perf_counter()
                    status, _ = connection.get(light)
                    taken.append(time.perf_counter() - started if status == 200 else float("inf"))
                    waiting.append(_waiting(metrics))
                    time.sleep(0.02)
            refused = sum(future.result().status == 503 for future in asked)
        rows += [
            Row(f"light query beside {heavy} {name} heavy ones, median", statistics.median(taken), "s"),
            Row("  the slowest", max(taken), "s", 2, f"{max(waiting)} queued; {refused} told to come back"),
        ]
    return rows


def _waiting(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
        found = re.search(r"^kg_queries_waiting (\d+)", reply.read().decode(), re.MULTILINE)
    return int(found[1]) if found else 0


def _after_a_kill(out: Path) -> list[Row]:
    """How soon the next query is answered after a worker, or all of them, has been killed."""
    workers, all_of_them, stopped = [], [], []
    with open_snapshot(out) as snapshot:
        for _ in range(ROUNDS):
            with QueryPool(snapshot.store_path, 1, Limits(seconds=0.3)) as pool:
                pool.run(QueryRequest("ASK {}"))
                os.kill(pool.idle_pids[0], signal.SIGKILL)
                workers.append(_next_answer(pool))
                os.kill(nursery().pid, signal.SIGKILL)
                all_of_them.append(_next_answer(pool))
                with contextlib.suppress(KgError):
                    pool.run(QueryRequest(HEAVY.format("")))
                stopped.append(_next_answer(pool))
    return [
        Row("next answer after a worker was killed, median", statistics.median(workers) * 1000, "ms", 500),
        Row("  after one was stopped for its time", statistics.median(stopped) * 1000, "ms", 500),
        Row(
            "  after the nursery and all workers were killed",
            statistics.median(all_of_them) * 1000,
            "ms",
            500,
        ),
    ]


def _next_answer(pool: QueryPool) -> float:
    started = time.perf_counter()
    pool.run(QueryRequest("ASK { ?s ?p ?o }"))
    return time.perf_counter() - started


def _memory(out: Path, minutes: float) -> list[Row]:
    """The most memory, of all processes, over a mixed load: light, heavy, hungry, malformed and large ones."""
    texts = [
        *PLAIN, GRAPH, "ASK {", "SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", HEAVY.format(""), HUNGRY,
        "SELECT * " + "{" * 20_000 + "}" * 20_000,
    ]  # fmt: skip
    env = {"KG_QUERY_SECONDS": "2", "KG_QUERY_MEMORY_MB": str(MEMORY_MB)}
    statuses: dict[int, int] = {}
    server_held, all_held = [], []
    with _server(out, **env) as server:
        until = time.monotonic() + minutes * 60

        def client(number: int) -> None:
            turn = number
            while time.monotonic() < until:
                turn += 1
                status = server.query(texts[turn * (number + 1) % len(texts)]).status
                statuses[status] = statuses.get(status, 0) + 1

        threads = [threading.Thread(target=client, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        while time.monotonic() < until:
            held = {pid: memory(pid) for pid in tree(server.pid)}
            all_held.append(sum(held.values()))
            server_held.append(sum(held[pid] for pid in list(held)[:2]))
            time.sleep(0.25)
        for thread in threads:
            thread.join()
    workers = 2 + 1 + 1  # of the fast lane, of the slow one, spare: see `kg.settings`
    limit = workers * MEMORY_MB + 512
    third = max(1, len(server_held) // 3)
    growth = statistics.median(server_held[-third:]) - statistics.median(
        server_held[third : 2 * third] or server_held
    )
    answered = ", ".join(f"{n} x {status}" for status, n in sorted(statuses.items()))
    wrong = sum(n for status, n in statuses.items() if status not in (200, 400, 413, 503, 504))
    return [
        Row(
            f"memory over a mixed load of {minutes:g} minutes, at most",
            max(all_held) / 2**20,
            "MiB",
            limit,
            answered,
        ),
        Row("  of the server itself, at most", max(server_held) / 2**20, "MiB"),
        Row("  growth of that over the last third", growth / 2**20, "MiB", 32),
        Row("  answers that are not honest", wrong, "", 0),
    ]


if __name__ == "__main__":
    from tests.benchmarks.__main__ import main

    sys.exit(main(["--only", "serving", *sys.argv[1:]]))

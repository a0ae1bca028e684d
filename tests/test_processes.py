"""Several server processes (`KG_PROCESSES`): one that is killed is replaced, and a signal to the first ends all."""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.processes import command, tree
from tests.conformance.server import Server
from tests.processes import FAR, PATIENCE, alive, eventually

ASK = "ASK { <urn:s> <urn:p> <urn:o> }"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data.nt"
    data.write_text("<urn:s> <urn:p> <urn:o> .\n")
    env = {
        "KG_PROCESSES": "2",
        "KG_WORKERS": "1",
        "KG_HEAVY_WORKERS": "0",
        "KG_ACCESS_LOG": "none",
        "KG_QUERY_SECONDS": FAR,
    }
    with Server([data], env=env) as running:
        yield running


def serving(server: Server) -> list[int]:
    """The processes that answer: children of the first that have a nursery with a worker."""
    below = [pid for pid in tree(server.pid)[1:] if "kg.cli" in command(pid)]
    return [pid for pid in below if len(tree(pid)) >= 3]


def test_a_killed_process_is_replaced_and_the_others_answer(server: Server) -> None:
    assert eventually(lambda: len(serving(server)) == 2)
    wrong: list[object] = []
    done = threading.Event()

    def client() -> None:
        while not done.is_set():
            try:
                reply = server.query(ASK, timeout=PATIENCE)
                if reply.status != 200:
                    wrong.append((reply.status, reply.text))
            except (OSError, http.client.HTTPException) as error:  # it was with the one that was killed
                wrong.append(error)

    threads = [threading.Thread(target=client) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            victim = serving(server)[0]
            before = len(wrong)
            os.kill(victim, signal.SIGKILL)
            assert eventually(lambda victim=victim: not alive(victim))  # type: ignore[misc]
            assert eventually(lambda: len(serving(server)) == 2)
            assert len(wrong) - before <= len(threads), "more than what it was just answering"
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not [one for one in wrong if isinstance(one, tuple)], "an answer that was sent was a right one"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_first_ends_all(server: Server, number: int) -> None:
    assert eventually(lambda: len(serving(server)) == 2)
    everyone = tree(server.pid)
    assert len(everyone) >= 1 + 2 + 2 + 2, "the first, two that answer, a nursery and a worker of each"
    os.kill(server.pid, number)
    assert eventually(lambda: not any(map(alive, everyone)))

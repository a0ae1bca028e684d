"""A few of the kills of `python -m tests.crash`, and a build beside a server of several processes under load."""

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests import crash
from tests.conformance.server import Server
from tests.processes import FAR, eventually
from tests.test_web_served import publish

QUERY = (
    "SELECT ?label { <https://w3id.org/scrutiny-graph/id/anyshire-council>"
    " <http://www.w3.org/2000/01/rdf-schema#label> ?label }"
)


def test_nothing_is_lost_by_kills_at_random_moments(capsys: pytest.CaptureFixture[str]) -> None:
    assert crash.main(["--kills", "3"]) == 0, capsys.readouterr().out


def test_new_versions_are_served_by_all_processes_without_one_failed_request(tmp_path: Path) -> None:
    publish(tmp_path, "Council 0")
    env = {"KG_OUT": str(tmp_path), "KG_PROCESSES": "2", "KG_WORKERS": "1", "KG_ACCESS_LOG": "none"} | {
        "KG_QUERY_SECONDS": FAR
    }
    statuses: Counter[int] = Counter()
    seen: list[tuple[float, str]] = []
    done = threading.Event()
    with Server([], env=env) as server:

        def client(target: str) -> None:
            while not done.is_set():
                started = time.monotonic()
                if target:
                    statuses[server.request("GET", target, {"Accept": "text/html"}).status] += 1
                else:
                    reply = server.query(QUERY, accept="text/csv")
                    statuses[reply.status] += 1
                    seen.append((started, reply.text.split("\r\n")[1]))

        threads = [threading.Thread(target=client, args=(t,)) for t in ("", "", "", "/page/anyshire-council")]
        for thread in threads:
            thread.start()
        switched = []
        for number in range(1, 7):
            so_far = len(seen)
            assert eventually(lambda so_far=so_far: len(seen) > so_far + 3)  # type: ignore[misc]
            publish(tmp_path, f"Council {number}")
            switched.append((time.monotonic(), f"Council {number}"))
        assert eventually(lambda: seen[-1][1] == "Council 6")
        done.set()
        for thread in threads:
            thread.join()
    assert set(statuses) == {200}, statuses
    for when, name in switched:
        stale = [
            (at, label) for at, label in seen if at > when and int(label.split()[-1]) < int(name.split()[-1])
        ]
        assert not stale, "a request that came after the switch met the old data"
    assert {label for _, label in seen} >= {"Council 0", "Council 6"}

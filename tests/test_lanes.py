"""Two lanes: a light query is answered soon whatever else runs, waiting is bounded, and no process is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import KgError, PoolBusy, QueryTimeout
from kg.workers.nursery import nursery
from kg.workers.pool import LIGHT_QUEUE, Limits, QueryPool, QueryRequest, threads_for
from kg.workers.queues import Queues

HEAVY = "SELECT (COUNT(*) AS ?n{0}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}"
MIDDLING = (
    "SELECT (COUNT(*) AS ?n) { { SELECT ?c { ?a ?b ?c } LIMIT 700 } ?d ?e ?f FILTER(STR(?c) < STR(?f)) }"
)
LIGHT = "ASK { ?s ?p ?o }"


@pytest.fixture(scope="module")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lanes")
    store = ox.Store(str(path))
    lines = (f'<urn:s{n}> <urn:p> "{n}" .' for n in range(1200))
    store.bulk_load("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    store.flush()
    del store
    return path


@pytest.fixture
def pool(store_path: Path) -> Iterator[QueryPool]:
    with QueryPool(store_path, 1, Limits(seconds=3), heavy_workers=1, queue=4) as made:
        made.run(QueryRequest(LIGHT))
        yield made


def outcome(pool: QueryPool, text: str) -> str:
    try:
        pool.run(QueryRequest(text))
    except KgError as error:
        return type(error).__name__
    return "answered"


def seconds(pool: QueryPool, text: str = LIGHT) -> float:
    started = time.perf_counter()
    assert outcome(pool, text) == "answered"
    return time.perf_counter() - started


def eventually(true: Callable[[], bool], within: float = 5.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False


def exists(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_heavy_query_goes_on_in_the_other_lane_with_the_worker_that_runs_it(pool: QueryPool) -> None:
    with ThreadPoolExecutor(1) as threads:
        heavy = threads.submit(outcome, pool, HEAVY.format(""))
        time.sleep(0.8)
        assert not heavy.done()
        assert max(seconds(pool) for _ in range(10)) < 1.5
        started = time.perf_counter()
        assert heavy.result() == "QueryTimeout"
        assert time.perf_counter() - started < 3, (
            "its time counts from its start, not from its change of lane"
        )


def test_a_query_that_takes_longer_than_a_slice_is_answered(pool: QueryPool) -> None:
    assert outcome(pool, MIDDLING) == "answered"


def test_a_heavy_query_that_found_no_room_is_run_again_from_the_start(pool: QueryPool) -> None:
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(outcome, pool, HEAVY.format(""))
        time.sleep(0.7)
        second = threads.submit(outcome, pool, MIDDLING)
        assert first.result() == "QueryTimeout"
        assert second.result() == "answered"


@pytest.mark.parametrize(
    "texts", [[HEAVY.format("")] * 60, [HEAVY.format(n) for n in range(60)]], ids=["equal", "different"]
)
def test_a_light_query_is_answered_however_many_heavy_ones_come(pool: QueryPool, texts: list[str]) -> None:
    with ThreadPoolExecutor(len(texts)) as threads:
        heavy = [threads.submit(outcome, pool, text) for text in texts]
        time.sleep(0.1)
        slowest = max(seconds(pool) for _ in range(20))
        found = Counter(future.result() for future in heavy)
    assert slowest < 2
    assert set(found) <= {"QueryTimeout", "PoolBusy"}
    assert found["QueryTimeout"] >= 1


def test_who_may_wait_is_bounded_and_the_rest_is_told_at_once(pool: QueryPool) -> None:
    most = threads_for(1, 1, 4)
    assert most == 1 + 1 + 4 + LIGHT_QUEUE
    with ThreadPoolExecutor(150) as threads:
        heavy = [threads.submit(outcome, pool, HEAVY.format(n)) for n in range(150)]
        assert eventually(lambda: pool.load.waiting > 4)
        while not all(future.done() for future in heavy):
            load = pool.load
            assert load.waiting + load.busy <= most
            time.sleep(0.01)


def test_a_text_that_is_known_to_be_heavy_does_not_disturb_the_fast_lane(pool: QueryPool) -> None:
    assert outcome(pool, HEAVY.format("")) == "QueryTimeout"
    replaced = pool.load.replaced
    with ThreadPoolExecutor(1) as threads:
        again = threads.submit(outcome, pool, HEAVY.format(""))
        assert max(seconds(pool) for _ in range(20)) < 1.5, "it waited for the heavy one"
        assert pool.load.replaced == replaced
        assert again.result() == "QueryTimeout"


def test_what_is_cut_off_is_stopped_by_processor_time_not_by_a_busy_machine(pool: QueryPool) -> None:
    """Beside more work than there are processors, a query of some milliseconds is still a light one."""
    burners = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4 * (os.cpu_count() or 1))
    ]
    try:
        replaced = pool.load.replaced
        for _ in range(5):
            seconds(pool, "SELECT * { ?s ?p ?o }")
        assert pool.load.replaced == replaced
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def test_waiting_has_an_end(store_path: Path) -> None:
    with QueryPool(store_path, 1, Limits(seconds=2), heavy_workers=1, queue=4, patience=0.3) as pool:
        pool.run(QueryRequest(LIGHT))
        with ThreadPoolExecutor(2) as threads:
            threads.submit(outcome, pool, HEAVY.format(""))
            time.sleep(0.7)
            started = time.perf_counter()
            with pytest.raises(PoolBusy) as caught:
                pool.run(QueryRequest(HEAVY.format("")))
            assert time.perf_counter() - started < 1
            assert caught.value.retry_after >= 1


def test_a_killed_worker_comes_back(pool: QueryPool) -> None:
    for _ in range(5):
        for pid in pool.idle_pids:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: outcome(pool, LIGHT) == "answered")


def test_workers_that_are_killed_while_they_start_are_replaced_unnoticed(store_path: Path) -> None:
    for number in range(6):
        with QueryPool(store_path, 2, Limits(seconds=3), heavy_workers=1) as pool:
            time.sleep(number * 0.004)  # before, while and after they open the store
            for pid in pool.idle_pids:
                os.kill(pid, signal.SIGKILL)
            assert outcome(pool, LIGHT) == "answered"


def test_a_killed_nursery_is_back_soon_and_takes_its_workers_along(pool: QueryPool) -> None:
    pids = pool.idle_pids
    before = nursery().pid
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: not any(map(exists, pids)))
    assert seconds(pool) < 3
    assert nursery().pid != before


def test_nothing_is_left_of_the_workers_that_were_stopped(pool: QueryPool) -> None:
    for n in range(3):
        with pytest.raises(QueryTimeout):
            pool.run(QueryRequest(HEAVY.format(n)))
    children = Path(f"/proc/{nursery().pid}/task/{nursery().pid}/children")
    assert eventually(lambda: len(children.read_text().split()) <= len(pool.idle_pids) + 8)
    zombies = [pid for pid in children.read_text().split() if not exists(int(pid))]
    assert eventually(lambda: not [pid for pid in zombies if Path(f"/proc/{pid}").exists()])


def test_a_server_that_is_killed_leaves_no_process(store_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from kg.workers.pool import *\n"
        "from kg.workers.nursery import nursery\n"
        f"pool = QueryPool(Path({str(store_path)!r}), 2, Limits(seconds=60), heavy_workers=1)\n"
        "pool.run(QueryRequest('ASK {}'))\n"
        "import threading\n"
        f"threading.Thread(target=pool.run, args=(QueryRequest({HEAVY.format('')!r}),)).start()\n"
        "time.sleep(0.7)\n"
        "print(nursery().pid, *pool.idle_pids, flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first, *idle = map(int, process.stdout.readline().split())
    running = [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
    assert len(running) > len(idle), "one is busy"
    process.kill()
    process.wait()
    assert eventually(lambda: not any(map(exists, [first, *running])))


def test_a_closed_pool_tells_who_waits(store_path: Path) -> None:
    pool = QueryPool(store_path, 1, Limits(seconds=3), heavy_workers=1, queue=4)
    pool.run(QueryRequest(LIGHT))
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(outcome(pool, HEAVY.format("")))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.8)
    pool.close()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["PoolBusy", "PoolBusy", "QueryTimeout"]


def test_who_waits_is_let_in_however_many_others_keep_coming() -> None:
    queues = Queues(fast=1, light_queue=LIGHT_QUEUE, slow=1, queue=4, patience=60, seconds=60)
    running = queues.join(queues.fast, "first", int)
    patient = queues.join(queues.fast, "patient", int)
    waiting = [queues.join(queues.fast, number, int) for number in range(4)]
    for number in range(40):
        assert running.outcome == "go"
        queues.leave(queues.fast)
        if patient.outcome:
            break
        running = next(ticket for ticket in waiting if ticket.outcome)
        waiting.remove(running)
        waiting.append(queues.join(queues.fast, f"later {number}", int))
    assert patient.outcome == "go"

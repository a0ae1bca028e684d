"""Two lanes: a light query is answered whatever else runs, waiting is bounded, and no process is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import KgError, PoolBusy, QueryTimeout
from kg.workers.caller import Caller
from kg.workers.lanes import SLICE_SECONDS
from kg.workers.nursery import nursery
from kg.workers.pool import LIGHT_QUEUE, Limits, QueryPool, QueryRequest, threads_for
from kg.workers.queues import Queues
from tests.processes import FAR, alive, descendants, eventually, gone

HEAVY = "SELECT (COUNT(*) AS ?n{0}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }}"
"""Never ends by itself: it is dropped when its caller leaves, or stopped at a limit."""
MIDDLING = (
    "SELECT (COUNT(*) AS ?n) { { SELECT ?c { ?a ?b ?c } LIMIT 1000 } ?d ?e ?f FILTER(STR(?c) < STR(?f)) }"
)
"""Takes several slices of processor time."""
LIGHT = "ASK { ?s ?p ?o }"
FOR_EVER = Limits(seconds=float(FAR))


@pytest.fixture(autouse=True)
def _by_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no query count as heavy only because the machine is busy with something else."""
    monkeypatch.setattr("kg.workers.lanes.PATIENCE_FACTOR", 1e6)


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
    with QueryPool(store_path, 1, FOR_EVER, heavy_workers=1, queue=4) as made:
        made.run(QueryRequest(LIGHT))
        yield made


def outcome(pool: QueryPool, text: str, caller: Caller | None = None) -> str:
    try:
        pool.run(QueryRequest(text), caller)
    except KgError as error:
        return type(error).__name__
    return "answered"


@contextmanager
def asking(pool: QueryPool, *texts: str) -> Iterator[tuple[list["Future[str]"], Callable[[], None]]]:
    """Ask queries at once, each in a thread: what becomes of them, and how to let their callers leave."""
    callers = [Caller() for _ in texts]

    def leave() -> None:
        for caller in callers:
            caller.leave()

    with ThreadPoolExecutor(len(texts)) as threads:
        try:
            yield [threads.submit(outcome, pool, *asked) for asked in zip(texts, callers, strict=True)], leave
        finally:
            leave()


def runs_slowly(pool: QueryPool, waiting: int = 0) -> bool:
    """Whether a query is in the slow lane, and so many wait for that, within our patience."""
    slow = pool._lanes.queues.slow
    return eventually(lambda: (slow.running, len(slow.waiting)) == (1, waiting))


def done(futures: "list[Future[str]]") -> Counter[str]:
    return Counter(future.result() for future in futures if future.done())


def test_a_heavy_query_goes_on_in_the_other_lane_with_the_worker_that_runs_it(pool: QueryPool) -> None:
    worker = pool.idle_pids[0]
    with asking(pool, HEAVY.format("")) as ([heavy], leave):
        assert runs_slowly(pool)
        assert [outcome(pool, LIGHT) for _ in range(10)] == ["answered"] * 10
        assert not heavy.done()
        assert alive(worker)
        assert worker not in pool.idle_pids
        leave()
        assert heavy.result() == "CallerGone"


def test_the_time_of_a_query_has_an_end_in_either_lane(store_path: Path) -> None:
    with QueryPool(store_path, 1, Limits(seconds=0.8), heavy_workers=1, patience=float(FAR)) as pool:
        with asking(pool, *(HEAVY.format(n) for n in range(3))) as (heavy, _):
            assert Counter(future.result() for future in heavy) == {"QueryTimeout": 3}
        assert outcome(pool, HEAVY.format(0)) == "QueryTimeout"


def test_a_query_that_takes_longer_than_a_slice_is_answered(pool: QueryPool) -> None:
    assert outcome(pool, MIDDLING) == "answered"
    assert pool.load.replaced >= 1, "it was in the slow lane"


def test_a_heavy_query_that_found_no_room_is_run_again_from_the_start(pool: QueryPool) -> None:
    with asking(pool, HEAVY.format("")) as ([first], leave):
        assert runs_slowly(pool)
        with asking(pool, MIDDLING) as ([second], _):
            assert runs_slowly(pool, waiting=1)
            leave()
            assert second.result() == "answered"
        assert first.result() == "CallerGone"


@pytest.mark.parametrize(
    "texts", [[HEAVY.format("")] * 40, [HEAVY.format(n) for n in range(15)]], ids=["equal", "different"]
)
def test_a_light_query_is_answered_however_many_heavy_ones_come(pool: QueryPool, texts: list[str]) -> None:
    with asking(pool, *texts) as (heavy, _):
        assert [outcome(pool, LIGHT) for _ in range(20)] == ["answered"] * 20
        assert eventually(lambda: done(heavy) == {"PoolBusy": len(texts) - 5}), "one runs, four wait"
        assert outcome(pool, LIGHT) == "answered"
    assert done(heavy) == {"PoolBusy": len(texts) - 5, "CallerGone": 5}


def test_who_may_wait_is_bounded_and_the_rest_is_told_at_once(pool: QueryPool) -> None:
    assert threads_for(1, 1, 4) == 1 + 1 + 4 + LIGHT_QUEUE
    workers = pool.idle_pids
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    with asking(pool, *(f"{LIGHT} # {n}" for n in range(1 + LIGHT_QUEUE + 10))) as (light, _):
        assert eventually(lambda: done(light) == {"PoolBusy": 10})
        assert (pool.load.busy, pool.load.waiting) == (1, LIGHT_QUEUE)
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
        assert Counter(future.result() for future in light) == {"PoolBusy": 10, "answered": 1 + LIGHT_QUEUE}


def test_a_text_that_is_known_to_be_heavy_does_not_disturb_the_fast_lane(pool: QueryPool) -> None:
    with asking(pool, HEAVY.format("")):
        assert runs_slowly(pool)
    assert eventually(lambda: pool.load.busy == 0)
    worker = pool.idle_pids[0]
    os.kill(worker, signal.SIGSTOP)
    with asking(pool, LIGHT) as ([light], _):
        assert eventually(lambda: pool._lanes.queues.fast.running == 1)
        with asking(pool, HEAVY.format("")):
            assert runs_slowly(pool), "it did not wait for the fast lane"
        os.kill(worker, signal.SIGCONT)
        assert light.result() == "answered"


def test_what_is_cut_off_is_stopped_by_processor_time_not_by_a_busy_machine(pool: QueryPool) -> None:
    """A query that gets no processor for longer than a slice is still a light one."""
    replaced, (worker, *_) = pool.load.replaced, pool.idle_pids
    os.kill(worker, signal.SIGSTOP)
    with asking(pool, LIGHT) as ([light], _):
        time.sleep(2 * SLICE_SECONDS)
        assert not light.done()
        os.kill(worker, signal.SIGCONT)
        assert light.result() == "answered"
    assert pool.load.replaced == replaced


def test_waiting_has_an_end(store_path: Path) -> None:
    with (
        QueryPool(store_path, 1, FOR_EVER, heavy_workers=1, queue=4, patience=0.3) as pool,
        asking(pool, HEAVY.format("")),
    ):
        assert runs_slowly(pool)
        with pytest.raises(PoolBusy) as caught:
            pool.run(QueryRequest(HEAVY.format("")))
        assert caught.value.retry_after >= 1


def test_a_killed_worker_comes_back(pool: QueryPool) -> None:
    for _ in range(5):
        for pid in pool.idle_pids:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: outcome(pool, LIGHT) == "answered")


def test_workers_that_are_killed_while_they_start_are_replaced_unnoticed(store_path: Path) -> None:
    for number in range(6):
        with QueryPool(store_path, 2, FOR_EVER, heavy_workers=1) as pool:
            time.sleep(number * 0.004)  # before, while and after they open the store
            for pid in pool.idle_pids:
                os.kill(pid, signal.SIGKILL)
            assert outcome(pool, LIGHT) == "answered"


def test_a_killed_nursery_is_back_and_takes_its_workers_along(pool: QueryPool) -> None:
    pids = pool.idle_pids
    before = nursery().pid
    os.kill(before, signal.SIGKILL)
    assert gone(set(pids))
    assert outcome(pool, LIGHT) == "answered"
    assert nursery().pid != before


def test_nothing_is_left_of_the_workers_that_were_stopped(store_path: Path) -> None:
    with QueryPool(store_path, 1, Limits(seconds=0.3), heavy_workers=1) as pool:
        for n in range(3):
            with pytest.raises(QueryTimeout):
                pool.run(QueryRequest(HEAVY.format(n)))
        children = Path(f"/proc/{nursery().pid}/task/{nursery().pid}/children")
        assert eventually(lambda: set(map(int, children.read_text().split())) == set(pool.idle_pids))


def test_a_server_that_is_killed_leaves_no_process(store_path: Path) -> None:
    code = (
        "import sys, time, threading; from pathlib import Path; from kg.workers.pool import *\n"
        "from kg.workers.nursery import nursery\n"
        f"pool = QueryPool(Path({str(store_path)!r}), 2, Limits(seconds={FAR}), heavy_workers=1)\n"
        "pool.run(QueryRequest('ASK {}'))\n"
        f"threading.Thread(target=pool.run, args=(QueryRequest({HEAVY.format('')!r}),)).start()\n"
        "while not pool._lanes.queues.slow.running: time.sleep(0.01)\n"
        f"print(nursery().pid, *pool.idle_pids, flush=True); time.sleep({FAR})\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        first, *idle = map(int, process.stdout.readline().split())
        everyone = descendants(first)
        assert len(everyone) > 1 + len(idle), "one is busy"
    finally:
        process.kill()
        process.wait()
    assert gone(everyone)


def test_a_closed_pool_tells_who_waits(store_path: Path) -> None:
    pool = QueryPool(store_path, 1, FOR_EVER, heavy_workers=1, queue=4)
    pool.run(QueryRequest(LIGHT))
    with asking(pool, *[HEAVY.format("")] * 3) as (heavy, _):
        assert runs_slowly(pool, waiting=2)
        pool.close()
        assert eventually(lambda: done(heavy) == {"PoolBusy": 2}), "the one that runs goes on"
    assert done(heavy) == {"PoolBusy": 2, "CallerGone": 1}


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

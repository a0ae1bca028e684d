"""Who runs when: two lanes, so that a light query is answered soon however many heavy ones are there.

Nobody can tell beforehand whether a query is heavy. So each begins in the fast lane, with a slice of processor time. If
the slice is over, the query is heavy: it goes on in the slow lane if that has room, its worker with it, behind all
others for the scheduler, and another worker takes its place; else it is stopped and waits for the slow lane, to begin
anew there with all the time that a query may have. Its text is remembered for a while: the same query goes to the slow
lane at once, also those copies that wait already. The slow lane is first come, first served, and bounded: the rest is
told to come back.

While the fast lane is pressed, it serves the newest first, with shorter slices, and a newcomer pushes out who has
waited longest: a flood of different heavy queries can make others wait for a few slices, not for the whole queue.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import PoolBusy
from kg.stock import Stock
from kg.worker import Died, TookTooLong, Worker

SLICE_SECONDS = 0.25
"""Processor time of a query in the fast lane, while nobody waits."""
SHORTEST = 5
"""The slice becomes at most this many times shorter when others wait."""
PATIENCE_FACTOR = 2
"""The slice on the clock, in slices: on a busy machine a light query gets its processor time later."""
UNNOTICED_SECONDS = 0.1
REMEMBERED = 4096
FORGOTTEN_SECONDS = 120.0

Answer = tuple[dict[str, Any], bytes, float]


@dataclass(frozen=True)
class Load:
    """How busy the lanes are: their workers, those that run a query, queries that wait, workers replaced so far."""

    workers: int
    busy: int
    waiting: int
    replaced: int


@dataclass(eq=False)
class _Ticket:
    """A query that waits: what becomes of it, and the event that wakes it."""

    key: Hashable
    outcome: str = ""  # "go", "heavy", "pushed out", "closed"
    event: threading.Event = field(default_factory=threading.Event)


@dataclass
class _Lane:
    size: int
    queue: int
    running: int = 0
    waiting: deque[_Ticket] = field(default_factory=deque)


class Lanes:
    """Workers on one store, and the queues before them. Safe to use from many threads."""

    def __init__(
        self,
        store: Path,
        *,
        workers: int,
        heavy: int = 0,
        memory: int,
        seconds: float,
        queue: int,
        light_queue: int = 0,
        patience: float,
        known: Mapping[str, str],
    ) -> None:
        """Start `workers` processes for the fast lane, and a spare one if there is a slow lane for `heavy` queries.

        `queue` heavy and `light_queue` other queries may wait, each for `patience` seconds. Without a slow lane there
        is only one queue, of `queue`, first come, first served.
        """
        self._memory = memory
        self._seconds = seconds
        self._patience = patience
        self._fast = _Lane(workers, light_queue if heavy else queue)
        self._slow = _Lane(heavy, queue)
        self._spares = 1 if heavy else 0
        self._heavy: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False
        self._stock = Stock(store, memory, known, workers + self._spares)

    def ask(self, request: Mapping[str, Any], key: Hashable) -> Answer:
        """Run a request and return header, body and seconds; equal queries have equal keys.

        Raises `PoolBusy`, and `Died` or `TookTooLong` after the worker has been replaced.
        """
        started = time.monotonic()
        try:
            return self._ask(request, key)
        except Died as error:
            # Killed from outside while it was idle, and not noticed yet: nothing has been asked of it.
            if error.unready or error.signal != "SIGKILL" or time.monotonic() - started > UNNOTICED_SECONDS:
                raise
            return self._ask(request, key)

    def _ask(self, request: Mapping[str, Any], key: Hashable) -> Answer:
        is_heavy = self._slow.size > 0 and self._is_heavy(key)
        if not is_heavy and self._enter(self._fast, key):
            answer = self._run_fast(request, key)
            if answer is not None:
                return answer
        self._enter(self._slow, key)
        return self._run_slow(request, key)

    @property
    def load(self) -> Load:
        """How busy the lanes are now."""
        with self._lock:
            running = 0 if self._closed else self._fast.running + self._slow.running
            waiting = len(self._fast.waiting) + len(self._slow.waiting)
            return Load(self._fast.size + self._slow.size, running, waiting, self._stock.discarded)

    @property
    def idle_pids(self) -> list[int]:
        """The process ids of the workers that run nothing."""
        return self._stock.idle_pids

    def close(self) -> None:
        """End the idle workers now and the others when they are given back; who waits is told."""
        with self._lock:
            self._closed = True
            for lane in (self._fast, self._slow):
                while lane.waiting:
                    _wake(lane.waiting.popleft(), "closed")
        self._stock.close()

    # --- the queues

    def _enter(self, lane: _Lane, key: Hashable) -> bool:
        """Wait for a place in a lane; false if the query has turned out to be one for the slow lane."""
        with self._lock:
            if self._closed:
                raise _closed_error()
            if lane.running < lane.size:
                lane.running += 1
                return True
            if len(lane.waiting) >= lane.queue:
                if lane is self._slow or not self._slow.size or not lane.waiting:
                    raise PoolBusy(self._retry_after(lane))
                _wake(lane.waiting.popleft(), "pushed out")
            ticket = _Ticket(key)
            lane.waiting.append(ticket)
        ticket.event.wait(self._patience)
        with self._lock:
            if not ticket.outcome:
                lane.waiting.remove(ticket)
            outcome = ticket.outcome
        if outcome == "go":
            return True
        if outcome == "heavy":
            return False
        if outcome == "closed":
            raise _closed_error()
        raise PoolBusy(self._retry_after(lane))

    def _leave(self, lane: _Lane) -> None:
        with self._lock:
            lane.running -= 1
            self._next(lane)

    def _next(self, lane: _Lane) -> None:
        """Let in who is next: the newest while a fast lane is pressed, else who came first."""
        while lane.waiting and lane.running < lane.size:
            pressed = lane is self._fast and self._slow.size and len(lane.waiting) > lane.size
            lane.running += 1
            _wake(lane.waiting.pop() if pressed else lane.waiting.popleft(), "go")

    def _retry_after(self, lane: _Lane) -> int:
        """Return the seconds until the queue has moved on at worst, at least one."""
        return max(1, math.ceil(self._seconds * (len(lane.waiting) + 1) / max(1, lane.size) / 2))

    # --- what is heavy

    def _is_heavy(self, key: Hashable) -> bool:
        with self._lock:
            until = self._heavy.get(key)
            return until is not None and until > time.monotonic()

    def _remember(self, key: Hashable) -> None:
        with self._lock:
            self._heavy[key] = time.monotonic() + FORGOTTEN_SECONDS
            self._heavy.move_to_end(key)
            if len(self._heavy) > REMEMBERED:
                self._heavy.popitem(last=False)
            same = [ticket for ticket in self._fast.waiting if ticket.key == key]
            for ticket in same:
                self._fast.waiting.remove(ticket)
                _wake(ticket, "heavy")

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            self._heavy.pop(key, None)

    # --- running

    def _run_fast(self, request: Mapping[str, Any], key: Hashable) -> Answer | None:
        """Run a query in the fast lane, and on in the slow one if there is room; `None` if it has to wait for that."""
        lane, worker, healthy = self._fast, None, False
        try:
            worker = self._stock.take()
            used = worker.cpu_seconds() if self._slow.size else None
            started = time.monotonic()
            worker.send(request)
            header = None
            if self._slow.size:
                header, body = self._one_slice(worker, started, used)
                if header is None:
                    self._remember(key)
                    if not self._change_lane():
                        return None
                    lane = self._slow
                    worker.lower()
                    self._restock()
            if header is None:
                header, body = worker.receive(started + self._seconds)
            seconds = time.monotonic() - started
            # What it held is not given back, nor its priority: then another one takes its place.
            healthy = lane is self._fast and header.get("peak", 0) < self._memory // 2
            return header, body, seconds
        finally:
            self._give_back(worker, healthy, lane)

    def _run_slow(self, request: Mapping[str, Any], key: Hashable) -> Answer:
        worker = None
        try:
            worker = self._stock.take()
            worker.lower()
            self._restock()
            started = time.monotonic()
            worker.send(request)
            header, body = worker.receive(started + self._seconds)
            seconds = time.monotonic() - started
            if seconds < SLICE_SECONDS / 2:
                self._forget(key)
            return header, body, seconds
        finally:
            self._give_back(worker, False, self._slow)

    def _one_slice(
        self, worker: Worker, started: float, used: float | None
    ) -> tuple[dict[str, Any] | None, bytes]:
        """Wait for an answer for one slice; `None` as its header if the slice is over."""
        with self._lock:
            pressure = len(self._fast.waiting) / max(1, self._fast.size)
        length = SLICE_SECONDS / min(SHORTEST, 1 + pressure)
        end = started + length
        last = started + length * PATIENCE_FACTOR
        while True:
            try:
                return worker.receive(min(end, last, started + self._seconds))
            except TookTooLong:
                now = time.monotonic()
                if now >= started + self._seconds:
                    raise
                cpu = worker.cpu_seconds() if used is not None else None
                left = 0.0 if cpu is None or used is None else length - (cpu - used)
                if now >= last or left < 0.01:
                    return None, b""
                end = now + left

    def _change_lane(self) -> bool:
        """Move a running query from the fast to the slow lane if that has room."""
        with self._lock:
            if self._slow.running >= self._slow.size or self._slow.waiting:
                return False
            self._slow.running += 1
            self._fast.running -= 1
            self._next(self._fast)
            return True

    def _give_back(self, worker: Worker | None, healthy: bool, lane: _Lane) -> None:
        kept = worker is not None and healthy and self._stock.keep(worker)
        if worker is not None and not kept:
            self._stock.discard(worker)
        self._leave(lane)
        if not kept:
            self._restock()

    def _restock(self) -> None:
        """Start workers until there is one for each free place in the fast lane, and a spare one."""
        self._stock.fill(self._fast.size + self._spares - self._fast.running)


def _wake(ticket: _Ticket, outcome: str) -> None:
    ticket.outcome = outcome
    ticket.event.set()


def _closed_error() -> PoolBusy:
    return PoolBusy(1, "the query service is being replaced, try again")

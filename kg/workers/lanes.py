"""Who runs when: two lanes, so that a light query is answered soon however many heavy ones are there.

Nobody can tell beforehand whether a query is heavy. So each begins in the fast lane, with a slice of processor time. If
the slice is over, the query is heavy: it goes on in the slow lane if that has room, its worker with it, behind all
others for the scheduler, and another worker takes its place; else it is stopped and waits for the slow lane, to begin
anew there with all the time that a query may have. Its text is remembered for a while: the same query goes to the slow
lane at once, also those copies that wait already. While others wait, the slices are shorter. The queues themselves are
those of `kg.workers.queues`.

A query whose caller goes away is taken out of its queue, or its worker is ended.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import CallerGone
from kg.workers.caller import Caller
from kg.workers.queues import Lane, Queues
from kg.workers.stock import Stock
from kg.workers.worker import Died, TookTooLong, Worker

SLICE_SECONDS = 0.25
"""Processor time of a query in the fast lane, while nobody waits."""
SHORTEST = 5
"""The slice becomes at most this many times shorter when others wait."""
PATIENCE_FACTOR = 2
"""The slice on the clock, in slices: on a busy machine a light query gets its processor time later."""
UNNOTICED_SECONDS = 1.0
"""A worker that is killed from outside so soon after it was asked was being killed already: it is asked once more."""

Answer = tuple[dict[str, Any], bytes, float]


@dataclass(frozen=True)
class Load:
    """How busy the lanes are: their workers, those that run a query, queries that wait, workers replaced so far."""

    workers: int
    busy: int
    waiting: int
    replaced: int


@dataclass(frozen=True)
class Asked:
    """A query: what a worker is asked, what equal queries have in common, and who waits for the answer."""

    request: Mapping[str, Any]
    key: Hashable
    caller: Caller


@dataclass(frozen=True)
class Running:
    """A query that a worker of the fast lane has begun with: since when, and the processor time of the worker then."""

    worker: Worker
    started: float
    used: float | None


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
        self.queues = Queues(
            fast=workers, light_queue=light_queue, slow=heavy, queue=queue, patience=patience, seconds=seconds
        )
        self._has_slow = heavy > 0
        self._wanted = workers + (1 if heavy else 0)
        self._stock = Stock(store, memory, known, self._wanted)

    def ask(self, asked: Asked, *, entered: bool = False, running: Running | None = None) -> Answer:
        """Run a query and return header, body and seconds.

        `entered` tells that it has its place in the fast lane already, `running` what `begin` has begun there. Raises
        `PoolBusy`, `CallerGone`, and `Died` or `TookTooLong` after the worker has been replaced.
        """
        started = time.monotonic() if running is None else running.started
        try:
            return self._ask(asked, entered, running)
        except Died as error:
            if asked.caller.gone:
                raise CallerGone from None
            # Killed from outside while it was idle, and not noticed yet: nothing has been asked of it.
            if error.unready or error.signal != "SIGKILL" or time.monotonic() - started > UNNOTICED_SECONDS:
                raise
            return self._ask(asked, False, None)

    def _ask(self, asked: Asked, entered: bool, running: Running | None) -> Answer:
        queues = self.queues
        if not entered and running is None and not queues.is_heavy(asked.key):
            entered = queues.enter(queues.fast, asked.key, asked.caller)
        if entered or running is not None:
            answer = self._run_fast(asked, running)
            if answer is not None:
                return answer
        queues.enter(queues.slow, asked.key, asked.caller)
        return self._run_slow(asked)

    def begin(self, asked: Asked) -> Running | None:
        """Begin with a query that has its place in the fast lane, if a worker is ready; `ask` has to follow."""
        worker = self._stock.take_at_once()
        if worker is None:
            return None
        try:
            return self._send(worker, asked)
        except (Died, CallerGone):
            self._stock.discard(worker)
            return None

    @property
    def load(self) -> Load:
        """How busy the lanes are now."""
        queues = self.queues
        return Load(
            queues.fast.size + queues.slow.size, queues.running, queues.waiting, self._stock.discarded
        )

    @property
    def idle_pids(self) -> list[int]:
        """The process ids of the workers that run nothing."""
        return self._stock.idle_pids

    def close(self) -> None:
        """End the idle workers now and the others when they are given back; who waits is told."""
        self.queues.close()
        self._stock.close()

    # --- running

    def _send(self, worker: Worker, asked: Asked) -> Running:
        """Ask a worker; if the caller goes, it is ended."""
        running = Running(worker, time.monotonic(), worker.cpu_seconds() if self._has_slow else None)
        asked.caller.stop_with(worker.interrupt)
        worker.send(asked.request)
        return running

    def _run_fast(self, asked: Asked, running: Running | None) -> Answer | None:
        """Run a query in the fast lane, and on in the slow one if there is room; `None` if it has to wait for that."""
        lane, healthy = self.queues.fast, False
        worker = running.worker if running is not None else None
        try:
            if running is None:
                worker = self._take(asked)
                running = self._send(worker, asked)
            worker, started = running.worker, running.started
            header = None
            if self._has_slow:
                header, body = self._one_slice(running)
                if header is None:
                    self.queues.remember(asked.key)
                    if not self.queues.change_lane():
                        return None
                    lane = self.queues.slow
                    worker.lower()
                    self._restock()
            if header is None:
                header, body = worker.receive(started + self._seconds)
            seconds = time.monotonic() - started
            # What it held is not given back, nor its priority: then another one takes its place.
            healthy = lane is self.queues.fast and header.get("peak", 0) < self._memory // 2
            return header, body, seconds
        finally:
            self._give_back(worker, healthy, lane, asked.caller)

    def _run_slow(self, asked: Asked) -> Answer:
        worker = None
        try:
            worker = self._take(asked)
            worker.lower()
            self._restock()
            started = self._send(worker, asked).started
            header, body = worker.receive(started + self._seconds)
            seconds = time.monotonic() - started
            if seconds < SLICE_SECONDS / 2:
                self.queues.forget(asked.key)
            return header, body, seconds
        finally:
            self._give_back(worker, False, self.queues.slow, asked.caller)

    def _take(self, asked: Asked) -> Worker:
        if asked.caller.gone:
            raise CallerGone
        return self._stock.take()

    def _one_slice(self, running: Running) -> tuple[dict[str, Any] | None, bytes]:
        """Wait for an answer for one slice; `None` as its header if the slice is over."""
        worker, started, used = running.worker, running.started, running.used
        length = SLICE_SECONDS / min(SHORTEST, 1 + self.queues.pressure)
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

    def _give_back(self, worker: Worker | None, healthy: bool, lane: Lane, caller: Caller) -> None:
        caller.stop_with(None)  # from here on the worker may be another caller's
        kept = worker is not None and healthy and not caller.gone and self._stock.keep(worker)
        if worker is not None and not kept:
            self._stock.discard(worker)
        self.queues.leave(lane)
        if not kept:
            self._restock()

    def _restock(self) -> None:
        """Start workers until there is one for each free place in the fast lane, and a spare one."""
        self._stock.fill(self._wanted - self.queues.fast.running)

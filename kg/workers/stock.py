"""The idle workers of one store: those that are ready, and new ones in place of those that had to go."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from kg.workers.worker import Died, Worker

ATTEMPTS = 5
"""How many workers may be ended from outside while they open the store before that is an error."""


class Stock:
    """At most `size` idle workers. Safe to use from many threads."""

    def __init__(self, store: Path, memory: int, known: Mapping[str, str], size: int) -> None:
        """Start `size` workers; they open the store while the caller goes on. Raises `Died` if there can be none."""
        self._store = store
        self._memory = memory
        self._known = known
        self._size = size
        self._lock = threading.Lock()
        self._closed = False
        self._idle: deque[Worker] = deque(self._new() for _ in range(size))
        self.discarded = 0

    @property
    def idle_pids(self) -> list[int]:
        """The process ids of the idle workers."""
        with self._lock:
            return [worker.pid for worker in self._idle]

    def take(self) -> Worker:
        """Return a worker that is ready: an idle one, else a new one. Raises `Died` if none can open the store."""
        attempts = ATTEMPTS
        while True:
            with self._lock:
                worker = self._idle.popleft() if self._idle else None
            if worker is None:
                worker = self._new()
            elif not worker.alive:  # it was ended from outside
                self.discard(worker)
                continue
            try:
                worker.wait_until_ready()
            except Died as error:
                self.discard(worker)
                attempts -= 1
                if (
                    error.signal is None or not attempts
                ):  # else it was ended from outside: nothing is wrong with the store
                    raise
                continue
            return worker

    def take_at_once(self) -> Worker | None:
        """Return an idle worker that is ready, `None` if the next one is not."""
        with self._lock:
            if not self._idle or not self._idle[0].is_ready or not self._idle[0].alive:
                return None
            return self._idle.popleft()

    def keep(self, worker: Worker, *, first: bool = True) -> bool:
        """Take a worker back, by default as the next to be used (its caches are warm).

        False if there are enough: then it is to be discarded.
        """
        with self._lock:
            if self._closed or len(self._idle) >= self._size:
                return False
            (self._idle.appendleft if first else self._idle.append)(worker)
            return True

    def discard(self, worker: Worker) -> None:
        """End a worker."""
        worker.kill()
        with self._lock:
            self.discarded += 1

    def fill(self, wanted: int) -> None:
        """Start workers until `wanted` are idle."""
        while True:
            with self._lock:
                if self._closed or len(self._idle) >= min(wanted, self._size):
                    return
            try:
                worker = self._new()
            except Died:
                return  # whoever needs one tries again, and tells
            if not self.keep(worker, first=False):
                worker.kill()
                return

    def close(self) -> None:
        """End the idle workers, and take none back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, deque()
        for worker in idle:
            worker.kill(wait=True)

    def _new(self) -> Worker:
        return Worker(self._store, self._memory, self._known)

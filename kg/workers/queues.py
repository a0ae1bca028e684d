"""The queues before the query workers: who may run now, who waits, and who is turned away.

There are two lanes (`kg.workers.lanes` says why). While the fast one is pressed, it lets in the newest first, and a
newcomer pushes out who has waited longest: a flood of different heavy queries can make others wait for a few slices,
not for the whole queue. Each fourth time it lets in the oldest, who would else wait in vain while others keep coming.
The slow lane is first come, first served, and bounded: the rest is told to come back.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from kg.errors import CallerGone, PoolBusy
from kg.workers.caller import Caller

REMEMBERED = 4096
"""Texts of heavy queries that are kept in mind, and for how many seconds."""
FORGOTTEN_SECONDS = 120.0
OLDEST_EVERY = 4
"""Each how many times the pressed lane lets in the oldest instead of the newest."""


@dataclass(eq=False)
class Ticket:
    """A query at a lane: what became of it, empty while it waits, and what is called (it must not wait) when it has."""

    lane: Lane
    key: Hashable
    wake: Callable[[], object]
    outcome: str = ""  # "go", "heavy", "pushed out", "closed", "gone"

    def decide(self, outcome: str) -> None:
        """Set the outcome and tell who waits for it."""
        self.outcome = outcome
        self.wake()


@dataclass(eq=False)
class Lane:
    """A number of places, and who waits for one: at most `queue`."""

    size: int
    queue: int
    running: int = 0
    turn: int = 0
    waiting: deque[Ticket] = field(default_factory=deque)


class Queues:
    """The two lanes. Safe to use from many threads; the lanes are changed in here only."""

    def __init__(
        self, *, fast: int, light_queue: int, slow: int, queue: int, patience: float, seconds: float
    ) -> None:
        """Make lanes of `fast` and `slow` places; a query takes `seconds` at most, and waits `patience` at most.

        With no slow lane there is only one queue, of `queue`, first come, first served.
        """
        self.fast = Lane(fast, light_queue if slow else queue)
        self.slow = Lane(slow, queue)
        self.patience = patience
        self._seconds = seconds
        self._heavy: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False

    def join(self, lane: Lane, key: Hashable, wake: Callable[[], object]) -> Ticket:
        """Take a place in a lane, or stand in its queue: then `wake` is called as soon as that is decided.

        Raises `PoolBusy` if the queue is full. Whoever has been woken, or waits no longer, calls `settle`.
        """
        with self._lock:
            if self._closed:
                raise _closed_error()
            ticket = Ticket(lane, key, wake)
            if lane.running < lane.size:
                lane.running += 1
                ticket.outcome = "go"
                return ticket
            if len(lane.waiting) >= lane.queue:
                if lane is self.slow or not self.slow.size or not lane.waiting:
                    raise PoolBusy(self._retry_after(lane))
                lane.waiting.popleft().decide("pushed out")
            lane.waiting.append(ticket)
            return ticket

    def settle(self, ticket: Ticket) -> bool:
        """Return whether the query may run; false if it has turned out to be one for the slow lane.

        Raises `PoolBusy` if it may not, and `CallerGone`.
        """
        with self._lock:
            if not ticket.outcome:
                ticket.lane.waiting.remove(ticket)
            outcome = ticket.outcome
        if outcome in ("go", "heavy"):
            return outcome == "go"
        if outcome == "closed":
            raise _closed_error()
        if outcome == "gone":
            raise CallerGone
        raise PoolBusy(self._retry_after(ticket.lane))

    def enter(self, lane: Lane, key: Hashable, caller: Caller) -> bool:
        """Join a lane, wait, and settle."""
        event = threading.Event()
        ticket = self.join(lane, key, event.set)
        if not ticket.outcome:
            try:
                caller.stop_with(lambda: self.drop(ticket))
                event.wait(self.patience)
            except CallerGone:
                self.drop(ticket)
            finally:
                caller.stop_with(None)
        return self.settle(ticket)

    def drop(self, ticket: Ticket) -> None:
        """Take a query out of the queue, because nobody waits for it any more."""
        with self._lock:
            if not ticket.outcome:
                ticket.lane.waiting.remove(ticket)
                ticket.decide("gone")

    def leave(self, lane: Lane) -> None:
        """Free a place, and let in who is next."""
        with self._lock:
            lane.running -= 1
            self._next(lane)

    def change_lane(self) -> bool:
        """Move a query that runs from the fast to the slow lane, if that has room."""
        with self._lock:
            if self.slow.running >= self.slow.size or self.slow.waiting:
                return False
            self.slow.running += 1
            self.fast.running -= 1
            self._next(self.fast)
            return True

    def _next(self, lane: Lane) -> None:
        while lane.waiting and lane.running < lane.size:
            pressed = lane is self.fast and self.slow.size and len(lane.waiting) > lane.size
            lane.running += 1
            lane.turn += 1
            newest = pressed and lane.turn % OLDEST_EVERY
            (lane.waiting.pop() if newest else lane.waiting.popleft()).decide("go")

    def _retry_after(self, lane: Lane) -> int:
        """Return the seconds until the queue has moved on at worst, at least one."""
        return max(1, math.ceil(self._seconds * (len(lane.waiting) + 1) / max(1, lane.size) / 2))

    def close(self) -> None:
        """Let nobody in any more, and tell who waits."""
        with self._lock:
            self._closed = True
            for lane in (self.fast, self.slow):
                while lane.waiting:
                    lane.waiting.popleft().decide("closed")

    # --- how it stands

    @property
    def pressure(self) -> float:
        """How many wait for each place in the fast lane."""
        return len(self.fast.waiting) / max(1, self.fast.size)

    @property
    def running(self) -> int:
        """How many places are taken; none when it is closed."""
        with self._lock:
            return 0 if self._closed else self.fast.running + self.slow.running

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return len(self.fast.waiting) + len(self.slow.waiting)

    # --- what is heavy

    def is_heavy(self, key: Hashable) -> bool:
        """Whether a query is remembered as one for the slow lane."""
        if not self.slow.size:
            return False
        with self._lock:
            until = self._heavy.get(key)
            return until is not None and until > time.monotonic()

    def remember(self, key: Hashable) -> None:
        """Note that a query is heavy; the copies of it that wait in the fast lane are sent to the other one."""
        with self._lock:
            self._heavy[key] = time.monotonic() + FORGOTTEN_SECONDS
            self._heavy.move_to_end(key)
            if len(self._heavy) > REMEMBERED:
                self._heavy.popitem(last=False)
            for ticket in [ticket for ticket in self.fast.waiting if ticket.key == key]:
                self.fast.waiting.remove(ticket)
                ticket.decide("heavy")

    def forget(self, key: Hashable) -> None:
        """Note that a query is not heavy after all."""
        with self._lock:
            self._heavy.pop(key, None)


def _closed_error() -> PoolBusy:
    return PoolBusy(1, "the query service is being replaced, try again")

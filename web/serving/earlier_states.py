"""The states of earlier versions that a process holds open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from web.serving.state import Served

OPEN = 2
"""How many earlier versions a process holds open."""


class EarlierStates:
    """The earlier versions that are open, the one that was asked last at the end."""

    def __init__(self, open_at: Callable[[Path], Served]) -> None:
        self._open_at = open_at
        self._states: dict[Path, Served] = {}
        self._lock = threading.Lock()

    def take(self, path: Path) -> Served:
        """Return the state of a kept snapshot, taken: the caller gives it back. Raises `SnapshotError`."""
        with self._lock:
            state = self._states.pop(path, None) or self._open_at(path)
            self._states[path] = state
            state.take()
            while len(self._states) > OPEN:
                self._states.pop(next(iter(self._states))).retire()
            return state

    def close(self) -> None:
        """Let go of all of them."""
        with self._lock:
            while self._states:
                self._states.popitem()[1].retire()

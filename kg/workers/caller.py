"""Whoever waits for an answer, and may go away before it is there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kg.errors import CallerGone


class Caller:
    """Tells who works for a caller that it has gone. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stop: Callable[[], object] | None = None
        self.gone = False

    def leave(self) -> None:
        """Note that nobody waits any more, and stop what is being done."""
        with self._lock:
            self.gone = True
            if self._stop is not None:
                self._stop()
                self._stop = None

    def stop_with(self, stop: Callable[[], object] | None) -> None:
        """Set what stops the work from now on; `None`: there is nothing to stop, and after this nothing is.

        It is called at most once, from any thread, and must not wait. Raises `CallerGone` instead of setting it if
        nobody waits any more.
        """
        with self._lock:
            if self.gone and stop is not None:
                raise CallerGone
            self._stop = stop

"""Writes the log beside the requests: whoever reads it, slowly or not at all, never holds one up.

Standard error may be a pipe to a program that has stopped reading, or to one that has gone. A server that writes there
itself stands still as soon as the pipe is full, or fails every request. So what is written is kept in memory, up to a
limit, and a thread of its own passes it on; what there was no room for is counted, and the log says so.
"""

from __future__ import annotations

import io
import os
import threading
import time
from collections import deque

MOST_BYTES = 4 << 20
"""How much may wait to be written before lines are lost."""
PART = 4096
"""Bytes that are written at once: a pipe keeps so many together, so that lines of several processes stay whole."""
PAUSE = 0.02
"""Seconds in which lines are gathered: to wake the thread for each would cost more than to write it."""
RETRY = 0.5
"""Seconds after which a log that could not be written to is tried again: a disk may have room by then."""


class LogWriter(io.TextIOBase):
    """A text stream onto a file descriptor; `write` never waits and never fails. Safe to use from many threads."""

    def __init__(self, descriptor: int, most: int = MOST_BYTES) -> None:
        """Start the thread that writes; it ends with the process. At most `most` bytes wait in memory."""
        self._descriptor = descriptor
        self._most = most
        self._lock = threading.Lock()
        self._parts: deque[bytes] = deque()
        self._size = 0
        self._lost = 0
        self._there = threading.Event()
        self._written = threading.Event()
        self._written.set()
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def write(self, text: str) -> int:
        """Take in a text, or count its lines as lost if there is no room; return its length."""
        part = text.encode("utf-8", "backslashreplace")
        with self._lock:
            if self._size + len(part) > self._most:
                self._lost += text.count("\n")
                return len(text)
            self._parts.append(part)
            self._size += len(part)
            self._written.clear()
        self._there.set()
        return len(text)

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def fileno(self) -> int:
        """Return the file descriptor that everything ends up at."""
        return self._descriptor

    def finish(self, seconds: float) -> bool:
        """Wait until everything is written, not longer than this; return whether it is."""
        return self._written.wait(seconds)

    def _run(self) -> None:
        while True:
            self._there.wait()
            time.sleep(PAUSE)
            self._there.clear()
            while part := self._next():
                self._pass_on(part)

    def _next(self) -> bytes:
        """Return what is to be written next, empty if there is nothing."""
        with self._lock:
            parts: list[bytes] = []
            size = 0
            while self._parts and (not parts or size + len(self._parts[0]) <= PART):
                parts.append(self._parts.popleft())
                size += len(parts[-1])
            self._size -= size
            if not parts and self._lost:
                parts.append(f"{self._lost} lines of the log were lost: nothing took them in time\n".encode())
                self._lost = 0
            if not parts:
                self._written.set()
            return b"".join(parts)

    def _pass_on(self, part: bytes) -> None:
        lines = part.count(b"\n")
        while part:
            try:
                part = part[os.write(self._descriptor, part) :]
            except BlockingIOError:  # somebody has set it so: it is full
                time.sleep(PAUSE)
            except OSError:
                with self._lock:
                    self._lost += lines
                time.sleep(RETRY)
                return

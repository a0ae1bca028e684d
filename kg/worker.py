"""The parent's end of one query worker: start it, ask it, and kill it when it takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

READY_SECONDS = 20.0
"""How long a new worker may take to open the store, on a machine that is busy."""
_LINES_OF_STDERR = 2000


class TookTooLong(Exception):
    """The worker did not answer in time and was killed."""


class Died(Exception):
    """The worker ended before it answered: by a signal (`SIGSEGV`), or with a reason of its own."""

    def __init__(self, store: Path, status: int | None, reason: str = "", *, unready: bool = False) -> None:
        self.store = store
        self.unready = unready
        self.signal = signal.Signals(-status).name if status is not None and status < 0 else None
        self.reason = self.signal or reason or f"exit status {status}"
        super().__init__(self.reason)


class Worker:
    """A process that runs one query at a time on one store."""

    def __init__(self, store: Path, memory: int) -> None:
        """Start the process; it opens the store while the caller goes on."""
        self.store = store
        self.offline = False
        self._ready = False
        # Its own interpreter, not a fork: nothing of this process, its threads and its open files, comes along.
        code = f"import sys; sys.path[:] = {sys.path!r}; from kg.worker_process import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
            start_new_session=True,  # Ctrl-C at a terminal is for the server, which then closes its pool
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests = self._process.stdin
        self._answers = self._process.stdout.fileno()
        with contextlib.suppress(OSError):
            self._send({"store": str(store), "memory": memory})

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is there: an idle one may have been ended from outside."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Return when the store is open. Raises `Died` if it cannot be opened, or not in time."""
        if self._ready:
            return
        try:
            header, _ = self._receive(time.monotonic() + READY_SECONDS)
        except TookTooLong:
            raise Died(self.store, None, "it did not start in time", unready=True) from None
        except Died as error:
            raise Died(self.store, None, error.reason, unready=True) from None
        if "error" in header:
            raise Died(self.store, None, header["message"], unready=True)
        self.offline = header["offline"]
        self._ready = True

    def ask(self, request: Mapping[str, Any], seconds: float) -> tuple[dict[str, Any], bytes]:
        """Send a request and return header and body of the answer. Raises `TookTooLong` and `Died`: kill it then."""
        deadline = time.monotonic() + seconds
        try:
            self._send(request)
        except OSError:
            raise Died(self.store, self._process.wait()) from None
        return self._receive(deadline)

    def kill(self) -> None:
        """End the process at once and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._requests.close()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _send(self, message: Mapping[str, Any]) -> None:
        text = json.dumps(message).encode()
        self._requests.write(struct.pack(">I", len(text)) + text)
        self._requests.flush()

    def _receive(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        (size,) = struct.unpack(">I", self._read(4, deadline))
        header = json.loads(self._read(size, deadline))
        (size,) = struct.unpack(">Q", self._read(8, deadline))
        return header, self._read(size, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        while size:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise TookTooLong
            part = os.read(self._answers, min(size, 1 << 20))
            if not part:
                raise Died(self.store, self._process.wait())
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

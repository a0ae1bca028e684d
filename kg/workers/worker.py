"""The parent's end of one query worker: start it, ask it, wait for the answer, and kill it when it takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.workers.nursery import nursery

READY_SECONDS = 20.0
"""How long a new worker may take to open the store, on a machine that is busy."""
STATUS_SECONDS = 5.0
"""How long the end of a worker that has closed its socket may take: it may have gigabytes to give back."""
LOWER = 10
"""How much less a worker on a heavy query counts for the scheduler (`nice`)."""
HEAD = struct.Struct(">IQ")
"""What an answer begins with: lengths of its header and its body."""


class TookTooLong(Exception):
    """The worker did not answer in time: wait again, or kill it."""


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

    def __init__(self, store: Path, memory: int, known: Mapping[str, str] | None = None) -> None:
        """Start the process; it opens the store while the caller goes on. `known` prefixes shorten its answers.

        Raises `Died` if none can be started.
        """
        self.store = store
        self.offline = False
        self._ready = False
        self._got = bytearray()
        self._wanted = HEAD.size
        self._socket, theirs = socket.socketpair()
        self._status, status = os.pipe()
        self._exit: int | None = None
        try:
            self.pid = nursery().fork(theirs, status)
        except OSError as error:
            self._socket.close()
            os.close(self._status)
            raise Died(store, None, str(error), unready=True) from None
        finally:
            theirs.close()
            os.close(status)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        with contextlib.suppress(OSError):
            self._send({"store": str(store), "memory": memory, "known": dict(known or {})})

    @property
    def is_ready(self) -> bool:
        """Whether it has opened the store and said so."""
        return self._ready

    @property
    def alive(self) -> bool:
        """Whether the process is there: an idle one may have been ended from outside."""
        return self._exit is None and not self._ended(0)

    def wait_until_ready(self) -> None:
        """Return when the store is open. Raises `Died` if it cannot be opened, or not in time."""
        if self._ready:
            return
        try:
            header, _ = self.receive(time.monotonic() + READY_SECONDS)
        except TookTooLong:
            raise Died(self.store, None, "it did not start in time", unready=True) from None
        except Died as error:
            raise Died(self.store, self._exit, error.reason, unready=True) from None
        if "error" in header:
            raise Died(self.store, None, header["message"], unready=True)
        self.offline = header["offline"]
        self._ready = True

    def send(self, request: Mapping[str, Any]) -> None:
        """Ask; the answer is to be received next. Raises `Died`: kill it then."""
        try:
            self._send(request)
        except OSError:
            raise Died(self.store, self._exit_status()) from None

    def receive(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        """Return header and body of the answer, or raise `TookTooLong` at `deadline` (`time.monotonic()`).

        It may be called again after that. Raises `Died`: kill it then.
        """
        while len(self._got) < self._wanted:
            left = deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                raise TookTooLong
            if not self._read():
                raise Died(self.store, self._exit_status())
        size, _ = HEAD.unpack_from(self._got)
        header = json.loads(self._got[HEAD.size : HEAD.size + size])
        body = bytes(memoryview(self._got)[HEAD.size + size :])
        self._got, self._wanted = bytearray(), HEAD.size
        return header, body

    def fileno(self) -> int:
        """Return the file descriptor that can be read from when there is something of an answer."""
        return self._socket.fileno()

    def take_in(self, most: int) -> bool | None:
        """Read what is there of an answer, without waiting; `receive` returns it, or raises, later.

        True if it is there as a whole, false if it is longer than `most` or will not come, `None` if it is not there
        yet.
        """
        while len(self._got) < self._wanted:
            if self._wanted > most:
                return False
            try:
                if not self._read(socket.MSG_DONTWAIT):
                    return False
            except BlockingIOError:
                return None
        return True

    def _read(self, flags: int = 0) -> bool:
        """Read once; false if the process has ended."""
        try:
            part = self._socket.recv(1 << 18, flags)
        except ConnectionResetError:  # it ended with our request unread
            return False
        self._got += part
        if len(self._got) >= HEAD.size:
            self._wanted = HEAD.size + sum(HEAD.unpack_from(self._got))
        return bool(part)

    def cpu_seconds(self) -> float | None:
        """Return the processor time that the process has used, `None` where the system does not tell."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)  # Linux: the clock of another process
        except OSError:
            return None

    def lower(self) -> None:
        """Let other processes go first; there is no way back."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PGRP, self.pid, LOWER)

    def interrupt(self) -> None:
        """End the process while another thread waits for its answer: that one gets `Died`, and kills it."""
        if self.alive:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)

    def kill(self, *, wait: bool = False) -> None:
        """End the process at once; with `wait` return when it is gone."""
        if self._status < 0:
            return
        if self.alive:  # not reaped: the number is still that of our worker
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
        if wait:
            self._ended(STATUS_SECONDS)
        self._socket.close()
        os.close(self._status)
        self._status = -1

    def _send(self, message: Mapping[str, Any]) -> None:
        text = json.dumps(message).encode()
        self._socket.sendall(struct.pack(">I", len(text)) + text)

    def _exit_status(self) -> int | None:
        self._ended(STATUS_SECONDS)
        return self._exit

    def _ended(self, seconds: float) -> bool:
        """Tell whether the process has ended, waiting for it if need be, and note how."""
        if self._exit is not None:
            return True
        if self._status < 0:
            return True
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return False
        text = os.read(self._status, 4)
        self._exit = struct.unpack("=i", text)[0] if len(text) == 4 else -signal.SIGKILL
        return True

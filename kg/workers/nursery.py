"""Where query workers come from: one process that has imported everything and forks a new one in milliseconds.

A new interpreter takes a tenth of a second of processor time to import the engine, and under load a killed worker has
to be back sooner. So one child process, the nursery (`kg.workers.process.main`), imports it once, gives up the network,
and forks. It has one thread and no store open, so that a fork is safe; nothing of the server comes along, as it was
started by an exec. It reaps its children, tells how each one ended, and kills all of them when the server is gone,
however that ended: it then meets the end of the socket that joins the two.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import threading

_nursery: Nursery | None = None
_lock = threading.Lock()


class Nursery:
    """The process that forks workers. Safe to use from many threads; started anew if it has been killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._over = False
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            code = f"import sys; sys.path[:] = {sys.path!r}; from kg.workers.process import main; main()"
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", code, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
                start_new_session=True,  # Ctrl-C at a terminal is for the server, which then closes its pools
            )
        self._socket = ours
        if self._over:
            self._process.kill()

    def fork(self, data: socket.socket, status: int) -> int:
        """Return the process id of a new worker, which serves on `data`; its exit status is written to `status`.

        Both may be closed by the caller afterwards. Raises `OSError` if no worker can be made.
        """
        with self._lock:
            for attempt in (1, 2):
                if self._over:
                    break
                try:
                    socket.send_fds(self._socket, [b"+"], [data.fileno(), status])
                    answer = self._socket.recv(4)
                except OSError:
                    answer = b""
                if len(answer) == 4:
                    (pid,) = struct.unpack("=i", answer)
                    if pid <= 0:
                        raise OSError(-pid, f"no query worker can be started: {os.strerror(-pid)}")
                    return int(pid)
                if attempt == 1:  # it was killed, or could not start
                    self._end()
                    self._start()
            raise OSError("no query worker can be started")

    def _end(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """End every worker at once and make no other one; it does not wait, neither for those nor for other threads."""
        self._over = True
        if os.getpid() == self._owner:
            with contextlib.suppress(OSError):
                self._process.kill()

    def close(self) -> None:
        """End the process and with it every worker."""
        with self._lock:
            if os.getpid() == self._owner:
                self._end()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_ours(self) -> bool:
        """Whether this process started it; a fork of the server needs another one."""
        return self._owner == os.getpid()


def nursery() -> Nursery:
    """Return the nursery of this process, started when it is first needed."""
    global _nursery
    with _lock:
        if _nursery is None or not _nursery.is_ours:
            _nursery = Nursery()
            import atexit

            atexit.register(_close, _nursery)
        return _nursery


def end_workers() -> None:
    """End all query workers of this process, which is about to end itself: there are none from now on."""
    if _nursery is not None and _nursery.is_ours:
        _nursery.end()


def _close(nursery: Nursery) -> None:
    with contextlib.suppress(OSError):
        nursery.close()

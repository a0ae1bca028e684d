"""The processes that run strangers' queries: one query at a time, with nothing to lose and no way out.

`main` is the nursery, which `kg.workers.nursery` starts: it gives up the network where the system allows (own user
and network namespaces) and forks a worker whenever it is asked for one. A worker limits its address space, writes no
core dump, opens the store read-only and talks over a socket. All that is to be known of a query is found out in here
(`kg.workers.query`): its tokens are read, it is refused or classified, parsed and run, and its error put into words.
So everything that can go wrong ends one worker only: running out of memory aborts it, deep nesting overflows its
stack, and what takes too long is ended by the parent or, if that is gone, by the kernel (`PR_SET_PDEATHSIG`) or a
thread in here that looks at the clock (the engine lets go of the interpreter while it works).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
from typing import BinaryIO

import pyoxigraph as ox

import kg.results_jsonld  # noqa: F401  (imported now, so that a forked worker need not)
from kg.workers.query import Message, execute, failure

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
GRACE = 2.0
"""Seconds beyond the limit after which the process ends itself: the parent should have done it before."""
EXIT_TOO_LATE = 75


def write_frame(stream: socket.socket, header: Message, body: bytes = b"") -> None:
    """Write the lengths of a header and a body, the header as JSON, and the body."""
    text = json.dumps(header).encode()
    stream.sendall(b"".join((struct.pack(">IQ", len(text), len(body)), text, body)))


def read_request(stream: BinaryIO) -> Message | None:
    """Read one frame, `None` at the end of the stream, which means that the parent has gone."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (size,) = struct.unpack(">I", head)
    text = stream.read(size)
    if len(text) < size:
        return None
    message: Message = json.loads(text)
    return message


class _Watch:
    """Ends the process when a query runs past its limit, or the nursery is gone, and nobody has ended it."""

    def __init__(self, nurse: int) -> None:
        self._nurse = nurse
        self.deadline = float("inf")
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(0.25)
            if time.monotonic() > self.deadline or os.getppid() != self._nurse:
                os._exit(EXIT_TOO_LATE)


def without_network() -> bool:
    """Move into namespaces of its own in which there is no network; false where the system forbids it."""
    import ctypes

    try:
        return bool(ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NETWORK) == 0)
    except (OSError, AttributeError):
        return False


def limit_memory(more: int) -> None:
    """Allow this much address space beyond what is in use now, and no core dump."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:  # not Linux: the limit counts from zero
        used = 512 << 20
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = used + more if hard == resource.RLIM_INFINITY else min(used + more, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def serve(stream: socket.socket, nurse: int, offline: bool) -> None:
    """Set up as the first frame says, then answer queries until the parent goes away."""
    requests = stream.makefile("rb")
    setup = read_request(requests)
    if setup is None:
        return
    try:
        store = ox.Store.read_only(setup["store"])
        limit_memory(setup["memory"])
    except OSError as error:
        write_frame(stream, failure(error))
        return
    watch = _Watch(nurse)
    write_frame(stream, {"ready": True, "offline": offline})
    while (request := read_request(requests)) is not None:
        watch.deadline = time.monotonic() + request["seconds"] + GRACE
        try:
            header, body = execute(store, request, setup["known"])
        except Exception as error:
            header, body = failure(error), b""
        watch.deadline = float("inf")
        write_frame(stream, {**header, "peak": _peak()}, body)


def _peak() -> int:
    """Return the most memory that this process has held, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class _Nurse:
    """Forks workers, reaps them and reports how each one ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._pid = os.getpid()
        self._offline = without_network()
        self._reports: dict[int, int] = {}
        self._wake, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Work until the server is gone; then nobody is left behind."""
        control = self._control.fileno()
        poll = select.poll()  # not select: a server with many connections hands over a high number
        for number in (control, self._wake):
            poll.register(number, select.POLLIN)
        while True:
            ready = [number for number, _ in poll.poll()]
            if self._wake in ready:
                os.read(self._wake, 512)
                self._reap()
            if control in ready and not self._fork():
                break
        for pid in self._reports:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def _fork(self) -> bool:
        """Take one order; false if there are none any more. In the new process it does not return."""
        try:
            order, fds, _, _ = socket.recv_fds(self._control, 1, 2)
        except OSError:
            return False
        if not order or len(fds) != 2:
            return False
        data, report = fds
        try:
            pid = os.fork()
        except OSError as error:
            self._control.sendall(struct.pack("=i", -(error.errno or 1)))
            os.close(data)
            os.close(report)
            return True
        if pid == 0:
            self._become_worker(data, report)
        os.close(data)
        self._reports[pid] = report
        self._control.sendall(struct.pack("=i", pid))
        return True

    def _become_worker(self, data: int, report: int) -> None:
        status = 1
        try:
            os.setpgid(0, 0)
            _die_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            for other in (report, self._wake, *self._reports.values()):
                os.close(other)
            self._control.close()
            with socket.socket(fileno=data) as stream:
                if os.getppid() == self._pid:
                    serve(stream, self._pid, self._offline)
            status = 0
        finally:
            os._exit(status)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            report = self._reports.pop(pid, -1)
            if report >= 0:
                with contextlib.suppress(OSError):  # the server may not care any more
                    os.write(report, struct.pack("=i", os.waitstatus_to_exitcode(status)))
                os.close(report)


def _die_with_parent() -> None:
    """Let the kernel kill this process when the one that forked it ends (Linux)."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Be the nursery; the socket to the server is the file descriptor that the first argument names."""
    import gc

    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        _Nurse(control).run()

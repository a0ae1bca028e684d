"""How a server process ends: at a signal, with the process that started it, and always within a limit of time.

Whatever may keep the interpreter from ending (a request that takes long, a thread that is stuck), the limit is kept by
the kernel: an alarm that nothing handles ends the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from kg.workers.nursery import end_workers

if TYPE_CHECKING:
    from web.serving.served import Source

_PR_SET_PDEATHSIG = 1
_ENDS = (signal.SIGINT, signal.SIGTERM)
_HANG_UP = (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()


class Wake(threading.Event):
    """What the first process waits for: an event without a lock.

    A signal handler that sets an event may have interrupted the very thread that holds its lock, and then waits for
    itself for ever: a second Ctrl-C found that moment.
    """

    def __init__(self) -> None:
        self._woken: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Let `wait` return once more."""
        self._woken.put(None)

    def wait(self, timeout: float | None = None) -> bool:
        """Return when it has been set, once for each time."""
        with contextlib.suppress(Empty):
            self._woken.get(timeout=timeout)
            return True
        return False

    def clear(self) -> None:
        """Do nothing: who was woken looks at all that may have happened, and nothing that was set is lost."""


def ignore_signals() -> None:
    """Let no signal that comes late change how the process ends, which it is about to."""
    for number in (*_ENDS, *_HANG_UP):
        signal.signal(number, signal.SIG_IGN)


def hang_up_is_ignored() -> bool:
    """Whether who started this process wants it to outlive the terminal (`nohup`)."""
    return any(signal.getsignal(number) is signal.SIG_IGN for number in _HANG_UP)


def end_children_that_start() -> None:
    """Let a signal end a child of this process at once, from the fork on; it is not to be lost while that is made.

    The child has the handlers of the first process, which would only note it, until it has set others.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS),
            after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS),
            after_in_child=_end_at_once,
        )


def _end_at_once() -> None:
    for number in (*_ENDS, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


def end_within(seconds: float) -> None:
    """Let the system end this process after some seconds if it still runs then; to say it again changes nothing."""
    if hasattr(signal, "setitimer") and not signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.setitimer(signal.ITIMER_REAL, seconds)


def end_with(first: int) -> None:
    """Belong to the process `first`: let only that one hear Ctrl-C, and end when it does, however it ends."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if first and os.getppid() != first:  # it ended before that was said
        os._exit(1)


def stop_on_signal(source: Source, seconds: float) -> None:
    """Stop strangers' queries as soon as the process is told to end, which it does within some seconds.

    The server waits for requests in flight, and these may wait for queries. The byte that the interpreter writes at
    every signal comes here first and then goes to the event loop, which had asked for it; only the first one, as
    another would keep the server from ending.
    """
    if os.name != "posix":
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    loop = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def watch() -> None:
        told = False
        while received := os.read(reader, 16):
            passed_on = bytes(number for number in received if number not in _ENDS)
            if passed_on != received and not told:
                told = source.stopping = True
                end_within(seconds)
                end_workers()
                with contextlib.suppress(RuntimeError):  # the event loop has ended already
                    source.stop()
                passed_on += bytes([signal.SIGTERM])
            if loop >= 0 and passed_on:
                with contextlib.suppress(OSError):
                    os.write(loop, passed_on)

    threading.Thread(target=watch, name="signals", daemon=True).start()

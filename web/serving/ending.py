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
from typing import TYPE_CHECKING

from kg.workers.nursery import end_workers

if TYPE_CHECKING:
    from web.serving.served import Source

_PR_SET_PDEATHSIG = 1


def end_within(seconds: float) -> None:
    """Let the system end this process after some seconds if it still runs then; to say it again changes nothing."""
    if hasattr(signal, "setitimer") and not signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.setitimer(signal.ITIMER_REAL, seconds)


def end_with(first: int) -> None:
    """Belong to the process `first`: let only that one hear Ctrl-C, and end when it does, however it ends.

    Until the server has set its own handlers a signal ends this process at once, as it answers nothing yet; those that
    came with the fork would only note it.
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
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
    ends = (signal.SIGINT, signal.SIGTERM)

    def watch() -> None:
        told = False
        while received := os.read(reader, 16):
            passed_on = bytes(number for number in received if number not in ends)
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

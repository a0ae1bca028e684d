"""Processes that tests start, what can be seen of them (Linux), and patience.

No test depends on how fast the machine is: it waits for what has to happen, and `PATIENCE` is so long that only a fault
takes longer. A limit of the server that is not to be met is `FAR`: who waited for that would lose patience first.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

KG = (
    "import ctypes, sys; sys.platform == 'linux' and ctypes.CDLL(None).prctl(1, 15); "  # PR_SET_PDEATHSIG, SIGTERM
    "from kg.cli import main; main()"
)
"""`kg` for `python -c`, which is told to end when the tests have ended, also if they were killed (Linux)."""
PATIENCE = 120.0
FAR = "600"


def eventually(true: Callable[[], object]) -> bool:
    """Wait until something is true; false if it is not within our patience."""
    until = time.monotonic() + PATIENCE
    while not (result := bool(true())) and time.monotonic() < until:
        time.sleep(0.02)
    return result


def descendants(pid: int) -> set[int]:
    """Return a process and everything below it."""
    found = {pid}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread that has ended
            for child in task.read_text().split():
                found |= descendants(int(child))
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    return _stat(pid)[0] not in ("", "Z")


def gone(processes: set[int]) -> bool:
    """Whether processes end, within our patience."""
    return eventually(lambda: not any(map(alive, processes)))


def querying(first: int) -> bool:
    """Whether a query worker below a process has begun to work."""
    for pid in descendants(first):
        fields = _stat(pid)
        if len(fields) > 12 and "kg.workers.process" in command(int(fields[1])):
            used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            if used > 0.1:
                return True
    return False


def _stat(pid: int) -> list[str]:
    """Return state, parent and so on of a process; an empty state if there is none."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [""]


def command(pid: int) -> str:
    """Return the command line of a process; empty if there is none."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    return ""

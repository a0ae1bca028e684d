"""The processes below one, and their memory (Linux)."""

from __future__ import annotations

import contextlib
from pathlib import Path


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for above in found:
        with contextlib.suppress(OSError):
            for path in Path(f"/proc/{above}/task").glob("*/children"):
                found += [int(child) for child in path.read_text().split()]
    return found


def memory(pid: int) -> int:
    """Return the bytes that a process holds, what it shares with others divided among them; 0 if it has gone."""
    with contextlib.suppress(OSError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def command(pid: int) -> str:
    """Return the command line of a process, empty if it has gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""

"""Measuring: processor time and wall time of code and of processes, and a table of promises kept or broken."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: `value` and its unit, and a limit where there is a promise: at most, or at least."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""
    at_least: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the promise is kept; a row without one is only shown."""
        return (self.limit is None or self.value <= self.limit) and (
            self.at_least is None or self.value >= self.at_least
        )


def cpu_seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return the least processor time, of all threads, that some work took in `times` runs."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def process_seconds(arguments: Sequence[str], times: int = 11) -> tuple[float, float]:
    """Return the median wall time and the least processor time of a process in `times` runs."""
    walls, cpus = [], []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    for _ in range(times):
        started = time.perf_counter()
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        walls.append(time.perf_counter() - started)
        cpus.append(used.ru_utime + used.ru_stime)
        if process.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: exit status {process.returncode}")
    return statistics.median(walls), min(cpus)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as text, one promise per line, broken ones marked."""
    cells = [("what", "measured", "promised", "", "")]
    for row in rows:
        limit = "" if row.limit is None else f"at most {row.limit:g} {row.unit}".rstrip()
        if row.at_least is not None:
            limit = f"at least {row.at_least:g} {row.unit}"
        state = "" if not limit else "kept" if row.kept else "BROKEN"
        cells.append((row.name, f"{row.value:.3g} {row.unit}", limit, state, row.note))
    widths = [max(len(line[n]) for line in cells) for n in range(5)]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in cells
    )

"""Run the benchmarks and print a table; exit with 1 if a promise is broken.

    python -m tests.benchmarks            all of it
    python -m tests.benchmarks --quick    without the synthetic large graph

Ratios are taken in one run on one machine, so that a slow machine is no excuse and a fast one no merit.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.engine import building, querying, rules_at_scale, starting
from tests.benchmarks.measure import table


def main(arguments: list[str]) -> int:
    """Measure, print, and tell by the exit status whether all promises are kept."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        rows = [*building(out), *starting(out), *querying(out)]
        if "--quick" not in arguments:
            rows += rules_at_scale()
    print(table(rows))
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

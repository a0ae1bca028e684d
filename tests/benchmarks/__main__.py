"""Run the benchmarks and print a table; exit with 1 if a promise is broken.

    python -m tests.benchmarks                                 all of it
    python -m tests.benchmarks --quick                         without the synthetic large graph and without the peer
    python -m tests.benchmarks --only serving --minutes 10     the endpoint under load, with ten minutes of mixed load
    python -m tests.benchmarks --only pages                    every page of a thing, cold and again, and its weight

Ratios are taken in one run on one machine, so that a slow machine is no excuse and a fast one no merit. The peer of the
endpoint (rdflib-endpoint, its version in `tests.benchmarks.serving`) is installed by pip into a temporary environment.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from kg.build import build
from kg.resources import data_dir, ontology_dir
from tests.benchmarks.engine import building, querying, rules_at_scale, starting
from tests.benchmarks.measure import table
from tests.benchmarks.pages import pages
from tests.benchmarks.serving import serving


def main(arguments: list[str]) -> int:
    """Measure, print, and tell by the exit status whether all promises are kept."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench", description="Run the benchmarks.")
    parser.add_argument("--quick", action="store_true", help="leave out the large graph and the peer")
    parser.add_argument("--only", choices=["engine", "serving", "pages"], help="one part")
    parser.add_argument("--minutes", type=float, default=0.2, help="of mixed load  [default: 0.2]")
    options = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        if options.only in ("serving", "pages"):
            build(data_dir(), ontology_dir(), out)
        else:
            rows += [*building(out), *starting(out), *querying(out)]
            rows += [] if options.quick else rules_at_scale()
        if options.only in (None, "pages"):
            rows += pages(out)
        if options.only in (None, "serving"):
            rows += serving(out, options.minutes, peer=not options.quick)
    print(table(rows))
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m tests.conformance --suites DIR`: run the W3C suites and print a table; see docs/conformance.md.

Exit codes: 0 all as expected; 1 a test fails that is not in the table of known failures, or one in it passes, or the
engine alone can do what we cannot; 2 the suites are not there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conformance.data import Dataset, dataset_of, write_dataset
from tests.conformance.evaluate import Outcome, run_test
from tests.conformance.graph_store import run_graph_store
from tests.conformance.known import Reason, read_known
from tests.conformance.manifest import Test, find_root, read_tests
from tests.conformance.protocol import run_protocol
from tests.conformance.server import Server


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suites; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance", description="Run the W3C SPARQL suites."
    )
    parser.add_argument("--suites", type=Path, required=True, help="a checkout of github.com/w3c/rdf-tests")
    parser.add_argument("--only", default="", help="only tests with this text in their suite or IRI")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="servers at a time")
    parser.add_argument("--json", type=Path, help="write the outcome of each test to this file")
    options = parser.parse_args(arguments)
    root = find_root(options.suites)
    if root is None:
        print(
            f"{options.suites}: has no sparql10 and sparql11 in it or in its folder sparql", file=sys.stderr
        )
        return 2
    started = time.perf_counter()
    wanted = [test for test in read_tests(root) if options.only in test.suite or options.only in test.iri]
    outcomes, seconds = run_all(wanted, options.jobs)
    outcomes += run_protocol(root, options.only) + run_graph_store(root, options.only)
    known = read_known()
    print_table(outcomes, known)
    bad = unexpected(outcomes, known, complete=not options.only)
    for line in bad:
        print(line)
    print(
        f"{len(seconds)} servers, the median started in {sorted(seconds)[len(seconds) // 2]:.2f} s"
        if seconds
        else "no server",
        end="; ",
    )
    print(
        f"all in {time.perf_counter() - started:.0f} s; "
        + (f"{len(bad)} not as expected" if bad else "all as expected")
    )
    if options.json:
        options.json.write_text(json.dumps([_record(found, known) for found in outcomes], indent=1) + "\n")
    return 1 if bad else 0


def run_all(tests: Iterable[Test], jobs: int) -> tuple[list[Outcome], list[float]]:
    """Run tests, those of one data set on one server; outcomes in the order of the tests, seconds to start servers."""
    ordered = list(tests)
    groups: dict[Dataset, list[Test]] = defaultdict(list)
    for test in ordered:
        groups[dataset_of(test)].append(test)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        paths = [Path(folder, f"{number}.nq") for number in range(len(groups))]
        found = list(pool.map(_run_group, groups.items(), paths))
    by_test = {(one.test.iri, one.test.kind): one for outcomes, _ in found for one in outcomes}
    return [by_test[test.iri, test.kind] for test in ordered], [seconds for _, seconds in found]


def _run_group(group: tuple[Dataset, list[Test]], path: Path) -> tuple[list[Outcome], float]:
    dataset, tests = group
    write_dataset(dataset, path)
    with Server([path], env={"KG_WORKERS": "1"}) as server:
        return [run_test(test, server, path) for test in tests], server.seconds


def unexpected(outcomes: Iterable[Outcome], known: dict[str, Reason], *, complete: bool) -> list[str]:
    """Return what is not as the table says, a line each; `complete` tells that all tests were run."""
    lines = []
    seen = set()
    for found in outcomes:
        iri, reason = found.test.iri, known.get(found.test.iri)
        seen.add(iri)
        if found.test.not_applicable and found.problem and found.test.kind not in ("update", "federated"):
            continue
        if found.problem and reason is None:
            lines.append(f"FAILED {found.test.suite} {iri}\n  {found.problem}{_blame(found)}")
        elif found.problem and not found.engines:
            lines.append(f"OURS   {found.test.suite} {iri}: listed, but the engine passes\n  {found.problem}")
        elif reason is not None and not found.problem:
            lines.append(f"PASSED {found.test.suite} {iri}: listed as failing ({reason.title}); remove it")
    if complete:
        lines += [f"GONE   {iri}: listed, but in no suite" for iri in sorted(known.keys() - seen)]
    return lines


def _blame(found: Outcome) -> str:
    if found.test.kind not in ("evaluation", "positive", "negative"):
        return ""
    return (
        f"\n  the engine alone fails as well: {found.engines}"
        if found.engines
        else "\n  the engine alone passes"
    )


def status_of(found: Outcome) -> str:
    """Return the column in which a test counts."""
    refused = found.test.kind in ("update", "federated")
    if found.test.not_applicable and (not found.problem or not refused):
        return "not applicable"
    return "failed" if found.problem else "passed"


def print_table(outcomes: Sequence[Outcome], known: dict[str, Reason]) -> None:
    """Print passed, failed, known and not applicable by suite, then the known failures by reason."""
    suites = list(dict.fromkeys(found.test.suite for found in outcomes))
    print(f"{'suite':34}{'passed':>8}{'by value':>10}{'failed':>8}{'known':>8}{'not applicable':>16}")
    total: Counter[str] = Counter()
    for suite in suites:
        mine = [found for found in outcomes if found.test.suite == suite]
        counts = Counter(status_of(found) for found in mine)
        counts["by value"] = sum(status_of(found) == "passed" and found.is_by_value for found in mine)
        counts["known"] = sum(status_of(found) == "failed" and found.test.iri in known for found in mine)
        total.update(counts)
        print(_line(suite, counts))
    print(_line("all", total) + "\n")
    reasons: dict[Reason, list[str]] = defaultdict(list)
    for found in outcomes:
        if found.test.iri in known and found.problem:
            reasons[known[found.test.iri]].append(found.test.iri.rpartition("#")[2])
    for reason, names in reasons.items():
        print(f"{reason.title}: {reason.text}\n    {' '.join(names)}\n")


def _line(name: str, counts: Counter[str]) -> str:
    return (
        f"{name:34}{counts['passed']:>8}{counts['by value']:>10}{counts['failed']:>8}{counts['known']:>8}"
        f"{counts['not applicable']:>16}"
    )


def _record(found: Outcome, known: dict[str, Reason]) -> dict[str, str]:
    return {
        "test": found.test.iri,
        "suite": found.test.suite,
        "status": status_of(found),
        "problem": found.problem,
        "engine": found.engines,
        "known": known[found.test.iri].title if found.test.iri in known else "",
    }


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.adversarial.load`: many heavy queries at once, and a light one beside them that is answered soon.

A real server with its default limits, but for those given here; takes about a minute. Exit code 1 if a light query was
not answered within the time, or any answer was not honest.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conformance.server import Server

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) }"
LIGHT = "SELECT ?o { <http://example.org/s1> ?p ?o }"
RIGHT = (413, 503, 504)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.adversarial.load", description="Heavy beside light queries."
    )
    parser.add_argument("--heavy", type=int, default=200, help="heavy queries at once  [default: 200]")
    parser.add_argument(
        "--rounds", type=int, default=1, help="how often each client asks again  [default: 1]"
    )
    parser.add_argument("--within", type=float, default=2.0, help="seconds for a light query  [default: 2]")
    parser.add_argument("--query-seconds", default="5", help="time limit of a query  [default: 5]")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data.nt")
        data.write_text(
            "".join(
                f"<http://example.org/s{n}> <http://example.org/p> <http://example.org/s{n // 2}> .\n"
                for n in range(3000)
            )
        )
        with Server([data], env={"KG_QUERY_SECONDS": options.query_seconds}) as server:
            server.query(LIGHT)
            return run(server, options.heavy, options.rounds, options.within)


def run(server: Server, heavy: int, rounds: int, within: float) -> int:
    """Send heavy queries from as many clients at once, and light ones until they are done; the exit code."""
    statuses: Counter[str] = Counter()
    waits: list[float] = []
    light: list[tuple[float, str]] = []
    done = threading.Event()

    def ask(text: str) -> str:
        try:
            return str(server.query(text, timeout=120).status)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__

    def heavy_client(_: int) -> None:
        for _ in range(rounds):
            started = time.perf_counter()
            statuses[ask(HEAVY)] += 1
            waits.append(time.perf_counter() - started)

    def light_client() -> None:
        while not done.is_set():
            started = time.perf_counter()
            status = ask(LIGHT)
            light.append((time.perf_counter() - started, status))
            time.sleep(0.1)

    beside = threading.Thread(target=light_client)
    with ThreadPoolExecutor(heavy) as pool:
        clients = [pool.submit(heavy_client, number) for number in range(heavy)]
        time.sleep(0.2)
        beside.start()
        for client in clients:
            client.result()
    done.set()
    beside.join()
    times = sorted(taken for taken, _ in light)
    failed = Counter(status for _, status in light if status != "200")
    print(
        f"heavy queries   {sum(statuses.values()):>6}   "
        + ", ".join(f"{n} x {s}" for s, n in sorted(statuses.items()))
    )
    print(f"  waited        {statistics.median(waits):>6.2f} s median, {max(waits):.2f} s at most")
    print(
        f"light queries   {len(light):>6}   "
        + (", ".join(f"{n} x {s}" for s, n in failed.items()) or "all answered")
    )
    print(
        f"  waited        {statistics.median(times):>6.2f} s median, {times[-1]:.2f} s at most; wanted {within:g} s"
    )
    wrong = [status for status in statuses if status not in map(str, RIGHT)]
    if wrong:
        print(f"not honest: {wrong}")
    return 1 if failed or times[-1] > within or wrong else 0


if __name__ == "__main__":
    sys.exit(main())

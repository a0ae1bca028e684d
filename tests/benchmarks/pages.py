"""What a page costs: every page of an entity, claim and derivation, one after the other, as a reader's browser asks.

A real server, started anew for each cold round, in which no page was asked for before; in the rounds after that all of
them were. The server's own time is taken from its log, the least of the rounds for each page: noise only adds.
"""

from __future__ import annotations

import gzip
import http.client
import re
import sys
import time
from pathlib import Path

from kg.queries import select
from kg.snapshot import open_snapshot
from tests.benchmarks.measure import Row
from tests.conformance.server import Server
from web.links import page_of

LIMIT_MS = 50
LIMIT_BYTES = 60 * 1024
KINDS = (("/page/", "entity"), ("/claim/", "claim"), ("/derived/", "derivation"))
LARGEST = 5
ROUNDS = 3
READ_AHEAD_SECONDS = 3
"""What a person takes to open the first page: the server reads claims and labels ahead in it (`web.serving.warm`)."""
HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip"}
_LINE = re.compile(r" (\d{3}) GET (\S+) (\d+|-) ([0-9.]+)ms")


def pages(out: Path) -> list[Row]:
    """Rows for the time of the server per page, at the 95th percentile, and for the weight of the heaviest pages."""
    with open_snapshot(out) as snapshot:
        things = {page_of(row[0]) for row in select(snapshot.store, "page_everything")}
    addresses = sorted(a for a in things if a.startswith(tuple(start for start, _ in KINDS)))
    rows: list[Row] = []
    sizes: dict[str, int] = {}
    rounds: dict[str, list[dict[str, float]]] = {"cold": [], "again": []}
    for _ in range(ROUNDS):
        with Server(env={"KG_OUT": str(out), "KG_ACCESS_LOG": "path"}) as server:
            time.sleep(READ_AHEAD_SECONDS)
            for found in rounds.values():
                found.append(_ask(server, addresses, sizes))
    for name, found in rounds.items():
        for start, kind in KINDS:
            wanted = [address for address in addresses if address.startswith(start)]
            taken = {address: min(one[address] for one in found) for address in wanted}
            times = sorted(taken.values())
            slowest = max(taken, key=lambda address: taken[address])
            limit = LIMIT_MS if start == "/page/" else None
            rows.append(
                Row(
                    f"{kind} pages, {name}: server time, 95th percentile",
                    times[int(len(times) * 0.95)],
                    "ms",
                    limit,
                    f"{len(times)} pages, median {times[len(times) // 2]:.1f}; slowest {slowest} {times[-1]:.0f}",
                )
            )
    heaviest = sorted(sizes, key=lambda address: -sizes[address])
    told = ", ".join(f"{address} {sizes[address] / 1024:.1f}" for address in heaviest[:LARGEST])
    rows.append(Row("heaviest page, compressed", sizes[heaviest[0]] / 1024, "KiB", LIMIT_BYTES / 1024, told))
    return rows


def _ask(server: Server, addresses: list[str], sizes: dict[str, int]) -> dict[str, float]:
    """Ask for pages one after the other; return the server's milliseconds of each, note the bytes of each."""
    before = len(server.output)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for address in addresses:
        connection.request("GET", address, headers=HEADERS)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200 or not gzip.decompress(body):
            raise RuntimeError(f"{address}: {response.status}")
        sizes[address] = len(body)
    connection.close()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        taken = {m[2]: float(m[4]) for m in _LINE.finditer(server.output[before:])}
        if len(taken) >= len(addresses):
            return taken
        time.sleep(0.05)
    raise RuntimeError("the server logged fewer requests than there were")


if __name__ == "__main__":
    from tests.benchmarks.__main__ import main

    sys.exit(main(["--only", "pages", *sys.argv[1:]]))

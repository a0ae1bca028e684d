"""What the engine costs: a full build, the start of `kg query`, a query in a worker, the rules on a larger graph."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

from kg.build import build
from kg.derive import apply_rule, read_rules
from kg.errors import QueryTimeout
from kg.resources import data_dir, ontology_dir
from kg.snapshot import open_snapshot
from kg.workers.pool import Limits, QueryPool, QueryRequest
from tests.benchmarks.measure import Row, cpu_seconds, process_seconds

QUERY = "SELECT ?who ?start { ?t org:post id:post-dcs-somerset ; org:member ?who ; sg:start ?start }"


def building(out: Path) -> list[Row]:
    """A full build against parsing the same files and checking them with the same shapes in plain pyshacl."""
    full = cpu_seconds(lambda: build(data_dir(), ontology_dir(), out, force=True))
    plain = cpu_seconds(_parse_and_check)
    again = cpu_seconds(lambda: build(data_dir(), ontology_dir(), out))
    return [
        Row("full build of the project, CPU", full, "s", 10),
        Row("  parsing and core SHACL of the same files, CPU", plain, "s"),
        Row("  full build to that", full / plain, "x", 5),
        Row("  build that finds nothing new, CPU", again, "s"),
    ]


def _parse_and_check() -> None:
    """Parse the files and validate them as a plain user of rdflib and pyshacl would."""
    import pyshacl
    import rdflib

    data = rdflib.Dataset(default_union=True)
    for path in sorted(
        [*data_dir().rglob("*.ttl"), *data_dir().rglob("*.trig"), *ontology_dir().glob("*.ttl")]
    ):
        data.parse(path, format="trig" if path.suffix == ".trig" else "turtle")
    flat = rdflib.Graph()
    for triple in data.triples((None, None, None)):
        flat.add(triple)
    shapes = rdflib.Graph().parse(ontology_dir() / "shapes.ttl", format="turtle")
    pyshacl.validate(flat, shacl_graph=shapes, inplace=True, allow_warnings=True)


def starting(out: Path) -> list[Row]:
    """`kg query` on a built graph against a bare Python start with the engine's import."""
    bare_wall, bare_cpu = process_seconds([sys.executable, "-c", "import pyoxigraph"])
    program = "import sys; from kg.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "query", "--out", str(out), QUERY]
    wall, cpu = process_seconds(command)
    help_wall, _ = process_seconds([sys.executable, "-c", program, "--help"])
    return [
        Row("kg query, wall", wall * 1000, "ms"),
        Row("  python and import pyoxigraph, wall", bare_wall * 1000, "ms"),
        Row("  kg query to that, wall", wall / bare_wall, "x", 5),
        Row("  kg query to that, CPU", cpu / bare_cpu, "x", 5),
        Row("kg --help, wall", help_wall * 1000, "ms"),
    ]


def querying(out: Path) -> list[Row]:
    """A small query in a worker, a stopped one, and how soon the next is answered."""
    with open_snapshot(out) as snapshot:
        started = time.perf_counter()
        with QueryPool(snapshot.store_path, 1, Limits(seconds=0.5)) as pool:
            pool.run(QueryRequest("ASK {}"))
            first = time.perf_counter() - started
            small = min(_seconds(pool, "SELECT ?c { ?c a ?t } LIMIT 10") for _ in range(50))
            started = time.perf_counter()
            with contextlib.suppress(QueryTimeout):
                pool.run(QueryRequest("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"))
            stopped = time.perf_counter() - started
            replaced = _seconds(pool, "ASK {}")
    return [
        Row("query pool, first answer, wall", first * 1000, "ms"),
        Row("small query in a worker, wall", small * 1000, "ms"),
        Row("query with a limit of 500 ms stopped after, wall", stopped * 1000, "ms", 1500),
        Row("  and the next one answered within, wall", replaced * 1000, "ms", 500),
    ]


def _seconds(pool: QueryPool, text: str) -> float:
    started = time.perf_counter()
    pool.run(QueryRequest(text))
    return time.perf_counter() - started


def rules_at_scale(councils: int = 150) -> list[Row]:
    """Each rule on a synthetic country: inspections, judgements, tenures and notices of many councils."""
    from tests.benchmarks.country import country

    store, quads, stated = country(councils)
    rows = [Row(f"synthetic country of {councils} councils", quads, "quads")]
    for rule in read_rules(ontology_dir() / "rules"):
        found: list[int] = []
        seconds = cpu_seconds(
            lambda rule=rule, found=found: found.append(len(apply_rule(rule, store, stated)))
        )  # type: ignore[misc]
        rows.append(Row(f"  rule {rule.name}, CPU", seconds, "s", 10, f"{found[0]} conclusions"))
    return rows

"""DESCRIBE tells both what a resource says and what is said of it, from the graphs that the query asks about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.workers.pool import Limits, QueryPool, QueryRequest

DATA = b"""
<urn:a> <urn:knows> <urn:b> .
<urn:b> <urn:name> "b" .
<urn:c> <urn:knows> <urn:a> .
<urn:only> <urn:type> <urn:Class> .
<urn:a> <urn:has> _:x .
_:x <urn:part> "blank" .
<urn:g> <urn:knows> <urn:a> <urn:graph> .
<urn:a> <urn:knows> <urn:g> <urn:graph> .
<urn:h> <urn:knows> <urn:a> <urn:other> .
"""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryPool]:
    path = tmp_path_factory.mktemp("store")
    store = ox.Store(str(path))
    store.bulk_load(DATA, format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    with QueryPool(path, 1, Limits(rows=50)) as made:
        yield made


def described(pool: QueryPool, text: str, **more: object) -> set[str]:
    answer = pool.run(QueryRequest(text, ("nt",), **more))  # type: ignore[arg-type]
    assert answer.query_form == "describe"
    return {
        " ".join(part.strip("<>") for part in line.split()[:3]) for line in answer.body.decode().splitlines()
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("DESCRIBE <urn:b>", {'urn:b urn:name "b"', "urn:a urn:knows urn:b"}),
        ("BASE <urn:x> PREFIX u: <urn:> DESCRIBE u:Class", {"urn:only urn:type urn:Class"}),
        ("DESCRIBE ?x { ?x <urn:name> 'b' }", {'urn:b urn:name "b"', "urn:a urn:knows urn:b"}),
        ("DESCRIBE <urn:a> FROM <urn:graph>", {"urn:a urn:knows urn:g", "urn:g urn:knows urn:a"}),
        ("DESCRIBE <urn:a> FROM NAMED <urn:graph>", set()),
        (
            "DESCRIBE <urn:a> FROM <urn:graph> FROM <urn:other>",
            {"urn:a urn:knows urn:g", "urn:g urn:knows urn:a", "urn:h urn:knows urn:a"},
        ),
        ("DESCRIBE <urn:none>", set()),
        ("DESCRIBE ?x { BIND('text' AS ?x) }", set()),
    ],
)
def test_a_description_goes_both_ways(pool: QueryPool, query: str, expected: set[str]) -> None:
    assert described(pool, query) == expected


def test_blank_nodes_come_along(pool: QueryPool) -> None:
    found = described(pool, "DESCRIBE <urn:a>")
    assert len(found) == 4
    assert any(line.endswith('urn:part "blank"') for line in found)
    assert "urn:c urn:knows urn:a" in found


def test_the_graphs_of_the_request_count(pool: QueryPool) -> None:
    assert described(pool, "DESCRIBE <urn:a>", default_graphs=("urn:other",)) == {"urn:h urn:knows urn:a"}
    assert described(pool, "DESCRIBE <urn:a>", named_graphs=("urn:other",)) == set()


def test_a_description_keeps_to_the_limit_of_rows(tmp_path: Path) -> None:
    store = ox.Store(str(tmp_path / "s"))
    store.bulk_load(
        b"".join(b"<urn:%d> <urn:p> <urn:o> .\n" % n for n in range(99)), format=ox.RdfFormat.N_TRIPLES
    )
    store.flush()
    del store
    with QueryPool(tmp_path / "s", 1, Limits(rows=20)) as pool:
        answer = pool.run(QueryRequest("DESCRIBE <urn:o>", ("nt",)))
    assert (answer.rows, answer.truncated) == (20, True)


def test_what_a_resource_says_of_itself_comes_first(pool: QueryPool) -> None:
    body = pool.run(QueryRequest("DESCRIBE <urn:b>", ("nt",))).body
    assert body.splitlines() == [b'<urn:b> <urn:name> "b" .', b"<urn:a> <urn:knows> <urn:b> ."]

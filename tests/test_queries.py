"""The page queries: each runs as it stands, spells prefixes as the project does, and says what it is for."""

import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.describe import describe
from kg.extract import entity_quads
from kg.namespaces import ID, ORG, PREFIXES
from kg.queries import Remembering, memory_of, select, text, with_prefixes
from kg.snapshot import open_snapshot

FILES = sorted((Path(__file__).parent.parent / "kg" / "sparql").glob("*.rq"))
FRAGMENTS = {"evidence"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_page_query_is_whole(path: Path) -> None:
    if path.stem in FRAGMENTS:
        return
    query = text(path.stem)
    assert query.startswith("# ")
    ox.Store().query(query)
    assert with_prefixes(query) == query
    for prefix, namespace in re.findall(r"PREFIX ([\w-]+): <([^>]*)>", query):
        assert PREFIXES[prefix] == namespace


def test_no_python_file_holds_query_text_with_values_put_in() -> None:
    for path in (Path(__file__).parent.parent / "kg").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r'f"[^"]*\b(SELECT|CONSTRUCT|ASK)\b[^"]*\{', source), path


def test_a_memory_starts_again_when_it_is_full() -> None:
    store = Remembering(ox.Store(), size=2)
    memory_of(store, "labels").update({n: str(n) for n in range(3)})
    assert memory_of(store, "labels") == {}
    assert memory_of(ox.Store(), "labels") == {}
    assert not list(store.query("SELECT * { ?s ?p ?o }"))
    assert ID.x not in memory_of(store, "claims")


class Short:
    """A store that takes texts of 2,000 characters and no longer ones."""

    text_bytes = 2000

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.asked = 0

    def query(self, query: str, /) -> Any:
        assert len(query) <= self.text_bytes
        self.asked += 1
        return self.store.query(query)


def test_a_store_that_takes_only_short_queries_is_asked_in_parts(built: Path) -> None:
    thing = ID["peter-lewis"]
    with open_snapshot(built) as snapshot:
        short = Short(snapshot.store)
        assert entity_quads(short, thing) == entity_quads(snapshot.store, thing)
        assert describe(short, thing) == describe(snapshot.store, thing)
    assert short.asked > 50


def test_a_limit_holds_for_all_parts_together() -> None:
    things = [ID[f"thing-{n:04}"] for n in range(100)]
    store = ox.Store()
    store.extend(ox.Quad(thing, ORG.member, ID.x) for thing in things)
    for limit in (1, 30, 1000):
        found, whole = (
            select(s, "view_pointing", limit=limit, o=[*things, ID.x], p=[ORG.member])
            for s in (Short(store), store)
        )
        assert found == whole

"""The page queries: each runs as it stands, spells prefixes as the project does, and says what it is for."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.namespaces import ID, PREFIXES
from kg.queries import Remembering, memory_of, text, with_prefixes

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

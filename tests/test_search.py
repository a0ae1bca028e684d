"""Search finds things by their names and claims by their sentences, also when they are misspelt."""

import pytest

from kg.namespaces import ID, SGV
from kg.search import SearchIndex, fold
from tests.anyshire import CLAIMS, store


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return SearchIndex.from_store(store())


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Ann Example", ID["ann-example"]),
        ("ann", ID["ann-example"]),
        ("ms example", ID["ann-example"]),
        ("bob sampel", ID["bob-sample"]),
        ("anyshire coun", ID["anyshire-council"]),
        ("INADEQUATE", SGV["unscaled-inadequate"]),
        ("fine officer", CLAIMS["fine-officer"].iri),
        ("table of outcomes", ID["outcomes-table"]),
    ],
)
def test_the_best_hit_comes_first(index: SearchIndex, query: str, first: object) -> None:
    assert index.search(query)[0].iri == first


def test_every_word_has_to_count(index: SearchIndex) -> None:
    assert index.search("ann zzzzzz") == []
    assert index.search("") == index.search("  ,. ") == []
    assert index.count("ann") == len(index.search("ann", limit=1000))


def test_hits_say_what_matched_and_of_what_kind(index: SearchIndex) -> None:
    (hit, *_) = index.search("ms example")
    assert (hit.label, hit.matched, hit.kind) == ("Ann Example", "Ms Example", "thing")
    assert {hit.kind for hit in index.search("inadequate")} == {"term", "claim"}
    assert {hit.kind for hit in index.search("inadequate", kind="claim")} == {"claim"}


def test_a_thing_is_found_once_and_pages_make_up_the_whole(index: SearchIndex) -> None:
    whole = index.search("anyshire", limit=100)
    assert len({hit.iri for hit in whole}) == len(whole)
    assert [
        hit for n in range(0, len(whole), 3) for hit in index.search("anyshire", limit=3, offset=n)
    ] == whole


def test_a_misspelling_is_put_right(index: SearchIndex) -> None:
    assert index.did_you_mean("inadequte anshire") == "inadequate anyshire"
    assert index.did_you_mean("ann example") is None


def test_a_withdrawn_claim_is_not_found(index: SearchIndex) -> None:
    assert CLAIMS["withdrawn"].iri not in {hit.iri for hit in index.search("bob sample", limit=100)}


def test_case_accents_and_apostrophes_do_not_count(index: SearchIndex) -> None:
    assert fold("Zoë’s  ÉCHO") == "zoe's echo"
    assert index.search("director’s services") == index.search("DIRECTOR'S services")

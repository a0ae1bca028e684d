"""Search finds things by their names and claims by their sentences, also when they are misspelt."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from kg.namespaces import ID, SGV, curie
from kg.search.dates import periods
from kg.search.documents import Document, kept_documents, read_documents, write_documents
from kg.search.finder import KINDS, SearchIndex, fold
from kg.search.words import pieces, stem, words
from tests.anyshire import CLAIMS, store

QUERIES = Path(__file__).parent / "search_queries.csv"


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return SearchIndex.from_store(store())


@pytest.fixture(scope="module")
def real(built: Path) -> SearchIndex:
    documents = kept_documents((built / "current").resolve())
    assert documents is not None, "the build writes what can be found"
    return SearchIndex(documents)


def queries() -> list[dict[str, str]]:
    with open(QUERIES, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", queries(), ids=lambda row: row["query"])
def test_what_people_type_finds_what_they_mean(real: SearchIndex, row: dict[str, str]) -> None:
    """One of the results named in the table is among the first `within`; rows that say `no` are known not to be met."""
    found = [curie(hit.iri) for hit in real.search(row["query"], limit=int(row["within"]))]
    met = bool(set(row["expected"].split("|")) & set(found))
    assert met == (row["met"] != "no"), found


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Ann Example", ID["ann-example"]),
        ("ann", ID["ann-example"]),
        ("ms example", ID["ann-example"]),
        ("bob sampel", ID["bob-sample"]),
        ("annexample", ID["ann-example"]),
        ("any shire council", ID["anyshire-council"]),
        ("anyshire coun", ID["anyshire-council"]),
        ("INADEQUATE", SGV["unscaled-inadequate"]),
        ("fine officer", CLAIMS["fine-officer"].iri),
        ("table of outcomes", ID["outcomes-table"]),
        ("X99", ID["anyshire-council"]),
        ("id:bob-sample", ID["bob-sample"]),
        ("bob-sample", ID["bob-sample"]),
        (CLAIMS["fine-officer"].iri.value, CLAIMS["fine-officer"].iri),
    ],
)
def test_the_best_hit_comes_first(index: SearchIndex, query: str, first: object) -> None:
    assert index.search(query)[0].iri == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("wost", "id:julian-wooster"),
        ("wosst", "id:julian-wooster"),
        ("juli", "id:julian-wooster"),
        ("pete lew", "id:peter-lewis"),
        ("safegu", "id:somerset-lscb"),
        ("essx", "id:essex-county-council"),
        ("dire", "id:post-dcs-somerset"),
        ("impr", "id:notice-somerset-2013"),
        ("counci", "id:somerset-county-council"),
    ],
)
def test_what_is_being_typed_is_the_beginning_of_what_people_look_for(
    real: SearchIndex, typed: str, first: str
) -> None:
    """People, bodies, events before terms of the vocabulary, also where the beginning is misspelt."""
    assert curie(real.find(typed, typing=True).hits[0].iri) == first


def test_a_word_of_nobody_is_not_taken_for_another(real: SearchIndex) -> None:
    for word in ("tories", "union", "ches", "xyz"):
        assert real.find(word).read_as == (), word
    assert real.find("childrens").read_as == (), "a plural is no misspelling"


def test_a_bound_is_no_known_day(real: SearchIndex) -> None:
    """Enfield's inspection is only known to be over by 31 March 2015: possibly in that month, and never first."""
    found = {curie(hit.iri): hit for hit in real.find("march 2015").hits}
    enfield, report = found["id:inspection-ofsted-50004290"], found["id:report-2015"]
    assert enfield.possibly
    assert not report.possibly
    assert enfield.score < report.score
    assert "id:inspection-ofsted-50004290" not in {curie(h.iri) for h in real.find("february 2015").hits}


def test_what_lacks_a_word_is_told_from_what_has_them_all(index: SearchIndex) -> None:
    found = index.find("ann zzzzzz")
    assert found.complete == 0
    assert found.hits
    assert {hit.missing for hit in found.hits} == {("zzzzzz",)}
    assert index.find("ann example").hits[0].missing == ()
    assert index.search("zzzzzz") == []
    assert index.search("") == index.search("  ,. ") == []
    assert index.count("ann") == len(index.search("ann", limit=1000))


def test_hits_say_what_matched_and_of_what_kind(index: SearchIndex) -> None:
    (hit, *_) = index.search("ms example")
    assert (hit.label, hit.matched, hit.role, hit.kind) == ("Ann Example", "Ms Example", "name", "thing")
    assert hit.words == {"ms", "example"}
    assert {hit.kind for hit in index.search("inadequate")} == {"term", "claim", "thing"}
    (judged,) = index.search("inadequate", kind="thing")
    assert (judged.matched, judged.role) == ("inadequate", "grade")
    assert {hit.kind for hit in index.search("inadequate", kind="claim")} == {"claim"}
    assert sum(index.find("inadequate").counts.values()) == index.count("inadequate")
    assert index.find("inadequate").counts.keys() <= set(KINDS)


def test_a_thing_is_found_once_and_pages_make_up_the_whole(index: SearchIndex) -> None:
    whole = index.search("anyshire", limit=100)
    assert len({hit.iri for hit in whole}) == len(whole)
    assert [
        hit for n in range(0, len(whole), 3) for hit in index.search("anyshire", limit=3, offset=n)
    ] == whole


def test_a_misspelling_is_put_right_and_said(index: SearchIndex) -> None:
    assert index.did_you_mean("inadequte anshire") == "inadequate anyshire"
    assert index.did_you_mean("ann example") is None
    assert index.find("exampel").hits[0].spelt == (("exampel", "example"),)
    assert index.find("annexample").read_as == (("annexample", "ann"), ("annexample", "example"))


def test_a_withdrawn_claim_is_not_found(index: SearchIndex) -> None:
    assert CLAIMS["withdrawn"].iri not in {hit.iri for hit in index.search("bob sample", limit=100)}


def test_case_accents_and_apostrophes_do_not_count(index: SearchIndex) -> None:
    assert fold("Zoë’s  ÉCHO") == "zoe's echo"
    assert index.search("director’s services") == index.search("DIRECTOR'S services")


def test_small_words_are_left_out_and_a_query_of_nothing_else_says_so(index: SearchIndex) -> None:
    assert {h.iri for h in index.search("the ann of example")} == {h.iri for h in index.search("ann example")}
    assert index.find("what of the").ignored
    assert not index.find("what of ann").ignored


def test_a_date_finds_what_happened_then(real: SearchIndex) -> None:
    found = real.find("27 March 2015")
    assert found.hits
    assert all(hit.days or "2015" in hit.label for hit in found.hits)
    assert found.periods[0].first == found.periods[0].last == "2015-03-27"
    assert real.find("before 1900").hits == ()


@pytest.mark.parametrize(
    ("text", "first", "last", "rest"),
    [
        ("2015-03-27", "2015-03-27", "2015-03-27", ""),
        ("27/3/2015 report", "2015-03-27", "2015-03-27", "report"),
        ("27th of March 2015", "2015-03-27", "2015-03-27", ""),
        ("March 27, 2015", "2015-03-27", "2015-03-27", ""),
        ("Sept 2014", "2014-09-01", "2014-09-30", ""),
        ("winter 2013", "2013-12-01", "2014-02-28", ""),
        ("directors 2013 to 2015", "2013-01-01", "2015-12-31", "directors"),
        ("2015-2013", "2013-01-01", "2015-12-31", ""),
        ("since 2014", "2014-01-01", "9999-12-31", ""),
        ("before 2014", "0001-01-01", "2013-12-31", ""),
        ("after 2014", "2015-01-01", "9999-12-31", ""),
        ("2015-03", "2015-03-01", "2015-03-31", ""),
    ],
)
def test_periods_are_read_as_people_write_them(text: str, first: str, last: str, rest: str) -> None:
    (period,), left = periods(text)
    assert (period.first, period.last, left) == (first, last, rest)


@pytest.mark.parametrize("text", ["2755542", "Q2015x", "may", "31/31/2015 x"])
def test_what_is_no_date_is_left_as_words(text: str) -> None:
    found, rest = periods(text)
    assert rest == fold(text) or found[0].first == "2015-01-01"


def test_documents_are_the_same_from_the_file_and_from_the_store(tmp_path: Path) -> None:
    documents = read_documents(store())
    write_documents(tmp_path, documents)
    assert kept_documents(tmp_path) == documents
    assert kept_documents(tmp_path / "nowhere") is None
    (tmp_path / "search.json").write_text('{"format": 0}')
    assert kept_documents(tmp_path) is None
    assert ID["identifier-x99"] not in {d.iri for d in documents}, (
        "an identifier is found as that of its thing"
    )


# --- whatever is typed

TEXTS = st.text(max_size=60) | st.sampled_from([row["query"] for row in queries()])
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert words(fold(text)) == words(text)
    assert all(stem(word) == word[: len(stem(word))] for word in words(text))


@QUICK
@given(TEXTS, st.booleans())
def test_no_query_breaks_the_search(index: SearchIndex, text: str, typing: bool) -> None:
    found = index.find(text, typing)
    assert 0 <= found.complete <= len(found.hits)
    assert sum(found.counts.values()) == len(found.hits)
    for hit in found.hits:
        assert "".join(piece for piece, _ in pieces(hit.label, hit.words)) == hit.label


@QUICK
@given(
    st.lists(st.text(min_size=1, max_size=25).filter(lambda text: bool(words(text))), min_size=1, max_size=8)
)
def test_a_name_itself_is_always_found_first(names: list[str]) -> None:
    one = Document(NamedNode("http://example.org/0"), "thing", "x")
    made = [
        replace(one, iri=NamedNode(f"http://example.org/{n}"), label=name) for n, name in enumerate(names)
    ]
    index = SearchIndex(made)
    for name in names:
        assert sorted(words(index.search(name)[0].label)) == sorted(words(name))

"""Choosing among the members of a class: the query behind it finds the same, and numbers hold."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Store

from kg.dated import read_dated, span
from kg.facet_query import selection_query
from kg.facets import FACETS, Facets, Value, members_of, read_facets
from kg.namespaces import FOAF, ID, ORG, SG, SGV
from kg.snapshot import open_snapshot
from tests.html_check import read_page
from web.selection import slug

HTML = {"Accept": "text/html"}
CLASSES = (SG.Claim, SG.Judgement, SG.Event, SG.PostAtEvent, FOAF.Person, ORG.Post)


@pytest.fixture(scope="module")
def store(built: Path) -> Store:
    return open_snapshot(built).store


@pytest.fixture(scope="module")
def facets(store: Store) -> Facets:
    return read_facets(store)


def some_choices(facets: Facets, members: list[NamedNode]) -> list[dict[str, Value]]:
    """Choices as a person makes them: one value after another from those that are offered; always the same ones."""
    pick = random.Random(20150327)
    found: list[dict[str, Value]] = [{}]
    for _ in range(2):
        chosen: dict[str, Value] = {}
        for facet in pick.sample(FACETS, 3):
            offered = facets.counts(members, chosen).get(facet, {})
            if offered:
                chosen[facet] = pick.choice(sorted(offered, key=str))
        found.append(chosen)
    return found


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.value.rpartition("/")[2])
def test_the_query_behind_a_selection_finds_the_same(store: Store, facets: Facets, cls: NamedNode) -> None:
    members = members_of(store, cls)
    for chosen in some_choices(facets, members):
        rows = [row[0] for row in store.query(selection_query(cls, chosen))]  # type: ignore[union-attr]
        assert sorted(rows, key=str) == sorted(facets.choose(members, chosen), key=str), chosen


@pytest.mark.parametrize("cls", CLASSES[:4], ids=lambda cls: cls.value.rpartition("/")[2])
def test_the_number_beside_a_value_is_what_choosing_it_gives(
    store: Store, facets: Facets, cls: NamedNode
) -> None:
    members = members_of(store, cls)
    for chosen in some_choices(facets, members):
        for facet, offered in facets.counts(members, chosen).items():
            for value, number in list(offered.items())[:4]:
                assert len(facets.choose(members, {**chosen, facet: value})) == number


def test_the_year_of_a_thing_is_its_own_and_the_query_finds_the_same(store: Store, facets: Facets) -> None:
    inspections = members_of(store, SG.Inspection)
    chosen: dict[str, Value] = {"year": 2015}
    found = facets.choose(inspections, chosen)
    rows = {row[0]: row for row in store.query(selection_query(SG.Inspection, chosen))}  # type: ignore[union-attr]
    assert set(rows) == set(found)
    standing = {iri: facets.standing(iri, chosen) for iri in found}
    assert ID["inspection-somerset-2013"] not in found, "it was in 2013, whatever claims about it speak of"
    assert standing[ID["inspection-ofsted-2755542"]] == ""
    assert standing[ID["inspection-ofsted-50004290"]] == "possibly", "all that is known is a last day"
    for iri, row in rows.items():
        earliest, latest = span(read_dated(store).get(iri, ()))
        told = [row[name].value if row[name] is not None else "" for name in ("earliest", "latest")]
        assert told == [earliest, latest], "the dates of the download"
    assert facets.choose(inspections, {"year": 2013, "article": ID["article-bbc-28458868"]})


def test_the_inspection_that_a_finding_compares_with_is_not_its_year(store: Store, facets: Facets) -> None:
    later = facets.claims_of(ID["finding-2018-steady-progress"])
    assert later
    chosen: dict[str, Value] = {"year": 2015}
    found = facets.choose(facets.values, chosen)
    assert not later & set(found)
    assert facets.claims_of(ID["finding-managers-challenging"]) & set(found), (
        "it is of the inspection of 2015"
    )
    rows = store.query(selection_query(SG.Claim, chosen))
    assert {row[0] for row in rows} == set(found)  # type: ignore[union-attr]


def test_one_claim_has_to_have_all_that_is_chosen(facets: Facets) -> None:
    article = ID["article-cypn-somerset-intervention"]
    chosen: dict[str, Value] = {"article": article, "voice": ID.ofsted, "year": 2015}
    claims = facets.choose(facets.values, chosen)
    assert claims
    for claim in claims:
        values = facets.values[claim]
        assert article in values["article"]
        assert ID.ofsted in values["voice"]
        assert 2015 in values["year"]
    assert facets.choose(facets.values, {**chosen, "kind": SGV.opinion}) == []


# --- the pages


def test_the_classes_stand_in_a_tree_and_a_class_counts_those_below_it(
    client: FlaskClient, store: Store
) -> None:
    page = client.get("/browse", headers=HTML).text
    assert read_page(page).problems == []
    event, inspection = page.index('href="/browse/sg:Event"'), page.index('href="/browse/sg:Inspection"')
    assert "<ul>" in page[event:inspection], "an inspection is an event"
    (events,) = [int(r[0].value) for r in store.query(COUNT_EVENTS)]  # type: ignore[union-attr]
    assert f'>Event</a></span> <span class="n">{events}</span>' in page


COUNT_EVENTS = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT (COUNT(DISTINCT ?x) AS ?n) {
  ?x a/rdfs:subClassOf* <https://w3id.org/scrutiny-graph/ontology#Event> }"""


def test_each_combination_is_an_address_with_its_count_first(client: FlaskClient, facets: Facets) -> None:
    chosen: dict[str, Value] = {"year": 2015, "voice": ID.ofsted}
    expected = len(facets.choose(facets.values, chosen))
    address = "/browse/sg:Claim?year=2015&voice=ofsted"
    response = client.get(address, headers=HTML)
    page = read_page(response.text)
    assert page.problems == []
    assert f"{expected} results of {len(facets.values)}" in response.text
    assert "/browse/sg:Claim?voice=ofsted" in page.links, "one of them can be taken back"
    assert "/browse/sg:Claim" in page.links, "and all"
    other = client.get("/browse/sg:Claim?voice=ofsted&year=2015&kind=", headers=HTML)
    canonical = '<link rel="canonical" href="'
    assert response.text.partition(canonical)[2][:90] == other.text.partition(canonical)[2][:90]
    assert len(client.get(address, headers={**HTML, "Accept-Encoding": "gzip"}).data) < 60_000


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("body", "nobody", "one of"),
        ("year", "twenty", "four digits"),
        ("year", "２０１５", "four digits"),
        ("voice", "id:ofsted x", "one of"),
        ("kind", "<b>", "one of"),
        ("grade", "sgv:", "one of"),
    ],
)
def test_a_bad_value_is_told_at_its_field_and_the_others_are_kept(
    client: FlaskClient, field: str, value: str, word: str
) -> None:
    given = {"person": "peter-lewis", "article": "article-bbc-28458868", field: value}
    response = client.get("/browse/sg:Claim", query_string=given, headers=HTML)
    assert response.status_code == 400
    assert read_page(response.text).problems == []
    at_field = response.text.partition(f'id="e-{field}"')[2][:700]
    assert word in at_field
    assert '<option value="peter-lewis" selected>' in response.text
    assert '<option value="article-bbc-28458868" selected>' in response.text
    assert "<b>" not in response.text
    told = client.get("/browse/sg:Claim", query_string={**given, "format": "csv"})
    assert (told.status_code, told.mimetype) == (400, "text/plain")


@pytest.mark.parametrize("query", ["sort=up", "format=xls", "offset=-1", "offset=x"])
def test_what_is_no_choice_is_a_400(client: FlaskClient, query: str) -> None:
    assert client.get(f"/browse/sg:Claim?{query}", headers=HTML).status_code == 400


def test_what_fits_nothing_says_so_and_keeps_the_choice(client: FlaskClient) -> None:
    response = client.get("/browse/foaf:Person?body=ofsted&grade=sif-inadequate", headers=HTML)
    assert response.status_code == 200
    assert "Nothing here has all of these at once" in response.text
    assert "inadequate (0)" in response.text


def test_a_selection_comes_whole_as_csv_and_json(client: FlaskClient, facets: Facets) -> None:
    chosen: dict[str, Value] = {"kind": SGV.opinion}
    wanted = {claim.value for claim in facets.choose(facets.values, chosen)}
    response = client.get("/browse/sg:Claim?kind=opinion&format=csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert {row["iri"] for row in rows} == wanted
    assert all(row["voices"] and row["excerpts"] for row in rows)
    told = client.get("/browse/sg:Claim?kind=opinion&format=json").get_json()
    assert (told["count"], {row["iri"] for row in told["members"]}) == (len(wanted), wanted)
    assert told["version"] == response.headers["X-Data-Version"]
    things = client.get("/browse/sg:Inspection?format=json&sort=latest").get_json()["members"]
    dated = [row["earliest"] for row in things if row["earliest"]]
    assert dated == sorted(dated, reverse=True)


def test_what_is_only_possibly_in_a_year_says_so(client: FlaskClient) -> None:
    page = read_page(client.get("/browse/sg:Inspection?year=2015", headers=HTML).text).text
    assert "by 31 March 2015 possibly in 2015" in " ".join(page.split())
    rows = client.get("/browse/sg:Inspection?year=2015&format=json").get_json()["members"]
    assert {row["in_year"] for row in rows} >= {"yes", "possibly"}
    assert "possibly in 2015" in client.get("/browse/sg:Claim?year=2015", headers=HTML).text
    assert "in_year" not in client.get("/browse/sg:Inspection?format=json").text


def test_pages_of_a_selection_make_up_the_whole(client: FlaskClient, facets: Facets) -> None:
    seen: list[str] = []
    for offset in range(0, len(facets.values), 30):
        page = client.get(f"/browse/sg:Claim?offset={offset}", headers=HTML)
        links = (link for link in read_page(page.text).links if link.startswith("/claim/"))
        seen += dict.fromkeys(link.partition("#")[0] for link in links)
    assert set(seen) == {f"/claim/{claim.value.rpartition('/')[2]}" for claim in facets.values}


def test_a_value_has_one_name_in_addresses() -> None:
    assert [slug(value) for value in (2015, ID.ofsted, SGV.opinion, FOAF.Person)] == [
        "2015", "ofsted", "opinion", "foaf:Person",
    ]  # fmt: skip


def test_a_bound_has_one_end_and_differing_dates_stand_beside_each_other(client: FlaskClient) -> None:
    rows = csv.DictReader(io.StringIO(client.get("/browse/sg:Inspection?format=csv").text))
    told = {row["iri"].rpartition("/")[2]: row for row in rows}
    names = ("earliest", "latest", "dates", "date_properties")
    bound, both = told["inspection-ofsted-50004290"], told["inspection-somerset-2013"]
    assert [bound[name] for name in names] == ["", "2015-03-31", "[..2015-03-31]", "sg:notAfter"]
    assert [both[name] for name in names] == [
        "2013-06-01",
        "2013-08-31",
        "2013-06 | 2013-22",
        "sg:time | sg:time",
    ]
    members = client.get("/browse/sg:Inspection?format=json").get_json()["members"]
    (row,) = [row for row in members if row["iri"] == both["iri"]]
    assert [date["edtf"] for date in row["dates"]] == ["2013-06", "2013-22"]
    page = read_page(client.get("/browse/sg:Inspection?sort=earliest", headers=HTML).text).text
    assert "June 2013; summer 2013" in page
    assert "by 31 March 2015" in page

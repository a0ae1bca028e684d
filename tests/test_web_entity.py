"""Addresses of things: 303 by what is asked for, pages with their evidence, data in every format."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.formats import RDF_FORMATS, RdfFormat
from kg.namespaces import ID, PROV
from kg.queries import with_prefixes
from kg.snapshot import open_snapshot
from tests.html_check import read_page

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def store(built: Path) -> ox.Store:
    return open_snapshot(built).store


def one(store: ox.Store, query: str) -> str:
    solutions = store.query(with_prefixes(query))
    assert isinstance(solutions, ox.QuerySolutions)
    return str(next(iter(solutions))[0].value)


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        ("text/html", "/page/ofsted"),
        ("*/*", "/page/ofsted"),
        ("text/turtle", "/data/ofsted.ttl"),
        ("application/ld+json", "/data/ofsted.jsonld"),
        ("application/rdf+xml", "/data/ofsted.rdf"),
        ("application/n-triples", "/data/ofsted.nt"),
        ("application/n-quads", "/data/ofsted.nq"),
        ("application/trig;q=0.9, text/html;q=0.8", "/data/ofsted.trig"),
    ],
)
def test_a_thing_redirects_by_what_is_asked_for(client: FlaskClient, accept: str, location: str) -> None:
    response = client.get("/id/ofsted", headers={"Accept": accept})
    assert (response.status_code, response.headers["Location"]) == (303, location)
    assert "Accept" in response.headers["Vary"]


def test_a_concept_redirects_likewise(client: FlaskClient) -> None:
    assert client.get("/vocab/stated", headers=HTML).headers["Location"] == "/page/vocab/stated"
    response = client.get("/vocab/stated", headers={"Accept": "text/turtle"})
    assert response.headers["Location"] == "/data/vocab/stated.ttl"


def test_what_cannot_be_sent_is_406_and_names_the_types(client: FlaskClient) -> None:
    response = client.get("/id/ofsted", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/turtle" in response.text


@pytest.mark.parametrize(
    "path", ["/id/nobody", "/page/nobody", "/data/nobody.ttl", "/vocab/nothing", "/graph/nothing"]
)
def test_what_there_is_not_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers=HTML).status_code == 404


@pytest.mark.parametrize(
    "path", ["/data/ofsted.docx", "/id/../etc", "/page/a.b", "/id/a%2Fb", "/data/%0d%0a.ttl"]
)
def test_odd_addresses_are_404(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers=HTML).status_code == 404


@pytest.mark.parametrize("entry", RDF_FORMATS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("what", ["thing", "claim", "derivation", "concept"])
def test_data_comes_in_every_format_and_parses(
    client: FlaskClient, store: ox.Store, entry: RdfFormat, what: str
) -> None:
    claim = one(store, "SELECT ?c { ?c a sg:Claim } ORDER BY ?c LIMIT 1")
    derivation = one(store, "SELECT ?d { ?d a sg:Derivation } ORDER BY ?d LIMIT 1")
    path = {
        "thing": "/data/peter-lewis",
        "concept": "/data/vocab/sif-inadequate",
        "claim": f"/claim/{claim[-16:]}",
        "derivation": f"/derived/{derivation[-16:]}",
    }[what]
    response = client.get(f"{path}.{entry.extension}")
    assert response.status_code == 200
    assert response.mimetype == entry.media_type
    if entry.name != "jsonld":  # its context is named by address; kg.jsonld tests that it expands
        assert len(list(ox.parse(response.data, format=entry.engine))) > 3
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"{path}.{entry.extension}").data == response.data


def test_data_by_accept_header_at_one_address(client: FlaskClient) -> None:
    assert client.get("/data/ofsted", headers={"Accept": "application/trig"}).mimetype == "application/trig"
    assert client.get("/data/ofsted", headers=HTML).mimetype == "text/turtle"


def test_a_page_shows_words_voices_and_article_with_each_statement(client: FlaskClient) -> None:
    html = client.get("/page/julian-wooster", headers=HTML).text
    text = read_page(html).text
    for words in (
        "Julian Wooster",
        "Person",
        "Director of children's services in Somerset",
        "took up the post",
        "March 2015",
        "some day from 14 to 19 March 2015",
        "quoting Patrick Flaherty (as Chief executive of Somerset County Council)",
        "article on the team from Essex, spring 2015",
        "The sources also write",
        "Claims to compare",
        "In post when it happened",
        "https://w3id.org/scrutiny-graph/id/julian-wooster",
    ):
        assert words in text, words
    assert html.count('class="evidence"') > 40
    assert "<q><mark>" in html


def test_evidence_stands_with_each_statement_or_is_named_as_shown_beside_it(client: FlaskClient) -> None:
    for path in ("/page/julian-wooster", "/page/peter-lewis", "/page/somerset-county-council"):
        html = client.get(path, headers=HTML).text
        for block in html.split('<div class="statement">')[1:]:
            assert 'class="evidence"' in block or 'class="byrule"' in block or "each shown here" in block


def test_what_follows_by_rule_is_marked_and_leads_to_its_claims(client: FlaskClient) -> None:
    html = client.get("/page/peter-lewis", headers=HTML).text
    assert "follows by rule" in html
    path = html.partition("/derived/")[2][:16]
    page = client.get(f"/derived/{path}", headers=HTML)
    assert page.status_code == 200
    assert "The claims it rests on" in page.text
    assert 'class="evidence"' in page.text


def test_what_is_contested_is_marked(client: FlaskClient) -> None:
    html = client.get("/page/lewis-contract-ended", headers=HTML).text
    assert ">contested</a>" in html
    assert "sources disagree" in html


def test_a_person_with_nothing_stated_says_so(client: FlaskClient) -> None:
    text = read_page(client.get("/page/deputy-unknown", headers=HTML).text).text
    assert "There is no such page" in text


def test_identifiers_tell_where_they_were_verified(client: FlaskClient) -> None:
    text = read_page(client.get("/page/somerset-county-council", headers=HTML).text).text
    assert "GSS code E10000027 verified in: digital-land public organisation data set" in text


def test_the_query_behind_a_page_runs_and_finds_its_claims(client: FlaskClient, store: ox.Store) -> None:
    html = client.get("/page/julian-wooster", headers=HTML).text
    query = unescape(html.rpartition('aria-label="SPARQL"><code>')[2].partition("</code>")[0])
    link = unescape(html.rpartition('href="/sparql?')[2].partition('"')[0])
    assert query.strip() in unescape(client.get(f"/sparql?{link}", headers=HTML).text)
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    claims = {solution["claim"] for solution in solutions}
    shown = {part[:16] for part in html.split("/claim/")[1:]}
    assert {claim.value[-16:] for claim in claims} <= shown


def test_a_claim_leads_from_its_sentence_to_its_words_voices_and_triples(
    client: FlaskClient, store: ox.Store
) -> None:
    iri = one(
        store,
        "SELECT ?c { GRAPH ?c { id:tenure-wooster-dcs sg:start id:date-any-2015-03-14_2015-03-19 } ?c a sg:Claim }",
    )
    response = client.get(f"/claim/{iri[-16:]}", headers=HTML)
    text = read_page(response.text).text
    for words in (
        "two weeks ago",
        "Chard & Ilminster News",
        "Whose word it is",
        "What it states",
        "is read as the date",
        "some day from 14 to 19 March 2015",
        "counted from",
        "Cite it",
        iri,
        "SHA-256",
    ):
        assert words in text, words
    assert "#:~:text=" in response.text
    assert response.headers["X-Robots-Tag"] == "noindex"
    turtle = client.get(f"/claim/{iri[-16:]}", headers={"Accept": "application/trig"})
    quads = list(ox.parse(turtle.data, format=ox.RdfFormat.TRIG))
    assert any(q.graph_name == ox.NamedNode(iri) for q in quads if isinstance(q, ox.Quad))
    assert any(q.predicate == PROV.hadPrimarySource for q in quads if isinstance(q, ox.Quad))


def test_each_part_of_a_claim_has_its_place_on_the_page(client: FlaskClient, store: ox.Store) -> None:
    """The IRIs of voices, evidence, selectors and readings end in what their places on the page are called."""
    parts = "SELECT ?part (MIN(?claim) AS ?one) { ?x ?p ?y FILTER(CONTAINS(STR(?x), '#')) "
    parts += "BIND(STRAFTER(STR(?x), '#') AS ?part) BIND(STRBEFORE(STR(?x), '#') AS ?claim) "
    parts += "FILTER(CONTAINS(?claim, '/claim/')) } GROUP BY ?part"
    solutions = store.query(parts)
    assert isinstance(solutions, ox.QuerySolutions)
    found = {row["part"].value: row["one"].value.rpartition("/")[2] for row in solutions}
    assert {"v1", "e1", "e1q", "e1p", "d1", "i1", "e2q"} <= found.keys()
    pages = {name: client.get(f"/claim/{name}", headers=HTML).text for name in set(found.values())}
    assert [part for part, name in found.items() if f'id="{part}"' not in pages[name]] == []


def test_a_claim_that_there_is_not_is_404(client: FlaskClient) -> None:
    for path in ("/claim/0000000000000000", "/claim/0000000000000000.ttl", "/derived/0000000000000000"):
        assert client.get(path, headers=HTML).status_code == 404


def test_a_named_graph_is_sent_whole(client: FlaskClient, store: ox.Store) -> None:
    response = client.get("/graph/disagreements.trig")
    quads = list(ox.parse(response.data, format=ox.RdfFormat.TRIG))
    expected = one(store, "SELECT (COUNT(*) AS ?n) { GRAPH graph:disagreements { ?s ?p ?o } }")
    assert len(quads) == int(expected)


def test_any_iri_of_the_data_has_a_page(client: FlaskClient) -> None:
    for iri in (
        "org:Post",
        "http://www.w3.org/ns/org#Post",
        "<http://www.w3.org/ns/org#member>",
        "rdfs:label",
    ):
        response = client.get("/resource", query_string={"iri": iri}, headers=HTML)
        assert response.status_code == 200, iri
        data = client.get("/resource", query_string={"iri": iri, "format": "nt"})
        assert data.mimetype == "application/n-triples"
    ours = client.get("/resource", query_string={"iri": f"{ID}ofsted"}, headers=HTML)
    assert ours.headers["Location"] == "/page/ofsted"


@pytest.mark.parametrize("iri", ["", "no iri", "http://", "http://a b", "<http://example.org/", "\n"])
def test_what_is_no_iri_is_400(client: FlaskClient, iri: str) -> None:
    response = client.get("/resource", query_string={"iri": iri}, headers=HTML)
    assert response.status_code in (400, 404)
    if response.status_code == 400:
        assert "Expected: an absolute IRI" in response.text


def test_only_http_and_mailto_become_links(client: FlaskClient) -> None:
    from web.links import external, page_of

    for iri in (
        "javascript:alert(1)",
        "data:text/html,x",
        "urn:a:b",
        "JAVASCRIPT:x",
        "file:///etc/passwd",
        "http:x",
    ):
        assert external(iri) is None
        assert page_of(iri).startswith("/resource?iri=")
    assert external("HTTPS://example.org/") == "HTTPS://example.org/"


def test_pages_of_a_hub_go_on(client: FlaskClient) -> None:
    first = client.get("/page/ofsted", headers=HTML).text
    if 'rel="next"' in first:
        following = client.get("/page/ofsted?section=of_shown&offset=200", headers=HTML)
        assert following.status_code == 200
    assert client.get("/page/ofsted?section=x", headers=HTML).status_code == 400
    assert client.get("/page/ofsted?section=incoming&offset=-1", headers=HTML).status_code == 400
    assert client.get("/page/ofsted?offset=9e9", headers=HTML).status_code == 400


def test_a_long_group_shows_its_first_cards_and_all_of_them_on_pages_of_its_own(client: FlaskClient) -> None:
    whole = client.get("/page/ofsted", headers=HTML).text
    total = int(re.findall(r'<h2 id="findings">Findings <span class="n">(\d+)</span>', whole)[0])
    assert total > 50
    assert f'href="?group=findings">All {total}: findings' in whole
    named: list[str] = []
    for offset in range(0, total, 50):
        part = client.get(f"/page/ofsted?group=findings&offset={offset}", headers=HTML).text
        assert 'id="events"' not in part
        named += re.findall(r'<h3><a href="(/page/[^"]+)"', part)
        assert ('rel="next"' in part) == (offset + 50 < total)
    assert len(named) == len(set(named)) == total
    shown = re.findall(r'<h3><a href="(/page/finding[^"]+)"', whole)
    assert named[: len(shown)] == shown
    wrong = client.get("/page/ofsted?group=nonsense", headers=HTML)
    assert wrong.status_code == 400
    assert "findings" in wrong.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ofsted", ["What Ofsted did, as the sources tell it", "2015 / January 2015"]),
        (
            "department-for-education",
            ["What Department for Education did", "Improvement notice to Somerset, 2013"],
        ),
        (
            "target-plans-adequate",
            ["75 % of “Cases judged in assessment audits under the improvement notice”"],
        ),
        ("salary-lewis", ["£341,000"]),
        (
            "peter-lewis",
            ["In post when it happened", "Inspection: Ofsted inspection", "yes, by approximate dates"],
        ),
        (
            "notice-somerset-2013",
            [
                "Improvement notice from Department for Education to Somerset County Council",
                "In post then",
                "Peter Lewis",
            ],
        ),
        (
            "inspection-ofsted-2755542",
            [
                "January 2015 / 2015",
                "Claims to compare",
                "Not counted: 6 of other inspections, compared with it",
            ],
        ),
        (
            "judgement-ofsted-2755542-adoption",
            [
                "Grade changes 1",
                "from Adoption performance in Somerset, 2015 to Adoption performance in Somerset, January",
            ],
        ),
        ("lewis-contract-ended", ["sources disagree", "Where the sources disagree"]),
        ("tenure-wooster-dcs", ["Reported by 3 publishers.", "Julian Wooster as director in Somerset: when"]),
        ("date-2014-07", ["Some day, 1 July 2014 to 31 July 2014 (EDTF 2014-07)."]),
        ("bbc-news", ["Publisher of BBC News on"]),
        ("cost-three-temporary-staff", ["Said about it", "£741,000"]),
    ],
)
def test_a_page_says_what_an_expert_looks_for(client: FlaskClient, name: str, words: list[str]) -> None:
    text = read_page(client.get(f"/page/{name}", headers=HTML).text).text
    for part in words:
        assert part in text, part


def test_publishers_that_relay_one_voice_are_said_to(client: FlaskClient, store: ox.Store) -> None:
    pages = (
        client.get(f"/page/{name}", headers=HTML).text for name in ("ofsted", "inspection-ofsted-2755542")
    )
    assert any("publishers, all resting on" in read_page(html).text for html in pages)


def test_differences_lead_to_their_comparison(client: FlaskClient) -> None:
    html = client.get("/page/lewis-contract-ended", headers=HTML).text
    targets = set(re.findall(r'href="(/disagreements/[a-z0-9-]+)"', html.partition('id="differ"')[2]))
    assert targets
    assert {client.get(target, headers=HTML).status_code for target in targets} == {200}


def test_a_date_shows_what_bears_it_and_not_the_rest_of_those_things(client: FlaskClient) -> None:
    text = read_page(client.get("/page/date-2014-07", headers=HTML).text).text
    assert "Peter Lewis as director in Somerset" in text
    assert "approximate duration" not in text

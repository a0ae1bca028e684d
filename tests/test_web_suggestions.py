"""An address that leads nowhere names what may have been meant, in the form in which it was asked for."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.html_check import read_page
from web.suggestions import PLACES

HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("path", "suggested"),
    [
        ("/id/julian-woster", "/id/julian-wooster"),
        ("/page/julian-woster", "/page/julian-wooster"),
        ("/vocab/inadequat", "/vocab/sif-inadequate"),
        ("/page/vocab/inadequat", "/page/vocab/sif-inadequate"),
        ("/data/julian-woster.ttl", "/data/julian-wooster.ttl"),
        ("/data/peter-levis.jsonld", "/data/peter-lewis.jsonld"),
        ("/claim/eb3931607edc27a3", "/claim/eb3931607edc27a2"),
        ("/claim/eb393160", "/claim/eb3931607edc27a2"),
        ("/claim/nothing-like-it", "/browse/sg:Claim"),
        ("/browse/Inspektion", "/browse/sg:Inspection"),
        ("/browse/sg:Tenur", "/browse/sg:Tenure"),
        ("/questions/director-on-day", "/questions/director-on-a-day"),
        ("/articles/bbc", "/articles/bbc-32085372"),
        ("/articles/zzzz", "/articles/chard-12869187"),
        ("/brief/somerset", "/brief/somerset-county-council"),
        ("/articles/BBC-28458868", "/articles/bbc-28458868"),
        ("/brief/zzzz", "/brief"),
        ("/id/Peter-Lewis", "/id/peter-lewis"),
        ("/page/peter_lewis", "/page/peter-lewis"),
        ("/claim/EB3931607EDC27A3", "/claim/eb3931607edc27a2"),
        ("/claim", "/browse/sg:Claim"),
        ("/derived/zzzz", "/browse/sg:Derivation"),
        ("/vocab/zzzz", "/ontology"),
        ("/questions/zzzz", "/questions"),
        ("/disagreements/zzzz", "/disagreements"),
        ("/downloads/zzzz.csv", "/downloads"),
        ("/Timeline", "/timeline"),
        ("/timeline/2015", "/timeline"),
        ("/search/wooster", "/page/julian-wooster"),
        ("/people", "/browse/foaf:Person"),
        ("/rss", "/changes"),
        ("/contact", "/about"),
        ("/api", "/sparql"),
        ("/people/julian_wooster.html", "/page/julian-wooster"),
    ],
)
def test_what_may_be_meant_is_named_to_people_and_to_programs(
    client: FlaskClient, path: str, suggested: str
) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code == 404
    page = read_page(response.text)
    assert page.problems == []
    assert suggested in page.links
    assert client.get(suggested).status_code in (200, 303)
    told = client.get(path, headers={"Accept": "text/turtle"})
    assert (told.status_code, told.mimetype) == (404, "text/plain")
    assert f"\n  {suggested}  " in told.text


def test_every_place_that_is_suggested_is_there(client: FlaskClient) -> None:
    for address in PLACES:
        assert client.get(address, headers=HTML).status_code == 200, address


@pytest.mark.parametrize("path", ["/zzzzqqqq", "/zzzzqqqq/x", "/id/zzzzqqqq", "/browse/zzzzqqqq"])
def test_where_nothing_is_like_it_the_page_offers_the_search(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code == 404
    links = read_page(response.text).links
    assert ("Perhaps you want" in response.text) == (not path.startswith("/zzzz"))
    assert "/browse" in links
    assert 'id="lost"' in response.text, "a search of its own, with the words of the address"
    assert "Search for it" in response.text


def test_a_bad_parameter_is_no_missing_page(client: FlaskClient) -> None:
    response = client.get("/timeline?kind=zzz", headers=HTML)
    assert response.status_code == 400
    assert "Perhaps you want" not in response.text

"""The search page and its JSON: every query gets a page that makes sense, and each result says why it is there."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.html_check import read_page

HTML = {"Accept": "text/html"}


def search(client: FlaskClient, query: str, **more: str) -> str:
    response = client.get("/search", query_string={"q": query, **more}, headers=HTML)
    assert response.status_code == 200
    assert read_page(response.text).problems == []
    assert response.headers["X-Robots-Tag"] == "noindex"
    return response.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Typing errors are forgiven"),
        ("   ", "Typing errors are forgiven"),
        ("the of and", "stand almost everywhere"),
        ("qqqqzzzz", "Nothing here reads like"),
        ("x" * 3000, "Only the first 300 characters"),
        ("Wooster " * 200, "Julian"),
        ("SELECT * WHERE { ?s ?p ?o }", "That reads like SPARQL"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("{{ 7*7 }} ' OR 1=1 --", "7*7"),
        ("\x00\x07wooster", "Julian"),
        ("שלום עולם", "Nothing here reads like"),
        ("مرحبا", "Nothing here reads like"),
        ("😀👩🏽‍🚒", "Nothing here reads like"),
        ("日本語 検索", "Nothing here reads like"),
        ("woster", "read as"),
        ("corporate failure", "in words of the source"),
        ("Mr Wooster", "other name"),
        ("E10000027", "identifier"),
        ("peter lewis zzzzqqqq", "none has all the words"),
        ("27 March 2015", "The timeline of 2015"),
        ("inadequate 2013", "graded: “"),
        ("march 2015", "possibly in March 2015: its date is less exact, or only a limit"),
        ("frances nicholson", "People named here"),
        ("julina woostre zz", "Julian"),
    ],
)
def test_whatever_is_typed_gets_a_page_that_makes_sense(client: FlaskClient, query: str, said: str) -> None:
    page = search(client, query)
    assert said in page
    assert "<script>" not in page
    assert "\x00" not in page


def test_what_matched_is_marked_and_the_words_of_a_source_stay_on_their_ground(client: FlaskClient) -> None:
    page = search(client, "absolutely crackers")
    assert '<mark class="hit">' in page
    assert "<q><mark>" in page


def test_results_can_be_narrowed_and_paged_and_the_count_comes_first(client: FlaskClient) -> None:
    page = search(client, "Somerset")
    assert page.index('role="status"') < page.index('class="hits"')
    assert "/search?q=Somerset&amp;kind=claim" in page
    claims = search(client, "Somerset", kind="claim")
    assert "among claims" in claims
    assert ">person<" not in claims
    assert 'rel="next"' in claims
    assert 'start="21"' in search(client, "Somerset", kind="claim", offset="20")
    assert "results of other kinds" in search(client, "Dave Hill", kind="term")
    wrong = client.get("/search?q=a&kind=people", headers=HTML)
    assert wrong.status_code == 400
    assert "thing, claim, question" in wrong.text


def test_what_finds_nothing_leads_to_what_there_is(client: FlaskClient) -> None:
    links = read_page(search(client, "qqqqzzzz")).links
    assert {"/page/peter-lewis", "/page/ofsted", "/questions", "/browse"} <= set(links)
    found = search(client, "Patrik Flarty", kind="thing")
    assert "/page/patrick-flaherty" in read_page(found).links


def test_a_group_of_questions_leads_to_the_group(client: FlaskClient) -> None:
    links = [link for link in read_page(search(client, "inspections and grades")).links if "group=" in link]
    assert links
    for link in links:
        assert client.get(link, headers=HTML).status_code == 200


def test_the_json_says_the_same_as_the_page(client: FlaskClient) -> None:
    response = client.get("/search.json", query_string={"q": "woster", "limit": 3})
    found = response.get_json()
    assert found["results"][0] == {
        "iri": "https://w3id.org/scrutiny-graph/id/julian-wooster",
        "label": "Julian Wooster",
        "kind": "thing",
        "what": "person",
        "address": "/page/julian-wooster",
        "spelt": {"woster": "wooster"},
    }
    assert len(found["results"]) == 3
    assert found["total"] == sum(found["counts"].values())
    assert f"{found['total']:,} results" in search(client, "woster")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_suggestions_may_be_kept_as_long_as_their_version_is_in_the_address(client: FlaskClient) -> None:
    page = search(client, "")
    address = page.partition('data-from="')[2].partition('"')[0].replace("&amp;", "&")
    kept = client.get(f"{address}&q=ju")
    assert "immutable" in kept.headers["Cache-Control"]
    assert kept.get_json()["results"][0]["label"] == "Julian Wooster"
    asked = client.get("/search.json?q=ju")
    assert asked.headers["Cache-Control"] == "no-cache"
    again = client.get("/search.json?q=ju", headers={"If-None-Match": asked.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/search.json?limit=1000").status_code == 400
    assert client.get("/search.json").get_json()["results"] == []


@pytest.mark.parametrize("address", ["/search?q=%ff", "/search.json?q=caf%e9", "/search?q=a&kind=%80"])
def test_what_is_not_utf8_is_refused_rather_than_replaced(client: FlaskClient, address: str) -> None:
    response = client.get(address, headers=HTML)
    assert response.status_code == 400
    assert "is not UTF-8" in response.text
    assert client.get("/search?q=caf%C3%A9", headers=HTML).status_code == 200

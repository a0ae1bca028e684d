"""The page of disagreements: contradictions first, filters that combine, pages, one address for each record."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.html_check import Document, read_page
from web.disagreements import KIND_ORDER, PAGE

HTML = {"Accept": "text/html"}


def get(client: FlaskClient, path: str) -> tuple[Document, str]:
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, (path, response.text[:300])
    document = read_page(response.text)
    assert document.problems == []
    return document, unescape(response.text)


def records(html: str) -> list[str]:
    return re.findall(r'class="versus [a-z]*" id="disagreement-([a-z0-9-]+)"', html)


def every_page(client: FlaskClient, path: str) -> list[str]:
    """Return the records of a list by following its links to the next page."""
    found: list[str] = []
    while True:
        _, html = get(client, path)
        found += records(html)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if following is None:
            return found
        path = "/disagreements" + following[1]


def test_all_records_are_shown_once_page_by_page_contradictions_first(client: FlaskClient) -> None:
    document, html = get(client, "/disagreements")
    total = int(re.search(r"(\d+) records\.", document.text)[1])  # type: ignore[index]
    found = every_page(client, "/disagreements")
    assert len(found) == len(set(found)) == total > PAGE
    kinds = re.findall(r'href="/disagreements\?kind=([a-z-]+)"', html)
    assert kinds == [kind for kind in KIND_ORDER if kind in kinds]
    assert found[0] == every_page(client, "/disagreements?kind=contradiction")[0]
    assert found[-1] == every_page(client, "/disagreements?kind=wording")[-1]


def test_kind_and_topic_combine_and_pages_keep_them(client: FlaskClient) -> None:
    scope = set(every_page(client, "/disagreements?kind=scope"))
    topic = set(every_page(client, "/disagreements?topic=topic-leadership"))
    both = every_page(client, "/disagreements?kind=scope&topic=topic-leadership")
    assert set(both) == scope & topic
    assert both
    _, html = get(client, "/disagreements?topic=topic-leadership")
    assert "/disagreements?kind=scope&topic=topic-leadership" in html


def test_the_columns_begin_with_the_earlier_source(client: FlaskClient) -> None:
    _, html = get(client, "/disagreements/overall-2015-2018")
    columns = re.findall(r'<li class="side">.*?href="/articles/([a-z0-9-]+)"', html, re.DOTALL)
    leveller = "leveller-no-longer-inadequate"
    assert columns == ["bbc-32085372", "chard-12869187", leveller, leveller]


def test_a_record_has_an_address_with_its_explanation_and_both_sides(client: FlaskClient) -> None:
    document, html = get(client, "/disagreements/lewis-end")
    assert html.count('<li class="side">') == 2
    assert "None of the sides is preferred" in document.text
    _, listed = get(client, "/disagreements")
    (comment,) = re.findall(r'<p class="lead">(.+)</p>', html)
    assert comment in listed


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/disagreements?kind=x", 400, "Expected: one of contradiction"),
        ("/disagreements?topic=x", 400, "is no topic here"),
        ("/disagreements?offset=9999", 400, "is beyond the end of the list. Expected: 0 to"),
        ("/disagreements/nothing", 404, "/disagreements lists those that there are"),
    ],
)
def test_a_mistake_in_the_address_is_told(client: FlaskClient, path: str, status: int, says: str) -> None:
    response = client.get(path, headers=HTML)
    assert (response.status_code, says in response.text) == (status, True)


def test_a_combination_without_records_says_so(client: FlaskClient) -> None:
    topics = re.findall(r'<option value="(topic-[a-z-]+)"', get(client, "/disagreements")[1])
    one = set(
        re.findall(r'<option value="(topic-[a-z-]+)"', get(client, "/disagreements?kind=contradiction")[1])
    )
    other = next(topic for topic in topics if topic not in one)
    document, _ = get(client, f"/disagreements?kind=contradiction&topic={other}")
    assert "No record is of this kind and on this topic" in document.text

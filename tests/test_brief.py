"""The scrutiny brief: every line numbered to its claims, nothing stated that is not, two pages of A4 on paper."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from tests.html_check import read_page
from web.brief.text import WIDTH

SOMERSET = "/brief/somerset-county-council?from=2013&to=2018"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def somerset(client: FlaskClient) -> str:
    response = client.get(SOMERSET, headers=HTML)
    assert response.status_code == 200
    return response.text


def test_the_page_is_sound_and_stays_out_of_search_engines(client: FlaskClient, somerset: str) -> None:
    assert read_page(somerset).problems == []
    assert client.get(SOMERSET, headers=HTML).headers["X-Robots-Tag"] == "noindex"


def test_it_tells_the_chain_the_posts_the_grades_and_what_is_disputed(somerset: str) -> None:
    text = read_page(somerset).text
    for words in (
        "What was done, in order", "Improvement notice", "November 2013", "Who was in post", "Peter Lewis",
        "Julian Wooster", "Overall effectiveness", "inadequate", "Disputed points", "What the sources do not state",
    ):  # fmt: skip
        assert words in text, words


def test_an_end_is_told_by_the_voice_that_tells_it(somerset: str) -> None:
    text = read_page(somerset).text
    assert "(says Somerset County Council)" in text
    assert "(says Peter Lewis)" in text


def test_every_number_leads_to_a_note_and_every_note_to_a_claim(client: FlaskClient, somerset: str) -> None:
    cited = set(re.findall(r'href="#(n\d+)"', somerset))
    noted = re.findall(r'<li id="(n\d+)">', somerset)
    assert cited == set(noted)
    assert noted == [f"n{number}" for number in range(1, len(noted) + 1)]
    claims = re.findall(r'href="(/claim/[0-9a-f]{16})"', somerset)
    assert len(claims) == len(noted)
    for path in claims[:10]:
        assert client.get(path, headers=HTML).status_code == 200


def test_every_line_of_chain_posts_and_grades_has_a_note(somerset: str) -> None:
    body = somerset[somerset.index('id="chain"') : somerset.index('id="unstated"')]
    lines = re.findall(
        r"<dd>(?!<a href[^>]*>[^<]*</a>\s*<ul)(.*?)</dd>|<li>(.*?)</li>|<td>(.*?)</td>", body, re.DOTALL
    )
    assert len(lines) > 20
    silent = [line for line in lines if "#n" not in "".join(line) and "not stated" not in line[2]]
    assert silent == []


def test_the_period_cuts_by_what_a_date_can_mean(client: FlaskClient) -> None:
    early = client.get("/brief/somerset-county-council?from=2013&to=2013", headers=HTML).text
    assert "Improvement notice" in early
    assert "Julian Wooster" not in read_page(early[: early.index('id="unstated"')]).text
    late = client.get("/brief/somerset-county-council?from=2016&to=2018", headers=HTML).text
    assert "reported January 2018" in late
    assert "Improvement notice to Somerset, 2013" not in late[: late.index('id="disputed"')]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=summer", "from: &#39;summer&#39; is no date"),
        ("from=2018&to=2013", "to: &#39;2013&#39; is before the beginning"),
        ("to=2013-02-30", "to: &#39;2013-02-30&#39; is no date"),
    ],
)
def test_a_bad_period_is_named(client: FlaskClient, query: str, says: str) -> None:
    response = client.get(f"/brief/somerset-county-council?{query}", headers=HTML)
    assert response.status_code == 400
    assert says in response.text


@pytest.mark.parametrize("name", ["nowhere-council", "ofsted", "peter-lewis"])
def test_there_is_a_brief_of_councils_only(client: FlaskClient, name: str) -> None:
    assert client.get(f"/brief/{name}", headers=HTML).status_code == 404


def test_the_list_and_the_page_of_a_council_lead_to_its_brief(client: FlaskClient) -> None:
    assert 'href="/brief/somerset-county-council"' in client.get("/brief", headers=HTML).text
    assert (
        'href="/brief/somerset-county-council"'
        in client.get("/page/somerset-county-council", headers=HTML).text
    )


def test_every_link_to_a_brief_leads_to_one(client: FlaskClient) -> None:
    for name in ("essex-county-council", "haringey-council", "leeds-city-council"):
        linked = f'href="/brief/{name}"' in client.get(f"/page/{name}", headers=HTML).text
        assert not linked or client.get(f"/brief/{name}", headers=HTML).status_code == 200, name


def test_markdown_has_all_parts_and_absolute_links(client: FlaskClient) -> None:
    response = client.get(SOMERSET.replace("?", ".md?"))
    assert response.content_type == "text/markdown; charset=utf-8"
    assert response.text.startswith("# Scrutiny brief: Somerset County Council, 2013 to 2018\n")
    assert response.text.count("\n## ") == 6
    links = re.findall(r"\]\(([^)]*)\)", response.text)
    assert links
    assert all(link.startswith("http") for link in links)


def test_plain_text_is_wrapped_and_keeps_addresses_whole(client: FlaskClient) -> None:
    response = client.get(SOMERSET.replace("?", ".txt?"))
    assert response.content_type == "text/plain; charset=utf-8"
    long = [line for line in response.text.splitlines() if len(line) > WIDTH and "http" not in line]
    assert long == []
    assert "https://w3id.org/scrutiny-graph/claim/" in response.text


# --- on paper and on a phone


@pytest.mark.browser
def test_somerset_prints_on_two_sheets_of_a4(page: Page, live_server: str) -> None:
    page.goto(live_server.rstrip("/") + SOMERSET)
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page[^s]", pdf)) <= 2


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_it_reflows_without_scrolling_sideways(page: Page, live_server: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.rstrip("/") + SOMERSET)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

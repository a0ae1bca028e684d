"""The head of a page: canonical address, social card, schema.org data, icons; of living people name and post only."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from kg.errors import KgError
from kg.settings import Settings
from tests.html_check import read_page
from web import create_app
from web.serving.served import source_of

HTML = {"Accept": "text/html"}
SITE = "https://graph.example.org"


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=built, base_url=SITE))
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def head(client: FlaskClient, path: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the meta and canonical values of a page, and its schema.org blocks."""
    html = client.get(path, headers=HTML).text
    metas = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', html)
    found = {name: unescape(value) for name, value in metas}
    found |= dict(re.findall(r'<link rel="(canonical)" href="([^"]*)">', unescape(html)))
    blocks = [block for text in read_page(html).blocks for block in json.loads(text)["@graph"]]
    return found, blocks


def types(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["@type"] for block in blocks]


def test_the_front_page_is_a_site_with_a_search_and_a_data_set(client: FlaskClient) -> None:
    found, blocks = head(client, "/")
    assert found["canonical"] == found["og:url"] == f"{SITE}/"
    assert types(blocks) == ["WebSite", "Dataset"]
    target = blocks[0]["potentialAction"]["target"]["urlTemplate"]
    assert client.get(target.removeprefix(SITE).replace("{words}", "wooster")).status_code == 200


def test_downloads_name_their_files_with_digests(client: FlaskClient) -> None:
    _, blocks = head(client, "/downloads")
    (dataset,) = [block for block in blocks if block["@type"] == "Dataset"]
    assert {file["encodingFormat"] for file in dataset["distribution"]} >= {"text/turtle", "application/trig"}
    for file in dataset["distribution"]:
        assert re.fullmatch("[0-9a-f]{64}", file["sha256"])
        assert client.head(file["contentUrl"].removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/page/somerset-county-council", "GovernmentOrganization"),
        ("/page/ofsted", "GovernmentOrganization"),
        ("/page/bbc-news", "NewsMediaOrganization"),
        ("/page/julian-wooster", "Person"),
    ],
)
def test_a_thing_has_the_type_that_search_engines_know(client: FlaskClient, path: str, kind: str) -> None:
    _, blocks = head(client, path)
    assert types(blocks) == [kind, "BreadcrumbList"]
    assert [item["name"] for item in blocks[1]["itemListElement"]][:2] == ["Scrutiny Graph", "Browse"]


def test_a_person_has_name_and_public_post_and_nothing_else(client: FlaskClient) -> None:
    found, blocks = head(client, "/page/peter-lewis")
    assert set(blocks[0]) == {"@type", "@id", "name", "hasOccupation"}
    assert all(set(role) == {"@type", "roleName"} for role in blocks[0]["hasOccupation"])
    assert found["og:title"] == "Peter Lewis"
    assert found["og:description"] == "; ".join(role["roleName"] for role in blocks[0]["hasOccupation"])


@pytest.mark.parametrize(
    "path", ["/page/lewis-contract-ended", "/page/tenure-lewis-dcs", "/browse/foaf:Person"]
)
def test_the_card_of_other_pages_about_people_tells_nothing_of_them(client: FlaskClient, path: str) -> None:
    found, blocks = head(client, path)
    shown = " ".join([*(value for name, value in found.items() if name != "canonical" and name != "og:url"),
                      *(item["name"] for b in blocks for item in b.get("itemListElement", ()))])  # fmt: skip
    assert "Lewis" not in shown
    assert found["og:title"] == "Scrutiny Graph"


def test_an_article_is_about_a_news_article_elsewhere(client: FlaskClient) -> None:
    _, blocks = head(client, "/articles/bbc-32085372")
    about = blocks[0]["about"]
    assert (blocks[0]["@type"], about["@type"]) == ("WebPage", "NewsArticle")
    assert about["publisher"]["name"] == "BBC News"
    assert not about["url"].startswith(SITE)
    assert "articleBody" not in about


def test_the_canonical_address_has_its_parameters_in_one_order(client: FlaskClient) -> None:
    first, _ = head(client, "/timeline?kind=posts&body=somerset-county-council&article=")
    second, _ = head(client, "/timeline?body=somerset-county-council&kind=posts")
    assert (
        first["canonical"]
        == second["canonical"]
        == f"{SITE}/timeline?body=somerset-county-council&kind=posts"
    )


def test_an_address_from_the_host_header_is_never_repeated(client: FlaskClient) -> None:
    html = client.get("/page/ofsted", headers={**HTML, "Host": "evil.example"}).text
    assert "evil.example" not in html


def test_an_error_has_no_canonical_address_and_no_blocks(client: FlaskClient) -> None:
    found, blocks = head(client, "/nowhere")
    assert ("canonical" in found, blocks) == (False, [])


def test_icons_and_the_picture_of_the_card_are_there(client: FlaskClient) -> None:
    icon = client.get("/favicon.ico")
    assert (icon.status_code, icon.mimetype, icon.data[:4]) == (200, "image/x-icon", b"\0\0\1\0")
    found, _ = head(client, "/")
    picture = client.get(found["og:image"].removeprefix(SITE))
    assert picture.mimetype == "image/png"
    assert struct.unpack(">II", picture.data[16:24]) == (1200, 630)
    assert len(picture.data) < 60_000


@pytest.mark.parametrize(
    ("path", "about_people"),
    [
        ("/questions/lewis-end", True),
        ("/questions/director-on-a-day", True),
        ("/questions/disagreements-all", True),
        ("/questions/essex-cost", False),
        ("/articles/bbc-32085372", True),
        ("/", False),
        ("/questions", False),
    ],
)
def test_answers_and_articles_that_name_people_are_left_out_by_search_engines(
    client: FlaskClient, path: str, about_people: bool
) -> None:
    """By the data: a person in the words or in the answer of a question, or in a claim of an article."""
    response = client.get(path, headers=HTML)
    assert response.status_code == 200
    assert ("noindex" in response.headers.get("X-Robots-Tag", "")) == about_people
    assert ('<meta name="robots" content="noindex">' in response.text) == about_people
    assert (f"{SITE}{path}<" in client.get("/sitemap.xml").text) != about_people


def test_pages_about_people_are_for_search_engines_only_where_that_is_set(built: Path) -> None:
    app = create_app(Settings(out=built, base_url=SITE, people="index"))
    client = app.test_client()
    response = client.get("/page/julian-wooster", headers=HTML)
    assert "X-Robots-Tag" not in response.headers
    assert '"robots"' not in response.text
    assert "/page/julian-wooster<" in client.get("/sitemap.xml").text
    source_of(app).close()
    with pytest.raises(KgError, match="KG_PEOPLE"):
        create_app(Settings(out=built, people="maybe"))


def test_the_data_block_breaks_no_policy(page: Page) -> None:
    """The standing checks of `page` fail on a report of the policy; the block is there and parses."""
    page.goto("/page/ofsted")
    block = page.locator('script[type="application/ld+json"]').inner_text()
    assert json.loads(block)["@graph"][0]["name"] == "Ofsted"

"""Four people at a real browser, each from the front page to the answer and its proof.

Each walk is made at a desk and on a phone, with and without JavaScript: what differs is the hand, not what is found.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kg.namespaces import CLAIM
from tests.browser.conftest import watched
from tests.browser.pages import POSTS

pytestmark = pytest.mark.browser

DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WAYS = {
    "desk": DESK,
    "desk-plain": {**DESK, "java_script_enabled": False},
    "phone": PHONE,
    "phone-plain": {**PHONE, "java_script_enabled": False},
}


class Walk:
    """A page, and how this reader touches what is on it: with a finger on a phone, with a mouse at a desk."""

    def __init__(self, page: Page, way: str) -> None:
        self.page, self.has_script, self._finger = page, not way.endswith("plain"), way.startswith("phone")

    def take(self, thing: Locator) -> None:
        """Follow a link, press a button, open a fold."""
        thing = thing.first
        if self._finger:
            thing.tap()
        else:
            thing.click()

    def link(self, name: str, exact: bool = False) -> Locator:
        """Return the links of the page's own part with a name."""
        return self.page.locator("main").get_by_role(
            "link", name=name if exact else re.compile(name), exact=exact
        )

    def search(self, words: str) -> None:
        """Type into the search of the front page, and send it."""
        self.page.get_by_label("Find a person, a body, a date, or what somebody said").fill(words)
        self.take(self.page.locator("main form button"))

    def ask(self, query: str) -> None:
        """Write a query, in the editor where there is one, and run it."""
        if self.has_script:
            self.page.get_by_role("textbox", name="SPARQL query").click()
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(query)
        else:
            self.page.locator("textarea[name=query]").fill(query)
        self.take(self.page.get_by_role("button", name="Run", exact=True))


@pytest.fixture(params=WAYS)
def walk(request: pytest.FixtureRequest, browser: Browser, base_url: str) -> Iterator[Walk]:
    context = browser.new_context(base_url=base_url, **WAYS[request.param])
    page = context.new_page()
    wrong = watched(page, base_url)
    page.goto("")
    yield Walk(page, request.param)
    context.close()
    assert wrong == []


def test_a_journalist_stands_up_a_date_before_deadline(walk: Walk) -> None:
    """When did Julian Wooster start, do the papers agree, what are the words, how is it cited?"""
    page = walk.page
    walk.search("julian woster start")
    walk.take(walk.link("Did Julian Wooster start in January or in March 2015"))
    answer = page.locator(".answer")
    expect(answer).to_contain_text("Chard & Ilminster News")
    expect(answer).to_contain_text("BBC News")
    expect(answer).to_contain_text("precision")
    walk.take(answer.get_by_role("link", name=re.compile("took up the post in March 2015|started in March")))
    expect(page.locator("figure.words mark").first).to_be_visible()
    expect(page.get_by_role("heading", name="Whose word it is")).to_be_visible()
    publisher = page.locator("figure.words").get_by_role("link", name=re.compile("publisher"))
    assert re.match(r"https://[^/]+/.+", publisher.get_attribute("href") or "")
    assert "noopener" in (publisher.get_attribute("rel") or "")
    name = page.url.partition("#")[0].rpartition("/")[2]
    cited = page.locator(".citation").first
    expect(cited).to_contain_text(f"{CLAIM[name].value}")
    expect(cited).to_contain_text(re.compile(r"version [0-9a-f]{12}|data set [0-9a-f]{12}"))


def test_a_councillor_prepares_for_the_meeting(walk: Walk) -> None:
    """The brief of Somerset: who was in post, grades before and after, what is disputed, what nobody states."""
    page = walk.page
    walk.take(page.get_by_role("contentinfo").get_by_role("link", name="Scrutiny briefs"))
    walk.take(walk.link("Somerset County Council", exact=True))
    page.get_by_label("From").fill("2013")
    page.get_by_label("To", exact=True).fill("2015")
    walk.take(page.locator("main form button"))
    expect(page).to_have_url(re.compile("from=2013&to=2015"))
    brief = page.locator("main")
    for words in (
        "Peter Lewis",
        "Julian Wooster",
        "inadequate",
        "sources disagree",
        "What the sources do not state",
    ):
        expect(brief).to_contain_text(words)
    walk.take(brief.locator(".cites a, sup a"))
    expect(page.locator("h1, :target").first).to_be_visible()
    page.goto("brief/somerset-county-council")
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) <= 2, "two sheets are what the page promises"


def test_a_researcher_takes_a_disagreement_and_the_data_it_rests_on(walk: Walk) -> None:
    """From the comparison to a claim, its TriG with the evidence, and the whole file with a checksum that holds."""
    page = walk.page
    walk.take(page.get_by_role("navigation", name="Site").get_by_role("link", name="Disagreements"))
    walk.take(page.locator("main").locator("a[href^='/claim/']"))
    expect(page).to_have_url(re.compile("/claim/"))
    claim = CLAIM[page.url.partition("#")[0].rpartition("/")[2]]
    with page.expect_download() as taken:
        walk.take(page.locator("main").get_by_role("link", name="TriG", exact=True))
    quads = list(ox.parse(path=str(taken.value.path()), format=ox.RdfFormat.TRIG))
    assert any(quad.graph_name == ox.NamedNode(claim.value) for quad in quads), "the claim's own graph"
    assert any(quad.predicate.value.endswith("oa#exact") for quad in quads), "the words of the source"
    walk.take(page.get_by_role("navigation", name="Site").get_by_role("link", name="Downloads"))
    version = page.locator("main").get_by_text(re.compile("^[0-9a-f]{64}$")).first.inner_text()
    file = page.locator("main li, main tr, main div").filter(
        has=page.get_by_role("link", name="scrutiny-graph.nq")
    )
    promised = re.search(r"\b[0-9a-f]{64}\b", file.last.inner_text())
    with page.expect_download() as whole:
        walk.take(page.get_by_role("link", name="scrutiny-graph.nq"))
    content = Path(whole.value.path()).read_bytes()
    assert promised is not None
    assert hashlib.sha256(content).hexdigest() == promised[0]
    assert version[:12] in page.get_by_role("contentinfo").inner_text()


def test_a_developer_gets_from_the_endpoint_what_the_page_shows(walk: Walk) -> None:
    """A query, its rows, CSV, the code for curl run as it is printed, and the permalink opened again."""
    page = walk.page
    walk.take(page.get_by_role("navigation", name="Site").get_by_role("link", name="SPARQL"))
    walk.ask(POSTS)
    rows = page.get_by_role("region", name="Results").locator("tbody tr")
    expect(rows.first).to_be_visible()
    expect(page.get_by_role("region", name="Results")).to_contain_text("Julian Wooster")
    with page.expect_download() as taken:
        walk.take(page.get_by_role("link", name="CSV", exact=True))
    answer = Path(taken.value.path()).read_text(encoding="utf-8")
    lines = [*csv.reader(io.StringIO(answer))]
    assert lines[0] == ["person", "post"]
    assert len(lines) == rows.count() + 1
    walk.take(page.locator(".code-samples > summary"))
    code = page.get_by_role("region", name="curl").inner_text()
    done = subprocess.run(
        ["bash", "-c", code.replace("curl ", "curl -sS ", 1)], capture_output=True, text=True
    )
    assert done.stdout.splitlines() == answer.splitlines(), done.stderr
    walk.take(page.get_by_role("link", name="Permanent link to this query"))
    expect(rows.first).to_be_visible()
    expect(page.locator("textarea[name=query]")).to_have_value(re.compile(re.escape(POSTS)))

"""The query page in a browser: typed, completed, run, marked, kept; without JavaScript; by keyboard; on a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Axe
from web.endpoint.permalink import unpack

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("sparql-page")]

POSTS = (
    "SELECT ?person ?post WHERE {\n  ?tenure org:member ?person ; org:post ?post\n}\nORDER BY ?person ?post"
)
CLAIMS = (
    "SELECT ?who ?claim WHERE { GRAPH ?g { ?t org:member ?who } ?g sg:restsOn ?claim } ORDER BY ?who ?claim"
)
DATES = "SELECT ?thing ?when WHERE { ?thing sg:time ?when }"
COUNTS = (
    "SELECT ?class (COUNT(?x) AS ?n) { ?x a ?class FILTER(STRSTARTS(STR(?class), STR(sg:))) } GROUP BY ?class"
)
BROKEN = "SELECT ?x WHERE {\n  ?x a sg:Council .\n  ?x foo:bar ?y .\n}"


@pytest.fixture
def without_script(browser: Browser, base_url: str) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    yield context.new_page()
    context.close()


def asking(query: str, **more: str) -> str:
    return "/sparql?" + urlencode({"query": query, **more})


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="SPARQL query")


def retype(page: Page, text: str) -> None:
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def options(page: Page) -> Locator:
    return page.locator(".cm-tooltip-autocomplete").get_by_role("option")


def query_of(page: Page) -> str:
    return page.locator("textarea#query").input_value()


def test_a_class_is_completed_with_its_prefix_and_the_query_runs_by_keyboard(page: Page) -> None:
    page.goto("/sparql")
    retype(page, "SELECT ?x { ?x a Counc")
    option = page.get_by_role("option", name=re.compile(r"^sg:Council"))
    expect(option).to_be_visible()
    page.wait_for_timeout(
        200
    )  # the editor takes no choice in the first moments of a list: the key may have been meant for the text
    page.keyboard.press("Enter")
    expect(options(page)).to_have_count(0)
    assert query_of(page).startswith("PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>\n")
    assert "?x a sg:Council" in query_of(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ rows$"))).to_be_visible()
    expect(page.get_by_role("region", name="Results")).to_contain_text("Somerset County Council")


@pytest.mark.parametrize(
    ("before", "typed", "wanted"),
    [
        ("SELECT * { ?t ", "org:memb", "org:member"),
        ("SELECT * { ?t org:member ", "wooster", "id:julian-wooster"),
        ("SELECT * { ?t org:member ?x ; ", "grade", "sg:grade"),
        ("SELECT * { ?j sg:grade ", "sif-inad", "sgv:sif-inadequate"),
        ("SELECT ?person { ?t org:member ", "?per", "?person"),
        ("", "PREFIX sk", "skos:"),
    ],
)
def test_what_is_offered_fits_the_place(page: Page, before: str, typed: str, wanted: str) -> None:
    page.goto("/sparql")
    retype(page, before + typed)
    expect(page.get_by_role("option", name=re.compile(rf"^{re.escape(wanted)}")).first).to_be_visible()


def test_labels_stand_beside_the_names(page: Page) -> None:
    page.goto("/sparql")
    retype(page, "SELECT * { ?t org:member wooster")
    expect(page.get_by_role("option", name=re.compile("id:julian-wooster.*Julian Wooster"))).to_be_visible()


def test_an_error_is_marked_at_its_place_and_the_text_is_kept(page: Page) -> None:
    page.goto(asking(BROKEN))
    expect(page.get_by_role("alert")).to_contain_text("Line 3, column 6")
    assert query_of(page).strip() == BROKEN
    mark = page.locator(".cm-lintRange-error")
    expect(mark).to_have_text("foo:bar")
    expect(editor(page)).to_have_attribute("aria-invalid", "true")


def test_escape_then_tab_leaves_the_editor(page: Page) -> None:
    page.goto("/sparql")
    editor(page).click()
    page.keyboard.press("Tab")
    assert "code" in page.evaluate("document.activeElement.className").split()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_focused()
    expect(page.get_by_text("leaves the editor").first).to_be_visible()


def test_a_permalink_gives_the_query_and_its_answer_again(page: Page) -> None:
    page.goto(asking(POSTS))
    link = page.get_by_role("link", name="Permanent link to this query")
    link.click()
    assert query_of(page).strip() == POSTS
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ rows$"))).to_be_visible()


def test_a_long_query_is_deflated_into_the_address(page: Page) -> None:
    long = POSTS + "\n# " + "who held which post " * 500
    page.goto("/sparql")
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(long)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ rows$"))).to_be_visible()
    fields = parse_qs(urlsplit(page.url).query)
    assert list(fields) == ["q"]
    assert unpack(fields["q"][0]).strip() == long.strip()
    assert len(page.url) < 1000


def test_a_query_too_long_for_any_address_is_sent_all_the_same(page: Page) -> None:
    noise = "".join(sha256(str(n).encode()).hexdigest() for n in range(250))  # deflates to half of it at best
    page.goto("/sparql")
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(f"{POSTS}\n# {noise}")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ rows$"))).to_be_visible()
    assert urlsplit(page.url).query == ""
    assert noise in query_of(page)
    expect(page.locator("main")).to_contain_text("The query is too long for an address")


def test_iris_are_shown_on_request_and_the_labels_again(page: Page) -> None:
    page.goto(asking(POSTS))
    results = page.get_by_role("region", name="Results")
    expect(results).to_contain_text("Julian Wooster")
    page.get_by_role("link", name="Show IRIs and literals as they are").click()
    expect(results).to_contain_text("https://w3id.org/scrutiny-graph/id/julian-wooster")
    expect(results).not_to_contain_text("Julian Wooster")
    page.get_by_role("link", name="Show labels").click()
    expect(results).to_contain_text("Julian Wooster")


def test_the_permanent_link_of_an_answer_names_the_version(page: Page) -> None:
    page.goto(asking(POSTS))
    page.get_by_role("link", name="Permanent link to this answer").click()
    expect(page).to_have_url(re.compile(r"&version=[0-9a-f]{16}$"))
    expect(page.locator("main")).to_contain_text("that is still the newest")
    expect(page.get_by_role("region", name="Results")).to_contain_text("Julian Wooster")


def test_history_stays_in_the_browser_and_can_be_cleared(page: Page) -> None:
    page.goto("/sparql")
    expect(page.locator("#past")).to_be_hidden()
    retype(page, "SELECT ?s WHERE { ?s a sg:Council ")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=re.compile(r"rows$"))).to_be_visible()
    page.goto("/sparql")
    page.get_by_text("Queries run on this device").click()
    page.locator("#past li button").first.click()
    assert "sg:Council" in query_of(page)
    assert "sg:Council" in json.dumps(page.evaluate("localStorage.getItem('scrutiny-graph.queries')"))
    page.get_by_role("button", name="Clear the list").click()
    expect(page.locator("#past")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0


def test_claims_are_expanded_where_a_column_holds_them(page: Page) -> None:
    page.goto(asking(CLAIMS))
    table = page.get_by_role("region", name="Results")
    assert table.locator(".evidence").count() == table.locator("tbody tr").count()
    expect(table.locator(".evidence mark").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV with the evidence").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    head = "who,claim,claim_sentence,claim_voices,claim_source,claim_source_iri,claim_excerpts"
    assert text.splitlines()[0] == head


def test_a_query_without_claims_is_offered_with_them(page: Page) -> None:
    page.goto(asking(POSTS))
    page.get_by_role("link", name="Ask for the claims as well").click()
    expect(page.get_by_role("region", name="Results").locator(".evidence").first).to_be_visible()
    assert "sg:restsOn ?claim" in query_of(page)


def test_it_says_when_the_claims_cannot_be_added(page: Page) -> None:
    page.goto(asking(COUNTS))
    expect(page.locator(".claims-offer")).to_contain_text("cannot be rewritten to have one: it has GROUP BY")


@pytest.mark.parametrize(("query", "label"), [(DATES, "Timeline"), (COUNTS, "Bars"), (POSTS, "Graph")])
def test_an_answer_is_drawn_where_its_columns_allow(page: Page, query: str, label: str) -> None:
    page.goto(asking(query))
    views = page.get_by_role("navigation", name="Ways to see the answer")
    views.get_by_role("link", name=label).click()
    expect(page.locator("main svg")).to_be_visible()
    assert query_of(page).strip() == query
    expect(views.get_by_role("link", name=label)).to_have_attribute("aria-current", "true")
    views.get_by_role("link", name="Table").click()
    expect(page.get_by_role("region", name="Results")).to_be_visible()


def test_a_stored_question_is_previewed_and_opened(page: Page) -> None:
    page.goto("/sparql")
    group = page.locator("section[aria-labelledby=examples] > details").first
    group.locator("summary").first.click()
    entry = group.locator("li").first
    entry.get_by_text("Preview").click()
    preview = entry.locator("pre").inner_text()
    entry.get_by_role("link").first.click()
    assert query_of(page).strip() == preview.strip()


def test_all_of_it_works_without_javascript(without_script: Page) -> None:
    page = without_script
    page.goto("/sparql")
    field = page.get_by_label("Query", exact=True)
    expect(field).to_be_visible()
    expect(page.locator("#past")).to_be_hidden()
    field.fill(POSTS)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("region", name="Results")).to_contain_text("Julian Wooster")
    page.get_by_role("link", name="Graph", exact=True).click()
    expect(page.locator("main svg")).to_be_visible()
    page.goto("/sparql")
    page.get_by_label("Query", exact=True).fill(BROKEN)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("foo:")
    expect(page.get_by_label("Query", exact=True)).to_have_value(BROKEN)
    page.get_by_label("Query", exact=True).fill(POSTS + " # " + "long " * 3000)
    page.get_by_role("button", name="Run a query of more than 6 kB").click()
    expect(page.get_by_role("region", name="Results")).to_contain_text("Julian Wooster")


def test_the_open_list_of_completions_is_accessible(page: Page, axe: Axe) -> None:
    page.goto("/sparql")
    retype(page, "SELECT ?x { ?x a Counc")
    expect(options(page).first).to_be_visible()
    assert axe(page) == []

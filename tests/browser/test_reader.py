"""People at a real browser: from the front page to the answer with its proof, at a desk, on a phone, in print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def test_a_journalist_finds_a_person_and_the_words_behind_each_statement(page: Page) -> None:
    page.goto("")
    page.get_by_label("Find a person, a body, a date, or what somebody said").fill("julian woster")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Julian Wooster", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Julian Wooster")
    tenure = (
        page.locator("article")
        .filter(has=page.get_by_role("link", name="Julian Wooster as director in Somerset"))
        .first
    )
    expect(tenure).to_contain_text("took up the post")
    expect(tenure.locator("mark").first).to_be_visible()
    expect(tenure).to_contain_text("Chard & Ilminster News")
    tenure.get_by_role("link", name=re.compile("took up the post in March 2015")).first.click()
    expect(page.get_by_role("heading", name="Whose word it is")).to_be_visible()
    expect(page.get_by_role("table").first).to_contain_text("March 2015")
    expect(page.get_by_role("heading", name="Cite it")).to_be_visible()


def test_a_councillor_asks_who_was_in_charge_on_a_day_of_her_own(page: Page) -> None:
    page.goto("questions")
    page.get_by_role(
        "link", name=re.compile("Who was director of children's services in Somerset on 1 June 2014")
    ).click()
    expect(page.locator(".result").first).to_contain_text("Peter Lewis")
    page.get_by_label("Day").fill("2015-03-30")
    page.get_by_role("button", name="Ask").click()
    expect(page).to_have_url(re.compile("day=2015-03-30"))
    expect(page.locator(".result").first).to_contain_text("Julian Wooster")
    expect(page.locator(".result mark").first).to_be_visible()


def test_she_reads_that_a_thing_is_not_stated_and_where_it_was_looked_for(page: Page) -> None:
    page.goto("questions/enfield-director")
    answer = page.locator(".unstated")
    expect(answer).to_contain_text("Not stated in any of the sources asked")
    expect(answer.get_by_role("listitem")).to_have_count(5)


def test_she_compares_what_two_voices_say(page: Page) -> None:
    page.goto("page/lewis-contract-ended")
    page.get_by_role("link", name="sources disagree").first.click()
    expect(page.get_by_role("heading", name=re.compile("Where the sources disagree"))).to_be_in_viewport()
    page.locator("main").get_by_role("link", name=re.compile("The council says that it ended")).last.click()
    expect(page).to_have_url(re.compile("/disagreements/lewis-end"))
    expect(page.locator("main")).to_contain_text("Peter Lewis says that he told the council first")


@pytest.fixture
def plain_page(browser: Browser, base_url: str) -> Iterator[Page]:
    """A page on a phone without JavaScript, which everything here must do with."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, base_url=base_url
    )
    yield context.new_page()
    context.close()


def test_a_developer_queries_corrects_a_mistake_and_takes_csv(plain_page: Page) -> None:
    page = plain_page
    page.goto("sparql")
    box = page.locator("textarea[name=query]")
    box.fill("SELECT ?person WHERE { ?t org:member ?person ")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Line 1, column")
    expect(box).to_have_value("SELECT ?person WHERE { ?t org:member ?person ")
    box.fill("SELECT DISTINCT ?person WHERE { ?t org:member ?person } ORDER BY ?person")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("table").first).to_contain_text("Julian Wooster")
    expect(page.get_by_role("table").first).to_contain_text("id:julian-wooster")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert "https://w3id.org/scrutiny-graph/id/julian-wooster" in Path(download.value.path()).read_text()


def test_a_researcher_downloads_the_graph(page: Page) -> None:
    page.goto("downloads")
    with page.expect_download() as download:
        page.get_by_role("link", name="scrutiny-graph.ttl").click()
    text = Path(download.value.path()).read_text()
    assert text.startswith("# Scrutiny Graph")
    assert "id:julian-wooster" in text


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    page.goto("page/peter-lewis")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus can be seen"


def test_the_keyboard_leads_from_the_front_page_to_the_words_of_the_source(page: Page) -> None:
    """Nothing but keys: a search, a result, a fold opened with the space bar, a claim."""
    page.goto("")

    def tab_to(css: str) -> None:
        for _ in range(90):
            page.keyboard.press("Tab")
            if page.evaluate("css => document.activeElement.matches(css)", css):
                return
        raise AssertionError(f"Tab does not come to {css}")

    tab_to("main input[type=search]")
    page.keyboard.type("did the council dismiss peter lewis")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/search"))
    tab_to("main a[href^='/questions/lewis-end']")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/questions/lewis-end"))
    tab_to("main .answer summary")
    fold = page.evaluate_handle("document.activeElement.parentElement")
    for key, is_open in (("Space", True), ("Enter", False), ("Enter", True)):
        page.keyboard.press(key)
        assert fold.evaluate("fold => fold.open") is is_open, key
    tab_to("main a[href^='/claim/']")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/claim/"))
    expect(page.locator("figure.words mark").first).to_be_visible()


def test_who_wants_less_movement_gets_none(browser: Browser, base_url: str) -> None:
    context = browser.new_context(base_url=base_url, reduced_motion="reduce")
    page = context.new_page()
    page.goto("")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    context.close()


def test_everything_works_without_javascript_on_a_phone(plain_page: Page) -> None:
    page = plain_page
    page.goto("")
    page.get_by_label("Find a person, a body, a date, or what somebody said").fill("Shortland")
    page.get_by_role("button", name="Search").last.click()
    page.get_by_role("link", name="Jill Shortland", exact=True).click()
    expect(page.locator("mark").first).to_be_visible()
    page.goto("sparql")
    page.locator("textarea[name=query]").fill("ASK { id:jill-shortland ?p ?o }")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="Yes")).to_be_visible()


def test_pages_print_with_their_evidence(browser: Browser, base_url: str) -> None:
    context = browser.new_context(base_url=base_url)
    page = context.new_page()
    page.goto("page/peter-lewis")
    page.emulate_media(media="print")
    assert page.locator("header nav").is_hidden()
    assert page.locator("mark").first.is_visible()
    assert page.locator("details.more ul").first.is_visible(), "what is folded is printed too"
    assert len(page.pdf(format="A4")) > 10_000
    context.close()

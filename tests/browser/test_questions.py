"""Questions in a browser: found while typing, asked by keyboard, answered with proof, kept by their address."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Axe

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("questions-page")]


@pytest.fixture
def without_script(browser: Browser, base_url: str) -> Iterator[Page]:
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, viewport={"width": 360, "height": 740}
    )
    yield context.new_page()
    context.close()


def test_a_journalist_finds_a_question_while_typing_and_gets_the_words_of_the_source(page: Page) -> None:
    page.goto("/questions")
    page.get_by_label("Words in the question").press_sequentially("crackers")
    expect(page.locator("#found")).to_have_text("1 question with “crackers”")
    expect(page.get_by_role("heading", name="People and posts")).to_be_hidden()
    page.get_by_role("link", name="Who called the amount spent").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("absolutely crackers")
    answer = page.get_by_role("region", name="Answer").first
    expect(answer).to_contain_text("Tessa Munt")
    expect(answer.locator("mark").first).to_be_visible()
    answer.locator(".evidence .sentence a").first.click()
    expect(page).to_have_url(re.compile("/claim/[0-9a-f]{16}$"))


def test_what_no_question_has_leads_to_the_search(page: Page) -> None:
    page.goto("/questions")
    page.get_by_label("Words in the question").fill("weather forecast")
    expect(page.locator("#found")).to_have_text("0 questions with “weather forecast”")
    page.get_by_role("link", name="Search the whole graph for them").click()
    expect(page).to_have_url(re.compile(r"/search\?q=weather"))


def test_a_councillor_asks_by_keyboard_for_another_person(page: Page) -> None:
    page.goto("/questions/said-about")
    field = page.get_by_label("Person or body")
    expect(field).to_have_value("Julian Wooster")
    suggested = page.locator("datalist#l-entity option").evaluate_all("all => all.map(o => o.value)")
    assert {"Jill Shortland", "Ofsted", "Peter Lewis"} <= set(suggested)
    field.fill("Peter Lewis")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What is said about Peter Lewis, and by whom?")
    expect(page.get_by_label("Person or body")).to_have_value("Peter Lewis")


def test_a_name_that_is_nearly_right_is_told_at_its_field_and_put_right_by_a_click(page: Page) -> None:
    page.goto("/questions/said-about?entity=Peter+Lewes")
    field = page.get_by_label("Person or body")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("Peter Lewes")
    expect(page.get_by_role("alert")).to_contain_text("“Peter Lewes” is no person or body.")
    page.get_by_role("listitem").get_by_role("link", name="Peter Lewis", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is said about Peter Lewis, and by whom?")


def test_the_permanent_link_gives_this_answer_and_names_its_version(page: Page) -> None:
    page.goto("/questions/director-on-a-day?day=2015-03-30")
    page.get_by_role("link", name="Permanent link to this answer").click()
    expect(page).to_have_url(re.compile(r"day=2015-03-30&version=[0-9a-f]{16}$"))
    expect(page.locator("main")).to_contain_text("that is still the newest")
    expect(page.get_by_role("link", name="Julian Wooster").first).to_be_visible()


def test_the_query_behind_an_answer_opens_in_the_editor(page: Page) -> None:
    page.goto("/questions/director-on-a-day?day=2015-03-30")
    page.get_by_text("The SPARQL behind it").click()
    page.get_by_role("link", name="Open it on the SPARQL page").click()
    query = page.locator("textarea#query").input_value()
    assert '"2015-03-30"^^<http://www.w3.org/2001/XMLSchema#date>' in query
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("region", name="Results")).to_contain_text("Julian Wooster")


def test_all_of_it_works_on_a_phone_without_javascript(without_script: Page) -> None:
    page = without_script
    page.goto("/questions")
    page.get_by_label("Words in the question").fill("lewis")
    page.get_by_label("About", exact=True).select_option("numbers")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#found")).to_have_text("1 question with “lewis”")
    page.get_by_role("link", name="What was Peter Lewis paid").click()
    expect(page.locator(".big")).to_have_text("£341,000")
    page.goto("/questions/director-on-a-day")
    page.get_by_label("Day").fill("2015-03-30")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("link", name="Julian Wooster").first).to_be_visible()


@pytest.mark.parametrize(
    "address",
    [
        "/questions?q=zzz",
        "/questions/director-on-a-day?day=2014-06-01&day=1999-01-01",
        "/questions/said-about?entity=Lewes",
    ],
    ids=["nothing found", "several days", "what is near"],
)
def test_what_is_told_beside_an_answer_is_accessible_and_fits(page: Page, axe: Axe, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(address)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_table_stays_a_table_for_a_screen_reader_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/questions/tenure-dates")
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader", name="According to")).to_have_count(1)
    assert table.get_by_role("row").count() > 4
    expect(table.get_by_role("cell", name="BBC News").first).to_be_visible()

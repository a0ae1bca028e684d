"""The search box in a real browser, with JavaScript a combobox, without it a form; choosing claims below /browse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "web/frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def options(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def violations(page: Page) -> list[object]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, { runOnly: rules }).then(r => r.violations)", RULES)
    return [(v["id"], [n["target"] for n in v["nodes"]]) for v in found]


def test_suggestions_are_walked_by_keyboard_and_enter_goes_to_the_thing(page: Page) -> None:
    page.goto("timeline")
    box = page.get_by_role("combobox", name="Search people, bodies, claims")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("woster")
    expect(options(page).first).to_contain_text("Julian Wooster")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    box.press("ArrowDown")
    first = options(page).first
    expect(first).to_have_attribute("aria-selected", "true")
    active = box.get_attribute("aria-activedescendant")
    assert active
    assert active == first.get_attribute("id")
    expect(box).to_be_focused()
    box.press("ArrowUp")
    expect(first).to_have_attribute("aria-selected", "false")
    box.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    expect(options(page).last).to_contain_text(re.compile(r"All \d+ results"))
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(re.compile("/page/julian-wooster$"))


def test_escape_closes_the_list_and_enter_then_searches_for_what_was_typed(page: Page) -> None:
    page.goto("")
    box = page.get_by_role("combobox", name=re.compile("^Find a person"))
    box.press_sequentially("ofstead")
    expect(options(page).first).to_contain_text("Ofsted")
    box.press("ArrowDown")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(box).to_have_value("ofstead")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    expect(options(page).first).to_be_visible()
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=ofstead$"))
    expect(page.locator(".hits li").first.get_by_role("link")).to_have_text("Ofsted")
    expect(page.locator(".hits mark.hit").first).to_have_text("Ofsted")


def test_a_suggestion_can_be_clicked_and_the_list_goes_with_the_focus(page: Page) -> None:
    page.goto("about")
    box = page.get_by_role("combobox")
    box.press_sequentially("safegarding board")
    expect(options(page).first).to_be_visible()
    box.press("Tab")
    expect(page.get_by_role("listbox")).to_have_count(0)
    box.fill("jill shortl")
    options(page).first.click()
    expect(page).to_have_url(re.compile("/page/jill-shortland$"))


def test_nothing_is_asked_for_one_letter_and_a_broken_answer_does_no_harm(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "search.json" in request.url else None)
    page.route("**/search.json**", lambda route: route.abort())
    page.clock.install(time=0)
    page.goto("about")
    page.clock.pause_at(10_000_000)
    box = page.get_by_role("combobox")
    box.press_sequentially("w")
    page.clock.run_for(1000)
    assert asked == []
    box.press_sequentially("ooster")
    with page.expect_request("**/search.json**"):
        page.clock.run_for(1000)
    assert len(asked) == 1, "typing is waited for"
    expect(page.get_by_role("listbox")).to_have_count(0)
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=wooster$"))


@pytest.mark.parametrize("width", [320, 1280])
def test_the_open_list_is_accessible_and_stays_on_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("articles", ""):
        page.goto(path)
        box = page.get_by_role("combobox")
        box.press_sequentially("improvement notice")
        expect(options(page).first).to_be_visible()
        box.press("ArrowDown")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        where = page.get_by_role("listbox").bounding_box()
        assert where
        assert where["x"] >= 0
        assert where["x"] + where["width"] <= width
        assert where["width"] >= 200


@pytest.fixture
def plain_page(browser: Browser, base_url: str) -> Iterator[Page]:
    """A page on a phone without JavaScript."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, base_url=base_url
    )
    yield context.new_page()
    context.close()


def test_without_javascript_a_researcher_chooses_claims_step_by_step_and_takes_them(plain_page: Page) -> None:
    page = plain_page
    page.goto("browse")
    page.locator("main").get_by_role("link", name="Claim", exact=True).click()
    page.get_by_text("Choose and sort").click()
    page.get_by_label("Voice").select_option("ofsted")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("voice=ofsted"))
    page.get_by_text("Choose and sort").click()
    label = page.get_by_label("Year").locator("option[value='2015']").inner_text()
    page.get_by_label("Year").select_option("2015")
    page.get_by_role("button", name="Show").click()
    number = re.search(r"\((\d+)\)", label)
    assert number
    expect(page.get_by_role("status")).to_contain_text(f"{number[1]} results of")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert len(Path(download.value.path()).read_text().strip().splitlines()) == int(number[1]) + 1
    page.get_by_role("link", name=re.compile("Voice Ofsted")).click()
    expect(page).not_to_have_url(re.compile("voice=ofsted"))
    page.get_by_role("link", name="Clear all").click()
    expect(page.get_by_role("list", name="Chosen")).to_have_count(0)


def test_at_a_desk_the_choices_are_open(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("browse/sg:Finding?year=2015")
    expect(page.get_by_label("Voice")).to_be_visible()
    page.get_by_text("The query behind this page").click()
    page.get_by_role("link", name="Open it on the SPARQL page").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("table").first).to_be_visible()


def test_an_answer_with_its_proof_is_two_steps_from_the_front_page_on_a_phone(plain_page: Page) -> None:
    page = plain_page
    page.goto("")
    link = page.get_by_role("link", name=re.compile("^Did the council dismiss Peter Lewis"))
    box = link.bounding_box()
    assert box
    assert box["y"] < 1.5 * 740, "the first questions stand within a thumb's reach"
    link.click()
    expect(page.locator("mark").first).to_be_visible()

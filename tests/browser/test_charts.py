"""The drawings in a real browser: drawn at a desk, a table on a phone, one page in print, in both schemes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

DRAWN = [
    "timeline",
    "articles/bbc-32085372",
    "page/peter-lewis",
    "page/somerset-county-council",
    "page/inspection-ofsted-2755542",
    "page/review-2015",
    "page/vocab/sif-inadequate",
    "page/ofsted",
]


@pytest.mark.parametrize("path", DRAWN)
def test_a_desk_sees_the_drawing_and_a_phone_the_table(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(path)
    expect(page.locator("figure .chart").first).to_be_visible()
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for chart in page.locator("figure .chart").all():
            expect(chart).to_be_hidden()
        for table in page.locator("figure table").all():
            expect(table.get_by_role("row").nth(1)).to_be_visible()


@pytest.mark.parametrize(
    "path", ["timeline", "page/somerset-county-council", "page/somerset-childrens-services"]
)
def test_a_phone_says_below_the_first_rows_how_many_more_there_are_and_shows_them(
    browser: Browser, live_server: str, path: str
) -> None:
    context = browser.new_context(
        base_url=live_server, viewport={"width": 360, "height": 700}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(path)
    folded = page.locator("details.same:not(.short)").first
    rows, summary = folded.locator("tbody tr"), page.locator("details.others > summary").first
    shown = [row for row in rows.all() if row.is_visible()]
    hidden = [row for row in rows.all() if not row.is_visible()]
    heads = "row => (row.querySelector('th li') || row.querySelector('th')).textContent"
    first, last = hidden[0].evaluate(heads), hidden[-1].evaluate(heads)
    told = f"{len(hidden)} more rows: from “{first}” to “{last}”"
    assert folded.locator("summary").is_hidden()
    assert summary.inner_text().strip() in (told, f"{told}, with who was in post")
    assert summary.bounding_box()["y"] >= shown[-1].bounding_box()["y"] + shown[-1].bounding_box()["height"]  # type: ignore[index]
    summary.click()
    expect(summary).to_have_text(re.compile("Only the first 8 rows"), use_inner_text=True)
    for row in rows.all():
        expect(row).to_be_visible()
    context.close()


@pytest.mark.parametrize("path", DRAWN)
def test_no_text_of_a_drawing_leaves_it_or_lies_on_another(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(path)
    wrong = page.evaluate(
        """() => [...document.querySelectorAll('svg.chart')].flatMap(svg => {
          const box = svg.getBoundingClientRect();
          const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
          const out = texts.filter(([, r]) => r.right > box.right + 4 || r.left < box.left - 4)
            .map(([t]) => "out: " + t);
          const on = texts.flatMap(([t, a], i) => texts.slice(i + 1).filter(([, b]) =>
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3 &&
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 7).map(([u]) => t + ' / ' + u));
          return [...out, ...on];
        })"""
    )
    assert wrong == []


def test_the_grades_of_a_brief_are_read_on_a_phone_without_scrolling_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto("brief/somerset-county-council")
    for cell in page.locator(".matrix td").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


def test_links_of_an_article_that_lead_elsewhere_have_other_names(page: Page) -> None:
    page.goto("articles/bbc-32085372")
    read = "all => all.map(a => [a.ariaLabel || a.textContent, a.href])"
    links = page.locator(".figure-table a").evaluate_all(read)
    assert len({name for name, _ in links}) == len({tuple(link) for link in links}) > 10


def test_the_timeline_prints_on_one_page(page: Page) -> None:
    page.goto("timeline")
    pdf = page.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "10mm"))
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
    assert len(pdf) < 400_000, "drawn, not a picture"


def test_the_table_of_a_drawing_is_printed_though_it_is_closed(page: Page) -> None:
    page.goto("page/peter-lewis")
    page.emulate_media(media="print")
    assert page.locator("#posts-name + * ~ details table").first.bounding_box() is not None


def test_marks_are_reached_and_named_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("page/somerset-county-council")
    chart = page.locator("figure .chart").first
    link = chart.get_by_role("link", name=re.compile("Improvement notice")).first
    link.focus()
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("notice-somerset-2013"))


def test_the_filters_of_the_timeline_are_a_plain_form(page: Page) -> None:
    page.goto("timeline")
    page.locator("main form").get_by_label("Body").select_option(label="Somerset County Council")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name="interventions", exact=True).click()
    expect(page).to_have_url(re.compile(r"body=somerset-county-council&kind=interventions"))
    expect(page.get_by_role("link", name="interventions", exact=True)).to_have_attribute(
        "aria-current", "true"
    )
    expect(page.locator("main form").get_by_label("Body")).to_have_value("somerset-county-council")

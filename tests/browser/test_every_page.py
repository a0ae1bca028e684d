"""What holds for every kind of page: light, steady, quiet, accessible at three widths, told in order, used by keyboard.

A page is opened once, as on a first visit, and looked at in several ways: the layout follows the width by CSS alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kg.settings import Settings
from tests.browser.conftest import Axe, Opened, opened
from tests.browser.outline import MEANING, TABLES, problems
from tests.browser.pages import NO_PAGES, PAGES, Kind
from web import create_app

pytestmark = pytest.mark.browser

WIDTHS = (320, 768, 1280)
BYTES = 60_000
PAPER = 718
"""The width of A4 within margins of a centimetre, in pixels."""
STEPS = 12
SCRIPTS = Path(__file__).parent
FOCUS = (SCRIPTS / "focus.js").read_text(encoding="utf-8")
LOW_CONTRAST = (SCRIPTS / "contrast.js").read_text(encoding="utf-8")
WALK = """() => {
  const seen = e => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(e => e.tabIndex >= 0 && !e.disabled && (seen(e) || e.matches(".skip")));
  const name = e => e.outerHTML.slice(0, 120), found = [];
  document.addEventListener("focusin", event => found.push(name(event.target)));
  const editor = document.querySelector("form .code");  // of queries: it takes Tab for itself
  const reached = stops.filter(e => !editor || editor.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING);
  window.walked = () => [reached.map(name), found];
  window.last = () => stops.at(-1);
}"""
"""Notes where the focus goes, to be held against the order in which the page is written."""
PRINTED = """paper => {
  const name = e => e.outerHTML.slice(0, 90), wrong = [];
  if (document.documentElement.scrollWidth > paper + 4) wrong.push("wider than the paper");
  for (const e of document.querySelectorAll("main *")) {
    const look = getComputedStyle(e);
    if (!e.checkVisibility() || e.matches(".hide, .hide *, svg *")) continue;
    if (look.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1) wrong.push("cut at the side: " + name(e));
    if (look.overflowY !== "visible" && e.scrollHeight > e.clientHeight + 1) wrong.push("cut below: " + name(e));
    const folded = e.matches("details:not(.query, .query *)") && e.querySelector(":scope > :not(summary, form)");
    if (folded && !folded.checkVisibility()) wrong.push("stays folded: " + name(e));
  }
  for (const e of document.querySelectorAll(".top, .skip, form, button"))
    if (e.checkVisibility()) wrong.push("of no use on paper: " + name(e));
  return wrong;
}"""
SHIFTS = "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(window.shifts), 50)))"


def test_every_route_is_a_page_here_or_is_said_to_be_none(built: Path) -> None:
    """A new route needs an entry in `tests/browser/pages.py`; one that has gone leaves it."""
    routes = {rule.rule for rule in create_app(Settings(out=built)).url_map.iter_rules()}
    shown = {kind.route for kind in PAGES if kind.route}
    assert not shown & NO_PAGES.keys()
    assert routes == shown | NO_PAGES.keys()


def test_no_two_kinds_have_one_name() -> None:
    assert len({kind.name for kind in PAGES}) == len(PAGES)


@pytest.fixture(scope="module", params=PAGES, ids=lambda kind: kind.name)
def shown(
    request: pytest.FixtureRequest, browser: Browser, address_of: Callable[[Kind], str]
) -> Iterator[Opened]:
    """One kind of page, opened on a phone."""
    kind: Kind = request.param
    with opened(browser, address_of(kind), kind, viewport={"width": 320, "height": 640}) as found:
        yield found


def test_it_brings_little_and_stays_where_it_is(shown: Opened) -> None:
    """At most 60 kB compressed, the editor of the query page not counted; one request for each style; no shift."""
    brought = {url: size for url, (_, size) in shown.brought.items() if "/static/build/" not in url}
    if not shown.kind.sent:
        assert sum(brought.values()) <= BYTES, brought
    assert shown.page.evaluate(SHIFTS) == []


def widths(kind: Kind) -> tuple[int, ...]:
    """Return the widths at which a kind of page is looked at."""
    return WIDTHS[:1] if kind.twin else WIDTHS


def test_axe_finds_nothing_and_nothing_scrolls_sideways(shown: Opened, axe: Axe) -> None:
    """Its rules of colours, which take most of its time, at the widest only, where drawings are shown."""
    page, wrong = shown.page, []
    for width in widths(shown.kind):
        page.set_viewport_size({"width": width, "height": 800})
        wrong += [f"{width}: {found}" for found in axe(page, colours=width == widths(shown.kind)[-1])]
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            wrong.append(f"{width}: is {needed} wide")
    assert wrong == []


def test_every_text_has_contrast_in_both_schemes(shown: Opened) -> None:
    """WCAG 1.4.3, at every width: 4.5 to the ground that the text stands on, in the browser's own colours."""
    page, wrong = shown.page, []
    for scheme in ("dark", "light"):  # which ends as it began
        page.emulate_media(color_scheme=scheme)
        for width in widths(shown.kind):
            page.set_viewport_size({"width": width, "height": 800})
            wrong += [f"{scheme} at {width}: {found}" for found in page.evaluate(LOW_CONTRAST)]
    assert wrong == []


def test_a_screen_reader_is_told_it_in_order(shown: Opened) -> None:
    page = shown.page
    assert problems(page.locator("body").aria_snapshot()) == []
    assert page.evaluate(TABLES) == []
    assert page.evaluate(MEANING) == []
    assert page.locator("html").get_attribute("lang") == "en-GB"


def test_the_focus_goes_in_order_and_can_be_seen(shown: Opened) -> None:
    """Tab goes through the page as it is written, first to the link that skips; the focus shows; the end lets go."""
    page = shown.page
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(WALK)
    if page.evaluate("document.activeElement === document.body"):  # else an error of the query has the focus
        for _ in range(STEPS):
            page.keyboard.press("Tab")
        wanted, found = page.evaluate("window.walked()")
        steps = min(STEPS, len(wanted))
        assert found[:steps] == wanted[:steps]
        assert "skip" in wanted[0]
    assert page.evaluate(FOCUS) == []
    page.evaluate("window.last().focus()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== window.last()"), "the focus is held at the end"


def test_what_is_printed_is_whole(shown: Opened) -> None:
    """On paper nothing is cut off, what is folded is open, and what only a screen can use is gone."""
    page = shown.page
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.emulate_media(media="print")
    wrong = page.evaluate(PRINTED, PAPER)
    page.emulate_media(media="screen")
    assert wrong == []


def test_nothing_went_wrong_meanwhile(shown: Opened) -> None:
    """No request left the host, the policy stopped nothing, no script failed. The last test of a page."""
    assert shown.wrong == []

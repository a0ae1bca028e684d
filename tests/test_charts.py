"""The drawings: geometry on given dates, ends that nobody knows, accessible and strict markup whatever goes in."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.dates import in_words, parse_edtf
from web.charts.axis import axis_for
from web.charts.bars import Bar, bars_drawing
from web.charts.events import Happening, events_drawing
from web.charts.figure import Figure, table_html
from web.charts.grades import Grade, Panel, Strip, draw_panels, ladder_drawing
from web.charts.posts import Post, extent_of, posts_drawing
from web.charts.results import Value, chart_for
from web.charts.svg import clean, el
from web.charts.tree import EACH, Branch, tree_drawing
from web.charts.values import Link, Table, When, parse_when

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<b onload="x">&\'\u0007 ]]> ' + "long " * 40


def when(text: str) -> When:
    found = parse_when(text)
    assert found is not None
    return found


def shapes(svg: str, name: str, cls: str) -> list[ET.Element]:
    """Return the elements of a kind whose classes hold `cls`."""
    root = ET.fromstring(svg)
    return [e for e in root.iter(f"{SVG}{name}") if cls in (e.get("class") or "").split()]


def strict(markup: str) -> ET.Element:
    """Parse markup as XML; no style, no script, no handler; every image has a title and a description."""
    root = ET.fromstring(f"<r>{markup}</r>")
    for element in root.iter():
        assert not any(key == "style" or key.startswith("on") for key in element.attrib), element.attrib
        assert not element.tag.endswith(("script", "style"))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for svg in root.iter(f"{SVG}svg"):
        has_links = next(svg.iter(f"{SVG}a"), None) is not None
        assert svg.get("role") == ("group" if has_links else "img")
        title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
        assert title is not None
        assert desc is not None
        assert title.text
        assert desc.text
        assert (svg.get("aria-labelledby") or "").split() == [title.get("id"), desc.get("id")]
    return root


def test_what_is_sure_lies_between_the_last_possible_start_and_the_first_possible_end() -> None:
    post = Post("Director", starts=(when("2014-01"),), ends=(when("2014-10"),))
    extent = extent_of(post)
    assert extent.sure == (date(2014, 1, 31), date(2014, 10, 1))
    assert extent.possible == (date(2014, 1, 1), date(2014, 10, 31))
    assert not extent.open_left
    assert not extent.open_right


def test_known_on_a_day_is_not_true_since_that_day() -> None:
    extent = extent_of(Post("Leader", known=(when("2015-03-27"),)))
    assert extent.possible == extent.sure == (date(2015, 3, 27), date(2015, 3, 27))
    assert extent.open_left
    assert extent.open_right


def test_an_unknown_day_of_a_span_makes_nothing_sure() -> None:
    extent = extent_of(Post("Leader", known=(when("[2015-03-27..2015-03-31]"),)))
    assert extent.sure is None
    assert extent.possible == (date(2015, 3, 27), date(2015, 3, 31))


def test_two_known_days_make_the_time_between_them_sure() -> None:
    extent = extent_of(Post("Leader", known=(when("2014-05"), when("2015-03"))))
    assert extent.sure == (date(2014, 5, 31), date(2015, 3, 1))


def test_by_a_day_is_closed_on_that_side_only() -> None:
    extent = extent_of(
        Post("Director", starts=(when("2013-04~"),), ends=(when("[..2014-10]"),), known=(when("2014-07"),))
    )
    assert extent.possible == (date(2013, 4, 1), date(2014, 10, 31))
    assert extent.about == (date(2013, 4, 30), date(2014, 7, 1))
    assert extent.sure is None, "what rests on an approximate date is not sure"
    assert (extent.open_left, extent.open_right) == (False, False)
    assert extent_of(Post("D", starts=(when("[..2014-10]"),))).open_left


def test_readings_of_one_start_are_intersected_and_a_clash_is_told() -> None:
    both = extent_of(Post("Director", starts=(when("2015-03"), when("[2015-03-14..2015-03-19]"))))
    assert both.possible == (date(2015, 3, 14), date(2015, 3, 19))
    assert not both.clash
    apart = extent_of(Post("Director", starts=(when("2015-01"), when("2015-03"))))
    assert apart.clash
    assert apart.possible == (date(2015, 1, 1), date(2015, 3, 31))


def test_bars_begin_and_end_where_the_axis_has_their_days() -> None:
    post = Post("Director", starts=(when("2014-01-01"),), ends=(when("2015-01-01"),))
    svg, _ = posts_drawing("k", "Posts", [post])
    (bar,) = shapes(svg, "rect", "sure")
    axis = axis_for(post.days, 262.0, 860.0 - 36)
    assert float(bar.get("x") or 0) == pytest.approx(axis.x(date(2014, 1, 1)), abs=0.1)
    assert float(bar.get("width") or 0) == pytest.approx(
        axis.x(date(2015, 1, 1)) - axis.x(date(2014, 1, 1)), abs=0.1
    )
    assert len(shapes(svg, "path", "cap")) == 2
    assert not shapes(svg, "path", "open")


def test_an_open_end_has_no_cap_and_leads_out_of_the_bar() -> None:
    svg, legend = posts_drawing(
        "k", "Posts", [Post("Director", starts=(when("2014-01-01"),), known=(when("2014-06-01"),))]
    )
    assert len(shapes(svg, "path", "cap")) == 1
    assert len(shapes(svg, "path", "open")) == 1
    assert "post open" in dict(legend)


def test_a_post_that_nobody_dates_is_drawn_as_undated() -> None:
    svg, _ = posts_drawing("k", "Posts", [Post("Director", words="no source dates it")])
    assert shapes(svg, "path", "undated")
    assert not shapes(svg, "rect", "sure")


def test_a_day_is_a_dot_and_a_month_a_striped_span() -> None:
    svg = events_drawing(
        "k",
        "Events",
        [Happening("a", "Day", (when("2015-03-27"),)), Happening("b", "Month", (when("2014-11"),))],
    )
    (dot,), (span,) = shapes(svg, "circle", "dot"), shapes(svg, "rect", "span")
    assert len(shapes(svg, "path", "stripe")) == 1
    assert "url(" not in svg, "a pattern would be printed as a picture"
    assert float(span.get("width") or 0) >= 13
    assert float(dot.get("cx") or 0) > float(span.get("x") or 0)


def test_an_undated_event_lies_between_what_it_follows_and_precedes() -> None:
    events = [
        Happening("a", "Notice", (when("2013-11-01"),), then=("b",)),
        Happening("b", "Review", floor=date(2013, 11, 1), ceiling=date(2015, 1, 31)),
        Happening("c", "Inspection", (when("2015-01-31"),)),
    ]
    svg = events_drawing("k", "Events", events)
    (line,) = shapes(svg, "path", "undated")
    first, last = (float(e.get("cx") or 0) for e in shapes(svg, "circle", "dot"))
    start, end = (float(x) for x in (line.get("d") or "").removeprefix("M").replace(" ", "H").split("H")[::2])
    assert first <= start < end <= last + 0.1


def test_each_scale_has_its_own_panel_and_an_unstated_scale_no_rungs() -> None:
    graded = Strip("Overall", (Grade("good", (when("2015"),), level=1),))
    unscaled = Strip("Protection", (Grade("inadequate", (when("2013"),)),))
    panels = [
        Panel("One scale", ("outstanding", "good", "poor"), (graded,)),
        Panel("No scale", (), (unscaled,)),
    ]
    markup, _ = draw_panels(panels, axis_for([date(2013, 1, 1), date(2016, 1, 1)], 200, 800), 0)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{markup}</svg>'
    assert len(shapes(svg, "rect", "panel")) == 2
    assert len(shapes(svg, "path", "rung")) == 3


def test_a_ladder_puts_the_best_grade_at_the_right() -> None:
    strips = [Strip("A", (Grade("good", level=0),)), Strip("B", (Grade("poor", level=1),))]
    good, poor = shapes(ladder_drawing("k", "Grades", ("good", "poor"), strips), "circle", "grade-dot")
    assert float(good.get("cx") or 0) > float(poor.get("cx") or 0)


def test_bars_share_a_zero_line_and_lengths_are_proportional() -> None:
    svg = bars_drawing("k", "Bars", [Bar("a", 10), Bar("b", 5), Bar("c", -5)])
    a, b, c = shapes(svg, "rect", "bar")
    assert float(a.get("width") or 0) == pytest.approx(2 * float(b.get("width") or 0), abs=0.2)
    assert a.get("x") == b.get("x")
    assert float(c.get("x") or 0) + float(c.get("width") or 0) == pytest.approx(
        float(a.get("x") or 0), abs=0.2
    )


def test_a_tree_is_bounded_counts_what_there_is_and_leads_to_the_rest() -> None:
    nodes = tuple(Link(f"thing {n}", f"/page/{n}") for n in range(30))
    svg = tree_drawing("k", "Near", "A council", [Branch("said", nodes)], [Branch("has", nodes[:2])], "#all")
    assert len(shapes(svg, "text", "node")) == EACH + 2
    assert "said (30)" in svg
    assert f"and {30 - EACH} more" in svg
    assert 'href="#all"' in svg


@pytest.mark.parametrize(("left", "right", "groups"), [(0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 2, 1), (8, 1, 3)])
@pytest.mark.parametrize("name", ["Ofsted", "A name of many words " * 5])
def test_a_tree_has_room_for_its_centre(name: str, left: int, right: int, groups: int) -> None:
    def side(n: int) -> list[Branch]:
        return [Branch("said", tuple(Link(f"thing {k}", "/page/x") for k in range(n)))] * (groups if n else 0)

    svg = tree_drawing("k", "Near", name, side(left), side(right))
    _, _, across, down = map(float, ET.fromstring(svg).attrib["viewBox"].split())
    for box in shapes(svg, "rect", "centre"):
        x, y, w, h = (float(box.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + w <= across
        assert y >= 0
        assert y + h <= down


dates = st.dates(date(1, 1, 1), date(9999, 12, 31))
points = st.one_of(
    dates.map(lambda d: d.isoformat()),
    dates.map(lambda d: d.isoformat()[:7]),
    dates.map(lambda d: d.isoformat()[:4]),
    st.tuples(dates, dates).filter(lambda p: p[0] != p[1]).map(lambda p: f"[{min(p)}..{max(p)}]"),
    dates.map(lambda d: f"[..{d}]"),
    dates.map(lambda d: f"[{d}..]"),
    st.tuples(dates, dates).filter(lambda p: p[0] != p[1]).map(lambda p: f"{min(p)}/{max(p)}"),
)
whens = st.lists(points.map(when), max_size=3).map(tuple)


@given(whens, whens, whens, whens)
def test_any_dates_give_a_drawing_whose_parts_nest(
    starts: tuple[When, ...], ends: tuple[When, ...], known: tuple[When, ...], appointed: tuple[When, ...]
) -> None:
    post = Post("Director", "/page/x", "words", "", starts, ends, known, appointed)
    extent = extent_of(post)
    for inner, outer in ((extent.sure, extent.about), (extent.about, extent.possible)):
        if inner is not None:
            assert outer is not None
            assert outer[0] <= inner[0] <= inner[1] <= outer[1]
    svg, _ = posts_drawing("k", "Posts", [post])
    strict(svg)
    for bar in ET.fromstring(svg).iter(f"{SVG}rect"):
        assert float(bar.get("width") or 0) >= 0
        assert -1 <= float(bar.get("x") or 0) <= 860


@given(st.lists(points, min_size=1, max_size=6), st.text(max_size=40))
def test_any_events_with_any_names_give_well_formed_markup(texts: list[str], name: str) -> None:
    events = [
        Happening(str(n), name, (when(t),), note=in_words(parse_edtf(t).edtf)) for n, t in enumerate(texts)
    ]
    strict(events_drawing("k", name or "Events", [*events, Happening("z", name)]))


@given(dates, dates)
def test_an_axis_keeps_the_order_of_days_and_its_ticks_apart(a: date, b: date) -> None:
    axis = axis_for([a, b], 100, 800)
    first, last = sorted((a, b))
    assert 100 <= axis.x(first) <= axis.x(last) <= 800
    assert len(axis.ticks()) <= 13


def test_nothing_that_goes_in_comes_out_as_markup() -> None:
    table = Table(("What", NASTY), ((NASTY, (Link(NASTY, "/x?a=1&b=2"), NASTY)),))
    svg = bars_drawing("k", NASTY, [Bar(NASTY, 1, NASTY, "/x")])
    html = Figure("k", NASTY, NASTY, NASTY, table, svg, ((NASTY, NASTY),)).html()
    strict(html)
    assert "<b" not in html
    assert "\u0007" not in clean(NASTY)


def test_a_style_attribute_is_refused() -> None:
    with pytest.raises(ValueError, match="style"):
        el("rect", style="fill: red")


def test_the_style_sheet_and_the_modules_hold_no_inline_style() -> None:
    for path in Path("web/charts").glob("*.py"):
        assert "style=" not in path.read_text(encoding="utf-8").replace('style="fill', ""), path


def test_the_table_names_its_columns_for_a_screen_reader_and_for_a_phone() -> None:
    html = table_html(Table(("Post", "When"), (("Director", "2014"),)), "Posts")
    root = strict(html)
    assert [e.get("scope") for e in root.iter("th")] == ["col", "col", "row"]
    assert [e.get("data-label") for e in root.iter("td")] == ["When"]
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Table(("a", "b"), (("only one",),))


XSD = "http://www.w3.org/2001/XMLSchema#"


def iri(name: str) -> Value:
    return Value(name, f"https://example.org/{name}", "", True, f"/page/{name}")


def test_a_label_and_a_number_are_offered_as_bars() -> None:
    rows = [(iri("a"), Value("3", "3", XSD + "integer")), (iri("b"), Value("5", "5", XSD + "integer"))]
    (view,) = chart_for(["topic", "count"], rows)
    assert view.kind == "bars"
    assert len(shapes(view.figure.svg, "rect", "bar")) == 2
    strict(view.figure.html())


def test_dates_are_offered_as_a_timeline_with_their_precision() -> None:
    about = Value("October 2014", "https://w3id.org/scrutiny-graph/id/date-2014-10", "", True)
    rows = [(iri("a"), about), (iri("b"), Value("27 March 2015", "2015-03-27", XSD + "date"))]
    (view,) = chart_for(["event", "date"], rows)
    assert view.kind == "timeline"
    assert len(shapes(view.figure.svg, "rect", "span")) == 1
    assert len(shapes(view.figure.svg, "circle", "dot")) == 1


def test_a_start_and_an_end_make_one_bar() -> None:
    day = XSD + "date"
    rows = [(iri("a"), Value("x", "2014-01-01", day), Value("y", "2015-01-01", day))]
    (view,) = chart_for(["event", "start", "end"], rows)
    assert len(shapes(view.figure.svg, "rect", "bar")) == 1


def test_triples_are_offered_as_a_tree() -> None:
    rows = [(iri("s"), iri("p"), iri(f"o{n}")) for n in range(3)]
    (view,) = chart_for(["subject", "property", "value"], rows)
    assert view.kind == "tree"
    assert len(shapes(view.figure.svg, "text", "node")) == 3


def test_two_columns_of_things_are_offered_as_a_graph() -> None:
    rows = [(iri("a"), iri("x")), (iri("b"), iri("x")), (iri("b"), iri("y"))]
    (view,) = chart_for(["person", "body"], rows)
    assert len(shapes(view.figure.svg, "path", "branch")) == 3
    strict(view.figure.html())


def test_what_cannot_be_drawn_is_not_offered() -> None:
    assert chart_for(["text"], [(Value("only words", "only words"),)]) == []
    assert chart_for([], []) == []
    assert chart_for(["n"], [(Value("INF", "INF", XSD + "double"),)]) == []
    assert chart_for(["a", "n"], [(None, None)]) == []


def test_whose_words_they_are_stands_once_before_them_or_in_the_source_line_alone() -> None:
    words = (Link("“a”", "/claim/1", by="The Paper"), Link("“b”", "/claim/2", by="The Paper"))

    def html(source: str, *more: Link) -> str:
        return Figure("k", "Title", "", source, Table(("What", "Evidence"), (("x", (*words, *more)),))).html()

    assert html("Source: claims of The Paper.").count("The Paper") == 1
    assert html("Source: claims of The Paper, The Post.").count("The Paper") == 2
    other = html("Source: claims of The Paper.", Link("“c”", "/claim/3", by="The Paper, quoting Ann"))
    assert re.findall(r'<span class="by">([^<]*)</span>', other) == ["The Paper", "The Paper, quoting Ann"]

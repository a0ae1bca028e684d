"""Posts as bars on a time axis: what is sure solid, what is not striped, what no source tells open.

From the readings of one tenure follow its parts (`extent_of`). The holder was in post at the start, at the end and on
every day that a source knows of. Each of these is one unknown day of a span [a, b]; whatever the days are, the post was
held from the smallest b to the largest a. That is sure. Beyond it, as far as a source bounds it, it is possible; and
where no source bounds it the bar is open. What rests on an approximate date is not sure, but about so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from web.charts.axis import Axis, axis_for
from web.charts.svg import GUTTER, cut, drawing, el, hatched, lines_of_text, link, text
from web.charts.values import When

WIDTH = 860.0
BAR = 16.0
WHISKER = 30.0


@dataclass(frozen=True)
class Post:
    """One tenure: the readings of its dates, each by some source; `words` tell them, `note` what else is to be told.

    `disputed` says in words what the sources dispute about it, and `disputed_href` leads to the comparison.
    """

    label: str
    href: str | None = None
    words: str = ""
    note: str = ""
    starts: tuple[When, ...] = ()
    ends: tuple[When, ...] = ()
    known: tuple[When, ...] = ()
    appointed: tuple[When, ...] = ()
    expected: tuple[When, ...] = ()
    disputed: str = ""
    disputed_href: str | None = None

    @property
    def days(self) -> list[date]:
        """Every day that is drawn."""
        dates = (*self.starts, *self.ends, *self.known, *self.appointed, *self.expected)
        return [day for when in dates for day in when.days]


Part = tuple[date, date]


@dataclass(frozen=True)
class Extent:
    """What the dates of a tenure amount to: inclusive parts, each of which may be missing.

    `possible` is bounded on both sides; `open_left` and `open_right` tell that no source bounds it there.
    """

    possible: Part | None
    about: Part | None
    sure: Part | None
    open_left: bool
    open_right: bool
    clash: bool


def extent_of(post: Post) -> Extent:
    """Return the parts of a tenure.

    >>> from web.charts.values import parse_when
    >>> month, by = parse_when("2014-01"), parse_when("[..2014-10]")
    >>> extent_of(Post("p", starts=(month,), ends=(by,), known=(parse_when("2014-07-03"),))).sure
    (datetime.date(2014, 1, 31), datetime.date(2014, 7, 3))
    """
    start, clash_start = _together(post.starts)
    end, clash_end = _together(post.ends)
    points = [*([start] if start else ()), *([end] if end else ()), *post.known]
    days = [day for point in points for day in point.days]
    if not days:
        return Extent(None, None, None, True, True, False)
    open_left = start is None or start.earliest is None
    open_right = end is None or end.latest is None
    clash = clash_start or clash_end
    return Extent(
        (min(days), max(days)),
        _certain(points),
        _certain([point for point in points if not point.approximate]),
        open_left,
        open_right,
        clash,
    )


def _together(readings: Iterable[When]) -> tuple[When | None, bool]:
    """Intersect readings of one date; where they exclude each other return all that they span, and True."""
    found = tuple(readings)
    if not found:
        return None, False
    lows = [when.earliest for when in found if when.earliest is not None]
    highs = [when.latest for when in found if when.latest is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    about = all(when.approximate for when in found)
    if low is not None and high is not None and low > high:
        return When(min(lows), max(highs), "", about), True
    return When(low, high, "", about), False


def _certain(points: list[When]) -> Part | None:
    firsts = [point.earliest for point in points if point.earliest is not None]
    lasts = [point.latest for point in points if point.latest is not None]
    if not firsts or not lasts or min(lasts) > max(firsts):
        return None
    return min(lasts), max(firsts)


def draw_posts(posts: Iterable[Post], axis: Axis, top: float) -> tuple[str, float, set[str]]:
    """Draw one row per post from `top` down, named left of the axis.

    Returns the markup, the height and the kinds of marks that occur.
    """
    drawn, used, y = [], set[str](), top
    for post in posts:
        markup, height = _row(post, axis, y, used)
        drawn.append(markup)
        y += height
    return "".join(drawn), y - top, used


def _row(post: Post, axis: Axis, y: float, used: set[str]) -> tuple[str, float]:
    room, named = axis.right - axis.left, axis.left - WHISKER - 16
    label, n = lines_of_text(post.label, 0, y + 18, named, 15.5, 3)
    parts = [link(label, post.href)]
    if post.note:
        parts.append(text(cut(post.note, named, 13), 0, y + 18 + 19 * n, "note"))
    extent = extent_of(post)
    middle = y + 14
    if post.days:
        parts.append(_bar(extent, axis, middle, used))
        parts.append(_marks(post, axis, middle, used))
    else:
        used.add("undated")
        parts.append(el("path", d=f"M{axis.left:.1f} {middle:.1f}h{room:.1f}", class_="undated"))
    words, m = lines_of_text(post.words, axis.left - WHISKER, y + 40, room + 2 * WHISKER, 13, 3, "words")
    parts.append(words)
    below = y + 40 + 16 * m
    if post.disputed:
        used.add("differ")
        mark = text(cut(f"≠ {post.disputed}", room, 13.5), axis.left - WHISKER, below + 2, "differ")
        parts.append(link(mark, post.disputed_href))
        below += 18
    height = max(below - y + 8, 19.0 * n + (20 if post.note else 0) + 22)
    return el("g", *parts, class_="post"), height


def _bar(extent: Extent, axis: Axis, middle: float, used: set[str]) -> str:
    if extent.possible is None:
        return ""
    top, parts = middle - BAR / 2, []
    a, b = axis.span(*extent.possible, least=6)
    kind = "maybe clash" if extent.clash else "maybe"
    parts.append(hatched(a, top, b - a, BAR, kind))
    if extent.sure != extent.possible:
        used.add("maybe")
    for name, part in (("about", extent.about), ("sure", extent.sure)):
        if part is not None and not (name == "about" and part == extent.sure):
            c, d = axis.span(*part)
            if d > c:
                used.add(name)
                parts.append(el("rect", x=c, y=top, width=d - c, height=BAR, class_=name))
    for is_open, place, way in ((extent.open_left, a, -1), (extent.open_right, b, 1)):
        if is_open:
            used.add("open")
            parts.append(el("path", d=_open_end(place, way, top), class_="open"))
        else:
            parts.append(el("path", d=f"M{place:.1f} {top - 3:.1f}v{BAR + 6:.1f}", class_="cap"))
    return "".join(parts)


def _open_end(place: float, way: int, top: float) -> str:
    """Two dashed lines that lead out of the bar and do not close."""
    return f"M{place:.1f} {top:.1f}h{way * WHISKER:.1f}M{place:.1f} {top + BAR:.1f}h{way * WHISKER:.1f}"


def _marks(post: Post, axis: Axis, middle: float, used: set[str]) -> str:
    parts = []
    for kind, dates in (("known", post.known), ("appointed", post.appointed), ("planned", post.expected)):
        for when in dates:
            if not when.days:
                continue
            used.add(kind)
            days = when.days
            a, b = axis.x(days[0]), axis.x(days[-1])
            if b - a > 10:
                parts.append(el("path", d=f"M{a:.1f} {middle:.1f}H{b:.1f}", class_=f"{kind} reach"))
            x = (a + b) / 2
            if kind == "known":
                parts.append(el("circle", cx=x, cy=middle, r=5, class_="known"))
            else:
                d = f"M{x:.1f} {middle - 8:.1f}l8 8-8 8-8-8z"
                parts.append(el("path", d=d, class_=kind))
    return "".join(parts)


LEGEND = {
    "sure": "in post",
    "about": "in post, by approximate dates",
    "maybe": "possibly in post: the day is not told",
    "open": "open: no source tells when it began, or ended",
    "known": "known in post that day",
    "appointed": "appointed",
    "planned": "planned start",
    "undated": "no source dates it",
    "differ": "sources disagree",
}
"""The kinds of marks, in words."""


def legend_of(used: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the entries of the legend for the marks that occur; those that carry words need none."""
    present = set(used) - {"differ", "undated"}
    return tuple((f"post {name}", words) for name, words in LEGEND.items() if name in present)


def posts_drawing(key: str, title: str, posts: Iterable[Post]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the drawing of some posts, and its legend."""
    rows = tuple(posts)
    axis = axis_for([day for post in rows for day in post.days], GUTTER, WIDTH - WHISKER - 6)
    body, height, used = draw_posts(rows, axis, 26)
    dated = any(post.days for post in rows)
    described = "; ".join(f"{post.label}: {post.words or 'not dated'}" for post in rows)
    grid = axis.draw(22, 26 + height) if dated else ""
    return drawing(key, title, described, (WIDTH, 30 + height), grid, body), legend_of(used)

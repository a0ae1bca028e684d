"""Grades: by area over time as small multiples, and of one inspection as a ladder.

Every scale has its own panel; a panel whose scale is not stated has no rungs, because nothing says which grade is above
which. No axis goes across two scales.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from web.charts.axis import Axis
from web.charts.svg import drawing, el, link, text, width, wrap
from web.charts.values import When

WIDTH = 860.0
STEP = 15.0


@dataclass(frozen=True)
class Grade:
    """A grade at a time; `reported` is the last day on which a source that gives no date can have told it.

    `level` counts from 0, the best; `None` where the scale is not stated. `tone` is a class: low, mid or high.
    """

    words: str
    whens: tuple[When, ...] = ()
    level: int | None = None
    href: str | None = None
    reported: date | None = None
    tone: str = ""
    contested: bool = False

    @property
    def day(self) -> date | None:
        """Where it is drawn: the middle of the days it can mean, else the day it was reported by."""
        days = [day for when in self.whens for day in when.days]
        if not days:
            return self.reported
        first, last = min(days), max(days)
        return first + (last - first) / 2


@dataclass(frozen=True)
class Strip:
    """One area of one body: its grades in order of time."""

    label: str
    grades: tuple[Grade, ...]
    href: str | None = None


@dataclass(frozen=True)
class Panel:
    """One scale: its grades, the best first (empty where it is not stated), and the areas that are graded on it."""

    title: str
    levels: tuple[str, ...]
    strips: tuple[Strip, ...]

    @property
    def days(self) -> list[date]:
        """Every day that is drawn."""
        found = [day for s in self.strips for g in s.grades for w in g.whens for day in w.days]
        return found + [g.reported for s in self.strips for g in s.grades if g.reported and not g.whens]


def draw_panels(panels: Iterable[Panel], axis: Axis, top: float) -> tuple[str, float]:
    """Draw the panels from `top` down, the areas in the gutter left of the axis; return the markup and the height."""
    drawn, y = [], top
    for panel in panels:
        drawn.append(text(panel.title, 0, y + 20, "panel-title"))
        y += 30
        for strip in panel.strips:
            markup, height = _strip(panel, strip, axis, y)
            drawn.append(markup)
            y += height
        y += 8
    return "".join(drawn), y - top


def _strip(panel: Panel, strip: Strip, axis: Axis, top: float) -> tuple[str, float]:
    ranked = bool(panel.levels)
    height = STEP * (len(panel.levels) if ranked else max(1, len(strip.grades))) + 14
    parts = [el("rect", x=axis.left, y=top, width=axis.right - axis.left, height=height - 8, class_="panel")]
    lines = wrap(strip.label, axis.left - 14, 13.5, 3)
    label = "".join(text(line, 0, top + 18 + 16 * n, "label") for n, line in enumerate(lines))
    parts.append(link(label, strip.href))
    if ranked:
        for level in range(len(panel.levels)):
            y = _y(top, level)
            parts.append(el("path", d=f"M{axis.left:.1f} {y:.1f}H{axis.right:.1f}", class_="rung"))
    parts.append(_steps(strip, axis, top) if ranked else "")
    for n, grade in enumerate(strip.grades):
        rank = grade.level if ranked and grade.level is not None else n
        parts.append(_grade(grade, axis, _y(top, rank), lift=4 if ranked else -4.5))
    return el("g", *parts, class_="strip"), max(height, 16.0 * len(lines) + 12)


def _y(top: float, level: int) -> float:
    return top + 3 + STEP * (level + 0.5)


def _steps(strip: Strip, axis: Axis, top: float) -> str:
    """The line from one grade to the next: it holds until the next one is given."""
    places = [
        (axis.x(g.day), _y(top, g.level)) for g in strip.grades if g.day is not None and g.level is not None
    ]
    if len(places) < 2:
        return ""
    path = f"M{places[0][0]:.1f} {places[0][1]:.1f}"
    path += "".join(f"H{x:.1f}V{y:.1f}" for x, y in places[1:])
    return el("path", d=path, class_="steps")


def _grade(grade: Grade, axis: Axis, y: float, lift: float) -> str:
    if grade.day is None:
        words = f"{grade.words} (not dated)"
        return link(text(words, axis.left + 8, y + 4.5, f"grade-words {grade.tone}"), grade.href)
    x = axis.x(grade.day)
    parts = []
    days = [day for when in grade.whens for day in when.days]
    if days and max(days) > min(days):
        a, b = axis.span(min(days), max(days), 12)
        parts.append(el("path", d=f"M{a:.1f} {y:.1f}H{b:.1f}", class_=f"grade-reach {grade.tone}"))
    if not days:
        parts.append(el("path", d=f"M{x - 34:.1f} {y:.1f}H{x:.1f}", class_="undated"))
    shape = "grade-dot" if days else "grade-dot reported"
    parts.append(el("circle", cx=x, cy=y, r=5.5, class_=f"{shape} {grade.tone}"))
    words = grade.words if days else f"{grade.words}, reported by then"
    words = f"≠ {words}" if grade.contested else words
    left = x + 12 + width(words, 13.5) > axis.right
    place = x - (40 if not days else 11) if left else x + 11
    parts.append(text(words, place, y - lift, f"grade-words {grade.tone}", "end" if left else None))
    return link("".join(parts), grade.href)


def ladder_drawing(key: str, title: str, levels: tuple[str, ...], strips: Iterable[Strip]) -> str:
    """Return the grades of one inspection: a row per area, a column per grade of its scale, the best at the right.

    Without levels the scale is not stated: the grade stands in words and has no place.
    """
    rows = tuple(strips)
    gutter = min(390.0, max([width(strip.label, 14.5) for strip in rows], default=0) + 24)
    room = (WIDTH - gutter) / max(1, len(levels))
    drawn = []
    for n, level in enumerate(levels):
        x = gutter + room * (len(levels) - 1 - n)
        drawn.append(text(level, x + room / 2, 18, "tick", "middle"))
        drawn.append(el("rect", x=x, y=26, width=room, height=len(rows) * 32, class_=f"column c{n % 2}"))
    for n, strip in enumerate(rows):
        y = 26 + 32 * n + 16
        label = text(wrap(strip.label, gutter - 16, 14.5, 1)[0], gutter - 14, y + 5, "label", "end")
        drawn.append(link(label, strip.href))
        drawn.append(el("path", d=f"M{gutter:.1f} {y:.1f}H{WIDTH}", class_="rung"))
        for m, grade in enumerate(strip.grades):
            if grade.level is None or not levels:
                drawn.append(
                    link(
                        text(grade.words, gutter + 10 + 220 * m, y + 5, f"grade-words {grade.tone}"),
                        grade.href,
                    )
                )
                continue
            x = gutter + room * (len(levels) - 1 - grade.level) + room / 2
            dot = el("circle", cx=x, cy=y, r=9, class_=f"grade-dot {grade.tone}")
            drawn.append(link(dot, grade.href, f"{strip.label}: {grade.words}"))
    told = "; ".join(f"{s.label}: {' or '.join(g.words for g in s.grades)}" for s in rows)
    return drawing(key, title, told, (WIDTH, 34 + 32 * len(rows)), *drawn)

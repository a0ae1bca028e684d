"""What happened, one row per event on a common time axis, its name beside its mark.

A day is a dot, a month or season a striped span, a span of time a bar. Several readings of one date are drawn over
each other, the most exact one strongest. An event without a date is drawn as a broken line between what it came after
and what it came before, as far as the sources order it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from web.charts.axis import Axis, axis_for
from web.charts.svg import GUTTER, box, cut, drawing, el, hatched, lines_of_text, link, text, width
from web.charts.values import When

WIDTH = 860.0
LEAST = 13.0
OPEN = 34.0


@dataclass(frozen=True)
class Happening:
    """An event with the readings of its date; `floor` and `ceiling` bound one that has none.

    `then` names what followed, by key; `kind` is a class to draw it with, `note` stands beside its mark; `differ` leads
    to the comparison of its sources.
    """

    key: str
    label: str
    whens: tuple[When, ...] = ()
    href: str | None = None
    kind: str = "event"
    note: str = ""
    floor: date | None = None
    ceiling: date | None = None
    then: tuple[str, ...] = ()
    differ: str | None = None

    @property
    def days(self) -> list[date]:
        """The bounds of its dates."""
        return [day for when in self.whens for day in when.days]

    @property
    def reach(self) -> list[date]:
        """The days that the axis must hold for it."""
        return self.days or [day for day in (self.floor, self.ceiling) if day is not None]

    @property
    def order(self) -> tuple[date, date, str]:
        """A key in order of time; an undated one comes after what it is known to follow."""
        days = self.days
        if days:
            return min(days), max(days), self.label
        return self.ceiling or self.floor or date.max, date.max, self.label


def draw_events(
    events: Iterable[Happening], axis: Axis, top: float, arrows: bool = True
) -> tuple[str, float]:
    """Draw one row per event from `top` down, in the order given, named left of the axis; return markup and height."""
    rows = tuple(events)
    places: dict[str, tuple[float, float, float]] = {}
    drawn, y = [], top
    for event in rows:
        label, n = lines_of_text(event.label, 0, y + 14, axis.left - 22, 13.5, 3)
        height = 16.0 * n + 13
        a, b = _reach(event, axis)
        places[event.key] = (a, b, y + 10)
        led_to = arrows and any(
            event.key in e.then and _turns(places[e.key], places[event.key]) for e in rows if e.key in places
        )
        drawn.append(
            el(
                "g",
                link(label, event.href),
                _event(event, axis, a, b, y + 10, led_to),
                class_="happening",
            )
        )
        y += height
    lines = [_arrow(places[e.key], places[t]) for e in rows for t in e.then if t in places and arrows]
    return "".join((*lines, *drawn)), y - top


def _reach(event: Happening, axis: Axis) -> tuple[float, float]:
    days = event.days
    if days:
        opened = [when for when in event.whens if when.days]
        a, b = axis.span(min(days), max(days), LEAST)
        a -= OPEN if all(when.earliest is None for when in opened) else 0
        b += OPEN if all(when.latest is None for when in opened) else 0
        return max(a, axis.left - 6), min(b, axis.right + 6)
    a = axis.left if event.floor is None else axis.x(event.floor)
    b = axis.right if event.ceiling is None else axis.x(event.ceiling)
    return (
        (a, b)
        if b - a > LEAST
        else (min(a, axis.right - LEAST * 3), min(a, axis.right - LEAST * 3) + LEAST * 3)
    )


def _event(event: Happening, axis: Axis, a: float, b: float, y: float, is_led_to: bool) -> str:
    parts = []
    if not event.days:
        parts.append(el("path", d=f"M{a:.1f} {y:.1f}H{b:.1f}", class_="undated"))
    whens = sorted(event.whens, key=lambda when: -(when.days[-1] - when.days[0]).days if when.days else 0)
    for n, when in enumerate(whens):
        if when.days:
            parts.append(_mark(when, axis, y, event.kind, strong=n == len(whens) - 1))
    note = f"≠ {event.note}" if event.differ else event.note
    right, left = axis.right + 26 - b, a - axis.left
    if width(note, 13) <= right - 10 or right >= left:
        x, anchor, room = b + 10, None, right - 10
    else:
        x, anchor, room = a - 10, "end", left
    y += -4 if anchor and is_led_to else 4.5  # above the line that leads here from the left
    if not event.days and width(note, 13) > room:
        x, anchor, room, y = a + 4, None, b - a - 8, y - 9.5  # above its own broken line
    kind = "differ" if event.differ else "note"
    parts.append(link(text(cut(note, room, 13), x, y, kind, anchor), event.differ))
    return "".join(parts)


def _mark(when: When, axis: Axis, y: float, kind: str, strong: bool) -> str:
    days = when.days
    if when.exact:
        return el("circle", cx=axis.x(days[0]), cy=y, r=6, class_=f"dot {kind}")
    a, b = axis.span(days[0], days[-1], LEAST)
    height = 12.0 if strong else 5.0
    name = f"{'bar' if when.lasting else 'span' if strong else 'span weak'} {kind}".rstrip()
    draw = box if when.lasting else hatched
    parts = [draw(a, y - height / 2, b - a, height, name)]
    for is_open, place, way in ((when.earliest is None, a, -OPEN), (when.latest is None, b, OPEN)):
        if is_open:
            parts.append(el("path", d=f"M{place:.1f} {y:.1f}h{way:.1f}", class_="undated"))
    return "".join(parts)


def _turns(start: tuple[float, float, float], end: tuple[float, float, float]) -> bool:
    """Whether the line to a mark has room to reach it from the left."""
    return end[0] - start[0] >= 18


def _arrow(start: tuple[float, float, float], end: tuple[float, float, float]) -> str:
    """A line from the left end of a mark down to the next one."""
    x, y = start[0] + 6, start[2] + 8
    to_x, to_y = end[0] - 4, end[2]
    if not _turns(start, end):
        return el("path", d=f"M{x:.1f} {y:.1f}V{to_y - 8:.1f}", class_="next")
    return el("path", d=f"M{x:.1f} {y:.1f}V{to_y:.1f}H{to_x:.1f}l-5-4m5 4-5 4", class_="next")


def events_drawing(key: str, title: str, events: Iterable[Happening], marks: Iterable[date] = ()) -> str:
    """Return the drawing of events in order of time on an axis of their own."""
    rows = sorted(events, key=lambda event: event.order)
    days = [day for event in rows for day in event.reach]
    axis = axis_for([*days, *marks], GUTTER, WIDTH - 30)
    body, height = draw_events(rows, axis, 30)
    grid = axis.draw(22, 30 + height) if days else ""
    told = "; ".join(
        f"{event.label}: {' or '.join(when.words for when in event.whens) or 'not dated'}" for event in rows
    )
    return drawing(key, title, told, (WIDTH, 36 + height), grid, body)


def event_legend(events: Iterable[Happening]) -> tuple[tuple[str, str], ...]:
    """Return the legend for the marks that occur."""
    rows = tuple(events)
    whens = [when for event in rows for when in event.whens if when.days]
    found = []
    if any(when.exact for when in whens):
        found.append(("mark dot", "a day"))
    if any(not when.exact and not when.lasting for when in whens):
        found.append(("mark span", "one unknown day, month or season in this span"))
    if any(not event.days for event in rows):
        found.append(("mark undated", "no source dates it; drawn after what it follows"))
    if any(event.then for event in rows):
        found.append(("mark next", "what followed"))
    return tuple(found)

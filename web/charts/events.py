"""What happened, one row per event on a common time axis, its name beside its mark.

A day is a dot, a month or season a striped span, a span of time a bar. Several readings of one date are drawn over each
other, the most exact one strongest. An event without a date is drawn as a broken line between what it came after and what
it came before, as far as the sources order it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from web.charts.axis import Axis, axis_for
from web.charts.svg import cut, drawing, el, link, stripes, text, width
from web.charts.values import When

WIDTH = 860.0
ROW = 30.0
HEAD = 34.0
LEAST = 14.0


@dataclass(frozen=True)
class Happening:
    """An event with the readings of its date; `floor` and `ceiling` bound one that has none, `then` names its successors.

    `kind` is a class to draw it with, `note` what stands behind its name; `differ` leads to the comparison of its sources.
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
    def order(self) -> tuple[date, date, str]:
        """A key in order of time; an undated one comes after what it is known to follow."""
        days = self.days
        if days:
            return min(days), max(days), self.label
        if self.floor is not None:
            return self.floor, date.max, self.label
        return self.ceiling or date.max, date.max, self.label


def draw_events(
    events: Iterable[Happening], axis: Axis, top: float, key: str, arrows: bool = True
) -> tuple[str, float]:
    """Draw one row per event from `top` down, in the order given; return the markup and the height."""
    rows = tuple(events)
    places: dict[str, tuple[float, float, float]] = {}
    drawn = []
    for n, event in enumerate(rows):
        y = top + n * ROW + ROW / 2
        a, b = _reach(event, axis)
        places[event.key] = (a, b, y)
        drawn.append(_event(event, axis, a, b, y, key))
    lines = [_arrow(places[e.key], places[t]) for e in rows for t in e.then if t in places and arrows]
    return "".join((*lines, *drawn)), len(rows) * ROW


def _reach(event: Happening, axis: Axis) -> tuple[float, float]:
    days = event.days
    if days:
        opened = [when for when in event.whens if when.days]
        first = None if all(when.earliest is None for when in opened) else min(days)
        last = None if all(when.latest is None for when in opened) else max(days)
        a = axis.x(min(days)) - 34 if first is None else axis.x(min(days))
        b = axis.x(max(days)) + 34 if last is None else axis.x(max(days))
        return max(a, axis.left), min(b, axis.right)
    a = axis.left if event.floor is None else axis.x(event.floor) + 8
    b = axis.right if event.ceiling is None else axis.x(event.ceiling) - 8
    return (a, b) if b - a > LEAST else (a, min(a + LEAST * 3, axis.right))


def _event(event: Happening, axis: Axis, a: float, b: float, y: float, key: str) -> str:
    parts = []
    if not event.days:
        parts.append(el("path", d=f"M{a:.1f} {y:.1f}H{b:.1f}", class_="undated"))
    whens = sorted(event.whens, key=lambda when: -(when.days[-1] - when.days[0]).days if when.days else 0)
    for n, when in enumerate(whens):
        if when.days:
            parts.append(_mark(when, axis, y, event.kind, key, strong=n == len(whens) - 1))
    note = f"  {event.note}" if event.note else ""
    name = event.label
    room_right = axis.right + 16 - b - 14
    wanted = width(name + note, 14)
    if wanted <= room_right or room_right >= a - axis.left:
        x, anchor, room = b + 12, None, room_right
    else:
        x, anchor, room = a - 12, "end", a - axis.left + 16
    shown = cut(name, room, 14)
    label = link(text(shown, x, y + 5, "label"), event.href)
    left = room - width(shown, 14.4) - 8
    after = ""
    if event.note and width(event.note, 13) <= left:
        where = x + width(shown, 14.4) + 8 if anchor is None else x - width(shown, 14.4) - 8
        after = text(event.note, where, y + 5, "note", anchor)
        left -= width(event.note, 13) + 8
    mark = ""
    if event.differ:
        where = (a + b) / 2
        mark = link(text("≠", where, y - 7, "differ", "middle"), event.differ, f"Sources differ: {event.label}")
    return el("g", *parts, label, after, mark, class_=f"happening {event.kind}")


def _mark(when: When, axis: Axis, y: float, kind: str, key: str, strong: bool) -> str:
    days = when.days
    if when.exact:
        return el("circle", cx=axis.x(days[0]), cy=y, r=6, class_=f"dot {kind}")
    a, b = axis.span(days[0], days[-1], LEAST)
    height = 12.0 if strong else 5.0
    box = {"x": a, "y": y - height / 2, "width": b - a, "height": height}
    name = "bar" if when.lasting else "span" if strong else "span weak"
    parts = [el("rect", **box, class_=f"{name} {kind}", fill=None if when.lasting else f"url(#{key}-stripes)")]
    for is_open, place, way in ((when.earliest is None, a, -34), (when.latest is None, b, 34)):
        if is_open:
            parts.append(el("path", d=f"M{place:.1f} {y:.1f}h{way}", class_="undated"))
    return "".join(parts)


def _arrow(start: tuple[float, float, float], end: tuple[float, float, float]) -> str:
    """A line from the left end of a mark down to the next one."""
    x, y = start[0] + 6, start[2] + 8
    to_x, to_y = end[0] - 4, end[2]
    if to_x - x < 8:
        return el("path", d=f"M{x:.1f} {y:.1f}V{to_y - 8:.1f}", class_="next")
    return el("path", d=f"M{x:.1f} {y:.1f}V{to_y:.1f}H{to_x:.1f}l-5-4m5 4-5 4", class_="next")


def events_drawing(
    key: str, title: str, events: Iterable[Happening], marks: Iterable[date] = ()
) -> str:
    """Return the drawing of events in order of time on an axis of their own."""
    rows = sorted(events, key=lambda event: event.order)
    days = [day for event in rows for day in event.days]
    axis = axis_for([*days, *marks], 20, WIDTH - 20)
    body, height = draw_events(rows, axis, 30, key)
    grid = axis.draw(22, 30 + height) if days else ""
    told = "; ".join(
        f"{event.label}: {' or '.join(when.words for when in event.whens) or 'not dated'}" for event in rows
    )
    return drawing(key, title, told, (WIDTH, 36 + height), stripes(key), grid, body)


def event_legend(events: Iterable[Happening]) -> tuple[tuple[str, str], ...]:
    """Return the legend for the marks that occur."""
    rows = tuple(events)
    whens = [when for event in rows for when in event.whens if when.days]
    found = []
    if any(when.exact for when in whens):
        found.append(("event dot", "a day"))
    if any(not when.exact and not when.lasting for when in whens):
        found.append(("event span", "one unknown day, month or season in this span"))
    if any(not event.days for event in rows):
        found.append(("event undated", "no source dates it; drawn after what it follows"))
    if any(event.then for event in rows):
        found.append(("event next", "what followed"))
    return tuple(found)

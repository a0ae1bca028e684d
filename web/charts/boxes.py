"""A diagram of boxes on a grid, joined by arrows that lead to the neighbour beside, above or below.

Only neighbours are joined, so that no line crosses a box and each label has a gap of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from web.charts.svg import clean, drawing, el, link, text
from web.charts.values import Link

BOX, HIGH = 170.0, 44.0
ACROSS, DOWN = 270.0, 98.0
EDGE = 2.0
HEAD = 5.0

Place = tuple[int, int]
"""Column and row of a box, from 0."""


@dataclass(frozen=True)
class Arrow:
    """An arrow from one box to its neighbour, with its label."""

    start: str
    end: str
    label: Link


def boxes_drawing(
    key: str, title: str, description: str, boxes: Mapping[str, tuple[Place, Link]], arrows: Iterable[Arrow]
) -> str:
    """Draw boxes, by key, and arrows between neighbours. Raises `ValueError` for an arrow to a box further away."""
    parts = [_arrow(boxes[arrow.start][0], boxes[arrow.end][0], arrow.label) for arrow in arrows]
    for (column, row), label in boxes.values():
        x, y = _corner((column, row))
        frame = el("rect", x=x, y=y, width=BOX, height=HIGH, rx=4, class_="box")
        words = text(label.text, x + BOX / 2, y + HIGH / 2 + 5, "box-words", "middle")
        parts.append(el("a", frame, words, href=label.href))
    columns = max(place[0] for place, _ in boxes.values())
    rows = max(place[1] for place, _ in boxes.values())
    size = (columns * ACROSS + BOX + 2 * EDGE, rows * DOWN + HIGH + 2 * EDGE)
    return drawing(key, title, clean(description), size, *parts)


def _corner(place: Place) -> tuple[float, float]:
    return EDGE + place[0] * ACROSS, EDGE + place[1] * DOWN


def _arrow(start: Place, end: Place, label: Link) -> str:
    (x, y), (across, down) = _corner(start), (end[0] - start[0], end[1] - start[1])
    if abs(across) + abs(down) != 1:
        raise ValueError(f"{label.text}: the box at {end} is no neighbour of that at {start}")
    if across:
        first, middle = (x + BOX if across > 0 else x), y + HIGH / 2
        last = first + across * (ACROSS - BOX)
        line = f"M{first} {middle}H{last}m{-across * HEAD} {-HEAD}l{across * HEAD} {HEAD}l{-across * HEAD} {HEAD}"
        words = text(label.text, (first + last) / 2, middle - 6, "note", "middle")
    else:
        middle, first = x + BOX / 2, (y + HIGH if down > 0 else y)
        last = first + down * (DOWN - HIGH)
        line = f"M{middle} {first}V{last}m{-HEAD} {-down * HEAD}l{HEAD} {down * HEAD}l{HEAD} {-down * HEAD}"
        words = text(label.text, middle + 8, (first + last) / 2 + 4, "note")
    return el("path", d=line, class_="joins") + link(words, label.href)

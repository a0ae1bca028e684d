"""What surrounds a thing, as a tree with two sides: what points at it at the left, what it points at at the right.

Neighbours are grouped by property, with how many there are; the number of those drawn is bounded, and a line leads to
the rest. Each name is a link, in reading order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from web.charts.svg import cut, drawing, el, link, text, width, wrap
from web.charts.values import Link

WIDTH = 900.0
ROW = 23.0
GROUP_GAP = 10.0
EACH = 6
GROUPS = 12


@dataclass(frozen=True)
class Branch:
    """Neighbours by one property: how it reads from the thing, how many there are in all, and some of them."""

    label: str
    nodes: tuple[Link, ...]
    total: int = 0
    href: str | None = None

    @property
    def count(self) -> int:
        """How many neighbours there are."""
        return max(self.total, len(self.nodes))


def tree_drawing(
    key: str,
    title: str,
    centre: str,
    incoming: Iterable[Branch],
    outgoing: Iterable[Branch],
    more: str | None = None,
) -> str:
    """Draw at most `EACH` neighbours of at most `GROUPS` properties on each side; `more` leads to all of them."""
    left, right = tuple(incoming)[:GROUPS], tuple(outgoing)[:GROUPS]
    lines = _lines(centre)
    tall = len(lines) * 18 + 16
    height = max(_height(left), _height(right), tall) + 16
    box = max(width(line, 15.5) for line in lines) / 2 + 14
    half = WIDTH / 2 if left and right else WIDTH - box - 2 if left else box + 2
    middle = height / 2
    parts = [_side(left, half, box, middle, (height - _height(left)) / 2, -1, more)]
    top = middle - tall / 2
    parts.append(el("rect", x=half - box, y=top, width=box * 2, height=tall, rx=4, class_="centre"))
    parts += [text(line, half, top + 21 + n * 18, "centre-words", "middle") for n, line in enumerate(lines)]
    parts.append(_side(right, half, box, middle, (height - _height(right)) / 2, 1, more))
    told = f"{sum(b.count for b in left)} incoming and {sum(b.count for b in right)} outgoing connections of {centre}"
    return drawing(key, title, told, (WIDTH, height), *parts)


def _lines(centre: str) -> list[str]:
    return wrap(centre, 185, 15.5, 4)


def _shown(branch: Branch) -> int:
    return min(len(branch.nodes), EACH) + (branch.count > EACH)


def _height(branches: tuple[Branch, ...]) -> float:
    return sum(ROW * (_shown(branch) + 1) + GROUP_GAP for branch in branches)


def _side(
    branches: tuple[Branch, ...],
    half: float,
    box: float,
    middle: float,
    top: float,
    way: int,
    more: str | None,
) -> str:
    parts, y = [], top
    edge = half + way * box
    stem = half + way * max(box + 34, 132.0)
    anchor = "end" if way < 0 else None
    room = (stem if way < 0 else WIDTH - stem) - 8
    for branch in branches:
        head = y + ROW / 2 + 4
        bend = (edge + stem) / 2
        d = f"M{edge:.1f} {middle:.1f}C{bend:.1f} {middle:.1f} {bend:.1f} {head:.1f} {stem:.1f} {head:.1f}"
        parts.append(el("path", d=d, class_="branch"))
        count = f" ({branch.count})" if branch.count > 1 else ""
        label = text(
            cut(branch.label, room - 40, 13.5) + count, stem + way * 5, head + 4.5, "branch-words", anchor
        )
        parts.append(link(label, branch.href))
        y += ROW
        for node in branch.nodes[:EACH]:
            shown = cut(node.text, room - 14, 14)
            name = text(shown, stem + way * 16, y + 15, "node", anchor)
            parts.append(link(name, node.href, node.text if shown != node.text else None))
            y += ROW
        if branch.count > EACH:
            rest = text(f"and {branch.count - EACH} more", stem + way * 16, y + 15, "rest", anchor)
            parts.append(link(rest, more))
            y += ROW
        y += GROUP_GAP
    return "".join(parts)

"""Horizontal bars: a label, a number, perhaps a link; the number stands at the end of its bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from web.charts.svg import drawing, el, link, text, width, wrap

WIDTH = 860.0
ROW = 30.0


@dataclass(frozen=True)
class Bar:
    """One bar; `shown` is the number as it is written, `kind` a class to draw it with."""

    label: str
    value: float
    shown: str = ""
    href: str | None = None
    kind: str = ""


def bars_drawing(key: str, title: str, bars: Iterable[Bar], size: float = WIDTH) -> str:
    """Draw bars from a common zero line, in the order given; numbers below zero lead to the left."""
    rows = tuple(bars)
    gutter = min(size * 0.46, max([width(bar.label, 14.5) for bar in rows], default=0) + 12)
    numbers = max([width(_shown(bar), 14) for bar in rows], default=0) + 10
    low, high = min([0.0, *(b.value for b in rows)]), max([0.0, *(b.value for b in rows)])
    room = size - gutter - numbers - (numbers if low < 0 else 0)
    scale = room / ((high - low) or 1)
    zero = gutter + (numbers if low < 0 else 0) - low * scale
    drawn = []
    for n, bar in enumerate(rows):
        y = n * ROW + 4
        length = abs(bar.value) * scale
        x = zero if bar.value >= 0 else zero - length
        label = text(wrap(bar.label, gutter - 10, 14.5, 1)[0], gutter - 10, y + 17, "bar-label", "end")
        end = (x + length + 6, None) if bar.value >= 0 else (x - 6, "end")
        drawn.append(link(label, bar.href))
        drawn.append(
            el(
                "rect",
                x=x,
                y=y + 3,
                width=max(length, 1.0),
                height=ROW - 12,
                class_=f"bar {bar.kind}".strip(),
            )
        )
        drawn.append(text(_shown(bar), end[0], y + 17, "number", end[1]))
    height = len(rows) * ROW + 8
    drawn.append(el("path", d=f"M{zero:.1f} 2V{height - 2:.1f}", class_="zero"))
    told = "; ".join(f"{bar.label}: {_shown(bar)}" for bar in rows)
    return drawing(key, title, told, (size, height), *drawn)


def _shown(bar: Bar) -> str:
    return bar.shown or f"{bar.value:g}"

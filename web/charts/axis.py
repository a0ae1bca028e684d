"""The time axis: from days to places, and the lines and years to read them by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from web.charts.svg import el, text

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEAR = 366


@dataclass(frozen=True)
class Axis:
    """Days from `first` to `last` between the places `left` and `right`."""

    first: date
    last: date
    left: float
    right: float

    def x(self, day: date) -> float:
        """Return the place of a day; days outside the axis are drawn at its ends."""
        whole = max(1, (self.last - self.first).days)
        part = min(1.0, max(0.0, (day - self.first).days / whole))
        return self.left + part * (self.right - self.left)

    def span(self, first: date | None, last: date | None, least: float = 0) -> tuple[float, float]:
        """Return the places of a span's ends, open ends at the ends of the axis, at least `least` apart."""
        a = self.left if first is None else self.x(first)
        b = self.right if last is None else self.x(last)
        if b - a < least:
            middle = (a + b) / 2
            middle = min(max(middle, self.left + least / 2), self.right - least / 2)
            a, b = middle - least / 2, middle + least / 2
        return a, b

    def ticks(self) -> list[tuple[date, str]]:
        """Return the days to mark, with their labels, not more than a dozen."""
        days = (self.last - self.first).days
        if days > 2.6 * _YEAR:
            step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if days / _YEAR / s <= 12)
            first = -(-self.first.year // step) * step
            years = range(max(first, step if step > 1 else 1), self.last.year + 1, step)
            found = [(date(year, 1, 1), str(year)) for year in years]
        else:
            step = 1 if days < 300 else 3 if days < 1.6 * _YEAR else 6
            found = [
                (day, f"{_MONTHS[day.month - 1]} {day.year}")
                for day in _months(self)
                if (day.month - 1) % step == 0
            ]
        return [(day, label) for day, label in found if self.first <= day <= self.last]

    def draw(self, top: float, bottom: float) -> str:
        """Return the lines of the axis with their labels above `top`."""
        drawn, free = [], -1e9
        for day, label in self.ticks():
            x = self.x(day)
            drawn.append(el("path", d=f"M{x:.1f} {top:.1f}V{bottom:.1f}", class_="grid"))
            half = len(label) * 3.7
            place = min(max(x, self.left + half - 8), self.right - half + 8)
            if place - half > free:
                drawn.append(text(label, place, top - 6, "tick", "middle"))
                free = place + half + 6
        return "".join(drawn)


def _months(axis: Axis) -> Iterator[date]:
    year, month = axis.first.year, axis.first.month
    while (day := date(year, month, 1)) <= axis.last:
        yield day
        if (year, month) == (9999, 12):
            return
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def axis_for(days: Iterable[date], left: float, right: float, pad: float = 0.04) -> Axis:
    """Return an axis that holds the days, with some room at both sides; without days, the year 2000."""
    found = sorted(days) or [date(2000, 1, 1), date(2000, 12, 31)]
    first, last = found[0], found[-1]
    room = timedelta(days=max(31, round((last - first).days * pad)))
    low = date.min if first - date.min <= room else first - room
    high = date.max if date.max - last <= room else last + room
    return Axis(low.replace(day=1), high, left, right)

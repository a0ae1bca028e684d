"""Days, months, seasons and years in a search: "27 March 2015", "summer 2013", "2013 to 2015", "before 2014". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from kg.dates import parse_edtf
from kg.errors import DateError
from kg.search.words import fold

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH = r"(?P<month>" + "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + r"|sept)\.?"
_SEASON = {"spring": 21, "summer": 22, "autumn": 23, "winter": 24}
_YEAR = r"(?P<year>(?:18|19|20)\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_EXPRESSIONS = tuple(
    re.compile(rf"(?<![\w-]){pattern}(?![\w-])")
    for pattern in (
        rf"{_YEAR}-(?P<m>\d\d)-(?P<day>\d\d)",
        rf"(?P<day>\d{{1,2}})[/.](?P<m>\d{{1,2}})[/.]{_YEAR}",
        rf"{_DAY}(?: of)? {_MONTH},? {_YEAR}",
        rf"{_MONTH} {_DAY},? {_YEAR}",
        rf"{_MONTH},? {_YEAR}",
        rf"(?P<season>{'|'.join(_SEASON)}) {_YEAR}",
        rf"{_YEAR}-(?P<m>\d\d)",
        rf"(?:between )?{_YEAR}(?: ?[-–] ?| to | and )(?P<last>(?:18|19|20)\d\d)",
        rf"(?:(?P<side>since|after|before|until) )?{_YEAR}",
    )
)
_WRITTEN = {*_MONTHS, *(month[:3] for month in _MONTHS), "sept"}
_FIRST, _LAST = "0001-01-01", "9999-12-31"


@dataclass(frozen=True)
class Period:
    """Days that a person typed: the text as it stood (folded), the first and the last day (ISO 8601), both included."""

    typed: str
    first: str
    last: str

    @property
    def words(self) -> str:
        """What was typed, with the months as they are written."""
        return " ".join(w.capitalize() if w.rstrip(",.") in _WRITTEN else w for w in self.typed.split())

    def holds(self, first: str, last: str) -> bool:
        """Whether a date surely lies in it: one with both ends known, and both inside."""
        return bool(first and last) and self.first <= first and last <= self.last

    def meets(self, first: str, last: str) -> bool:
        """Whether a date can lie in it; of one that has one end only, where that end does."""
        return (first or last) <= self.last and self.first <= (last or first)


def periods(query: str) -> tuple[tuple[Period, ...], str]:
    """Return the periods in a query and what is left of it, folded; what is no day of the calendar is left there.

    >>> periods("Director, March 2015")
    ((Period(typed='march 2015', first='2015-03-01', last='2015-03-31'),), 'director,')
    >>> periods("31 February 2015")[0]
    (Period(typed='february 2015', first='2015-02-01', last='2015-02-28'),)
    """
    rest = fold(query)
    found: list[Period] = []
    for expression in _EXPRESSIONS:
        for match in list(expression.finditer(rest)):
            period = _period(match)
            if period is not None:
                found.append(period)
                rest = rest.replace(match[0], " ", 1)
    return tuple(found), " ".join(rest.split())


def _period(match: re.Match[str]) -> Period | None:
    parts = match.groupdict()
    year, typed = parts["year"], match[0]
    if parts.get("last"):
        first, last = sorted((year, parts["last"]))
        return Period(typed, f"{first}-01-01", f"{last}-12-31")
    edtf = year
    if parts.get("season"):
        edtf += f"-{_SEASON[parts['season']]}"
    elif parts.get("month") or parts.get("m"):
        month = int(parts["m"]) if parts.get("m") else _month(parts["month"])
        edtf += f"-{month:02}" + (f"-{int(parts['day']):02}" if parts.get("day") else "")
        if month > 12:
            return None
    try:
        meant = parse_edtf(edtf)
    except DateError:
        return None
    first, last = _iso(meant.earliest, _FIRST), _iso(meant.latest, _LAST)
    side = parts.get("side")
    if side in ("since", "after"):
        return Period(typed, first if side == "since" else _iso(date(int(year) + 1, 1, 1), _FIRST), _LAST)
    if side in ("before", "until"):
        return Period(typed, _FIRST, last if side == "until" else _iso(date(int(year) - 1, 12, 31), _LAST))
    return Period(typed, first, last)


def share(first: str, last: str, period: Period) -> float:
    """Return how much of the days from first to last (ISO, inclusive) lies in a period that they meet: up to 1.

    Of a date with an open end (an empty text) that is nothing: how long it is nobody knows.

    >>> share("2015-03-01", "2015-03-31", periods("27 March 2015")[0][0]) < 0.04
    True
    >>> share("", "2015-03-31", periods("March 2015")[0][0])
    0.0
    """
    if not (first and last):
        return 0.0
    if period.holds(first, last):
        return 1.0
    start, end, begin, close = (
        date.fromisoformat(day).toordinal() for day in (first, last, period.first, period.last)
    )
    return (min(end, close) - max(start, begin) + 1) / (end - start + 1)


def _month(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _iso(day: date | None, default: str) -> str:
    return default if day is None else day.isoformat()

"""Partial dates: EDTF expression, IRI of the date node, and the days it can mean.

The profile, of EDTF (ISO 8601-2:2019) level 1 and one form of level 2:

    2015-03-27   2015-03   2015   2013-22 (a season, 21 to 24)      a day, month, year, season
    2013-04~                                                       about then: the same bounds, marked approximate
    2015-01-20/2015-02-11   2014-11/..   ../2014-11                 lasting from .. to .., `..` is an open end
    [2015-03-27..2015-03-31]   [..2014-10]   [2015-03..]            one unknown day of a span

Each expression has one IRI and each IRI one expression (`iri_of`, `edtf_of`). Seasons and `~` mean what
`ontology/edtf.ttl` says; a test compares `SEASONS` with it. Bounds are inclusive; an open end has none. Years 0001
to 9999.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode, Quad

from kg.errors import DateError
from kg.namespaces import EDTF, GRAPH, ID, RDF, RDFS, SG, XSD

SEASONS: dict[int, tuple[str, int, int]] = {
    21: ("spring", 3, 5),
    22: ("summer", 6, 8),
    23: ("autumn", 9, 11),
    24: ("winter", 12, 2),
}
"""EDTF code to name, first and last month; a last month before the first is in the next year. See ontology/edtf.ttl."""

_MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
_PREFIX = str(ID) + "date-"
_POINT = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_EXPECTED = (
    "expected YYYY, YYYY-MM, YYYY-MM-DD or YYYY-21 to YYYY-24, with ~ for about; A/B, [A..B], [..A] or [A..]"
)


@dataclass(frozen=True)
class EdtfDate:
    """What an expression means: `earliest` and `latest` day, inclusive, `None` where open.

    `kind` is `day`, `month`, `year`, `season`, `span` (lasting from .. to ..) or `one-of` (one unknown day of a span).
    """

    edtf: str
    kind: str
    earliest: date | None
    latest: date | None
    approximate: bool = False


def parse_edtf(text: str) -> EdtfDate:
    """Parse an expression of the profile. Raises `DateError` that says what was expected.

    >>> parse_edtf("2013-24").latest, parse_edtf("2013-04~").approximate, parse_edtf("[..2014-10]").earliest
    (datetime.date(2014, 2, 28), True, None)
    >>> parse_edtf("2015-02-29")
    Traceback (most recent call last):
    kg.errors.DateError: '2015-02-29' is not a date: February 2015 has 28 days
    """
    if text.startswith("[") and text.endswith("]") and text.count("..") == 1:
        first, last = text[1:-1].split("..")
        return _pair(text, "one-of", first, last)
    if text.count("/") == 1:
        first, last = text.split("/")
        if not first or not last:
            raise DateError(text, "an unknown end is not in the profile; an open end is written ..")
        return _pair(text, "span", first.replace("..", ""), last.replace("..", ""))
    return _point(text, text)


def _pair(text: str, kind: str, first: str, last: str) -> EdtfDate:
    if not first and not last:
        raise DateError(text, "both ends are open")
    start = _point(first, text) if first else None
    end = _point(last, text) if last else None
    if kind == "one-of" and any(part and part.approximate for part in (start, end)):
        raise DateError(text, "~ has no meaning inside [ ]")
    if start and end and _day(start.earliest) > _day(end.latest):
        raise DateError(text, f"{first} is after {last}")
    if start and end and first == last:
        raise DateError(text, f"both ends are the same: write {first}")
    return EdtfDate(
        text,
        kind,
        start.earliest if start else None,
        end.latest if end else None,
        any(part is not None and part.approximate for part in (start, end)),
    )


def _day(day: date | None) -> date:
    assert day is not None
    return day


def _point(part: str, text: str) -> EdtfDate:
    plain = part.removesuffix("~")
    match = _POINT.fullmatch(plain)
    if not match or not plain.isascii():
        extra = "; ?, % and X are not in the profile" if re.search(r"[?%X]", part) else ""
        raise DateError(text, _EXPECTED + extra)
    year, month, day = (int(group) if group else None for group in match.groups())
    assert year is not None
    if year == 0:
        raise DateError(text, "the year 0000 is not in the profile")
    approximate = part.endswith("~")
    if month is None:
        return EdtfDate(part, "year", date(year, 1, 1), date(year, 12, 31), approximate)
    if month in SEASONS and day is None:
        _, first, last = SEASONS[month]
        until = year + (last < first)
        if until > 9999:
            raise DateError(text, "it ends after the year 9999")
        return EdtfDate(part, "season", date(year, first, 1), _month_end(until, last), approximate)
    if not 1 <= month <= 12:
        raise DateError(text, f"there is no month {month:02}" + ("" if day else " (seasons are 21 to 24)"))
    if day is None:
        return EdtfDate(part, "month", date(year, month, 1), _month_end(year, month), approximate)
    if not 1 <= day <= _month_end(year, month).day:
        days = _month_end(year, month).day
        raise DateError(text, f"{_MONTHS[month - 1]} {year} has {days} days")
    found = date(year, month, day)
    return EdtfDate(part, "day", found, found, approximate)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def is_date_iri(iri: str) -> bool:
    """Tell whether an absolute IRI is in the space of dates, whether or not it is well formed."""
    return iri.startswith(_PREFIX)


def iri_of(edtf: str) -> str:
    """Return the absolute IRI of a date node. Raises `DateError` for what is not in the profile.

    >>> iri_of("[2015-03-27..2015-03-31]")
    'https://w3id.org/scrutiny-graph/id/date-any-2015-03-27_2015-03-31'
    """
    kind = parse_edtf(edtf).kind
    if kind == "one-of":
        first, last = edtf[1:-1].split("..")
        name = f"any-{first}_{last}" if first and last else f"from-{first}" if first else f"by-{last}"
    elif kind == "span":
        name = "span-" + "_".join("open" if end == ".." else _local(end) for end in edtf.split("/"))
    else:
        name = _local(edtf)
    return _PREFIX + name


def _local(point: str) -> str:
    return f"about-{point[:-1]}" if point.endswith("~") else point


def _unlocal(name: str) -> str:
    return name.removeprefix("about-") + "~" if name.startswith("about-") else name


def edtf_of(iri: str) -> str:
    """Return the expression that the absolute IRI of a date node stands for.

    Raises `DateError` for an IRI that is no date, and for one that `iri_of` would write in another way.

    >>> edtf_of("https://w3id.org/scrutiny-graph/id/date-span-2014-11_open")
    '2014-11/..'
    >>> edtf_of("https://w3id.org/scrutiny-graph/id/date-2014-13")
    Traceback (most recent call last):
    kg.errors.DateError: 'id:date-2014-13' is not a date: there is no month 13 (seasons are 21 to 24)
    """
    if not iri.startswith(_PREFIX):
        raise DateError(iri, f"expected an IRI that begins with {_PREFIX}")
    name = iri.removeprefix(_PREFIX)
    form, _, rest = name.partition("-")
    first, underscore, last = rest.partition("_")
    if form == "by":
        found = f"[..{rest}]"
    elif form == "from":
        found = f"[{rest}..]"
    elif form == "any" and underscore:
        found = f"[{first}..{last}]"
    elif form == "span" and underscore:
        found = "/".join(".." if end == "open" else _unlocal(end) for end in (first, last))
    else:
        found = _unlocal(name)
    shown = f"id:date-{name}"
    try:
        canonical = iri_of(found)
    except DateError as error:
        raise DateError(shown, error.reason) from None
    if canonical != iri:
        raise DateError(shown, f"the date {found} is id:{canonical.removeprefix(str(ID))}")
    return found


def date_quads(iris: Iterable[str]) -> list[Quad]:
    """Describe date nodes for `graph:dates`: expression, bounds, label; sorted by IRI, one description each.

    Raises `DateError` for an IRI that is no date.
    """
    found: list[Quad] = []
    for iri in sorted(set(iris)):
        node, value = NamedNode(iri), parse_edtf(edtf_of(iri))
        found.append(Quad(node, RDF.type, SG.Date, GRAPH.dates))
        found.append(Quad(node, RDFS.label, Literal(in_words(value.edtf), language="en"), GRAPH.dates))
        found.append(Quad(node, SG.edtf, Literal(value.edtf, datatype=EDTF.EDTF), GRAPH.dates))
        for predicate, day in ((SG.earliest, value.earliest), (SG.latest, value.latest)):
            if day is not None:
                found.append(Quad(node, predicate, Literal(day.isoformat(), datatype=XSD.date), GRAPH.dates))
        if value.approximate:
            found.append(Quad(node, SG.approximate, Literal("true", datatype=XSD.boolean), GRAPH.dates))
    return found


def in_words(edtf: str) -> str:
    """Say an expression in English. Raises `DateError`.

    >>> [in_words(text) for text in ("2015-03-27", "2013-04~", "2013-22", "2013-24")]
    ['27 March 2015', 'about April 2013', 'summer 2013', 'winter 2013/14']
    >>> [in_words(text) for text in ("[2015-03-27..2015-03-31]", "[..2014-10]", "[2015-03..]")]
    ['some day from 27 to 31 March 2015', 'by October 2014', 'March 2015 or later']
    >>> [in_words(text) for text in ("2014-12/2015-01", "2014-11/..", "../2015")]
    ['from December 2014 to January 2015', 'from November 2014, no end known', 'until 2015, no start known']
    """
    value = parse_edtf(edtf)
    if value.kind == "one-of":
        first, last = edtf[1:-1].split("..")
        if not first:
            return f"by {_point_words(last)}"
        if not last:
            return f"{_point_words(first)} or later"
        return f"some day from {_both(first, last)}"
    if value.kind == "span":
        first, last = edtf.split("/")
        if first == "..":
            return f"until {_point_words(last)}, no start known"
        if last == "..":
            return f"from {_point_words(first)}, no end known"
        return f"from {_both(first, last)}"
    return _point_words(edtf)


def _point_words(edtf: str) -> str:
    if edtf.endswith("~"):
        return f"about {_point_words(edtf[:-1])}"
    year, month, day = [*edtf.split("-"), "", ""][:3]
    shown = str(int(year))
    if not month:
        return shown
    if int(month) in SEASONS:
        name, first, last = SEASONS[int(month)]
        return f"{name} {shown}" + (f"/{(int(year) + 1) % 100:02}" if last < first else "")
    words = f"{_MONTHS[int(month) - 1]} {shown}"
    return f"{int(day)} {words}" if day else words


def _both(first: str, last: str) -> str:
    """Say two points with "to" between, and what they share only once."""
    one, two = _point_words(first).split(), _point_words(last).split()
    if len(one) == len(two) and "about" not in one + two:
        shared = 0
        while shared < len(one) - 1 and one[-1 - shared] == two[-1 - shared]:
            shared += 1
        one = one[: len(one) - shared]
    return f"{' '.join(one)} to {' '.join(two)}"

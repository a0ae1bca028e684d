"""The dates of things and of claims as their sources give them: each with its property, none picked over another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.dates import in_words
from kg.labels import term_in_words
from kg.namespaces import SG
from kg.queries import Queryable, select, value_of

PLAIN = frozenset({SG.time, SG.notBefore, SG.notAfter})
"""Properties whose dates say in words what they are: "summer 2013", "by 31 March 2015"."""


@dataclass(frozen=True, order=True)
class Dated:
    """One date: the days that it can mean (ISO 8601, inclusive, empty where open), its expression, its property."""

    earliest: str
    latest: str
    edtf: str
    property: str

    def years(self) -> range:
        """The years that it can be in; of a date with one end, the year of that end."""
        first, last = self.earliest or self.latest, self.latest or self.earliest
        return range(int(first[:4]), int(last[:4]) + 1) if first else range(0)

    def sure_years(self) -> range:
        """The years that it is in for sure: it lies in one as a whole, or lasts through several.

        >>> bound, winter = Dated("", "2015-03-31", "", ""), Dated("2013-12-01", "2014-02-28", "2013-24", "")
        >>> list(bound.sure_years()), list(winter.sure_years()), list(winter.years())
        ([], [], [2013, 2014])
        """
        known = bool(self.earliest and self.latest)
        return self.years() if known and (len(self.years()) == 1 or "/" in self.edtf) else range(0)


def read_dated(store: Queryable) -> dict[NamedNode, tuple[Dated, ...]]:
    """Return the different dates of every thing and every claim that has any, in order of time."""
    found: dict[NamedNode, set[Dated]] = defaultdict(set)
    for thing, prop, edtf, earliest, latest in select(store, "browse_dates"):
        if isinstance(thing, NamedNode):
            found[thing].add(Dated(value_of(earliest), value_of(latest), edtf.value, prop.value))
    return {thing: tuple(sorted(dates, key=in_time)) for thing, dates in found.items()}


def in_time(date: Dated) -> tuple[str, str, str, str]:
    """Return what dates are sorted by: the first day that they name, then the last."""
    return date.earliest or date.latest, date.latest, date.edtf, date.property


def span(dates: Iterable[Dated]) -> tuple[str, str]:
    """Return the first and the last day that dates name for an earliest and a latest; empty where none names one.

    >>> span([Dated("", "2015-03-31", "[..2015-03-31]", "")])
    ('', '2015-03-31')
    >>> june, summer = (Dated("2013-06-01", f"2013-0{n}", "", "") for n in ("6-30", "8-31"))
    >>> span([june, summer])
    ('2013-06-01', '2013-08-31')
    """
    known = list(dates)
    return (
        min((date.earliest for date in known if date.earliest), default=""),
        max((date.latest for date in known if date.latest), default=""),
    )


def dates_in_words(dates: Iterable[Dated], names: Mapping[NamedNode, str]) -> str:
    """Say every date, with its property where the words of the date do not tell what it is.

    >>> dates_in_words([Dated("", "2015-03-31", "[..2015-03-31]", SG.notAfter.value)], {})
    'by 31 March 2015'
    """
    said: dict[str, None] = {}
    for date in dates:
        prop, words = NamedNode(date.property), in_words(date.edtf)
        said[words if prop in PLAIN else f"{term_in_words(prop, names)} {words}"] = None
    return "; ".join(said)

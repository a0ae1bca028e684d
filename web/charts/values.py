"""What the drawings are made from: links, table cells, dates with their precision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kg.dates import edtf_of, in_words, is_date_iri, parse_edtf
from kg.errors import DateError


@dataclass(frozen=True)
class Link:
    """A text that leads to an address of this site; `name` says more where the text recurs, and begins with it.

    `by` says whose words the text is: in a cell it stands once before the links that share it.
    """

    text: str
    href: str
    name: str = ""
    by: str = ""


Piece = str | Link
Cell = Piece | tuple[Piece, ...]
"""A table cell: a text, a link, or several of them, one below the other."""


@dataclass(frozen=True)
class Table:
    """The data of a drawing: headings, rows of as many cells; the first cell of a row is its heading."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells for {len(self.columns)} columns")


@dataclass(frozen=True)
class When:
    """A date as a source tells it: the days that it can mean, inclusive, `None` where open.

    `lasting` is true of what goes on from the first day to the last; else it is one unknown day among them.
    """

    earliest: date | None
    latest: date | None
    words: str
    approximate: bool = False
    lasting: bool = False

    @property
    def exact(self) -> bool:
        """Whether it is one known day."""
        return self.earliest is not None and self.earliest == self.latest and not self.approximate

    @property
    def days(self) -> tuple[date, ...]:
        """The bounds that are known."""
        return tuple(day for day in (self.earliest, self.latest) if day is not None)

    @property
    def order(self) -> tuple[date, date]:
        """A key that puts the first possible day first."""
        days = self.days or (date.max,)
        return days[0], days[-1]


def parse_when(text: str) -> When | None:
    """Read the IRI of a date, or an EDTF expression such as an ISO day; `None` for anything else.

    >>> parse_when("2014-10").latest
    datetime.date(2014, 10, 31)
    >>> parse_when("https://w3id.org/scrutiny-graph/id/date-by-2014-10").words, parse_when("soon")
    ('by October 2014', None)
    """
    try:
        found = parse_edtf(edtf_of(text) if is_date_iri(text) else text)
    except DateError:
        return None
    return When(found.earliest, found.latest, in_words(found.edtf), found.approximate, found.kind == "span")

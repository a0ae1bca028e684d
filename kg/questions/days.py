"""A day as people write it: "1 June 2014", "June 1st, 2014", "1/6/2014" (the day first), "2014-06-01"."""

from __future__ import annotations

import re
from datetime import date

from pyoxigraph import Literal

from kg.errors import ParameterError
from kg.labels import term_in_words
from kg.namespaces import XSD
from kg.search.dates import periods
from kg.terms import parse_literal

EXPECTED = "a day such as 1 June 2014 or 2014-06-01"

_ISO = re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*")
_WEEKDAY = re.compile(r"^(mon|tues|wednes|thurs|fri|satur|sun)day\b[\s,]*", re.IGNORECASE)


def parse_day(text: str, field: str) -> Literal:
    """Read a day; `field` is named in the error. Raises `ParameterError`, which for a month or a year names days of it.

    >>> parse_day("Sunday, 1st June 2014", "day").value, parse_day("1/6/2014", "day").value
    ('2014-06-01', '2014-06-01')
    """
    if _ISO.fullmatch(text):
        return parse_literal(text, XSD.date, field)
    found, rest = periods(_WEEKDAY.sub("", text.strip()))
    if len(found) != 1 or rest.strip(" ,."):
        raise ParameterError(field, text, "is not a day", EXPECTED)
    first, last = (Literal(day, datatype=XSD.date) for day in (found[0].first, found[0].last))
    if first == last:
        return first
    ends = [day for day in (first, last) if date.min < date.fromisoformat(day.value) < date.max]
    near = [(day.value, term_in_words(day, {})) for day in ends]
    named = " or ".join(words for _, words in near)
    raise ParameterError(field, text, "is more than one day", f"one day, such as {named}", near)

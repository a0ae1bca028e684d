"""Figures in words: a number with its unit or currency, of what, over which period. The one place for that.

Pure. What sources say differently stays side by side, joined by "or".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from kg.labels import duration_in_words, number_in_words, term_in_words
from kg.namespaces import SCHEMA, SG, XSD
from kg.terms import Term

UNIT_COLUMNS = ("unit", "currency")
"""Names of columns that say in what the column before them is counted; of several, `partOfCurrency` after `partOf`."""

FIGURE_PROPERTIES = (
    SCHEMA.value, SCHEMA.unitText, SCHEMA.currency, SCHEMA.minValue, SCHEMA.maxValue, SG.population, SG.periodLength,
    SG.periodEnd,
)  # fmt: skip
"""What `figure_in_words` takes."""

NUMBERS = frozenset({XSD.integer, XSD.decimal, XSD.double, XSD.nonNegativeInteger})
SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}
_SINGULAR = re.compile(r"(?<=[a-z])s\b(?=[^a-z]*$)")


def is_number(term: object) -> bool:
    """Whether a term is a number that a unit may follow."""
    return isinstance(term, Literal) and term.datatype in NUMBERS


def amount(value: str, unit: str = "", currency: str = "") -> str:
    """Return a number with its unit or currency.

    >>> amount("75", "%"), amount("741000", currency="GBP"), amount("12.5", currency="SEK"), amount("5", "directors")
    ('75 %', '£741,000', 'SEK 12.5', '5 directors')
    >>> amount("1", "directors"), amount("1500", "£"), amount("420")
    ('1 director', '£1,500', '420')
    """
    number = _set_apart(value)
    if not currency and (unit in SIGNS or unit in SIGNS.values()):
        currency, unit = unit, ""
    if currency:
        sign = SIGNS.get(currency, currency)
        number = f"{sign}{'' if len(sign) == 1 else ' '}{number}"
    if unit and value in ("1", "1.0"):
        unit = _SINGULAR.sub("", unit)
    return f"{number} {unit}".rstrip()


def _set_apart(value: str) -> str:
    """Set thousands apart from four digits on: what has a unit is no year."""
    whole, dot, rest = value.partition(".")
    return f"{int(whole):,}{dot}{rest}" if re.fullmatch(r"[0-9]{4,}", whole) else number_in_words(value)


def figure_in_words(
    told: Mapping[NamedNode, Sequence[Term]], names: Mapping[NamedNode, str], *, with_context: bool = True
) -> str:
    """Return what is told of a figure as one phrase, the empty text where no number is told.

    `told` are its values by property (`FIGURE_PROPERTIES`). Without context it is the amount alone.

    >>> figure_in_words({SCHEMA.value: [Literal("5", datatype=XSD.integer)], SCHEMA.unitText: [Literal("directors")],
    ...     SG.periodLength: [Literal("P5Y", datatype=XSD.duration)]}, {})
    '5 directors over 5 years'
    """
    units, currencies = _words(told, SCHEMA.unitText, names), _words(told, SCHEMA.currency, names)
    # Two units for one number cannot be told apart here: then the number stands alone, the units beside it.
    unit = units[0] if len(units) == 1 else ""
    currency = currencies[0] if len(currencies) == 1 else ""
    values = [
        amount(t.value, unit, currency) if is_number(t) else t.value for t in told.get(SCHEMA.value, ())
    ]
    phrase = " or ".join(dict.fromkeys(values))
    least, most = ([t.value for t in told.get(p, ())] for p in (SCHEMA.minValue, SCHEMA.maxValue))
    if len(least) == len(most) == 1 and least != most:
        span = f"{_set_apart(least[0])} to {_set_apart(most[0])}"
        phrase = f"{phrase} (from {span})" if phrase else amount(span, unit, currency)
    if not phrase or not with_context:
        return phrase
    population = _words(told, SG.population, names)
    if unit == "%" and population:
        phrase += f" of “{' or '.join(population)}”"
    period = [duration_in_words(t.value) for t in told.get(SG.periodLength, ())]
    if period:
        phrase += f" over {' or '.join(period)}"
    ends = _words(told, SG.periodEnd, names)
    return f"{phrase}, to {' or '.join(ends)}" if ends else phrase


def _words(
    told: Mapping[NamedNode, Sequence[Term]], prop: NamedNode, names: Mapping[NamedNode, str]
) -> list[str]:
    return list(dict.fromkeys(term_in_words(term, names) for term in told.get(prop, ())))


def unit_column(columns: Sequence[str], name: str) -> str | None:
    """Return the column that says in what the column `name` is counted, `None` if none does.

    >>> unit_column(("target", "unit", "of"), "target"), unit_column(("target", "unit", "of"), "of")
    ('unit', None)
    >>> unit_column(("partOf", "partOfCurrency"), "partOf")
    'partOfCurrency'
    """
    place = columns.index(name) + 1 if name in columns else len(columns)
    after = columns[place] if place < len(columns) else None
    return after if after in (*UNIT_COLUMNS, *(f"{name}{unit.title()}" for unit in UNIT_COLUMNS)) else None


def joined(columns: Sequence[str], values: Mapping[str, Term | None], name: str) -> str | None:
    """Return the number in a column of a row with its unit, `None` where there is no number or no unit."""
    beside, term = unit_column(columns, name), values.get(name)
    said = values.get(beside) if beside is not None else None
    if beside is None or said is None or not isinstance(term, Literal) or not is_number(term):
        return None
    words = term_in_words(said, {})
    return (
        amount(term.value, currency=words)
        if beside.lower().endswith("currency")
        else amount(term.value, words)
    )

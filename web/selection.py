"""What an address below `/browse` selects: its parameters read, and offered as the fields of a form.

`?body=…&year=…` in the order of `kg.facets.FACETS`, then `sort`, `offset` and `format`: each combination has one
address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from kg.errors import ParameterError
from kg.facets import FACETS, Facets, Value
from kg.namespaces import ID, SGV, curie
from kg.terms import parse_iri

TITLES = {
    "body": "Body",
    "person": "Person",
    "year": "Year",
    "article": "Source",
    "voice": "Voice",
    "kind": "Kind of assertion",
    "grade": "Grade",
}
SORTS = {"name": "name", "earliest": "date, earliest first", "latest": "date, latest first"}
_SPACE = {"kind": SGV, "grade": SGV}


@dataclass(frozen=True)
class Option:
    """A value of a field: what is sent, what is read, how many results it has, whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Field:
    """A facet as a form field; `error` says what is wrong with what was given, `given` keeps it."""

    name: str
    title: str
    options: tuple[Option, ...]
    given: str = ""
    error: str = ""


@dataclass(frozen=True)
class Chip:
    """A chosen value, and the address of the selection without it."""

    title: str
    label: str
    without: str


def value_of(facets: Facets, name: str, text: str) -> Value:
    """Return the value of a facet that a text stands for. Raises `ParameterError` for one that no claim has."""
    known = facets.known(name)
    if name == "year":
        if not (len(text) == 4 and text.isascii() and text.isdigit()):
            raise ParameterError(name, text, "is no year", "four digits such as 2015")
        return int(text)
    space = _SPACE.get(name, ID)
    for iri in (parse_iri(text), _local(space, text)):
        if iri in known:
            return iri
    slugs = sorted(slug(value) for value in known)
    few = ", ".join(slugs[:12]) + (f" and {len(slugs) - 12} more" if len(slugs) > 12 else "")
    raise ParameterError(name, text, "has no claims here", f"one of {few}")


def slug(value: Value) -> str:
    """Return a value as an address has it: a year, or the local name of an IRI of ours.

    >>> slug(2015), slug(ID.ofsted), slug(SGV.opinion)
    ('2015', 'ofsted', 'opinion')
    """
    if isinstance(value, int):
        return str(value)
    for space in (ID, SGV):
        if value in space:
            return value.value.removeprefix(str(space))
    return curie(value)


def address(path: str, chosen: Mapping[str, str], **more: object) -> str:
    """Return the address of a selection: facets in their order, then what else is given and not empty."""
    pairs = [(name, chosen[name]) for name in FACETS if chosen.get(name)]
    pairs += [(name, str(value)) for name, value in more.items() if value not in ("", None, 0)]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def fields(
    counts: Mapping[str, Mapping[Value, int]],
    chosen: Mapping[str, str],
    words: Mapping[str, str],
    names: Mapping[NamedNode, str],
    error: ParameterError | None = None,
) -> list[Field]:
    """Return the fields that have something to offer, values with most results first, years in their order."""
    found = []
    for name in FACETS:
        now = chosen.get(name, "")
        options = _options(name, counts.get(name, {}), now, names)
        if now and not any(option.chosen for option in options):
            options = (*options, Option(now, words.get(name, now), 0, True))
        wrong = error is not None and error.field == name
        if len(options) > 1 or now or wrong:
            message = f"“{now}” {error.problem}. Expected: {error.allowed}." if wrong and error else ""
            found.append(Field(name, TITLES[name], options, now, message))
    return found


def _options(
    name: str, counts: Mapping[Value, int], now: str, names: Mapping[NamedNode, str]
) -> tuple[Option, ...]:
    made = [Option(slug(value), _label(value, names), n, slug(value) == now) for value, n in counts.items()]
    made.sort(key=lambda o: (o.value,) if name == "year" else (-o.count, o.label))
    return tuple(made)


def chips(path: str, chosen: Mapping[str, str], labels: Mapping[str, str], sort: str) -> list[Chip]:
    """Return what is chosen, each with the way back."""
    return [
        Chip(
            TITLES[name],
            labels.get(name, text),
            address(path, {n: t for n, t in chosen.items() if n != name}, sort=sort),
        )
        for name, text in chosen.items()
    ]


def _label(value: Value, names: Mapping[NamedNode, str]) -> str:
    return str(value) if isinstance(value, int) else names.get(value, curie(value))


def terms_of(counts: Mapping[str, Mapping[Value, int]]) -> Iterable[NamedNode]:
    """Return every IRI among the values, for their labels."""
    return {value for several in counts.values() for value in several if isinstance(value, NamedNode)}


def _local(space: object, text: str) -> NamedNode | None:
    try:
        return NamedNode(f"{space}{text}") if text.isascii() and not any(map(str.isspace, text)) else None
    except ValueError:
        return None

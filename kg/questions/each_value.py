"""A stored question asked for several values of a parameter: one query, with a column that says which value is meant.

A VALUES block of two days would give the rows of both days and leave the day out. So the question is asked once for
each combination of values, as the branches of a UNION, each of which binds its values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from kg.errors import ParameterError
from kg.namespaces import PREFIXES
from kg.query_tokens import prologue
from kg.terms import Term, bind, prefixes_used

MOST = 24
"""How many combinations of values one answer holds."""

Bound = Mapping[str, Sequence[Term | None]]


def several(bound: Bound) -> list[str]:
    """Return the names of the parameters that have more than one value, in their order."""
    return [name for name, terms in bound.items() if len(terms) > 1]


def combinations(bound: Bound) -> list[dict[str, Term | None]]:
    """Return every combination of values, those of the first parameter varying slowest.

    Raises `ParameterError` for more than `MOST`: each is a query of its own.
    """
    size = 1
    for terms in bound.values():
        size *= len(terms)
    if size > MOST:
        name = max(bound, key=lambda name: len(bound[name]))
        problem = f"makes {size} combinations of values"
        raise ParameterError(name, f"{len(bound[name])} values", problem, f"at most {MOST} in one question")
    return [dict(zip(bound, terms, strict=True)) for terms in product(*bound.values())]


def for_each(query: str, bound: Bound, variables: Sequence[str]) -> str:
    """Return a query that answers `query` for each combination of values, with a column for each that varies.

    `variables` are those that `query` selects, in order; a column that it has already is not made twice.
    """
    names = several(bound)
    rest = prologue(query)[2]
    head, body = query[: rest[0].start], query[rest[0].start :].rstrip()
    blocks = " ".join(f"VALUES ?{name} {{ UNDEF }}" for name in names)
    branches = [
        "  { " + bind(f"{head}{blocks}\n{{ {body}\n}}", combination)[len(head) :] + " }"
        for combination in combinations(bound)
    ]
    columns = " ".join(f"?{name}" for name in (*names, *(v for v in variables if v not in names)))
    text = "SELECT " + columns + " WHERE {\n" + "\n  UNION\n".join(branches) + "\n}\n"
    declared = "".join(
        f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n"
        for prefix in sorted(prefixes_used(text) & PREFIXES.keys())
        if f"PREFIX {prefix}:" not in head
    )
    return declared + head + text

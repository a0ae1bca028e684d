"""Query results for the page: rows of terms with labels, read from what a worker serialised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox
from pyoxigraph import NamedNode

from kg.labels import labels
from kg.queries import Queryable

SHOWN = 100
"""How many rows a page shows; the whole answer can be downloaded."""


@dataclass(frozen=True)
class Table:
    """An answer as a table: `boolean` for an ASK; `found` are all rows, `rows` those of the page."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    total: int = 0
    boolean: bool | None = None
    is_graph: bool = False
    names: Mapping[NamedNode, str] = field(default_factory=dict)
    found: tuple[tuple[object, ...], ...] = ()


def read_results(store: Queryable, body: bytes, is_graph: bool, start: int = 0) -> Table:
    """Read SPARQL JSON results, or N-Triples, into a table with a label for every IRI shown, from row `start` on."""
    if is_graph:
        triples = [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]
        found = [(t.subject, t.predicate, t.object) for t in triples]
        columns: tuple[str, ...] = ("subject", "property", "value")
    else:
        parsed = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
        if isinstance(parsed, ox.QueryBoolean):
            return Table(boolean=bool(parsed), total=1)
        columns = tuple(variable.value for variable in parsed.variables)
        found = [tuple(solution) for solution in parsed]
    shown = tuple(found[start : start + SHOWN])
    names = labels(store, {term for row in shown for term in row})
    return Table(columns, shown, len(found), None, is_graph, names, tuple(found))

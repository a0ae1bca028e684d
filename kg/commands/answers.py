"""How `kg query` prints an answer: a table for a person, or a format for a program."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from kg.errors import KgError

if TYPE_CHECKING:
    from kg.results import Row

ROWS = ("json", "xml", "csv", "tsv")
GRAPHS = ("turtle", "trig", "jsonld", "nt", "nq", "rdfxml")
UNLIMITED = sys.maxsize
Names = Callable[[set[Any]], Mapping[Any, str]]
"""Finds labels of IRIs."""


def written(
    result: Any, text: str, form: str | None, names: Names | None, *, in_order: bool = False
) -> bytes:
    """Return the answer to a query as it is printed; a table for a person is printed at once."""
    import pyoxigraph as ox

    if isinstance(result, ox.QuerySolutions):
        columns = ordered(text, [variable.value for variable in result.variables])
        rows = (tuple(solution[name] for name in columns) for solution in result)
        if form in (None, "table"):
            show_table(columns, list(rows), names)
            return b""
        from kg.results import write_rows

        return write_rows(columns, rows, fitting(form, ROWS), UNLIMITED, UNLIMITED).body
    if isinstance(result, ox.QueryBoolean):
        if form in (None, "table"):
            return b"true\n" if result else b"false\n"
        from kg.results import write_boolean

        return write_boolean(bool(result), fitting(form, ("json", "xml"))).body
    from kg.namespaces import PREFIXES
    from kg.results import write_triples

    chosen = "turtle" if form in (None, "table") else fitting(form, GRAPHS)
    return write_triples(result, chosen, UNLIMITED, UNLIMITED, PREFIXES, in_order=in_order).body


def ordered(text: str, variables: list[str]) -> list[str]:
    """Return the variables as `kg.policy.select_order` has them, which is imported only if it could matter."""
    if not re.search(r"(?i)select\s*(distinct|reduced)?\s*\*", text):
        return variables
    from kg.policy import select_order

    return select_order(text, variables)


def fitting(form: str | None, possible: Sequence[str]) -> str:
    """Return the format, or the first that is possible if none was asked for. Raises `KgError` if it cannot hold it."""
    if form is None:
        return possible[0]
    if form not in possible:
        raise KgError(
            f"--format {form} cannot hold this answer; expected one of table, {', '.join(possible)}",
            exit_code=2,
        )
    return form


def show_table(variables: Sequence[str], rows: Sequence[Row], labels: Names | None) -> None:
    """Print rows: as a table that fits the terminal, or tab-separated in a pipe, labels beside IRIs."""
    names = labels({term for row in rows for term in row}) if labels else {}
    cells = [[in_words(term, names) for term in row] for row in rows]
    if not sys.stdout.isatty():
        lines = ["\t".join(variables), *("\t".join(cell.replace("\t", " ") for cell in row) for row in cells)]
        click.echo("\n".join(" ".join(line.splitlines()) for line in lines))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold", row_styles=["", "dim"], expand=False)
    for name in variables:
        table.add_column(name, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    console.print(table)
    console.print(
        f"{len(rows)} row{'s' if len(rows) != 1 else ''}" if rows else "no rows: the graph does not say",
        style="dim",
    )


def in_words(term: Any, names: Any) -> str:
    """Return a cell: a label and the CURIE of an IRI, the lexical form of a literal, nothing for what is unbound."""
    import pyoxigraph as ox

    from kg.namespaces import curie

    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        short = curie(term)
        label = names.get(term, short)
        return short if label in (short, term.value) else f"{label} <{short}>"
    return term.value if isinstance(term, ox.Literal) else str(term)

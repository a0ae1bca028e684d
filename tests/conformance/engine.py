"""The same test without us: pyoxigraph in this process, to tell the engine's failures from our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph as ox

from tests.conformance.results import Answer, Row, Term, blank, iri, literal


def accepts(text: str) -> str:
    """Return why the engine does not take a text for a query; nothing if it does."""
    try:
        ox.Store().query(text, base_iri="http://example.org/")
    except SyntaxError as error:
        return str(error)
    except RuntimeError:
        return ""  # understood, and failed in the evaluation
    return ""


def answer(text: str, data: Path) -> Answer:
    """Answer a query over a file of N-Quads. Raises what the engine raises."""
    store = ox.Store()
    store.load(path=str(data), format=ox.RdfFormat.N_QUADS)
    found: Any = store.query(text)
    if isinstance(found, ox.QueryBoolean):
        return Answer(boolean=bool(found))
    if isinstance(found, ox.QuerySolutions):
        names = [variable.value for variable in found.variables]
        rows: list[Row] = [{n: _term(row[n]) for n in names if row[n] is not None} for row in found]
        return Answer(rows=rows, variables=tuple(names))
    triples = [{"s": _term(t.subject), "p": _term(t.predicate), "o": _term(t.object)} for t in found]
    return Answer(triples=triples)


def _term(term: Any) -> Term:
    if isinstance(term, ox.NamedNode):
        return iri(term.value)
    if isinstance(term, ox.BlankNode):
        return blank(term.value)
    return literal(term.value, term.datatype.value, term.language or "")

"""What a worker does with one query: judge it, run it, write the answer, or say what is wrong with it.

Runs in the processes of `kg.workers.process`, so that whatever happens in here can be ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyoxigraph as ox

from kg.errors import KgError, NotRepresentable, QueryError, QueryRefused, QueryTooLarge
from kg.policy import check_query, dataset_clauses, function_iris, select_order
from kg.query_errors import syntax_error
from kg.results import Written, write_boolean, write_rows, write_triples
from kg.symmetric import widen

Message = dict[str, Any]


def execute(store: ox.Store, request: Message, known: Message) -> tuple[Message, bytes]:
    """Check, run and write a query that `kg.workers.pool` asks. Raises `KgError` and what the engine raises."""
    text, base = request["text"], request["base_iri"]
    prefixes = known if request["prefixes"] is True else request["prefixes"]
    kind = check_query(text, request["text_bytes"])
    if kind:
        _choose(request["formats"], kind)
    called = [iri for iri in function_iris(text, base, prefixes) if not iri.startswith(XSD)]
    store, scope = _scope(store, request, prefixes)
    try:
        result = store.query(
            text,
            base_iri=base,
            prefixes=prefixes or None,
            custom_functions={ox.NamedNode(iri): _no_value for iri in called} or None,
            **scope,
        )
    except SyntaxError as error:
        raise syntax_error(str(error), text, prefixes) from None
    if kind == "describe" and isinstance(result, ox.QueryTriples):
        triples = widen(store, result, text, base, prefixes, scope.get("default_graph"))
        return write_result(triples, request, kind, known)
    return write_result(result, request, kind, known)


def write_result(
    result: ox.QueryBoolean | ox.QuerySolutions | Iterable[ox.Triple],
    request: Message,
    kind: str,
    known: Message,
) -> tuple[Message, bytes]:
    """Write what an engine answered in the first of the formats that can hold it, as far as the limits allow."""
    rows, size = request["rows"], request["bytes"]
    if isinstance(result, ox.QueryBoolean):
        form = _choose(request["formats"], "ask")
        return _answer("ask", "ask", form, write_boolean(bool(result), form))
    if isinstance(result, ox.QuerySolutions):
        form = _choose(request["formats"], "select")
        given = [v.value for v in result.variables]
        names = select_order(request["text"], given)
        in_order = names == given
        solutions = (tuple(s) if in_order else tuple(s[name] for name in names) for s in result)
        written = write_rows(names, solutions, form, rows, size, request.get("notice", ""))
        return _answer("select", "select", form, written, names)
    form = _choose(request["formats"], "construct")
    return _answer(
        "graph", kind, form, write_triples(result, form, rows, size, known, in_order=kind == "describe")
    )


XSD = "http://www.w3.org/2001/XMLSchema#"
_GRAPH_FORMATS = ("turtle", "jsonld", "nt", "rdfxml", "trig", "nq")
_POSSIBLE = {
    "select": ("json", "xml", "csv", "tsv"),
    "ask": ("json", "xml"),
    "construct": _GRAPH_FORMATS,
    "describe": _GRAPH_FORMATS,
}


class NoFormatError(Exception):
    """None of the formats that were asked for can hold this kind of answer; `form` is that of the query."""

    def __init__(self, form: str, wanted: Sequence[str]) -> None:
        self.form = form
        possible = ", ".join(_POSSIBLE[form])
        super().__init__(f"none of {', '.join(wanted)} can hold the answer; expected one of {possible}")


def _choose(wanted: list[str], form: str) -> str:
    possible = _POSSIBLE[form]
    if not wanted:
        return possible[0]
    for name in wanted:
        if name in possible:
            return name
    raise NoFormatError(form, wanted)


def _scope(store: ox.Store, request: Message, prefixes: Message) -> tuple[ox.Store, dict[str, Any]]:
    """Return the store to ask and the graphs to ask it about, as the protocol or else the query names them."""
    default, named = request["default_graphs"], request["named_graphs"]
    for iri in (*default, *named):
        if ":" not in iri or any(c in iri for c in ' <>"{}|^`\\') or not iri.isprintable():
            raise QueryError(f"{iri!r} is not an absolute IRI, which a graph of the query has to be")
    if not default and not named:
        clauses = dataset_clauses(request["text"], request["base_iri"], prefixes)
        if len(clauses.default) < 2:
            return store, {}  # the engine reads the clauses itself
        default, named = clauses.default, clauses.named
    defaults = [ox.NamedNode(iri) for iri in default]
    others = [ox.NamedNode(iri) for iri in named]
    if len(defaults) > 1:  # the engine would count a triple once per graph
        return _merged(store, defaults, others), {
            "default_graph": [ox.DefaultGraph()],
            "named_graphs": others,
        }
    return store, {"default_graph": defaults, "named_graphs": others}


def _answer(
    form: str, kind: str, fmt: str, written: Written, variables: list[str] | None = None
) -> tuple[Message, bytes]:
    header: Message = {"form": form, "kind": kind, "format": fmt, "rows": written.rows}
    return {**header, "truncated": written.truncated, "variables": variables or []}, written.body


def _no_value(*_: object) -> None:
    """Stand for a function that is not known: an error in the expression, not in the query (SPARQL 1.1, 17.6)."""


def _merged(store: ox.Store, default: Sequence[ox.NamedNode], named: Sequence[ox.NamedNode]) -> ox.Store:
    """Return a store whose default graph is the RDF merge of some named graphs."""
    merged = ox.Store()
    for graph in default:
        merged.extend(
            ox.Quad(q.subject, q.predicate, q.object)
            for q in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged


NESTED = "the query or its answer is nested too deeply"
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (QueryRefused, "refused"),
    (QueryTooLarge, "large"),
    (NotRepresentable, "representation"),
    (KgError, "query"),
    (NoFormatError, "format"),
    (MemoryError, "memory"),
    (RecursionError, "large"),
    (OSError, "system"),
)


def failure(error: BaseException) -> Message:
    """Return an exception as a header; `kg.workers.pool` makes an exception of it again."""
    kind = next((name for cls, name in _KINDS if isinstance(error, cls)), "evaluation")
    made: Message = {"error": kind, "message": NESTED if isinstance(error, RecursionError) else str(error)}
    if isinstance(error, QueryError):
        words = error.message.removeprefix(f"line {error.line}, column {error.column}: ")
        made.update(message=words, line=error.line, column=error.column)
    if isinstance(error, NoFormatError):
        made["form"] = error.form
    return made

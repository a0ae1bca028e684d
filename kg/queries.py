"""Runs the page queries: fixed texts in `kg/sparql/*.rq`, terms bound by `kg.terms`.

The texts are templates in one respect only: the word `EVIDENCE` stands for the fragment `evidence.rq`, which is kept
once. Everything that reads the graph goes through `Queryable.query`, so that the embedded engine and an endpoint behind
an address serve alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from pyoxigraph import Literal, NamedNode

from kg.namespaces import PREFIXES
from kg.terms import Term, bind, prefixes_used, serialize_term, values_blocks

Row = tuple[Any, ...]
"""One solution: a term, or `None` where unbound, for each variable of the SELECT clause, in its order."""


class Queryable(Protocol):
    """What can be asked: a pyoxigraph `Store`, or an object that stands for a remote endpoint."""

    def query(self, query: str, /) -> Any:
        """Run a SPARQL query; a SELECT gives solutions, each an iterable of terms, with `variables`.

        A store that takes no text of any length says so by `text_bytes`; `select` asks it in parts.
        """


class Remembering:
    """A store whose content does not change, with a memory of the claims and labels that were read from it.

    For a snapshot that serves many pages. The memory is bounded, each kind by itself: when it is full it starts again.
    Threads may share it: what one writes, another would have written likewise.
    """

    def __init__(self, store: Queryable, size: int = 20_000) -> None:
        self.store = store
        self.size = size
        self.text_bytes: int | None = getattr(store, "text_bytes", None)
        self._memory: dict[str, dict[Any, Any]] = {}

    def query(self, query: str, /) -> Any:
        """Run a SPARQL query on the store."""
        return self.store.query(query)

    def memory(self, kind: str) -> dict[Any, Any]:
        """Return what was remembered of one kind, emptied if it grew too large."""
        known = self._memory.setdefault(kind, {})
        if len(known) > self.size:
            known = self._memory[kind] = {}
        return known


def memory_of(store: Queryable, kind: str) -> dict[Any, Any]:
    """Return the memory of a `Remembering` store, and a new, empty one for any other."""
    return store.memory(kind) if isinstance(store, Remembering) else {}


def unknown(wanted: Iterable[NamedNode], known: Mapping[Any, Any]) -> list[NamedNode]:
    """Return what is wanted and not in a memory yet, each once, in order of its IRI.

    >>> a, b = NamedNode("urn:a"), NamedNode("urn:b")
    >>> unknown([b, a, b], {a: 1})
    [<NamedNode value=urn:b>]
    """
    return sorted({term for term in wanted if term not in known}, key=_iri)


def _iri(term: NamedNode) -> str:
    return term.value


@cache
def text(name: str) -> str:
    """Return the page query `name` (`kg/sparql/<name>.rq`), fragments filled in; it runs as it stands.

    >>> "EVIDENCE" in text("entity"), "sg:restsOn" in text("entity")
    (False, True)
    """
    source = _read(name)
    if re.search(r"\bEVIDENCE\b", source):
        source = re.sub(r"\bEVIDENCE\b", lambda _: _read("evidence").strip(), source)
    return source


@cache
def _read(name: str) -> str:
    return (files("kg") / "sparql" / f"{name}.rq").read_text(encoding="utf-8")


def select(
    store: Queryable,
    name: str,
    /,
    *,
    limit: int | None = None,
    offset: int = 0,
    graphs: Iterable[NamedNode] = (),
    **bindings: Term | Iterable[Term | None] | None,
) -> list[Row]:
    """Run the page query `name` with its variables bound and return all solutions.

    `limit` and `offset` are put where the text says `LIMIT 1000000000 OFFSET 0`. With `graphs`, these are the default
    graph (`FROM`), instead of the store's own.
    """
    query = text(name)
    if limit is not None:
        query = query.replace("LIMIT 1000000000 OFFSET 0", f"LIMIT {int(limit)} OFFSET {int(offset)}")
    sources = "".join(f"FROM {serialize_term(graph)}\n" for graph in graphs)
    if sources:
        query = query.replace("\nWHERE {", f"\n{sources}WHERE {{", 1)
    most: int | None = getattr(store, "text_bytes", None)
    if most is None or offset or _COUNTS.search(query):
        return [tuple(solution) for solution in store.query(bind(query, bindings))]
    rows = [tuple(solution) for part in in_parts(query, bindings, most) for solution in store.query(part)]
    return (list(dict.fromkeys(rows)) if "SELECT DISTINCT" in query else rows)[:limit]


_COUNTS = re.compile(r"\bGROUP BY\b|\b(?:COUNT|SUM|MIN|MAX)\(")
"""What speaks of all solutions together, so that it is not asked in parts."""


def in_parts(
    query: str, bindings: Mapping[str, Term | Iterable[Term | None] | None], most: int
) -> Iterator[str]:
    """Yield `query`, bound; if that is longer than `most` characters, in parts that together have its solutions.

    The longest list of terms is divided, the other bindings stand in each part; a part has one term of it at least.

    >>> terms = [NamedNode(f"urn:{n}") for n in range(5)]
    >>> list(in_parts("SELECT * { VALUES ?x { 1 } ?x ?p ?o }", {"x": terms}, 60))[1]
    'SELECT * { VALUES ?x { <urn:3> <urn:4> } ?x ?p ?o }'
    """
    bound: dict[str, Any] = {
        name: value if value is None or isinstance(value, (NamedNode, Literal)) else list(value)
        for name, value in bindings.items()
    }
    lists = sorted((len(value), name) for name, value in bound.items() if isinstance(value, list))
    whole = bind(query, bound)
    if len(whole) <= most or not lists:
        yield whole
        return
    longest = lists[-1][1]
    terms: list[Term | None] = bound[longest]
    blocks = sum(block.variable == longest for block in values_blocks(query))
    room = (most - len(bind(query, {**bound, longest: []}))) // blocks
    first = size = 0
    for place, term in enumerate(terms):
        size += len(serialize_term(term)) + 1
        if size > room and place > first:
            yield bind(query, {**bound, longest: terms[first:place]})
            first, size = place, len(serialize_term(term)) + 1
    yield bind(query, {**bound, longest: terms[first:]})


def count(store: Queryable, name: str, /, **bindings: Term | Iterable[Term | None] | None) -> int:
    """Run a page query whose one solution is a number."""
    ((number,),) = store.query(bind(text(name), bindings))
    return int(number.value)


def with_prefixes(query: str) -> str:
    """Return `query` with a PREFIX line for each of the project's prefixes that it uses and does not declare.

    >>> print(with_prefixes("SELECT * { ?c a sg:Claim }"))
    PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>
    SELECT * { ?c a sg:Claim }
    """
    declared = set(re.findall(r"(?i)\bPREFIX\s+([\w.-]*):", query))
    missing = [prefix for prefix in PREFIXES if prefix in prefixes_used(query) - declared]
    return "".join(f"PREFIX {p}: <{PREFIXES[p]}>\n" for p in missing) + query


def value_of(term: Term | None) -> str:
    """Return the IRI or the lexical form of a term, the empty text for `None`."""
    return term.value if isinstance(term, (NamedNode, Literal)) else ""

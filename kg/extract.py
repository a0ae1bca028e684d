"""The quads of one entity: a part of the data set that can be read alone.

The symmetric description (`kg.describe`) and what the entity says, with everything that they rest on: the graphs of
the claims and derivations, their records with voices and evidence, the disagreements that touch them, what the
register holds of the entity, the sources and the dates, and a type and label for whatever else is mentioned.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode, Quad

from kg.errors import NotFound
from kg.namespaces import CLAIM, DERIVED, PROV, curie
from kg.queries import Queryable, Row, memory_of, select

EVERYTHING = 1_000_000_000


def entity_quads(store: Queryable, iri: NamedNode, limit: int | None = None) -> list[Quad]:
    """Return the quads of an entity, sorted by their text. Raises `NotFound` for an IRI that the data does not hold.

    `limit` bounds the statements of each section of the description; default: all of them.
    """
    known = memory_of(store, "entity")  # the last one: a copy of the site asks for each format in turn
    quads: tuple[Quad, ...] | None = known.get((iri, limit))
    if quads is None:
        quads = tuple(_entity_quads(store, iri, EVERYTHING if limit is None else limit))
        known.clear()
        known[iri, limit] = quads
    return list(quads)


def _entity_quads(store: Queryable, iri: NamedNode, bound: int) -> list[Quad]:
    facts = _in_graphs(select(store, "facts", e=iri))
    sides = {o for _, _, o, _ in facts if isinstance(o, NamedNode) and o in CLAIM}  # of a disagreement
    graphs = _graphs_of(store, iri, bound) | sides
    graphs |= {claim for _, claim in select(store, "rests_on", g=_sorted(graphs))} if graphs else set()
    facts += _in_graphs(select(store, "facts_about", limit=bound, e=iri))
    records = _records(store, graphs | ({iri} if iri in CLAIM or iri in DERIVED else set()))
    if not graphs and not facts and not records:
        raise NotFound(f"{curie(iri)}: nothing in the data has this IRI")
    graphs |= {s for s, _, _, _ in records if isinstance(s, NamedNode) and "#" not in s.value}
    found: set[Row] = {*facts, *records}
    if graphs:
        found.update(select(store, "graph_quads", g=_sorted(graphs)))
        found.update(select(store, "disagreement_quads", claim=_sorted(graphs)))
    found |= _names(store, found, {o for _, p, o, _ in records if p == PROV.hadPrimarySource})
    return sorted((Quad(*row) for row in found), key=str)


def is_known(store: Queryable, iri: NamedNode) -> bool:
    """Tell whether an IRI stands anywhere in the named graphs: as a subject, an object or the name of a graph."""
    return bool(select(store, "known", x=iri))


def _in_graphs(rows: Iterable[Row]) -> list[Row]:
    return [(s, p, o, g) for g, s, p, o in rows]


def _graphs_of(store: Queryable, iri: NamedNode, bound: int) -> set[NamedNode]:
    """Return the graphs in which something is said of an entity, of what is shown with it, or by it."""
    rows = [row for name in ("outgoing", "incoming") for row in select(store, name, limit=bound, e=iri)]
    things = [row[0] for row in select(store, "shown", limit=bound, e=iri)]
    rows += select(store, "statements_of", s=things) if things else []
    return {row[3] for row in rows} | {row[0] for row in select(store, "spoken", limit=bound, e=iri)}


def _names(store: Queryable, found: set[Row], sources: set[NamedNode]) -> set[Row]:
    """Return a type and label of all that is mentioned, and of what these mention in turn."""
    mentioned = {term for s, p, o, _ in found for term in (s, p, o) if isinstance(term, NamedNode)}
    names = select(store, "names", x=_sorted(mentioned), source=_sorted(sources))
    later = {o for _, _, o, _ in names if isinstance(o, NamedNode)} - mentioned
    return {*names, *select(store, "names", x=_sorted(later), source=[])}


def _records(store: Queryable, graphs: set[NamedNode]) -> list[Row]:
    # A derivation may follow from another one, hence the loop.
    found: list[Row] = []
    done: set[NamedNode] = set()
    todo = set(graphs)
    while todo:
        done |= todo
        rows = select(store, "records", claim=_sorted(todo))
        found += rows
        todo = {o for _, p, o, _ in rows if p == PROV.wasDerivedFrom and isinstance(o, NamedNode)} - done
    return found


def _sorted(iris: Iterable[NamedNode]) -> list[NamedNode]:
    return sorted(iris, key=str)

"""The plain page of an IRI: every statement in which it stands. For RDF files, and for what no claim speaks of."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
from flask import Response
from pyoxigraph import NamedNode, Quad

from kg.errors import NotFound
from kg.formats import RDF_FORMATS, rdf_format
from kg.labels import labels
from kg.namespaces import curie
from kg.queries import Row, select, text
from kg.results import serialize_triples
from kg.terms import bind
from web.data import send
from web.render import page
from web.serving.served import served
from web.words import local

SHOWN = 500
"""How many statements of each part the page shows."""
SENT = 100_000


def plain_page(iri: NamedNode) -> Response:
    """Show where an IRI stands: as subject and object, as property, as name of a graph."""
    store = served().store
    rows = _distinct(select(store, "page_resource", limit=SHOWN, x=iri))
    used = _distinct(select(store, "page_used", limit=SHOWN, p=iri))
    inside = _distinct(select(store, "page_named_graph", limit=SHOWN, g=iri))
    if not rows and not used and not inside:
        raise NotFound(f"{curie(iri)}: nothing in the data has this IRI")
    names = labels(store, {term for row in (*rows, *used, *inside) for term in row} | {iri})
    return page(
        "resource.html",
        title=names[iri],
        names=names,
        iri=iri,
        outgoing=[row for row in rows if row[1] == iri],
        incoming=[row for row in rows if row[3] == iri],
        used=used,
        inside=inside,
        shown=SHOWN,
        formats=RDF_FORMATS,
        query=bind(text("page_resource"), {"x": iri}),
    )


def plain_data(iri: NamedNode, format_name: str) -> Response:
    """Send the statements in which an IRI stands, in their graphs where the format has graphs."""
    store = served().store
    wanted = rdf_format(format_name)
    rows = [
        *select(store, "page_resource", limit=SENT, x=iri),
        *select(store, "page_named_graph", limit=SENT, g=iri),
    ]
    if not rows:
        raise NotFound(f"{curie(iri)}: nothing in the data has this IRI")
    quads = sorted({Quad(s, p, o, g or ox.DefaultGraph()) for g, s, p, o in rows}, key=str)
    body = (
        ox.serialize(quads, format=wanted.engine)
        if wanted.named_graphs
        else serialize_triples(sorted({quad.triple for quad in quads}, key=str), wanted.name, {})
    )
    assert body is not None
    return send(body, wanted, local(iri) or "resource")


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """A statement that stands in a named graph and in the default graph is shown once, with its graph."""
    named = {row[1:] for row in rows if row[0] is not None}
    kept = (row for row in rows if row[0] is not None or row[1:] not in named)
    return sorted(
        dict.fromkeys(kept), key=lambda row: [str(term) for term in (row[2], row[1], row[3], row[0])]
    )

"""RDF answers about one thing or one named graph, made by `kg.export` from the snapshot."""

from __future__ import annotations

import re

from flask import Response, make_response, request
from pyoxigraph import NamedNode, Quad

from kg.errors import NotFound
from kg.export import about, export_entity, read_exact, restore, serialize
from kg.formats import RdfFormat, rdf_format
from kg.namespaces import curie
from kg.queries import select
from web.negotiation import RDF_OFFERS
from web.serving.served import served
from web.words import local


def data_response(iri: NamedNode, format_name: str) -> Response:
    """Send what the data holds of `iri`. Raises `NotFound` for an IRI or a format that there is not."""
    state = served()
    wanted = rdf_format(format_name)
    body = export_entity(state.store, iri, wanted, exact=exact_quads(), version=state.version)
    return send(body, wanted, local(iri))


def graph_response(graph: NamedNode, format_name: str) -> Response:
    """Send a named graph as it is. Raises `NotFound` for a graph that there is not."""
    state = served()
    wanted = rdf_format(format_name)
    quads = [Quad(*row) for row in select(state.store, "graph_quads", g=graph)]
    if not quads:
        raise NotFound(f"{curie(graph)}: there is no such named graph")
    body = serialize(
        restore(quads, exact_quads()), wanted, about(state.version, f"the named graph {graph.value}")
    )
    return send(body, wanted, local(graph))


def send(body: bytes, wanted: RdfFormat, name: str) -> Response:
    """Send RDF with its type, version and an ETag; 304 where the client has it already."""
    response = make_response(body)
    offer = next(offer for offer in RDF_OFFERS if offer.name == wanted.name)
    response.content_type = offer.content_type
    filename = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:60].strip("-.") or "data"
    response.headers["Content-Disposition"] = f'inline; filename="{filename}.{wanted.extension}"'
    response.headers["X-Data-Version"] = served().version
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept"
    response.add_etag()
    response.make_conditional(request)
    return response


def exact_quads() -> list[Quad]:
    """Return the quads whose literals the store rewrites, as they were written."""
    state = served()
    found: list[Quad] = state.remember("exact", lambda: read_exact(state.path / "exports"))
    return found

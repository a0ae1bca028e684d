"""The read side of the SPARQL 1.1 Graph Store HTTP Protocol: `/graph?graph=IRI` and `/graph?default`.

A named graph, or the default graph, exactly: its triples and nothing beside them. Named graphs of ours have addresses
of their own too (`/graph/register`, `/claim/...`). Nothing is written here: other methods are refused with 405.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple
from werkzeug.exceptions import BadRequest

from kg.errors import NotFound, ParameterError, QueryTooLarge
from kg.export import as_stored, restore
from kg.formats import rdf_format
from kg.namespaces import PREFIXES, curie
from kg.queries import select
from kg.results import serialize_triples
from kg.writer import serialize_trig
from web.data import exact_quads, send
from web.endpoint.asked import Asked
from web.endpoint.sparql import run
from web.entity.page import negotiate
from web.negotiation import HTML, RDF_OFFERS, Offer
from web.parameters import given
from web.serving.served import served
from web.words import local

blueprint = Blueprint("graph_store", __name__)

ONE_GRAPH = tuple(offer for offer in RDF_OFFERS if offer.name in ("turtle", "nt", "rdfxml", "jsonld"))
"""Formats for a graph without a name, which is what the protocol sends."""
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@blueprint.get("/graph")
def graph() -> Response:
    """Send the graph that the address names (section 5.2 of the protocol)."""
    name = _asked()
    offer = _offer()
    if name is not None and not select(served().store, "page_named_graph", limit=1, g=name):
        raise NotFound(f"{curie(name)}: there is no such named graph")
    body = _by_query(name, offer) if served().is_files or served().is_remote else _exact(name, offer)
    return send(body, rdf_format(offer.name), local(name) if name is not None else "default-graph")


def _asked() -> NamedNode | None:
    """Return the name of the graph, `None` for the default graph."""
    name, default = given("graph"), "default" in request.args
    if default == ("graph" in request.args):
        raise BadRequest("Expected either graph= with the IRI of a named graph, or default.")
    if default:
        return None
    try:
        return NamedNode(name)
    except ValueError:
        raise ParameterError("graph", name, "is not an IRI", "an absolute IRI") from None


def _offer() -> Offer:
    wanted = given("format")
    if not wanted:
        offer = negotiate((*ONE_GRAPH, HTML))
        return ONE_GRAPH[0] if offer == HTML else offer
    for offer in ONE_GRAPH:
        if wanted in (offer.name, offer.media_type, *offer.aliases):
            return offer
    raise ParameterError.not_one_of(
        "format", wanted, "is no format of a graph", [offer.name for offer in ONE_GRAPH]
    )


def _exact(name: NamedNode | None, offer: Offer) -> bytes:
    """Return a graph of the snapshot with literals as they were written; the default graph is kept for the next one."""
    if name is not None:
        return _named(name, offer)
    body: bytes = served().remember(f"default graph as {offer.name}", lambda: _default(offer))
    return body


def _named(name: NamedNode, offer: Offer) -> bytes:
    quads = [Quad(*row) for row in select(served().store, "graph_quads", g=name)]
    return _written([quad.triple for quad in restore(quads, exact_quads())], offer)


def _default(offer: Offer) -> bytes:
    store = served().raw
    written: dict[Triple, set[Triple]] = {}
    for quad in exact_quads():
        if isinstance(quad.object, Literal):
            stored = Triple(quad.subject, quad.predicate, as_stored(quad.object))
            written.setdefault(stored, set()).add(quad.triple)
    found: set[Triple] = set()
    for quad in store.quads_for_pattern(None, None, None, DefaultGraph()):
        found |= written.get(quad.triple, {quad.triple})
    return _written(list(found), offer)


def _written(triples: list[Triple], offer: Offer) -> bytes:
    """Write triples in the order of their text: same graph, same bytes."""
    ordered = sorted(triples, key=str)
    if offer.name == "turtle":
        return serialize_trig(Quad(t.subject, t.predicate, t.object) for t in ordered).encode()
    return serialize_triples(ordered, offer.name, PREFIXES)


def _by_query(name: NamedNode | None, offer: Offer) -> bytes:
    """Return a graph of RDF files or of another store, which may be of any size: by a query, whole or not at all."""
    answer = run(Asked(CONSTRUCT, (name.value,) if name is not None else ()), offer.name)
    if answer.truncated:
        raise QueryTooLarge(f"the graph has more than the {answer.rows} triples that one answer may have")
    return answer.body

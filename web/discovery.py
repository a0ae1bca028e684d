"""How programs find the stored questions and the data set: addresses under `/.well-known/`.

The questions follow the convention of sib-swiss sparql-examples: each a `sh:SPARQLExecutable` with a comment, keywords,
its prefixes as SHACL declares them, and `schema:target`, the endpoint that answers it, which only the running site
knows. The same questions stand in the data (`graph:questions`), where query editors look for them with SPARQL.
"""

from __future__ import annotations

from collections.abc import Collection

import pyoxigraph as ox
from flask import Blueprint, Response
from pyoxigraph import NamedNode, Quad, Triple

from kg.errors import NotFound
from kg.formats import RdfFormat, rdf_format
from kg.namespaces import BASE, DCAT, DCTERMS, FOAF, GRAPH, PREFIXES, RDF, SCHEMA, SD, SH, SPDX, VOID
from kg.queries import select
from kg.results import serialize_triples
from kg.void import DATASET
from kg.writer import serialize_trig
from web.data import send
from web.entity.page import negotiate_rdf
from web.links import CITED, site_address
from web.serving.served import served

blueprint = Blueprint("discovery", __name__)

Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
SPECIFICATION = NamedNode("http://www.w3.org/TR/sparql11-protocol/")


@blueprint.get("/.well-known/sparql-examples")
def examples() -> Response:
    """Send the stored questions as examples for query editors."""
    state = served()
    wanted = rdf_format(negotiate_rdf().name)
    target = NamedNode(f"{site_address(state.settings)}/sparql")
    triples = {Triple(s, p, o) for s, p, o, _ in select(state.store, "graph_quads", g=GRAPH.questions)}
    triples |= {
        Triple(t.subject, SCHEMA.target, target)
        for t in triples
        if t.predicate == RDF.type and t.object == SH.SPARQLExecutable
    }
    return send(written(triples, wanted), wanted, "examples")


def written(triples: Collection[Triple], wanted: RdfFormat, first: NamedNode | None = None) -> bytes:
    """Write triples in a format, Turtle as a person would, with `first` first. Same triples, same bytes."""
    ordered = sorted(triples, key=str)
    if wanted.name == "turtle":
        return serialize_trig((Quad(t.subject, t.predicate, t.object) for t in ordered), first).encode()
    return serialize_triples(ordered, wanted.name, PREFIXES)


def described() -> list[Triple]:
    """Return the description of the data set as it was built. Raises `NotFound` where there is none.

    A store that is reached by its address has it in a graph; the files that it names are not here.
    """
    state = served()
    if state.is_remote:
        rows = select(state.store, "graph_quads", g=GRAPH.dataset)
        found = [Triple(s, p, o) for s, p, o, _ in rows if p not in (DCTERMS.hasPart, VOID.dataDump)]
        files = {t.object for t in found if t.predicate == DCAT.distribution}
        sums = {t.object for t in found if t.subject in files and t.predicate == SPDX.checksum}
        found = [t for t in found if t.subject not in files | sums and t.object not in files]
    else:
        path = state.path / "exports" / "void.ttl"
        parsed = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE) if path.is_file() else ()
        found = [quad.triple for quad in parsed]
    if not found:
        raise NotFound("There is no description of what is served here.")
    return found


def at_this_site(triples: list[Triple], site: str) -> list[Triple]:
    """Return the description of the data set with the addresses of this site, and the service that answers queries.

    What is built knows no address; IRIs of things stay as they are, what is fetched (endpoint, files) is named where
    it can be fetched.
    """
    here = [Triple(t.subject, t.predicate, _here(t.object, site)) for t in triples]
    service, endpoint = NamedNode(f"{site}/sparql#service"), NamedNode(f"{site}/sparql")
    document = NamedNode(f"{site}/.well-known/void")
    here += [
        Triple(document, RDF.type, VOID.DatasetDescription),
        Triple(document, FOAF.primaryTopic, DATASET),
        Triple(DATASET, VOID.dataDump, NamedNode(f"{site}/graph?default")),
        Triple(DATASET, DCTERMS.relation, NamedNode(f"{site}/.well-known/sparql-examples")),
        Triple(service, RDF.type, DCAT.DataService),
        Triple(service, DCTERMS.title, ox.Literal("SPARQL 1.1 endpoint", language="en")),
        Triple(service, DCTERMS.conformsTo, SPECIFICATION),
        Triple(service, DCAT.endpointURL, endpoint),
        Triple(service, DCAT.endpointDescription, endpoint),
        Triple(service, DCAT.servesDataset, DATASET),
        Triple(endpoint, RDF.type, SD.Service),
        Triple(endpoint, SD.endpoint, endpoint),
    ]
    return sorted(set(here), key=str)


def _here(term: Object, site: str) -> Object:
    """Return an address below our base as one of this site; IRIs of things and of the description stay."""
    if not isinstance(term, NamedNode) or not term.value.startswith(BASE):
        return term
    path = "/" + term.value.removeprefix(BASE)
    things = (*(prefix for _, prefix in CITED), "/graph/", "/ontology", "/#")
    return term if path.startswith(things) else NamedNode(site + path)

"""The description of the endpoint that a bare GET gives to programs (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Triple

from kg.formats import RDF_FORMATS, RESULTS_FORMATS, RdfFormat, rdf_format
from kg.namespaces import DCTERMS, PREFIXES, RDF, RDFS, SD, VOID, XSD
from kg.results import serialize_triples
from kg.void import CC_BY
from web.links import site_address
from web.serving.served import served

_FORMATS = NamedNode("http://www.w3.org/ns/formats/")
FORMAT_NAMES = {
    "turtle": "Turtle", "trig": "TriG", "nt": "N-Triples", "nq": "N-Quads", "jsonld": "JSON-LD", "rdfxml": "RDF_XML",
    "json": "SPARQL_Results_JSON", "xml": "SPARQL_Results_XML", "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
}  # fmt: skip
"""Names of our formats at http://www.w3.org/ns/formats/."""


def service_description(format_name: str) -> tuple[bytes, RdfFormat]:
    """Return the description in a format, and the format."""
    state = served()
    wanted = rdf_format(format_name)
    site = site_address(state.settings)
    address = NamedNode(f"{site}/sparql")
    data = NamedNode(f"{site}/sparql#dataset")
    default = NamedNode(f"{site}/sparql#default-graph")
    triples = [
        Triple(address, RDF.type, SD.Service),
        Triple(address, SD.endpoint, address),
        Triple(address, SD.supportedLanguage, SD.SPARQL11Query),
        Triple(address, SD.defaultDataset, data),
        Triple(data, RDF.type, SD.Dataset),
        Triple(data, SD.defaultGraph, default),
        Triple(default, RDF.type, SD.Graph),
    ]
    triples += [
        Triple(address, SD.resultFormat, NamedNode(_FORMATS.value + FORMAT_NAMES[name]))
        for name in [*(f.name for f in RESULTS_FORMATS), *(f.name for f in RDF_FORMATS)]
    ]
    count = state.manifest.get("counts", {}).get("triples") or state.manifest.get("triples")
    if count is not None:
        triples.append(Triple(default, VOID.triples, Literal(str(count), datatype=XSD.integer)))
    if not state.is_files:
        triples.append(Triple(data, RDFS.seeAlso, NamedNode(f"{site}/.well-known/void")))
        triples.append(Triple(address, RDFS.seeAlso, NamedNode(f"{site}/.well-known/sparql-examples")))
        triples.append(Triple(data, DCTERMS.license, CC_BY))
        triples.append(Triple(data, DCTERMS.hasVersion, Literal(state.version)))
    return serialize_triples(triples, wanted.name, PREFIXES), wanted

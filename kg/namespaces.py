"""Every namespace of the project, spelled once.

All other modules, queries and data files use these prefixes; `tests/test_namespaces.py` compares each `PREFIX`
and `@prefix` line of `data/`, `ontology/` and the stored queries with `PREFIXES`. Does not import rdflib.
"""

from pyoxigraph import NamedNode

from kg.errors import PrefixError

BASE = "https://w3id.org/scrutiny-graph/"

PREFIXES: dict[str, str] = {
    "sg": BASE + "ontology#",
    "sgv": BASE + "vocab/",
    "id": BASE + "id/",
    "claim": BASE + "claim/",
    "derived": BASE + "derived/",
    "graph": BASE + "graph/",
    "cc": "http://creativecommons.org/ns#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "time": "http://www.w3.org/2006/time#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefix to namespace IRI: ours first, then the standards' in alphabetical order."""

_LONGEST_FIRST = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))


class Namespace:
    """The terms of one namespace: `SG.Claim` and `SG["Claim"]` are the same `NamedNode`.

    >>> SG.Claim
    <NamedNode value=https://w3id.org/scrutiny-graph/ontology#Claim>
    >>> SG["Claim"] == SG.Claim, SG.Claim in SG, ID.ofsted in SG
    (True, True, False)
    >>> str(SG)
    'https://w3id.org/scrutiny-graph/ontology#'
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._terms: dict[str, NamedNode] = {}

    def __getitem__(self, name: str) -> NamedNode:
        term = self._terms.get(name)
        if term is None:
            term = self._terms[name] = NamedNode(self._base + name)
        return term

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("_"):
            raise AttributeError(name)
        term = self.__dict__[name] = self[name]  # the next time Python finds it by itself
        return term

    def __contains__(self, term: object) -> bool:
        """Whether a `NamedNode` or an IRI begins with this namespace."""
        iri = term.value if isinstance(term, NamedNode) else term
        return isinstance(iri, str) and iri.startswith(self._base)

    def __str__(self) -> str:
        return self._base

    def __repr__(self) -> str:
        return f"Namespace({self._base!r})"


SG = Namespace(PREFIXES["sg"])
SGV = Namespace(PREFIXES["sgv"])
ID = Namespace(PREFIXES["id"])
CLAIM = Namespace(PREFIXES["claim"])
DERIVED = Namespace(PREFIXES["derived"])
GRAPH = Namespace(PREFIXES["graph"])
DCAT = Namespace(PREFIXES["dcat"])
DCTERMS = Namespace(PREFIXES["dcterms"])
EDTF = Namespace(PREFIXES["edtf"])
FOAF = Namespace(PREFIXES["foaf"])
OA = Namespace(PREFIXES["oa"])
ORG = Namespace(PREFIXES["org"])
OWL = Namespace(PREFIXES["owl"])
PROV = Namespace(PREFIXES["prov"])
RDF = Namespace(PREFIXES["rdf"])
RDFS = Namespace(PREFIXES["rdfs"])
SCHEMA = Namespace(PREFIXES["schema"])
SD = Namespace(PREFIXES["sd"])
SH = Namespace(PREFIXES["sh"])
SKOS = Namespace(PREFIXES["skos"])
SPDX = Namespace(PREFIXES["spdx"])
VOID = Namespace(PREFIXES["void"])
XSD = Namespace(PREFIXES["xsd"])


def curie(iri: str | NamedNode) -> str:
    """Shorten an absolute IRI to a CURIE; an IRI outside all namespaces comes back as it is.

    The result is for people and for `expand`; Turtle needs further escapes (`kg.curation.fmt`).

    >>> curie("https://w3id.org/scrutiny-graph/id/ofsted")
    'id:ofsted'
    >>> curie("https://w3id.org/scrutiny-graph/claim/0d662f37494f4718#v1")
    'claim:0d662f37494f4718#v1'
    >>> curie("https://example.org/x")
    'https://example.org/x'
    """
    text = iri.value if isinstance(iri, NamedNode) else iri
    for prefix, base in _LONGEST_FIRST:
        if text.startswith(base):
            return f"{prefix}:{text[len(base) :]}"
    return text


def expand(text: str) -> str:
    """Expand a CURIE to an absolute IRI; an absolute IRI, bare or in angle brackets, comes back bare.

    Raises `PrefixError` for a prefix that is not in `PREFIXES` and for a text without one.

    >>> expand("id:ofsted")
    'https://w3id.org/scrutiny-graph/id/ofsted'
    >>> expand("<https://example.org/x>")
    'https://example.org/x'
    >>> expand("foo:bar")
    Traceback (most recent call last):
    kg.errors.PrefixError: foo:bar: the prefix 'foo' is not known
    """
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    prefix, colon, local = text.partition(":")
    if not colon:
        raise PrefixError(text, "expected a CURIE such as id:ofsted, or an absolute IRI")
    if prefix in PREFIXES and not local.startswith("//"):
        return PREFIXES[prefix] + local
    if local.startswith("//") or prefix in ("urn", "mailto", "tag", "doi", "info"):
        return text
    raise PrefixError(text, f"the prefix {prefix!r} is not known")

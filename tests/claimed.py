"""Datasets of a few invented claims, written as Turtle, for tests of what follows from them.

`claims("a: id:x sg:time id:date-2013 .", ...)` makes one claim graph per entry with the least record that rules
need: type, sentence, source, one voice. Nothing here is about a real place.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox

from kg.derive import derive
from kg.flat import flatten
from kg.gate import expand_dates
from kg.namespaces import CLAIM, GRAPH, PREFIXES, RDFS
from kg.read import read_quads
from kg.resources import ontology_dir

HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
PEOPLE = """
id:echo a sg:Publisher ; rdfs:label "The Echo (invented)"@en .
id:gazette a sg:Publisher ; rdfs:label "The Gazette (invented)"@en .
id:article-echo a sg:Article ; dcterms:publisher id:echo .
id:article-gazette a sg:Article ; dcterms:publisher id:gazette .
id:ann a foaf:Person ; rdfs:label "Ann Example"@en .
id:bob a foaf:Person ; rdfs:label "Bob Sample"@en .
id:post-dcs a org:Post ; rdfs:label "Director in Anyshire"@en .
id:anyshire a sg:Council ; rdfs:label "Anyshire Council (invented)"@en .
id:services a sg:Service ; rdfs:label "Services of Anyshire"@en .
id:tenure-ann a sg:Tenure ; rdfs:label "Ann Example as director"@en .
id:tenure-bob a sg:Tenure ; rdfs:label "Bob Sample as director"@en .
id:inspection-1 a sg:Inspection ; rdfs:label "The first inspection"@en .
id:inspection-2 a sg:Inspection ; rdfs:label "The second inspection"@en .
id:inspection-3 a sg:Inspection ; rdfs:label "The third inspection"@en .
"""


def name_of(key: str) -> ox.NamedNode:
    """Return the IRI of the claim with a key."""
    return CLAIM[hashlib.sha256(key.encode()).hexdigest()[:16]]


def claims(*entries: str, register: str = "", notes: str = "") -> list[ox.Quad]:
    """Return the named graphs of a dataset: each entry is `key: triples`, or `key/source: triples`.

    The vocabulary comes along (labels, ranks and schemes of concepts), and `notes` go into `graph:disagreements`.
    """
    quads = [_in(q, GRAPH.vocabulary) for name in ("terms", "concepts") for q in _vocabulary(name)]
    quads += [_in(q, GRAPH.register) for q in _parse(PEOPLE + register)]
    quads += [_in(q, GRAPH.disagreements) for q in _parse(notes)]
    for entry in entries:
        head, _, triples = entry.partition(":")
        key, _, source = head.strip().partition("/")
        source = source or "echo"
        claim = name_of(key)
        quads += [_in(q, claim) for q in _parse(triples)]
        record = f"""<{claim.value}> a sg:Claim ; rdfs:label "Claim {key}"@en ; sg:assertionKind sgv:stated ;
          prov:hadPrimarySource id:article-{source} ; sg:voice <{claim.value}#v1> ;
          sg:firstVoice <{claim.value}#v1> ; sg:lastVoice <{claim.value}#v1> .
        <{claim.value}#v1> a sg:Voice ; sg:position 1 ; prov:agent id:{source} ."""
        quads += [_in(q, GRAPH[source]) for q in _parse(record)]
    return [*quads, *expand_dates(quads)[0]]


def withdraw(quads: list[ox.Quad], key: str) -> list[ox.Quad]:
    """Return the dataset with one claim marked as withdrawn."""
    (mark,) = _parse(f"<{name_of(key).value}> sg:withdrawn true .")
    return [*quads, _in(mark, GRAPH.echo)]


class Derived:
    """What the project's rules derive from a dataset, in the form in which a test asks for it."""

    def __init__(self, quads: list[ox.Quad], rules: Path | None = None) -> None:
        """Derive and keep the result."""
        self.quads = [*quads, *derive(quads, rules or ontology_dir() / "rules")]
        self.store = ox.Store()
        self.store.extend(self.quads)
        self.flat = flatten(self.quads)
        self.store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in self.flat)

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """Return the solutions of a query, sorted: CURIEs without prefix, and lexical forms."""
        solutions = self.store.query(query, prefixes=dict(PREFIXES))
        assert isinstance(solutions, ox.QuerySolutions)
        return sorted(tuple(_short(term) for term in row) for row in solutions)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the values of a property in the default graph."""
        return [row[0] for row in self.rows(f"SELECT ?o {{ {subject} {predicate} ?o }}")]

    def basis(self, subject: str, predicate: str, value: str, *keys: str) -> bool:
        """Tell whether a derived triple rests on exactly the claims with these keys."""
        rows = self.rows(
            f"SELECT DISTINCT ?c {{ GRAPH ?g {{ {subject} {predicate} {value} }} ?g a sg:Derivation ; sg:restsOn ?c }}"
        )
        return rows == sorted((_short(name_of(key)),) for key in keys)

    def sentences(self, rule: str) -> list[str]:
        """Return the sentences of the derivations by a rule."""
        return [r[0] for r in self.rows(f"SELECT ?s {{ ?d sg:byRule sgv:rule-{rule} ; rdfs:label ?s }}")]


def labelled(quads: list[ox.Quad]) -> set[str]:
    """Return all labels in a dataset."""
    return {q.object.value for q in quads if q.predicate == RDFS.label and isinstance(q.object, ox.Literal)}


def _short(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return term.value.rpartition("/")[2].rpartition("#")[2]
    return term.value if isinstance(term, ox.Literal) else str(term)


def _parse(turtle: str) -> list[ox.Quad]:
    return list(ox.parse((HEAD + turtle).encode(), format=ox.RdfFormat.TURTLE))


def _vocabulary(name: str) -> list[ox.Quad]:
    return [q for q in read_quads(ontology_dir() / f"{name}.ttl") if not isinstance(q.object, ox.BlankNode)]


def _in(quad: ox.Quad, graph: ox.NamedNode) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object, graph)

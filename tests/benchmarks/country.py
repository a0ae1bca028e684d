"""A synthetic country: councils with four inspections each, judged by area, with directors, notices and reviews.

Only for measuring; nothing in it is about a real place.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.dates import date_quads, is_date_iri
from kg.namespaces import CLAIM, DERIVED, GRAPH, ID, PREFIXES, RDF, SG
from kg.read import read_quads
from kg.resources import ontology_dir

HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
AREAS = (
    "overall-effectiveness",
    "help-and-protection",
    "looked-after-and-permanence",
    "adoption",
    "care-leavers",
)
GRADES = ("inadequate", "requires-improvement", "good", "outstanding")


def country(councils: int) -> tuple[ox.Store, int, dict[ox.Triple, list[str]]]:
    """Return a store with named graphs and their flat copy, its quads in named graphs, and which claims state what."""
    text = HEAD + "\n".join(line for n in range(councils) for line in _council(n))
    quads = list(ox.parse(text.encode(), format=ox.RdfFormat.TRIG))
    quads += [
        ox.Quad(q.subject, q.predicate, q.object, GRAPH.vocabulary)
        for name in ("terms", "concepts")
        for q in read_quads(ontology_dir() / f"{name}.ttl")
    ]
    claims = {q.graph_name for q in quads if q.graph_name in CLAIM}
    for claim in claims:
        assert isinstance(claim, ox.NamedNode)
        quads.append(ox.Quad(claim, RDF.type, SG.Claim, GRAPH.synthetic))
        quads.append(ox.Quad(claim, SG.restsOn, claim, GRAPH.derived))
    dates = {
        t.value
        for q in quads
        for t in (q.subject, q.object)
        if isinstance(t, ox.NamedNode) and is_date_iri(t.value)
    }
    quads += date_quads(dates)
    quads += _next_inspections(councils)
    store = ox.Store()
    store.bulk_extend(quads)
    store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    stated: dict[ox.Triple, list[str]] = {}
    for quad in quads:
        if isinstance(quad.graph_name, ox.NamedNode) and (
            quad.graph_name in CLAIM or quad.graph_name in DERIVED
        ):
            stated.setdefault(quad.triple, []).append(quad.graph_name.value)
    return store, len(quads), stated


def _council(n: int) -> Iterator[str]:
    yield f"""GRAPH graph:register {{ id:service-{n} a sg:Service ; rdfs:label "Services {n}"@en .
      id:post-{n} a org:Post ; rdfs:label "Director {n}"@en ; org:postIn id:service-{n} . }}"""
    for k in range(4):
        year = 2011 + 3 * k
        name = f"id:inspection-{n}-{k}"
        yield f"""GRAPH graph:register {{ {name} a sg:Inspection ; rdfs:label "Inspection {n}-{k}"@en .
          id:notice-{n}-{k} a sg:ImprovementNotice ; rdfs:label "Notice {n}-{k}"@en .
          id:tenure-{n}-{k} a sg:Tenure ; rdfs:label "Tenure {n}-{k}"@en .
          id:person-{n}-{k} a foaf:Person ; rdfs:label "Person {n}-{k}"@en . }}"""
        yield f"claim:a{n}x{k} {{ {name} sg:inspected id:service-{n} ; sg:time id:date-{year}-0{1 + n % 9} . }}"
        yield f"claim:b{n}x{k} {{ id:tenure-{n}-{k} org:member id:person-{n}-{k} ; org:post id:post-{n} . }}"
        yield f"claim:c{n}x{k} {{ id:tenure-{n}-{k} sg:start id:date-{year - 1} ; sg:end id:date-{year + 1}-11 . }}"
        for m, area in enumerate(AREAS):
            judgement = f"id:judgement-{n}-{k}-{m}"
            grade = GRADES[(n + k * (m + 1)) % 4]
            yield f'GRAPH graph:register {{ {judgement} a sg:Judgement ; rdfs:label "Judgement {n}-{k}-{m}"@en . }}'
            yield (
                f"claim:d{n}x{k}x{m} {{ {judgement} sg:inspection {name} ; sg:judged id:service-{n} ; "
                f"sg:area sgv:sif-{area} ; sg:grade sgv:sif-{grade} ; sg:published id:date-{year}-11-0{1 + n % 9} . }}"
            )
        yield f"claim:e{n}x{k} {{ id:notice-{n}-{k} sg:follows id:judgement-{n}-{k}-0 ; sg:issuedTo id:service-{n} . }}"


def _next_inspections(councils: int) -> Iterator[ox.Quad]:
    """What the rule next-inspection would add, so that the rules after it have something to work on."""
    for n in range(councils):
        for k in range(3):
            graph = DERIVED[f"next{n}x{k}"]
            yield ox.Quad(ID[f"inspection-{n}-{k}"], SG.next, ID[f"inspection-{n}-{k + 1}"], graph)
            yield ox.Quad(graph, RDF.type, SG.Derivation, GRAPH.derived)

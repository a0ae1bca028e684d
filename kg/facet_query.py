"""The SPARQL behind a selection: the same members as `kg.facets` chooses, for any client. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent

from pyoxigraph import Literal, NamedNode

from kg.facets import FACETS, Chosen
from kg.namespaces import SG, XSD
from kg.queries import with_prefixes
from kg.terms import Term, bind

_ABOUT = """\
  {{ {values}?claim a sg:Claim . GRAPH ?claim {{ ?{x} ?{x}P1 ?{x}O1 }} }}
  UNION {{ {values}?claim a sg:Claim . GRAPH ?claim {{ ?{x}S2 ?{x}P2 ?{x} }} }}
  UNION {{ {values}?{x}Shown sg:shownWithSubject true . ?{x}Part a ?{x}Shown ; ?{x}Q3 ?{x} FILTER(?{x}Q3 != rdf:type)
          ?claim a sg:Claim . GRAPH ?claim {{ ?{x}Part ?{x}P3 ?{x}O3 }} }}
  UNION {{ {values}?{x}Rule a sg:Derivation ; sg:restsOn ?claim . GRAPH ?{x}Rule {{ ?{x} ?{x}P4 ?{x}O4 }} }}
"""
_PATTERNS: Mapping[str, str] = {
    "body": _ABOUT.format(x="body", values="VALUES ?body { id:ofsted } "),
    "person": _ABOUT.format(x="person", values="VALUES ?person { id:peter-lewis } "),
    "year": """\
  VALUES ?year { 2015 }
  ?claim a sg:Claim .
  { GRAPH ?claim { ?dated ?when ?date } }
  UNION { GRAPH ?claim { ?dated ?with ?event } ?event sg:time|sg:published ?date }
  UNION { GRAPH ?claim { ?event ?has ?other } ?event sg:time|sg:published ?date }
  ?date a sg:Date .
  OPTIONAL { ?date sg:earliest ?earliest } OPTIONAL { ?date sg:latest ?latest }
  FILTER(YEAR(COALESCE(?earliest, ?latest)) <= ?year && ?year <= YEAR(COALESCE(?latest, ?earliest)))
""",
    "article": "  VALUES ?article { id:article-bbc-32085372 }\n  ?claim prov:hadPrimarySource ?article .\n",
    "voice": "  VALUES ?voice { id:ofsted }\n  ?claim sg:voice/prov:agent ?voice .\n",
    "kind": "  VALUES ?kind { sgv:opinion }\n  ?claim sg:assertionKind ?kind .\n",
    "grade": "  VALUES ?grade { sgv:sif-inadequate }\n  GRAPH ?claim { ?judgement sg:grade ?grade }\n",
}


def selection_query(cls: NamedNode, chosen: Chosen) -> str:
    """Return a query for the members of a class, and of those below it, that one claim has all chosen values for.

    >>> print(selection_query(SG.Claim, {"kind": NamedNode("https://w3id.org/scrutiny-graph/vocab/opinion")}))
    PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    SELECT DISTINCT ?x ?name WHERE {
      { SELECT DISTINCT ?claim WHERE {
        VALUES ?kind { <https://w3id.org/scrutiny-graph/vocab/opinion> }
        ?claim sg:assertionKind ?kind .
        ?claim a sg:Claim
      } }
      BIND(?claim AS ?x)
      VALUES ?class { <https://w3id.org/scrutiny-graph/ontology#Claim> }
      ?x a/rdfs:subClassOf* ?class .
      OPTIONAL { ?x rdfs:label ?name }
    } ORDER BY ?name ?x
    <BLANKLINE>
    """
    bindings: dict[str, Term] = {"class": cls}
    parts = []
    for facet in FACETS:
        if facet in chosen:
            value = chosen[facet]
            parts.append(_PATTERNS[facet])
            bindings[facet] = Literal(str(value), datatype=XSD.integer) if isinstance(value, int) else value
    lines = ["SELECT DISTINCT ?x ?name WHERE {\n"]
    if chosen:
        inner = indent("".join([*parts, "  ?claim a sg:Claim\n"]), "  ")
        lines += ["  { SELECT DISTINCT ?claim WHERE {\n", inner, "  } }\n"]
        if cls == SG.Claim:
            lines.append("  BIND(?claim AS ?x)\n")
        else:
            about = indent(_ABOUT.format(x="x", values=""), "  ")
            lines += ["  { SELECT DISTINCT ?x ?claim WHERE {\n", about, "  } }\n"]
    lines.append("  VALUES ?class { sg:Claim }\n  ?x a/rdfs:subClassOf* ?class .\n")
    lines.append("  OPTIONAL { ?x rdfs:label ?name }\n} ORDER BY ?name ?x\n")
    return with_prefixes(bind("".join(lines), bindings))

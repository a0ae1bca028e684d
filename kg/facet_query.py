"""The SPARQL behind a selection: the same members as `kg.facets` chooses, with their dates, for any client. Pure."""

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
_IN_YEAR = """\
  OPTIONAL { ?date sg:earliest ?from } OPTIONAL { ?date sg:latest ?to }
  FILTER(YEAR(COALESCE(?from, ?to)) <= ?year && ?year <= YEAR(COALESCE(?to, ?from)))
"""
_DATED = """\
{ GRAPH ?dating { ?x ?dateOf ?date } ?dating sg:restsOn ?known . ?date a sg:Date }
UNION { GRAPH graph:register { ?x sg:published ?date } ?date a sg:Date }
"""
_PATTERNS: Mapping[str, str] = {
    "body": _ABOUT.format(x="body", values="VALUES ?body { id:ofsted } "),
    "person": _ABOUT.format(x="person", values="VALUES ?person { id:peter-lewis } "),
    "year": """\
  VALUES ?year { 2015 }
  ?claim a sg:Claim .
  { GRAPH ?claim { ?dated ?when ?date } }
  UNION { GRAPH ?claim { ?dated ?with ?event } ?event sg:time|sg:published ?date
          FILTER(?with NOT IN (sg:compares, sg:before, sg:follows, owl:differentFrom)) }
  UNION { GRAPH ?claim { ?event ?has ?other } ?event sg:time|sg:published ?date }
  ?date a sg:Date .
"""
    + _IN_YEAR,
    "article": "  VALUES ?article { id:article-bbc-32085372 }\n  ?claim prov:hadPrimarySource ?article .\n",
    "voice": "  VALUES ?voice { id:ofsted }\n  ?claim sg:voice/prov:agent ?voice .\n",
    "kind": "  VALUES ?kind { sgv:opinion }\n  ?claim sg:assertionKind ?kind .\n",
    "grade": "  VALUES ?grade { sgv:sif-inadequate }\n  GRAPH ?claim { ?judgement sg:grade ?grade }\n",
}


def selection_query(cls: NamedNode, chosen: Chosen) -> str:
    """Return a query for the members of a class, and of those below it, that one claim has all chosen values for.

    A row for each, with its name, the first and the last day that its dates name, and the dates (EDTF).

    >>> print(selection_query(SG.Claim, {"kind": NamedNode("https://w3id.org/scrutiny-graph/vocab/opinion")}))
    PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    SELECT ?x ?name (MIN(?first) AS ?earliest) (MAX(?last) AS ?latest)
      (GROUP_CONCAT(DISTINCT ?edtf; SEPARATOR=" | ") AS ?dates) WHERE {
      { SELECT DISTINCT ?claim WHERE {
        VALUES ?kind { <https://w3id.org/scrutiny-graph/vocab/opinion> }
        ?claim sg:assertionKind ?kind .
        ?claim a sg:Claim
      } }
      BIND(?claim AS ?x)
      VALUES ?class { <https://w3id.org/scrutiny-graph/ontology#Claim> }
      ?x a/rdfs:subClassOf* ?class .
      OPTIONAL { ?x rdfs:label ?name }
      OPTIONAL {
        GRAPH ?x { ?said ?dateOf ?date } ?date a sg:Date .
        ?date sg:edtf ?edtf OPTIONAL { ?date sg:earliest ?first } OPTIONAL { ?date sg:latest ?last }
      }
    } GROUP BY ?x ?name ORDER BY ?name ?x
    <BLANKLINE>
    """
    bindings: dict[str, Term] = {"class": cls}
    for facet, value in chosen.items():
        bindings[facet] = Literal(str(value), datatype=XSD.integer) if isinstance(value, int) else value
    is_claim = cls == SG.Claim
    selected = _selected(chosen, is_claim=is_claim)
    if "year" in chosen and not is_claim:
        others = {facet: value for facet, value in chosen.items() if facet != "year"}
        own = "  VALUES ?year { 2015 }\n" + indent(_DATED, "  ") + _IN_YEAR
        own = "  { SELECT DISTINCT ?x WHERE {\n" + indent(own, "  ") + "  } }\n"
        own += _selected(others, is_claim=False)
        none = f"  MINUS {{\n{indent(_DATED, '    ')}  }}\n"
        selected = f"  {{\n{indent(own, '  ')}  }} UNION {{\n{indent(selected + none, '  ')}  }}\n"
    dated = "GRAPH ?x { ?said ?dateOf ?date } ?date a sg:Date .\n" if is_claim else _DATED
    text = (
        "SELECT ?x ?name (MIN(?first) AS ?earliest) (MAX(?last) AS ?latest)\n"
        '  (GROUP_CONCAT(DISTINCT ?edtf; SEPARATOR=" | ") AS ?dates) WHERE {\n'
        f"{selected}"
        "  VALUES ?class { sg:Claim }\n  ?x a/rdfs:subClassOf* ?class .\n"
        "  OPTIONAL { ?x rdfs:label ?name }\n"
        f"  OPTIONAL {{\n{indent(dated, '    ')}"
        "    ?date sg:edtf ?edtf OPTIONAL { ?date sg:earliest ?first } OPTIONAL { ?date sg:latest ?last }\n  }\n"
        "} GROUP BY ?x ?name ORDER BY ?name ?x\n"
    )
    return with_prefixes(bind(text, bindings))


def _selected(chosen: Chosen, *, is_claim: bool) -> str:
    """Return the pattern for what one claim has all chosen values for; the empty text where nothing is chosen."""
    parts = [_PATTERNS[facet] for facet in FACETS if facet in chosen]
    if not parts:
        return ""
    inner = indent("".join([*parts, "  ?claim a sg:Claim\n"]), "  ")
    lines = "  { SELECT DISTINCT ?claim WHERE {\n" + inner + "  } }\n"
    if is_claim:
        return f"{lines}  BIND(?claim AS ?x)\n"
    about = indent(_ABOUT.format(x="x", values=""), "  ")
    return lines + "  { SELECT DISTINCT ?x ?claim WHERE {\n" + about + "  } }\n"

"""A small data set for tests of reading: the invented council of Anyshire, its invented people and newspapers.

Nothing here is about a real place. Two newspapers and one table of an invented inspectorate; claims by one, two and
three voices; a judgement that two sources report; a tenure whose end is told in two ways; a derived date; a withdrawn
claim; a gap; questions. `quads()` gives the named graphs as `kg build` would, `store()` the store with its flat
default graph.
"""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.claims import Claim, Evidence, Reading, Voice, claim_to_quads
from kg.flat import flatten
from kg.ids import mint_derived
from kg.namespaces import GRAPH, ID, ORG, PREFIXES, PROV, RDF, RDFS, SCHEMA, SG, SGV, XSD

HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())

VOCABULARY = """
foaf:Person a owl:Class ; rdfs:label "Person"@en .
org:Post a owl:Class ; rdfs:label "Post"@en .
sg:Council a owl:Class ; rdfs:label "Council"@en ; rdfs:subClassOf org:FormalOrganization .
org:FormalOrganization a owl:Class ; rdfs:label "Organisation"@en ; rdfs:subClassOf org:Organization .
sg:Tenure a owl:Class ; rdfs:label "Tenure"@en ; sg:shownWithSubject true .
sg:TenureEnd a owl:Class ; rdfs:label "End of a tenure"@en ; sg:shownWithSubject true .
sg:Judgement a owl:Class ; rdfs:label "Judgement"@en ; sg:shownWithSubject true .
sg:Statement a owl:Class ; rdfs:label "Statement"@en ; sg:shownWithSubject true .
org:member a owl:ObjectProperty ; rdfs:label "member"@en .
org:post a owl:ObjectProperty ; rdfs:label "post"@en .
sg:grade a owl:ObjectProperty ; rdfs:label "grade"@en .
sg:start a owl:ObjectProperty ; rdfs:label "start"@en .
sg:end a owl:ObjectProperty ; rdfs:label "end"@en .
sgv:stated a skos:Concept ; skos:prefLabel "stated"@en .
sgv:reported a skos:Concept ; skos:prefLabel "reported"@en .
sgv:contradiction a skos:Concept ; skos:prefLabel "contradiction"@en .
sgv:interim a skos:Concept ; skos:prefLabel "interim"@en ; skos:inScheme sgv:tenure-statuses .
sgv:permanent a skos:Concept ; skos:prefLabel "permanent"@en ; skos:inScheme sgv:tenure-statuses .
sgv:unscaled-inadequate a skos:Concept ; skos:prefLabel "inadequate"@en ; skos:inScheme sgv:scale-not-stated .
sgv:ended-by-employer a skos:Concept ; skos:prefLabel "ended by the employer"@en .
sgv:notice-by-holder a skos:Concept ; skos:prefLabel "notice by the holder"@en .
sgv:praise a skos:Concept ; skos:prefLabel "praise"@en .
sgv:rule-announced a skos:Concept ; skos:prefLabel "an act is not later than its announcement"@en .
"""

REGISTER = """
id:anyshire-echo a sg:Publisher ; rdfs:label "The Anyshire Echo (invented)"@en .
id:anyshire-gazette a sg:Publisher ; rdfs:label "Anyshire Gazette (invented)"@en .
id:article-echo-1 a sg:Article ; rdfs:label "The Echo on the inspection (invented)"@en ;
  dcterms:publisher id:anyshire-echo .
id:article-gazette-1 a sg:Article ; rdfs:label "The Gazette on the director (invented)"@en ;
  dcterms:publisher id:anyshire-gazette .
id:outcomes-table dcterms:publisher id:inspectorate-x ; rdfs:label "Table of outcomes (invented)"@en .
id:anyshire-council a sg:Council ; rdfs:label "Anyshire Council (invented)"@en ; skos:altLabel "the council"@en ;
  schema:identifier id:identifier-x99 .
id:identifier-x99 a schema:PropertyValue ; rdfs:label "Code X99"@en ; schema:value "X99" ;
  sg:verifiedIn "nowhere: invented" .
id:inspectorate-x a sg:Inspectorate ; rdfs:label "The Inspectorate (invented)"@en .
id:ann-example a foaf:Person ; rdfs:label "Ann Example"@en ; skos:altLabel "Ms Example"@en .
id:bob-sample a foaf:Person ; rdfs:label "Bob Sample"@en .
id:cat-nobody a foaf:Person ; rdfs:label "Cat Nobody"@en .
id:post-dcs-anyshire a org:Post ; rdfs:label "Director of children's services in Anyshire"@en .
id:tenure-ann a sg:Tenure ; rdfs:label "Ann Example as director in Anyshire"@en .
id:tenure-bob a sg:Tenure ; rdfs:label "Bob Sample as director in Anyshire"@en .
id:ann-contract-ended a sg:TenureEnd ; rdfs:label "End of Ann Example's contract, according to the council"@en .
id:ann-notice a sg:TenureEnd ; rdfs:label "Notice that Ann Example says she gave"@en .
id:announcement-ann a sg:Announcement ; rdfs:label "The council's announcement about Ann Example"@en .
id:inspection-anyshire-2013 a sg:Inspection ; rdfs:label "Inspection of Anyshire, 2013"@en .
id:judgement-anyshire-2013 a sg:Judgement ; rdfs:label "The Inspectorate's judgement of Anyshire, 2013"@en .
id:statement-fine-officer a sg:Statement ; rdfs:label "What an earlier chief said of Bob Sample, as he tells it"@en .
"""

NOTES = """
graph:dates {
id:date-2014-10 a sg:Date ; sg:edtf "2014-10"^^edtf:EDTF ; sg:earliest "2014-10-01"^^xsd:date ;
  sg:latest "2014-10-31"^^xsd:date .
id:date-by-2014-10 a sg:Date ; sg:edtf "[..2014-10]"^^edtf:EDTF ; sg:latest "2014-10-31"^^xsd:date .
id:date-2013 a sg:Date ; sg:edtf "2013"^^edtf:EDTF ; sg:earliest "2013-01-01"^^xsd:date ;
  sg:latest "2013-12-31"^^xsd:date .
id:date-2015-01 a sg:Date ; sg:edtf "2015-01"^^edtf:EDTF ; sg:earliest "2015-01-01"^^xsd:date ;
  sg:latest "2015-01-31"^^xsd:date .
id:date-2015-03 a sg:Date ; sg:edtf "2015-03"^^edtf:EDTF ; sg:earliest "2015-03-01"^^xsd:date ;
  sg:latest "2015-03-31"^^xsd:date .
}
graph:gaps {
id:gap-cost a sg:Gap ; rdfs:label "No source says what the inspection cost."@en ;
  sg:about id:inspection-anyshire-2013 ;
  sg:missing schema:value ; sg:question id:question-cost ; sg:asked id:article-echo-1 , id:article-gazette-1 .
}
"""

QUESTIONS = """
sgv:questions-people a skos:Concept ; skos:prefLabel "People and posts"@en ; skos:inScheme sgv:question-groups .
id:question-director a sg:Question , sh:SPARQLExecutable , sh:SPARQLSelectExecutable ;
  rdfs:label "Who was director in Anyshire on 1 June 2014?"@en ;
  rdfs:comment "Who was director in Anyshire on 1 June 2014?"@en ;
  sg:group sgv:questions-people ; schema:keywords "in charge" ; sh:prefixes id:question-prefixes ; sg:asks "person" ;
  sg:parameter id:question-director-day , id:question-director-post ; sh:select \"\"\"
PREFIX id: <https://w3id.org/scrutiny-graph/id/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?person ?since ?claim WHERE {
  VALUES ?day { "2014-06-01"^^xsd:date } VALUES ?post { id:post-dcs-anyshire }
  ?tenure org:post ?post ; org:member ?person .
  OPTIONAL { ?tenure sg:start ?since OPTIONAL { ?since sg:earliest ?first } }
  OPTIONAL { ?tenure sg:end ?end OPTIONAL { ?end sg:latest ?last } }
  FILTER(COALESCE(?first <= ?day, true) && COALESCE(?last >= ?day, true))
  VALUES ?p { org:member sg:start }
  GRAPH ?g { ?tenure ?p ?value } ?g sg:restsOn ?claim .
} ORDER BY ?person\"\"\" .
id:question-director-day a sg:Parameter ; sg:parameterName "day" ; rdfs:label "Day"@en ; sh:datatype xsd:date ;
  sh:defaultValue "2014-06-01"^^xsd:date ; sh:order 1 .
id:question-director-post a sg:Parameter ; sg:parameterName "post" ; rdfs:label "Post"@en ; sh:class org:Post ;
  sh:defaultValue id:post-dcs-anyshire ; sh:order 2 .
id:question-how-ended a sg:Question , sh:SPARQLExecutable , sh:SPARQLSelectExecutable ;
  rdfs:label "How did Ann Example's tenure end?"@en ; rdfs:comment "How did Ann Example's tenure end?"@en ;
  sg:group sgv:questions-people ; sh:prefixes id:question-prefixes ; sg:asks "kind" ;
  sg:parameter id:question-how-ended-person ;
  sh:select \"\"\"
PREFIX id: <https://w3id.org/scrutiny-graph/id/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>
SELECT ?kind ?claim WHERE {
  VALUES ?person { id:ann-example } ?tenure org:member ?person .
  GRAPH ?g { ?end sg:endsTenure ?tenure ; sg:kind ?kind } ?g sg:restsOn ?claim .
} ORDER BY ?kind\"\"\" .
id:question-how-ended-person a sg:Parameter ; sg:parameterName "person" ; rdfs:label "Person"@en ;
  sh:class foaf:Person ;
  sh:defaultValue id:ann-example ; sh:order 1 .
id:question-cost a sg:Question , sh:SPARQLExecutable , sh:SPARQLSelectExecutable ;
  rdfs:label "What did the inspection of 2013 cost?"@en ; rdfs:comment "What did the inspection of 2013 cost?"@en ;
  sg:group sgv:questions-people ; sh:prefixes id:question-prefixes ; sg:asks "amount" ;
  sg:parameter id:question-cost-inspection ;
  sh:select \"\"\"
PREFIX id: <https://w3id.org/scrutiny-graph/id/>
PREFIX schema: <https://schema.org/>
PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>
SELECT ?amount ?claim WHERE {
  VALUES ?inspection { id:inspection-anyshire-2013 } ?figure sg:costOf ?inspection .
  GRAPH ?g { ?figure schema:value ?amount } ?g sg:restsOn ?claim .
}\"\"\" .
id:question-cost-inspection a sg:Parameter ; sg:parameterName "inspection" ; rdfs:label "Inspection"@en ;
  sh:class sg:Inspection ; sh:defaultValue id:inspection-anyshire-2013 ; sh:order 1 .
"""

ECHO, GAZETTE, TABLE = ID["article-echo-1"], ID["article-gazette-1"], ID["outcomes-table"]
PAPER = {ECHO: ID["anyshire-echo"], GAZETTE: ID["anyshire-gazette"], TABLE: ID["inspectorate-x"]}


def _claim(
    name: str,
    source: NamedNode,
    sentence: str,
    triples: list[tuple[NamedNode, NamedNode, NamedNode | Literal]],
    quoted: tuple[Voice, ...] = (),
    excerpt: str | None = None,
    row: str | None = None,
    readings: tuple[Reading, ...] = (),
    other: tuple[tuple[NamedNode, NamedNode | Literal], ...] = (),
) -> Claim:
    start = 100 * (1 + len(name))
    digest = f"{name:0<64}".replace(" ", "0")[:64]
    if row is not None:
        piece = Evidence(source, digest, fragment=row, row_key=f"key-{name}")
    else:
        assert excerpt is not None
        piece = Evidence(source, digest, excerpt, "", "", start, start + len(excerpt), start - 20, start + 60)
    draft = Claim(
        ID[name],
        GRAPH[source.value.rpartition("/")[2].removeprefix("article-")],
        source,
        tuple(Triple(*t) for t in triples),
        (Voice(PAPER[source]), *quoted),
        (piece,),
        readings=readings,
        other=((RDFS.label, Literal(sentence, language="en")), *other),
    )
    return Claim(**{**{f: getattr(draft, f) for f in draft.__dataclass_fields__}, "iri": draft.minted()})


COUNCIL = Voice(ID["anyshire-council"], through=ID["announcement-ann"])
LAST_OCTOBER = Reading("d", "last October", ID["date-2014-10"], SGV.inferred, GAZETTE)
GRADE = (ID["judgement-anyshire-2013"], SG.grade, SGV["unscaled-inadequate"])
JUDGED = (ID["judgement-anyshire-2013"], SG.inspection, ID["inspection-anyshire-2013"])
BODY = (ID["judgement-anyshire-2013"], SG.judged, ID["anyshire-council"])

CLAIMS: dict[str, Claim] = {
    "grade-echo": _claim(
        "grade-echo", ECHO, "The Echo says that the Inspectorate judged Anyshire inadequate.",
        [GRADE, JUDGED, BODY], (Voice(ID["inspectorate-x"]),), "plainly \"inadequate\" work",
    ),
    "grade-table": _claim(
        "grade-table", TABLE, "The table gives the grade inadequate.",
        [GRADE, JUDGED, (GRADE[0], SG.gradeAsWritten, Literal("Inadequate"))], row="row=7",
    ),
    "time-2013": _claim(
        "time-2013", ECHO, "The inspection was in 2013.",
        [(ID["inspection-anyshire-2013"], SG.time, ID["date-2013"]),
         (ID["inspection-anyshire-2013"], SG.duration, Literal("P18M", datatype=XSD.duration))],
        excerpt="all through that year",
    ),
    "ann-tenure": _claim(
        "ann-tenure", ECHO, "Ann Example was interim director, from 2013.",
        [(ID["tenure-ann"], ORG.member, ID["ann-example"]), (ID["tenure-ann"], ORG.post, ID["post-dcs-anyshire"]),
         (ID["tenure-ann"], SG.status, SGV.interim), (ID["tenure-ann"], SG.start, ID["date-2013"])],
        excerpt="took the helm in",
    ),
    "ann-ended": _claim(
        "ann-ended", GAZETTE, "The council announced that it had ended Ann Example's contract.",
        [(ID["ann-contract-ended"], SG.endsTenure, ID["tenure-ann"]),
         (ID["ann-contract-ended"], SG.kind, SGV["ended-by-employer"])],
        (COUNCIL,), "announced it had ended", readings=(LAST_OCTOBER,),
    ),
    "ann-notice": _claim(
        "ann-notice", GAZETTE, "Ann Example says that she gave notice.",
        [(ID["ann-notice"], SG.endsTenure, ID["tenure-ann"]), (ID["ann-notice"], SG.kind, SGV["notice-by-holder"])],
        (Voice(ID["ann-example"]),), "I had told them",
    ),
    "bob-tenure": _claim(
        "bob-tenure", GAZETTE, "Bob Sample became director in January 2015.",
        [(ID["tenure-bob"], ORG.member, ID["bob-sample"]), (ID["tenure-bob"], ORG.post, ID["post-dcs-anyshire"]),
         (ID["tenure-bob"], SG.start, ID["date-2015-01"])],
        excerpt="arrived in January",
    ),
    "fine-officer": _claim(
        "fine-officer", GAZETTE, "An earlier chief told Bob Sample that he is a fine officer.",
        [(ID["statement-fine-officer"], SG.saidBy, ID["inspectorate-x"]),
         (ID["statement-fine-officer"], SCHEMA.about, ID["bob-sample"]),
         (ID["statement-fine-officer"], SG.expresses, SGV.praise)],
        (Voice(ID["bob-sample"], capacity=ID["post-dcs-anyshire"]), Voice(ID["inspectorate-x"])),
        "a fine officer, \\ really",
    ),
    "withdrawn": _claim(
        "withdrawn", GAZETTE, "Bob Sample became director in March 2015: withdrawn.",
        [(ID["tenure-bob"], SG.start, ID["date-2015-03"])], excerpt="since the spring",
        other=((SG.withdrawn, Literal(True)),),
    ),
}  # fmt: skip

END = Triple(ID["tenure-ann"], SG.end, ID["date-by-2014-10"])
DERIVED = mint_derived(SGV["rule-announced"].value, [END], [CLAIMS["ann-ended"].iri.value])


def _in_graph(text: str, graph: NamedNode) -> list[Quad]:
    parsed = ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)
    return [Quad(q.subject, q.predicate, q.object, graph) for q in parsed]


@cache
def quads() -> tuple[Quad, ...]:
    """Return the quads of the named graphs, with the records of the one derivation and `sg:restsOn`."""
    found = [q for claim in CLAIMS.values() for q in claim_to_quads(claim)]
    found += _in_graph(VOCABULARY, GRAPH.vocabulary) + _in_graph(REGISTER, GRAPH.register)
    found += _in_graph(QUESTIONS, GRAPH.questions)
    found += list(ox.parse(HEAD + NOTES, format=ox.RdfFormat.TRIG))
    record, d = GRAPH.derived, ID["disagreement-ann-end"]
    found += [
        Quad(END.subject, END.predicate, END.object, DERIVED),
        Quad(DERIVED, RDF.type, SG.Derivation, record),
        Quad(DERIVED, SG.byRule, SGV["rule-announced"], record),
        Quad(
            DERIVED, RDFS.label, Literal("An act is not later than its announcement.", language="en"), record
        ),
        Quad(DERIVED, PROV.wasDerivedFrom, CLAIMS["ann-ended"].iri, record),
        Quad(DERIVED, SG.restsOn, CLAIMS["ann-ended"].iri, record),
        *(Quad(c.iri, SG.restsOn, c.iri, record) for c in CLAIMS.values()),
        Quad(d, RDF.type, SG.Disagreement, GRAPH.disagreements),
        Quad(d, SG.differenceKind, SGV.contradiction, GRAPH.disagreements),
        Quad(
            d,
            RDFS.label,
            Literal("Council and director name different acts.", language="en"),
            GRAPH.disagreements,
        ),
        Quad(d, SG.between, CLAIMS["ann-ended"].iri, GRAPH.disagreements),
        Quad(d, SG.between, CLAIMS["ann-notice"].iri, GRAPH.disagreements),
    ]
    return tuple(found)


@cache
def store() -> ox.Store:
    """Return a store in memory with the named graphs and the flat default graph."""
    made = ox.Store()
    made.extend(quads())
    made.extend(Quad(t.subject, t.predicate, t.object) for t in flatten(quads()))
    return made

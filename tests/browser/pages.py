"""All kinds of pages there are, each with a real address: what the checks of this folder look at.

`PAGES` names for every page the route that makes it; `NO_PAGES` says of every other route what it sends instead. A test
holds both against the application's own table of routes, so a new route has an entry here or the run is red.

An address may name a part in braces, such as `{claim}`: a query of `EXAMPLES` finds it in the graph that is served, for
names of claims and derivations follow from what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Kind:
    """One kind of page.

    `server`: `graph` is the real data; `small` an invented article, served with its text, a contact and hardly any time
    for a query; `files` an RDF file. `sent`: a text that is put into the page's form, to get the page that is meant.
    `twin`: made like another kind that is looked at at every width, so for this one the narrowest is enough.
    """

    name: str
    route: str
    address: str
    status: int = 200
    server: str = "graph"
    sent: str = ""
    twin: bool = False


def ask(query: str, **more: str) -> str:
    """Return the address of the query page with a query that was run."""
    return "/sparql?" + urlencode({"query": query, **more})


POSTS = "SELECT ?person ?post { ?tenure org:member ?person ; org:post ?post } ORDER BY ?person ?post"
CLAIMS = "SELECT ?who ?claim { GRAPH ?g { ?t org:member ?who } ?g sg:restsOn ?claim } ORDER BY ?who ?claim"
COUNTS = (
    "SELECT ?class (COUNT(?x) AS ?n) { ?x a ?class FILTER(STRSTARTS(STR(?class), STR(sg:))) } GROUP BY ?class"
)
DATES = "SELECT ?thing ?when { ?thing sg:time ?when }"
NOTHING = "SELECT ?x { ?x a sg:Nowhere }"
BROKEN = "SELECT ?x WHERE {\n  ?x a sg:Council .\n  ?x foo:bar ?y .\n}"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) > STR(?i)) }"
UPDATE = "INSERT DATA { id:a rdfs:label 'b' }"
TTL = "@prefix sg: <https://w3id.org/scrutiny-graph/ontology#> .\n@prefix id: <https://w3id.org/scrutiny-graph/id/> .\n"

PAGES = (
    Kind("front", "/", "/"),
    Kind("about", "/about", "/about"),
    Kind("about-with-contact", "/about", "/about", server="small", twin=True),
    Kind("accessibility", "/accessibility", "/accessibility"),
    Kind("accessibility-with-contact", "/accessibility", "/accessibility", server="small", twin=True),
    Kind("articles", "/articles", "/articles"),
    Kind("article", "/articles/<local:name>", "/articles/chard-12869187"),
    Kind("article-unknown", "/articles/<local:name>", "/articles/nowhere-1", 404, twin=True),
    Kind("briefs", "/brief", "/brief"),
    Kind("brief", "/brief/<local:name>", "/brief/somerset-county-council"),
    Kind("brief-period", "/brief/<local:name>", "/brief/somerset-county-council?from=2013&to=2015", twin=True),
    Kind("brief-little-known", "/brief/<local:name>", "/brief/essex-county-council?from=2019&to=2020"),
    Kind("brief-bad-period", "/brief/<local:name>", "/brief/somerset-county-council?from=2016&to=yesterday", 400),
    Kind("classes", "/browse", "/browse"),
    Kind("members", "/browse/<path:name>", "/browse/sg:Finding"),
    Kind("members-unknown", "/browse/<path:name>", "/browse/sg:Unicorn", 404, twin=True),
    Kind("members-bad-offset", "/browse/<path:name>", "/browse/sg:Finding?offset=x", 400, twin=True),
    Kind("changes", "/changes", "/changes"),
    Kind("claim-chain", "/claim/<local:name>", "/claim/{chain}"),
    Kind("claim-dated", "/claim/<local:name>", "/claim/{dated}", twin=True),
    Kind("claim-disputed", "/claim/<local:name>", "/claim/{disputed}"),
    Kind("claim-with-text", "/claim/<local:name>", "/claim/{any}", server="small"),
    Kind("claim-unknown", "/claim/<local:name>", "/claim/0000000000000000", 404, twin=True),
    Kind("derived", "/derived/<local:name>", "/derived/{derived}"),
    Kind("disagreements", "/disagreements", "/disagreements"),
    Kind("disagreements-kind", "/disagreements", "/disagreements?kind=contradiction", twin=True),
    Kind("disagreements-bad-kind", "/disagreements", "/disagreements?kind=quarrel", 400, twin=True),
    Kind("disagreement-record", "/disagreements/<local:name>", "/disagreements/lewis-end"),
    Kind("downloads", "/downloads", "/downloads"),
    Kind("graph", "/graph/<local:name>", "/graph/register"),
    Kind("limits", "/limits", "/limits"),
    Kind("ontology", "/ontology", "/ontology"),
    Kind("ontology-term", "/ontology/<local:name>", "/ontology/Finding", twin=True),
    Kind("person", "/page/<local:name>", "/page/julian-wooster"),
    Kind("person-unnamed", "/page/<local:name>", "/page/unnamed-dfe-spokesman-2014", twin=True),
    Kind("council", "/page/<local:name>", "/page/somerset-county-council"),
    Kind("council-section", "/page/<local:name>", "/page/somerset-county-council?section=incoming&offset=5", twin=True),
    Kind("inspectorate", "/page/<local:name>", "/page/ofsted", twin=True),
    Kind("inspection", "/page/<local:name>", "/page/inspection-ofsted-2755542"),
    Kind("judgement", "/page/<local:name>", "/page/judgement-ofsted-2755542-adoption", twin=True),
    Kind("intervention", "/page/<local:name>", "/page/notice-somerset-2013"),
    Kind("review", "/page/<local:name>", "/page/review-2015", twin=True),
    Kind("option", "/page/<local:name>", "/page/option-alternative-delivery-2015", twin=True),
    Kind("post", "/page/<local:name>", "/page/post-dcs-somerset", twin=True),
    Kind("tenure", "/page/<local:name>", "/page/tenure-wooster-dcs", twin=True),
    Kind("ending", "/page/<local:name>", "/page/lewis-contract-ended"),
    Kind("figure", "/page/<local:name>", "/page/count-plans-outstanding", twin=True),
    Kind("statement", "/page/<local:name>", "/page/statement-shortland-take-time", twin=True),
    Kind("gap", "/page/<local:name>", "/page/gap-review-conclusion"),
    Kind("disagreement", "/page/<local:name>", "/page/{record}"),
    Kind("date", "/page/<local:name>", "/page/date-about-2013-04", twin=True),
    Kind("stated-triple", "/page/<local:name>", "/page/{triple}", twin=True),
    Kind("thing-unknown", "/page/<local:name>", "/page/julian-woster", 404),
    Kind("thing-gone", "/page/<local:name>", "/page/entered-twice", 410, "small"),
    Kind("thing-bad-section", "/page/<local:name>", "/page/ofsted?section=cellar", 400, twin=True),
    Kind("grade", "/page/vocab/<local:name>", "/page/vocab/sif-inadequate"),
    Kind("area", "/page/vocab/<local:name>", "/page/vocab/sif-looked-after-and-permanence", twin=True),
    Kind("concept", "/page/vocab/<local:name>", "/page/vocab/intervention-adviser", twin=True),
    Kind("quality", "/quality", "/quality"),
    Kind("quality-single", "/quality/single-source", "/quality/single-source"),
    Kind("quality-things", "/quality/things/<local:badge>", "/quality/things/contested", twin=True),
    Kind("validate", "/quality/validate", "/quality/validate"),
    *(
        Kind(f"validate-{name}", "/quality/validate", "/quality/validate", status, sent=text)
        for name, status, text in (
            ("fine", 200, TTL + "id:i a sg:Nothing ."),
            ("violations", 200, TTL + 'id:i a sg:Inspection ; sg:inspector id:ofsted ; sg:inspected "Anyshire" .'),
            ("malformed", 400, TTL + "id:i a"),
            ("too-large", 413, "# " + 200_000 * "x"),
        )
    ),
    Kind("questions", "/questions", "/questions"),
    Kind("answer", "/questions/<slug>", "/questions/director-on-a-day"),
    Kind("answer-table", "/questions/<slug>", "/questions/all-figures"),
    Kind("answer-not-stated", "/questions/<slug>", "/questions/enfield-director"),
    Kind("answer-bad-value", "/questions/<slug>", "/questions/director-on-a-day?day=yesterday", 400, twin=True),
    Kind("question-unknown", "/questions/<slug>", "/questions/director-on-day", 404, twin=True),
    Kind("resource", "/resource", "/resource?iri=org:Post"),
    Kind("resource-bad", "/resource", "/resource?iri=nothing", 400, twin=True),
    Kind("search", "/search", "/search?q=wooster"),
    Kind("search-start", "/search", "/search"),
    Kind("search-typing-error", "/search", "/search?q=julian+woster"),
    Kind("search-nothing", "/search", "/search?q=qqqqqqqq"),
    Kind("search-bad-kind", "/search", "/search?q=wooster&kind=unicorn", 400, twin=True),
    Kind("sparql", "/sparql", "/sparql"),
    Kind("sparql-rows", "/sparql", ask(POSTS)),
    Kind("sparql-claims", "/sparql", ask(CLAIMS)),
    Kind("sparql-timeline", "/sparql", ask(DATES, view="timeline")),
    Kind("sparql-bars", "/sparql", ask(COUNTS, view="bars")),
    Kind("sparql-graph", "/sparql", ask(POSTS, view="tree")),
    Kind("sparql-yes", "/sparql", ask("ASK { id:ofsted ?p ?o }"), twin=True),
    Kind("sparql-triples", "/sparql", ask("DESCRIBE id:wells"), twin=True),
    Kind("sparql-nothing", "/sparql", ask(NOTHING), twin=True),
    Kind("sparql-error", "/sparql", ask(BROKEN), 400),
    Kind("sparql-refused", "/sparql", ask(UPDATE), 403),
    Kind("sparql-too-long", "/sparql", ask(ENDLESS), 504, "small"),
    Kind("timeline", "/timeline", "/timeline"),
    Kind("timeline-filtered", "/timeline", "/timeline?body=somerset-county-council&kind=interventions"),
    Kind("timeline-bad-kind", "/timeline", "/timeline?kind=gossip", 400),
    Kind("nowhere", "", "/nowhere/at-all", 404),
    Kind("files", "/", "/", server="files"),
    Kind("files-resource", "/resource", "/resource?iri=https://example.org/ann", server="files"),
    Kind("files-sparql", "/sparql", ask("SELECT * { ?s ?p ?o }"), server="files"),
)  # fmt: skip

NO_PAGES = {
    "/.well-known/sparql-examples": "RDF",
    "/.well-known/void": "RDF",
    "/brief/<local:name>.<any(md, txt):extension>": "the brief as text",
    "/changes.atom": "a feed",
    "/cite": "a citation as text",
    "/claim/<local:name>.<ext:extension>": "RDF",
    "/context.jsonld": "JSON-LD context",
    "/data/<local:name>": "RDF",
    "/data/<local:name>.<ext:extension>": "RDF",
    "/data/vocab/<local:name>": "RDF",
    "/data/vocab/<local:name>.<ext:extension>": "RDF",
    "/derived/<local:name>.<ext:extension>": "RDF",
    "/downloads/<path:name>": "files",
    "/favicon.ico": "an image",
    "/graph": "Graph Store Protocol",
    "/graph/<local:name>.<ext:extension>": "RDF",
    "/healthz": "one word",
    "/id/<local:name>": "a redirect",
    "/ontology.<ext:extension>": "RDF",
    "/ontology/<int:major>.<int:minor>.<int:patch>": "a redirect",
    "/ontology/<local:name>.<ext:extension>": "RDF",
    "/quality.ttl": "RDF",
    "/robots.txt": "text",
    "/search.json": "JSON for suggestions",
    "/sitemap.xml": "XML",
    "/static/<path:filename>": "files",
    "/terms.json": "JSON for the editor",
    "/vocab/<local:name>": "a redirect",
}
"""Routes that make no page, and what they send."""

EXAMPLES = {
    "chain": "SELECT ?x { ?x a sg:Claim ; sg:voice ?v } GROUP BY ?x ORDER BY DESC(COUNT(?v)) ?x LIMIT 1",
    "dated": "SELECT ?x { ?x a sg:Claim ; sg:dateReading ?d } ORDER BY ?x LIMIT 1",
    "disputed": "SELECT ?x { ?d a sg:Disagreement ; sg:between ?x } GROUP BY ?x ORDER BY DESC(COUNT(?d)) ?x LIMIT 1",
    "record": "SELECT ?x { ?x a sg:Disagreement } ORDER BY ?x LIMIT 1",
    "any": "SELECT ?x { ?x a sg:Claim } ORDER BY ?x LIMIT 1",
    "derived": "SELECT ?x { ?x a sg:Derivation ; sg:byRule sgv:rule-grade-change } ORDER BY ?x LIMIT 1",
    "triple": "SELECT ?x { ?x a rdf:Statement } ORDER BY ?x LIMIT 1",
}
"""Queries for the parts of addresses that are written in braces; the first row's local name is taken."""

RETIRED = """id:entered-twice a sg:Retired ; rdfs:label "A report on Anyshire"@en ;
  skos:historyNote "It was entered twice."@en .
"""
"""What the small project has beside its article: a thing that is gone."""

TRIPLES = """@prefix ex: <https://example.org/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
ex:ann a foaf:Person ; foaf:name "Ann Example"@en ; foaf:knows ex:bob .
ex:bob foaf:name "Bob Sample" .
"""
"""The RDF file that is served by itself."""

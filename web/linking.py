"""`Link` headers (RFC 8288): what else there is of a thing, what describes it, the licence, and the IRI to cite.

On pages, data and redirects alike, so that a program needs no HTML to find its way: `alternate` with a media type for
each format, `describedby` for the data about a page and for the description of the data set about data, `license`, and
`cite-as` (RFC 8574) for the persistent IRI.
"""

from __future__ import annotations

from flask import Flask, Response, request
from pyoxigraph import NamedNode

from kg.formats import RDF_FORMATS
from kg.namespaces import CLAIM, DERIVED, GRAPH, ID, SGV, Namespace
from kg.terms import parse_iri
from kg.void import CC_BY, DATASET
from web.render import data_address, page_address
from web.serving.served import served

SPACES: dict[str, Namespace] = {
    "articles.article": ID,
    "claim.claim": CLAIM,
    "claim.claim_data": CLAIM,
    "claim.derivation": DERIVED,
    "claim.derivation_data": DERIVED,
    "entity.graph": GRAPH,
    "entity.graph_data": GRAPH,
}
PREFIX = {"articles.article": "article-", "questions.question_page": "question-"}
BY_SPACE = {"id": ID, "vocab": SGV}
DATA_SET = "/.well-known/void"
OF_DATA = (f'<{DATA_SET}>; rel="describedby"', f'<{CC_BY.value}>; rel="license"')
"""Links of data that is about no single thing."""
OF_DATA_SET = (
    f'<{DATA_SET}>; rel="describedby"; type="text/turtle"',
    f'<{CC_BY.value}>; rel="license"',
    f'<{DATASET.value}>; rel="cite-as"',
    '</sparql>; rel="service-desc"; type="text/turtle"',
)
"""Links of the pages that the data set is entered by; `service-desc` is RFC 8631."""
ENTRANCES = frozenset({"pages.home", "downloads.downloads"})
DATA_ENDPOINTS = frozenset(
    {"sparql.endpoint", "graph_store.graph", "machine.void", "discovery.examples", "downloads.download",
     "vocabulary.ontology_data"}
)  # fmt: skip
"""Where such data is."""
LINKED = frozenset({200, 206, 303, 304})
"""The statuses of answers that have links."""


def subject() -> NamedNode | None:
    """Return the IRI that the request is about, `None` if it is about no single one."""
    arguments = request.view_args or {}
    endpoint = request.endpoint or ""
    if endpoint == "entity.resource":
        return parse_iri(request.args.get("iri", ""))
    if endpoint == "questions.question_page":
        return ID[f"question-{arguments.get('slug', '')}"]
    name = arguments.get("name")
    space = SPACES.get(endpoint) or BY_SPACE.get(arguments.get("space", ""))
    if not name or space is None:
        return None
    return space[PREFIX.get(endpoint, "") + name]


def links(iri: NamedNode, *, is_page: bool) -> list[str]:
    """Return the links of an answer about a thing, sorted by relation."""
    formats = [f for f in RDF_FORMATS if f.named_graphs or iri not in GRAPH]
    found = [f'<{data_address(iri, f.extension)}>; rel="alternate"; type="{f.media_type}"' for f in formats]
    if not is_page:
        found.insert(0, f'<{page_address(iri)}>; rel="alternate"; type="text/html"')
    if served().is_files:
        return found
    described = data_address(iri, formats[0].extension) if is_page else DATA_SET
    kind = f'; type="{formats[0].media_type}"' if is_page else ""
    return [
        *found,
        f'<{described}>; rel="describedby"{kind}',
        f'<{CC_BY.value}>; rel="license"',
        f'<{iri.value}>; rel="cite-as"',
    ]


def init_app(app: Flask) -> None:
    """Put links on every answer that has something to link."""

    @app.after_request
    def add_links(response: Response) -> Response:
        if response.status_code not in LINKED or request.method not in ("GET", "HEAD", "POST"):
            return response
        try:
            iri, is_page = subject(), response.mimetype in ("text/html", "text/plain")
            found = links(iri, is_page=is_page) if iri is not None else []
        except Exception:  # an answer that is ready is not lost for a link
            app.logger.exception("no links for %s", request.path)
            return response
        if served().is_files:
            pass
        elif request.endpoint in ENTRANCES:
            found = list(OF_DATA_SET)
        elif not found and request.endpoint in DATA_ENDPOINTS and not is_page:
            found = list(OF_DATA)
        for link in found:
            response.headers.add("Link", link)
        return response

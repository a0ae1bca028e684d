"""For programs: health, robots, sitemap, the description of the data set, the JSON-LD context."""

from __future__ import annotations

from xml.sax.saxutils import escape

from flask import Blueprint, Response, make_response, send_file

from kg.errors import NotFound
from kg.formats import rdf_format
from kg.queries import select
from kg.resources import ontology_dir
from kg.void import DATASET
from web.data import send
from web.entity.page import extension_of, negotiate_rdf
from web.head import hidden
from web.library import all_questions
from web.links import page_of, site_address
from web.people import question_is_about_people
from web.render import STATIC
from web.serving.served import served

blueprint = Blueprint("machine", __name__)

PAGES = (
    "/", "/questions", "/timeline", "/disagreements", "/articles", "/browse", "/sparql", "/downloads",
    "/quality", "/ontology", "/about", "/changes", "/brief", "/accessibility",
)  # fmt: skip
SITEMAP_LIMIT = 50_000


@blueprint.get("/healthz")
def health() -> Response:
    """Tell that something is served, and which version."""
    return _text(f"ok {served().version}\n")


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Send the mark to a browser that asks for it at its old address."""
    return send_file(STATIC / "favicon.ico", mimetype="image/x-icon", conditional=True, max_age=86_400)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Ask crawlers to leave the endless addresses alone."""
    address = site_address(served().settings)
    refused = "".join(
        f"Disallow: {path}\n" for path in ("/sparql?", "/search", "/resource", "/data/", "/questions/*?")
    )
    return _text(f"User-agent: *\n{refused}\nSitemap: {address}/sitemap.xml\n")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the pages that search engines may show: none of a living person, unless it is set."""
    state = served()
    query = "page_sitemap" if hidden(about_people=True) else "page_sitemap_people"
    rows = select(state.store, query, limit=SITEMAP_LIMIT - 1000)
    every = all_questions()
    asked = [q for q in every if not (hidden(about_people=True) and question_is_about_people(q))]
    paths = [*PAGES, *(f"/questions/{q.slug}" for q in asked), *(page_of(row[0]) for row in rows)]
    address = site_address(state.settings)
    urls = "".join(f"<url><loc>{escape(address + path)}</loc></url>\n" for path in dict.fromkeys(paths))
    response = make_response(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    )
    response.content_type = "application/xml; charset=utf-8"
    return response


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Describe the data set: VoID and DCAT."""
    state = served()
    wanted = rdf_format(extension_of(negotiate_rdf()))
    from web.discovery import at_this_site, described, written

    def make() -> bytes:
        return written(at_this_site(described(), site_address(state.settings)), wanted, DATASET)

    return send(state.remember(f"void as {wanted.name}", make), wanted, "void")


@blueprint.get("/context.jsonld")
def context() -> Response:
    """Send the JSON-LD context that all our JSON-LD names."""
    path = ontology_dir() / "context.jsonld"
    if not path.is_file():
        raise NotFound("There is no context.")
    return send_file(path, mimetype="application/ld+json", conditional=True, max_age=3600)


def _text(body: str) -> Response:
    response = make_response(body)
    response.content_type = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response

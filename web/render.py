"""What templates may use: a few tests and filters over RDF terms, and what every page has."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from jinja2.utils import htmlsafe_json_dumps
from pyoxigraph import Literal, NamedNode
from werkzeug.routing import BaseConverter

from kg.evidence import CONTRADICTING, Disagreement
from kg.formats import RDF_FORMATS
from kg.labels import column_in_words, inside, term_in_words
from kg.namespaces import curie
from kg.queries import select
from web.endpoint.permalink import query_address
from web.head import head_of, hidden
from web.links import LOCAL_NAME, data_of, external, page_of, record_page, resource_address, thing_of
from web.schema_org import document
from web.serving.served import served
from web.words import (
    a_or_an,
    article_page,
    day_words,
    edtf,
    excerpt_words,
    format_label,
    grade_class,
    is_date,
    local,
    lower_first,
    query_string,
    row_words,
    this,
    upper_first,
    with_format,
    without,
    words,
)

NAVIGATION = (
    ("/questions", "Questions"),
    ("/timeline", "Timeline"),
    ("/disagreements", "Disagreements"),
    ("/articles", "Articles"),
    ("/browse", "Browse"),
    ("/sparql", "SPARQL"),
    ("/downloads", "Downloads"),
    ("/about", "About"),
)
FILES_NAVIGATION = (("/browse", "Browse"), ("/sparql", "SPARQL"))

STATIC = Path(__file__).parent / "static"


@cache
def asset(name: str) -> str:
    """Return the address of a static file; it changes with the content, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def sparql_page(query: str) -> str:
    """Return the address of the query page with a query in it, not run; without it where it is too long for one."""
    return query_address(query, run="no") or "/sparql"


def is_ours(term: NamedNode) -> bool:
    """Whether a link to an IRI leads to a page of ours: things of the data, and terms of the known vocabularies."""
    return served().is_files or curie(term) != term.value


def inverse(predicate: NamedNode) -> str:
    """Return how a property reads from its object."""
    state = served()

    def read() -> dict[NamedNode, str]:
        return {prop: label.value for prop, label in select(state.store, "page_inverse")}

    known: dict[NamedNode, str] = state.remember("inverse", read)
    return known.get(predicate) or f"is {term_in_words(predicate, {})} of"


def compared(records: Sequence[Disagreement]) -> str:
    """Return the heading of some records of disagreement: whether sources contradict each other, or can be compared."""
    against = [record for record in records if record.kind in CONTRADICTING]
    if len(against) == len(records):
        return "Where the sources disagree"
    return "Where the sources disagree, and claims to compare" if against else "Claims to compare"


class Local(BaseConverter):
    """A local name of ours in an address: letters, digits, hyphens and underscores, no dot."""

    regex = LOCAL_NAME
    part_isolating = True


class Extension(BaseConverter):
    """The extension of an RDF format in an address."""

    regex = "|".join(f.extension for f in RDF_FORMATS)
    part_isolating = True


def page_address(iri: NamedNode | str) -> str:
    """Return the address of the page about an IRI; among RDF files that is the page of any resource."""
    return resource_address(iri) if served().is_files else page_of(iri)


def data_address(iri: NamedNode | str, extension: str) -> str:
    """Return the address of the data about an IRI in one format."""
    return resource_address(iri, extension) if served().is_files else data_of(iri, extension)


def init_app(app: Flask) -> None:
    """Make tests, filters and globals known to the templates of `app`."""
    app.url_map.converters.update(local=Local, ext=Extension)
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.tests["iri"] = lambda term: isinstance(term, NamedNode)
    env.tests["literal"] = lambda term: isinstance(term, Literal)
    env.tests["date"] = is_date
    env.tests["contradicting"] = lambda kind: kind in CONTRADICTING
    env.filters.update(
        a_or_an=a_or_an,
        article_page=article_page,
        compared=compared,
        curie=curie,
        data=data_address,
        day_words=day_words,
        edtf=edtf,
        excerpt_words=excerpt_words,
        format_label=format_label,
        grade_class=grade_class,
        heading=column_in_words,
        inside=inside,
        inverse=inverse,
        json_ld=lambda blocks: htmlsafe_json_dumps(document(blocks), ensure_ascii=False),
        is_ours=is_ours,
        local=local,
        lower_first=lower_first,
        outside=external,
        page=page_address,
        query_string=query_string,
        record_page=record_page,
        row_words=row_words,
        sparql_page=sparql_page,
        thing=thing_of,
        this=this,
        upper_first=upper_first,
        with_format=with_format,
        without=without,
        words=words,
    )
    env.globals.update(asset=asset)


def redirected(location: str, status: int) -> Response:
    """Return a redirect within the site."""
    response = make_response(f"See {location}\n", status)
    response.content_type = "text/plain; charset=utf-8"
    response.headers["Location"] = location
    response.headers["Vary"] = "Accept"
    return response


def rendered(template: str, status: int = 200, **context: Any) -> Response:
    """Render a page as it is kept: head, names, version, navigation are filled in; `noindex` also goes into a header.

    A page that is `about_people` is one that search engines are asked to leave out, unless the settings say otherwise.
    """
    state = served()
    context["noindex"] = bool(context.get("noindex")) or hidden(
        about_people=bool(context.get("about_people"))
    )
    context.setdefault("names", {})
    context.setdefault("q", request.args.get("q", ""))
    html = render_template(
        template,
        status=status,
        head=None if state.is_files else head_of(context, found=status == 200),
        version=state.version,
        is_files=state.is_files,
        navigation=FILES_NAVIGATION if state.is_files else NAVIGATION,
        suggest_from=f"/search.json?v={state.short_version}&typing=1",
        **context,
    )
    response = make_response(html, status)
    response.headers["Vary"] = "Accept"
    response.headers["X-Data-Version"] = state.version
    if context.get("noindex"):
        response.headers["X-Robots-Tag"] = "noindex"
    if status == 200 and request.method in ("GET", "HEAD"):
        response.headers["Cache-Control"] = "no-cache"
    return response


def conditional(response: Response) -> Response:
    """Return a page with its tag, or 304 for a reader who has it."""
    if response.status_code == 200 and request.method in ("GET", "HEAD"):
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Render a page and answer the request with it, or with 304."""
    return conditional(rendered(template, status, **context))

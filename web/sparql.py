"""The SPARQL 1.1 endpoint, and its query page for a browser: `/sparql`.

Strangers' queries are read and run in the workers of `kg.workers` and nowhere else: not even their form is known here
before the answer. So what the client likes is negotiated for every form (SELECT and ASK: results; CONSTRUCT and
DESCRIBE: triples), and the worker takes what fits; a browser gets the page with a table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, current_app, make_response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

from kg.errors import KgError, ParameterError, PoolBusy, QueryRefused
from kg.formats import RDF_FORMATS, RESULTS_FORMATS
from kg.namespaces import PREFIXES
from kg.workers import NoSuitableFormat, QueryRequest
from web.answer_evidence import csv_with_evidence
from web.data import send
from web.errors import plain, status_of
from web.links import site_address
from web.metrics import measured
from web.negotiation import HTML, RDF_OFFERS, RESULTS_OFFERS, Offer, choose
from web.permalink import unpack
from web.query_page import render, show_answer, start_query
from web.results import read_results
from web.served import served, source_of
from web.service import service_description

if TYPE_CHECKING:
    from kg.workers import QueryAnswer

blueprint = Blueprint("sparql", __name__)

TRIPLES = tuple(offer for offer in RDF_OFFERS if offer.name in ("turtle", "nt", "rdfxml", "jsonld"))
TRIPLES_ALSO = tuple(offer for offer in RDF_OFFERS if offer.name in ("trig", "nq"))
BOOLEAN = tuple(offer for offer, entry in zip(RESULTS_OFFERS, RESULTS_FORMATS, strict=True) if entry.boolean)


_EXTENSIONS = {f.name: f.extension for f in RDF_FORMATS} | {f.name: f.extension for f in RESULTS_FORMATS}


@dataclass(frozen=True)
class Asked:
    """What a request asks: the query and the data set that it names (absolute IRIs)."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """Answer a query, describe the service, or show the query page."""
    asked = _asked()
    if asked is None:
        return _without_query()
    if request.args.get("run") == "no":
        return render(asked.query)
    chosen = _chosen()
    if request.values.get("evidence") == "yes":
        return _with_evidence(asked, chosen)
    is_page = HTML in chosen.values()
    try:
        answer = run(asked, *_formats(chosen))
        offer = chosen[answer.query_form]
        if offer == HTML:
            return show_answer(asked.query, answer.query_form, answer, OFFERS[answer.query_form])
    except NoSuitableFormat as error:
        raise _unsuitable(OFFERS[error.query_form]) from None
    except KgError as error:
        if is_page:
            response = render(asked.query, error=error, status=status_of(error))
            response.headers.update(_retry_after(error))
            return response
        return _failed(error)
    assert offer is not None
    return _sent(answer, offer)


def _sent(answer: QueryAnswer, offer: Offer) -> Response:
    """Return an answer as it is sent. On the path of every query: so no more is asked of the framework than needed."""
    headers = [
        ("Vary", "Accept, Accept-Encoding"),
        ("Cache-Control", "no-cache"),
        ("X-Data-Version", served().version),
        ("Content-Disposition", _disposition(answer.format)),
    ]
    if answer.truncated:
        headers.append(("X-Truncated", f"rows={answer.rows}"))
    is_read = request.method != "POST"
    if is_read:
        headers.append(("ETag", f'"{sha1(answer.body, usedforsecurity=False).hexdigest()}"'))
    response = Response(answer.body, headers=headers, content_type=offer.content_type)
    if is_read and ("HTTP_IF_NONE_MATCH" in request.environ or "HTTP_IF_MATCH" in request.environ):
        response.make_conditional(request)
    return response


def _disposition(format_name: str) -> str:
    """Return how a browser should take an answer: with `download=yes` it saves it, otherwise it may show it."""
    kind = "attachment" if request.values.get("download", "no") not in ("", "no") else "inline"
    return f'{kind}; filename="answer.{_EXTENSIONS[format_name]}"'


def run(asked: Asked, *formats: str) -> QueryAnswer:
    """Run a query in a worker; `formats` by name, best first. Raises the `KgError`s of `kg.workers`."""
    state = served()
    wanted = QueryRequest(
        asked.query,
        formats=formats,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        base_iri=f"{site_address(state.settings)}/sparql",
        prefixes={} if state.is_files else PREFIXES,
    )
    try:
        return measured(current_app, state.pool, wanted)
    except KgError:
        if source_of(current_app).stopping:
            raise PoolBusy(5, "the server is stopping; try again in a moment") from None
        raise


def _asked() -> Asked | None:
    """Read the request by the SPARQL 1.1 Protocol, section 2.1; `None` without a query."""
    arguments = request.args
    _check_escapes(request.query_string)
    if request.method == "POST":
        kind = request.mimetype
        _check_encoding()
        if "query" in arguments:
            raise BadRequest("A query sent by POST stands in the body, not in the address.")
        if kind == "application/sparql-query":
            return Asked(_utf8(request.get_data()), *_graphs(request.args))
        if kind == "application/sparql-update":
            raise QueryRefused("This endpoint answers queries and takes no updates.")
        if kind != "application/x-www-form-urlencoded":
            raise UnsupportedMediaType(
                "Expected application/x-www-form-urlencoded or application/sparql-query."
            )
        _check_escapes(request.get_data())
        arguments = request.form
    if "update" in arguments:
        if request.method == "POST":
            raise QueryRefused("This endpoint answers queries and takes no updates.")
        raise BadRequest("An update cannot be sent by GET, and this endpoint takes no updates.")
    queries = arguments.getlist("query")
    if not queries and "q" in arguments:  # a permalink of the query page
        queries = [unpack(arguments["q"], served().settings.query_text_bytes)]
    if len(queries) > 1:
        raise BadRequest("There is more than one query in the request.")
    if not queries:
        if request.method == "POST":
            raise BadRequest("The form has no field named query.")
        return None
    return Asked(queries[0], *_graphs(arguments))


def _check_encoding() -> None:
    """Refuse a body in another encoding than UTF-8, or a compressed one, instead of reading something else from it."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType("Expected charset=utf-8.")
    if request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise UnsupportedMediaType("Expected a body without Content-Encoding.")


def _graphs(arguments: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = []
    for name in ("default-graph-uri", "named-graph-uri"):
        iris = tuple(arguments.getlist(name))  # type: ignore[attr-defined]
        for iri in iris:
            try:
                NamedNode(iri)
            except ValueError:
                raise ParameterError(name, iri, "is not an IRI", "an absolute IRI") from None
        found.append(iris)
    return found[0], found[1]


def _check_escapes(encoded: bytes) -> None:
    """Refuse what is not UTF-8 behind its percent escapes: it would be replaced silently."""
    if _BEYOND_ASCII.search(encoded):
        _utf8(unquote_to_bytes(encoded))


_BEYOND_ASCII = re.compile(rb"%[89A-Fa-f]|[\x80-\xff]")


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("The request is not UTF-8.") from None


OFFERS: Mapping[str, tuple[Offer, ...]] = {
    "select": RESULTS_OFFERS,
    "ask": BOOLEAN,
    "construct": (*TRIPLES, *TRIPLES_ALSO),
    "describe": (*TRIPLES, *TRIPLES_ALSO),
}
"""What an answer can be sent as, by the form of the query, the default first."""


def _chosen() -> dict[str, Offer | None]:
    """Return what this request takes for each form of a query, `None` where it takes nothing (406)."""
    accept = request.headers.get("Accept")
    wanted = request.values.get("format") or request.values.get("output")
    if wanted:
        found = {form: _named(wanted, offers) for form, offers in OFFERS.items()}
        if not any(found.values()):
            raise _unsuitable(tuple(dict.fromkeys(o for offers in OFFERS.values() for o in offers)))
        return found
    return dict((_negotiated if len(accept or "") <= LONGEST_KEPT else _negotiated.__wrapped__)(accept))


LONGEST_KEPT = 512
"""A longer Accept header is not kept with what it means."""


@lru_cache(maxsize=1024)
def _negotiated(accept: str | None) -> tuple[tuple[str, Offer | None], ...]:
    return tuple((form, choose(accept, (*offers, HTML))) for form, offers in OFFERS.items())


_ALSO: dict[str, tuple[str, ...]] = {
    **{entry.name: entry.aliases for entry in RDF_FORMATS},
    **{entry.name: entry.aliases for entry in RESULTS_FORMATS},
}


def _named(wanted: str, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that is called so: by name, media type, extension, or another name that clients use."""
    for offer in (*offers, HTML):
        names = (
            offer.name,
            offer.media_type,
            *offer.aliases,
            _EXTENSIONS.get(offer.name),
            *_ALSO.get(offer.name, ()),
        )
        if wanted.lower() in names:
            return offer
    return None


def _formats(chosen: Mapping[str, Offer | None]) -> list[str]:
    """Return the formats to ask a worker for: it takes the first that its answer fits into.

    Those of rows and of graphs are different ones, and what holds only rows is no choice for ASK; so a list will do.
    """
    page = {"construct": "nt", "describe": "nt"}
    found = [page.get(form, "json") if o == HTML else o.name for form, o in chosen.items() if o]
    return found or ["none"]


def _unsuitable(offers: Sequence[Offer]) -> Exception:
    """Return the error for a request that takes nothing of what an answer can be sent as."""
    wanted = request.values.get("format") or request.values.get("output")
    if wanted:
        named = ", ".join(offer.name for offer in (*offers, HTML))
        return ParameterError("format", wanted, "is no format of this answer", f"one of {named}")
    types = ", ".join(offer.media_type for offer in offers)
    return NotAcceptable(f"This query can be answered as {types}.")


def _without_query() -> Response:
    """A bare GET: the page for a browser, the service description for a program."""
    wanted = request.values.get("format") or request.values.get("output")
    offers = (*TRIPLES, HTML)
    offer = _named(wanted, TRIPLES) if wanted else choose(request.headers.get("Accept"), offers)
    if offer is None and wanted:
        raise _unsuitable(TRIPLES)
    if offer is None:
        types = ", ".join(offer.media_type for offer in TRIPLES)
        raise NotAcceptable(f"The service description can be had as {types}.")
    if offer != HTML:
        return send(*service_description(offer.name), "sparql")
    return render(start_query())


def _failed(error: KgError) -> Response:
    return plain(error.message, status_of(error), _retry_after(error))


def _retry_after(error: KgError) -> dict[str, str]:
    return {"Retry-After": str(getattr(error, "retry_after", 5))} if status_of(error) == 503 else {}


def _with_evidence(asked: Asked, chosen: Mapping[str, Offer | None]) -> Response:
    """Send rows as CSV, with columns of evidence beside every column of claims."""
    offer = chosen["select"]
    if offer is None or offer.name != "csv" or served().is_files:
        raise ParameterError("evidence", "yes", "is not possible in this format", "format=csv, for a SELECT")
    try:
        answer = run(asked, "json")
    except KgError as error:
        return _failed(error)
    if answer.form != "select":
        raise ParameterError("evidence", "yes", "is not possible for this query", "format=csv, for a SELECT")
    store = served().store
    table = read_results(store, answer.body, is_graph=False)
    response = make_response(csv_with_evidence(store, table.columns, table.found))
    response.content_type = offer.content_type
    response.headers["Content-Disposition"] = 'attachment; filename="answer-with-evidence.csv"'
    response.headers["X-Data-Version"] = served().version
    if answer.truncated:
        response.headers["X-Truncated"] = f"rows={answer.rows}"
    return response

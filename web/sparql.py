"""The SPARQL 1.1 endpoint, and its query page for a browser: `/sparql`.

Strangers' queries run in the workers of `kg.workers` and nowhere else. What the client likes is negotiated here for the
form of the query (SELECT and ASK: results; CONSTRUCT and DESCRIBE: triples); a browser gets the page with a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, current_app, make_response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

from kg.errors import KgError, ParameterError, PoolBusy, QueryRefused
from kg.formats import RDF_FORMATS, RESULTS_FORMATS
from kg.namespaces import PREFIXES
from kg.policy import prologue
from web.answer_evidence import csv_with_evidence
from web.data import send
from web.errors import plain, status_of
from web.machine import site_address
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
    offers = _offers(asked.query)
    offer = _offer(offers)
    if offer == HTML:
        return _run_for_page(asked, offers)
    if request.values.get("evidence") == "yes":
        return _with_evidence(asked, offer)
    try:
        answer = run(asked, offer.name)
    except KgError as error:
        return _failed(error)
    response = make_response(answer.body)
    response.content_type = offer.content_type
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Data-Version"] = served().version
    response.headers["Content-Disposition"] = _disposition(answer.format)
    if answer.truncated:
        response.headers["X-Truncated"] = f"rows={answer.rows}"
    if request.method != "POST":
        response.add_etag()
        response.make_conditional(request)
    return response


def _disposition(format_name: str) -> str:
    """Return how a browser should take an answer: with `download=yes` it saves it, otherwise it may show it."""
    kind = "attachment" if request.values.get("download", "no") not in ("", "no") else "inline"
    return f'{kind}; filename="answer.{_EXTENSIONS[format_name]}"'


def run(asked: Asked, *formats: str) -> QueryAnswer:
    """Run a query in a worker; `formats` by name, best first. Raises the `KgError`s of `kg.workers`."""
    from kg.workers import QueryRequest

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
    _utf8(unquote_to_bytes(request.query_string))
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
        _utf8(unquote_to_bytes(request.get_data()))
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


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("The request is not UTF-8.") from None


def form_of(query: str) -> str:
    """Return the form of a query: "select", "ask", "construct", "describe"; the empty text if none is found."""
    rest = prologue(query)[2]
    word = rest[0].text.lower() if rest else ""
    return word if word in ("select", "ask", "construct", "describe") else ""


def _offers(query: str) -> tuple[Offer, ...]:
    """Return what an answer to a query can be sent as, the default first."""
    form = form_of(query)
    if form in ("construct", "describe"):
        return (*TRIPLES, *TRIPLES_ALSO)
    return BOOLEAN if form == "ask" else RESULTS_OFFERS


def _offer(offers: tuple[Offer, ...], what: str = "This query can be answered") -> Offer:
    wanted = request.values.get("format") or request.values.get("output")
    if wanted:
        for offer in (*offers, HTML):
            if wanted in (offer.name, offer.media_type, *offer.aliases, _EXTENSIONS.get(offer.name)):
                return offer
        named = ", ".join(offer.name for offer in (*offers, HTML))
        raise ParameterError("format", wanted, "is no format of this answer", f"one of {named}")
    chosen = choose(request.headers.get("Accept"), (*offers, HTML))
    if chosen is None:
        types = ", ".join(offer.media_type for offer in offers)
        raise NotAcceptable(f"{what} as {types}.")
    return chosen


def _without_query() -> Response:
    """A bare GET: the page for a browser, the service description for a program."""
    offer = _offer(TRIPLES, "The service description can be had")
    if offer != HTML:
        return send(*service_description(offer.name), "sparql")
    return render(start_query())


def _failed(error: KgError) -> Response:
    return plain(error.message, status_of(error), _retry_after(error))


def _retry_after(error: KgError) -> dict[str, str]:
    return {"Retry-After": str(getattr(error, "retry_after", 5))} if status_of(error) == 503 else {}


def _run_for_page(asked: Asked, offers: tuple[Offer, ...]) -> Response:
    form = form_of(asked.query)
    try:
        answer = run(asked, "json", "nt")
        return show_answer(asked.query, form, answer, offers)
    except KgError as error:
        response = render(asked.query, form, error=error, status=status_of(error))
        response.headers.update(_retry_after(error))
        return response


def _with_evidence(asked: Asked, offer: Offer) -> Response:
    """Send rows as CSV, with columns of evidence beside every column of claims."""
    if offer.name != "csv" or served().is_files:
        raise ParameterError("evidence", "yes", "is not possible in this format", "format=csv, for a SELECT")
    try:
        answer = run(asked, "json")
    except KgError as error:
        return _failed(error)
    store = served().store
    table = read_results(store, answer.body, is_graph=False)
    response = make_response(csv_with_evidence(store, table.columns, table.found))
    response.content_type = offer.content_type
    response.headers["Content-Disposition"] = 'attachment; filename="answer-with-evidence.csv"'
    response.headers["X-Data-Version"] = served().version
    if answer.truncated:
        response.headers["X-Truncated"] = f"rows={answer.rows}"
    return response

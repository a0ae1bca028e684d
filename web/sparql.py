"""The SPARQL 1.1 endpoint, and its query page for a browser: `/sparql`.

Strangers' queries run in the workers of `kg.workers` and nowhere else. What the client likes is negotiated here for the
form of the query (SELECT and ASK: results; CONSTRUCT and DESCRIBE: triples); a browser gets the page with a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, make_response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

from kg.errors import KgError, PoolBusy, QueryError, QueryRefused, QueryTimeout, QueryTooLarge
from kg.formats import RESULTS_FORMATS
from kg.namespaces import PREFIXES
from kg.policy import prologue
from kg.terms import ParameterError
from web.data import send
from web.errors import plain, status_of
from web.machine import site_address
from web.negotiation import HTML, RDF_OFFERS, RESULTS_OFFERS, Offer, choose
from web.questions import all_questions, find_questions
from web.render import page
from web.results import Table, read_results
from web.served import served, source_of
from web.service import service_description

if TYPE_CHECKING:
    from kg.workers import QueryAnswer

blueprint = Blueprint("sparql", __name__)

TRIPLES = tuple(offer for offer in RDF_OFFERS if offer.name in ("turtle", "nt", "rdfxml", "jsonld"))
TRIPLES_ALSO = tuple(offer for offer in RDF_OFFERS if offer.name in ("trig", "nq"))
BOOLEAN = tuple(offer for offer, entry in zip(RESULTS_OFFERS, RESULTS_FORMATS, strict=True) if entry.boolean)
LONGEST_LINK = 6000
"""A query of more bytes is not put into the address of a link: proxies cut addresses at 8 kB."""

START = """PREFIX id: <https://w3id.org/scrutiny-graph/id/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>

# Who held which post, and the words that say so
SELECT ?person ?post ?claim WHERE {
  GRAPH ?g { ?tenure org:member ?person ; org:post ?post }
  ?g sg:restsOn ?claim .
}
ORDER BY ?person LIMIT 50
"""
START_FILES = "SELECT * WHERE {\n  ?s ?p ?o\n}\nLIMIT 50\n"


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
        return _page(asked.query)
    offers = _offers(asked.query)
    offer = _offer(offers)
    if offer == HTML:
        return _run_for_page(asked, offers)
    try:
        answer = run(asked, offer.name)
    except KgError as error:
        return _failed(error)
    response = make_response(answer.body)
    response.content_type = offer.content_type
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Data-Version"] = served().version
    if answer.truncated:
        response.headers["X-Truncated"] = f"rows={answer.rows}"
    if request.method != "POST":
        response.add_etag()
        response.make_conditional(request)
    return response


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
        return state.pool.run(wanted)
    except KgError:
        if source_of(current_app).stopping:
            raise PoolBusy(5, "the server is stopping; try again in a moment") from None
        raise


def _asked() -> Asked | None:
    """Read the request by the SPARQL 1.1 Protocol, section 2.1; `None` without a query."""
    arguments = request.args
    if request.method == "POST":
        kind = request.mimetype
        if kind == "application/sparql-query":
            return Asked(_utf8(request.get_data()), *_graphs(request.args))
        if kind == "application/sparql-update":
            raise QueryRefused("This endpoint answers queries and takes no updates.")
        if kind != "application/x-www-form-urlencoded":
            raise UnsupportedMediaType(
                "Expected application/x-www-form-urlencoded or application/sparql-query."
            )
        arguments = request.form
    if "update" in arguments:
        if request.method == "POST":
            raise QueryRefused("This endpoint answers queries and takes no updates.")
        raise BadRequest("An update cannot be sent by GET, and this endpoint takes no updates.")
    queries = arguments.getlist("query")
    if len(queries) > 1:
        raise BadRequest("There is more than one query in the request.")
    if not queries:
        if request.method == "POST":
            raise BadRequest("The form has no field named query.")
        return None
    return Asked(queries[0], *_graphs(arguments))


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
        raise BadRequest("The query is not UTF-8.") from None


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


def _offer(offers: tuple[Offer, ...]) -> Offer:
    wanted = request.values.get("format") or request.values.get("output")
    if wanted:
        for offer in (*offers, HTML):
            if wanted in (offer.name, offer.media_type, *offer.aliases):
                return offer
        named = ", ".join(offer.name for offer in (*offers, HTML))
        raise ParameterError("format", wanted, "is no format of this answer", f"one of {named}")
    chosen = choose(request.headers.get("Accept"), (*offers, HTML))
    if chosen is None:
        types = ", ".join(offer.media_type for offer in offers)
        raise NotAcceptable(f"This query can be answered as {types}.")
    return chosen


def _without_query() -> Response:
    """A bare GET: the page for a browser, the service description for a program."""
    offer = choose(request.headers.get("Accept"), (*TRIPLES, HTML))
    if offer is None:
        raise NotAcceptable("The service description can be had as Turtle, N-Triples, RDF/XML or JSON-LD.")
    if offer != HTML:
        return send(*service_description(offer.name), "sparql")
    slug = request.args.get("question", "")
    question = next(iter(find_questions([slug])), None) if slug else None
    return _page(question.query if question else START_FILES if served().is_files else START)


def _failed(error: KgError) -> Response:
    headers = {"Retry-After": str(getattr(error, "retry_after", 5))} if status_of(error) == 503 else {}
    return plain(error.message, status_of(error), headers)


def _run_for_page(asked: Asked, offers: tuple[Offer, ...]) -> Response:
    try:
        answer = run(asked, "json", "nt")
    except KgError as error:
        return _page(asked.query, error=error, status=status_of(error))
    table = read_results(served().store, answer.body, answer.form == "graph")
    return _page(asked.query, table=table, truncated=answer.truncated, offers=offers)


def _page(
    query: str,
    *,
    table: Table | None = None,
    truncated: bool = False,
    offers: tuple[Offer, ...] = (),
    error: KgError | None = None,
    status: int = 200,
) -> Response:
    groups: dict[str, list[object]] = {}
    if not served().is_files:
        for question in all_questions():
            groups.setdefault(question.group_label, []).append(question)
    settings = served().settings
    return page(
        "sparql.html",
        status,
        title="SPARQL",
        noindex=bool(request.args),
        names=table.names if table else {},
        query=query,
        table=table,
        truncated=truncated,
        offers=offers,
        error=error,
        error_line=_error_line(query, error),
        advice=_advice(error),
        groups=groups,
        linkable=len(query.encode("utf-8", "replace")) < LONGEST_LINK,
        prefixes=PREFIXES,
        settings=settings,
        address=f"{site_address(settings)}/sparql",
    )


def _error_line(query: str, error: KgError | None) -> tuple[str, str] | None:
    """Return the line of the query that an error names, and a caret below the place."""
    if not isinstance(error, QueryError) or error.line is None:
        return None
    lines = query.splitlines()
    if not 1 <= error.line <= len(lines):
        return None
    column = max(1, error.column or 1)
    start = max(0, column - 70)
    line = lines[error.line - 1][start : start + 110].replace("\t", " ")
    return line, " " * (column - 1 - start) + "^"


def _advice(error: KgError | None) -> str:
    if isinstance(error, QueryTimeout):
        return (
            "No answer was found in that time; that is not an empty answer. Ask for less: start from one thing instead "
            "of all, add LIMIT, or leave out ORDER BY over everything."
        )
    if isinstance(error, QueryTooLarge):
        return "Ask for fewer rows or columns, or add LIMIT; the whole graph can be downloaded."
    return ""

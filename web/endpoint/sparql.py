"""The SPARQL 1.1 endpoint, and its query page for a browser: `/sparql`.

Strangers' queries are read and run in the workers of `kg.workers.pool` and nowhere else. What a request asks is read
in `web.endpoint.asked`, what it takes in `web.endpoint.offers`, what is sent is made in `web.endpoint.reply`; a
browser gets the page with a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, make_response, request
from werkzeug.exceptions import NotAcceptable

from kg.errors import KgError, ParameterError
from kg.workers.pool import NoSuitableFormat
from web.data import send
from web.endpoint.answer_evidence import csv_with_evidence
from web.endpoint.asked import Asked, asked
from web.endpoint.offers import OFFERS, TRIPLES, Chosen, accepted, formats, named, unsuitable
from web.endpoint.query_page import render, show_answer, start_query
from web.endpoint.reply import STOPPING, answered, failed_query, response_of, retry_after, status_of
from web.endpoint.results import read_results
from web.endpoint.service import service_description
from web.negotiation import HTML, Offer, choose
from web.parameters import YES_OR_NO, given, one_of
from web.serving.gateway import CALLER
from web.serving.metrics import measured, metrics_of
from web.serving.served import served, source_of

if TYPE_CHECKING:
    from kg.workers.pool import QueryAnswer

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """Answer a query, describe the service, or show the query page."""
    wanted = asked()
    if wanted is None:
        return _without_query()
    if one_of("run", YES_OR_NO, "is neither") == "no":
        return render(wanted.query)
    chosen = _chosen()
    if one_of("evidence", YES_OR_NO, "is neither") == "yes":
        return _with_evidence(wanted, chosen)
    is_page = HTML in chosen.values()
    try:
        answer = run(wanted, *formats(chosen))
        offer = chosen[answer.query_form]
        if offer == HTML:
            return show_answer(wanted, answer.query_form, answer, OFFERS[answer.query_form])
    except NoSuitableFormat as error:
        raise _unsuitable(OFFERS[error.query_form]) from None
    except KgError as error:
        if is_page:
            response = render(wanted.query, error=error, status=status_of(error))
            response.headers.update(retry_after(error))
            return response
        return response_of(failed_query(error))
    assert offer is not None
    # With `download=yes` a browser saves an answer, otherwise it may show it.
    is_saved = given("download") not in ("", "no")
    return response_of(answered(answer, offer, served().version, request.environ, is_saved=is_saved))


def run(wanted: Asked, *names: str) -> QueryAnswer:
    """Run a query in a worker; formats by name, best first. Raises the `KgError`s of `kg.workers.pool`."""
    state = served()
    query = wanted.to_worker(state, list(names))
    caller = request.environ.get(CALLER)
    try:
        with measured(metrics_of(current_app)) as outcome:
            outcome.answer = state.pool.run(query, caller)
        return outcome.answer
    except KgError:
        if source_of(current_app).stopping:
            raise STOPPING from None
        raise


def _chosen() -> Chosen:
    """Return what this request takes for each form of a query."""
    wanted = _format()
    if not wanted:
        return accepted(request.headers.get("Accept"))
    found = {form: named(wanted, offers) for form, offers in OFFERS.items()}
    if not any(found.values()):
        raise _unsuitable(tuple(dict.fromkeys(o for offers in OFFERS.values() for o in offers)))
    return found


def _format() -> str:
    """Return the format that the address asks for: the first, as SPARQLWrapper gives a name and a media type."""
    given_here = (*request.values.getlist("format"), *request.values.getlist("output"))
    return next((text.strip() for text in given_here if text.strip()), "")


def _unsuitable(offers: Sequence[Offer]) -> Exception:
    """Return the error for a request that takes nothing of what an answer can be sent as."""
    wanted = _format()
    if wanted:
        named = [offer.name for offer in (*offers, HTML)]
        field = "format" if request.values.get("format") else "output"
        return ParameterError.not_one_of(field, wanted, "is no format of this answer", named)
    return NotAcceptable(unsuitable(offers))


def _without_query() -> Response:
    """A bare GET: the page for a browser, the service description for a program."""
    wanted = _format()
    offers = (*TRIPLES, HTML)
    offer = named(wanted, TRIPLES) if wanted else choose(request.headers.get("Accept"), offers)
    if offer is None and wanted:
        raise _unsuitable(TRIPLES)
    if offer is None:
        types = ", ".join(offer.media_type for offer in TRIPLES)
        raise NotAcceptable(f"The service description can be had as {types}.")
    if offer != HTML:
        return send(*service_description(offer.name), "sparql")
    return render(start_query())


def _with_evidence(wanted: Asked, chosen: Mapping[str, Offer | None]) -> Response:
    """Send rows as CSV, with columns of evidence beside every column of claims."""
    offer = chosen["select"]
    if offer is None or offer.name != "csv" or served().is_files:
        raise ParameterError("evidence", "yes", "is not possible in this format", "format=csv, for a SELECT")
    try:
        answer = run(wanted, "json")
    except KgError as error:
        return response_of(failed_query(error))
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

"""The one place where exceptions become HTTP: a status, a page that helps, or plain text for a program.

A user's mistake is never a 500. "Not found", "does not hold", "took too long" and "too busy" are different statuses.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from kg.errors import KgError, ParameterError, PoolBusy, SnapshotError, UnknownParameter
from web.endpoint.reply import TEXT, failed, response_of, status_of
from web.negotiation import HTML, choose
from web.parameters import FORM, fields, without
from web.render import page
from web.serving.served import served
from web.suggestions import Suggestion, lost_words, suggestions

TITLES = {
    400: "That could not be understood",
    403: "That is not allowed here",
    404: "There is no such page",
    405: "Not in this way",
    406: "Not in that format",
    410: "This has been withdrawn",
    413: "That is too large",
    415: "Not in that format",
    500: "Something broke on our side",
    502: "The store behind this site does not answer",
    503: "Busy: please try again",
    504: "That took too long",
}


def wants_page() -> bool:
    """Whether the client is a browser, by its Accept header; a program gets plain text."""
    return (
        "html" in request.headers.get("Accept", "")
        and choose(request.headers.get("Accept"), (HTML, TEXT)) == HTML
    )


def refuse(error: ParameterError, errors: dict[str, ParameterError]) -> None:
    """Note what is wrong with a parameter, by its field, for the form of the page; for a program raise it."""
    if not wants_page():
        raise error
    errors[error.field] = error


def plain(message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """Return an error as plain text."""
    return response_of(failed(message, status, headers))


def answer(message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """Return an error as a page, or as plain text; what leads nowhere comes with what may have been meant."""
    found = _suggested(status)
    if not wants_page():
        perhaps = "".join(f"\n  {s.address}  {s.label}" for s in found)
        return plain(message + (f"\nPerhaps:{perhaps}" if perhaps else ""), status, headers)
    context: dict[str, Any] = {
        "title": TITLES.get(status, "Error"),
        "message": message,
        "status": status,
        "noindex": True,
        "suggestions": found,
        "words": lost_words(request.path) if status == 404 else "",
    }
    try:
        served()
    except KgError:
        response = make_response(render_template("error.html", navigation=(), names={}, **context), status)
    else:
        response = page("error.html", **context)
    response.headers.update(headers or {})
    return response


def ask_again(error: ParameterError) -> Response:
    """Return a page with what the request gave as a form: what is wrong beside its field, all other fields kept."""
    by_form = request.method == "POST"
    return page(
        "parameter.html",
        400,
        title=TITLES[400],
        noindex=True,
        q="",
        error=error,
        unknown=isinstance(error, UnknownParameter),
        fields=fields(error),
        method="post" if by_form else "get",
        without=None if by_form else without(error.field),
        near=[(label, without(error.field, value)) for value, label in error.near if not by_form],
    )


def _suggested(status: int) -> list[Suggestion]:
    try:
        return suggestions(request.path) if status in (404, 410) else []
    except KgError:
        return []


def init_app(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(KgError)
    def of_ours(error: KgError) -> Response:
        status = status_of(error)
        if isinstance(error, ParameterError) and wants_page() and request.mimetype in ("", FORM):
            return ask_again(error)
        if status == 500:
            current_app.logger.error("%s %s: %s", request.method, request.path, error.message)
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, PoolBusy) else {}
        if isinstance(error, SnapshotError):
            headers["Retry-After"] = "5"
            return answer(
                "Nothing is being served yet: the graph has not been built, or is being moved.", 503, headers
            )
        return answer(error.message, status, headers)

    @app.errorhandler(HTTPException)
    def of_http(error: HTTPException) -> Response:
        status = error.code or 500
        if error.response is not None or status < 400:
            return make_response(error.get_response())
        headers = {
            name: value for name, value in error.get_headers() if name.lower() in ("allow", "retry-after")
        }
        message = {
            404: "Nothing here has this address.",
            405: f"{request.method} is not possible here.",
            500: "The error is noted in the log.",
        }.get(status, error.description or error.name)
        return answer(message, status, headers)

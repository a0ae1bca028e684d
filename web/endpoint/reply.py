"""Answers of the endpoint before they are anybody's response: status, headers and body, made by pure functions.

The view of Flask (`web.endpoint.sparql`) and the way past Flask (`web.endpoint.direct`) both send what is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from flask import Response
from werkzeug.http import parse_etags

from kg.errors import (
    CallerGone,
    EndpointError,
    KgError,
    NotFound,
    NotRepresentable,
    ParameterError,
    PoolBusy,
    PrefixError,
    QueryError,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
    SnapshotError,
)
from kg.workers.pool import NoSuitableFormat
from web.endpoint.offers import EXTENSIONS
from web.negotiation import Offer

if TYPE_CHECKING:
    from kg.workers.pool import QueryAnswer

Headers = list[tuple[str, str]]

STATUS: tuple[tuple[type[KgError], int], ...] = (
    (NotFound, 404),
    (ParameterError, 400),
    (PrefixError, 400),
    (QueryError, 400),
    (QueryRefused, 403),
    (QueryTooLarge, 413),
    (QueryTimeout, 504),
    (PoolBusy, 503),
    (SnapshotError, 503),
    (EndpointError, 502),
    (NoSuitableFormat, 406),
    (NotRepresentable, 406),
    (CallerGone, 499),
)
"""Exception to status; what is not in the table is a fault of ours: 500. Nobody sees a 499, but the log does."""

STOPPING = PoolBusy(5, "the server is stopping; try again in a moment")
"""What became of every query that was not answered when the server was told to end."""
TEXT = Offer("text", "text/plain")
VARY = ("Vary", "Accept, Accept-Encoding")


@dataclass
class Reply:
    """What is sent. Of a 304 the body is empty, and the type is that of what the client has."""

    status: int
    headers: Headers
    body: bytes = b""


def status_of(error: KgError) -> int:
    """Return the HTTP status of an exception of ours.

    >>> status_of(QueryTimeout(10)), status_of(NotFound("x")), status_of(KgError("x"))
    (504, 404, 500)
    """
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def retry_after(error: KgError) -> dict[str, str]:
    """Return the header that says when to come back, for an error that passes."""
    return {"Retry-After": str(getattr(error, "retry_after", 5))} if status_of(error) == 503 else {}


def failed(message: str, status: int, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an error as plain text."""
    more = list((headers or {}).items())
    return Reply(
        status, [("Content-Type", TEXT.content_type), VARY, *more], f"{message.rstrip(chr(10))}\n".encode()
    )


def failed_query(error: KgError) -> Reply:
    """Return why a query was not answered, for a program."""
    return failed(error.message, status_of(error), retry_after(error))


def answered(
    answer: QueryAnswer, offer: Offer, version: str, environ: Mapping[str, Any], *, is_saved: bool = False
) -> Reply:
    """Return the answer to a query; 304 or 412 where the request's conditions say so, and for `is_saved` as a file."""
    kind = "attachment" if is_saved else "inline"
    headers = [
        ("Content-Type", offer.content_type),
        VARY,
        ("Cache-Control", "no-cache"),
        ("X-Data-Version", version),
        ("Content-Disposition", f'{kind}; filename="answer.{EXTENSIONS[answer.format]}"'),
    ]
    if answer.truncated:
        headers.append(("X-Truncated", f"rows={answer.rows}"))
    if environ["REQUEST_METHOD"] == "POST":
        return Reply(200, headers, answer.body)
    tag = f'"{sha1(answer.body, usedforsecurity=False).hexdigest()}"'
    headers.append(("ETag", tag))
    status = precondition(environ, tag[1:-1])
    if status == 412:
        return failed("The answer is another one by now.", 412, {"X-Data-Version": version})
    return Reply(status, headers, b"" if status == 304 else answer.body)


def precondition(environ: Mapping[str, Any], tag: str) -> int:
    """Return 200, 304 or 412: what a request's conditions make of an answer with an ETag (RFC 9110, 13.2.2).

    >>> precondition({"HTTP_IF_MATCH": "*", "HTTP_IF_NONE_MATCH": 'W/"a", "b"'}, "a")
    304
    >>> precondition({"HTTP_IF_MATCH": 'W/"a"'}, "a"), precondition({"HTTP_IF_NONE_MATCH": '"b"'}, "a")
    (412, 200)
    """
    wanted, known = environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH")
    if wanted and not parse_etags(wanted).contains(tag):
        return 412
    return 304 if known and parse_etags(known).contains_weak(tag) else 200


def response_of(reply: Reply) -> Response:
    """Return a reply as a response of Flask."""
    return Response(reply.body, reply.status, reply.headers)

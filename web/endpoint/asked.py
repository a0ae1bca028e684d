"""What a request asks, by the SPARQL 1.1 Protocol, section 2.1: the query and the data set that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from flask import request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from kg.errors import ParameterError, QueryRefused
from kg.namespaces import PREFIXES
from kg.workers.pool import QueryRequest
from web.endpoint.permalink import unpack
from web.links import site_address
from web.parameters import check_escapes
from web.serving.served import served
from web.serving.state import Served

SPARQL_QUERY = "application/sparql-query"
SPARQL_UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


@dataclass(frozen=True)
class Asked:
    """What a request asks: the query and the data set that it names (absolute IRIs)."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    def to_worker(self, state: Served, formats: list[str]) -> QueryRequest:
        """Return what a worker is asked; `formats` by name, best first."""
        site = site_address(state.settings)
        return QueryRequest(
            self.query,
            formats=tuple(formats),
            default_graphs=self.default_graphs,
            named_graphs=self.named_graphs,
            base_iri=f"{site}/sparql",
            prefixes={} if state.is_files else PREFIXES,
            notice=f"{site}/limits",
        )


def asked() -> Asked | None:
    """Read the request; `None` without a query. Raises the errors of its protocol, which have a status."""
    arguments = request.args
    if request.method == "POST":
        kind = request.mimetype
        _check_encoding()
        if "query" in arguments:
            raise BadRequest("A query sent by POST stands in the body, not in the address.")
        if kind == SPARQL_QUERY:
            return Asked(_utf8(request.get_data()), *_graphs(request.args))
        if kind == SPARQL_UPDATE:
            raise QueryRefused("This endpoint answers queries and takes no updates.")
        if kind != FORM:
            raise UnsupportedMediaType(f"Expected {FORM} or {SPARQL_QUERY}.")
        check_escapes(request.get_data())
        arguments = request.form
    if "update" in arguments:
        if request.method == "POST":
            raise QueryRefused("This endpoint answers queries and takes no updates.")
        raise BadRequest("An update cannot be sent by GET, and this endpoint takes no updates.")
    queries = arguments.getlist("query")
    if not queries and "q" in arguments:  # a permalink of the query page
        queries = [unpack(arguments["q"], served().settings.query_text_bytes)]
    if len(queries) > 1:
        raise ParameterError("query", f"{len(queries)} queries", "are more than one", "one")
    if not queries:
        if request.method == "POST":
            raise BadRequest("The form has no field named query.")
        return None
    return Asked(queries[0], *_graphs(request.values))


def plain_query(environ: Mapping[str, Any], body: bytes) -> str | None:
    """Return the query of a request that holds that and nothing else; `None` for any other, which `asked` reads.

    >>> plain_query({"REQUEST_METHOD": "GET", "QUERY_STRING": "query=ASK+%7B%7D"}, b"")
    'ASK {}'
    >>> plain_query({"REQUEST_METHOD": "GET", "QUERY_STRING": "query=ASK+%7B%7D&format=xml"}, b"") is None
    True
    """
    fields: str = environ["QUERY_STRING"]
    method = environ["REQUEST_METHOD"]
    if method == "POST" and not fields and "HTTP_CONTENT_ENCODING" not in environ:
        kind = _KINDS.get(environ.get("CONTENT_TYPE", ""))
        try:
            if kind == SPARQL_QUERY:
                return body.decode("utf-8-sig")
            return _only_query(body.decode("ascii")) if kind == FORM else None
        except UnicodeDecodeError:
            return None
    return _only_query(fields) if method == "GET" else None


_KINDS = {f"{kind}{charset}": kind for kind in (SPARQL_QUERY, FORM) for charset in ("", "; charset=utf-8")}


def _only_query(fields: str) -> str | None:
    if not fields.startswith("query=") or "&" in fields or not fields.isascii():
        return None
    try:
        return unquote_plus(fields[6:], errors="strict")
    except UnicodeDecodeError:
        return None


def _check_encoding() -> None:
    """Refuse a body in another encoding than UTF-8, or a compressed one, instead of reading something else from it."""
    if request.mimetype_params.get("charset", "utf-8").lower() not in CHARSETS:
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
        return body.decode("utf-8-sig")  # editors put U+FEFF before what they save
    except UnicodeDecodeError:
        raise BadRequest("The request is not UTF-8.") from None

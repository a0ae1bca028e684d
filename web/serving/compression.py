"""Answers as gzip where the client takes it: a page of evidence shrinks to a tenth, which a phone notices."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

LEVEL = 5
LONGEST = 512
"""Characters of an Accept-Encoding header that are read."""
SMALLEST = 1400
"""An answer that fits into one packet is sent as it is."""
COMPRESSIBLE = ("text/", "application/json", "application/ld+json", "application/n-", "application/rdf+xml",
                "application/sparql-results+", "application/trig", "application/xml", "application/javascript",
                "image/svg+xml")  # fmt: skip


def packed(body: bytes, accept_encoding: str) -> bytes | None:
    """Return a body as gzip, `None` if it is small or the client does not take that.

    >>> packed(b"a" * 2000, "gzip") is None, packed(b"a" * 2000, "br"), packed(b"a", "gzip")
    (False, None, None)
    """
    if len(body) < SMALLEST or not takes_gzip(accept_encoding[:LONGEST]):
        return None
    return gzip.compress(body, compresslevel=LEVEL, mtime=0)


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header takes gzip."""
    return parse_accept_header(accept_encoding, Accept).quality("gzip") > 0


def compress(response: Response) -> Response:
    """Compress a whole answer; streamed files, ranges and small answers are left alone."""
    if not (response.mimetype or "").startswith(COMPRESSIBLE):
        return response
    if "Accept-Encoding" not in response.headers.get("Vary", ""):
        response.vary.add("Accept-Encoding")
    if request.endpoint == "static" and response.status_code == 200:  # a file: small enough to be read
        response.direct_passthrough = False
        response.make_sequence()
    if (
        response.direct_passthrough
        or response.is_streamed
        or response.status_code in (204, 206, 304)
        or "Content-Encoding" in response.headers
    ):
        return response
    body = packed(response.get_data(), request.headers.get("Accept-Encoding", ""))
    if body is None:
        return response
    response.set_data(body)
    response.headers["Content-Encoding"] = "gzip"
    tag, is_weak = response.get_etag()
    if tag is not None and not is_weak:
        response.set_etag(tag, weak=True)
    return response


def init_app(app: Flask) -> None:
    """Compress the answers of `app`."""
    app.after_request(compress)

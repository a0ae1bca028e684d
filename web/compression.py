"""Answers as gzip where the client takes it: a page of evidence shrinks to a tenth, which a phone notices."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

LEVEL = 5
SMALLEST = 1400
"""An answer that fits into one packet is sent as it is."""
COMPRESSIBLE = ("text/", "application/json", "application/ld+json", "application/n-", "application/rdf+xml",
                "application/sparql-results+", "application/trig", "application/xml", "application/javascript",
                "image/svg+xml")  # fmt: skip


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
        or request.accept_encodings.quality("gzip") <= 0
    ):
        return response
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.set_data(gzip.compress(body, compresslevel=LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, is_weak = response.get_etag()
    if tag is not None and not is_weak:
        response.set_etag(tag, weak=True)
    return response


def init_app(app: Flask) -> None:
    """Compress the answers of `app`."""
    app.after_request(compress)

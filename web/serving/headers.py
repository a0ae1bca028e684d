"""Security headers of every answer: pages, RDF, query results, redirects and errors alike.

The policy has no `unsafe-inline`, no nonce and no foreign host, so a page stays cacheable and asks nobody but us.
"""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

SECURITY_HEADERS: dict[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

OPEN_PATHS = (
    "/sparql",
    "/resource",
    "/questions/",
    "/id/",
    "/data/",
    "/vocab/",
    "/graph",
    "/claim/",
    "/derived/",
    "/ontology",
    "/downloads/",
)
"""What programs on other sites may read: the data, not the pages."""

OPEN_FILES = ("/search.json", "/context.jsonld", "/.well-known/void", "/.well-known/sparql-examples")

EXPOSED = "Content-Disposition, ETag, Link, Location, Retry-After, X-Data-Version, X-Truncated"


OPEN: dict[str, str] = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}

BESIDE_THE_APPLICATION = {**SECURITY_HEADERS, **OPEN, "Cache-Control": "no-store"}
"""Of an answer that the application has no part in."""

ASKED_WITH = "Accept, Authorization, Content-Type, *"
"""Headers that programs on other sites may send: all (without this, a page that sends an ETag is turned away)."""


def is_open(path: str) -> bool:
    """Whether programs on other sites may read what is at an address.

    >>> is_open("/sparql"), is_open("/about")
    (True, False)
    """
    return path.startswith(OPEN_PATHS) or path in OPEN_FILES


def set_security_headers(response: Response) -> Response:
    """Set the headers above; cross-origin reading is allowed for the data, errors included."""
    response.headers.update(SECURITY_HEADERS)
    if request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        response.headers.remove("Content-Type")
    if is_open(request.path) and response.headers.get("Cross-Origin-Resource-Policy") != "same-origin":
        response.headers.update(OPEN)
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = response.headers.get(
                "Allow", "GET, HEAD, OPTIONS"
            )
            response.headers["Access-Control-Allow-Headers"] = ASKED_WITH
            response.headers["Access-Control-Max-Age"] = "86400"
    return response


def init_app(app: Flask) -> None:
    """Put the headers on every answer of `app`."""
    app.after_request(set_security_headers)

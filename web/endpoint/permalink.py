"""Addresses that hold a query: as it is, or deflated where it is long. Nothing is stored."""

from __future__ import annotations

import base64
import binascii
import zlib
from urllib.parse import urlencode

from kg.errors import ParameterError

LONGEST_PLAIN = 2000
"""A query that takes more of an address than this is deflated."""
LONGEST = 7000
"""A longer address is cut by common proxies, at 8 kB: such a query is sent by POST."""


def pack(query: str) -> str:
    """Return a query deflated (RFC 1951) and in base64url without padding; `unpack` gives it back.

    >>> unpack(pack("SELECT * { ?s ?p ?o }"))
    'SELECT * { ?s ?p ?o }'
    """
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = squeeze.compress(query.encode("utf-8", "replace")) + squeeze.flush()
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def unpack(packed: str, most: int = 256 * 1024) -> str:
    """Return the query of `pack`. Raises `ParameterError` for what is none, or holds more than `most` bytes."""
    try:
        body = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        inflate = zlib.decompressobj(-15)
        text = inflate.decompress(body, most + 1)
        if len(text) > most:
            raise ParameterError("q", packed[:20], "holds too much", f"a query of at most {most} bytes")
        if not inflate.eof:
            raise zlib.error("incomplete")
        return text.decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError):
        raise ParameterError("q", packed[:20], "is no deflated query", "what a permalink has there") from None


def query_address(query: str, **more: str) -> str | None:
    """Return the address of the query page or endpoint with a query in it; `None` if it is too long for one.

    >>> query_address("ASK { }", format="json")
    '/sparql?query=ASK+%7B+%7D&format=json'
    """
    rest = {name: value for name, value in more.items() if value}
    plain = "/sparql?" + urlencode({"query": query, **rest})
    if len(plain) <= LONGEST_PLAIN:
        return plain
    packed = "/sparql?" + urlencode({"q": pack(query), **rest})
    return packed if len(packed) <= LONGEST else None

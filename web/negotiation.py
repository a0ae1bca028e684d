"""Content negotiation as one pure function over one case table (`tests/test_negotiation.py`).

Werkzeug reads the header and ranks its entries; parameters of a media type (`charset`, `version`, `profile`) are
dropped first, since no offer here has any and RFC 9110 lets a server ignore those that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from kg.formats import RDF_FORMATS, RESULTS_FORMATS


@dataclass(frozen=True)
class Offer:
    """One form in which an answer can be given: a short `name`, its media type, other types that mean the same."""

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header; the charset is told where the type has that parameter."""
        text = self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if text else self.media_type


HTML = Offer("html", "text/html", ("application/xhtml+xml",))
RDF_OFFERS: tuple[Offer, ...] = tuple(
    Offer(f.name, f.media_type, tuple(alias for alias in f.aliases if "/" in alias)) for f in RDF_FORMATS
)
RESULTS_OFFERS: tuple[Offer, ...] = tuple(
    Offer(f.name, f.media_type, tuple(alias for alias in f.aliases if "/" in alias)) for f in RESULTS_FORMATS
)
PAGE_OFFERS: tuple[Offer, ...] = (HTML, *RDF_OFFERS)
"""A page and its RDF forms: a page unless something else is asked for."""


def choose(accept: str | None, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that an Accept header likes best, `None` if it takes none of them (406).

    `accept` is the header as sent, repeated lines joined by commas; none, or an empty one, takes the first offer. The
    highest quality wins, then the more specific entry, then the order of `offers`. An alias counts only where it is
    named in full: `*/*` speaks of the types that are really sent. Of a header beyond `LONGEST` the beginning counts.

    >>> choose("text/turtle;q=0.5, application/ld+json", PAGE_OFFERS).name
    'jsonld'
    >>> choose("*/*", PAGE_OFFERS).name, choose("image/png", PAGE_OFFERS)
    ('html', None)
    """
    wanted = _without_parameters(accept)
    if not wanted and len(accept or "") <= LONGEST:
        return offers[0]
    ranked = [(_rank(wanted, offer), -position) for position, offer in enumerate(offers)]
    (quality, _), position = max(ranked)
    return offers[-position] if quality > 0 else None


LONGEST = 4096
"""Characters of an Accept header that are read: browsers send 200; each entry is held against every offer."""


def _without_parameters(accept: str | None) -> MIMEAccept:
    if accept is not None and len(accept) > LONGEST:
        accept = accept[:LONGEST].rpartition(",")[0]
    parsed = parse_accept_header(accept, MIMEAccept)
    return MIMEAccept([(entry.partition(";")[0].strip(), quality) for entry, quality in parsed])


def _rank(wanted: MIMEAccept, offer: Offer) -> tuple[float, int]:
    """Quality and specificity (0 any, 1 a family of types, 2 in full) of the entry that speaks of an offer."""
    own = _entries(wanted, (offer.media_type, f"{offer.media_type.partition('/')[0]}/*", "*/*"))
    named = [(quality, 2) for alias in offer.aliases for quality in _quality(wanted, alias) if quality > 0]
    return max([own, *named])


def _entries(wanted: MIMEAccept, patterns: Iterable[str]) -> tuple[float, int]:
    for specificity, pattern in zip((2, 1, 0), patterns, strict=True):
        for quality in _quality(wanted, pattern):
            return quality, specificity
    return 0.0, 0


def _quality(wanted: MIMEAccept, pattern: str) -> list[float]:
    return [quality for entry, quality in wanted if entry.lower() == pattern][:1]

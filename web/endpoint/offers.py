"""What answers of the endpoint can be sent as, by the form of the query, and what of it a client takes.

Not even the form of a query is known before its answer (`kg.workers.pool`). So what the client likes is chosen for
every form (SELECT and ASK: results; CONSTRUCT and DESCRIBE: triples), and the worker takes what fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from kg.formats import RDF_FORMATS, RESULTS_FORMATS
from web.negotiation import HTML, RDF_OFFERS, RESULTS_OFFERS, Offer, choose

TRIPLES = tuple(offer for offer in RDF_OFFERS if offer.name in ("turtle", "nt", "rdfxml", "jsonld"))
TRIPLES_ALSO = tuple(offer for offer in RDF_OFFERS if offer.name in ("trig", "nq"))
BOOLEAN = tuple(offer for offer, entry in zip(RESULTS_OFFERS, RESULTS_FORMATS, strict=True) if entry.boolean)
EXTENSIONS = {f.name: f.extension for f in RDF_FORMATS} | {f.name: f.extension for f in RESULTS_FORMATS}

OFFERS: Mapping[str, tuple[Offer, ...]] = {
    "select": RESULTS_OFFERS,
    "ask": BOOLEAN,
    "construct": (*TRIPLES, *TRIPLES_ALSO),
    "describe": (*TRIPLES, *TRIPLES_ALSO),
}
"""What an answer can be sent as, by the form of the query, the default first."""

Chosen = dict[str, Offer | None]
"""The offer for each form of a query, `None` where the client takes nothing (406)."""

LONGEST_KEPT = 512
"""A longer Accept header is not kept with what it means."""


def accepted(accept: str | None) -> Chosen:
    """Return what an Accept header takes for each form of a query; a browser takes the page."""
    return dict((_accepted if len(accept or "") <= LONGEST_KEPT else _accepted.__wrapped__)(accept))


@lru_cache(maxsize=1024)
def _accepted(accept: str | None) -> tuple[tuple[str, Offer | None], ...]:
    return tuple((form, choose(accept, (*offers, HTML))) for form, offers in OFFERS.items())


_ALSO: dict[str, tuple[str, ...]] = {
    **{entry.name: entry.aliases for entry in RDF_FORMATS},
    **{entry.name: entry.aliases for entry in RESULTS_FORMATS},
}


def named(wanted: str, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that is called so: by name, media type, extension, or another name that clients use."""
    for offer in (*offers, HTML):
        names = (
            offer.name,
            offer.media_type,
            *offer.aliases,
            EXTENSIONS.get(offer.name),
            *_ALSO.get(offer.name, ()),
        )
        if wanted.lower() in names:
            return offer
    return None


def formats(chosen: Mapping[str, Offer | None]) -> list[str]:
    """Return the formats to ask a worker for: it takes the first that its answer fits into.

    Those of rows and of graphs are different ones, and what holds only rows is no choice for ASK; so a list will do.
    """
    page = {"construct": "nt", "describe": "nt"}
    found = [page.get(form, "json") if o == HTML else o.name for form, o in chosen.items() if o]
    return found or ["none"]


def unsuitable(offers: Sequence[Offer]) -> str:
    """Return the words for a client that takes none of the forms of an answer."""
    return f"This query can be answered as {', '.join(offer.media_type for offer in offers)}."

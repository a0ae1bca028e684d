"""Addresses of what has gone: a redirect to what replaces it, or 410 with the reason.

An IRI that was published goes on to answer. What is retired stands in `data/retired.ttl`; a claim that was renamed
leaves a stub beside the new one. Of an IRI that never was, nothing is known here: that is a 404.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, Response, request, url_for
from pyoxigraph import NamedNode

from kg.namespaces import CLAIM, ID, SGV, Namespace, curie
from kg.queries import select
from kg.terms import parse_iri
from web.errors import answer
from web.links import page_of
from web.render import redirected
from web.serving.served import served

SPACES: Mapping[str, Namespace] = {"id": ID, "vocab": SGV, "claim": CLAIM}
ENDPOINTS = {
    "entity.thing": None,
    "entity.entity_page": None,
    "entity.entity_data": None,
    "entity.entity_data_negotiated": None,
    "claim.claim": "claim",
    "claim.claim_data": "claim",
}
"""Views of one thing, by the space of its name; `None`: their argument `space` tells it."""


@dataclass(frozen=True)
class Retired:
    """What has gone: its label, why, and the IRI that replaces it, if one does."""

    label: str
    note: str = ""
    replaced_by: NamedNode | None = None


def retired() -> Mapping[NamedNode, Retired]:
    """Return all that has gone, by IRI; read once per version of the data."""
    state = served()

    def read() -> dict[NamedNode, Retired]:
        return {
            iri: Retired(label.value, note.value if note else "", new)
            for iri, label, note, new in select(state.store, "retired")
        }

    found: dict[NamedNode, Retired] = state.remember("retired", read)
    return found


def last_of(iri: NamedNode) -> NamedNode:
    """Return what replaces a thing in the end; the thing itself if nothing does, or if it goes round in a circle."""
    known = retired()
    seen = [iri]
    while (entry := known.get(seen[-1])) is not None and entry.replaced_by is not None:
        if entry.replaced_by in seen:
            return iri
        seen.append(entry.replaced_by)
    return seen[-1]


def _asked() -> tuple[NamedNode, str] | None:
    """Return the IRI that the request is about, and the space of its name."""
    if request.endpoint == "entity.resource":
        iri = parse_iri(request.args.get("iri", ""))
        return (iri, "") if iri is not None else None
    if request.endpoint not in ENDPOINTS or request.view_args is None:
        return None
    space = ENDPOINTS[request.endpoint] or request.view_args.get("space", "")
    name = request.view_args.get("name", "")
    return (SPACES[space][name], space) if space in SPACES else None


def init_app(app: Flask) -> None:
    """Answer for what has gone before the views look for it."""

    @app.before_request
    def of_what_has_gone() -> Response | None:
        asked = _asked()
        if asked is None or served().is_files or asked[0] not in retired():
            return None
        iri, space = asked
        last = last_of(iri)
        if last != iri and last not in retired():
            return redirected(_address(last, space), 301)
        entry = retired()[iri]
        reason = entry.note or "Nothing replaces it."
        return answer(f"{curie(iri)} ({entry.label}) has been retired. {reason}", 410)


def _address(iri: NamedNode, space: str) -> str:
    """Return the address at which the same view shows another thing."""
    if not space or request.endpoint is None or iri not in SPACES[space]:
        return page_of(iri)
    arguments = {**(request.view_args or {}), "name": iri.value.removeprefix(str(SPACES[space]))}
    return url_for(request.endpoint, **arguments, _external=False)

"""What the editor completes: prefixes, classes, properties and things of our own data, as one small file.

`/terms.json?v=VERSION` may be kept by a browser for ever; without the version it is asked again each time.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, Response, make_response, request
from pyoxigraph import NamedNode

from kg.labels import labels
from kg.namespaces import PREFIXES, curie
from kg.queries import Queryable, select
from web.serving.served import served

blueprint = Blueprint("terms", __name__)

_WRITABLE = re.compile(r"[a-z]+:[A-Za-z0-9_](?:[\w-]*[\w-])?")
_MEMBER = re.compile(r"rdf:_\d+")
LONGEST_DEFINITION = 160

Entry = list[str]
"""CURIE, label, and a word more: the definition or the class."""


@blueprint.get("/terms.json")
def terms() -> Response:
    """Send the terms of this version of the data."""
    state = served()
    body: str = state.remember("terms", lambda: _json(state.store))
    response = make_response(body)
    response.content_type = "application/json"
    response.headers["X-Data-Version"] = state.version
    named = request.args.get("v") == state.short_version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def terms_address() -> str:
    """Return the address of the terms of the version that is served."""
    return f"/terms.json?v={served().short_version}"


def _json(store: Queryable) -> str:
    return json.dumps(read_terms(store), ensure_ascii=False, separators=(",", ":"))


def read_terms(store: Queryable) -> dict[str, Any]:
    """Return prefixes, and entries for classes, properties (most used first) and things (in order of the label).

    Left out is what a query could not write as a CURIE.
    """
    definitions: dict[NamedNode, str] = {}
    declared: dict[str, list[NamedNode]] = {"Class": [], "Property": []}
    for term, kind, _, definition, *_ in select(store, "page_terms"):
        if term not in definitions:
            definitions[term] = definition.value
            declared["Class" if kind.value.endswith("Class") else "Property"].append(term)
    classes = [row[0] for row in select(store, "page_classes")]
    properties = [row[0] for row in select(store, "terms_properties")]
    things: dict[NamedNode, NamedNode] = {}
    for thing, kind in select(store, "terms_things"):
        if isinstance(thing, NamedNode):
            things.setdefault(thing, kind)
    classes += [term for term in declared["Class"] if term not in set(classes)]
    properties += [term for term in declared["Property"] if term not in set(properties)]
    names = labels(store, {*classes, *properties, *things, *things.values()})

    def entries(iris: list[NamedNode], more: dict[NamedNode, str]) -> list[Entry]:
        made = (
            (curie(iri), names.get(iri, ""), more.get(iri, "")) for iri in iris if isinstance(iri, NamedNode)
        )
        return [
            [name, "" if label == name else label, _shorten(word)]
            for name, label, word in made
            if _WRITABLE.fullmatch(name) and not _MEMBER.fullmatch(name)
        ]

    kinds = {thing: names.get(kind, "") for thing, kind in things.items()}
    return {
        "prefixes": PREFIXES,
        "classes": entries(classes, definitions),
        "properties": entries(properties, definitions),
        "things": entries(sorted(things, key=lambda thing: (names.get(thing, ""), thing.value)), kinds),
    }


def _shorten(text: str) -> str:
    if len(text) <= LONGEST_DEFINITION:
        return text
    return text[: LONGEST_DEFINITION - 1].rsplit(" ", 1)[0] + "…"

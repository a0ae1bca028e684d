"""The search: `/search` for people, `/search.json` for programs and for the suggestions under every search box."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, request
from markupsafe import Markup
from pyoxigraph import NamedNode

from kg.labels import labels
from kg.namespaces import FOAF, SG, SGV
from kg.search.finder import Found, Hit
from kg.search.words import pieces
from web.parameters import given, one_of, place_in, whole_number
from web.render import page
from web.search_index import LONGEST, address_of, hit_address, search_index
from web.serving.served import served

blueprint = Blueprint("search", __name__)

TITLES = {
    "thing": "people, bodies, events",
    "claim": "claims",
    "question": "questions",
    "article": "articles",
    "difference": "disagreements",
    "gap": "not stated",
    "term": "vocabulary",
}
"""The kinds of result, by the value that an address has for them, and their names on the page."""
ONE = {
    "claim": "claim",
    "question": "question",
    "article": "article",
    "difference": "disagreement",
    "gap": "not stated",
}
"""What a single result of a kind is called; of a thing or a term its class says more."""

PAGE = 20
SUGGESTED, MOST = 8, 50
NEAR, NAMED = 4, 6
"""How many names stand where nothing is found: those like the words, and those of people and of bodies."""
EXAMPLES = ("Julian Wooster", "safeguarding board", "requires improvement", "summer 2013", "who apologised")

_SPARQL = re.compile(r"(?i)\b(select|ask|construct|describe)\b.*\{", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A result as a page shows it: its address, what it is, and the other texts than its label that were hit."""

    hit: Hit
    address: str
    what: str
    elsewhere: tuple[tuple[str, str], ...]


@blueprint.get("/search")
def search_page() -> Response:
    """Search names, claims, excerpts, questions and dates; each result says why it matched."""
    typed = _typed()
    words, kind = typed[:LONGEST], _kind()
    found = search_index().find(words) if words else Found((), {}, 0)
    hits = _of_kind(found, kind)
    offset = place_in(len(hits))
    shown = hits[offset : offset + PAGE]
    years = {year for period in found.periods for year in (period.first[:4], period.last[:4])}
    return page(
        "search.html",
        title=f"Search: {words}" if words else "Search",
        q=words,
        cut=len(typed) > LONGEST,
        found=found,
        results=_shown(shown),
        names=_names(shown),
        titles={name: title for name, title in TITLES.items() if found.counts.get(name)},
        kind=kind,
        total=len(hits),
        complete=sum(not hit.missing for hit in hits),
        offset=offset,
        size=PAGE,
        year=years.pop() if len(years) == 1 else "",
        examples=EXAMPLES,
        instead=_instead(words) if words and not hits else (),
        sparql=words if _SPARQL.search(words) else "",
        noindex=True,
    )


@blueprint.get("/search.json")
def search_json() -> Response:
    """Send the same results as JSON; with the version in the address (`v`) an answer may be kept for ever.

    Parameters: `q`; `kind`, `offset` and `limit` as on the page; `typing=1` takes the last word for the beginning of
    one, as a suggestion needs it.
    """
    state = served()
    words, kind, offset = _typed()[:LONGEST], _kind(), whole_number("offset", 0)
    limit = whole_number("limit", SUGGESTED, most=MOST)
    typing = one_of("typing", {"1": "yes", "0": "no"}, "is neither", "0") == "1"
    found = search_index().find(words, typing) if words else Found((), {}, 0)
    hits = _of_kind(found, kind)
    answer = {
        "q": words,
        "version": state.version,
        "total": len(hits),
        "complete": sum(not hit.missing for hit in hits),
        "counts": found.counts,
        "readAs": dict(found.read_as),
        "results": [_as_json(shown) for shown in _shown(hits[offset : offset + limit])],
    }
    response = make_response(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n")
    response.content_type = "application/json"
    response.headers["X-Data-Version"] = state.version
    response.headers["X-Robots-Tag"] = "noindex"
    named = request.args.get("v") == state.short_version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _instead(words: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what to look at where nothing is found, under headings: address and label of each."""
    index = search_index()
    found = (
        ("Spelt a little like it", index.like(words, NEAR)),
        ("People named here", index.main({FOAF.Person}, NAMED)),
        ("Bodies named here", index.main({SG.Council, SG.Inspectorate, SG.GovernmentDepartment}, NAMED)),
    )
    return [
        (title, [(address_of(d.iri, d.kind), d.label) for d in documents])
        for title, documents in found
        if documents
    ]


@blueprint.app_template_filter("marked")
def marked(text: str, found: frozenset[str]) -> Markup:
    """Return a text with the words that were found marked."""
    parts = (
        Markup('<mark class="hit">{}</mark>').format(piece) if is_hit else Markup("{}").format(piece)
        for piece, is_hit in pieces(text, found)
    )
    return Markup("").join(parts)


def _typed() -> str:
    """Return what was typed, without characters that cannot be seen."""
    return "".join(char if char.isprintable() else " " for char in given("q")).strip()


def _kind() -> str:
    return one_of("kind", TITLES, "is no kind of result")


def _of_kind(found: Found, kind: str) -> list[Hit]:
    return [hit for hit in found.hits if not kind or hit.kind == kind]


def _names(hits: list[Hit]) -> dict[NamedNode, str]:
    wanted = {iri for hit in hits for iri in (hit.type, hit.source)}
    found: dict[NamedNode, str] = labels(served().store, wanted)
    return found


def _shown(hits: list[Hit]) -> list[Shown]:
    names = _names(hits)
    return [Shown(hit, hit_address(hit), _what(hit, names), _elsewhere(hit)) for hit in hits]


def _elsewhere(hit: Hit) -> tuple[tuple[str, str], ...]:
    shown = () if hit.matched == hit.label or hit.role == "label" else ((hit.role, hit.matched),)
    return (*shown, *hit.also)


def _what(hit: Hit, names: dict[NamedNode, str]) -> str:
    if hit.kind in ONE:
        return ONE[hit.kind]
    if hit.type is None:
        return ""
    if hit.kind == "term" and hit.iri not in SGV and hit.iri not in SG:
        return "term of another vocabulary"
    label = names.get(hit.type, "")
    return label if label[1:] != label[1:].lower() else label.lower()


def _as_json(shown: Shown) -> dict[str, Any]:
    hit = shown.hit
    told: dict[str, Any] = {
        "iri": hit.iri.value,
        "label": hit.label,
        "kind": hit.kind,
        "what": shown.what,
        "address": shown.address,
    }
    if shown.elsewhere:
        role, matched = shown.elsewhere[0]
        told |= {"matched": matched, "in": role}
    if hit.spelt:
        told["spelt"] = dict(hit.spelt)
    if hit.missing:
        told["missing"] = hit.missing
    return told

"""Pages and data about things: `/id`, `/page`, `/data`, `/vocab`, `/graph`, `/resource`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import NotAcceptable

from kg.describe import SECTIONS, Description, describe
from kg.errors import NotFound, ParameterError
from kg.formats import RDF_FORMATS, rdf_format
from kg.labels import labels
from kg.namespaces import GRAPH, ID, RDF, RDFS, SCHEMA, SG, SGV, SKOS
from kg.queries import select, text
from kg.terms import bind, parse_iri, serialize_term
from web.data import data_response, graph_response
from web.entity.cards import own_card, registered, sections
from web.entity.facts import Facts
from web.entity.gist import gist_of
from web.entity.parts import (
    FIRST,
    GROUP,
    acts_of,
    claims_of,
    dates_of,
    differences_of,
    gaps_of,
    groups_of,
    head_of,
    more_of,
    posts_held,
    with_both_ends,
)
from web.links import data_of, page_of, thing_of
from web.negotiation import HTML, PAGE_OFFERS, RDF_OFFERS, Offer, choose
from web.parameters import given, one_of, place_in, whole_number
from web.render import page, redirected, rendered
from web.resource import plain_data, plain_page
from web.serving.kept import kept
from web.serving.served import served
from web.views.choice import around, view_for
from web.views.in_post import in_post

blueprint = Blueprint("entity", __name__)

_NOT_LISTED = (GRAPH.gaps, GRAPH.vocabulary, GRAPH.questions, GRAPH.disagreements)
_SHOWN_ABOVE = {
    RDF.type,
    RDFS.label,
    SKOS.prefLabel,
    SKOS.altLabel,
    SCHEMA.identifier,
    SG.contested,
    SKOS.note,
    SKOS.scopeNote,
}


def types_of(things: Iterable[NamedNode]) -> dict[NamedNode, tuple[NamedNode, ...]]:
    """Return the classes of each thing, sorted."""
    found: dict[NamedNode, list[NamedNode]] = {}
    wanted = sorted(set(things), key=str)
    for thing, cls in select(served().store, "page_types", x=wanted) if wanted else ():
        found.setdefault(thing, []).append(cls)
    return {thing: tuple(sorted(classes, key=str)) for thing, classes in found.items()}


def negotiate(offers: tuple[Offer, ...]) -> Offer:
    """Return the offer that the request likes best. Raises 406, naming the types there are."""
    offer = choose(request.headers.get("Accept"), offers)
    if offer is None:
        raise NotAcceptable(f"There is: {', '.join(offer.media_type for offer in offers)}.")
    return offer


def negotiate_rdf() -> Offer:
    """Return the RDF format that the request likes best: Turtle for a browser, whose `application/xml` means no RDF."""
    offer = negotiate((*PAGE_OFFERS,))
    return RDF_OFFERS[0] if offer == HTML else offer


def extension_of(offer: Offer) -> str:
    """Return the suffix of a format of RDF."""
    return next(f.extension for f in RDF_FORMATS if f.name == offer.name)


@blueprint.get("/id/<local:name>", defaults={"space": "id"})
@blueprint.get("/vocab/<local:name>", defaults={"space": "vocab"})
def thing(space: str, name: str) -> Response:
    """Redirect from a thing to its page or its data: 303, by the Accept header."""
    iri = _iri(space, name)
    describe(served().store, iri, limit=1)
    offer = negotiate(PAGE_OFFERS)
    target = page_of(iri) if offer == HTML else data_of(iri, extension_of(offer))
    return redirected(target, 303)


@blueprint.get("/page/<local:name>", defaults={"space": "id"})
@blueprint.get("/page/vocab/<local:name>", defaults={"space": "vocab"})
def entity_page(space: str, name: str) -> Response:
    """Show the page of a thing."""
    return show(_iri(space, name))


@blueprint.get("/data/<local:name>.<ext:extension>", defaults={"space": "id"})
@blueprint.get("/data/vocab/<local:name>.<ext:extension>", defaults={"space": "vocab"})
def entity_data(space: str, name: str, extension: str) -> Response:
    """Send the data about a thing in one format."""
    return data_response(_iri(space, name), extension)


@blueprint.get("/data/<local:name>", defaults={"space": "id"})
@blueprint.get("/data/vocab/<local:name>", defaults={"space": "vocab"})
def entity_data_negotiated(space: str, name: str) -> Response:
    """Send the data about a thing in the format of the Accept header."""
    return data_response(_iri(space, name), extension_of(negotiate_rdf()))


@blueprint.get("/graph/<local:name>")
def graph(name: str) -> Response:
    """Show a named graph as a page that leads to its downloads, or send it."""
    offer = negotiate((HTML, *(offer for offer in RDF_OFFERS if offer.name == "trig"), *RDF_OFFERS))
    if offer != HTML:
        return graph_response(GRAPH[name], extension_of(offer))
    rows = select(served().store, "page_graph", limit=1, g=GRAPH[name])
    if not rows or rows[0][0].value == "0":
        raise NotFound(f"graph:{name}: there is no such named graph")
    article = ID[f"article-{name}"]
    return page(
        "graph.html",
        sample=f"SELECT * WHERE {{ GRAPH {serialize_term(GRAPH[name])} {{ ?s ?p ?o }} }} LIMIT 100",
        title=f"Named graph {name}",
        iri=GRAPH[name],
        triples=int(rows[0][0].value),
        subjects=int(rows[0][1].value),
        article=article if select(served().store, "page_types", x=article) else None,
        formats=[f for f in RDF_FORMATS if f.named_graphs],
    )


@blueprint.get("/graph/<local:name>.<ext:extension>")
def graph_data(name: str, extension: str) -> Response:
    """Send a named graph in one format."""
    return graph_response(GRAPH[name], extension)


@blueprint.get("/resource")
def resource() -> Response:
    """Show any IRI that occurs in the data."""
    asked = given("iri")
    iri = parse_iri(asked) or _any_iri(asked)
    if iri is None:
        raise ParameterError("iri", asked, "is not an IRI", "an absolute IRI, or a CURIE such as org:Post")
    wanted = _format()
    if wanted is None:
        offer = negotiate(PAGE_OFFERS)
        wanted = extension_of(offer) if offer != HTML else None
        if wanted is None and not served().is_files and not page_of(iri).startswith("/resource"):
            return redirected(page_of(iri), 303)
    try:
        if not served().is_files:
            return show(iri) if wanted is None else data_response(iri, wanted)
    except NotFound:
        pass  # no claim speaks of it; it may stand in the data all the same
    return plain_page(iri) if wanted is None else plain_data(iri, wanted)


def _any_iri(text: str) -> NamedNode | None:
    """Return an IRI of whatever scheme: data may hold `javascript:x`, which is shown and never linked."""
    try:
        return NamedNode(text.strip()) if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:.", text.strip()) else None
    except ValueError:
        return None


def _format() -> str | None:
    wanted = given("format")
    if not wanted:
        return None
    try:
        return rdf_format(wanted).name
    except NotFound:
        known = {entry.extension: entry.label for entry in RDF_FORMATS}
        raise ParameterError.not_one_of("format", wanted, "is no RDF format", known) from None


def show(iri: NamedNode) -> Response:
    """Show the page of an entity."""
    return kept(lambda: _rendered(iri), "section", "group", "offset")


def _rendered(iri: NamedNode) -> Response:
    store = served().store
    section = one_of("section", {name: name for name in SECTIONS}, "is no part of this page") or None
    group = given("group") or None
    offset = whole_number("offset", 0)
    described = describe(store, iri, section=section, offset=offset if section else 0)
    if section:
        place_in(described.totals[section])
    if SG.Date in described.types:  # no subject: of what bears it only the statements that do are shown
        described = replace(described, of_shown=(), totals={**described.totals, "of_shown": 0})
    subjects = (*described.incoming, *described.of_shown)
    types = types_of({*(s.subject for s in subjects), *(f.subject for f in described.facts_about)})
    concluded = [s for s in subjects if SG.PostAtEvent in types.get(s.subject, ())]
    held = posts_held(described)
    act, acts = acts_of(described) if not (section or group) else (0, {})
    whole = with_both_ends(described)
    names = {**whole.names, **_more_names(described, types), **held, **acts}
    groups = groups_of(sections(whole, types, dates_of(described)), group)
    view, near = (
        (None, None) if section or group else (view_for(store, iri, described.types), around(store, iri))
    )
    return rendered(
        "entity.html",
        title=described.label,
        view=view,
        near=near,
        names=names,
        **head_of(described, list(held.values())),
        gist=gist_of(described, tuple(held), (act, tuple(acts))),
        d=described,
        types=types,
        own=own_card(described),
        sections=groups,
        group=group,
        size=GROUP,
        first=FIRST,
        in_post=in_post(Facts(store), iri, concluded),
        in_post_claims=list({row.claim.iri: row.claim for s in concluded for row in s.evidence}.values()),
        registered=registered(described.facts, iri, _SHOWN_ABOVE),
        notes=[
            f.object.value
            for f in described.facts
            if f.subject == iri and f.predicate in (SKOS.note, SKOS.scopeNote)
        ],
        gaps=gaps_of(described),
        differences=differences_of(described),
        about=[f for f in described.facts_about if f.graph not in _NOT_LISTED],
        claims=claims_of(described),
        more=more_of(described, section, offset),
        section=section,
        offset=offset,
        formats=RDF_FORMATS,
        article=f"/articles/{iri.value.removeprefix(str(ID) + 'article-')}"
        if SG.Article in described.types
        else None,
        thing=thing_of(iri),
        query=bind(text("entity"), {"e": iri}),
    )


def _iri(space: str, name: str) -> NamedNode:
    return (ID if space == "id" else SGV)[name]


def _more_names(
    described: Description, types: dict[NamedNode, tuple[NamedNode, ...]]
) -> dict[NamedNode, str]:
    missing = {cls for classes in types.values() for cls in classes}
    return labels(served().store, missing - described.names.keys())

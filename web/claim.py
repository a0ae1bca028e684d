"""Pages and data about one claim or one derivation: `/claim`, `/derived`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from flask import Blueprint, Response
from pyoxigraph import Literal, NamedNode

from kg.errors import NotFound
from kg.evidence import ClaimView, Derivation, read_claims, read_derivations
from kg.formats import RDF_FORMATS
from kg.labels import labels
from kg.namespaces import CLAIM, DERIVED, SG, SGV
from kg.queries import Row, select, text
from kg.record import Evidence
from kg.terms import bind
from web import own_texts
from web.data import data_response
from web.entity.page import extension_of, negotiate, types_of
from web.entity.parts import PEOPLE
from web.links import external
from web.negotiation import HTML, PAGE_OFFERS
from web.render import rendered
from web.serving.kept import kept
from web.serving.served import served

blueprint = Blueprint("claim", __name__)


@blueprint.get("/claim/<local:name>")
def claim(name: str) -> Response:
    """Show or send one claim."""
    offer = negotiate(PAGE_OFFERS)
    return claim_page(CLAIM[name]) if offer == HTML else data_response(CLAIM[name], extension_of(offer))


@blueprint.get("/claim/<local:name>.<ext:extension>")
def claim_data(name: str, extension: str) -> Response:
    """Send one claim in one format."""
    return data_response(CLAIM[name], extension)


@blueprint.get("/derived/<local:name>")
def derivation(name: str) -> Response:
    """Show or send one derivation."""
    offer = negotiate(PAGE_OFFERS)
    iri = DERIVED[name]
    return derivation_page(iri) if offer == HTML else data_response(iri, extension_of(offer))


@blueprint.get("/derived/<local:name>.<ext:extension>")
def derivation_data(name: str, extension: str) -> Response:
    """Send one derivation in one format."""
    return data_response(DERIVED[name], extension)


def claim_page(iri: NamedNode) -> Response:
    """Show a claim: sentence, words, voices, triples, readings, disagreements, what follows, how to cite it."""
    settings = served().settings
    if own_texts.may_be_shown(settings):
        own = own_texts.shown(_claim(iri), settings)
        return own_texts.for_this_machine(_rendered_claim(iri, own))
    return kept(lambda: _rendered_claim(iri))


def _claim(iri: NamedNode) -> ClaimView:
    found = read_claims(served().store, [iri]).get(iri)
    if found is None:
        raise NotFound(f"{iri.value.rpartition('/')[2]}: there is no such claim")
    return found


def _rendered_claim(iri: NamedNode, own: Sequence[own_texts.Shown] = ()) -> Response:
    store, found = served().store, _claim(iri)
    triples = select(store, "page_triples", g=iri)
    also: dict[Row, list[NamedNode]] = {}
    for *triple, other in select(store, "page_also", claim=iri):
        also.setdefault(tuple(triple), []).append(other)
    differing = {c for d in found.disagreements for c in d.between} - {iri}
    others = read_claims(store, differing.union(*also.values()))
    sources = {found.article, *(r.relative_to for r in found.readings if r.relative_to is not None)}
    published = {
        row[0]: row[2] for row in select(store, "view_values", s=sorted(sources, key=str), p=SG.published)
    }
    resting = read_derivations(store, [row[0] for row in select(store, "page_resting", x=iri)])
    terms = _terms(triples) | found.terms() | {t for c in others.values() for t in c.terms()}
    terms |= {reading.read_as for reading in found.readings} | {d.rule for d in resting.values()}
    terms |= set(published.values())
    meaning = select(store, "page_definition", x=found.kind) if found.kind is not None else ()
    return rendered(
        "claim.html",
        title=found.sentence,
        names=labels(store, terms),
        about_people=_is_about_people(triples, found),
        claim=found,
        own=own,
        triples=triples,
        others=others,
        also={
            triple: _by_publisher(others[c] for c in claims if c in others) for triple, claims in also.items()
        },
        published=published,
        meaning=meaning[0][0].value if meaning else "",
        resting=sorted(resting.values(), key=lambda d: (d.rule.value, d.sentence, d.iri.value)),
        source=_source_link(found),
        formats=RDF_FORMATS,
        query=bind(text("page_triples"), {"g": iri}),
    )


def _by_publisher(claims: Iterable[ClaimView]) -> dict[NamedNode, list[ClaimView]]:
    found: dict[NamedNode, list[ClaimView]] = {}
    for claim in claims:
        found.setdefault(claim.publisher or claim.article, []).append(claim)
    return found


def derivation_page(iri: NamedNode) -> Response:
    """Show a derivation: what follows, by which rule, from what, down to the claims."""
    return kept(lambda: _rendered_derivation(iri))


def _rendered_derivation(iri: NamedNode) -> Response:
    store = served().store
    found = read_derivations(store, [iri]).get(iri)
    if found is None:
        raise NotFound(f"{iri.value.rpartition('/')[2]}: there is no such derivation")
    triples = select(store, "page_triples", g=iri)
    steps = _steps(found)
    claims = read_claims(
        store, {g for step in (found, *steps.values()) for g in step.derived_from if g in CLAIM}
    )
    terms = _terms(triples) | {found.rule} | {t for c in claims.values() for t in c.terms()}
    terms |= {step.rule for step in steps.values()}
    rule = select(store, "page_definition", x=found.rule)
    return rendered(
        "derived.html",
        title=found.sentence,
        names=labels(store, terms),
        about_people=_is_about_people(triples, *claims.values()),
        d=found,
        triples=triples,
        steps=list(steps.values()),
        claims=sorted(claims.values(), key=lambda claim: (claim.kind == SGV.implied, claim.iri.value)),
        rule=rule[0][0].value if rule else None,
        formats=RDF_FORMATS,
        query=bind(text("page_triples"), {"g": iri}),
    )


def _steps(derivation: Derivation) -> dict[NamedNode, Derivation]:
    """Return the derivations below one, nearest first."""
    found: dict[NamedNode, Derivation] = {}
    todo = {g for g in derivation.derived_from if g in DERIVED}
    while todo:
        fresh = read_derivations(served().store, todo)
        found.update(fresh)
        todo = {g for d in fresh.values() for g in d.derived_from if g in DERIVED} - found.keys()
    return found


def _terms(triples: list[Row]) -> set[object]:
    return {term for triple in triples for term in triple}


def _is_about_people(triples: list[Row], *claims: ClaimView) -> bool:
    """Whether a person is named in the triples or among the voices: such a page stays out of search engines."""
    things = {term for triple in triples for term in triple if isinstance(term, NamedNode)}
    things |= {voice.agent for claim in claims for voice in claim.voices}
    return any(PEOPLE.intersection(classes) for classes in types_of(things).values())


def _source_link(claim: ClaimView) -> str | None:
    """Return the publisher's address of the source with text fragments that lead to the excerpts."""
    rows = select(served().store, "page_url", x=claim.article)
    address = next((external(row[0].value) for row in rows if isinstance(row[0], NamedNode | Literal)), None)
    if address is None or not claim.excerpts or "#" in address:
        return address
    pieces = [piece for piece in claim.evidence if piece.exact]
    return f"{address}#:~:{'&'.join(_text_fragment(piece) for piece in pieces)}"


def _text_fragment(piece: Evidence) -> str:
    """Return an excerpt as a text directive, with the words around it where it alone is ambiguous."""
    before, exact, after = (
        quote(words.strip(), safe="").replace("-", "%2D")
        for words in (piece.prefix, piece.exact or "", piece.suffix)
    )
    return f"text={f'{before}-,' if before else ''}{exact}{f',-{after}' if after else ''}"

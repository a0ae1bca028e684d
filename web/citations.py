"""Citations of what is served: on pages, as `citations(iri)` in templates, and as files at `/cite`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response
from pyoxigraph import NamedNode

from kg.errors import NotFound, ParameterError
from kg.evidence import read_claims, read_derivations
from kg.extract import is_known
from kg.labels import labels, voices_in_words
from kg.namespaces import CLAIM, DERIVED
from kg.terms import parse_iri
from web.cite import STYLES, Cited, Style, cite
from web.parameters import given, one_of
from web.serving.served import served
from web.words import local

blueprint = Blueprint("citations", __name__)


def cited(iri: NamedNode) -> Cited:
    """Return what a citation of an IRI says. Raises `NotFound` for one that the data does not hold."""
    state = served()
    if iri in CLAIM:
        claim = read_claims(state.store, [iri]).get(iri)
        if claim is None:
            raise NotFound(f"{local(iri)}: there is no such claim")
        names = labels(state.store, claim.terms())
        voices = voices_in_words(claim.voices, names)
        return Cited(iri.value, claim.sentence, state.version, voices, names[claim.article])
    if iri in DERIVED:
        found = read_derivations(state.store, [iri]).get(iri)
        if found is None:
            raise NotFound(f"{local(iri)}: there is no such derivation")
        return Cited(iri.value, found.sentence, state.version)
    if not is_known(state.store, iri):
        raise NotFound(f"{iri.value}: the data says nothing of it")
    return Cited(iri.value, labels(state.store, [iri])[iri], state.version)


def citations(iri: NamedNode) -> list[tuple[Style, str]]:
    """Return a citation in every style."""
    what = cited(iri)
    return [(style, cite(what, style.name)) for style in STYLES]


@blueprint.get("/cite")
def citation() -> Response:
    """Send a citation of one thing in one style, as a file for reference managers."""
    asked = given("iri")
    iri = parse_iri(asked)
    if iri is None:
        raise ParameterError(
            "iri", asked, "is not an IRI", "an absolute IRI of this data set, or a CURIE such as id:ofsted"
        )
    name = one_of("style", {s.name: s.label for s in STYLES}, "is no style of citation", "plain")
    style = next(style for style in STYLES if style.name == name)
    response = make_response(cite(cited(iri), style.name) + "\n")
    response.content_type = style.media_type
    response.headers["Content-Disposition"] = f'inline; filename="{local(iri)}.{style.extension}"'
    response.headers["X-Data-Version"] = served().version
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-cache"
    return response


def init_app(app: Flask) -> None:
    """Let templates ask for citations."""
    app.jinja_env.globals.update(citations=citations)

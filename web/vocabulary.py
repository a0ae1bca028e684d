"""The vocabulary for people and programs: `/ontology` with everything, `/ontology/X` with one, both also as RDF."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Blueprint, Response
from pyoxigraph import Literal, NamedNode, Quad

from kg.errors import NotFound
from kg.export import about, restore, serialize
from kg.extract import is_known
from kg.formats import rdf_format
from kg.labels import labels
from kg.namespaces import BASE, GRAPH, SG
from kg.queries import select, text, with_prefixes
from kg.terms import abbreviate_term
from kg.vocabulary import Scheme, Term, read_schemes, read_terms
from web.data import exact_quads, graph_response, send
from web.entity.page import extension_of, negotiate
from web.negotiation import HTML, PAGE_OFFERS
from web.render import page, redirected
from web.schema_org import defined_term
from web.serving.served import served
from web.views.choice import markup
from web.views.vocabulary import overview, term_figure

blueprint = Blueprint("vocabulary", __name__)

ONTOLOGY = f"{BASE}ontology"
FORMATS = ("turtle", "jsonld", "rdfxml", "nt")
_ADDRESS = re.compile(r"https?://[^\s()]+[^\s().,]")


def all_terms() -> dict[NamedNode, Term]:
    """Return the terms of the served version, by label; read once."""
    state = served()
    found: dict[NamedNode, Term] = state.remember(
        "vocabulary", lambda: {term.iri: term for term in read_terms(state.store)}
    )
    return found


def _schemes() -> tuple[Scheme, ...]:
    state = served()
    found: tuple[Scheme, ...] = state.remember("schemes", lambda: read_schemes(state.store))
    return found


@blueprint.get("/ontology")
def ontology() -> Response:
    """Show or send the vocabulary."""
    offer = negotiate(PAGE_OFFERS)
    if offer != HTML:
        return graph_response(GRAPH.vocabulary, extension_of(offer))
    state, terms, schemes = served(), all_terms(), _schemes()
    classes = [term for term in terms.values() if term.is_class]
    properties = [term for term in terms.values() if not term.is_class]
    return page(
        "ontology.html",
        title="Vocabulary",
        description=f"{len(classes)} classes and {len(properties)} properties with definitions, sources, examples and "
        "how often the data uses them; concepts in order.",
        names=labels(state.store, _named(terms.values())),
        diagram=state.remember("classes drawn", lambda: markup([overview(state.store)])),
        classes=classes,
        properties=properties,
        schemes=schemes,
        query=text("page_vocabulary"),
    )


@blueprint.get("/ontology.<ext:extension>")
def ontology_data(extension: str) -> Response:
    """Send the vocabulary in one format."""
    return graph_response(GRAPH.vocabulary, extension)


@blueprint.get("/ontology/<int:major>.<int:minor>.<int:patch>")
def release(major: int, minor: int, patch: int) -> Response:
    """Redirect from the IRI of a release to the vocabulary, if it is the one that is served."""
    version = NamedNode(f"{ONTOLOGY}/{major}.{minor}.{patch}")
    if not is_known(served().store, version):
        raise NotFound(f"{version.value}: this release is not served here; /ontology has the one that is")
    return redirected("/ontology", 303)


@blueprint.get("/ontology/<local:name>")
def term(name: str) -> Response:
    """Show or send one term."""
    offer = negotiate(PAGE_OFFERS)
    if offer != HTML:
        return term_data(name, extension_of(offer))
    state, terms, found = served(), all_terms(), _term(name)
    figure = term_figure(state.store, found)
    narrower = [other for other in terms.values() if found.iri in other.broader]
    return page(
        "term.html",
        title=found.label,
        description=found.definition,
        schema=(
            defined_term(
                found.iri.value, found.label, found.definition, (ONTOLOGY, "Scrutiny Graph vocabulary")
            ),
        ),
        names=labels(state.store, _named([found, *narrower])),
        t=found,
        narrower=narrower,
        drawing=markup([figure]) if figure else None,
        formats=[rdf_format(name) for name in FORMATS],
        sample=_sample(found),
    )


@blueprint.get("/ontology/<local:name>.<ext:extension>")
def term_data(name: str, extension: str) -> Response:
    """Send what the vocabulary says of one term."""
    found, state, wanted = _term(name), served(), rdf_format(extension)
    rows = select(state.store, "page_term", term=found.iri)
    quads = [Quad(found.iri, predicate, value, GRAPH.vocabulary) for predicate, value in rows]
    head = about(state.version, f"the term {found.iri.value}")
    return send(serialize(restore(quads, exact_quads()), wanted, head), wanted, name)


def _term(name: str) -> Term:
    found = all_terms().get(SG[name])
    if found is None:
        raise NotFound(f"{name}: the vocabulary has no such term; /ontology lists those that there are")
    return found


def _named(terms: Iterable[Term]) -> set[object]:
    """Return what is named beside terms: broader terms, values and properties of what else is said of them."""
    found: set[object] = set()
    for term in terms:
        found |= {*term.broader, *term.sources}
        for predicate, values in term.others:
            found |= {predicate, *values}
    return found


def _sample(term: Term) -> str:
    """Return a query for where the term is used."""
    name = abbreviate_term(term.iri)
    triple = f"?thing a {name}" if term.is_class else f"?thing {name} ?value"
    where = f"  GRAPH ?g {{ {triple} }}\n  OPTIONAL {{ ?g sg:restsOn ?claim }}\n"
    return with_prefixes(f"SELECT * WHERE {{\n{where}}}\nLIMIT 50\n")


@blueprint.app_template_filter("pieces")
def pieces(value: NamedNode | Literal) -> list[tuple[str, str | None]]:
    """Return where a meaning was read as texts and addresses: those in a text become links.

    >>> pieces(Literal("see https://a.example/b."))
    [('see ', None), ('https://a.example/b', 'https://a.example/b'), ('.', None)]
    """
    if isinstance(value, NamedNode):
        return [(value.value, value.value)]
    found: list[tuple[str, str | None]] = []
    start = 0
    for match in _ADDRESS.finditer(value.value):
        found += [(value.value[start : match.start()], None), (match[0], match[0])]
        start = match.end()
    found.append((value.value[start:], None))
    return [piece for piece in found if piece[0]]

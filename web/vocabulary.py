"""The vocabulary for people and programs: `/ontology`, one anchor per term, concepts by scheme."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kg.labels import labels
from kg.namespaces import GRAPH, OWL, SG
from kg.queries import select, text
from web.data import graph_response
from web.entity import extension_of, negotiate
from web.negotiation import HTML, PAGE_OFFERS
from web.render import page, redirected
from web.served import served

blueprint = Blueprint("vocabulary", __name__)


@dataclass
class Term:
    """A term of the vocabulary as the page shows it."""

    iri: NamedNode
    label: str
    definition: str
    broader: list[NamedNode] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


@dataclass
class Scheme:
    """A scheme with its concepts."""

    iri: NamedNode
    label: str
    concepts: list[tuple[NamedNode, str, str]] = field(default_factory=list)


@blueprint.get("/ontology")
def ontology() -> Response:
    """Show or send the vocabulary."""
    offer = negotiate(PAGE_OFFERS)
    if offer != HTML:
        return graph_response(GRAPH.vocabulary, extension_of(offer))
    store = served().store
    classes: dict[NamedNode, Term] = {}
    properties: dict[NamedNode, Term] = {}
    for iri, kind, label, definition, broader, example in select(store, "page_terms"):
        if iri not in SG:
            continue
        kept = classes if kind == OWL.Class else properties
        term = kept.setdefault(iri, Term(iri, label.value, definition.value))
        if isinstance(broader, NamedNode) and broader not in term.broader:
            term.broader.append(broader)
        if example is not None and example.value not in term.examples:
            term.examples.append(example.value)
    schemes: dict[NamedNode, Scheme] = {}
    for scheme, scheme_label, concept, label, definition in select(store, "page_concepts"):
        kept_scheme = schemes.setdefault(scheme, Scheme(scheme, scheme_label.value if scheme_label else ""))
        kept_scheme.concepts.append((concept, label.value, definition.value if definition else ""))
    terms = (*classes.values(), *properties.values())
    names = labels(store, {iri for term in terms for iri in term.broader} | set(schemes))
    return page(
        "ontology.html",
        title="Vocabulary",
        names=names,
        classes=sorted(classes.values(), key=lambda t: t.label.casefold()),
        properties=sorted(properties.values(), key=lambda t: t.label.casefold()),
        schemes=sorted(schemes.values(), key=lambda s: names[s.iri].casefold()),
        query=text("page_terms"),
    )


@blueprint.get("/ontology.<ext:extension>")
def ontology_data(extension: str) -> Response:
    """Send the vocabulary in one format."""
    return graph_response(GRAPH.vocabulary, extension)


@blueprint.get("/ontology/<local:name>")
def term(name: str) -> Response:
    """Lead to a term on the page."""
    return redirected(f"/ontology#{name}", 302)

"""Drawings of the vocabulary, from the data: its main classes with what joins them, and one term's neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import NamedNode

from kg.labels import labels
from kg.namespaces import DCTERMS, FOAF, OA, ORG, OWL, PROV, RDF, SCHEMA, SG, SKOS, curie
from kg.queries import Queryable, select
from kg.vocabulary import Joined, Term, links_of
from web.charts.boxes import Arrow, boxes_drawing
from web.charts.figure import Figure
from web.charts.tree import Branch, tree_drawing
from web.charts.values import Cell, Link, Table
from web.links import page_of

PLACES: Mapping[NamedNode, tuple[int, int]] = {
    FOAF.Person: (0, 0),
    SG.Tenure: (1, 0),
    ORG.Post: (2, 0),
    SG.Council: (3, 0),
    SG.Statement: (0, 1),
    SG.ImprovementNotice: (1, 1),
    SG.Finding: (2, 1),
    SG.Service: (3, 1),
    SKOS.Concept: (0, 2),
    SG.Judgement: (1, 2),
    SG.Inspection: (2, 2),
    SG.Report: (3, 2),
    SG.Disagreement: (1, 3),
    SG.Derivation: (0, 4),
    SG.Claim: (1, 4),
    SG.Voice: (2, 4),
    SG.Inspectorate: (3, 4),
    SG.Evidence: (1, 5),
    SG.Article: (2, 5),
    SG.Publisher: (3, 5),
}
"""The main classes and where they stand: posts above, then what was done and judged, below how it is known."""
JOINS: tuple[tuple[NamedNode, NamedNode, NamedNode], ...] = (
    (SG.Tenure, ORG.member, FOAF.Person),
    (SG.Tenure, ORG.post, ORG.Post),
    (ORG.Post, ORG.postIn, SG.Council),
    (SG.Statement, SG.saidBy, FOAF.Person),
    (SG.ImprovementNotice, SG.follows, SG.Judgement),
    (SG.Finding, SCHEMA.about, SG.Service),
    (SG.Finding, SG.inspection, SG.Inspection),
    (SG.Service, ORG.unitOf, SG.Council),
    (SG.Judgement, SG.grade, SKOS.Concept),
    (SG.Judgement, SG.inspection, SG.Inspection),
    (SG.Report, SG.describes, SG.Inspection),
    (SG.Disagreement, SG.between, SG.Claim),
    (SG.Derivation, SG.restsOn, SG.Claim),
    (SG.Claim, SG.voice, SG.Voice),
    (SG.Voice, PROV.agent, SG.Inspectorate),
    (SG.Claim, SG.evidence, SG.Evidence),
    (SG.Evidence, OA.hasSource, SG.Article),
    (SG.Article, DCTERMS.publisher, SG.Publisher),
)
"""What joins them; an arrow is drawn where the data has it."""
SOURCE = "Source: the data of this version; a class is named where a thing is said to be of it."


def overview(store: Queryable) -> Figure:
    """Return the main classes and what joins them, with how often the data does so."""
    found = {(j.cls, j.predicate, j.other): j.uses for j in links_of(store, PLACES, classes=True)}
    joins = [join for join in JOINS if join in found]
    names = labels(store, {*PLACES, *(prop for _, prop, _ in joins)})
    boxes = {cls.value: (place, _link(cls, names)) for cls, place in PLACES.items()}
    title = "The main classes, and what joins them"
    told = "; ".join(f"{names[a]} - {names[p]} - {names[b]}" for a, p, b in joins)
    arrows = [Arrow(a.value, b.value, _link(p, names)) for a, p, b in joins]
    rows = tuple(
        (_link(a, names), _link(p, names), _link(b, names), f"{found[a, p, b]:,}") for a, p, b in joins
    )
    return Figure(
        "classes-drawn",
        title,
        "",
        SOURCE,
        Table(("Class", "Property", "leads to", "Statements"), rows),
        boxes_drawing("classes-drawn", title, told, boxes, arrows),
        hint="Posts above, then what was done and judged; below, how it is known.",
    )


def term_figure(store: Queryable, term: Term) -> Figure | None:
    """Return what a term is joined to in the data; `None` where the data does not use it with a class of things."""
    found = links_of(store, [term.iri], classes=term.is_class)
    joined = [j for j in found if j.other is not None and not _is_meta(j)]
    names = labels(store, {t for j in joined for t in (j.cls, j.predicate, j.other) if t is not None})
    if term.is_class:
        pointing = [j for j in links_to(store, term.iri) if j.cls is not None and not _is_meta(j)]
        names |= labels(store, {t for j in pointing for t in (j.cls, j.predicate) if t is not None})
        left, right = _branches(pointing, names, incoming=True), _branches(joined, names)
        rows = [_row(j, names) for j in (*pointing, *joined)]
    else:
        ends = [j for j in joined if j.cls is not None]
        left = _one_branch("from things of class", {j.cls for j in ends if j.cls}, names)
        right = _one_branch("to things of class", {j.other for j in ends if j.other}, names)
        rows = [_row(j, names) for j in ends]
    if not rows:
        return None
    title = f"{term.label[:1].upper()}{term.label[1:]} in the data"
    return Figure(
        "joined",
        title,
        "Which things it joins, by class"
        if not term.is_class
        else "What such things point at, and what points at them",
        SOURCE,
        Table(("Class", "Property", "leads to", "Statements"), tuple(rows)),
        tree_drawing("joined", title, term.label, left, right),
    )


def links_to(store: Queryable, cls: NamedNode) -> tuple[Joined, ...]:
    """Return what leads to the things of a class, the most frequent first."""
    rows = select(store, "page_links_to_class", other=cls)
    return tuple(Joined(start, prop, cls, int(uses.value)) for start, prop, uses in rows)


def _is_meta(joined: Joined) -> bool:
    return joined.predicate == RDF.type or joined.cls in NOT_TOLD or joined.other in NOT_TOLD


NOT_TOLD = frozenset({RDF.Statement, SG.Parameter, SG.Question, OWL.Class})


def _link(iri: NamedNode, names: Mapping[NamedNode, str]) -> Link:
    return Link(names.get(iri) or curie(iri), page_of(iri))


def _row(joined: Joined, names: Mapping[NamedNode, str]) -> tuple[Cell, ...]:
    ends = [
        _link(iri, names) if iri is not None else "" for iri in (joined.cls, joined.predicate, joined.other)
    ]
    return (*ends, f"{joined.uses:,}")


def _branches(
    joined: Iterable[Joined], names: Mapping[NamedNode, str], *, incoming: bool = False
) -> list[Branch]:
    found: dict[NamedNode, list[Link]] = {}
    for j in joined:
        end = j.cls if incoming else j.other
        if end is not None:
            found.setdefault(j.predicate, []).append(_link(end, names))
    return [Branch(names[prop], tuple(links), len(links), page_of(prop)) for prop, links in found.items()]


def _one_branch(label: str, ends: set[NamedNode], names: Mapping[NamedNode, str]) -> list[Branch]:
    links = tuple(_link(end, names) for end in sorted(ends, key=lambda end: names[end]))
    return [Branch(label, links, len(links))] if links else []

"""The drawings of an entity's page: `view_for` by its classes, `around` for what surrounds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from markupsafe import Markup
from pyoxigraph import NamedNode

from kg.namespaces import FOAF, ORG, SG, SKOS
from kg.queries import Queryable
from web.charts.figure import Figure
from web.entity.facts import Facts
from web.views.agents import done_figure
from web.views.bodies import body_figure
from web.views.concepts import neighbourhood, used_figure
from web.views.inspections import chain, inspection_figures, intervention_figures
from web.views.posts import posts_figure, tenure_figure

Maker = Callable[[Facts, NamedNode], list[Figure]]


def _one(figure: Figure | None) -> list[Figure]:
    return [figure] if figure is not None else []


def _concept(facts: Facts, iri: NamedNode) -> list[Figure]:
    return _one(used_figure(facts, iri, SG.grade) or used_figure(facts, iri, SG.area))


def _body(facts: Facts, iri: NamedNode) -> list[Figure]:
    return _one(body_figure(facts, iri)) + _one(done_figure(facts, iri))


VIEWS: tuple[tuple[frozenset[NamedNode], Maker], ...] = (
    (
        frozenset({FOAF.Person, SG.UnnamedAgent}),
        lambda facts, iri: _one(posts_figure(facts, iri, by_person=False)) + _one(done_figure(facts, iri)),
    ),
    (frozenset({SG.Tenure}), lambda facts, iri: _one(tenure_figure(facts, iri))),
    (frozenset({ORG.Post}), lambda facts, iri: _one(posts_figure(facts, iri, by_person=True))),
    (frozenset({SG.Council, SG.Service, SG.Board}), _body),
    (
        frozenset(
            {
                SG.Inspectorate,
                SG.GovernmentDepartment,
                SG.ProfessionalBody,
                SG.PoliticalParty,
                SG.UnnamedGroup,
            }
        ),
        lambda facts, iri: _one(done_figure(facts, iri)),
    ),
    (frozenset({SG.Inspection, SG.BoardReview}), inspection_figures),
    (
        frozenset({SG.ImprovementNotice, SG.AdviserReview, SG.ProgressReview, SG.PeerSupport, SG.Option}),
        intervention_figures,
    ),
    (frozenset({SG.Judgement, SG.Report, SG.Letter}), lambda facts, iri: _one(chain(facts, iri))),
    (frozenset({SKOS.Concept}), _concept),
)
"""Classes and what draws them, the first that fits."""


def view_for(store: Queryable, iri: NamedNode, types: Iterable[NamedNode]) -> Markup | None:
    """Return the special view of an entity as markup; `None` for a class that has none, or where nothing is known."""
    wanted, facts = set(types), Facts(store)
    for cls in wanted:
        facts.note_class(iri, cls)
    make = next((make for classes, make in VIEWS if classes & wanted), None)
    return markup(make(facts, iri)) if make is not None else None


def around(store: Queryable, iri: NamedNode) -> Markup | None:
    """Return the neighbourhood of an entity as markup; `None` where claims connect it with nothing."""
    return markup(_one(neighbourhood(Facts(store), iri)))


def markup(figures: Iterable[Figure]) -> Markup | None:
    """Return figures as markup: the drawings escape whatever they are given."""
    html = "".join(figure.html() for figure in figures)
    return Markup(html) if html else None  # noqa: S704  every text in it went through `charts.svg.clean`

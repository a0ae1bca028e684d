"""What no source states about the things of a brief, in groups: what bears most on who answered for what first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import NamedNode

from kg.labels import labels
from kg.namespaces import FOAF, ID, ORG, SCHEMA, SG
from kg.queries import select
from web.brief.values import Gaps, Line
from web.entity.facts import Facts
from web.links import page_of
from web.views.targets import Gap, gaps_about

POST, NOTICE, REVIEW, INSPECTION, COST, OTHER = (
    "Who was in post", "The notice and its target", "Reviews, support and options", "Inspections and judgements",
    "Cost", "Other",
)  # fmt: skip
GROUPS = (POST, NOTICE, REVIEW, INSPECTION, COST, OTHER)
"""The groups in their order."""
_CLASSES = (
    (SG.ImprovementNotice, NOTICE), (SG.Target, NOTICE), (SG.AdviserReview, REVIEW), (SG.ProgressReview, REVIEW),
    (SG.PeerSupport, REVIEW), (SG.Letter, REVIEW), (SG.Option, REVIEW), (SG.BoardReview, INSPECTION),
    (SG.Inspection, INSPECTION), (SG.Judgement, INSPECTION), (SG.Report, INSPECTION), (SG.Tenure, POST),
    (SG.TenureEnd, POST), (ORG.Post, POST), (FOAF.Person, OTHER), (SG.UnnamedAgent, OTHER),
)  # fmt: skip
_EVENTS = frozenset(cls for cls, group in _CLASSES if group in (NOTICE, REVIEW, INSPECTION)) - {
    SG.Target,
    SG.Letter,
}
"""What is another council's, or of another time, where a brief speaks of it only through something else."""
_MONEY = frozenset({SG.costOf, SG.paidTo, SCHEMA.funder, SG.periodLength, SG.periodEnd})
_FIRST = (
    ORG.heldBy, SCHEMA.value, SG.finds, SCHEMA.result, SG.end, SG.due, SG.start, SG.decidedBy, SG.ledBy,
    SG.time, SG.announced, SG.framework, SG.published,
)  # fmt: skip
"""Properties whose absence weighs most: who, whether it was reached, what came of it, until when; then the rest."""


def around(
    facts: Facts, things: Iterable[NamedNode], others: Mapping[NamedNode, str]
) -> dict[NamedNode, str]:
    """Return what a brief speaks of and what hangs directly on it, each thing with the group of its gaps.

    What a target counts hangs on the intervention that sets the target. `others` are added with their groups.
    """
    found: dict[NamedNode, str] = {}
    near: dict[NamedNode, str] = {}
    for thing in things:
        group = found.setdefault(thing, group_of(facts, thing) or OTHER)
        objects = objects_of(facts, thing)
        targets = facts.objects(thing, SG.setsTarget)
        facts.read(targets)
        for other in [*objects, *(o for t in targets for o in objects_of(facts, t))]:
            near.setdefault(other, group)
    types = select(facts.store, "page_types", x=sorted(near, key=str)) if near else ()
    for thing, cls in types:
        facts.note_class(thing, cls)
    for thing, group in near.items():
        if not _EVENTS.intersection(facts.classes(thing)):
            found.setdefault(thing, group_of(facts, thing) or group)
    return {**others, **found, **{o: g for o, g in others.items() if g != OTHER}}


def objects_of(facts: Facts, thing: NamedNode) -> list[NamedNode]:
    """Return the things that the statements about something name; dates and articles are none."""
    objects = (known.object for known in facts.about(thing))
    return [o for o in objects if isinstance(o, NamedNode) and _is_thing(o)]


def _is_thing(iri: NamedNode) -> bool:
    return iri in ID and not iri.value.removeprefix(str(ID)).startswith(("date-", "article-"))


def group_of(facts: Facts, thing: NamedNode) -> str | None:
    """Return the group that the classes of something put it in, `None` if they tell none."""
    classes = facts.classes(thing)
    return next((group for cls, group in _CLASSES if cls in classes), None)


def unstated(facts: Facts, things: Mapping[NamedNode, str]) -> tuple[tuple[Gaps, ...], tuple[str, ...]]:
    """Return the gaps about some things in their groups, and the names of the sources that were asked."""
    gaps: dict[NamedNode, Gap] = {}
    for gap in sorted(gaps_about(facts, things), key=_weight):
        gaps.setdefault(gap.iri, gap)
    lines: dict[str, list[Line]] = {group: [] for group in GROUPS}
    for gap in gaps.values():
        group = COST if gap.missing in _MONEY else things[gap.thing]
        lines[group].append(Line("", gap.sentence, page_of(gap.iri)))
    rows = select(facts.store, "page_gaps")
    asked = {source for gap, *_, source in rows if gap in gaps and source is not None}
    names = labels(facts.store, asked)
    found = tuple(Gaps(group, tuple(told)) for group, told in lines.items() if told)
    return found, tuple(sorted(names[source] for source in asked))


def _weight(gap: Gap) -> tuple[int, str]:
    return (_FIRST.index(gap.missing) if gap.missing in _FIRST else len(_FIRST), gap.sentence)

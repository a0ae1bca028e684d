"""What an answer does not state, by the curators' notes of gaps: for the answer as a whole, and for a row.

A gap fits where it is about a thing of the answer and either names the question or misses a property that its query
asks for. One of which a part is stated fits only the questions that it names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from kg.namespaces import RDFS, SG, curie
from kg.queries import Queryable, select
from kg.questions.answers import AnswerRow, Gap
from kg.questions.library import Question
from kg.questions.related import patterns_of
from kg.terms import Term

_Notes = Mapping[NamedNode, Mapping[NamedNode, set[object]]]


@dataclass(frozen=True)
class Unstated:
    """The gaps of an answer as a whole, those of its rows by place, and the sources that were asked."""

    gaps: tuple[Gap, ...] = ()
    of_rows: Mapping[int, tuple[Gap, ...]] = field(default_factory=dict)
    asked: tuple[NamedNode, ...] = ()


def find_unstated(
    store: Queryable,
    question: Question,
    bound: Mapping[str, Sequence[Term | None]],
    rows: Sequence[AnswerRow],
    wanting: Sequence[int],
) -> Unstated:
    """Return the gaps of the rows at the places of `wanting`, where something is not stated, and those of the answer.

    `bound` are the values of the parameters. The sources are those of the gaps, else of the question, else all.
    """
    notes = _notes(store)
    named = {gap for gap, note in notes.items() if question.iri in note[SG.question]}
    asked_for = patterns_of(question)
    fitting = named | {
        gap
        for gap, note in notes.items()
        if not note[SG.partial]
        and any(curie(prop) in asked_for for prop in note[SG.missing] if isinstance(prop, NamedNode))
    }
    subjects = _subjects(store, {claim for n in wanting for claim in rows[n].claims})
    of_rows = {}
    for n in wanting:
        things: set[object] = {term for term in rows[n].values.values() if term is not None}
        things |= {thing for claim in rows[n].claims for thing in subjects[claim]}
        of_rows[n] = {gap for gap in fitting if notes[gap][SG.about] & things}
    values = {term for terms in bound.values() for term in terms}
    of_all = {gap for gap in fitting if notes[gap][SG.about] & values}
    if not rows and not of_all and all(bound[p.name] == [p.default] for p in question.parameters):
        of_all = named
    of_all -= set().union(*of_rows.values())
    found = of_all.union(*of_rows.values())
    asked = {source for gap in found for source in notes[gap][SG.asked] if isinstance(source, NamedNode)}
    asked = asked or set(question.answers_from) or {row[0] for row in select(store, "sources")}
    return Unstated(
        _gaps(of_all, notes),
        {n: _gaps(gaps, notes) for n, gaps in of_rows.items() if gaps},
        tuple(sorted(asked, key=str)),
    )


def _notes(store: Queryable) -> dict[NamedNode, dict[NamedNode, set[object]]]:
    """Return the values of each property of each gap."""
    found: dict[NamedNode, dict[NamedNode, set[object]]] = defaultdict(lambda: defaultdict(set))
    for gap, prop, value in select(store, "gaps"):
        found[gap][prop].add(value)
    return found


def _subjects(store: Queryable, claims: set[NamedNode]) -> dict[NamedNode, set[object]]:
    """Return for each claim the things of which it states something."""
    found: dict[NamedNode, set[object]] = defaultdict(set)
    if claims:
        for claim, thing in select(store, "claimed_subjects", claim=sorted(claims, key=str)):
            found[claim].add(thing)
    return found


def _gaps(gaps: Iterable[NamedNode], notes: _Notes) -> tuple[Gap, ...]:
    def sentence(gap: NamedNode) -> str:
        return min(
            (label.value for label in notes[gap][RDFS.label] if isinstance(label, Literal)), default=""
        )

    return tuple(Gap(gap, sentence(gap)) for gap in sorted(gaps, key=str))

"""The question library of what is served, read once per version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.queries import select
from kg.questions.answering import Question, list_questions
from web.serving.served import served


@dataclass(frozen=True)
class Group:
    """Questions under one heading: `key` is its name in an address, `note` what they are about."""

    key: str
    label: str
    note: str
    questions: tuple[Question, ...]


def all_questions() -> list[Question]:
    """Return the library, read once per version."""
    state = served()
    found: list[Question] = state.remember("questions", lambda: list_questions(state.store))
    return found


def find_questions(slugs: Iterable[str]) -> list[Question]:
    """Return the questions of these names that there are, in this order."""
    by_slug = {question.slug: question for question in all_questions()}
    return [by_slug[slug] for slug in slugs if slug in by_slug]


def groups() -> list[Group]:
    """Return the library under its headings, in the order in which people ask."""
    state = served()

    def read() -> list[Group]:
        notes = {group: note.value for group, note in select(state.store, "group_notes")}
        found: dict[NamedNode | None, list[Question]] = {}
        for question in all_questions():
            found.setdefault(question.group, []).append(question)
        return [_group(iri, questions, notes) for iri, questions in found.items()]

    made: list[Group] = state.remember("question groups", read)
    return made


def _group(iri: NamedNode | None, questions: list[Question], notes: dict[NamedNode, str]) -> Group:
    if iri is None:
        return Group("others", "Others", "", tuple(questions))
    key = iri.value.rpartition("/")[2].removeprefix("questions-")
    return Group(key, questions[0].group_label, notes.get(iri, ""), tuple(questions))


def fits(question: Question, words: str) -> bool:
    """Whether a question, its keywords or its parameters have each of some words."""
    labels = (parameter.label for parameter in question.parameters)
    text = " ".join((question.text, *question.keywords, *labels, question.slug)).casefold()
    return all(word in text for word in words.casefold().split())

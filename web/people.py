"""Whether a page is about living people, by the data: search engines are asked to leave such pages out.

A question is, when its words, its answer or the claims behind it name a person, or something that is one's alone, such
as a tenure. An article is, when one of its claims states something of a person or is a person's word. The front page
is not: it is the way in to a site about public services, and no address or card of it names anyone; were it left out,
nobody would find the site, and each page about a person stays out by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pyoxigraph import NamedNode

from kg.errors import KgError
from kg.labels import labels
from kg.namespaces import FOAF
from kg.queries import Row, select
from kg.questions.answering import answer
from kg.questions.answers import Answer
from kg.questions.library import Question
from web.entity.page import types_of
from web.entity.parts import PEOPLE
from web.serving.served import served


def are_people(things: Iterable[object]) -> bool:
    """Whether a person, or what is one's alone, is among some things."""
    known = types_of(thing for thing in things if isinstance(thing, NamedNode))
    return any(PEOPLE.intersection(classes) for classes in known.values())


def names_people(text: str) -> bool:
    """Whether a person of the data stands in a text, by the full name."""
    state = served()

    def read() -> re.Pattern[str]:
        people = [row[0] for row in select(state.store, "page_members", kind=FOAF.Person)]
        names = sorted(map(re.escape, labels(state.store, people).values())) or [r"(?!)"]
        return re.compile(rf"\b(?:{'|'.join(names)})\b")

    pattern: re.Pattern[str] = state.remember("names of people", read)
    return pattern.search(text) is not None


def answer_is_about_people(found: Answer) -> bool:
    """Whether an answer, as its page shows it, names a person."""
    values = {term for row in found.rows for term in row.values.values()}
    bound = {term for terms in found.parameters.values() for term in terms}
    told = [found.question, *(found.phrase(row) for row in found.rows)]
    told += [e.claim.sentence for row in found.rows for e in row.evidence]
    return are_people(values | bound) or names_people("\n".join(told))


def question_is_about_people(question: Question) -> bool:
    """Whether a question, asked with its own values, is about people: for the list of pages. Remembered."""
    state = served()

    def read() -> bool:
        try:
            return names_people(question.text) or answer_is_about_people(answer(state.store, question, {}))
        except KgError:
            return names_people(question.text)

    found: bool = state.remember(f"about people: {question.slug}", read)
    return found


def claims_are_about_people(rows: Iterable[Row], voices: Iterable[NamedNode]) -> bool:
    """Whether claims, by rows of `page_article_claims`, state something of people, or are the word of one."""
    return any(row[2] in PEOPLE for row in rows) or are_people(voices)

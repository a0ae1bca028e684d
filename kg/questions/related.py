"""Which stored questions are near one another: by what they ask for, not by where they stand in a list. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kg.questions.library import Question

_TERM = re.compile(r"\b(?:sgv?|id|org|schema|dcterms|prov|foaf):[A-Za-z][\w-]*")
_VALUES = re.compile(r"(?i)\bVALUES\s*[^{]*\{[^}]*\}")
_PROLOGUE = re.compile(r"(?m)^\s*PREFIX[^\n]*|#[^\n>]*$")


def related(question: Question, every: Sequence[Question], most: int = 6) -> list[Question]:
    """Return the questions that share most with one, the nearest first; those that share nothing are not among them.

    What is shared counts the more the fewer questions have it: keywords, classes and properties and things in the
    query (values of parameters among them), the group. Questions that are equally near keep the order of `every`.
    """
    features = {other.slug: _features(other) for other in every}
    having = Counter(feature for found in features.values() for feature in found)
    own = features.get(question.slug, _features(question))

    def nearness(other: Question) -> float:
        return sum(1 / having[feature] for feature in sorted(own & features[other.slug]))

    near = {other.slug: nearness(other) for other in every if other.slug != question.slug}
    found = [other for other in every if near.get(other.slug, 0) > 0]
    return sorted(found, key=lambda other: -near[other.slug])[:most]


def _features(question: Question) -> frozenset[str]:
    keywords = {f"keyword {word.casefold()}" for word in question.keywords}
    return frozenset(keywords | terms_of(question) | {f"group {question.group}"})


def terms_of(question: Question) -> set[str]:
    """Return the CURIEs in the query of a question: what it asks for, and of what."""
    return set(_TERM.findall(_PROLOGUE.sub("", question.query)))


def patterns_of(question: Question) -> set[str]:
    """Return the CURIEs in the patterns of a question's query, without those that stand in lists of values only."""
    return set(_TERM.findall(_VALUES.sub("", _PROLOGUE.sub("", question.query))))

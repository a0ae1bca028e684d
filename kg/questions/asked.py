"""A stored question in the words in which it was asked: with the values that were given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pyoxigraph import NamedNode

from kg.labels import inside, term_in_words
from kg.namespaces import ORG
from kg.questions.library import Question
from kg.questions.parameters import Parameter
from kg.terms import Term

_PLACE = re.compile(r"\{(\w+)\}")

Bound = Mapping[str, Sequence[Term | None]]


def asked_in_words(question: Question, bound: Bound, names: Mapping[NamedNode, str]) -> str:
    """Return the question as it was asked, with the terms of its parameters in `bound`, whose labels are `names`.

    With its defaults that is its text. With other values it is its general text, if that has a place for them; else its
    text, in which they take the place of the defaults that it names. What has no place stands behind: "... in March
    2015? (post: Chief executive)".
    """
    values = {p.name: tuple(bound.get(p.name, (p.default,))) for p in question.parameters}
    other = [p for p in question.parameters if values[p.name] != (p.default,)]
    if not other:
        return question.text
    told = {p.name: _told(p, values[p.name], names) for p in question.parameters}
    places = set(_PLACE.findall(question.general))
    if places and all(values.get(name, (None,)) != (None,) for name in places):
        text = _PLACE.sub(lambda match: told[match[1]], question.general)
        text = text[:1].upper() + text[1:]
        beside = [p for p in other if p.name not in places]
    else:
        text, beside = question.text, []
        for parameter in other:
            default = "" if parameter.default is None else term_in_words(parameter.default, names)
            if default and default in text:
                text = text.replace(default, told[parameter.name])
            else:
                beside.append(parameter)
    behind = [f"{p.label[:1].lower()}{p.label[1:]}: {told[p.name]}" for p in beside]
    return f"{text} ({'; '.join(behind)})" if behind else text


def _told(parameter: Parameter, values: Sequence[Term | None], names: Mapping[NamedNode, str]) -> str:
    """Return values as they stand within a sentence: "director of children's services in Enfield"."""
    words = [inside("any" if term is None else term_in_words(term, names)) for term in values]
    if parameter.kind == ORG.Post:
        words = [text[:1].lower() + text[1:] for text in words]
    return " or ".join(words)

"""The fields of a question's form: a list to choose from, a text with suggestions from the data, a day, a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import request
from pyoxigraph import Literal

from kg.errors import ParameterError
from kg.labels import term_in_words
from kg.namespaces import XSD
from kg.queries import select
from kg.questions.answering import Question
from kg.questions.days import parse_day
from kg.questions.parameters import Parameter, allowed_values, slug_of
from web.serving.served import served

FEW = 12
"""A list of more values than this becomes a text field with suggestions."""

_KINDS = {XSD.date: "day", XSD.integer: "number", XSD.boolean: "boolean"}


@dataclass(frozen=True)
class Choice:
    """One value of a form field: what is sent, what is read, whether it is the one chosen, and its IRI if it has one.

    `sent` is what a suggestion puts into a text field: the label where it names one thing only.
    """

    value: str
    label: str
    chosen: bool = False
    iri: str = ""
    sent: str = ""


@dataclass(frozen=True)
class Near:
    """A value that may have been meant: its label, and the address of the question with it."""

    label: str
    address: str


@dataclass(frozen=True)
class Field:
    """A form field: `kind` is `select`, `list` (text with suggestions), `only` (no choice), or the type of an input.

    `values` are those given, one input each; `choices` what can be chosen or is suggested.
    """

    parameter: Parameter
    kind: str
    values: tuple[str, ...]
    choices: tuple[Choice, ...] = ()
    error: str = ""
    near: tuple[Near, ...] = ()

    @property
    def value(self) -> str:
        """The first of the values."""
        return self.values[0]

    @property
    def says(self) -> bool:
        """Whether a description stands beside the field."""
        return bool(self.parameter.description) and self.kind != "select"


def fields_of(question: Question, error: ParameterError | None) -> list[Field]:
    """Return the fields of a question, filled with what the request gives; the one in `error` says what is wrong."""
    return [_field(parameter, error) for parameter in question.parameters]


def _field(parameter: Parameter, error: ParameterError | None) -> Field:
    given = [text.strip() for text in request.args.getlist(parameter.name)]
    wrong = error if error is not None and error.field == parameter.name else None
    if parameter.datatype is not None and not parameter.choices:
        return _literal(parameter, given or [parameter.short_default], wrong)
    message = _message(wrong, parameter) if wrong else ""
    allowed = _allowed(parameter)
    choices = allowed or tuple(
        Choice(term.value, term_in_words(term, {})) for term in parameter.choices if isinstance(term, Literal)
    )
    texts = given or [parameter.short_default]
    known = {name: choice for choice in choices for name in (choice.label, choice.value, choice.iri) if name}
    chosen = {known[text].value for text in texts if text in known}
    options = tuple(replace(choice, chosen=choice.value in chosen) for choice in choices)
    near = _near(parameter, wrong)
    all_known = all(text in known or not text for text in texts) and not wrong
    if all_known and len(options) == 1 and parameter.default is not None:
        return Field(parameter, "only", (options[0].label,), options, message)
    if all_known and len(texts) == 1 and len(options) <= FEW:
        return Field(parameter, "select", (next(iter(chosen), ""),), options, message)
    shown = tuple(known[text].sent or text if text in known else text for text in texts)
    return Field(parameter, "list", shown, options, message, near)


def _literal(parameter: Parameter, given: Sequence[str], error: ParameterError | None) -> Field:
    assert parameter.datatype is not None
    kind = _KINDS.get(parameter.datatype, "text")
    message = _message(error, parameter) if error else ""
    if kind == "boolean":
        options = tuple(Choice(v, w, given[0] == v) for v, w in (("true", "yes"), ("false", "no")))
        return Field(parameter, "select", (given[0],), options, message)
    if kind == "day":
        return Field(parameter, "text", tuple(map(_day_words, given)), (), message, _near(parameter, error))
    years = (
        tuple(Choice(year, year) for year in _years())
        if kind == "number" and parameter.name == "year"
        else ()
    )
    # A browser empties a number field that holds no number: what was given stays readable in a text field.
    kept = "text" if message and given[0] else kind
    return Field(parameter, kept, tuple(given), years, message)


def _day_words(text: str) -> str:
    """Return a day in words, without the order of day and month that a number leaves open; else the text."""
    try:
        return term_in_words(parse_day(text, ""), {})
    except ParameterError:
        return text


def _near(parameter: Parameter, error: ParameterError | None) -> tuple[Near, ...]:
    if error is None:
        return ()
    return tuple(Near(label, _with(parameter.name, error.given, value)) for value, label in error.near)


def _message(error: ParameterError, parameter: Parameter) -> str:
    if not error.given.strip():
        return f"Nothing was given. Expected: {_expected(parameter)}."
    told = f"“{error.given}” {error.problem}."
    return told if error.near else f"{told} Expected: {error.allowed}."


def _expected(parameter: Parameter) -> str:
    if parameter.datatype is not None:
        return {"day": "a day", "number": "a number"}.get(_KINDS.get(parameter.datatype, ""), "some words")
    return "a name, or the IRI of a thing"


def _allowed(parameter: Parameter) -> tuple[Choice, ...]:
    """Return the things that a parameter can be, read once per version: each with the name that is sent."""
    state = served()

    def read() -> tuple[Choice, ...]:
        allowed = allowed_values(state.store, parameter)
        named = {iri: names[0] if names else slug_of(iri) for iri, names in allowed.items()}
        several = Counter(named.values())
        return tuple(
            Choice(slug_of(iri), label, iri=iri.value, sent=label if several[label] == 1 else slug_of(iri))
            for iri, label in named.items()
        )

    found: tuple[Choice, ...] = state.remember(f"choices {parameter.iri.value}", read)
    return found


def _years() -> tuple[str, ...]:
    state = served()
    found: tuple[str, ...] = state.remember(
        "years", lambda: tuple(row[0].value for row in select(state.store, "years"))
    )
    return found


def _with(name: str, given: str, value: str) -> str:
    """Return the address of this request with another value of one field."""
    rest = [(n, value if (n, v) == (name, given) else v) for n, v in request.args.items(multi=True)]
    return f"{request.path}?{urlencode(rest)}"

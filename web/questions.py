"""The question library for people: `/questions`, `/questions/SLUG` (a page; JSON and CSV as well)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, request
from pyoxigraph import Literal, NamedNode

from kg.answers import Answer, AnswerRow, to_csv, to_json
from kg.errors import NotFound, ParameterError
from kg.labels import term_in_words
from kg.namespaces import XSD
from kg.parameters import Parameter, allowed_values, slug_of
from kg.questions import Question, answer, list_questions
from web.cards import Support, support_of
from web.errors import wants_page
from web.negotiation import HTML, Offer, choose
from web.render import page
from web.served import served

blueprint = Blueprint("questions", __name__)

JSON = Offer("json", "application/json")
CSV = Offer("csv", "text/csv")
FORMATS = (HTML, JSON, CSV)

MANY = 80
"""A list of more values than this becomes a text field with suggestions."""


@dataclass(frozen=True)
class Choice:
    """One value of a form field: what is sent, what is read, whether it is the one chosen."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class Field:
    """A form field: `kind` is `select`, `list` (text with suggestions), or the type of an input."""

    parameter: Parameter
    kind: str
    value: str
    choices: tuple[Choice, ...] = ()
    error: str = ""


def all_questions() -> list[Question]:
    """Return the library, read once per version."""
    state = served()
    found: list[Question] = state.remember("questions", lambda: list_questions(state.store))
    return found


def find_questions(slugs: Iterable[str]) -> list[Question]:
    """Return the questions of these names that there are, in this order."""
    by_slug = {question.slug: question for question in all_questions()}
    return [by_slug[slug] for slug in slugs if slug in by_slug]


@blueprint.get("/questions")
def library() -> Response:
    """List the questions by what people want to know."""
    groups: dict[str, list[Question]] = {}
    for question in all_questions():
        groups.setdefault(question.group_label, []).append(question)
    return page("questions.html", title="Questions", groups=groups, count=sum(map(len, groups.values())))


@blueprint.get("/questions/<slug>")
def question_page(slug: str) -> Response:
    """Answer a question with the values of the form, by default those of the question."""
    state = served()
    by_slug = {question.slug: question for question in all_questions()}
    question = by_slug.get(slug)
    if question is None:
        raise NotFound(f"{slug}: there is no such question")
    offer = _offer()
    given = {name: request.args.getlist(name) for name in request.args if name not in ("format",)}
    try:
        found = answer(state.store, question, given)
    except ParameterError as error:
        if offer != HTML or not wants_page():
            raise
        return _render(question, None, error, 400)
    if offer == JSON:
        return _plain(to_json(found, state.version), JSON)
    if offer == CSV:
        return _plain(to_csv(found), CSV, f"{slug}.csv")
    return _render(question, found)


def _offer() -> Offer:
    wanted = request.args.get("format")
    if wanted is not None:
        named = {offer.name: offer for offer in FORMATS}
        if wanted not in named:
            raise ParameterError("format", wanted, "is no format of an answer", f"one of {', '.join(named)}")
        return named[wanted]
    return choose(request.headers.get("Accept"), FORMATS) or HTML


def _render(
    question: Question, found: Answer | None, error: ParameterError | None = None, status: int = 200
) -> Response:
    rows = found.rows if found else ()
    as_table = found is not None and len(found.columns) > 2 and len(rows) > 3
    return page(
        "question.html",
        status,
        title=found.question if found else question.text,
        names=found.names if found else {},
        question=question,
        fields=[_field(parameter, error) for parameter in question.parameters],
        changed=[p.label for p in question.parameters if found and found.parameters[p.name] != (p.default,)],
        answer=found,
        as_table=as_table,
        error=error,
        neighbours=[q for q in all_questions() if q.group == question.group and q.slug != question.slug][:6],
        address=request.full_path.rstrip("?"),
        noindex=bool(request.args),
    )


def _field(parameter: Parameter, error: ParameterError | None) -> Field:
    given = request.args.get(parameter.name, "").strip()
    value = given or parameter.short_default
    message = ""
    if error is not None and error.field == parameter.name:
        message = f"“{error.given}” {error.problem}. Expected: {error.allowed}."
    if parameter.datatype is not None and not parameter.choices:
        kinds = {XSD.date: "date", XSD.integer: "number", XSD.boolean: "boolean"}
        kind = kinds.get(parameter.datatype, "text")
        if kind == "boolean":
            options = tuple(Choice(v, w, value == v) for v, w in (("true", "yes"), ("false", "no")))
            return Field(parameter, "select", value, options, message)
        # A browser empties a date field that holds no date: what was given stays readable in a text field.
        return Field(parameter, "text" if message else kind, value, (), message)
    options = _choices(parameter, value)
    known = any(option.chosen for option in options) or not value
    return Field(parameter, "select" if len(options) <= MANY and known else "list", value, options, message)


def _choices(parameter: Parameter, value: str) -> tuple[Choice, ...]:
    state = served()
    if parameter.datatype is not None:
        return tuple(
            Choice(term.value, term_in_words(term, {}), term.value == value)
            for term in parameter.choices
            if isinstance(term, Literal)
        )

    def read() -> dict[NamedNode, tuple[str, ...]]:
        return allowed_values(state.store, parameter)

    allowed: dict[NamedNode, tuple[str, ...]] = state.remember(f"allowed {parameter.iri.value}", read)
    return tuple(
        Choice(slug_of(iri), names[0] if names else slug_of(iri), value in (slug_of(iri), iri.value, *names))
        for iri, names in allowed.items()
    )


@blueprint.app_template_filter("support")
def _support(row: AnswerRow) -> Support:
    return support_of(row.evidence)


def _plain(body: str, offer: Offer, filename: str = "") -> Response:
    response = make_response(body)
    response.content_type = offer.content_type
    response.headers["Vary"] = "Accept"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Data-Version"] = served().version
    if filename:
        response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.add_etag()
    response.make_conditional(request)
    return response

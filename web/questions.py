"""The question library for people: `/questions`, `/questions/SLUG` (a page; JSON, CSV and plain text as well)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, request
from pyoxigraph import NamedNode

from kg.errors import NotFound, ParameterError
from kg.namespaces import ID
from kg.questions.answering import Question, answer, suggest
from kg.questions.answers import Answer, AnswerRow, to_json
from kg.questions.as_csv import to_csv
from kg.questions.related import related
from kg.questions.today import Today, ask_again
from kg.questions.words import answer_lines, short_sources, voices_and_source
from web.earlier import address_of_today, latest_link, newest, permanent, version_asked
from web.entity.cards import Support, support_of
from web.errors import wants_page
from web.library import Group, all_questions, fits, groups
from web.negotiation import HTML, Offer, choose
from web.parameters import given, one_of, whole_number
from web.people import answer_is_about_people, names_people
from web.question_fields import fields_of
from web.render import page
from web.serving.served import served
from web.words import upper_first

blueprint = Blueprint("questions", __name__)

JSON = Offer("json", "application/json")
CSV = Offer("csv", "text/csv")
TEXT = Offer("text", "text/plain")
FORMATS = (HTML, JSON, CSV)
NAMED = (*FORMATS, TEXT)
"""Formats that `format=` can name; plain text is not negotiated, as it is what a program gets for an error."""

PER_PAGE = 60
"""Rows of an answer on one page; the other formats have all of them."""


@blueprint.get("/questions")
def library() -> Response:
    """List the questions by what people want to know; those that fit `q`, those of one `group`."""
    every = groups()
    wanted = one_of("group", {group.key: group.label for group in every}, "is no group of questions")
    words = " ".join(given("q").split())
    chosen = [group for group in every if wanted in ("", group.key)]
    near: list[Question] = []
    if words:
        fitting = [
            Group(g.key, g.label, g.note, tuple(q for q in g.questions if fits(q, words))) for g in chosen
        ]
        chosen = [group for group in fitting if group.questions]
        near = [] if chosen else suggest(all_questions(), words)
    return page(
        "questions.html",
        title="Questions",
        every=every,
        groups=chosen,
        wanted=wanted,
        words=words,
        near=near,
        count=sum(len(group.questions) for group in chosen),
        total=sum(len(group.questions) for group in every),
        q="",
        noindex=bool(request.args),
    )


@blueprint.get("/questions/<slug>")
def question_page(slug: str) -> Response:
    """Answer a question with the values of the form, by default those of the question."""
    state = served()
    by_slug = {question.slug: question for question in all_questions()}
    question = by_slug.get(slug)
    if question is None:
        raise NotFound(f"{slug}: there is no such question")
    offer = _offer()
    try:
        start = _start()
        found = answer(state.store, question, _given())
    except ParameterError as error:
        ours = {parameter.name for parameter in question.parameters}
        if offer != HTML or not wants_page() or error.field not in ours:
            raise
        return _render(question, None, error=error, status=400)
    today = _today(found)
    if offer == HTML:
        return _render(question, found, today, start)
    made = {
        JSON: lambda: to_json(found, state.version, today.in_json() if today else None),
        CSV: lambda: to_csv(found),
        TEXT: lambda: _as_text(found, today),
    }[offer]()
    return _plain(made, offer, f"{slug}.csv" if offer == CSV else "", today)


def _given() -> dict[str, list[str]]:
    ours = ("format", "version", "page")
    return {name: request.args.getlist(name) for name in request.args if name not in ours}


def _start() -> int:
    return (whole_number("page", 1, 1, 10_000) - 1) * PER_PAGE


def _today(found: Answer) -> Today | None:
    """Ask the newest data the same, where `found` is an answer of an earlier version."""
    state = newest()
    return None if state is None else ask_again(state.store, state.version, found, _given())


def _as_text(found: Answer, today: Today | None) -> str:
    state = served()
    lines = [line for _, line in answer_lines(found)]
    lines += ["", f"Scrutiny Graph, data set {state.version}. {question_iri(found.slug)}"]
    if today is not None:
        lines.append(upper_first(f"{today.in_words()}."))
    return "\n".join(lines) + "\n"


def question_iri(slug: str) -> str:
    """Return the IRI of a question."""
    return ID[f"question-{slug}"].value


def _offer() -> Offer:
    wanted = given("format")
    if wanted:
        named = {offer.name: offer for offer in NAMED}
        if wanted not in named:
            raise ParameterError.not_one_of("format", wanted, "is no format of an answer", list(named))
        return named[wanted]
    return choose(request.headers.get("Accept"), FORMATS) or HTML


def _render(
    question: Question,
    found: Answer | None,
    today: Today | None = None,
    start: int = 0,
    *,
    error: ParameterError | None = None,
    status: int = 200,
) -> Response:
    rows = found.rows if found else ()
    as_table = found is not None and len(found.told_columns) > 2 and len(rows) > 3
    rest = [(n, v) for n, v in request.args.items(multi=True) if n not in ("version", "page", "format")]
    response = page(
        "question.html",
        status,
        title=(title := found.question if found else question.text),
        names={**(today.answer.names if today and today.answer else {}), **(found.names if found else {})},
        question=question,
        help=_help(question),
        sources=_sources(found) if found else {},
        fields=fields_of(question, error),
        answer=found,
        shown=rows[start : start + PER_PAGE],
        start=start,
        per_page=PER_PAGE,
        as_table=as_table,
        error=error,
        today=today,
        today_address=address_of_today(),
        asked_version=version_asked(),
        neighbours=_neighbours(question),
        address=f"{request.path}?{urlencode([*rest, *_version_part()])}".rstrip("?"),
        permalink=permanent(rest),
        noindex=bool(request.args),
        card=None if names_people(title) else title,
        about_people=answer_is_about_people(found) if found else names_people(question.text),
    )
    if today is not None:
        response.headers["Link"] = latest_link()
    return response


def _neighbours(question: Question) -> list[Question]:
    found: list[Question] = served().remember(
        f"questions beside {question.slug}", lambda: related(question, all_questions())
    )
    return found


def _version_part() -> list[tuple[str, str]]:
    found = version_asked()
    return [("version", found.version[:16])] if found else []


def _help(question: Question) -> list[tuple[str, str]]:
    """Return the note of a question in pieces, each with the address of the question that it names, if it names one."""
    known = {other.slug: other.text for other in all_questions() if "-" in other.slug}
    text = question.help.removeprefix(question.text).strip()
    pieces = re.split(rf"\b({'|'.join(sorted(known, key=len, reverse=True))})\b", text) if known else [text]
    return [
        (known.get(piece, piece), f"/questions/{piece}" if piece in known else "")
        for piece in pieces
        if piece
    ]


def _sources(found: Answer) -> dict[NamedNode, str]:
    """Return for each claim of an answer where it stands and who is quoted, in few words."""
    short = {**found.names, **short_sources(found.claims.values(), found.names)}
    return {claim.iri: voices_and_source(claim, short) for claim in found.claims.values()}


@blueprint.app_template_filter("support")
def _support(row: AnswerRow) -> Support:
    return support_of(row.evidence)


def _plain(body: str, offer: Offer, filename: str = "", today: Today | None = None) -> Response:
    response = make_response(body)
    response.content_type = offer.content_type
    response.headers["Vary"] = "Accept"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Data-Version"] = served().version
    if today is not None:
        response.headers["Link"] = latest_link()
    if filename:
        response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.add_etag()
    response.make_conditional(request)
    return response

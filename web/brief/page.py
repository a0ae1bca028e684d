"""`/brief/COUNCIL?from=&to=`: a page to print for a meeting; the same as Markdown and as plain text."""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, Flask, Response, make_response, request
from pyoxigraph import NamedNode

from kg.dates import parse_edtf
from kg.errors import DateError, NotFound, ParameterError
from kg.labels import labels
from kg.namespaces import ID, SG
from kg.queries import select, text
from web.accountability import bodies_with_record
from web.brief.data import make_brief
from web.brief.text import EMPTY, HEADINGS, HELPED, LEAD, NO_RANK, NOT_STATED, markdown, plain
from web.brief.values import Brief
from web.errors import wants_page
from web.links import site_address
from web.parameters import given
from web.render import page
from web.serving.served import served
from web.words import query_string

blueprint = Blueprint("brief", __name__)

TEXTS = {"md": ("text/markdown; charset=utf-8", markdown), "txt": ("text/plain; charset=utf-8", plain)}
KEPT = 50
COLUMNS = 5
"""How many inspections stand beside each other in the table of grades; more of them are listed."""


@blueprint.get("/brief")
def briefs() -> Response:
    """List the councils of which there is a brief."""
    return page("briefs.html", title="Scrutiny briefs", councils=_councils(), query=text("page_members"))


def _councils() -> list[tuple[str, str]]:
    state = served()
    found: list[tuple[str, str]] = state.remember("councils", lambda: bodies_with_record(state.store))
    return found


def has_brief(iri: NamedNode) -> bool:
    """Whether a council is one of those to which something was done."""
    return any(ID[name] == iri for name, _ in _councils())


def init_app(app: Flask) -> None:
    """Let the page of a council ask whether there is a brief of it."""
    app.jinja_env.globals.update(has_brief=has_brief)


@blueprint.get("/brief/<local:name>")
def brief(name: str) -> Response:
    """Show the brief of a council for a period, whole years by default."""
    try:
        found = _brief(name)
    except ParameterError:
        if not wants_page():
            raise
        return _ask_again(name)
    return page(
        "brief.html",
        title=f"Scrutiny brief: {found.name}, {found.period}",
        description=f"What was done, who was in post, grades and disputed points: {found.name}, {found.period}.",
        about_people=True,
        card=f"Scrutiny brief: {found.name}, {found.period}",
        b=found,
        name=name,
        headings=HEADINGS,
        lead=LEAD,
        helped=HELPED,
        empty=EMPTY,
        no_rank=NO_RANK,
        not_stated=NOT_STATED,
        columns=COLUMNS,
        wrong={},
        given=_given(),
        shown={"from": found.start.year, "to": found.end.year},
        arguments=query_string(_given()),
        address=_address(found.council, name),
    )


def _ask_again(name: str) -> Response:
    """Show the form with what was given in both fields, and beside each field that is wrong what may stand there."""
    council, wrong = ID[name], {error.field: _told(error) for error in _mistakes()}
    label = labels(served().store, [council])[council]
    return page(
        "brief_period.html",
        400,
        title=f"Scrutiny brief: {label}",
        noindex=True,
        council=council,
        label=label,
        name=name,
        wrong=wrong,
        given=_given(),
        shown={"from": "", "to": ""},
    )


def _told(error: ParameterError) -> str:
    return f"“{error.given}” {error.problem}. Expected: {error.allowed}."


@blueprint.get("/brief/<local:name>.<any(md, txt):extension>")
def brief_text(name: str, extension: str) -> Response:
    """Send the brief as Markdown or plain text."""
    found = _brief(name)
    content_type, write = TEXTS[extension]
    response = make_response(write(found, _address(found.council, name)))
    response.content_type = content_type
    response.headers["Content-Disposition"] = f'inline; filename="brief-{name}.{extension}"'
    response.headers["X-Data-Version"] = found.version
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _brief(name: str) -> Brief:
    state, council = served(), ID[name]
    if not _is_council(council):
        raise NotFound(f"{name}: there is no council of this name; /brief lists those that there are")
    for mistake in _mistakes():
        raise mistake
    start, end = _day("from", last=False), _day("to", last=True)
    kept: dict[object, Brief | None] = state.remember("briefs", dict)
    key = (name, start, end)
    if key not in kept:
        if len(kept) >= KEPT:
            kept.clear()
        kept[key] = make_brief(state.store, council, state.version, start, end)
    found = kept[key]
    if found is None:
        label = labels(state.store, [council])[council]
        raise NotFound(
            f"{label}: no source says of it who was in post, or that it was inspected, judged or reviewed"
        )
    return found


def _given() -> dict[str, str]:
    return {field: request.args.get(field, "").strip() for field in ("from", "to")}


def _mistakes() -> list[ParameterError]:
    """Return what is wrong with the period, field by field; a year that can be read counts even in a bad date."""
    found, years = list[ParameterError](), dict[str, date]()
    for field, last in (("from", False), ("to", True)):
        try:
            day = _day(field, last=last)
        except ParameterError as error:
            found.append(error)
            year = re.match(r"[12][0-9]{3}(?![0-9])", error.given)
            day = date(int(year[0]), 12 if last else 1, 31 if last else 1) if year else None
        if day is not None:
            years[field] = day
    if len(years) == 2 and years["from"] > years["to"] and all(error.field != "to" for error in found):
        start = years["from"].year
        found.append(
            ParameterError("to", given("to"), "is before the beginning of the period", f"{start} or later")
        )
    return found


def _is_council(iri: NamedNode) -> bool:
    return any(row[1] == SG.Council for row in select(served().store, "page_types", x=iri))


def _day(field: str, *, last: bool) -> date | None:
    """Return the first, or the last, day of a year, month or day of the address. Raises `ParameterError`."""
    text = given(field)
    if not text:
        return None
    try:
        found = parse_edtf(text) if text.replace("-", "").isdigit() else None
    except DateError:
        found = None
    day = (found.latest if last else found.earliest) if found is not None else None
    if day is None:
        raise ParameterError(
            field, text, "is no date", "a year, a month or a day: 2013, 2013-08 or 2013-08-27"
        )
    return day


def _address(council: NamedNode, name: str) -> str:
    """Return where a reader of the paper finds it again: on the public site if one is configured, else the council.

    The council is named by its persistent IRI: the host of the moment says nothing on paper.
    """
    settings = served().settings
    if not settings.base_url:
        return council.value
    arguments = query_string(_given())
    return f"{site_address(settings)}/brief/{name}" + (f"?{arguments}" if arguments else "")

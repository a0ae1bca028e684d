"""`/quality/validate`: anybody's Turtle, TriG or JSON-LD against our shapes, by form or by POST."""

from __future__ import annotations

import codecs
import json
from typing import NamedTuple

from flask import Blueprint, Response, make_response, request
from pyoxigraph import NamedNode

from kg.checking.text import Checked, CheckTimeout, CheckTooLarge, Limits, check_text
from kg.errors import KgError, NotFound, PoolBusy, SourceError
from kg.formats import RdfFormat, format_of_path, rdf_format
from kg.labels import labels
from kg.namespaces import curie
from kg.report import Result
from kg.resources import data_dir, ontology_dir
from web.errors import wants_page
from web.links import site_address
from web.render import page
from web.serving.served import served

blueprint = Blueprint("checking", __name__)

FORMATS = ("turtle", "trig", "jsonld")
REPORTS = {"text": "text/plain", "turtle": "text/turtle", "json": "application/json"}
EXAMPLE = """@prefix id: <https://w3id.org/scrutiny-graph/id/> .
@prefix sg: <https://w3id.org/scrutiny-graph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

id:inspection-anyshire-2020 a sg:Inspection ;
  rdfs:label "Inspection of Anyshire (invented), 2020"@en ;
  sg:inspector id:ofsted ;
  sg:inspected "Anyshire" .
"""
"""What the empty form suggests: a council is named by text where a thing is expected."""


class Given(NamedTuple):
    """What was sent: the text, its format, and how the report is wanted (`page`, or a key of `REPORTS`)."""

    text: str
    format: str
    report: str = "page"


class Problem(NamedTuple):
    """What went wrong, for the form: message, the line of the text, the status of the answer."""

    message: str
    line: int | None
    status: int


@blueprint.get("/quality/validate")
def form() -> Response:
    """Show the form."""
    return _page(Given("", "turtle"))


@blueprint.post("/quality/validate")
def validate() -> Response:
    """Check what was sent; a program that sends RDF gets the report as text, JSON or Turtle."""
    given = Given("", "turtle")
    try:
        given = _given()
        checked = check_text(
            given.text, _format(given.format), ontology_dir(), served().settings.data or data_dir(), LIMITS
        )
    except KgError as error:
        return _failed(given, _problem(error))
    return _page(given, checked) if given.report == "page" else _report(given, checked)


LIMITS = Limits()


def _given() -> Given:
    """Read the request: a form with text or file, or RDF as the body. Raises `KgError` where it cannot be read."""
    if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded"):
        report = request.form.get("report", "page")
        name = request.form.get("format", "turtle")
        upload = request.files.get("file")
        if upload is not None and upload.filename:
            name = _format_of(upload.filename, name)
            return Given(_decoded(upload.read(), name), name, report if report in REPORTS else "page")
        text = request.form.get("text", "").replace("\r\n", "\n")
        if not text.strip():
            raise SourceError("input", None, "nothing was given: paste some RDF or choose a file")
        return Given(text, name, report if report in REPORTS else "page")
    try:
        wanted = rdf_format(request.mimetype)
    except NotFound:
        raise SourceError(
            "input", None, f"the Content-Type {request.mimetype or 'is missing, it'} is no RDF; expected text/turtle, "
            "application/trig or application/ld+json"
        ) from None  # fmt: skip
    best = request.accept_mimetypes.best_match([*REPORTS.values()], default="text/plain")
    report = next(name for name, media_type in REPORTS.items() if media_type == best)
    return Given(_decoded(request.get_data(), wanted.name), wanted.name, report)


def _format_of(filename: str, chosen: str) -> str:
    from pathlib import PurePath

    try:
        return format_of_path(PurePath(filename)).name
    except NotFound:
        return chosen


def _format(name: str) -> RdfFormat:
    if name not in (*FORMATS, "nt", "nq"):
        raise SourceError("input", None, f"{name!r} is not checked here; expected {', '.join(FORMATS)}")
    return rdf_format(name)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError(f"input.{name}", None, "UTF-16: save it as UTF-8") from None
        line = content[: error.start].count(b"\n") + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        reason = f"not UTF-8: byte {content[error.start]:02X} at column {column}; save it as UTF-8"
        raise SourceError(f"input.{name}", line, reason) from None


def _problem(error: KgError) -> Problem:
    if isinstance(error, SourceError):
        return Problem(error.reason, error.line, 400)
    if isinstance(error, CheckTooLarge):
        return Problem(error.message, None, 413)
    if isinstance(error, CheckTimeout):
        return Problem(error.message, None, 504)
    return Problem(error.message, None, 503 if isinstance(error, PoolBusy) else 400)


def _failed(given: Given, problem: Problem) -> Response:
    if given.report == "page" and wants_page():
        response = _page(given, problem=problem)
    else:
        place = f"line {problem.line}: " if problem.line else ""
        response = make_response(f"{place}{problem.message}\n", problem.status)
        response.content_type = "text/plain; charset=utf-8"
    if problem.status == 503:
        response.headers["Retry-After"] = "10"
    return response


def _report(given: Given, checked: Checked) -> Response:
    if given.report == "turtle":
        body = checked.turtle
    elif given.report == "json":
        results = [{k: v for k, v in vars(r).items() if v is not None} for r in checked.results]
        body = (
            json.dumps({"conforms": checked.conforms, "results": results}, ensure_ascii=False, indent=2)
            + "\n"
        )
    else:
        body = checked.in_words()
    response = make_response(body)
    media_type = REPORTS[given.report]
    response.content_type = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(given: Given, checked: Checked | None = None, problem: Problem | None = None) -> Response:
    results = checked.results if checked else ()
    paths = {_iri(result.path) for result in results if result.path} - {None}
    response = page(
        "validate.html",
        status=problem.status if problem else 200,
        title="Check your own data",
        names=labels(served().store, paths),
        given=given,
        formats=[rdf_format(name) for name in FORMATS],
        checked=checked,
        rows=[(result, _focus(result), _iri(result.path), _value(result)) for result in results],
        problem=problem,
        source_line=_line_of(given.text, problem.line) if problem else None,
        example=EXAMPLE,
        address=site_address(served().settings),
        limits=LIMITS,
    )
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    return response


def _focus(result: Result) -> str:
    return "a blank node" if result.focus.startswith("_:") else curie(result.focus)


def _value(result: Result) -> str | None:
    if result.value is None or result.value == result.focus or curie(result.value) in result.message:
        return None
    return "a blank node" if result.value.startswith("_:") else curie(result.value)


def _iri(text: str | None) -> NamedNode | None:
    try:
        return NamedNode(text) if text else None
    except ValueError:
        return None


def _line_of(text: str, line: int | None) -> str | None:
    lines = text.split("\n")
    return lines[line - 1][:200] if line and line <= len(lines) else None

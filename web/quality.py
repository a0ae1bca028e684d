"""`/quality`: what is checked and what was found, how much of the sources is covered, what wants a second look."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, make_response, request
from pyoxigraph import NamedNode

from kg.errors import NotFound
from kg.evidence import read_claims
from kg.kept_report import TURTLE, KeptReport, read_report
from kg.labels import labels
from kg.namespaces import SH
from kg.queries import count, select, text
from kg.report import Result
from kg.resources import ontology_dir
from web.coverage import sentence_coverage
from web.pages import counts
from web.parameters import place_in
from web.render import page
from web.serving.served import served

blueprint = Blueprint("quality", __name__)

PAGE = 50
BADGES = {
    "contested": (
        "contested",
        "Sources contradict each other about it; the record says what cannot be true at once.",
        "records",
    ),
    "inferred-identity": (
        "a reference was inferred",
        "A source does not name it outright; a curator read the words as meaning it, and says so in the claim.",
        "claims",
    ),
    "single-source": (
        "one publisher",
        "All that is claimed of it comes from one publisher.",
        "claims",
    ),
}
"""Marks of things: name in the address, words on the mark, what it means, what is counted."""


@dataclass
class Rule:
    """One rule of a shape: the property that it is about (`None`: the thing itself), message, severity."""

    path: NamedNode | None
    message: str
    severity: str


@dataclass
class Shape:
    """A shape for people: its label, the classes it looks at, how many things those have, rules, what was found."""

    iri: NamedNode
    label: str
    targets: list[NamedNode] = field(default_factory=list)
    things: int = 0
    rules: dict[tuple[NamedNode | None, str], Rule] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A check that looks across all records: file, title, severity, why, and how often it warned."""

    name: str
    title: str
    severity: str
    why: str
    found: int = 0


@blueprint.get("/quality")
def quality() -> Response:
    """Show what is checked, what was found, and how much of the sources is covered."""
    state = served()
    kinds: dict[NamedNode, dict[NamedNode, int]] = {}
    for source, kind, n in select(state.store, "page_kinds"):
        kinds.setdefault(source, {})[kind] = int(n.value)
    kept: KeptReport | None = state.remember("report", lambda: read_report(state.path))
    shapes = state.remember("shapes", _shapes)
    coverage = [row for row in sentence_coverage(state.store, state.settings) if row.iri in kinds]
    badges = _badges()
    terms: set[object] = {
        *kinds,
        *(row.iri for row in coverage),
        *(kind for row in kinds.values() for kind in row),
    }
    terms |= {t for shape in shapes for t in (*shape.targets, *(r.path for r in shape.rules.values()))}
    return page(
        "quality.html",
        title="Quality",
        names=labels(state.store, terms),
        kinds=kinds,
        columns=sorted({kind for row in kinds.values() for kind in row}, key=str),
        shapes=shapes,
        rules=sum(len(shape.rules) for shape in shapes),
        checks=_checks(kept),
        kept=kept,
        warnings=[_in_words(result) for result in kept.results] if kept else [],
        publishers=[(int(k.value), int(n.value)) for k, n in select(state.store, "page_publishers")],
        coverage=coverage,
        badges={name: (BADGES[name], len(badges[name])) for name in BADGES},
        counts=counts(),
        query=text("page_kinds"),
    )


@blueprint.get("/quality.ttl")
def report() -> Response:
    """Send the SHACL report of the build as Turtle."""
    path = served().path / TURTLE
    if not path.is_file():
        raise NotFound("The report of this build was not kept.")
    response = make_response(path.read_bytes())
    response.content_type = "text/turtle; charset=utf-8"
    response.headers["X-Data-Version"] = served().version
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/quality/things/<local:badge>")
def things(badge: str) -> Response:
    """List the things that have one mark."""
    if badge not in BADGES:
        raise NotFound(f"{badge}: there is no such mark; there is {', '.join(BADGES)}")
    listed = _badges()[badge]
    offset = place_in(len(listed))
    part = listed[offset : offset + PAGE]
    return page(
        "quality_things.html",
        title=f"Things marked “{BADGES[badge][0]}”",
        names=labels(served().store, {thing for thing, _ in part}),
        badge=badge,
        badges=BADGES,
        things=part,
        total=len(listed),
        offset=offset,
        size=PAGE,
        noindex=True,
        query=text("page_badges"),
    )


@blueprint.get("/quality/single-source")
def single_source() -> Response:
    """List the statements that one publisher alone makes."""
    state = served()
    total = {int(k.value): int(n.value) for k, n in select(state.store, "page_publishers")}.get(1, 0)
    offset = place_in(total)
    rows = select(state.store, "page_single_source", limit=PAGE, offset=offset)
    claims = read_claims(state.store, {row[4] for row in rows})
    found: dict[tuple[object, ...], list[object]] = {}
    for _, s, p, o, claim in rows:
        if claim in claims:
            found.setdefault((s, p, o), []).append(claims[claim])
    terms: set[object] = {term for key in found for term in key}
    terms |= {term for claim in claims.values() for term in claim.terms()}
    return page(
        "quality_single.html",
        title="Statements by one publisher alone",
        names=labels(state.store, terms),
        statements=list(found.items()),
        total=total,
        offset=offset,
        size=PAGE,
        noindex=True,
        query=text("page_single_source"),
    )


def marks_of(iri: NamedNode) -> list[tuple[str, str, str]]:
    """Return the marks of a thing that its page does not show otherwise: name, words, what it means."""
    inferred = count(served().store, "page_inferred", thing=iri)
    return [("inferred-identity", *BADGES["inferred-identity"][:2])] if inferred else []


def _badges() -> dict[str, list[tuple[NamedNode, int]]]:
    def read() -> dict[str, list[tuple[NamedNode, int]]]:
        found: dict[str, list[tuple[NamedNode, int]]] = {name: [] for name in BADGES}
        rows = [row for row in select(served().store, "page_badges") if isinstance(row[1], NamedNode)]
        names = labels(served().store, {row[1] for row in rows})
        for badge, thing, n in sorted(rows, key=lambda row: (names[row[1]].casefold(), row[1].value)):
            found[badge.value].append((thing, int(n.value)))
        return found

    known: dict[str, list[tuple[NamedNode, int]]] = served().remember("badges", read)
    return known


def _shapes() -> list[Shape]:
    """Return the shapes for data; those for the vocabulary itself, whose targets are OWL's, are checked elsewhere."""
    found: dict[NamedNode, Shape] = {}
    for iri, label, target, path, message, severity in select(served().store, "page_quality_rules"):
        if iri.value.endswith("Style"):
            continue
        shape = found.setdefault(iri, Shape(iri, label.value))
        if target not in shape.targets:
            shape.targets.append(target)
        known = path if isinstance(path, NamedNode) and "genid-" not in path.value else None
        grave = str(severity.value).removeprefix(str(SH)) if severity is not None else "Violation"
        shape.rules.setdefault((known, message.value), Rule(known, message.value, grave))
    targets = sorted({target for shape in found.values() for target in shape.targets}, key=str)
    rows = select(served().store, "page_quality_targets", target=targets) if targets else []
    numbers = {cls: int(n.value) for cls, n in rows}
    for shape in found.values():
        shape.things = sum(numbers.get(target, 0) for target in shape.targets)
    return sorted(found.values(), key=lambda shape: shape.label)


def _checks(kept: KeptReport | None) -> list[Check]:
    numbers: dict[str, int] = {}
    for result in kept.results if kept else ():
        if result.shape:
            numbers[result.shape] = numbers.get(result.shape, 0) + 1
    folder = ontology_dir() / "checks"
    return [
        Check(c.name, c.title, c.severity, c.why, numbers.get(c.name, 0))
        for c in (_read_check(p) for p in _files(folder))
    ]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.rq")) if folder.is_dir() else []


@cache
def _read_check(path: Path) -> Check:
    """Read the comment that opens a check: title, severity, and in plain words why."""
    told: dict[str, str] = {}
    why = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        key, colon, value = line.lstrip("# ").partition(":")
        if colon and key.lower() in ("title", "severity"):
            told[key.lower()] = value.strip()
        else:
            why.append(line.lstrip("# "))
    severity = "Warning" if told.get("severity", "").lower().startswith("warning") else "Violation"
    return Check(path.stem, told.get("title", path.stem), severity, " ".join(why))


def _in_words(result: Result) -> tuple[Result, NamedNode | None]:
    """Return a result with its focus node as a term, where it is one that has a page."""
    try:
        return result, NamedNode(result.focus)
    except ValueError:
        return result, None


def init_app(app: Flask) -> None:
    """Let the page of a thing ask for its marks."""
    app.jinja_env.globals.update(marks_of=marks_of)

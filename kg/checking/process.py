"""The process that validates a stranger's RDF: once, with nothing to lose and no way out, then it ends.

Started by `kg.checking.text` with the request on standard input and the answer on standard output, both JSON. It gives
up the network where the system allows, may write no file, and has a limit of address space; the parent ends it when it
takes too long. What it reads are the project's own shapes, vocabulary and register; JSON-LD that names a context by its
address is refused unless it is ours, which is at hand.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.checking.causes import undeclared_terms
from kg.errors import KgError, SourceError
from kg.formats import RdfFormat, rdf_format
from kg.gate import expand_dates, read_shapes
from kg.namespaces import BASE, SH
from kg.read import line_of, parse_quads, read_quads
from kg.report import Report, Result, report_json, report_turtle
from kg.validate import validate
from kg.workers.process import limit_memory, without_network

NOTHING = "it was read and holds no statement: there is nothing to check"
RELATIVE = "; a relative @id needs an @base in the context, and a name needs a term of the context"
CONTEXTS = frozenset({f"{BASE}context.jsonld", f"{BASE}context"})
"""Addresses of our own JSON-LD context; no other document is ever fetched, nor is this one."""


def with_own_context(text: str, path: Path, context: Any) -> str:
    """Return JSON-LD with the address of our context replaced by the context itself.

    `context` is what stands under `@context`. Raises `SourceError` for text that is no JSON, with its line, and for the
    address of any other context.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(path, error.lineno, f"not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise SourceError(path, None, "nested too deeply") from None

    def fill(node: Any) -> Any:
        if isinstance(node, list):
            return [fill(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {key: _context(value) if key == "@context" else fill(value) for key, value in node.items()}

    def _context(value: Any) -> Any:
        if isinstance(value, str):
            if value in CONTEXTS or value == "/context.jsonld":
                return context
            line = line_with(text, value)
            raise SourceError(path, line, f"the context {value} is not fetched: write it into the document")
        if isinstance(value, list):
            return [_context(item) for item in value]
        if isinstance(value, dict) and "@import" in value:
            line = line_with(text, "@import")
            raise SourceError(path, line, "@import is not followed: write the context into the document")
        return value

    return json.dumps(fill(document))


def line_with(text: str, part: str) -> int | None:
    """Return the line, from 1, in which some text first stands; `None` if it stands nowhere."""
    place = text.find(part)
    return None if place < 0 else text.count("\n", 0, place) + 1


def parse_text(text: str, wanted: RdfFormat, ontology_dir: Path) -> list[ox.Quad]:
    """Parse RDF that somebody gave. Raises `SourceError` with the line, where the parser knows it."""
    path = Path(f"input.{wanted.extension}")
    if wanted.name == "jsonld":
        own = json.loads((ontology_dir / "context.jsonld").read_text(encoding="utf-8"))["@context"]
        text = with_own_context(text, path, own)
    return parse_quads(path, text, wanted)


def check_quads(quads: list[ox.Quad], ontology_dir: Path, data_dir: Path) -> Report:
    """Validate quads against our shapes, beside our vocabulary, register and dates.

    Reported is what concerns a subject of the quads, blank nodes as well; the report's triples are those results only.
    """
    vocabulary = [q for path in sorted(ontology_dir.glob("*.ttl")) for q in read_quads(path)]
    beside = list(vocabulary)
    for name in ("register.ttl", "articles.ttl"):
        if (data_dir / name).is_file():
            beside += read_quads(data_dir / name)
    dates, problems = expand_dates([*quads, *beside])
    report = validate([*quads, *beside, *dates], read_shapes(ontology_dir))
    subjects = {_name(q.subject) for q in quads}
    unknown = undeclared_terms(quads, [*vocabulary, *quads])
    ours = tuple(r for r in (*unknown, *report.results, *problems) if r.focus in subjects)
    return Report(
        tuple(sorted(ours, key=lambda r: r.sort_key)), tuple(_results_about(report.triples, subjects))
    )


def _name(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return term.value
    # as `kg.validate` names a blank node when it comes back
    return (
        "_:b" + "".join(c for c in term.value if c.isalnum()) if isinstance(term, ox.BlankNode) else str(term)
    )


def _results_about(triples: Iterable[ox.Triple], subjects: set[str]) -> Iterable[ox.Triple]:
    """Keep of a SHACL report the results about some subjects, with what hangs on them."""
    known: dict[object, list[ox.Triple]] = {}
    for triple in triples:
        known.setdefault(triple.subject, []).append(triple)
    foreign = {
        t.subject
        for several in known.values()
        for t in several
        if t.predicate == SH.focusNode and _focus(t.object) not in subjects
    }
    todo = [t.subject for several in known.values() for t in several if t.object == SH.ValidationReport]
    seen = set(todo)
    while todo:
        for triple in known.get(todo.pop(), ()):
            if triple.object in foreign:
                continue
            yield triple
            if isinstance(triple.object, ox.BlankNode) and triple.object not in seen:
                seen.add(triple.object)
                todo.append(triple.object)


def _focus(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the report as values for JSON, with its Turtle, or the error with its line."""
    wanted = rdf_format(request["format"])
    ontology_dir, data_dir = Path(request["ontology"]), Path(request["data"])
    text: str = request["text"]
    try:
        quads = parse_text(text, wanted, ontology_dir)
        if not quads:
            raise SourceError(Path("input"), None, NOTHING + (RELATIVE if wanted.name == "jsonld" else ""))
        report = check_quads(quads, ontology_dir, data_dir)
    except SourceError as error:
        return {"error": "source", "line": error.line, "message": error.reason}
    except KgError as error:
        return {"error": "check", "line": None, "message": error.message}
    placed = [(result, _line(text, result)) for result in report.results]
    rows = report_json(report)["results"]
    return {
        "quads": len(quads),
        "conforms": report.conforms,
        "results": [{**row, "line": line} for row, (_, line) in zip(rows, placed, strict=True)],
        "turtle": report_turtle(report).decode("utf-8"),
    }


def _line(text: str, result: Result) -> int | None:
    from kg.namespaces import curie

    if result.focus.startswith("_:"):
        return None
    local = result.focus.replace("#", "/").rpartition("/")[2]
    found = line_of(text, curie(result.focus)) or line_with(text, result.focus)
    return found or (line_with(text, local) if local else None)


def main() -> None:
    """Read the request, answer it, and end."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    import resource

    without_network()
    resource.setrlimit(resource.RLIMIT_CPU, (int(request["seconds"]) + 1, int(request["seconds"]) + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    limit_memory(request["memory"])
    try:
        found = answer(request)
    except MemoryError:
        found = {"error": "memory", "line": None, "message": "it needed more memory than is allowed"}
    except RecursionError:
        found = {"error": "source", "line": None, "message": "nested too deeply"}
    json.dump(found, answers)
    answers.flush()


if __name__ == "__main__":
    main()

"""One test of a query suite against a server: sent by the protocol, in every format that can hold the answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.conformance import engine
from tests.conformance.compare import by_value, difference
from tests.conformance.data import SENTINEL, is_ordered, read_query
from tests.conformance.manifest import Test, iri_of
from tests.conformance.results import (
    Answer,
    as_csv,
    read,
    read_csv,
    read_graph,
    read_json,
    read_result_set,
    read_tsv,
    read_xml,
)
from tests.conformance.server import Server

ROWS = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/tab-separated-values",
    "text/csv",
)
GRAPHS = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")
RDF_FILES = {".ttl": "turtle", ".rdf": "xml", ".nt": "nt"}


@dataclass(frozen=True)
class Outcome:
    """What came of a test: `problem` is empty if it passed; `engines` is the engine's own, empty if it can do it.

    `is_by_value` tells that a literal has another lexical form than the expected one, and the same value.
    """

    test: Test
    problem: str = ""
    engines: str = ""
    is_by_value: bool = False


def run_test(test: Test, server: Server, data: Path) -> Outcome:
    """Run one test; a failed one is run once more with the engine alone."""
    if test.kind in ("update", "federated"):
        return Outcome(test, _refused(test, server))
    if test.kind != "evaluation":
        problem, is_by_value = _syntax(test, server), False
    else:
        problem, is_by_value = _evaluation(test, server)
    return Outcome(test, problem, engine_problem(test, data) if problem else "", is_by_value)


def engine_problem(test: Test, data: Path) -> str:
    """Return how the engine alone fails a test, nothing if it passes."""
    text = read_query(test)
    if test.kind == "positive":
        return engine.accepts(text)
    if test.kind == "negative":
        return "" if engine.accepts(text) else "accepted"
    try:
        got = engine.answer(text, data)
    except (SyntaxError, RuntimeError, ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    expected = read_expected(test)
    if test.result is not None and test.result.suffix == ".csv":
        return difference(expected, as_csv(got))
    return _compare(test, expected, got)[0]


def read_expected(test: Test) -> Answer:
    """Read the expected answer of an evaluation test."""
    assert test.result is not None
    path, body = test.result, test.result.read_bytes()
    if path.suffix in _READERS:
        return _READERS[path.suffix](body)
    found = read_result_set(body, RDF_FILES[path.suffix], iri_of(path))
    return found or read_graph(body, RDF_FILES[path.suffix], iri_of(path))


_READERS = {".srx": read_xml, ".srj": read_json, ".tsv": read_tsv, ".csv": read_csv}


def _compare(test: Test, expected: Answer, got: Answer) -> tuple[str, bool]:
    """Return the difference, and whether there is none by value only."""
    has_no_order = test.result is not None and test.result.suffix in RDF_FILES  # but for rs:index
    ordered = expected.is_ordered or (not has_no_order and is_ordered(read_query(test)))
    problem = difference(expected, got, ordered=ordered, lax=test.lax)
    if not problem or _is_of_a_format(test):
        return problem, False
    again = difference(by_value(expected), by_value(got), ordered=ordered, lax=test.lax)
    return (problem, False) if again else ("", True)


def _is_of_a_format(test: Test) -> bool:
    """Whether the test is about a format of results, where the lexical form is the point."""
    return test.suite.endswith(("/csv-tsv-res", "/json-res"))


def _evaluation(test: Test, server: Server) -> tuple[str, bool]:
    """Ask in every format; CSV, which says less, is held against the answer in JSON."""
    expected, text = read_expected(test), read_query(test)
    if test.result is not None and test.result.suffix == ".csv":
        got = _ask(server, text, "text/csv")
        return (got, False) if isinstance(got, str) else _compare(test, expected, got)
    offered = {"boolean": ROWS[:2], "rows": ROWS, "graph": GRAPHS}[expected.form]
    problems: dict[str, str] = {}
    first: Answer | None = None
    is_by_value = False
    for media_type in offered:
        got = _ask(server, text, media_type)
        if isinstance(got, str):
            problem = got
        elif media_type == "text/csv":
            problem = difference(as_csv(first), got) if first is not None else ""
        else:
            first = first or got
            problem, loosely = _compare(test, expected, got)
            is_by_value = is_by_value or loosely
        if problem:
            problems[media_type] = problem
    if len(set(problems.values())) == 1 and len(problems) > 1:
        return next(iter(problems.values())), False
    return "; ".join(f"{media_type}: {problem}" for media_type, problem in problems.items()), is_by_value


def _ask(server: Server, text: str, media_type: str) -> Answer | str:
    """Return the answer in a format, or what is wrong with it."""
    reply = server.query(text, accept=media_type)
    if reply.status != 200:
        return f"status {reply.status}: {reply.text.strip()[:300]}"
    if reply.media_type != media_type:
        return f"answered as {reply.media_type}"
    try:
        return read(reply.body, media_type)
    except Exception as error:  # whatever a reader says of a malformed answer
        return f"cannot be read: {type(error).__name__}: {error}"


def _syntax(test: Test, server: Server) -> str:
    try:
        text = read_query(test)
    except UnicodeDecodeError:
        reply = server.request(
            "POST", "/sparql", {"Content-Type": "application/sparql-query"}, test.query.read_bytes()
        )
    else:
        reply = server.query(text)
    wanted = 200 if test.kind == "positive" else 400
    if reply.status == wanted:
        return ""
    return (
        f"expected status {wanted}, got {reply.status}: {reply.body[:300].decode('utf-8', 'replace').strip()}"
    )


def _refused(test: Test, server: Server) -> str:
    """Send what must not be done; it is refused, and the data is what it was."""
    body = test.query.read_bytes()
    kind = "application/sparql-query" if test.kind == "federated" else "application/sparql-update"
    reply = server.request("POST", "/sparql", {"Content-Type": kind}, body)
    if test.kind == "federated":
        # A query that is malformed may be called that instead.
        wanted, word = ((403,), "SERVICE") if "bad" not in test.query.name else ((400, 403), "")
    else:
        wanted, word = ((400, 403), "update")
    if reply.status not in wanted or word not in reply.text:
        return f"expected {' or '.join(map(str, wanted))} with {word!r}, got {reply.status}: {reply.text.strip()[:200]}"
    triples = server.query("CONSTRUCT WHERE { ?s ?p ?o }", accept="application/n-triples")
    named = server.query("ASK { GRAPH ?g { } }", accept=ROWS[0])
    if triples.text != SENTINEL or read_json(named.body).boolean:
        return "the data has changed"
    return ""

"""The example files of `ontology/examples`, run through shapes and checks as `kg build` runs them.

An example is a small TriG file about the invented council of Anyshire. Its comment lines say what to expect:

    # expect: violation | id:option-transfer | sg:time | sh:MaxCountConstraintComponent
    # expect: warning | id:tenure-ann | sg:status | check different-values

that is severity, focus node, path (`-` where it is none or not a single property), and the constraint or the check.
A file without such a line conforms and meets no check.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kg.flat import flatten
from kg.namespaces import GRAPH, RDF, RDFS, SG, SH, SKOS, curie
from kg.validate import run_checks, validate

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = ROOT / "ontology"
CHECKS = sorted((ONTOLOGY / "checks").glob("*.rq"))
VALID = sorted((ONTOLOGY / "examples" / "valid").glob("*.trig"))
INVALID = sorted((ONTOLOGY / "examples" / "invalid").glob("*.trig"))
EXPECT = re.compile(r"^# expect: (\S+) \| (\S+) \| (\S+) \| (.+)$", re.MULTILINE)
SEEN_BY_SHAPES = frozenset({RDF.type, RDFS.subClassOf, SKOS.inScheme})
"""What shapes look up in the vocabulary; the rest is left out of the flat graph, to save time."""

Row = tuple[str, str, str, str]


def parse(path: Path) -> list[ox.Triple]:
    """Parse a Turtle file."""
    return [ox.Triple(t.subject, t.predicate, t.object) for t in ox.parse(path=str(path))]


@cache
def shapes() -> tuple[ox.Triple, ...]:
    """The shapes for data."""
    return tuple(parse(ONTOLOGY / "shapes.ttl"))


@cache
def vocabulary() -> tuple[ox.Triple, ...]:
    """All that has a place in `graph:vocabulary`, less shapes."""
    names = ("concepts", "edtf", "external", "terms")
    return tuple(t for name in names for t in parse(ONTOLOGY / f"{name}.ttl"))


def expected(path: Path) -> set[Row]:
    """The results that a file says it has: severity, focus, path, constraint."""
    rows = EXPECT.findall(path.read_text(encoding="utf-8"))
    return {(severity, focus, at, what.strip()) for severity, focus, at, what in rows}


@cache
def quads(path: Path) -> tuple[tuple[ox.Quad, ...], tuple[ox.Triple, ...]]:
    """The quads of the named graphs of an example, and the triples of its flat default graph.

    Added is what the build adds to every data set: that a claim rests on itself.
    """
    parsed = [q if isinstance(q, ox.Quad) else ox.Quad(*q) for q in ox.parse(path=str(path))]
    named = [q for q in parsed if not isinstance(q.graph_name, ox.DefaultGraph)]
    loose = [q.triple for q in parsed if isinstance(q.graph_name, ox.DefaultGraph)]
    claims = {q.subject for q in named if q.predicate == RDF.type and q.object == SG.Claim}
    named += [ox.Quad(claim, SG.restsOn, claim, GRAPH.derived) for claim in claims]
    return tuple(named), (*flatten(named), *loose)


@cache
def shape_results(path: Path) -> tuple[tuple[Row, str], ...]:
    """The results of the shapes on an example, each with its message; those nested in another result left out."""
    _, flat = quads(path)
    seen = [t for t in vocabulary() if t.predicate in SEEN_BY_SHAPES]
    report = validate([*flat, *seen], shapes())
    about: dict[object, dict[ox.NamedNode, object]] = {}
    for triple in report.triples:
        about.setdefault(triple.subject, {})[triple.predicate] = triple.object
    found = []
    for triple in report.triples:
        if triple.predicate == SH.result:
            parts = about[triple.object]
            row = (
                _local(parts[SH.resultSeverity]).lower(),
                _short(parts[SH.focusNode]),
                _short(parts.get(SH.resultPath)),
                "sh:" + _local(parts[SH.sourceConstraintComponent]),
            )
            found.append((row, _text(parts[SH.resultMessage])))
    return tuple(sorted(set(found)))


@cache
def check_results(path: Path) -> tuple[tuple[Row, str], ...]:
    """The results of the checks on an example, each with its message."""
    named, flat = quads(path)
    store = _store_of_vocabulary()
    added = [q for q in (*named, *(ox.Quad(*t) for t in flat)) if q not in store]
    store.extend(added)
    try:
        results = run_checks(store, ONTOLOGY / "checks")
    finally:
        for quad in added:
            store.remove(quad)
    found = set()
    for result in results:
        where = curie(result.path) if result.path else "-"
        row = (result.severity.lower(), curie(result.focus), where, f"check {result.shape}")
        found.add((row, result.message))
    return tuple(sorted(found))


@cache
def _store_of_vocabulary() -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(*t, GRAPH.vocabulary) for t in vocabulary())
    store.extend(ox.Quad(*t) for t in vocabulary())
    return store


def _text(term: object) -> str:
    assert isinstance(term, ox.NamedNode | ox.Literal)
    return term.value


def _short(term: object) -> str:
    return curie(_text(term)) if isinstance(term, ox.NamedNode | ox.Literal) else "-"


def _local(term: object) -> str:
    return _text(term).removeprefix(str(SH))

"""Data against SHACL shapes, and against checks that cross records.

Shapes run in pyshacl on one flat rdflib graph; checks are SPARQL SELECT queries (`ontology/checks/*.rq`) that look at
all records at once on the engine, which is hundreds of times faster than one SPARQL constraint per node. Both give the
same kind of result, and say from which file it comes where that is known.

Trap: rdflib rewrites literals when it makes them (`"none"^^xsd:boolean` becomes `false`), so they are made without
normalisation.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.errors import KgError, SourceError, UnreadableError
from kg.namespaces import SH, XSD
from kg.report import SEVERITIES, Report, Result

if TYPE_CHECKING:
    import rdflib

__all__ = ["Report", "Result", "run_checks", "validate"]


def validate(quads: Iterable[ox.Quad | ox.Triple], shapes: Iterable[ox.Quad | ox.Triple]) -> Report:
    """Validate data against shapes, both taken as the union of their graphs, with SHACL Core and SHACL-SPARQL.

    No inference: put the class hierarchy that `sh:class` is to see into the data. Raises `KgError` (exit code 2) for
    shapes that cannot be read as SHACL.
    """
    import pyshacl
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError

    _quicken()
    with _quiet():
        converter = _Converter()
        data_graph, shapes_graph = converter.graph(quads), converter.graph(shapes)
        try:
            outcome = pyshacl.validate(
                data_graph, shacl_graph=shapes_graph, inplace=True, allow_warnings=True, abort_on_first=False
            )
        except (ConstraintLoadError, ReportableRuntimeError, ShapeLoadError) as error:
            raise KgError(f"the shapes cannot be used: {error}", exit_code=2) from None
        report_graph = outcome[1]
        if isinstance(report_graph, Exception):
            raise KgError(f"could not validate: {report_graph}", exit_code=2) from None
        triples = _back(report_graph)
    return Report(tuple(sorted(_results(triples), key=lambda r: r.sort_key)), triples)


def run_checks(store: ox.Store, checks_dir: Path) -> list[Result]:
    """Run the set-based checks of a folder on a store with named graphs and their flat copy.

    A check is a SELECT of `?focus ?message` and, where it has them, `?severity ?path ?value`; a comment
    `# severity: Warning` gives the severity of one without the variable. Raises `SourceError` (exit code 2) for a check
    that does not run.
    """
    if not checks_dir.is_dir():
        raise UnreadableError(checks_dir, None, "no such folder of checks")
    found: set[Result] = set()
    for path in sorted(checks_dir.glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        try:
            solutions = store.query(text)
        except SyntaxError as error:
            raise SourceError(path, None, f"not a query: {error}", exit_code=2) from None
        if not isinstance(solutions, ox.QuerySolutions):
            raise SourceError(path, None, "a check is a SELECT query", exit_code=2)
        names = {v.value for v in solutions.variables}
        if not {"focus", "message"} <= names:
            raise SourceError(path, None, "a check selects ?focus and ?message", exit_code=2)
        default = _severity_in(text)
        for solution in solutions:
            row = {name: solution[name] for name in names}
            if row["focus"] is not None and row["message"] is not None:
                found.add(_check_result(row, path.stem, default))
    return sorted(found, key=lambda r: r.sort_key)


def _results(triples: Iterable[ox.Triple]) -> Iterator[Result]:
    about: dict[Any, dict[ox.NamedNode, Any]] = {}
    top = set()  # what a nested shape found (sh:detail) is an explanation, not a result of the report
    for triple in triples:
        parts = about.setdefault(triple.subject, {})
        known = parts.setdefault(triple.predicate, triple.object)
        if str(triple.object) < str(known):  # a message in several languages: always the same one
            parts[triple.predicate] = triple.object
        if triple.predicate == SH.result:
            top.add(triple.object)
    for node, parts in about.items():
        if node not in top:
            continue
        severity = _text(parts.get(SH.resultSeverity)) or str(SH) + "Violation"
        local = severity.removeprefix(str(SH))
        yield Result(
            focus=_text(parts.get(SH.focusNode)) or "",
            message=_text(parts.get(SH.resultMessage)) or "does not conform",
            severity=local if local in SEVERITIES else "Violation",
            path=_iri(parts.get(SH.resultPath)),
            value=_text(parts.get(SH.value)),
            shape=_iri(parts.get(SH.sourceShape)),
            constraint=_text(parts.get(SH.sourceConstraintComponent)),
        )


def _check_result(row: Mapping[str, Any], name: str, default: str) -> Result:
    severity = (_text(row.get("severity")) or default).removeprefix(str(SH)).capitalize()
    return Result(
        focus=_text(row["focus"]) or "",
        message=_text(row["message"]) or "",
        severity=severity if severity in SEVERITIES else default,
        path=_text(row.get("path")),
        value=_text(row.get("value")),
        shape=name,
    )


def _severity_in(text: str) -> str:
    for line in text.splitlines():
        key, colon, value = line.lstrip("# ").partition(":")
        if line.startswith("#") and colon and key.strip().lower() == "severity":
            word = value.strip().removeprefix("sh:").split()[0].strip(".,;").capitalize()
            return word if word in SEVERITIES else "Violation"
    return "Violation"


def _text(term: Any) -> str | None:
    if term is None:
        return None
    return str(term.value) if isinstance(term, (ox.NamedNode, ox.Literal)) else str(term)


def _iri(term: Any) -> str | None:
    """Return an IRI; a path or shape that is a blank node has no name to show."""
    return term.value if isinstance(term, ox.NamedNode) else None


class _Converter:
    """Engine terms to rdflib terms, each made once: making a typed literal is what costs."""

    def __init__(self) -> None:
        self._made: dict[Any, Any] = {}

    def graph(self, quads: Iterable[ox.Quad | ox.Triple]) -> rdflib.Graph:
        import rdflib

        graph = rdflib.Graph(bind_namespaces="none")
        add, term = graph.store.add, self._term
        for q in quads:
            add((term(q.subject), term(q.predicate), term(q.object)), graph)
        return graph

    def _term(self, term: Any) -> Any:
        made = self._made.get(term)
        if made is None:
            made = self._made[term] = self._new(term)
        return made

    @staticmethod
    def _new(term: Any) -> Any:
        import rdflib

        if isinstance(term, ox.NamedNode):
            return rdflib.URIRef(term.value)
        if isinstance(term, ox.BlankNode):
            return rdflib.BNode(term.value)
        if isinstance(term, ox.Literal):
            if term.language:
                return rdflib.Literal(term.value, lang=term.language)
            plain = term.datatype == XSD.string
            datatype = None if plain else rdflib.URIRef(term.datatype.value)
            return rdflib.Literal(term.value, datatype=datatype, normalize=False)
        raise KgError("quoted triples cannot be validated", exit_code=2)


def _back(graph: Any) -> tuple[ox.Triple, ...]:
    import rdflib

    def term(node: Any) -> Any:
        if isinstance(node, rdflib.URIRef):
            return ox.NamedNode(str(node))
        if isinstance(node, rdflib.BNode):
            return ox.BlankNode("b" + "".join(c for c in str(node) if c.isalnum()))
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)

    return tuple(ox.Triple(term(s), term(p), term(o)) for s, p, o in graph)


def _quicken() -> None:
    """Let pyshacl look up constraint parameters in a set: it compares with a list of them, a quarter of its time."""
    import pyshacl.shape
    from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP

    made = (frozenset(ALL_CONSTRAINT_PARAMETERS), CONSTRAINT_PARAMETERS_MAP)
    pyshacl.shape.CONSTRAINT_PARAMS = made  # type: ignore[attr-defined,unused-ignore]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from warning on standard error about each ill-typed literal: the shapes report them."""
    loggers = [logging.getLogger(name) for name in ("rdflib.term", "rdflib")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

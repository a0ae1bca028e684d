"""What validation finds: results and reports, for curators, as JSON and as a SHACL report in Turtle.

Light: neither rdflib nor pyshacl is imported. Written with the engine's serializer, which keeps lexical forms.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.namespaces import PREFIXES, RDF, SH, XSD, curie
from kg.results import serialize_triples

_IRI = re.compile(r"https?://[^\s<>\"(),;“”]+[^\s<>\"(),;“”.]")
SEVERITIES = ("Violation", "Warning", "Info")
Place = Callable[[str], tuple[Path | None, int | None]]
"""Tells file and line of an absolute IRI, `None` where they are not known (`kg.read.Source.place_of`)."""


@dataclass(frozen=True)
class Result:
    """One finding: where (`focus`, `path`: absolute IRIs or `_:` labels), what, how grave, and which shape says so.

    `severity` is one of `SEVERITIES`; `shape` the IRI of a shape or the name of a check file.
    """

    focus: str
    message: str
    severity: str = "Violation"
    path: str | None = None
    value: str | None = None
    shape: str | None = None
    constraint: str | None = None
    file: Path | None = None
    line: int | None = None

    @property
    def sort_key(self) -> tuple[int, str, str, str, str]:
        """Gravest first, then by place."""
        return SEVERITIES.index(self.severity), self.focus, self.path or "", self.message, self.value or ""

    def in_words(self) -> str:
        """Return one line for a curator: place, severity, thing, property, message, value.

        >>> Result(PREFIXES["id"] + "x", "needs a label", path=PREFIXES["rdfs"] + "label").in_words()
        'violation: id:x: rdfs:label: needs a label'
        """
        place = "" if self.file is None else f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        parts = [self.severity.lower(), curie(self.focus)]
        if self.path:
            parts.append(curie(self.path))
        parts.append(self.message)
        if (
            self.value is not None
            and self.value not in self.message
            and curie(self.value) not in self.message
        ):
            found = f"found {curie(self.value)}"
            if self.message.endswith("."):
                parts[-1] += f" F{found[1:]}{'' if found.endswith('.') else '.'}"
            else:
                parts.append(found)
        return place + _IRI.sub(lambda match: curie(match[0]), ": ".join(parts))


@dataclass(frozen=True)
class Report:
    """All findings, sorted. `conforms` follows the specification except that warnings alone do not break it."""

    results: tuple[Result, ...] = ()
    triples: tuple[ox.Triple, ...] = field(default=(), repr=False)
    """The SHACL report as triples, as pyshacl gave it; without the checks."""

    @cached_property
    def conforms(self) -> bool:
        """Whether there is no violation."""
        return not self.violations

    @property
    def violations(self) -> tuple[Result, ...]:
        """The results of severity Violation."""
        return tuple(r for r in self.results if r.severity == "Violation")

    @property
    def warnings(self) -> tuple[Result, ...]:
        """The results of severity Warning."""
        return tuple(r for r in self.results if r.severity == "Warning")

    def with_results(self, more: Iterable[Result]) -> Report:
        """Return a report that has further results as well."""
        return Report(tuple(sorted({*self.results, *more}, key=lambda r: r.sort_key)), self.triples)

    def with_places(self, place_of: Place) -> Report:
        """Return a report whose results name file and line where `place_of` knows them, of focus or else of value."""
        placed = []
        for result in self.results:
            path, line = place_of(result.focus)
            if line is None and result.value is not None:
                found, at = place_of(result.value)
                path, line = (found, at) if at is not None else (path, line)
            placed.append(replace(result, file=path, line=line) if path is not None else result)
        return Report(tuple(placed), self.triples)


def report_turtle(report: Report) -> bytes:
    """Return the SHACL validation report as Turtle, always the same bytes; results of checks are written likewise.

    `sh:conforms` is as the specification has it (3.6.1.1): false if there is any result, a warning as well.
    """
    triples = [t for t in report.triples if t.predicate != SH.conforms]
    known = {t.subject for t in triples if t.predicate == RDF.type and t.object == SH.ValidationReport}
    root = next(iter(known), ox.BlankNode("report"))
    if not known:
        triples.append(ox.Triple(root, RDF.type, SH.ValidationReport))
    conforms = ox.Literal("false" if report.results else "true", datatype=XSD.boolean)
    triples.append(ox.Triple(root, SH.conforms, conforms))
    for n, result in enumerate(r for r in report.results if r.constraint is None):
        triples += _as_shacl(root, ox.BlankNode(f"check{n}"), result)
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return serialize_triples(sorted((q.triple for q in dataset), key=str), "turtle", PREFIXES)


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as plain values for JSON: `conforms` and `results`, each with what it has."""
    rows = []
    for result in report.results:
        row = {k: v for k, v in vars(result).items() if v is not None}
        rows.append({**row, "file": str(result.file)} if result.file is not None else row)
    return {"conforms": report.conforms, "results": rows}


def _as_shacl(root: Any, node: ox.BlankNode, result: Result) -> Iterator[ox.Triple]:
    yield ox.Triple(root, SH.result, node)
    yield ox.Triple(node, RDF.type, SH.ValidationResult)
    yield ox.Triple(node, SH.resultSeverity, SH[result.severity])
    yield ox.Triple(node, SH.resultMessage, ox.Literal(result.message, language="en"))
    yield ox.Triple(node, SH.sourceConstraintComponent, SH.SPARQLConstraintComponent)
    with contextlib.suppress(ValueError):  # a check may give text where an IRI would be
        yield ox.Triple(node, SH.focusNode, ox.NamedNode(result.focus))
    if result.path:
        with contextlib.suppress(ValueError):
            yield ox.Triple(node, SH.resultPath, ox.NamedNode(result.path))

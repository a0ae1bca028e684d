"""Terms, solutions and graphs as plain values, and readers for every format that an answer may come in.

Nothing here is the engine's: SPARQL results are read by the readers below, graphs by rdflib, so that a fault of the
engine's writers or of ours cannot cancel itself out. Lexical forms are kept as they are.
"""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import rdflib

XSD = "http://www.w3.org/2001/XMLSchema#"
STRING = XSD + "string"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_SRX = "{http://www.w3.org/2005/sparql-results#}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RS = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")


@dataclass(frozen=True)
class Term:
    """An RDF term; `kind` is `iri`, `blank`, `literal`, or `text` for a value of CSV, which does not say."""

    kind: str
    value: str
    datatype: str = ""
    language: str = ""

    def __str__(self) -> str:
        if self.kind == "iri":
            return f"<{self.value}>"
        if self.kind == "blank":
            return f"_:{self.value}"
        tail = f"@{self.language}" if self.language else f"^^{self.datatype.replace(XSD, 'xsd:')}"
        is_plain = self.kind == "text" or self.datatype == STRING
        return json.dumps(self.value, ensure_ascii=False) + ("" if is_plain else tail)


Row = dict[str, Term]


@dataclass(frozen=True)
class Answer:
    """What a query returned: exactly one of `boolean`, `rows` (with `variables`) and `triples` is not `None`."""

    boolean: bool | None = None
    rows: list[Row] | None = None
    variables: tuple[str, ...] | None = None
    triples: list[Row] | None = None
    is_ordered: bool = False

    @property
    def form(self) -> str:
        return "boolean" if self.boolean is not None else "rows" if self.rows is not None else "graph"


def iri(value: str) -> Term:
    return Term("iri", value)


def blank(label: str) -> Term:
    return Term("blank", label)


def literal(value: str, datatype: str = "", language: str = "") -> Term:
    """Return a literal; RDF 1.1: without a datatype it is an xsd:string, and language tags have no case."""
    if language:
        return Term("literal", value, LANG_STRING, language.lower())
    return Term("literal", value, datatype or STRING)


def read(body: bytes, media_type: str, base: str = "") -> Answer:
    """Read an answer in a format of SPARQL results or RDF. Raises what the reader raises if it is malformed."""
    if media_type in _READERS:
        return _READERS[media_type](body)
    return read_graph(body, media_type, base)


def read_json(body: bytes) -> Answer:
    document = json.loads(body.decode("utf-8"))
    if "boolean" in document:
        return Answer(boolean=document["boolean"])
    rows = [{k: _json_term(v) for k, v in row.items()} for row in document["results"]["bindings"]]
    return Answer(rows=rows, variables=tuple(document["head"]["vars"]))


def _json_term(found: dict[str, Any]) -> Term:
    if found["type"] == "uri":
        return iri(found["value"])
    if found["type"] == "bnode":
        return blank(found["value"])
    assert found["type"] in ("literal", "typed-literal"), found
    return literal(found["value"], found.get("datatype", ""), found.get("xml:lang", ""))


def read_xml(body: bytes) -> Answer:
    root = ET.fromstring(body)
    assert root.tag == _SRX + "sparql", root.tag
    boolean = root.find(_SRX + "boolean")
    if boolean is not None:
        return Answer(boolean=(boolean.text or "").strip() == "true")
    variables = tuple(v.attrib["name"] for v in root.iterfind(f"{_SRX}head/{_SRX}variable"))
    rows = [
        {binding.attrib["name"]: _xml_term(binding[0]) for binding in result}
        for result in root.iterfind(f"{_SRX}results/{_SRX}result")
    ]
    return Answer(rows=rows, variables=variables)


def _xml_term(element: ET.Element) -> Term:
    text, tag = element.text or "", element.tag.removeprefix(_SRX)
    if tag == "uri":
        return iri(text.strip())
    if tag == "bnode":
        return blank(text.strip())
    assert tag == "literal", tag
    return literal(text, element.attrib.get("datatype", ""), element.attrib.get(_XML_LANG, ""))


def read_tsv(body: bytes) -> Answer:
    """Read TSV (SPARQL 1.1 Query Results CSV and TSV, section 4): terms as in Turtle, numbers may be bare."""
    lines = body.decode("utf-8").split("\n")
    assert lines[-1] == "", "the last line has no end"
    names = [name.removeprefix("?") for name in lines[0].split("\t")] if lines[0] else []
    rows = []
    for line in lines[1:-1]:
        cells = line.split("\t") if names else []
        assert len(cells) == len(names), line
        rows.append({name: _tsv_term(cell) for name, cell in zip(names, cells, strict=True) if cell})
    return Answer(rows=rows, variables=tuple(names))


_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^<>]*)>)?$')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_PLAIN = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_NUMBERS = (
    (re.compile(r"[+-]?\d+$"), "integer"),
    (re.compile(r"[+-]?\d*\.\d+$"), "decimal"),
    (re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+$"), "double"),
    (re.compile(r"true$|false$"), "boolean"),
)


def _tsv_term(cell: str) -> Term:
    if cell.startswith("<"):
        return iri(_unescape(cell[1:-1]))
    if cell.startswith("_:"):
        return blank(cell[2:])
    found = _LITERAL.match(cell)
    if found:
        return literal(_unescape(found[1]), found[3] or "", found[2] or "")
    for pattern, datatype in _NUMBERS:
        if pattern.match(cell):
            return literal(cell, XSD + datatype)
    raise ValueError(f"no term: {cell!r}")


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _PLAIN.get(m[3], m[3]), text)


def read_csv(body: bytes) -> Answer:
    """Read CSV: values only; those of blank nodes keep their labels, an empty cell is not bound or an empty text."""
    found = list(csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))
    names = found[0] if found else []
    lines = [line or [""] * len(names[:1]) for line in found[1:]]  # the reader's word for an empty line is []
    rows = [
        {
            n: blank(v[2:]) if v.startswith("_:") else Term("text", v)
            for n, v in zip(names, r, strict=True)
            if v
        }
        for r in lines
    ]
    return Answer(rows=rows, variables=tuple(names))


def as_csv(answer: Answer) -> Answer:
    """Return rows with what CSV leaves of their terms."""

    def cell(term: Term) -> Term:
        return term if term.kind == "blank" else Term("text", term.value)

    rows = [{n: cell(t) for n, t in row.items() if t.value} for row in answer.rows or ()]
    return Answer(rows=rows, variables=answer.variables)


def read_graph(body: bytes, media_type: str, base: str = "") -> Answer:
    """Read an RDF graph, by rdflib."""
    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph()
    graph.parse(data=body, format=media_type, publicID=base or None)
    return Answer(triples=triples_of(graph))


def triples_of(graph: Iterable[tuple[Any, Any, Any]]) -> list[Row]:
    """Return the triples of an rdflib graph as rows of three terms."""
    return [{"s": term_of(s), "p": term_of(p), "o": term_of(o)} for s, p, o in graph]


def term_of(node: Any) -> Term:
    """Return an rdflib term as one of ours."""
    if isinstance(node, rdflib.URIRef):
        return iri(str(node))
    if isinstance(node, rdflib.BNode):
        return blank(str(node))
    return literal(str(node), str(node.datatype or ""), node.language or "")


def read_result_set(body: bytes, media_type: str, base: str) -> Answer | None:
    """Read solutions or a boolean in the result-set vocabulary of the old suites; `None` if the graph has none."""
    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph()
    graph.parse(data=body, format=media_type, publicID=base)
    top = graph.value(None, rdflib.RDF.type, RS.ResultSet)
    if top is None:
        return None
    boolean = graph.value(top, RS.boolean)
    if boolean is not None:
        return Answer(boolean=str(boolean).strip() == "true")
    variables = tuple(str(v) for v in graph.objects(top, RS.resultVariable))
    indexed: list[tuple[int, Row]] = []
    for solution in graph.objects(top, RS.solution):
        row = {
            str(graph.value(b, RS.variable)): term_of(graph.value(b, RS.value))
            for b in graph.objects(solution, RS.binding)
        }
        position = graph.value(solution, RS.index)
        indexed.append((int(str(position)) if position is not None else 0, row))
    is_ordered = any(position for position, _ in indexed)
    indexed.sort(key=lambda pair: pair[0])
    return Answer(rows=[row for _, row in indexed], variables=variables, is_ordered=is_ordered)


_READERS = {
    "application/sparql-results+json": read_json,
    "application/sparql-results+xml": read_xml,
    "text/tab-separated-values": read_tsv,
    "text/csv": read_csv,
}

"""Answers as text: rows as JSON, XML, CSV or TSV, triples in any RDF syntax, each cut off at a limit.

Written here and not by the engine, because an answer must stop at a number of rows and bytes and still be well formed,
and because the engine's XML writer lets through what no XML parser accepts (U+0001) and loses a carriage return.
Light: a query worker imports this and little else.

Specifications: SPARQL 1.1 Query Results JSON, XML, CSV and TSV; triple terms as in the drafts of SPARQL 1.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.errors import QueryTooLarge
from kg.rdfxml import NOT_XML, sorted_namespaces, well_formed

XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING = XSD + "string"
# What parsers of XML would rewrite.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\t": "&#9;", "\n": "&#10;"}
_TO_ESCAPE = re.compile('[&<>"\r\t\n]')
_quoted = json.encoder.encode_basestring
"""A text as JSON, characters beyond ASCII as they are; in C where Python has it so."""
_CSV_QUOTED = re.compile('[",\r\n]')
_BARE_TSV = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
}

Row = Sequence[Any]
"""The terms of one solution in the order of the variables, `None` where unbound."""


@dataclass(frozen=True)
class Written:
    """An answer as bytes (UTF-8), how many rows or triples it holds, and whether there would have been more."""

    body: bytes
    rows: int
    truncated: bool


def write_boolean(value: bool, form: str) -> Written:
    """Write the answer of an ASK as `json` or `xml`.

    >>> write_boolean(True, "json").body
    b'{"head":{},"boolean":true}\\n'
    """
    word = "true" if value else "false"
    if form == "xml":
        return Written(f"{_XML_HEAD}<head/><boolean>{word}</boolean></sparql>\n".encode(), 1, False)
    return Written(f'{{"head":{{}},"boolean":{word}}}\n'.encode(), 1, False)


def write_rows(
    variables: Sequence[str], rows: Iterable[Row], form: str, max_rows: int, max_bytes: int, notice: str = ""
) -> Written:
    """Write solutions as `json`, `xml`, `csv` or `tsv`, as far as the limits allow.

    `notice` is an address that tells of these limits: an answer that is cut off links to it, where the format has a
    place for that (`link` in JSON and XML). Raises `QueryTooLarge` if not even one row fits.

    >>> print(write_rows(["x"], [[ox.Literal("a\\tb")]], "tsv", 10, 1000).body.decode(), end="")
    ?x
    "a\\tb"
    """
    head, line, tail, between = _WRITERS[form](variables, "")
    parts = [head.encode()]
    size = len(parts[0]) + len(tail.encode())
    count, truncated = 0, False
    for row in rows:
        text = ((between if count else "") + line(row)).encode("utf-8", "surrogatepass")
        if count >= max_rows or size + len(text) > max_bytes:
            _check_some(count, max_bytes)
            truncated = True
            parts[0] = _WRITERS[form](variables, notice)[0].encode()
            break
        parts.append(text)
        size += len(text)
        count += 1
    return Written(b"".join([*parts, tail.encode()]), count, truncated)


def write_triples(
    triples: Iterable[ox.Triple],
    form: str,
    max_rows: int,
    max_bytes: int,
    prefixes: Mapping[str, str] | None = None,
    *,
    in_order: bool = False,
) -> Written:
    """Write distinct triples in an RDF syntax (`turtle`, `trig`, `nt`, `nq`, `jsonld`, `rdfxml`), sorted.

    They keep their order if it is said to mean something (`in_order`).

    Limited is the size as N-Triples, which the other syntaxes undercut or exceed by little. Raises `NotRepresentable`
    for triples that the syntax cannot hold (RDF/XML cannot name every predicate), `QueryTooLarge` if not one fits.
    """
    found: dict[ox.Triple, str] = {}
    size, truncated = 0, False
    for triple in triples:
        if triple in found:
            continue
        text = str(triple)
        size += len(text) + 3
        if len(found) >= max_rows or size > max_bytes:
            _check_some(len(found), max_bytes)
            truncated = True
            break
        found[triple] = text
    ordered = list(found) if in_order else sorted(found, key=found.__getitem__)
    return Written(serialize_triples(ordered, form, prefixes or {}), len(ordered), truncated)


def _check_some(count: int, max_bytes: int) -> None:
    """Refuse an answer that would be empty for its size alone: it would look like one that has no rows."""
    if not count:
        raise QueryTooLarge(
            f"the first row alone is larger than the {max_bytes} bytes that one answer may have"
        )


def serialize_triples(triples: Sequence[ox.Triple], form: str, prefixes: Mapping[str, str]) -> bytes:
    """Write triples in their order; of the prefixes those that are used, in theirs.

    Raises `NotRepresentable` as above.
    """
    if form == "jsonld":
        from kg.results_jsonld import serialize_graph

        return serialize_graph(triples, prefixes)
    if form in ("nt", "nq"):
        return ox.serialize(triples, format=_RDF[form]) or b""
    used = _used(map(str, triples), prefixes)
    body = ox.serialize(triples, format=_RDF[form], prefixes=used) or b""
    return well_formed(sorted_namespaces(body)) if form == "rdfxml" else _sorted_prefixes(body)


def _sorted_prefixes(body: bytes) -> bytes:
    """Put the `@prefix` lines in order: the engine writes them in another one each time."""
    lines = body.splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if not line.startswith(b"@prefix ")), len(lines))
    return b"".join([*sorted(lines[:count]), *lines[count:]])


_RDF = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def _used(lines: Iterable[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    text = "\n".join(lines)
    return {prefix: base for prefix, base in prefixes.items() if f"<{base}" in text}


Writer = tuple[str, Callable[[Row], str], str, str]
"""What comes first, how to write a row, what comes last, and what stands between two rows."""


def _json(variables: Sequence[str], link: str) -> Writer:
    names = [f"{_quoted(name)}:" for name in variables]

    def line(row: Row) -> str:
        bound = (n + _json_term(t) for n, t in zip(names, row, strict=True) if t is not None)
        return "{" + ",".join(bound) + "}"

    told = {"vars": list(variables), **({"link": [link]} if link else {})}
    head = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return f'{{"head":{head},"results":{{"bindings":[\n', line, "\n]}}\n", ",\n"


def _json_term(term: Any) -> str:
    if isinstance(term, ox.NamedNode):
        return f'{{"type":"uri","value":{_quoted(term.value)}}}'
    if isinstance(term, ox.Literal):
        more = ""
        if language := term.language:
            more = f',"xml:lang":{_quoted(language)}'
            if getattr(term, "direction", None):
                more += f',"its:dir":{_quoted(_direction(term))}'
        elif (datatype := term.datatype.value) != _STRING:
            more = f',"datatype":{_quoted(datatype)}'
        return f'{{"type":"literal","value":{_quoted(term.value)}{more}}}'
    if isinstance(term, ox.BlankNode):
        return f'{{"type":"bnode","value":{_quoted(term.value)}}}'
    parts = (f'"{name}":{_json_term(getattr(term, name))}' for name in ("subject", "predicate", "object"))
    return f'{{"type":"triple","value":{{{",".join(parts)}}}}}'


def _direction(term: Any) -> str:
    return str(getattr(term.direction, "value", term.direction)).lower()


_XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">'


def _xml(variables: Sequence[str], link: str) -> Writer:
    names = [_xml_text(name) for name in variables]

    def line(row: Row) -> str:
        bound = (
            f'<binding name="{name}">{_xml_term(term)}</binding>'
            for name, term in zip(names, row, strict=True)
            if term is not None
        )
        return f"<result>{''.join(bound)}</result>\n"

    head = "".join(f'<variable name="{name}"/>' for name in names)
    head += f'<link href="{_xml_text(link)}"/>' if link else ""
    return f"{_XML_HEAD}<head>{head}</head><results>\n", line, "</results></sparql>\n", ""


def _xml_text(text: str) -> str:
    return _TO_ESCAPE.sub(lambda m: _ESCAPES[m[0]], NOT_XML.sub("\ufffd", text))


def _xml_term(term: Any) -> str:
    if isinstance(term, ox.NamedNode):
        return f"<uri>{_xml_text(term.value)}</uri>"
    if isinstance(term, ox.BlankNode):
        return f"<bnode>{_xml_text(term.value)}</bnode>"
    if isinstance(term, ox.Triple):
        parts = "".join(
            f"<{n}>{_xml_term(getattr(term, n))}</{n}>" for n in ("subject", "predicate", "object")
        )
        return f"<triple>{parts}</triple>"
    attribute = ""
    if term.language:
        attribute = f' xml:lang="{_xml_text(term.language)}"'
    elif term.datatype.value != _STRING:
        attribute = f' datatype="{_xml_text(term.datatype.value)}"'
    return f"<literal{attribute}>{_xml_text(term.value)}</literal>"


def _csv(variables: Sequence[str], _link: str) -> Writer:
    def line(row: Row) -> str:
        return ",".join(_csv_field(_csv_value(term)) for term in row) + "\r\n"

    return ",".join(map(_csv_field, variables)) + "\r\n", line, "", ""


def _csv_value(term: Any) -> str:
    if term is None:
        return ""
    return str(term) if isinstance(term, (ox.BlankNode, ox.Triple)) else str(term.value)


def _csv_field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _CSV_QUOTED.search(text) else text


def _tsv(variables: Sequence[str], _link: str) -> Writer:
    def line(row: Row) -> str:
        return "\t".join(map(_tsv_term, row)) + "\n"

    return "\t".join(f"?{name}" for name in variables) + "\n", line, "", ""


def _tsv_term(term: Any) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Literal) and not term.language:
        bare = _BARE_TSV.get(term.datatype.value)
        if bare is not None and bare.fullmatch(term.value):
            return term.value
    return str(term)


_WRITERS: dict[str, Callable[[Sequence[str], str], Writer]] = {
    "json": _json,
    "xml": _xml,
    "csv": _csv,
    "tsv": _tsv,
}

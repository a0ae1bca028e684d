"""The one way in which RDF terms enter query text, and the one way in which a person's text becomes a term.

Nothing else in the project puts a value into SPARQL. `bind` replaces the `VALUES ?name { ... }` blocks that every
stored query has, and writes terms with the engine's own serializer; so a stored query runs as it stands, with its
defaults, in any client, and a bound one holds nothing but terms where its blocks were. It works on text, hence for the
embedded engine and for a remote store alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pyoxigraph import Literal, NamedNode

from kg.errors import ParameterError, QueryError
from kg.namespaces import PREFIXES, XSD, curie

Term = NamedNode | Literal
"""What may stand in a VALUES block: no blank nodes, which would be variables there."""

Bindings = Mapping[str, Term | Iterable[Term | None] | None]

# The tokens of SPARQL 1.1 (section 19.8) as far as they matter for finding braces that are braces: strings, IRIs,
# prefixed names with their escapes (`claim:x\#v1`) and comments can hold any of `{ } # " '`.
_TOKEN = re.compile(
    r'''(?P<string>"""(?:"{0,2}(?:[^"\\]|\\.))*"""|\'\'\'(?:'{0,2}(?:[^'\\]|\\.))*\'\'\'
                  |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
      |(?P<comment>\#[^\n\r]*)
      |(?P<variable>[?$]\w+)
      |(?P<name>[^\W\d_][\w.\-]*(?::(?:[\w.:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)?
               |_?:(?:[\w.:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
      |(?P<space>\s+)
      |(?P<other>.)''',
    re.VERBOSE | re.DOTALL,
)
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_PLAIN_NAME = re.compile(r"[a-z]+:[A-Za-z_][\w-]*", re.ASCII)
_IRIREF = re.compile(r'<[^<>"{}|^`\\\x00-\x20]+>')


@dataclass(frozen=True)
class ValuesBlock:
    """A `VALUES ?variable { body }` block of one variable: its name without `?` and its place in the text."""

    variable: str
    start: int
    end: int
    body: str


@lru_cache(maxsize=512)
def values_blocks(query: str) -> tuple[ValuesBlock, ...]:
    """Find the VALUES blocks of one variable, in the order of the text; those of several variables are left out.

    Raises `QueryError` for a block that does not end.

    >>> [(b.variable, b.body) for b in values_blocks('SELECT * { VALUES ?x { "}" 1 } # VALUES ?y { 2 }')]
    [('x', '"}" 1')]
    """
    return tuple(_values_blocks(query))


def _values_blocks(query: str) -> Iterator[ValuesBlock]:
    tokens = [m for m in _TOKEN.finditer(query) if m.lastgroup not in ("space", "comment")]
    for i, token in enumerate(tokens):
        if token.lastgroup != "name" or token[0].upper() != "VALUES" or i + 2 >= len(tokens):
            continue
        variable, brace = tokens[i + 1], tokens[i + 2]
        if variable.lastgroup != "variable" or brace[0] != "{":
            continue
        close = next((t for t in tokens[i + 3 :] if t[0] == "}"), None)
        if close is None:
            raise QueryError(f"the VALUES block of {variable[0]} has no end", *_place(query, token.start()))
        body = query[brace.end() : close.start()].strip()
        yield ValuesBlock(variable[0][1:], token.start(), close.end(), body)


def prefixes_used(query: str) -> set[str]:
    """Return the prefixes of the prefixed names in a query; strings, IRIs and comments hold none.

    >>> sorted(prefixes_used("PREFIX a: <http://example.org/> SELECT * { ?s a b:c ; d:e 'f:g' } # h:i"))
    ['a', 'b', 'd']
    """
    names = (token[0] for token in _TOKEN.finditer(query) if token.lastgroup == "name")
    return {name.partition(":")[0] for name in names if ":" in name and not name.startswith("_:")}


def serialize_term(term: Term | None) -> str:
    """Write a term as SPARQL does; `None` becomes `UNDEF`. Raises `TypeError` for what is no IRI or literal.

    >>> serialize_term(Literal('a "quoted" } line\\n', language="en"))
    '"a \\\\"quoted\\\\" } line\\\\n"@en'
    """
    if term is None:
        return "UNDEF"
    if not isinstance(term, (NamedNode, Literal)):
        raise TypeError(f"only IRIs and literals can be bound, not {term!r}")
    text = str(term)
    if isinstance(term, NamedNode) and _IRIREF.fullmatch(text) is None:
        raise TypeError(f"not an IRI that can be written: {text!r}")
    return text


def abbreviate_term(iri: NamedNode) -> str:
    """Write an IRI as SPARQL does, for a query that is to be read: by a prefix of the project if no escape is needed.

    >>> abbreviate_term(NamedNode("https://w3id.org/scrutiny-graph/ontology#Finding"))
    'sg:Finding'
    >>> abbreviate_term(NamedNode("https://w3id.org/scrutiny-graph/ontology#a.b"))
    '<https://w3id.org/scrutiny-graph/ontology#a.b>'
    """
    short = curie(iri)
    return short if _PLAIN_NAME.fullmatch(short) else serialize_term(iri)


def bind(query: str, bindings: Bindings) -> str:
    """Return `query` with every VALUES block of the given variables holding the given terms.

    Keys are variable names without `?`; a value is a term, several terms, or `None` for UNDEF (any value). All blocks
    of a variable are replaced: one in each UNION branch is usual, since a branch does not see what is bound outside it.
    An empty list gives a block that nothing matches. Raises `QueryError` if a variable has no block.

    >>> bind('SELECT * { VALUES ?x { 1 } ?x ?p ?o }', {"x": NamedNode("http://example.org/a")})
    'SELECT * { VALUES ?x { <http://example.org/a> } ?x ?p ?o }'
    """
    written: dict[str, str] = {}
    for name, value in bindings.items():
        if _VARIABLE.fullmatch(name) is None:
            raise QueryError(f"{name!r} is not the name of a variable")
        terms = [value] if value is None or isinstance(value, (NamedNode, Literal)) else list(value)
        written[name] = " ".join(serialize_term(term) for term in terms)
    parts: list[str] = []
    end = 0
    found: set[str] = set()
    for block in values_blocks(query):
        if block.variable not in written:
            continue
        found.add(block.variable)
        parts += [query[end : block.start], f"VALUES ?{block.variable} {{ {written[block.variable]} }}"]
        end = block.end
    for name in written:
        if name not in found:
            raise QueryError(f"the query has no block VALUES ?{name} {{ ... }}")
    return "".join([*parts, query[end:]])


def _place(text: str, offset: int) -> tuple[int, int]:
    line = text.count("\n", 0, offset) + 1
    return line, offset - text.rfind("\n", 0, offset)


_LITERALS: dict[str, tuple[re.Pattern[str], str]] = {
    "integer": (re.compile(r"[+-]?\d+"), "a whole number such as 4"),
    "nonNegativeInteger": (re.compile(r"\+?\d+"), "a whole number from 0"),
    "decimal": (re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)"), "a number such as 12.5"),
    "double": (re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"), "a number such as 12.5"),
    "gYear": (re.compile(r"\d{4}"), "a year such as 2014"),
    "gYearMonth": (re.compile(r"\d{4}-(0[1-9]|1[0-2])"), "a month such as 2014-06"),
}
_YES = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_literal(text: str, datatype: NamedNode, field: str) -> Literal:
    """Turn a person's text into a literal of `datatype`; `field` is named in the error. Raises `ParameterError`.

    Surrounding spaces do not count, except in strings. A day is written as ISO 8601 has it, and must exist.

    >>> parse_literal("2014-06-01", XSD.date, "day")
    <Literal value=2014-06-01 datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#date>>
    >>> parse_literal("1 June", XSD.date, "day")
    Traceback (most recent call last):
    kg.errors.ParameterError: day: '1 June' is not a day; expected a date such as 2014-06-01
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParameterError(field, text, "is not valid Unicode", "text in UTF-8") from None
    name = datatype.value.removeprefix(PREFIXES["xsd"])
    if name in ("string", "anyURI") or datatype not in XSD:
        return Literal(text) if name == "string" else Literal(text.strip(), datatype=datatype)
    value = text.strip()
    if name == "date":
        if _DAY.fullmatch(value) is None:
            raise ParameterError(field, text, "is not a day", "a date such as 2014-06-01")
        try:
            date.fromisoformat(value)
        except ValueError:
            raise ParameterError(field, text, "does not exist", "a date such as 2014-06-01") from None
        return Literal(value, datatype=XSD.date)
    if name == "boolean":
        if value.lower() not in _YES:
            raise ParameterError(field, text, "is neither yes nor no", "true or false")
        return Literal(_YES[value.lower()], datatype=XSD.boolean)
    if name in _LITERALS:
        pattern, allowed = _LITERALS[name]
        if pattern.fullmatch(value) is None or not value.isascii():
            raise ParameterError(field, text, "does not fit", allowed)
        return Literal(value, datatype=datatype)
    raise ParameterError(field, text, f"is of the type {curie(datatype)}", "a type that this tool can read")


def parse_iri(text: str) -> NamedNode | None:
    """Read an absolute IRI, bare or in angle brackets, or a CURIE with a known prefix; `None` if it is neither.

    >>> parse_iri("id:ofsted")
    <NamedNode value=https://w3id.org/scrutiny-graph/id/ofsted>
    >>> parse_iri("Julian Wooster"), parse_iri("Note: unknown")
    (None, None)
    """
    value = text.strip()
    bare = value[1:-1] if value.startswith("<") and value.endswith(">") else value
    prefix, colon, local = bare.partition(":")
    if not colon or re.search(r"\s", bare):
        return None
    if bare is value and prefix in PREFIXES and not local.startswith("//"):
        bare = PREFIXES[prefix] + local
    elif not local.startswith("//") and prefix.lower() not in ("urn", "tag", "mailto", "doi", "info"):
        return None
    try:
        return NamedNode(bare)
    except ValueError:
        return None

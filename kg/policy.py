"""What a stranger's query may contain, decided on its tokens: no SERVICE, no update, no more text than the limit.

The engine has no switch for SERVICE and makes the call while planning, so the word has to be found first. A pattern
over the raw text would refuse strings and comments that merely mention it; a textbook tokenizer would miss some of
what this engine accepts, because its parser has no tokens of its own:

- keywords need no boundary: `trueSERVICE<http://…>{…}` and `SERVICEex:a{…}` are calls;
- in an expression `<` may be tried as an operator although the text up to the next `>` looks like an IRI
  (`FILTER(?a<'x>')SERVICE …`), so both readings are followed;
- an escape (`\\u0041`) is allowed inside an IRI, and a carriage return ends a comment.

`tests/test_workers.py` holds these cases against the engine itself. Workers also lose the network where the system
allows it: two fences, each enough alone. Pure, and light: imports neither the engine nor rdflib.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urljoin

from kg.errors import QueryRefused, QueryTooLarge

MAX_TEXT_BYTES = 256 * 1024
"""More than any test of the W3C suites needs; parsing 10 MB of VALUES takes seconds."""

UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<comment>\#[^\r\n]*)
  | (?P<iri><[^<>"{}|^`\x00-\x20]*>)
  | (?P<string>'''(?:'{0,2}(?:[^'\\]|\\.))*''' | \"\"\"(?:"{0,2}(?:[^"\\]|\\.))*\"\"\"
              | '(?:[^'\\\r\n]|\\.)*' | "(?:[^"\\\r\n]|\\.)*")
  | (?P<var>[?$][\w\u00b7\u203f\u2040]+)
  | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--(?:ltr|rtl))?)
  | (?P<blank>_:[\w](?:[\w.\-\u00b7\u203f\u2040]*[\w\-\u00b7])?)
  | (?P<pname>(?:[^\W\d_][\w.\-\u00b7\u203f\u2040]*)?:
              (?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)
                 (?:(?:[\w:.\-\u00b7\u203f\u2040]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w:\-\u00b7]|%[0-9A-Fa-f]{2}|\\.))?)?)
  | (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)? | \.\d+(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_TRIVIA = ("space", "comment")
_OPERANDS = frozenset({"iri", "string", "var", "lang", "pname", "number", "word"})
_SERVICE_WORD = re.compile(r"service(?:silent)?$", re.IGNORECASE)
_UCHAR = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@dataclass(frozen=True)
class Token:
    """A token of a query: `kind` is a group of the pattern above, `start` an offset from 0."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True)
class Dataset:
    """The FROM and FROM NAMED clauses of a query, as absolute IRIs in the order of the text."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def tokens(text: str) -> list[Token]:
    """Split a query into tokens, white space and comments left out. Never fails: an odd character is a mark.

    >>> [t.text for t in tokens("ASK { ?s service:x 'SERVICE' } # SERVICE")]
    ['ASK', '{', '?s', 'service:x', "'SERVICE'", '}']
    """
    found = (Token(m.lastgroup or "mark", m.group(), m.start()) for m in _TOKEN.finditer(text))
    return [token for token in found if token.kind not in _TRIVIA]


def check_query(text: str, max_bytes: int = MAX_TEXT_BYTES, *, allow_service: bool = False) -> None:
    """Raise `QueryTooLarge` or `QueryRefused` for a text that must not reach the engine; syntax is not checked.

    >>> check_query("SELECT ?service { ?service service:x 'SERVICE' }")
    >>> check_query("SELECT * { Service SILENT ?x { ?s ?p ?o } }")
    Traceback (most recent call last):
    kg.errors.QueryRefused: line 1, column 12: SERVICE is refused: a query here cannot call another endpoint
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise QueryTooLarge(f"the query has {size} bytes; at most {max_bytes} are allowed")
    first = _first_keyword(text)
    if first is not None and first.text.upper() in UPDATES:
        raise QueryRefused(f"{_place(text, first.start)}{first.text.upper()} is refused: {_READ_ONLY}")
    found = None if allow_service else _find_service(text)
    if found is not None:
        raise QueryRefused(
            f"{_place(text, found)}SERVICE is refused: a query here cannot call another endpoint"
        )


_READ_ONLY = "this endpoint answers queries and takes no updates"


def select_order(text: str, variables: Sequence[str]) -> list[str]:
    """Return the variables of an answer in the order in which a person expects them.

    Those of `SELECT *` come from the engine in the order of the alphabet: they are put as they occur in the text.

    >>> select_order("SELECT * { ?who sg:start ?date }", ["date", "who"])
    ['who', 'date']
    """
    rest = prologue(text)[2]
    head = [token.text.upper() for token in rest[:3]]
    if not (head[:2] == ["SELECT", "*"] or (head[2:] == ["*"] and head[1] in ("DISTINCT", "REDUCED"))):
        return list(variables)
    place: dict[str, int] = {}
    for token in rest:
        if token.kind == "var":
            place.setdefault(token.text[1:], len(place))
    return sorted(variables, key=lambda name: (place.get(name, len(place)), name))


def prologue(text: str, base_iri: str | None = None) -> tuple[str | None, dict[str, str], list[Token]]:
    """Return the base IRI, the declared prefixes (absolute IRIs) and the tokens after the prologue.

    >>> prologue("PREFIX x: <y#> ASK { }", "http://a/b")[:2]
    ('http://a/b', {'x': 'http://a/y#'})
    """
    base, prefixes, rest = base_iri, {}, tokens(text)
    while len(rest) >= 2 and rest[0].kind == "word":
        keyword = rest[0].text.upper()
        if keyword == "BASE" and rest[1].kind == "iri":
            base, rest = _resolve(rest[1].text, base), rest[2:]
        elif keyword == "PREFIX" and len(rest) >= 3 and rest[1].kind == "pname" and rest[2].kind == "iri":
            prefixes[rest[1].text.partition(":")[0]] = _resolve(rest[2].text, base)
            rest = rest[3:]
        elif keyword == "VERSION" and rest[1].kind == "string":
            rest = rest[2:]
        else:
            break
    return base, prefixes, rest


def function_iris(
    text: str, base_iri: str | None = None, prefixes: Mapping[str, str] | None = None
) -> frozenset[str]:
    """Return the absolute IRIs that a query calls as functions: those followed by a bracket.

    >>> sorted(function_iris("PREFIX f: <urn:f:> SELECT (f:a(1) AS ?x) (<urn:g>(?x) AS ?y) { }"))
    ['urn:f:a', 'urn:g']
    """
    base, declared, rest = prologue(text, base_iri)
    known = {**(prefixes or {}), **declared}
    called = (a for a, b in pairwise(rest) if b.text == "(")
    return frozenset(iri for token in called if (iri := _iri_of(token, base, known)) is not None)


def dataset_clauses(
    text: str, base_iri: str | None = None, prefixes: Mapping[str, str] | None = None
) -> Dataset:
    """Return the graphs that FROM and FROM NAMED name.

    >>> dataset_clauses("SELECT * FROM <urn:a> FROM NAMED <urn:b> { }")
    Dataset(default=('urn:a',), named=('urn:b',))
    """
    base, declared, rest = prologue(text, base_iri)
    known = {**(prefixes or {}), **declared}
    default: list[str] = []
    named: list[str] = []
    for index, token in enumerate(rest):
        if token.kind == "mark" and token.text == "{" and default + named:
            break  # dataset clauses stand before the first pattern, or after a CONSTRUCT template
        if token.kind != "word" or token.text.upper() != "FROM":
            continue
        following = rest[index + 1 : index + 3]
        is_named = bool(following) and following[0].text.upper() == "NAMED"
        for part in following[is_named : is_named + 1]:
            iri = _iri_of(part, base, known)
            if iri is not None:
                (named if is_named else default).append(iri)
    return Dataset(tuple(default), tuple(named))


def _resolve(iri_token: str, base: str | None) -> str:
    text = _UCHAR.sub(lambda m: chr(int(m[1] or m[2], 16) % 0x110000), iri_token[1:-1])
    if not base or re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", text):
        return text
    return urljoin(base, text) + ("#" if text.endswith("#") else "")  # urljoin drops an empty fragment


def _iri_of(token: Token, base: str | None, prefixes: Mapping[str, str]) -> str | None:
    if token.kind == "iri":
        return _resolve(token.text, base)
    if token.kind == "pname":
        prefix, _, local = token.text.partition(":")
        if prefix in prefixes:
            return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
    return None


def _first_keyword(text: str) -> Token | None:
    rest = prologue(text)[2]
    return rest[0] if rest and rest[0].kind == "word" else None


def _place(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - (text.rfind(chr(10), 0, offset) + 1) + 1}: "


def _find_service(text: str) -> int | None:
    """Return the offset of a SERVICE clause in any reading of the text, `None` where there is none."""
    if "service" not in text.lower():
        return None
    seen: set[int] = set()
    branches = [(0, False)]
    while branches:
        start, strict = branches.pop(0)
        before, operand = "", False
        for match in _TOKEN.finditer(text, start):
            if strict and match.start() in seen:
                break  # from here on it is a reading that was followed already
            seen.add(match.start())
            kind, value = match.lastgroup or "mark", match.group()
            if kind in _TRIVIA:
                continue
            if kind == "iri" and operand:
                branches.append((match.start() + 1, True))
            if kind == "word" and _SERVICE_WORD.search(value):
                if not strict or _calls(text, match.end()):
                    return match.start()
            elif (
                kind == "pname"
                and "service" in value.partition(":")[0].lower()
                and before.upper() != "GRAPH"
                and _next_text(text, match.end()) == "{"
            ):
                return match.start()
            operand = kind in _OPERANDS or value in {")", "]"}
            before = value
    return None


def _upcoming(text: str, start: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start):
        if match.lastgroup not in _TRIVIA:
            yield Token(match.lastgroup or "mark", match.group(), match.start())


def _next_text(text: str, start: int) -> str:
    return next((token.text for token in _upcoming(text, start)), "")


def _calls(text: str, start: int) -> bool:
    """Tell whether what follows a word SERVICE makes it a clause: an optional SILENT, a term, a brace."""
    upcoming = _upcoming(text, start)
    token = next(upcoming, None)
    if token is not None and token.kind == "word" and token.text.upper() == "SILENT":
        token = next(upcoming, None)
    if token is None or token.kind not in {"var", "iri", "pname"}:
        return False
    following = next(upcoming, None)
    return following is not None and following.text == "{"

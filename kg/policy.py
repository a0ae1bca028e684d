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
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from kg.errors import QueryRefused, QueryTooLarge
from kg.query_tokens import Token, Tokenizer, iri_of, prologue, read_prologue, tokens

__all__ = [
    "Dataset",
    "Token",
    "check_query",
    "check_size",
    "dataset_clauses",
    "form_of",
    "function_iris",
    "prologue",
    "select_order",
    "tokens",
]

MAX_TEXT_BYTES = 256 * 1024
"""More than any test of the W3C suites needs; parsing 10 MB of VALUES takes seconds."""

UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})
FORMS = frozenset({"select", "ask", "construct", "describe"})

_TRIVIA = ("space", "comment")
_OPERANDS = frozenset({"iri", "string", "var", "lang", "pname", "number", "word"})
_SERVICE_WORD = re.compile(r"service(?:silent)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Dataset:
    """The FROM and FROM NAMED clauses of a query, as absolute IRIs in the order of the text."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def check_query(text: str, max_bytes: int = MAX_TEXT_BYTES, *, allow_service: bool = False) -> str:
    """Return the form of a query, as `form_of`; syntax is not checked.

    Raises `QueryTooLarge` or `QueryRefused` for a text that must not reach the engine.

    >>> check_query("SELECT ?service { ?service service:x 'SERVICE' }")
    'select'
    >>> check_query("SELECT * { Service SILENT ?x { ?s ?p ?o } }")
    Traceback (most recent call last):
    kg.errors.QueryRefused: line 1, column 12: SERVICE is refused: a query here cannot call another endpoint
    """
    check_size(text, max_bytes)
    first = _first_keyword(text)
    if first is not None and first.text.upper() in UPDATES:
        raise QueryRefused(f"{_place(text, first.start)}{first.text.upper()} is refused: {_READ_ONLY}")
    found = None if allow_service else _find_service(text)
    if found is not None:
        raise QueryRefused(
            f"{_place(text, found)}SERVICE is refused: a query here cannot call another endpoint"
        )
    return _form(first)


def check_size(text: str, max_bytes: int = MAX_TEXT_BYTES) -> None:
    """Raise `QueryTooLarge` for a text of more bytes than are allowed, and look no further into it."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise QueryTooLarge(f"the query has {size} bytes; at most {max_bytes} are allowed")


def form_of(text: str) -> str:
    """Return the form of a query: `select`, `ask`, `construct`, `describe`; the empty text if none is found.

    >>> form_of("PREFIX select: <urn:ask> Construct { } {}")
    'construct'
    """
    return _form(_first_keyword(text))


def _form(first: Token | None) -> str:
    form = first.text.lower() if first is not None else ""
    return form if form in FORMS else ""


_READ_ONLY = "this endpoint answers queries and takes no updates"


def select_order(text: str, variables: Sequence[str]) -> list[str]:
    """Return the variables of an answer in the order in which a person expects them.

    Those of `SELECT *` come from the engine in the order of the alphabet: they are put as they occur in the text.

    >>> select_order("SELECT * { ?who sg:start ?date }", ["date", "who"])
    ['who', 'date']
    """
    if "*" not in text:
        return list(variables)
    tokenizer = Tokenizer(text)
    rest = tokenizer.read(read_prologue(text, tokenizer=tokenizer).end)
    head = [token.text.upper() for token in islice(rest, 3)]  # zip would take a fourth
    if not (head[:2] == ["SELECT", "*"] or (head[2:] == ["*"] and head[1] in ("DISTINCT", "REDUCED"))):
        return list(variables)
    place: dict[str, int] = {}
    for token in rest:
        if token.kind == "var":
            place.setdefault(token.text[1:], len(place))
    return sorted(variables, key=lambda name: (place.get(name, len(place)), name))


def function_iris(
    text: str, base_iri: str | None = None, prefixes: Mapping[str, str] | None = None
) -> frozenset[str]:
    """Return the absolute IRIs that a query calls as functions: those followed by a bracket.

    >>> sorted(function_iris("PREFIX f: <urn:f:> SELECT (f:a(1) AS ?x) (<urn:g>(?x) AS ?y) { }"))
    ['urn:f:a', 'urn:g']
    """
    if "(" not in text:
        return frozenset()
    base, declared, rest = prologue(text, base_iri)
    known = {**(prefixes or {}), **declared}
    called = (a for a, b in pairwise(rest) if b.text == "(")
    return frozenset(iri for token in called if (iri := iri_of(token, base, known)) is not None)


def dataset_clauses(
    text: str, base_iri: str | None = None, prefixes: Mapping[str, str] | None = None
) -> Dataset:
    """Return the graphs that FROM and FROM NAMED name.

    >>> dataset_clauses("SELECT * FROM <urn:a> FROM NAMED <urn:b> { }")
    Dataset(default=('urn:a',), named=('urn:b',))
    """
    if "from" not in text.lower():
        return Dataset()
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
            iri = iri_of(part, base, known)
            if iri is not None:
                (named if is_named else default).append(iri)
    return Dataset(tuple(default), tuple(named))


def _first_keyword(text: str) -> Token | None:
    tokenizer = Tokenizer(text)
    first = next(tokenizer.read(read_prologue(text, tokenizer=tokenizer).end), None)
    return first if first is not None and first.kind == "word" else None


def _place(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - (text.rfind(chr(10), 0, offset) + 1) + 1}: "


def _find_service(text: str) -> int | None:
    """Return the offset of a SERVICE clause in any reading of the text, `None` where there is none."""
    if "service" not in text.lower():
        return None
    tokenizer = Tokenizer(text)
    seen: set[int] = set()
    branches = deque([(0, False)])
    while branches:
        start, strict = branches.popleft()
        before, operand = "", False
        for token in tokenizer.read(start, trivia=True):
            if strict and token.start in seen:
                break  # from here on it is a reading that was followed already
            seen.add(token.start)
            kind, value = token.kind, token.text
            if kind in _TRIVIA:
                continue
            if kind == "iri" and operand:
                branches.append((token.start + 1, True))
            end = token.start + len(value)
            if kind == "word" and _SERVICE_WORD.search(value):
                if not strict or _calls(tokenizer, end):
                    return token.start
            elif (
                kind == "pname"
                and "service" in value.partition(":")[0].lower()
                and before.upper() != "GRAPH"
                and (following := next(tokenizer.read(end), None)) is not None
                and following.text == "{"
            ):
                return token.start
            operand = kind in _OPERANDS or value in {")", "]"}
            before = value
    return None


def _calls(tokenizer: Tokenizer, start: int) -> bool:
    """Tell whether what follows a word SERVICE makes it a clause: an optional SILENT, a term, a brace."""
    upcoming = tokenizer.read(start)
    token = next(upcoming, None)
    if token is not None and token.kind == "word" and token.text.upper() == "SILENT":
        token = next(upcoming, None)
    if token is None or token.kind not in {"var", "iri", "pname"}:
        return False
    following = next(upcoming, None)
    return following is not None and following.text == "{"

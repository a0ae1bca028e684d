"""Whether an answer is the one that was expected: bags of solutions, sequences where the query orders, graphs.

Blank nodes may have any labels, each the same one throughout (SPARQL 1.1, 12.6; RDF 1.1 Concepts, 3.6).
"""

from __future__ import annotations

import re
import struct
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tests.conformance.results import XSD, Answer, Row, Term

_MOST_SHOWN = 3


def difference(expected: Answer, got: Answer, *, ordered: bool = False, lax: bool = False) -> str:
    """Return in words how two answers differ, nothing if they do not.

    `lax` is for REDUCED: a solution may come as often as expected or less often, at least once.
    """
    if expected.form != got.form:
        return f"expected {expected.form}, got {got.form}"
    if expected.boolean is not None:
        return "" if expected.boolean == got.boolean else f"expected {expected.boolean}, got {got.boolean}"
    if expected.triples is not None and got.triples is not None:
        return _bags(_distinct(expected.triples), _distinct(got.triples))
    assert expected.rows is not None
    assert got.rows is not None
    if set(expected.variables or ()) != set(got.variables or ()):
        return f"expected the variables {expected.variables}, got {got.variables}"
    if lax:
        return _bags(_distinct(expected.rows), _distinct(got.rows))
    if ordered and len(expected.rows) == len(got.rows):
        return (
            ""
            if _find(list(zip(expected.rows, got.rows, strict=True)))
            else _bags(expected.rows, got.rows)
            or f"the order differs: expected {_shown(expected.rows)}; got {_shown(got.rows)}"
        )
    return _bags(expected.rows, got.rows)


def by_value(answer: Answer) -> Answer:
    """Return an answer with one lexical form for each value: the standard fixes the value of what is computed.

    >>> from tests.conformance.results import literal
    >>> by_value(Answer(rows=[{"x": literal("03.0", XSD + "decimal")}])).rows
    [{'x': Term(kind='literal', value='3', datatype='http://www.w3.org/2001/XMLSchema#decimal', language='')}]
    """

    def rows(found: list[Row] | None) -> list[Row] | None:
        return None if found is None else [{n: _canonical(t) for n, t in row.items()} for row in found]

    return replace(answer, rows=rows(answer.rows), triples=rows(answer.triples))


def _canonical(term: Term) -> Term:
    kind = term.datatype.removeprefix(XSD) if term.datatype.startswith(XSD) else ""
    value = term.value
    try:
        if kind in ("decimal", "integer"):
            value = format(Decimal(value).normalize(), "f")
        elif kind == "double":
            value = repr(float(value))
        elif kind == "float":
            value = repr(struct.unpack("f", struct.pack("f", float(value)))[0])
        elif kind == "boolean":
            value = {"0": "false", "1": "true"}.get(value, value)
        elif kind in ("dateTime", "date", "time"):
            value = re.sub(r"[+-]00:00$", "Z", value)
            value = re.sub(r"(:\d\d)\.0+(?=$|Z|[+-])", r"\1", value)
    except (ValueError, ArithmeticError):
        return term  # ill-typed: it is what it is
    return replace(term, value=value)


def _bags(expected: Sequence[Row], got: Sequence[Row]) -> str:
    if len(expected) == len(got) and _find_bag(expected, got):
        return ""
    left = Counter(_signature(row) for row in expected)
    right = Counter(_signature(row) for row in got)
    missing, extra = list((left - right).elements()), list((right - left).elements())
    return (
        f"{len(expected)} expected, {len(got)} found; missing {_words(missing)}; not expected {_words(extra)}"
        if missing or extra
        else "the blank nodes do not match"
    )


def _distinct(rows: Sequence[Row]) -> list[Row]:
    return list({_key(row): row for row in rows}.values())


def _key(row: Row) -> tuple[tuple[str, Term], ...]:
    return tuple(sorted(row.items(), key=lambda item: item[0]))


def _signature(row: Row) -> tuple[tuple[str, str], ...]:
    """Return a row with its blank nodes unnamed, but told apart inside it."""
    seen: dict[str, int] = {}
    return tuple(
        (
            name,
            f"_:{seen.setdefault(term.value, len(seen))}" if term.kind == "blank" else f"{term.kind} {term}",
        )
        for name, term in _key(row)
    )


def _find_bag(expected: Sequence[Row], got: Sequence[Row]) -> bool:
    """Tell whether there is a bijection of blank nodes that makes two bags of rows the same."""
    by_signature: dict[object, list[Row]] = defaultdict(list)
    for row in got:
        by_signature[_signature(row)].append(row)
    wanted = Counter(_signature(row) for row in expected)
    if wanted != Counter({key: len(rows) for key, rows in by_signature.items()}):
        return False
    with_blanks = [row for row in expected if any(term.kind == "blank" for term in row.values())]
    with_blanks.sort(key=lambda row: len(by_signature[_signature(row)]))
    left = [list(by_signature[_signature(row)]) for row in with_blanks]
    return _search(with_blanks, left, 0, set(), {}, {})


def _search(
    rows: list[Row],
    candidates: list[list[Row]],
    at: int,
    used: set[int],
    forth: dict[str, str],
    back: dict[str, str],
) -> bool:
    if at == len(rows):
        return True
    for candidate in candidates[at]:
        if id(candidate) in used:
            continue
        added = _extend(rows[at], candidate, forth, back)
        if added is None:
            continue
        used.add(id(candidate))
        if _search(rows, candidates, at + 1, used, forth, back):
            return True
        used.discard(id(candidate))
        for a, b in added:
            del forth[a], back[b]
    return False


def _extend(
    row: Row, other: Row, forth: dict[str, str], back: dict[str, str]
) -> list[tuple[str, str]] | None:
    """Map the blank nodes of one row to those of another; `None`, and nothing changed, if that cannot be."""
    added: list[tuple[str, str]] = []
    if row.keys() == other.keys():
        for name, term in row.items():
            if term.kind != "blank" or other[name].kind != "blank":
                if term != other[name]:
                    break
                continue
            a, b = term.value, other[name].value
            if a not in forth and b not in back:
                forth[a], back[b] = b, a
                added.append((a, b))
            elif forth.get(a) != b or back.get(b) != a:
                break
        else:
            return added
    for a, b in added:
        del forth[a], back[b]
    return None


def _find(pairs: list[tuple[Row, Row]]) -> bool:
    """Tell whether rows are the same one by one, under one bijection of blank nodes."""
    forth: dict[str, str] = {}
    back: dict[str, str] = {}
    return all(_extend(row, other, forth, back) is not None for row, other in pairs)


def _shown(rows: Sequence[Row]) -> str:
    shown = ["{" + ", ".join(f"{n}={t}" for n, t in _key(row)) + "}" for row in rows[:_MOST_SHOWN]]
    return " ".join(shown) + (" …" if len(rows) > _MOST_SHOWN else "")


def _words(signatures: Sequence[tuple[tuple[str, str], ...]]) -> str:
    shown = ["{" + ", ".join(f"{n}={t}" for n, t in row) + "}" for row in signatures[:_MOST_SHOWN]]
    return (" ".join(shown) or "nothing") + (" …" if len(signatures) > _MOST_SHOWN else "")

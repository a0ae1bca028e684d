"""What is wrong with a query, in words, with line and column.

The engine's parser reports the furthest place that any of its rules reached, and every character class that could have
come next. Two corrections make that useful. Frequent mistakes are looked for on the tokens first: no query form, a
prefix that is not declared, a bracket or a string that is not closed. And where the engine expected keywords, the place
that it gives lies behind them, by their length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kg.errors import QueryError
from kg.query_tokens import Token, prologue, tokens

_AT = re.compile(r"(?:error )?at (\d+):(\d+): (?:expected )?(.*)", re.DOTALL)
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)+)\"")
_CLASS = re.compile(r"\[[^\[\]]*\]")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_PAIRS = {")": "(", "}": "{", "]": "["}
_MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")
_LAST = "expected GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET, VALUES or the end of the query"
_SHOWN = 8


def syntax_error(message: str, text: str, known_prefixes: Mapping[str, str] | None = None) -> QueryError:
    """Turn the message of the engine about `text` into an error with a place.

    >>> str(syntax_error("error at 1:10: expected CONSTRUCT", "SELEC * {}"))
    'line 1, column 1: a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not with “SELEC”'
    >>> str(syntax_error("error at 1:20: expected Prefix not found", "SELECT * { ?x foo:a ?y }"))
    'line 1, column 15: the prefix “foo:” is not declared'
    >>> str(syntax_error("error at 1:11: expected one of ';', [','], FROM", "ASK { ?s ?p"))
    'line 1, column 5: this “{” is not closed'
    """
    plain = _frequent(text, known_prefixes or {})
    if plain is not None:
        offset, words = plain
        before = text.rfind("\n", 0, offset) + 1
        return QueryError(words, text.count("\n", 0, offset) + 1, offset - before + 1)
    return _from_engine(message, text)


def _frequent(text: str, known: Mapping[str, str]) -> tuple[int, str] | None:
    """Return the offset and the words of a frequent mistake."""
    found = tokens(text)
    if not found:
        return 0, "there is no query"
    _, declared, rest = prologue(text)
    if not rest or rest[0].text.upper() not in _FORMS:
        stands = rest[0] if rest else found[-1]
        if stands.text.upper() in ("PREFIX", "BASE"):
            return stands.start, "this line is not complete; expected PREFIX name: <IRI> or BASE <IRI>"
        return (
            stands.start,
            f"a query begins with {', '.join(_FORMS[:-1])} or {_FORMS[-1]}, not with “{_visible(stands.text)}”",
        )
    depth = 0
    prefixes = known.keys() | declared.keys()
    for token in rest:
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "mark" and token.text == "<" and depth == 0:
            return token.start, "this “<” begins an IRI that is not closed, or that has a space in it"
        if token.kind == "pname" and (prefix := token.text.partition(":")[0]) not in prefixes:
            return token.start, f"the prefix “{prefix}:” is not declared"
        if token.kind == "mark" and token.text in "\"'":
            return token.start, "this string is not closed"
    return _unbalanced(rest) or _beside_the_pattern(rest)


def _unbalanced(found: list[Token]) -> tuple[int, str] | None:
    open_brackets: list[Token] = []
    for token in found:
        if token.kind != "mark":
            continue
        if token.text in _PAIRS.values():
            open_brackets.append(token)
        elif token.text in _PAIRS:
            if not open_brackets:
                return token.start, f"this “{token.text}” closes nothing"
            last = open_brackets.pop()
            if last.text != _PAIRS[token.text]:
                return last.start, f"this “{last.text}” is closed by “{token.text}”"
    if open_brackets:
        return open_brackets[-1].start, f"this “{open_brackets[-1].text}” is not closed"
    return None


def _beside_the_pattern(rest: list[Token]) -> tuple[int, str] | None:
    """Find what stands wrongly before or after the braces of a query whose brackets are balanced."""
    form = rest[0].text.upper()
    groups = 2 if form == "CONSTRUCT" and len(rest) > 1 and rest[1].text == "{" else 1
    depth = 0
    for place, token in enumerate(rest):
        if token.kind == "mark":
            depth += (token.text in _PAIRS.values()) - (token.text in _PAIRS)
        if form == "SELECT" and groups == 1 and depth == 0 and token.text == ",":
            return token.start, "variables of SELECT stand side by side, without a “,”"
        if token.text == "}" and depth == 0:
            groups -= 1
            after = rest[place + 1 : place + 2]
            if groups == 0:
                if after and after[0].text.upper() not in _MODIFIERS:
                    unexpected = _visible(after[0].text)
                    return after[0].start, f"unexpected “{unexpected}” after the pattern; {_LAST}"
                return None
    return None


def _visible(text: str) -> str:
    return text if text.isprintable() else " ".join(f"U+{ord(c):04X}" for c in text[:_SHOWN])


def _from_engine(message: str, text: str) -> QueryError:
    match = _AT.match(message)
    if match is None:
        return QueryError(message)
    line, column, rest = int(match[1]), int(match[2]), match[3].removeprefix("one of ")
    quoted = _QUOTED.findall(rest)
    classes = [c for c in _CLASS.findall(rest) if c != "[_]"]
    words = [w.strip() for w in _CLASS.sub("", _QUOTED.sub("", rest)).split(",")]
    sentences = [w for w in words if " " in w and len(w) > 12]
    keywords = [w for w in words if w.isalpha() and w.isupper()]
    if sentences:
        said = ", ".join(w for w in words if w not in keywords and w)
        return QueryError(said[0].lower() + said[1:] if said[1:2].islower() else said, line, column)
    if keywords and not quoted and not classes:
        column = max(1, column - min(map(len, keywords)))
    lines = text.split("\n")
    source = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    ahead = tokens("\n".join([source, *lines[line:]]))
    stands = f"unexpected “{_visible(ahead[0].text)}”" if ahead else "the query ends too early"
    return QueryError(stands + _expected_in_words(quoted), line, column)


def _expected_in_words(quoted: list[str]) -> str:
    """Return the end of a message: what the engine would have taken.

    >>> _expected_in_words(["}", "a", "a"])
    '; expected “}” or “a”'
    """
    if not quoted:
        return ""
    *others, last = [f"“{text}”" for text in dict.fromkeys(quoted)][:_SHOWN]
    more = " or something else" if len(quoted) > _SHOWN else ""
    return "; expected " + (f"{', '.join(others)} or {last}" if others else last) + more

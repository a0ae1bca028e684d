"""The tokens of a query's text, in time that grows no faster than the text.

The engine's parser has no tokens of its own; these are what its rules accept, in their generous form (see `kg.policy`).
A text can be hostile: a scan that runs to the end of the text and finds nothing must not be made again for each of
thousands of places. So what one scan has learnt is kept for the later ones of the same text: where a run of name
characters without a colon ends, where a string that is never closed gives up, where a comment ends. Each of these
answers is the same for every start inside the stretch that was scanned, whatever reading of the text leads there: an
inner quotation mark of a string that is never closed was an escaped one, so that a scan from it goes in step.

Pure, and light: imports neither the engine nor rdflib.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

_NAME_MORE = r"\w.\-\u00b7\u203f\u2040"
_LOCAL = r"""(?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)
                (?:(?:[\w:.\-\u00b7\u203f\u2040]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w:\-\u00b7]|%[0-9A-Fa-f]{2}|\\.))?)?"""
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n]+)
  | (?P<comment>\#)
  | (?P<iri><[^<>"{{}}|^`\x00-\x20]*>)
  | (?P<quote>['"])
  | (?P<var>[?$][\w\u00b7\u203f\u2040]+)
  | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--(?:ltr|rtl))?)
  | (?P<blank>_:[\w](?:[\w.\-\u00b7\u203f\u2040]*[\w\-\u00b7])?)
  | (?P<name>[^\W\d_])
  | (?P<pname>:{_LOCAL})
  | (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)? | \.\d+(?:[eE][+-]?\d+)?)
  | (?P<word>_\w*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_PREFIX = re.compile(f":{_LOCAL}", re.VERBOSE | re.DOTALL)
_RUN = re.compile(f"[{_NAME_MORE}]++")
_WORD = re.compile(r"\w++")
_LINE = re.compile(r"[^\r\n]*+")
_INSIDE = {
    "'": re.compile(r"(?:[^'\\\r\n]|\\.)*+", re.DOTALL),
    '"': re.compile(r'(?:[^"\\\r\n]|\\.)*+', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*+", re.DOTALL),
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*+', re.DOTALL),
}
_UCHAR = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_PLAIN_PREFIX = re.compile(
    r"""[ \t\r\n]*+(?i:PREFIX)[ \t\r\n]++((?:[A-Za-z][A-Za-z0-9_-]*+)?):[ \t\r\n]*+
        (<[^<>"{}|^`\\\x00-\x20]*+>)""",
    re.VERBOSE,
)
"""A declaration as nearly all are written, which needs no tokens: they cost more than a small query."""
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
LONGEST_BASE = 1024
"""Relative IRIs are not resolved against a longer base: thousands of BASE lines would make one of any length."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a query: `kind` is a group of the pattern above or `string`, `start` an offset from 0."""

    kind: str
    text: str
    start: int


class Tokenizer:
    """Reads tokens from any place of one text; all readings of the text share what was learnt about it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._bare = (0, 0)  # a run of name characters that is known to have no colon after it
        self._line = (0, 0)  # the last comment
        self._open = dict.fromkeys(_INSIDE, (0, 0))  # per kind of quote: where none begins a whole string

    def read(self, start: int = 0, *, trivia: bool = False) -> Iterator[Token]:
        """Yield the tokens from an offset on, without white space and comments unless `trivia` is set.

        Never fails: an odd character is a mark.
        """
        text, match = self.text, _TOKEN.match
        while found := match(text, start):
            kind = found.lastgroup or "mark"
            end = found.end()
            if kind == "space":
                start = end
                if trivia:
                    yield Token(kind, found[0], found.start())
                continue
            if kind == "comment":
                end = self._end_of_line(start)
                if trivia:
                    yield Token(kind, text[start:end], start)
                start = end
                continue
            if kind == "name":
                kind, end = self._name(start)
            elif kind == "quote":
                kind, end = self._string(start)
            yield Token(kind, text[start:end], start)
            start = end

    def _end_of_line(self, start: int) -> int:
        first, last = self._line
        if not first <= start < last:
            self._line = first, last = start, _end(_LINE, self.text, start)
        return last

    def _name(self, start: int) -> tuple[str, int]:
        """Return kind and end of what begins with a letter."""
        first, last = self._bare
        if not first <= start < last:
            end = _end(_RUN, self.text, start)
            if self.text.startswith(":", end):
                return "pname", _end(_AFTER_PREFIX, self.text, end)
            self._bare = start, end
        return "word", _end(_WORD, self.text, start)

    def _string(self, start: int) -> tuple[str, int]:
        quote = self.text[start]
        if self.text.startswith(quote * 3, start):
            end = self._closed(quote * 3, start)
            if end:
                return "string", end
        end = self._closed(quote, start)
        return ("string", end) if end else ("mark", start + 1)

    def _closed(self, quote: str, start: int) -> int:
        """Return the end of a string that begins here, 0 if it is never closed."""
        first, last = self._open[quote]
        if first <= start < last:
            return 0
        end = _end(_INSIDE[quote], self.text, start + len(quote))
        if self.text.startswith(quote, end):
            return end + len(quote)
        self._open[quote] = start, max(end, start + 1)
        return 0


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def tokens(text: str) -> list[Token]:
    """Split a query into tokens, white space and comments left out. Never fails: an odd character is a mark.

    >>> [t.text for t in tokens("ASK { ?s service:x 'SERVICE' } # SERVICE")]
    ['ASK', '{', '?s', 'service:x', "'SERVICE'", '}']
    """
    return list(Tokenizer(text).read())


@dataclass(frozen=True)
class Prologue:
    """What stands before the query form: base IRI, declared prefixes (absolute IRIs), and the offset after it."""

    base: str | None
    prefixes: dict[str, str]
    end: int


def read_prologue(text: str, base_iri: str | None = None, tokenizer: Tokenizer | None = None) -> Prologue:
    """Read the BASE, PREFIX and VERSION lines of a query, and no further.

    >>> read_prologue("PREFIX x: <y#> ASK { }", "http://a/b")
    Prologue(base='http://a/b', prefixes={'x': 'http://a/y#'}, end=15)
    """
    base, end = base_iri, 0
    prefixes: dict[str, str] = {}
    while declared := _PLAIN_PREFIX.match(text, end):
        prefixes[declared[1]] = resolve(declared[2], base)
        end = declared.end()
    upcoming = (tokenizer or Tokenizer(text)).read(end)
    for token in upcoming:
        end = token.start
        keyword = token.text.upper() if token.kind == "word" else ""
        if keyword not in ("BASE", "PREFIX", "VERSION"):
            return Prologue(base, prefixes, end)
        second = next(upcoming, None)
        if second is None:
            return Prologue(base, prefixes, end)
        if keyword == "BASE" and second.kind == "iri":
            base = resolve(second.text, base)
        elif keyword == "PREFIX" and second.kind == "pname":
            third = next(upcoming, None)
            if third is None or third.kind != "iri":
                return Prologue(base, prefixes, end)
            prefixes[second.text.partition(":")[0]] = resolve(third.text, base)
        elif not (keyword == "VERSION" and second.kind == "string"):
            return Prologue(base, prefixes, end)
    return Prologue(base, prefixes, len(text))


def prologue(text: str, base_iri: str | None = None) -> tuple[str | None, dict[str, str], list[Token]]:
    """Return the base IRI, the declared prefixes (absolute IRIs) and the tokens after the prologue.

    >>> prologue("PREFIX x: <y#> ASK { }", "http://a/b")[:2]
    ('http://a/b', {'x': 'http://a/y#'})
    """
    tokenizer = Tokenizer(text)
    found = read_prologue(text, base_iri, tokenizer)
    return found.base, found.prefixes, list(tokenizer.read(found.end))


def resolve(iri_token: str, base: str | None) -> str:
    """Return the IRI of a token `<...>`, resolved against a base as far as there is one."""
    text = iri_token[1:-1]
    if "\\" in text:
        text = _UCHAR.sub(lambda m: chr(int(m[1] or m[2], 16) % 0x110000), text)
    if not base or len(base) > LONGEST_BASE or _ABSOLUTE.match(text):
        return text
    try:
        return urljoin(base, text) + ("#" if text.endswith("#") else "")  # urljoin drops an empty fragment
    except ValueError:  # such as http://[
        return text


def iri_of(token: Token, base: str | None, prefixes: dict[str, str]) -> str | None:
    """Return the absolute IRI of a token, `None` if it is none or its prefix is not known."""
    if token.kind == "iri":
        return resolve(token.text, base)
    if token.kind == "pname":
        prefix, _, local = token.text.partition(":")
        if prefix in prefixes:
            return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
    return None

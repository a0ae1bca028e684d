"""Texts of articles: sentences, words, digests, and the place of an excerpt.

All offsets count Unicode code points of the decoded file, from 0, end exclusive; nothing is normalised (no line
endings, no quotation marks, no spaces), so that a span of the text is the bytes of the publisher. No word of a text
is ever stored: `data/sentences/<article>.csv` keeps offsets, digests, and what became of each sentence.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kg.errors import ClaimError, SourceError, UnreadableError


class Span(NamedTuple):
    """A piece of a text by its offsets, `start` inclusive and `end` exclusive."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the words of the span."""
        return text[self.start : self.end]


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_QUOTES = "\"'”’»)\\]"
_OPENING = "\"'“‘«(\\["
# The end of a sentence: its mark, closing quotation marks, at times a second mark ("… receive”.").
_END = re.compile(rf"[.!?…]+[{_QUOTES}]*[.!?…]*(?=\s|$|[{_OPENING}]*[A-Z][a-z])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“‘\"'])(?:Mr|Mrs|Ms|Miss|Dr|Prof|Rev|Sir|St|Cllr|Cllrs|Cr|Ald|Hon|Lt|Col|Gen|Sgt|No|Nos|vs|etc|approx|"
    r"Ltd|Co|Inc|e\.g|i\.e|p|pp|para|[A-Z](?:\.[A-Z])*)\.$"
)
_BULLET = re.compile(r"[-–—*•·]\s+")
_LABEL = re.compile(r"Image caption\s+")


def read_text(path: Path) -> str:
    """Read the text of an article: strict UTF-8, nothing normalised.

    Raises `UnreadableError` when the file cannot be opened and `SourceError` when it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UnreadableError(path, None, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SourceError(path, line, f"not UTF-8 (byte {error.start})") from error


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def words(text: str) -> list[Span]:
    """Return the places of the words of a text, in order.

    A word is a run of letters and digits with at most one apostrophe inside; a hyphen or a point divides.

    >>> [span.of("It’s a 4-week review.") for span in words("It’s a 4-week review.")]
    ['It’s', 'a', '4', 'week', 'review']
    """
    return [Span(match.start(), match.end()) for match in _WORD.finditer(text)]


def _lines(text: str) -> list[Span]:
    """Return lines that hold a word, trimmed; a line that a paragraph break cut off goes with the one before."""
    found: list[Span] = []
    for match in re.finditer(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+", text):
        span = _trim(text, Span(match.start(), match.end()))
        if not _WORD.search(text, span.start, span.end):
            continue
        cut = found and text[span.start].islower() and text[found[-1].end - 1] not in ".!?…:;"
        if cut and not re.search(rf"[.!?…][{_QUOTES}]+$", found[-1].of(text)):
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return found


def _trim(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def split_sentences(text: str) -> list[Span]:
    """Split a text into sentences, trimmed of white space, in order; together they hold every word of it once.

    A line is never joined to the next (headings, captions, list items stand alone) unless the next begins in lower
    case and this one has no end: a sentence that a paragraph break cut in two. Bullets in front are left out, the
    label of a caption is a span of its own, and a missing space after a full stop divides.

    >>> text = 'It said: “He came.” She\\n\\nleft.He stayed.\\n- Published'
    >>> [span.of(text) for span in split_sentences(text)]
    ['It said: “He came.”', 'She\\n\\nleft.', 'He stayed.', 'Published']
    """
    found: list[Span] = []
    for line in _lines(text):
        start = line.start
        for pattern in (_BULLET, _LABEL):
            if match := pattern.match(text, start, line.end):
                if _WORD.search(match.group()):
                    found.append(_trim(text, Span(start, match.end())))
                start = match.end()
        for match in _END.finditer(text, start, line.end):
            piece = _trim(text, Span(start, match.end()))
            if _ABBREVIATION.search(piece.of(text)) or not _WORD.search(text, match.end(), line.end):
                continue
            if _WORD.search(text, piece.start, piece.end) and not text[match.end() :].lstrip()[:1].islower():
                found.append(piece)
                start = match.end()
        found.append(_trim(text, Span(start, line.end)))
    return found


def find_excerpt(text: str, exact: str, prefix: str = "", suffix: str = "") -> Span:
    """Find the one place where `prefix + exact + suffix` stands, and return the span of `exact` in it.

    Raises `ClaimError` when it stands nowhere, or in more than one place (the message counts them).
    """
    whole = prefix + exact + suffix
    places: list[int] = []
    at = text.find(whole)
    while at >= 0 and exact:
        places.append(at)
        at = text.find(whole, at + 1)
    if not places:
        hint = _hint(text, whole)
        raise ClaimError(f"the excerpt {whole!r} is not in the text{hint}")
    if len(places) > 1:
        raise ClaimError(
            f"the excerpt {whole!r} is ambiguous: it stands in {len(places)} places of the text; lengthen it, or add "
            "oa:prefix or oa:suffix (the words right before or after)"
        )
    start = places[0] + len(prefix)
    return Span(start, start + len(exact))


_ALIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "–": "-", "—": "-"})


def _hint(text: str, whole: str) -> str:
    """Say what would match if quotation marks, dashes, spaces or capitals were different."""
    if whole and whole.translate(_ALIKE) in text.translate(_ALIKE):
        return "; with other quotation marks, dashes or spaces it is: copy it exactly"
    if whole and whole.lower() in text.lower():
        return "; with other capitals it is: copy it exactly"
    if whole and " ".join(whole.split()) in " ".join(text.split()):
        return "; with other white space it is (a line break?): copy it exactly"
    return ""


STATUSES: dict[str, str] = {
    "open": "not read yet",
    "claims": "one claim or more rests on it",
    "furniture": "not reporting: navigation, prompts, forms",
    "heading": "a heading that asserts nothing by itself",
    "caption": "a caption or description of a picture that asserts nothing by itself",
    "empty": "prose that asserts nothing about the subject",
}
"""What can become of a sentence; all but the first two need a reason in our own words."""

_COLUMNS = ["start", "end", "sha256", "status", "reason"]


@dataclass(frozen=True)
class Sentence:
    """A row of `data/sentences/<article>.csv`: the place and digest of a sentence, and what became of it."""

    start: int
    end: int
    sha256: str
    status: str = "open"
    reason: str = ""

    @property
    def span(self) -> Span:
        """The place of the sentence."""
        return Span(self.start, self.end)


def sentences_of(text: str, curated: Iterable[Sentence] = ()) -> list[Sentence]:
    """Split a text; a status and reason that was curated is kept where place and digest agree."""
    known = {(row.start, row.end, row.sha256): row for row in curated}
    found = []
    for start, end in split_sentences(text):
        key = (start, end, digest(text[start:end]))
        found.append(known.get(key) or Sentence(*key))
    return found


def read_sentences(path: Path) -> list[Sentence]:
    """Read `data/sentences/<article>.csv`, in the order of the text.

    Raises `UnreadableError`, or `SourceError` with the line for a row that is not one: columns, numbers, digest,
    status, a reason that is missing, rows that overlap or are out of order.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except OSError as error:
        raise UnreadableError(path, None, error.strerror or str(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(path, None, f"not a CSV file: {error}") from error
    if not rows or rows[0] != _COLUMNS:
        raise SourceError(path, 1, f"expected the columns {','.join(_COLUMNS)}")
    found: list[Sentence] = []
    for line, row in enumerate(rows[1:], start=2):
        try:
            start, end, sha256, status, reason = row
            sentence = Sentence(int(start), int(end), sha256, status, reason)
        except ValueError as error:
            raise SourceError(path, line, f"expected {','.join(_COLUMNS)}, found {','.join(row)}") from error
        if message := _row_error(sentence, found[-1].end if found else 0):
            raise SourceError(path, line, message)
        found.append(sentence)
    return found


def _row_error(row: Sentence, after: int) -> str | None:
    if not after <= row.start < row.end:
        return (
            f"the span {row.start} to {row.end} is empty, or begins before {after}, where the row before ends"
        )
    if not re.fullmatch(r"[0-9a-f]{64}", row.sha256):
        return f"{row.sha256!r} is not a SHA-256 in 64 lower-case hexadecimal digits"
    if row.status not in STATUSES:
        return f"the status {row.status!r} is not one of {', '.join(STATUSES)}"
    if row.status not in ("open", "claims") and not row.reason.strip():
        return f"the status {row.status!r} needs a reason in our own words"
    return None


def serialize_sentences(sentences: Iterable[Sentence]) -> str:
    """Write the rows of `data/sentences/<article>.csv`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in sentences:
        writer.writerow([row.start, row.end, row.sha256, row.status, row.reason])
    return out.getvalue()

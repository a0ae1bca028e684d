"""Excerpts: how short they must be, where they may begin, and how much of an article they cover together."""

from __future__ import annotations

from collections.abc import Sequence

from kg.errors import ClaimError
from kg.texts import Span, words

MAX_EXCERPT_WORDS = 12
MAX_COVERED_SHARE = 0.40


def check_excerpt(text: str, sentences: Sequence[Span], span: Span, quoted: Span | None = None) -> None:
    """Check one excerpt at its place: its length, and that it is neither cut inside a word nor a whole sentence.

    `quoted` is the span with prefix and suffix, where they are. Raises `ClaimError`.
    """
    quoted = quoted or span
    count = len(words(quoted.of(text)))
    if count > MAX_EXCERPT_WORDS:
        raise ClaimError(
            f"the excerpt {quoted.of(text)!r} is too long: {count} words, prefix and suffix included; "
            f"at most {MAX_EXCERPT_WORDS}"
        )
    if not words(span.of(text)):
        raise ClaimError(f"the excerpt {span.of(text)!r} holds no word")
    if span.of(text) != span.of(text).strip():
        raise ClaimError(f"the excerpt {span.of(text)!r} has white space at an end")
    for sentence in sentences:
        if sentence.end <= quoted.start or sentence.start >= quoted.end:
            continue
        inside = words(sentence.of(text))
        first, last = sentence.start + inside[0].start, sentence.start + inside[-1].end
        if quoted.start <= first and last <= quoted.end:
            raise ClaimError(
                f"the excerpt {quoted.of(text)!r} is a whole sentence, headline or caption: quote less of it"
            )
        for word in inside:
            start, end = sentence.start + word.start, sentence.start + word.end
            if start < span.start < end or start < span.end < end:
                raise ClaimError(f"the excerpt {span.of(text)!r} cuts the word {text[start:end]!r}")


def covered_share(text: str, spans: Sequence[Span]) -> float:
    """Return the share of the text's words that lie, wholly or in part, in one of the spans (0.0 to 1.0)."""
    places = words(text)
    if not places:
        return 0.0
    covered = bytearray(len(text))
    for span in spans:
        covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    return sum(1 for place in places if any(covered[place.start : place.end])) / len(places)

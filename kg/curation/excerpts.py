"""Excerpts: how short they must be, where they may begin, and how much of an article they cover together."""

from __future__ import annotations

from collections.abc import Sequence

from kg.curation.texts import Span, words
from kg.errors import ClaimError

MAX_EXCERPT_WORDS = 12
MAX_COVERED_SHARE = 0.40


def check_length(exact: str, prefix: str = "", suffix: str = "") -> None:
    """Check that an excerpt has a word, at most 12 with prefix and suffix, and no white space at its ends.

    Raises `ClaimError`.
    """
    count = len(words(prefix + exact + suffix))
    if count > MAX_EXCERPT_WORDS:
        raise ClaimError(
            f"the excerpt {exact!r} is too long: {count} words, prefix and suffix included; at most {MAX_EXCERPT_WORDS}"
        )
    if not words(exact):
        raise ClaimError(f"the excerpt {exact!r} holds no word")
    if exact != exact.strip():
        raise ClaimError(f"the excerpt {exact!r} has white space at an end")


def check_excerpt(text: str, sentences: Sequence[Span], span: Span, quoted: Span | None = None) -> None:
    """Check one excerpt at its place: its length, and that it is neither cut inside a word nor a whole sentence.

    `quoted` is the span with prefix and suffix, where they are. Raises `ClaimError`.
    """
    quoted = quoted or span
    check_length(span.of(text), text[quoted.start : span.start], text[span.end : quoted.end])
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


def covered_words(exact: str, start: int, prefix: str = "", suffix: str = "") -> set[int]:
    """Return the places of the words that an excerpt at `start` lays open, prefix and suffix included.

    Works without the text, since excerpts begin and end where words do.

    >>> sorted(covered_words("has again been", 40, suffix=" rated"))
    [40, 44, 50, 55]
    """
    first = start - len(prefix)
    return {first + word.start for word in words(prefix + exact + suffix)}

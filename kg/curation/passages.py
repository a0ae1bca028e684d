"""The passages of a claim in the reader's own copy of a text: the excerpts marked, a sentence before and after.

Pure: evidence and a text in, pieces of that text out. A copy that is not the one that was read is never shown as if it
were: the digest of each passage decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.curation.texts import Span, digest, split_sentences
from kg.record import Evidence


@dataclass(frozen=True)
class Passage:
    """A passage in its place: what stands before it, its words in pieces (each: is it an excerpt?), what follows.

    `before` and `after` are one sentence each, or empty at an end of the text. `matches` is false where the text at the
    offsets is not the one that was read; then there are no words at all.
    """

    matches: bool
    before: str = ""
    pieces: tuple[tuple[str, bool], ...] = ()
    after: str = ""


def passages_of(evidence: Iterable[Evidence], text: str) -> tuple[Passage, ...]:
    """Return the passages of some pieces of evidence in one text, in its order; evidence in the same passage is joined.

    Rows of a table have no passage and are passed over.
    """
    places: dict[Span, list[Evidence]] = {}
    for piece in evidence:
        if piece.passage_start is not None and piece.passage_end is not None:
            places.setdefault(Span(piece.passage_start, piece.passage_end), []).append(piece)
    sentences = split_sentences(text)
    return tuple(_passage(text, place, pieces, sentences) for place, pieces in sorted(places.items()))


def _passage(text: str, place: Span, evidence: list[Evidence], sentences: list[Span]) -> Passage:
    found = place.of(text)
    marked = sorted({Span(e.start, e.end) for e in evidence if e.start is not None and e.end is not None})
    same = all(digest(found) == e.passage_digest for e in evidence)
    if not same or any(e.exact != text[e.start : e.end] for e in evidence if e.start is not None):
        return Passage(matches=False)
    before = [s for s in sentences if s.end <= place.start]
    after = [s for s in sentences if s.start >= place.end]
    return Passage(
        True,
        before[-1].of(text) if before else "",
        tuple(_pieces(text, place, marked)),
        after[0].of(text) if after else "",
    )


def _pieces(text: str, place: Span, marked: Iterable[Span]) -> Iterable[tuple[str, bool]]:
    at = place.start
    for span in marked:
        if span.start > at:
            yield text[at : span.start], False
        if span.end > at:
            yield text[max(at, span.start) : span.end], True
            at = span.end
    if at < place.end:
        yield text[at : place.end], False

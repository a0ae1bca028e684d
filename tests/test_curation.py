"""The craft of the real claims: excerpts that a person can read as proof, within what may be shown of an article."""

from collections import defaultdict

import pytest
from pyoxigraph import Literal, NamedNode

from kg.claims import Claim
from kg.curation.excerpts import MAX_COVERED_SHARE, covered_words
from kg.curation.texts import words
from kg.namespaces import SG
from kg.read import read_claims, read_quads
from kg.resources import data_dir

CLAIMS = [claim for claims in read_claims(data_dir()).values() for claim in claims]
SOURCES = sorted({claim.source for claim in CLAIMS}, key=lambda source: source.value)
WORD_COUNT = {
    quad.subject: int(quad.object.value)
    for quad in read_quads(data_dir() / "articles.ttl")
    if quad.predicate == SG.wordCount and isinstance(quad.object, Literal)
}


def of(source: NamedNode) -> list[Claim]:
    return [claim for claim in CLAIMS if claim.source == source]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.value.rsplit("/", 1)[1])
def test_most_excerpts_have_three_words_and_all_together_stay_within_the_share(source: NamedNode) -> None:
    pieces = [piece for claim in of(source) for piece in claim.evidence]
    long = [piece for piece in pieces if len(words(piece.exact or "")) >= 3]
    assert len(long) / len(pieces) >= 0.7
    covered = {
        place for p in pieces for place in covered_words(p.exact or "", p.start or 0, p.prefix, p.suffix)
    }
    assert len(covered) / WORD_COUNT[source] <= MAX_COVERED_SHARE


def test_no_two_excerpts_of_a_claim_overlap() -> None:
    for claim in CLAIMS:
        passages: dict[int | None, set[int]] = defaultdict(set)
        for piece in claim.evidence:
            places = covered_words(piece.exact or "", piece.start or 0)
            assert not places & passages[piece.passage_start], claim.label()
            passages[piece.passage_start] |= places

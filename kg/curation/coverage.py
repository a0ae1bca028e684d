"""Which sentences of an article have claims, and why the others have none. Needs no texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.claims import Claim
from kg.curation.drafts import article_of
from kg.curation.texts import STATUSES, Sentence


@dataclass(frozen=True)
class Coverage:
    """The sentences of one article, in the order of the text, each in one of three lists.

    `open` have neither claim nor reason; `both` (some of `with_claims`) have a claim and a reason as well.
    """

    article: str
    with_claims: tuple[Sentence, ...]
    with_reason: tuple[Sentence, ...]
    open: tuple[Sentence, ...]
    both: tuple[Sentence, ...]

    @property
    def total(self) -> int:
        """The number of sentences."""
        return len(self.with_claims) + len(self.with_reason) + len(self.open)

    def reasons(self) -> dict[str, int]:
        """Count the sentences without claims by status, in the order of `kg.curation.texts.STATUSES`."""
        counts = {status: sum(row.status == status for row in self.with_reason) for status in STATUSES}
        return {status: count for status, count in counts.items() if count}


def coverage(claims: Iterable[Claim], sentences: Mapping[str, Sequence[Sentence]]) -> list[Coverage]:
    """Tell for each article, by name, which sentences a passage of some claim covers."""
    passages: dict[str, list[tuple[int, int]]] = {}
    for claim in claims:
        for piece in claim.evidence:
            if piece.passage_start is not None and piece.passage_end is not None:
                place = (piece.passage_start, piece.passage_end)
                passages.setdefault(article_of(claim.record), []).append(place)
    found = []
    for name, rows in sorted(sentences.items()):
        covered = [
            row for row in rows if any(s <= row.start and row.end <= e for s, e in passages.get(name, []))
        ]
        rest = [row for row in rows if row not in covered]
        found.append(
            Coverage(
                name,
                tuple(covered),
                tuple(row for row in rest if row.status not in ("open", "claims")),
                tuple(row for row in rest if row.status in ("open", "claims")),
                tuple(row for row in covered if row.status not in ("open", "claims")),
            )
        )
    return found


def marked(rows: Iterable[Sentence], found: Coverage) -> list[Sentence]:
    """Return the rows with `open` made `claims` where there are claims, and back where there are none any more."""
    return [
        replace(row, status="claims" if row in found.with_claims else "open")
        if row.status in ("open", "claims")
        else row
        for row in rows
    ]

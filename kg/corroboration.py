"""How far several claims of one thing support each other: who publishes them, and whether they rest on one voice.

Three newspapers that relay one report are three publishers and one source of knowledge. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.evidence import ClaimView


@dataclass(frozen=True)
class Corroboration:
    """The narrators of some claims, sorted by IRI, and what all of them rest on, if it is one.

    `voice` is the last voice of every claim, and `document` what it speaks through, where every claim names the same
    one; both are `None` where a publisher speaks in its own voice or the last voices differ.
    """

    publishers: tuple[NamedNode, ...] = ()
    voice: NamedNode | None = None
    document: NamedNode | None = None

    @property
    def several(self) -> bool:
        """Whether there is more than one publisher."""
        return len(self.publishers) > 1


def corroboration_of(claims: Iterable[ClaimView]) -> Corroboration:
    """Return how far some claims support each other; withdrawn ones do not count."""
    chains = [claim.voices for claim in claims if claim.voices and not claim.withdrawn]
    publishers = tuple(sorted({chain[0].agent for chain in chains}, key=lambda iri: iri.value))
    last = {chain[-1].agent for chain in chains}
    if len(last) != 1 or any(len(chain) == 1 for chain in chains):
        return Corroboration(publishers)
    documents = {chain[-1].through for chain in chains}
    return Corroboration(publishers, last.pop(), documents.pop() if len(documents) == 1 else None)

"""Claims as values: frozen dataclasses, and what makes two claims the same.

The values of a record (docs/model.md, "Terms"): `kg.claims` reads them from quads and writes them as quads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode, Triple

from kg.ids import VoiceKey, mint_claim, ntriples_line
from kg.namespaces import RDFS, SGV
from kg.nodes import Term


@dataclass(frozen=True)
class Voice:
    """One voice of a chain: an agent, in a capacity (a post), through a document."""

    agent: NamedNode
    capacity: NamedNode | None = None
    through: NamedNode | None = None

    @property
    def key(self) -> VoiceKey:
        """What of the voice enters the identity of a claim."""
        capacity = self.capacity.value if self.capacity else None
        return self.agent.value, capacity, self.through.value if self.through else None


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence: an excerpt in a passage of a text, or a row of a table.

    `start`, `end`, `passage_start` and `passage_end` are code points of the text; `fragment` is RFC 7111 ("row=846").
    """

    source: NamedNode
    passage_digest: str
    exact: str | None = None
    prefix: str = ""
    suffix: str = ""
    start: int | None = None
    end: int | None = None
    passage_start: int | None = None
    passage_end: int | None = None
    fragment: str | None = None
    row_key: str | None = None
    conforms_to: NamedNode | None = None


@dataclass(frozen=True)
class Reading:
    """How an expression of the text was read, as a date (`kind` `d`) or as the name of something (`i`)."""

    kind: str
    expression: str
    read_as: Term
    basis: NamedNode | None = None
    relative_to: NamedNode | None = None
    resolved_with: tuple[NamedNode, ...] = ()


@dataclass(frozen=True)
class Claim:
    """One claim: its IRI is also the name of its graph; `record` is the graph of its record.

    `triples` are sorted; `other` are further properties of the record, kept as they are.
    """

    iri: NamedNode
    record: NamedNode
    source: NamedNode
    triples: tuple[Triple, ...]
    voices: tuple[Voice, ...]
    evidence: tuple[Evidence, ...]
    kind: NamedNode | None = None
    readings: tuple[Reading, ...] = ()
    other: tuple[tuple[NamedNode, Term], ...] = ()

    def minted(self) -> NamedNode:
        """Return the IRI that this claim should have."""
        digests = [piece.passage_digest for piece in self.evidence]
        return mint_claim(self.source.value, digests, self.triples, [voice.key for voice in self.voices])

    def label(self) -> str:
        """Return the claim's sentence, an empty text if it has none."""
        return next((o.value for p, o in self.other if p == RDFS.label and isinstance(o, Literal)), "")


def default_kind(claim: Claim) -> NamedNode:
    """Return the kind of assertion that the chain alone tells: stated by one voice, reported by more."""
    return SGV.stated if len(claim.voices) == 1 else SGV.reported


def normalised(claim: Claim) -> Claim:
    """Return the claim with its unordered parts sorted and without repeats; the order of voices is content."""
    return replace(
        claim,
        triples=tuple(sorted(set(claim.triples), key=ntriples_line)),
        evidence=tuple(sorted(set(claim.evidence), key=evidence_key)),
        readings=tuple(
            sorted(set(claim.readings), key=lambda r: (r.kind, r.expression, str(r.read_as), repr(r)))
        ),
        other=tuple(sorted(set(claim.other), key=lambda pair: (pair[0].value, str(pair[1])))),
    )


def evidence_key(piece: Evidence) -> tuple[str, int, int, str]:
    """Return a key that puts pieces of evidence in the order in which they are numbered: `#e1`, `#e2` ..."""
    return piece.source.value, piece.start or 0, piece.end or 0, piece.fragment or piece.exact or ""

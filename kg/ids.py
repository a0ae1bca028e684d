"""Identifiers that depend only on what makes a thing that thing.

Each is the first 16 hexadecimal digits of a SHA-256 over UTF-8 lines, so that anybody can compute it again. Triples
enter as N-Triples lines of the terms as parsed, with the lexical forms of the file (a Store would rewrite them).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from kg.namespaces import CLAIM, DERIVED, ID

VoiceKey = tuple[str, str | None, str | None]
"""What of a voice belongs to a claim's identity: IRIs of its agent, its capacity, what it speaks through."""


def ntriples_line(triple: Triple) -> str:
    r"""Return the N-Triples line of a triple, without the line break.

    >>> ntriples_line(Triple(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c")))
    '<urn:a> <urn:b> <urn:c> .'
    """
    return f"{triple.subject} {triple.predicate} {triple.object} ."


def _short_hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode("utf-8")).hexdigest()[:16]


def mint_claim(
    source: str, passage_digests: Iterable[str], triples: Iterable[Triple], voices: Iterable[VoiceKey]
) -> NamedNode:
    """Mint the IRI of a claim from its source, passages, triples, and voices in order.

    The lines that are hashed: `source <IRI>`; `passage <digest>` for each different digest, sorted; each different
    triple, sorted; `voice <agent> <capacity> <through>` in order, with `-` for what a voice has not. Repeats and the
    order of passages and triples make no difference; the sentence, the kind of assertion, readings and excerpts do
    not enter. See docs/model.md, "Identity of a claim".
    """
    return CLAIM[
        _short_hash(
            [
                f"source <{source}>",
                *(f"passage {digest}" for digest in sorted(set(passage_digests))),
                *sorted({ntriples_line(triple) for triple in triples}),
                *("voice " + " ".join(f"<{iri}>" if iri else "-" for iri in voice) for voice in voices),
            ]
        )
    ]


def mint_derived(rule: str, triples: Iterable[Triple], sources: Iterable[str]) -> NamedNode:
    """Mint the IRI of a derivation from the IRIs of its rule and of what it follows from, and its triples."""
    return DERIVED[
        _short_hash(
            [
                f"rule <{rule}>",
                *sorted({ntriples_line(triple) for triple in triples}),
                *(f"from <{source}>" for source in sorted(set(sources))),
            ]
        )
    ]


def triple_iri(triple: Triple) -> NamedNode:
    """Return the IRI that stands for a claimed triple in triple formats (`rdf:Statement`).

    >>> triple_iri(Triple(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c"))).value
    'https://w3id.org/scrutiny-graph/id/triple-...'
    """
    return ID["triple-" + hashlib.sha256(ntriples_line(triple).encode("utf-8")).hexdigest()[:16]]

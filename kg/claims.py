"""Claims as values: from quads and to quads, without loss.

A claim is a named graph of one to a few triples and a record in `graph:<article>`: the sentence, the kind of assertion,
the source, the chain of voices, pieces of evidence, and how dates and names were read. The parts of a record get their
IRIs from the claim's: `#v1` voices, `#e1` evidence with `#e1q` quote, `#e1p` position or `#e1r` row, `#d1` dates, `#i1`
identities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kg.errors import ClaimError
from kg.namespaces import CLAIM, DCTERMS, OA, PROV, RDF, SG, XSD
from kg.nodes import Nodes, Term, name_of
from kg.record import Claim, Evidence, Reading, Voice, default_kind, normalised

__all__ = [
    "Claim", "Evidence", "Reading", "Voice", "claim_to_quads", "claims_from_quads", "default_kind", "normalised",
]  # fmt: skip


_RECORD_PARTS = {
    SG.voice, SG.firstVoice, SG.lastVoice, SG.evidence, SG.dateReading, SG.identityReading,
    SG.assertionKind, PROV.hadPrimarySource, RDF.type,
}  # fmt: skip
_VOICE = {SG.position, SG.relays, PROV.agent, SG.capacity, SG.through}
_EVIDENCE = {OA.hasSource, OA.hasSelector, SG.passageStart, SG.passageEnd, SG.passageDigest}
_SELECTORS = {
    OA.TextQuoteSelector: {OA.exact, OA.prefix, OA.suffix},
    OA.TextPositionSelector: {OA.start, OA.end},
    OA.FragmentSelector: {RDF.value, SG.rowKey, DCTERMS.conformsTo},
}
_READING = {SG.expression, SG.readAs, SG.relativeTo, SG.resolvedWith, SG.basis}


def claims_from_quads(quads: Iterable[Quad]) -> list[Claim]:
    """Read the claims out of quads, in the order of their IRIs.

    A claim is what has the type `sg:Claim`. Raises `ClaimError`, naming the claim, for a record that is not whole:
    no source, no voice, a chain with gaps, a voice without agent, a piece of evidence without source or digest.
    """
    records: dict[NamedNode, list[Quad]] = defaultdict(list)
    graphs: dict[NamedNode, list[Triple]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.graph_name, DefaultGraph | BlankNode):
            continue
        if quad.graph_name in CLAIM:
            graphs[quad.graph_name].append(quad.triple)
        else:
            records[quad.graph_name].append(quad)
    found = []
    for graph, inside in records.items():
        record = Nodes(inside)
        claims = {q.subject for q in inside if q.predicate == RDF.type and q.object == SG.Claim}
        for iri in claims:
            if isinstance(iri, NamedNode):
                try:
                    found.append(_claim(record, iri, graph, graphs.get(iri, [])))
                except ClaimError as error:
                    raise error.at(None, iri=name_of(iri)) from None
    return sorted(found, key=lambda claim: claim.iri.value)


def _claim(record: Nodes, iri: NamedNode, graph: NamedNode, triples: list[Triple]) -> Claim:
    readings = [
        _reading(record, node, kind)
        for predicate, kind in ((SG.dateReading, "d"), (SG.identityReading, "i"))
        for node in record.all(iri, predicate)
    ]
    other = [
        (predicate, value)
        for predicate, values in record.of[iri].items()
        if predicate not in _RECORD_PARTS
        for value in values
    ]
    return normalised(
        Claim(
            iri,
            graph,
            record.need(iri, PROV.hadPrimarySource),
            tuple(triples),
            tuple(_voices(record, iri)),
            tuple(_evidence(record, node) for node in record.all(iri, SG.evidence)),
            record.node(iri, SG.assertionKind),
            tuple(readings),
            tuple(other),
        )
    )


def _voices(record: Nodes, iri: NamedNode) -> list[Voice]:
    nodes = record.all(iri, SG.voice)
    if not nodes:
        raise ClaimError("no voice (sg:voices): whose word is it?")
    for node in nodes:
        record.only(node, _VOICE, "a voice")
    by_position = {record.number(node, SG.position): node for node in nodes}
    if sorted(by_position, key=lambda n: n or 0) != list(range(1, len(nodes) + 1)):
        raise ClaimError(f"the positions of its {len(nodes)} voices are not 1 to {len(nodes)}")
    return [
        Voice(record.need(node, PROV.agent), record.node(node, SG.capacity), record.node(node, SG.through))
        for node in (by_position[n] for n in range(1, len(nodes) + 1))
    ]


def _evidence(record: Nodes, node: Term) -> Evidence:
    record.only(node, _EVIDENCE, "evidence")
    made = Evidence(
        record.need(node, OA.hasSource),
        record.text(node, SG.passageDigest) or "",
        passage_start=record.number(node, SG.passageStart),
        passage_end=record.number(node, SG.passageEnd),
    )
    for selector in record.all(node, OA.hasSelector):
        kind = record.node(selector, RDF.type)
        if kind not in _SELECTORS:
            raise ClaimError(f"{name_of(selector)} is of no kind of selector that is known here")
        record.only(selector, _SELECTORS[kind], "a selector")
        if kind == OA.TextQuoteSelector:
            made = replace(
                made,
                exact=record.text(selector, OA.exact),
                prefix=record.text(selector, OA.prefix) or "",
                suffix=record.text(selector, OA.suffix) or "",
            )
        elif kind == OA.TextPositionSelector:
            start, end = record.number(selector, OA.start), record.number(selector, OA.end)
            made = replace(made, start=start, end=end)
        else:
            made = replace(
                made,
                fragment=record.text(selector, RDF.value),
                row_key=record.text(selector, SG.rowKey),
                conforms_to=record.node(selector, DCTERMS.conformsTo),
            )
    return made


def _reading(record: Nodes, node: Term, kind: str) -> Reading:
    record.only(node, _READING, "a reading")
    read_as = record.one(node, SG.readAs)
    expression = record.text(node, SG.expression)
    if read_as is None or expression is None:
        raise ClaimError(f"{name_of(node)}: a reading needs sg:expression and sg:readAs")
    resolved = [term for term in record.all(node, SG.resolvedWith) if isinstance(term, NamedNode)]
    return Reading(
        kind,
        expression,
        read_as,
        record.node(node, SG.basis),
        record.node(node, SG.relativeTo),
        tuple(sorted(resolved, key=lambda term: term.value)),
    )


class _Record:
    """The quads of a claim while they are written: its graph, then its record."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.quads = [Quad(t.subject, t.predicate, t.object, claim.iri) for t in claim.triples]

    def part(self, name: str) -> NamedNode:
        """Return the IRI of a part of the claim."""
        return NamedNode(f"{self.claim.iri.value}#{name}")

    def say(self, subject: NamedNode, predicate: NamedNode, value: Term | str | int | None) -> None:
        """Add a quad to the record, none for a value that is not there."""
        if value is None or value == "":
            return
        if isinstance(value, int):
            value = Literal(str(value), datatype=XSD.integer)
        elif isinstance(value, str):
            value = Literal(value)
        self.quads.append(Quad(subject, predicate, value, self.claim.record))


def claim_to_quads(claim: Claim) -> list[Quad]:
    """Write a claim as quads: its graph and its record, with the parts numbered. The inverse of `claims_from_quads`."""
    iri, record = claim.iri, _Record(claim)
    record.say(iri, RDF.type, SG.Claim)
    for predicate, value in claim.other:
        record.say(iri, predicate, value)
    record.say(iri, SG.assertionKind, claim.kind or default_kind(claim))
    record.say(iri, PROV.hadPrimarySource, claim.source)
    _say_voices(record)
    for n, piece in enumerate(claim.evidence, start=1):
        _say_evidence(record, n, piece)
    numbers = {"d": 0, "i": 0}
    for reading in claim.readings:
        numbers[reading.kind] += 1
        _say_reading(record, record.part(f"{reading.kind}{numbers[reading.kind]}"), reading)
    return record.quads


def _say_voices(record: _Record) -> None:
    iri, say, part, count = record.claim.iri, record.say, record.part, len(record.claim.voices)
    say(iri, SG.firstVoice, part("v1"))
    say(iri, SG.lastVoice, part(f"v{count}"))
    for n, voice in enumerate(record.claim.voices, start=1):
        node = part(f"v{n}")
        say(iri, SG.voice, node)
        say(node, RDF.type, SG.Voice)
        say(node, SG.position, n)
        say(node, PROV.agent, voice.agent)
        say(node, SG.capacity, voice.capacity)
        say(node, SG.through, voice.through)
        say(node, SG.relays, part(f"v{n + 1}") if n < count else None)


def _say_evidence(record: _Record, n: int, piece: Evidence) -> None:
    say, node = record.say, record.part(f"e{n}")
    say(record.claim.iri, SG.evidence, node)
    say(node, RDF.type, SG.Evidence)
    say(node, OA.hasSource, piece.source)
    say(node, SG.passageStart, piece.passage_start)
    say(node, SG.passageEnd, piece.passage_end)
    say(node, SG.passageDigest, piece.passage_digest)
    if piece.exact is not None:
        quote = record.part(f"e{n}q")
        say(node, OA.hasSelector, quote)
        say(quote, RDF.type, OA.TextQuoteSelector)
        say(quote, OA.exact, piece.exact)
        say(quote, OA.prefix, piece.prefix)
        say(quote, OA.suffix, piece.suffix)
    if piece.start is not None:
        position = record.part(f"e{n}p")
        say(node, OA.hasSelector, position)
        say(position, RDF.type, OA.TextPositionSelector)
        say(position, OA.start, piece.start)
        say(position, OA.end, piece.end)
    if piece.fragment is not None:
        row = record.part(f"e{n}r")
        say(node, OA.hasSelector, row)
        say(row, RDF.type, OA.FragmentSelector)
        say(row, DCTERMS.conformsTo, piece.conforms_to)
        say(row, RDF.value, piece.fragment)
        say(row, SG.rowKey, piece.row_key)


def _say_reading(record: _Record, node: NamedNode, reading: Reading) -> None:
    say, dates = record.say, reading.kind == "d"
    say(record.claim.iri, SG.dateReading if dates else SG.identityReading, node)
    say(node, RDF.type, SG.DateReading if dates else SG.IdentityReading)
    say(node, SG.expression, reading.expression)
    say(node, SG.readAs, reading.read_as)
    say(node, SG.basis, reading.basis)
    say(node, SG.relativeTo, reading.relative_to)
    for claimed in reading.resolved_with:
        say(node, SG.resolvedWith, claimed)

"""Reads claims with all that supports them: sentence, source, voices in order, excerpts, readings, disagreements.

Pages, answers and downloads show the same `ClaimView`s, read here in a handful of queries for all claims of a page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.namespaces import GRAPH, SG, SGV, curie
from kg.queries import Queryable, Row, memory_of, select, unknown
from kg.record import Evidence, Reading, Voice, evidence_key

BEARING = (SGV.contradiction, SGV.attribution, SGV.arithmetic, SGV.precision)
"""The kinds of difference by which an answer may be another, in the order in which they are told."""

CONTRADICTING = frozenset({SGV.contradiction})
"""The kinds of difference in which not both sides can be right; of the others it is said that they can be compared."""


@dataclass(frozen=True)
class Disagreement:
    """A curators' record that claims differ: the kind of difference, a sentence, the claims (sorted by IRI)."""

    iri: NamedNode
    kind: NamedNode
    sentence: str
    between: tuple[NamedNode, ...]

    @property
    def bears_on_answers(self) -> bool:
        """Whether one side makes another answer likely; of scope, wording and change over time both sides may hold."""
        return self.kind in BEARING

    @property
    def contradicts(self) -> bool:
        """Whether not both sides can be right: only then it is said that sources disagree."""
        return self.kind in CONTRADICTING


@dataclass(frozen=True)
class ClaimView:
    """One claim as a reader meets it: its record, voices narrator first, and the disagreements that touch it.

    `article` is the source, a table of the record as well as an article; `evidence` is in the order of the source.
    """

    iri: NamedNode
    sentence: str
    article: NamedNode
    publisher: NamedNode | None = None
    kind: NamedNode | None = None
    voices: tuple[Voice, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    readings: tuple[Reading, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    withdrawn: bool = False
    replaced_by: NamedNode | None = None

    @property
    def excerpts(self) -> tuple[str, ...]:
        """The words of the source, in its order; empty for rows of a table."""
        return tuple(piece.exact for piece in self.evidence if piece.exact is not None)

    @property
    def curie(self) -> str:
        """The claim's name for a person: `claim:0d662f37494f4718`."""
        return curie(self.iri)

    def terms(self) -> set[NamedNode]:
        """Return every IRI whose label is needed to show the claim."""
        found: set[object] = {self.article, self.publisher, self.kind}
        for voice in self.voices:
            found |= {voice.agent, voice.capacity, voice.through}
        for reading in self.readings:
            found |= {reading.read_as, reading.basis, reading.relative_to}
        for record in self.disagreements:
            found.add(record.kind)
        return {term for term in found if isinstance(term, NamedNode)}


@dataclass(frozen=True)
class Derivation:
    """What was concluded by a rule, in a sentence, and the claims or derivations it follows from (sorted by IRI)."""

    iri: NamedNode
    rule: NamedNode
    sentence: str
    derived_from: tuple[NamedNode, ...]


def read_claims(store: Queryable, iris: Iterable[NamedNode]) -> dict[NamedNode, ClaimView]:
    """Return the claims among `iris`, by IRI; withdrawn ones as well, from the graph of their record."""
    known, wanted = memory_of(store, "claims"), set(iris)
    known.update(_read(store, unknown(wanted, known)))
    for iri in unknown(wanted, known):
        graphs = [row[0] for row in select(store, "record_graph", claim=iri)]
        known.update(_read(store, [iri], [*graphs, GRAPH.register]) if graphs else {})
    return {iri: known[iri] for iri in sorted(wanted, key=_iri) if iri in known}


def _read(
    store: Queryable, wanted: list[NamedNode], graphs: Sequence[NamedNode] = ()
) -> dict[NamedNode, ClaimView]:
    if not wanted:
        return {}
    voices = _voices(select(store, "claim_voices", graphs=graphs, claim=wanted))
    evidence = _evidence(select(store, "claim_evidence", graphs=graphs, claim=wanted))
    readings = _readings(select(store, "claim_readings", graphs=graphs, claim=wanted))
    disagreements = read_disagreements(store, wanted)
    found: dict[NamedNode, ClaimView] = {}
    for row in select(store, "claims", graphs=graphs, claim=wanted):
        iri, sentence, article, publisher, kind, withdrawn, replaced_by = row
        found[iri] = ClaimView(
            iri,
            sentence.value,
            article,
            publisher,
            kind,
            tuple(voice for _, voice in sorted(voices[iri], key=lambda item: item[0])),
            tuple(evidence[iri]),
            tuple(readings[iri]),
            tuple(disagreements.get(iri, ())),
            (withdrawn is not None and withdrawn.value in ("true", "1")) or replaced_by is not None,
            replaced_by,
        )
    return found


def read_derivations(store: Queryable, iris: Iterable[NamedNode]) -> dict[NamedNode, Derivation]:
    """Return the derivations among `iris`, by IRI."""
    wanted, known = set(iris), memory_of(store, "derivations")
    missing = unknown(wanted, known)
    found: dict[NamedNode, tuple[NamedNode, str, set[NamedNode]]] = {}
    for iri, sentence, rule, basis in select(store, "derivations", derivation=missing) if missing else ():
        entry = found.setdefault(iri, (rule, sentence.value if sentence else "", set()))
        if basis is not None:
            entry[2].add(basis)
    for iri, (rule, sentence, bases) in found.items():
        known[iri] = Derivation(iri, rule, sentence, tuple(sorted(bases, key=_iri)))
    return {iri: known[iri] for iri in sorted(wanted, key=_iri) if iri in known}


def read_supports(store: Queryable, graphs: Iterable[NamedNode]) -> dict[NamedNode, tuple[NamedNode, ...]]:
    """Return the claims that each claim or derivation rests on; a graph that is neither is left out."""
    wanted, known = set(graphs), memory_of(store, "supports")
    missing = unknown(wanted, known)
    found: dict[NamedNode, list[NamedNode]] = {}
    for graph, claim in select(store, "rests_on", g=missing) if missing else ():
        found.setdefault(graph, []).append(claim)
    known.update({graph: tuple(found.get(graph, ())) for graph in missing})
    return {graph: known[graph] for graph in wanted if known[graph]}


def read_disagreements(
    store: Queryable, claims: Iterable[NamedNode]
) -> Mapping[NamedNode, list[Disagreement]]:
    """Return the disagreement records that touch any of `claims`, by claim (those at the other side as well)."""
    wanted = list(claims)
    records: dict[NamedNode, tuple[NamedNode, str, set[NamedNode]]] = {}
    for iri, kind, sentence, between in select(store, "disagreements", claim=wanted) if wanted else ():
        records.setdefault(iri, (kind, sentence.value, set()))[2].add(between)
    by_claim: dict[NamedNode, list[Disagreement]] = {}
    for iri, (kind, sentence, between) in sorted(records.items(), key=str):
        record = Disagreement(iri, kind, sentence, tuple(sorted(between, key=str)))
        for claim in record.between:
            by_claim.setdefault(claim, []).append(record)
    return by_claim


def _voices(rows: Iterable[Row]) -> dict[NamedNode, list[tuple[int, Voice]]]:
    found: dict[NamedNode, list[tuple[int, Voice]]] = defaultdict(list)
    for claim, position, agent, capacity, through in rows:
        found[claim].append((int(position.value), Voice(agent, capacity, through)))
    return found


def _evidence(rows: Iterable[Row]) -> dict[NamedNode, list[Evidence]]:
    found: dict[NamedNode, list[Evidence]] = defaultdict(list)
    for claim, source, digest, exact, prefix, suffix, *numbers, row, row_key in rows:
        start, end, passage_start, passage_end = (None if n is None else int(n.value) for n in numbers)
        piece = Evidence(
            source,
            digest.value,
            None if exact is None else exact.value,
            "" if prefix is None else prefix.value,
            "" if suffix is None else suffix.value,
            start,
            end,
            passage_start,
            passage_end,
            None if row is None else row.value,
            None if row_key is None else row_key.value,
        )
        found[claim].append(piece)
    for several in found.values():
        several.sort(key=evidence_key)
    return found


def _readings(rows: Iterable[Row]) -> dict[NamedNode, list[Reading]]:
    nodes: dict[tuple[NamedNode, NamedNode], Reading] = {}
    for claim, node, prop, expression, read_as, basis, relative_to, resolved_with in rows:
        kind = "d" if prop == SG.dateReading else "i"
        known = nodes.get((claim, node))
        resolved = set(known.resolved_with if known else ()) | ({resolved_with} if resolved_with else set())
        nodes[claim, node] = Reading(
            kind, expression.value, read_as, basis, relative_to, tuple(sorted(resolved, key=_iri))
        )
    found: dict[NamedNode, list[Reading]] = defaultdict(list)
    for (claim, _), reading in nodes.items():
        found[claim].append(reading)
    for several in found.values():
        several.sort(key=lambda reading: (reading.kind, reading.expression, str(reading.read_as)))
    return found


def _iri(term: NamedNode) -> str:
    return term.value

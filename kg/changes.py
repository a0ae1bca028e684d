"""What changed from one version of the data set to the next: claims, disagreements, gaps, questions, things, terms.

`compare` is a pure function on two sets of quads; `previous_version` finds, among the snapshots that are kept, the one
to compare with. A claim's identity is what it states, in which words and by whom: a claim whose record alone differs
(its sentence, the reading of a date) is changed, never added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Quad

from kg.errors import SnapshotError
from kg.flat import record_of, withdrawn_claims
from kg.namespaces import CLAIM, DCTERMS, DERIVED, GRAPH, ID, PROV, RDF, RDFS, SG, SGV, SKOS
from kg.snapshot import read_manifest

KINDS = ("added", "replaced", "withdrawn", "removed", "reworded", "changed")
"""What can happen to a thing, in the order in which it is told."""

PARTS: dict[str, str] = {
    "claims": "Claims",
    "disagreements": "Disagreements",
    "gaps": "What the sources do not state",
    "questions": "Questions",
    "things": "Things in the register",
    "terms": "Terms of the vocabulary",
}
"""What is compared, with its heading, in order."""

_CLASSES = {SG.Claim: "claims", SG.Disagreement: "disagreements", SG.Gap: "gaps", SG.Question: "questions"}
_LABELS = (SKOS.prefLabel, RDFS.label)


@dataclass(frozen=True)
class Change:
    """What happened to one thing: `kind` is one of `KINDS`, `text` its label now, or the last one that it had.

    `was` is the label before, where it is another; `by` the claim that replaces it; `source` the article of a claim.
    """

    kind: str
    iri: NamedNode
    text: str
    was: str | None = None
    by: NamedNode | None = None
    source: NamedNode | None = None

    @property
    def is_there(self) -> bool:
        """Whether the thing still has a page in the newer version."""
        return self.kind != "removed"


@dataclass(frozen=True)
class Changes:
    """All changes, by part (a key of `PARTS`), each part in the order of `KINDS`, then by label.

    `derivations` counts what follows by rule, `quads` statements of all kinds, each added and removed: a version may
    be another because of a rule or a shape alone.
    """

    parts: dict[str, tuple[Change, ...]]
    derivations: tuple[int, int] = (0, 0)
    quads: tuple[int, int] = (0, 0)

    def __bool__(self) -> bool:
        return any(self.parts.values())

    def numbers(self, part: str) -> dict[str, int]:
        """Count the changes of a part by kind, in the order of `KINDS`; kinds that do not occur are left out."""
        found = Counter(change.kind for change in self.parts.get(part, ()))
        return {kind: found[kind] for kind in KINDS if found[kind]}


@dataclass
class _State:
    """One version, read for comparison: labels and records by part."""

    labels: dict[str, dict[NamedNode, str]] = field(default_factory=lambda: {part: {} for part in PARTS})
    records: dict[NamedNode, set[str]] = field(default_factory=dict)
    replaced: dict[NamedNode, NamedNode] = field(default_factory=dict)
    sources: dict[NamedNode, NamedNode] = field(default_factory=dict)
    withdrawn: Collection[str] = ()
    derivations: set[str] = field(default_factory=set)

    def is_live(self, iri: NamedNode) -> bool:
        return iri.value not in self.withdrawn


def compare(old: Iterable[Quad], new: Iterable[Quad]) -> Changes:
    """Return what is different in `new`; both are quads in their named graphs, in any order."""
    old, new = set(old), set(new)
    before, after = _read(old), _read(new)
    parts = {
        part: tuple(
            sorted(
                _of_part(part, before, after),
                key=lambda c: (KINDS.index(c.kind), c.source.value if c.source else "", c.text, c.iri.value),
            )
        )
        for part in PARTS
    }
    added, gone = after.derivations - before.derivations, before.derivations - after.derivations
    return Changes(parts, (len(added), len(gone)), (len(new - old), len(old - new)))


def _of_part(part: str, before: _State, after: _State) -> Iterator[Change]:
    old, new = before.labels[part], after.labels[part]
    replacements = {by for iri, by in after.replaced.items() if iri in old and before.is_live(iri)}
    for iri in old.keys() | new.keys():
        text, was = new.get(iri), old.get(iri)
        source = after.sources.get(iri) or before.sources.get(iri)
        if was is None and text is not None:
            if after.is_live(iri) and iri not in replacements:
                yield Change("added", iri, text, source=source)
        elif text is None and was is not None:
            yield Change("removed", iri, was, source=source)
        elif text is None or was is None:
            continue
        elif before.is_live(iri) and not after.is_live(iri):
            by = after.replaced.get(iri)
            now = new.get(by, text) if by is not None else text
            yield Change("replaced" if by else "withdrawn", iri, now, was if by else None, by, source)
        elif after.is_live(iri) and not before.is_live(iri):
            yield Change("added", iri, text, source=source)
        elif text != was:
            yield Change("reworded", iri, text, was, source=source)
        elif before.records.get(iri) != after.records.get(iri):
            yield Change("changed", iri, text, source=source)


def _read(quads: Iterable[Quad]) -> _State:
    state, kinds = _State(), dict[NamedNode, str]()
    labels: dict[NamedNode, tuple[int, str]] = {}
    kept = []
    for quad in quads:
        graph, subject = quad.graph_name, quad.subject
        if graph in DERIVED:
            state.derivations.add(str(graph))
            continue
        if not isinstance(subject, NamedNode) or graph in (GRAPH.derived, GRAPH.dates) or graph in CLAIM:
            continue
        kept.append(quad)
        _note(quad, subject, kinds, state)
        if quad.predicate in _LABELS and isinstance(quad.object, Literal):
            known = (_LABELS.index(quad.predicate), quad.object.value)
            labels[subject] = min(labels.get(subject, known), known)
    state.withdrawn = withdrawn_claims(kept)
    for iri, part in kinds.items():
        state.labels[part][iri] = labels.get(iri, (0, iri.value))[1]
    for quad in kept:
        owner = record_of(quad.subject)
        thing = NamedNode(owner) if owner is not None else quad.subject
        if isinstance(thing, NamedNode) and thing in kinds:
            state.records.setdefault(thing, set()).add(f"{quad.subject} {quad.predicate} {quad.object}")
    return state


def _note(quad: Quad, subject: NamedNode, kinds: dict[NamedNode, str], state: _State) -> None:
    if quad.predicate == RDF.type:
        part = _CLASSES.get(quad.object) if isinstance(quad.object, NamedNode) else None
        if part is None and quad.graph_name == GRAPH.register and subject in ID:
            part = "things"
        elif part is None and quad.graph_name == GRAPH.vocabulary and (subject in SG or subject in SGV):
            part = "terms"
        if part is not None:
            kinds[subject] = part
    elif quad.predicate == DCTERMS.isReplacedBy and isinstance(quad.object, NamedNode) and subject in CLAIM:
        state.replaced[subject] = quad.object
    elif quad.predicate == PROV.hadPrimarySource and isinstance(quad.object, NamedNode):
        state.sources[subject] = quad.object


@dataclass(frozen=True)
class Earlier:
    """A snapshot that is kept from an earlier version: its folder, its version, when it was written (Unix time)."""

    path: Path
    version: str
    written: float


def previous_version(current: Path) -> Earlier | None:
    """Return the newest snapshot beside `current` that has another version; `None` if none is kept.

    A forced build of the same version is no earlier version. Folders that are not whole are passed over.
    """
    found: list[Earlier] = []
    version = str(read_manifest(current).get("version"))
    written = written_at(current)
    for path in current.parent.iterdir():
        if path.name.startswith(".") or path == current:
            continue
        try:
            other = Earlier(path, str(read_manifest(path)["version"]), written_at(path))
        except (SnapshotError, OSError, KeyError):
            continue
        if other.version != version and other.written <= written:
            found.append(other)
    return max(found, key=lambda earlier: (earlier.written, earlier.version), default=None)


def written_at(snapshot: Path) -> float:
    """Return when a snapshot was written: nothing in it says so, since the same files give the same bytes."""
    return (snapshot / "manifest.json").stat().st_mtime


def snapshot_quads(snapshot: Path) -> list[Quad]:
    """Read the named graphs of a snapshot from its export as N-Quads. Raises `SnapshotError` if it is not there."""
    from kg.export import NAME

    path = snapshot / "exports" / f"{NAME}.nq"
    try:
        return [Quad(*q) for q in ox.parse(path.read_bytes(), format=ox.RdfFormat.N_QUADS)]
    except (OSError, SyntaxError) as error:
        raise SnapshotError(path, f"cannot be compared: {error}") from None


def compare_snapshots(old: Path, new: Path) -> Changes:
    """Compare two snapshots by their exports. Raises `SnapshotError` if one of them cannot be read."""
    return compare(snapshot_quads(old), snapshot_quads(new))

"""What can be found: one `Document` for each thing, claim, question ..., read from a graph or from the file of a build.

`kg build` writes the documents into the snapshot's folder as `search.json`, so that a server starts without asking the
store for them. A snapshot without the file, or with one of another version of the software, is read from its store.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from kg.namespaces import FOAF, GRAPH, OA, ORG, SCHEMA, SG, SH, SKOS
from kg.queries import Queryable, select, value_of

NAME = "search.json"
FORMAT = 2
"""Of the file; a change of what it holds raises it."""

KINDS = ("thing", "claim", "question", "article", "difference", "gap", "term")
"""What can be found: things, claims, stored questions, articles, records of how sources differ, what no source
states, and terms of the vocabulary."""

_BY_GRAPH = {
    GRAPH.register: "thing",
    GRAPH.vocabulary: "term",
    GRAPH.questions: "question",
    GRAPH.disagreements: "difference",
    GRAPH.gaps: "gap",
}
_ROLES = {
    SKOS.altLabel: "name",
    SCHEMA.headline: "name",
    SCHEMA.keywords: "keyword",
    SCHEMA.identifier: "identifier",
    OA.exact: "excerpt",
    SG.wording: "excerpt",
    SG.grade: "grade",
}
_PARTS = frozenset({SCHEMA.PropertyValue, SG.Parameter, SH.NodeShape, SH.PropertyShape, SH.PrefixDeclaration})
"""Classes of what belongs to something else and is not looked for by itself."""


@dataclass(frozen=True)
class Document:
    """Something to find: its `label`, its other `texts` each with a role, and the days its dates can mean.

    A role is `name`, `identifier`, `keyword`, `grade` or `excerpt`. A pair of `days` is the first and the last, ISO
    8601, empty where it is open. `type` is its class, `source` the article or table of a claim, `claims` how many
    claims say something of it.
    """

    iri: NamedNode
    kind: str
    label: str
    texts: tuple[tuple[str, str], ...] = ()
    type: NamedNode | None = None
    source: NamedNode | None = None
    days: tuple[tuple[str, str], ...] = ()
    claims: int = 0


@dataclass
class _Entry:
    kind: str
    labels: list[str] = field(default_factory=list)
    texts: set[tuple[str, str]] = field(default_factory=set)
    source: NamedNode | None = None
    days: set[tuple[str, str]] = field(default_factory=set)
    claims: int = 0


def read_documents(store: Queryable) -> list[Document]:
    """Read everything that can be found in a graph, sorted by IRI; what has no label is not among it."""
    found: dict[NamedNode, _Entry] = {}
    for iri, prop, name, graph in select(store, "search_names"):
        if isinstance(iri, NamedNode):
            entry = found.setdefault(iri, _Entry(_BY_GRAPH[graph]))
            if prop in _ROLES:
                entry.texts.add((_ROLES[prop], value_of(name)))
            else:
                entry.labels.append(value_of(name))
    for iri, name, source in select(store, "search_claims"):
        found[iri] = _Entry("claim", [value_of(name)], source=source)
    for iri, prop, name in select(store, "search_more"):
        if iri in found:
            found[iri].texts.add((_ROLES[prop], value_of(name)))
    for iri, first, last in select(store, "search_dates"):
        if iri in found and (first is not None or last is not None):
            found[iri].days.add((value_of(first), value_of(last)))
    for iri, claims in select(store, "search_mentions"):
        if iri in found:
            found[iri].claims = int(claims.value)
    types = _types(store)
    return [
        _document(iri, entry, types.get(iri))
        for iri, entry in sorted(found.items(), key=lambda item: item[0].value)
        if entry.labels and types.get(iri) not in _PARTS and (entry.kind != "question" or iri in types)
    ]


def _types(store: Queryable) -> dict[NamedNode, NamedNode]:
    """Return one class for each thing: one of ours or of a person before the general ones."""
    classes: dict[NamedNode, list[NamedNode]] = defaultdict(list)
    for iri, cls in select(store, "search_types"):
        classes[iri].append(cls)
    wanted = (SG, FOAF, ORG, SCHEMA, SKOS)

    def rank(cls: NamedNode) -> tuple[int, str]:
        return next((n for n, space in enumerate(wanted) if cls in space), len(wanted)), cls.value

    return {iri: min(several, key=rank) for iri, several in classes.items()}


def _document(iri: NamedNode, entry: _Entry, cls: NamedNode | None) -> Document:
    kind = "article" if cls in (SG.Article, SG.RecordTable) else entry.kind
    label = min(entry.labels)
    texts = {text for text in entry.texts if text[1] != label}
    texts |= {("name", other) for other in entry.labels if other != label}
    return Document(
        iri,
        kind,
        label,
        tuple(sorted(texts)),
        SG.Claim if kind == "claim" else cls,
        entry.source,
        tuple(sorted(entry.days)),
        entry.claims,
    )


def write_documents(folder: Path, documents: Iterable[Document]) -> None:
    """Write the file of a snapshot; the same documents give the same bytes."""
    rows = [
        [d.iri.value, d.kind, d.label, d.texts, _iri(d.type), _iri(d.source), d.days, d.claims]
        for d in documents
    ]
    text = json.dumps({"format": FORMAT, "documents": rows}, ensure_ascii=False, separators=(",", ":"))
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def kept_documents(folder: Path) -> list[Document] | None:
    """Read the file of a snapshot; `None` where there is none that this version of the software can read."""
    try:
        values = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return [_kept(row) for row in values["documents"]] if values["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _kept(row: list[Any]) -> Document:
    iri, kind, label, texts, cls, source, days, claims = row
    return Document(
        NamedNode(iri),
        str(kind),
        str(label),
        tuple((str(role), str(text)) for role, text in texts),
        NamedNode(cls) if cls else None,
        NamedNode(source) if source else None,
        tuple((str(first), str(last)) for first, last in days),
        int(claims),
    )


def _iri(iri: NamedNode | None) -> str:
    return iri.value if iri is not None else ""

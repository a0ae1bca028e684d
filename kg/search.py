"""Finds things by their names and claims by their sentences; spelling mistakes are forgiven.

A small index in memory: each word with the texts that hold it. A word of the query counts for a word of the data when
it is that word, begins it, or is like it (`rapidfuzz`), the less alike the less; every word of the query has to count
for something. A label weighs more than another name, and that more than a claim's sentence.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.namespaces import GRAPH, SKOS
from kg.queries import Queryable, select, value_of

LIKE = 75.0
"""How alike two words must be to count, in per cent."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_WEIGHT = {"label": 1.0, "name": 0.9, "claim": 0.6}


@dataclass(frozen=True)
class Hit:
    """Something found: `label` its name, `matched` the text that was hit, `kind` "thing", "term" or "claim".

    `kind` "term" is a class, property or concept of the vocabulary. `score` orders hits and means nothing else.
    """

    iri: NamedNode
    label: str
    matched: str
    kind: str
    score: float


@dataclass(frozen=True)
class _Text:
    iri: NamedNode
    kind: str
    role: str
    text: str
    folded: str
    words: tuple[str, ...]


class SearchIndex:
    """The index of one snapshot; immutable, cheap to make (a few milliseconds for five articles)."""

    def __init__(self, texts: Iterable[tuple[NamedNode, str, str, str]]) -> None:
        """Take texts as (IRI, kind, role, text); `role` is "label", "name" or "claim"."""
        self._texts = [_text(*entry) for entry in sorted(set(texts), key=lambda e: (e[0].value, e[2], e[3]))]
        self._holds: dict[str, set[int]] = defaultdict(set)
        self.labels: dict[NamedNode, str] = {}
        for n, text in enumerate(self._texts):
            for word in text.words:
                self._holds[word].add(n)
            if text.role != "name":
                self.labels.setdefault(text.iri, text.text)
        self._words = sorted(self._holds)

    @classmethod
    def from_store(cls, store: Queryable) -> SearchIndex:
        """Read all names and claim sentences of a graph."""
        texts: list[tuple[NamedNode, str, str, str]] = []
        for iri, prop, name, graph in select(store, "search_names"):
            if isinstance(iri, NamedNode):
                kind = {GRAPH.vocabulary: "term", GRAPH.questions: "question"}.get(graph, "thing")
                role = "name" if prop == SKOS.altLabel else "label"
                texts.append((iri, kind, role, value_of(name)))
        texts += [(iri, "claim", "claim", value_of(name)) for iri, name in select(store, "search_claims")]
        return cls(texts)

    def search(self, query: str, limit: int = 20, offset: int = 0, kind: str | None = None) -> list[Hit]:
        """Return the hits for a query, best first, each thing once; `kind` narrows them to one kind."""
        return self._ranked(query, kind)[offset : offset + limit]

    def count(self, query: str, kind: str | None = None) -> int:
        """Return how many things a query finds."""
        return len(self._ranked(query, kind))

    def did_you_mean(self, query: str) -> str | None:
        """Return the query with each unknown word replaced by the most frequent of those most like it, if any."""
        words = fold(query).split()
        better = [word if word in self._holds else self._nearest(word) for word in words]
        return " ".join(better) if better != words else None

    def _ranked(self, query: str, kind: str | None) -> list[Hit]:
        folded = fold(query)
        wanted = _WORD.findall(folded)
        found: dict[int, float] | None = None
        for word in dict.fromkeys(wanted):
            scores: dict[int, float] = {}
            for near, likeness in self._like(word).items():
                worth = likeness * (1 + 0.3 * math.log(1 + len(self._texts) / len(self._holds[near])))
                for n in self._holds[near]:
                    scores[n] = max(scores.get(n, 0.0), worth)
            found = scores if found is None else {n: found[n] + s for n, s in scores.items() if n in found}
        best: dict[NamedNode, Hit] = {}
        for n, score in (found or {}).items():
            text = self._texts[n]
            if kind is not None and text.kind != kind:
                continue
            whole = 2.0 if text.folded == folded else 1.3 if folded in text.folded else 1.0
            short = 1.0 / (1.0 + 0.03 * len(text.words))
            worth = round(score * whole * short * _WEIGHT[text.role], 6)
            if text.iri not in best or worth > best[text.iri].score:
                best[text.iri] = Hit(
                    text.iri, self.labels.get(text.iri, text.text), text.text, text.kind, worth
                )
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.label, hit.iri.value))

    def _like(self, word: str) -> dict[str, float]:
        """Return the words of the data that a word of the query may stand for, with likeness up to 1."""
        from rapidfuzz import fuzz, process

        found = {
            near: 0.3 + 0.4 * len(word) / len(near)
            for near in self._words
            if len(word) >= 2 and near.startswith(word)
        }
        if word in self._holds:
            found[word] = 1.0
        elif len(word) >= 4:
            near = process.extract(word, self._words, scorer=fuzz.ratio, limit=20, score_cutoff=LIKE)
            for other, likeness, _ in near:
                found.setdefault(other, 0.7 * likeness / 100)
        return found

    def _nearest(self, word: str) -> str:
        like = self._like(word)
        return max(sorted(like), key=lambda near: (like[near], len(self._holds[near])), default=word)


def fold(text: str) -> str:
    """Return a text for comparison: no case, no accents, one kind of apostrophe, single spaces.

    >>> fold("Children’s  SERVICES, Zoë")
    "children's services, zoe"
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def _text(iri: NamedNode, kind: str, role: str, text: str) -> _Text:
    folded = fold(text)
    return _Text(iri, kind, role, text, folded, tuple(dict.fromkeys(_WORD.findall(folded))))

"""Finds things by their names, claims by their sentences and excerpts, and what happened by its date.

A small index in memory: each word with the documents that hold it. A word of the query counts for a word of the data
when it is that word, has its stem, begins it, or is spelt nearly so, the less alike the less. What has all the words
comes first, then, where that is little, what lacks the fewest; among these, what the query names in full comes before
what only mentions it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import NamedNode

from kg.namespaces import FOAF, ORG, OWL, RDF, RDFS, SG, SKOS
from kg.queries import Queryable
from kg.search.dates import Period, periods, share
from kg.search.documents import KINDS, Document, read_documents
from kg.search.hits import Found, Hit
from kg.search.reading import Reader, Unit
from kg.search.words import SMALL_WORDS, fold, words
from kg.terms import parse_iri

__all__ = ["KINDS", "Found", "Hit", "SearchIndex", "fold"]

MOST_WORDS = 24
"""Words of a query that are looked at; a longer one is cut."""
FEW = 3
"""With fewer documents than this that have all the words, those that lack some are found as well."""

_ROLE = {"label": 1.0, "name": 0.85, "identifier": 0.9, "keyword": 0.5, "grade": 0.45, "excerpt": 0.75}
_KIND = {
    "thing": 1.0,
    "claim": 0.6,
    "question": 0.92,
    "article": 1.3,
    "difference": 0.55,
    "gap": 0.6,
    "term": 0.6,
}
_TYPE = {
    FOAF.Person: 1.5, SG.Council: 1.4, SG.Inspectorate: 1.4, SG.GovernmentDepartment: 1.4, SG.Publisher: 1.3,
    SG.Inspection: 1.35, SG.ImprovementNotice: 1.3, SG.AdviserReview: 1.3, SG.ProgressReview: 1.25, SG.Service: 1.2,
    SG.Board: 1.25, SG.Report: 1.3, SG.PeerSupport: 1.2, SG.Judgement: 1.05, SG.Finding: 0.8, SG.Statement: 0.8,
    SG.RemitItem: 0.7, SG.Condition: 0.7, SG.UnnamedAgent: 0.9, SG.UnnamedGroup: 1.2, ORG.Post: 1.25,
    SKOS.Concept: 1.1, SKOS.ConceptScheme: 0.7, OWL.Class: 0.6, RDFS.Class: 0.6, OWL.ObjectProperty: 0.5,
    OWL.DatatypeProperty: 0.5, RDF.Property: 0.5,
}  # fmt: skip
"""What people look for first, where the words do not decide."""


_ASKING = "who whom whose what which when where why how did does do was were is are has have"
ASKING = frozenset(_ASKING.split())
"""Words with which a question begins: then a stored question is more likely meant."""


@dataclass(frozen=True)
class _Text:
    role: str
    text: str
    words: tuple[str, ...]


@dataclass
class _Match:
    """What was found in one document: for each unit its worth, and the word of the data that it was found by."""

    worth: dict[int, float]
    by: dict[int, str]


class SearchIndex:
    """The index of one snapshot; immutable, cheap to make: some 30 ms for the five articles."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = sorted(documents, key=lambda d: d.iri.value)
        self._texts: list[tuple[_Text, ...]] = []
        self._holds: dict[str, dict[int, float]] = defaultdict(dict)
        self._named: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
        self._at: dict[NamedNode, int] = {}
        for n, document in enumerate(self._documents):
            self._at[document.iri] = n
            texts = [("label", document.label), *document.texts]
            self._texts.append(tuple(_Text(role, text, words(text)) for role, text in texts))
            for text in self._texts[n]:
                self._add(n, text)
        self._reader = Reader(self._holds)
        self.find = lru_cache(maxsize=512)(self._find)

    def _add(self, n: int, text: _Text) -> None:
        worth = _ROLE[text.role] / (1 + 0.02 * len(text.words))
        for word in text.words:
            if text.role == "identifier" and not any(char.isdigit() for char in word):
                continue  # "Ofsted report 2755542" is found by its number
            known = self._holds[word]
            known[n] = max(known.get(n, 0.0), worth)
        if text.role in ("label", "name", "identifier"):
            names = self._named[tuple(sorted(text.words))]
            names[n] = max(names.get(n, 0.0), _ROLE[text.role])

    @classmethod
    def from_store(cls, store: Queryable) -> SearchIndex:
        """Read everything that can be found in a graph."""
        return cls(read_documents(store))

    def search(self, query: str, limit: int = 20, offset: int = 0, kind: str | None = None) -> list[Hit]:
        """Return the hits for a query, best first, each document once; `kind` narrows them to one kind."""
        hits = self.find(query).hits
        return [hit for hit in hits if kind is None or hit.kind == kind][offset : offset + limit]

    def count(self, query: str, kind: str | None = None) -> int:
        """Return how many documents a query finds."""
        found = self.find(query)
        return len(found.hits) if kind is None else found.counts.get(kind, 0)

    def did_you_mean(self, query: str) -> str | None:
        """Return the query with each word that stands nowhere replaced by what it was taken for, if any was."""
        read_as = dict(self.find(query).read_as)
        return " ".join(read_as.get(word, word) for word in words(query)) if read_as else None

    def of_kind(self, kind: str) -> list[Document]:
        """Return all documents of a kind, in order of their IRI."""
        return [document for document in self._documents if document.kind == kind]

    def document(self, iri: NamedNode) -> Document | None:
        """Return what can be found of a thing, `None` for what has no name."""
        return self._documents[self._at[iri]] if iri in self._at else None

    def like(self, query: str, limit: int) -> list[Document]:
        """Return things and questions with a name that looks like a query which finds nothing, likest first."""
        from rapidfuzz import fuzz, process

        names = {
            (n, text.text): fold(text.text)
            for n, document in enumerate(self._documents)
            if document.kind in ("thing", "question")
            for text in self._texts[n]
            if text.role in ("label", "name", "keyword")
        }
        near = process.extract(fold(query), names, scorer=fuzz.ratio, score_cutoff=60, limit=4 * limit)
        return [self._documents[n] for n in list(dict.fromkeys(n for _, _, (n, _) in near))[:limit]]

    def main(self, classes: Collection[NamedNode], limit: int) -> list[Document]:
        """Return the members of some classes of which most is claimed, most first."""
        members = (document for document in self._documents if document.type in classes)
        return sorted(members, key=lambda document: (-document.claims, document.label))[:limit]

    # --- the query

    def _find(self, query: str, typing: bool = False) -> Found:
        """Answer a query; `typing` tells that its last word may be the beginning of one."""
        query = query.replace("\x00", " ")
        dates, rest = periods(query)
        plain = words(rest)[:MOST_WORDS]
        wanted = [word for word in plain if word not in SMALL_WORDS]
        if typing and plain and plain[-1] in SMALL_WORDS:
            wanted.append(plain[-1])
        units = [Unit(period.typed, period=period) for period in dates]
        units += self._reader.units(list(dict.fromkeys(wanted)), typing=typing)
        matches = self._matches(units)
        most = max((len(match.worth) for match in matches.values()), default=0)
        complete = [n for n, match in matches.items() if len(match.worth) == len(units)]
        chosen = set(complete)
        if len(complete) < FEW and len(units) > 1:
            enough = most if not complete else max(
                (len(m.worth) for n, m in matches.items() if n not in chosen), default=0
            )  # fmt: skip
            if 2 * enough >= len(units):
                chosen |= {n for n, match in matches.items() if len(match.worth) >= enough}
        named = self._exact(query)
        hits = [self._hit(n, units, matches.get(n), named.get(n, 0.0), query) for n in chosen | named.keys()]
        hits.sort(
            key=lambda hit: (
                bool(hit.missing),
                -math.ceil(named.get(self._at[hit.iri], 0.0)),
                len(hit.missing),
                -hit.score,
                hit.label,
                hit.iri.value,
            )
        )
        return Found(
            tuple(hits),
            dict(Counter(hit.kind for hit in hits)),
            sum(not hit.missing for hit in hits),
            dates,
            tuple((unit.typed, unit.near[0][0]) for unit in units if not unit.known and unit.near),
            bool(plain) and not units,
        )

    def _exact(self, query: str) -> dict[int, float]:
        """Return what the query names in full, in any order of its words, or by its IRI."""
        found = dict(self._named.get(tuple(sorted(words(query))), {})) if words(query) else {}
        iri = parse_iri(query)
        for candidate in (iri, parse_iri(f"id:{query.strip()}"), parse_iri(f"claim:{query.strip()}")):
            if candidate in self._at:
                found[self._at[candidate]] = 2.0
        return found

    # --- the documents

    def _matches(self, units: list[Unit]) -> dict[int, _Match]:
        matches: dict[int, _Match] = defaultdict(lambda: _Match({}, {}))
        for u, unit in enumerate(units):
            if unit.period is not None:
                for n, worth in self._in_period(unit.period):
                    matches[n].worth[u] = worth
                continue
            holding = set().union(*(self._holds[near] for near, _ in unit.near))
            rare = 1 + 0.35 * math.log(1 + len(self._documents) / max(1, len(holding)))
            for near, likeness in unit.near:
                for n, worth in self._holds[near].items():
                    value = likeness * worth * rare
                    if value > matches[n].worth.get(u, 0.0):
                        matches[n].worth[u] = value
                        matches[n].by[u] = near
        return matches

    def _in_period(self, period: Period) -> Iterator[tuple[int, float]]:
        typed = words(period.typed)
        saying = set.intersection(*(set(self._holds.get(word, ())) for word in typed)) if typed else set()
        for n, document in enumerate(self._documents):
            worth = 1.3 if n in saying else 0.0
            for first, last in document.days:
                if period.meets(first, last):
                    worth = max(worth, 0.3 + 1.3 * math.sqrt(share(first, last, period)))
            if worth:
                yield n, worth

    def _also(self, n: int, shown: _Text, words: set[str]) -> tuple[tuple[str, str], ...]:
        """Return the other texts of a document that hold words which the text that is shown, and the label, lack."""
        lacking = words.difference(shown.words, self._texts[n][0].words)
        found = []
        for text in self._texts[n]:
            if lacking.intersection(text.words):
                found.append((text.role, text.text))
                lacking.difference_update(text.words)
        return tuple(found)

    def _hit(self, n: int, units: list[Unit], match: _Match | None, named: float, query: str) -> Hit:
        document, match = self._documents[n], match or _Match({}, {})
        by = frozenset(match.by.values())
        dated = {word for unit in units if unit.period for word in words(unit.period.typed)}
        seen = by | dated
        text = max(self._texts[n], key=lambda t: (len(seen & set(t.words)), t.role == "label", _ROLE[t.role]))
        if named and set(self._texts[n][0].words) != set(words(query)):
            text = next((t for t in self._texts[n] if sorted(t.words) == sorted(words(query))), text)
            by |= frozenset(text.words) if named < 2 else frozenset()
        told = set(text.words) - SMALL_WORDS
        covered = len(seen & told) / max(1, len(told))
        typed = words(query)
        small = sum(word in text.words for word in typed if word in SMALL_WORDS) / max(1, len(typed))
        phrase = 1.25 if len(by) > 1 and fold(query) in fold(text.text) else 1.0
        phrase *= 1.2 if text.words and text.words[0] in seen.union(typed) else 1.0
        cls = document.type
        prior = _KIND[document.kind] * (_TYPE.get(cls, 1.0) if cls is not None else 1.0)
        prior *= 1 + 0.08 * math.log1p(document.claims)
        if document.kind == "question" and typed[:1] and typed[0] in ASKING:
            prior *= 2.2 if text.words[:1] == typed[:1] else 1.5
        score = (
            (sum(match.worth.values()) + named) * (0.6 + 0.5 * covered) * (1 + 0.5 * small) * phrase * prior
        )
        lacking = () if named else tuple(u.typed for i, u in enumerate(units) if i not in match.worth)
        spelt = tuple(
            (unit.typed, match.by[i]) for i, unit in enumerate(units) if not unit.known and i in match.by
        )
        return Hit(
            document.iri, document.label, text.text, document.kind, round(score, 6), text.role, cls,
            document.source, by | dated, spelt, tuple(dict.fromkeys(lacking)),
            not dated <= set(self._texts[n][0].words)
            and any(unit.period is not None and i in match.worth for i, unit in enumerate(units)),
            not all(any(u.period.holds(*days) for days in document.days) for u in units if u.period),
            self._also(n, text, set(match.by.values())),
        )  # fmt: skip

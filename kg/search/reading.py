"""How the words of a query are read: each as the words of the data that it may stand for, the likeliest first.

It may be that word, have its stem, begin it, be spelt nearly so, begin it and be spelt nearly so, or be two of them run
together. A typing error is only looked for in what is none of the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kg.search.dates import Period
from kg.search.words import PART, STEM, beginnings, cut_in_two, misspellings, starting_with, stem

SURE = 0.6
"""A word that is worth as much is no typing error."""


@dataclass(frozen=True)
class Unit:
    """A word of the query with the words of the data that it may be, or a period."""

    typed: str
    near: tuple[tuple[str, float], ...] = ()
    period: Period | None = None
    known: bool = True


class Reader:
    """Reads queries against the words of the data, each given with the documents that hold it."""

    def __init__(self, holds: Mapping[str, Collection[int]]) -> None:
        self._holds = holds
        self._words = sorted(holds)
        self._stems: dict[str, list[str]] = defaultdict(list)
        for word in self._words:
            self._stems[stem(word)].append(word)

    def units(self, wanted: list[str], *, typing: bool) -> Iterator[Unit]:
        """Give the words of a query as units; `typing` tells that the last one may be the beginning of a word."""
        n = 0
        while n < len(wanted):
            word, last = wanted[n], n == len(wanted) - 1
            joined = word + wanted[n + 1] if not last else ""
            if joined in self._holds and not (word in self._holds and wanted[n + 1] in self._holds):
                yield Unit(f"{word} {wanted[n + 1]}", ((joined, 1.0),), known=False)
                n += 2
                continue
            near = self.near(word, unfinished=typing and last)
            cut = None if near and near[0][1] > SURE else cut_in_two(self._holds, word)
            if cut is not None:
                for part in cut:
                    yield Unit(word, ((part, 1.0),), known=False)
            else:
                known = not near or near[0][0].startswith(word) or stem(near[0][0]) == stem(word)
                yield Unit(word, near, known=known)
            n += 1

    def near(self, word: str, *, unfinished: bool = False) -> tuple[tuple[str, float], ...]:
        """Return the words of the data that a word may be, with how likely; one that is unfinished is a beginning."""
        found: dict[str, float] = {}
        if len(word) >= 3 or unfinished:
            for near in starting_with(self._words, word):
                found[near] = PART * (0.4 + 0.6 * len(word) / len(near))
        for near in self._stems.get(stem(word), ()):
            found[near] = max(found.get(near, 0.0), STEM)
        if word in self._holds:
            found[word] = 1.0
        if not found:
            found = dict(misspellings(self._words, word))
            for near in beginnings(self._words, word, shortest=4 if unfinished else 5):
                found[near] = max(found.get(near, 0.0), PART * (0.3 + 0.6 * len(word) / len(near)))
        return tuple(sorted(found.items(), key=lambda item: (-item[1], -len(self._holds[item[0]]), item[0])))

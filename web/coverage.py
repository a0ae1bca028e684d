"""How much of each article's sentences the claims cover, from the sentence lists and the passages in the store."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.curation.texts import read_sentences
from kg.errors import KgError
from kg.namespaces import ID
from kg.queries import Queryable, select
from kg.settings import Settings


@dataclass(frozen=True)
class Row:
    """One article: how many sentences it has, how many have claims, how many say why not, how many are open."""

    article: str
    total: int
    covered: int
    explained: int

    @property
    def iri(self) -> NamedNode:
        """The article."""
        return ID[f"article-{self.article}"]

    @property
    def open(self) -> int:
        """Sentences with neither claim nor reason."""
        return self.total - self.covered - self.explained


def sentence_coverage(store: Queryable, settings: Settings) -> list[Row]:
    """Return a row per article whose sentence list is at hand; none where there are no lists."""
    from kg.resources import data_dir

    passages: dict[str, list[tuple[int, int]]] = {}
    prefix = f"{ID}article-"
    for source, start, end in select(store, "page_passages"):
        passages.setdefault(source.value.removeprefix(prefix), []).append((int(start.value), int(end.value)))
    try:
        lists = sorted(((settings.data or data_dir()) / "sentences").glob("*.csv"))
        found = []
        for path in lists:
            sentences = read_sentences(path)
            places = passages.get(path.stem, [])
            covered = [s for s in sentences if any(a <= s.start and s.end <= b for a, b in places)]
            explained = [s for s in sentences if s not in covered and s.status not in ("open", "claims")]
            found.append(Row(path.stem, len(sentences), len(covered), len(explained)))
    except (KgError, OSError):
        return []
    return found

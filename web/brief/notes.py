"""The notes of a scrutiny brief: claims get numbers in the order in which lines name them, their sources letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pyoxigraph import NamedNode

from kg.evidence import ClaimView, read_claims
from kg.labels import labels, voices_in_words
from kg.namespaces import CLAIM, SG
from kg.queries import Queryable, select
from web.brief.values import Note, Source
from web.charts.values import parse_when
from web.entity.facts import Facts
from web.words import article_page

AT_MOST = 3
"""How many claims a line names; it says how many more there are."""


class Notes:
    """Gives numbers to claims in the order in which lines name them."""

    def __init__(self, store: Queryable) -> None:
        self.store = store
        self.numbers: dict[NamedNode, int] = {}
        self._rests: dict[NamedNode, tuple[NamedNode, ...]] = {}

    def below(self, graphs: Iterable[NamedNode]) -> list[NamedNode]:
        """Return the claims that graphs rest on: a claim on itself, a derivation on all below it."""
        found: dict[NamedNode, None] = {}
        for graph in graphs:
            if graph in CLAIM:
                found[graph] = None
                continue
            if graph not in self._rests:
                self._rests[graph] = tuple(c for _, c in select(self.store, "rests_on", g=graph))
            found.update(dict.fromkeys(self._rests[graph]))
        return list(found)

    def cite(self, claims: Iterable[NamedNode], most: int = AT_MOST) -> tuple[tuple[int, ...], int]:
        """Return numbers for some claims, one of each publisher first, and how many claims are left out."""
        views = read_claims(self.store, dict.fromkeys(claims))
        ordered = sorted(views.values(), key=lambda c: (len(c.voices), c.article.value, c.iri.value))
        seen: set[NamedNode | None] = set()
        first: list[ClaimView] = []
        rest: list[ClaimView] = []
        for claim in ordered:
            (rest if claim.publisher in seen else first).append(claim)
            seen.add(claim.publisher)
        chosen = [*first, *rest][:most]
        known = [c for c in ordered if c.iri in self.numbers and c not in chosen]
        if known and len(chosen) == most:  # rather one that has a number already
            chosen[-1] = known[0] if chosen[-1].iri not in self.numbers else chosen[-1]
        numbers = [self.numbers.setdefault(claim.iri, len(self.numbers) + 1) for claim in chosen]
        return tuple(sorted(numbers)), len(views) - len(numbers)


def lettered(facts: Facts, claims: Iterable[ClaimView]) -> dict[NamedNode, Source]:
    """Return the sources of claims by the day of publication, each with the letter that stands for it."""
    articles = sorted({claim.article for claim in claims}, key=str)
    facts.want(articles)
    published = facts.values(articles, SG.published)
    dated = []
    for article in articles:
        whens = [parse_when(v.value) for v in published.get(article, ()) if isinstance(v, NamedNode)]
        known = [w for w in whens if w is not None]
        dated.append((known[0].days if known and known[0].days else (date.max,), article, known))
    dated.sort(key=lambda item: (item[0], item[1].value))
    return {
        article: Source(
            _letter(n), facts.name(article), known[0].words if known else "not dated", article_page(article)
        )
        for n, (_, article, known) in enumerate(dated)
    }


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"Z{number - 25}"


def numbered(
    store: Queryable, notes: Notes, views: dict[NamedNode, ClaimView], sources: dict[NamedNode, Source]
) -> tuple[Note, ...]:
    """Return the notes in order; `views` holds the claim of each number, `sources` the letter of each article."""
    names = labels(store, {term for claim in views.values() for term in claim.terms()})
    made = []
    for iri, number in notes.numbers.items():
        claim = views[iri]
        short = [type(v)(v.agent) for v in claim.voices]
        made.append(
            Note(number, voices_in_words(short, names), sources[claim.article].letter, iri, claim.sentence)
        )
    return tuple(sorted(made, key=lambda note: note.number))

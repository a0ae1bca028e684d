"""The notes of a scrutiny brief: the claims that lines cite, numbered source by source, each source with a letter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pyoxigraph import NamedNode

from kg.evidence import ClaimView, read_claims
from kg.labels import labels, voices_in_words
from kg.namespaces import CLAIM, SCHEMA, SG
from kg.queries import Queryable, select
from web.brief.values import Note, Source
from web.charts.values import parse_when
from web.entity.facts import Facts
from web.links import external
from web.words import article_page

AT_MOST = 3
"""How many claims a line names; it says how many more there are."""


class Notes:
    """Keeps the claims that lines cite, in the order in which they first do."""

    def __init__(self, store: Queryable) -> None:
        self.store = store
        self.cited: dict[NamedNode, None] = {}
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

    def cite(self, claims: Iterable[NamedNode], most: int = AT_MOST) -> tuple[tuple[NamedNode, ...], int]:
        """Choose some of these claims, one of each publisher first; return them and how many are left out."""
        views = read_claims(self.store, dict.fromkeys(claims))
        ordered = sorted(views.values(), key=lambda c: (len(c.voices), c.article.value, c.iri.value))
        seen: set[NamedNode | None] = set()
        first: list[ClaimView] = []
        rest: list[ClaimView] = []
        for claim in ordered:
            (rest if claim.publisher in seen else first).append(claim)
            seen.add(claim.publisher)
        chosen = [*first, *rest][:most]
        known = [c for c in ordered if c.iri in self.cited and c not in chosen]
        if (
            known and len(chosen) == most and chosen[-1].iri not in self.cited
        ):  # rather one that is a note already
            chosen[-1] = known[0]
        self.cited.update(dict.fromkeys(claim.iri for claim in chosen))
        return tuple(claim.iri for claim in chosen), len(views) - len(chosen)


def with_notes(facts: Facts, cited: Iterable[NamedNode]) -> tuple[Source, ...]:
    """Return the sources of claims by the day of publication, each with its claims as notes, in the order given."""
    order = list(cited)
    claims = read_claims(facts.store, order)
    names = labels(facts.store, {term for claim in claims.values() for term in claim.terms()})
    articles = sorted({claim.article for claim in claims.values()}, key=str)
    facts.want(articles)
    published, urls = facts.values(articles, SG.published), facts.values(articles, SCHEMA.url)
    dated = []
    for article in articles:
        whens = [parse_when(v.value) for v in published.get(article, ()) if isinstance(v, NamedNode)]
        known = [w for w in whens if w is not None]
        dated.append((known[0].days if known and known[0].days else (date.max,), article, known))
    dated.sort(key=lambda item: (item[0], item[1].value))
    sources = []
    for n, (_, article, known) in enumerate(dated):
        letter = _letter(n)
        url = next((external(v) for v in urls.get(article, ()) if isinstance(v, NamedNode)), None)
        own = [claims[iri] for iri in order if claims[iri].article == article]
        notes = tuple(_note(f"{letter}{number}", claim, names) for number, claim in enumerate(own, 1))
        when = known[0].words if known else "not dated"
        sources.append(Source(letter, facts.name(article), when, article_page(article), url, notes))
    return tuple(sources)


def _note(label: str, claim: ClaimView, names: dict[NamedNode, str]) -> Note:
    short = [type(v)(v.agent) for v in claim.voices]
    voices, publisher = voices_in_words(short, names), voices_in_words(short[:1], names)
    return Note(label, claim, voices, voices.removeprefix(publisher).removeprefix(", "))


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"Z{number - 25}"

"""What the views of entity pages are drawn from: statements with the claims or derivations that hold them.

A `Facts` reads in batches and remembers every graph that it met; `cite` then names them, in one go, as links to the
claim or derivation. Properties and classes are given as terms; nothing here knows a drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode

from kg.evidence import CONTRADICTING, ClaimView, read_claims
from kg.figures import FIGURE_PROPERTIES, figure_in_words
from kg.labels import labels, term_in_words, voices_in_words
from kg.namespaces import CLAIM, SG
from kg.queries import Queryable, select
from kg.record import Voice
from kg.terms import Term
from web.charts.values import Link, When, parse_when
from web.links import page_of, record_page
from web.words import excerpt_words


@dataclass(frozen=True)
class Known:
    """One statement: its object, and the graphs (claims first, then derivations) that hold it."""

    subject: NamedNode
    predicate: NamedNode
    object: Term
    graphs: tuple[NamedNode, ...]

    @property
    def derived(self) -> bool:
        """Whether it only follows by rule."""
        return not any(graph in CLAIM for graph in self.graphs)

    @property
    def when(self) -> When | None:
        """The date that it states, if its object is one."""
        return parse_when(self.object.value) if isinstance(self.object, NamedNode) else None


class Facts:
    """Statements about things, read from one store as they are asked for."""

    def __init__(self, store: Queryable) -> None:
        self.store = store
        self._found: dict[tuple[NamedNode, NamedNode], list[Known]] = {}
        self._classes: dict[NamedNode, set[NamedNode]] = {}
        self._pointing: dict[tuple[NamedNode, tuple[NamedNode, ...]], dict[NamedNode, None]] = {}
        self._read: set[NamedNode] = set()
        self._published: dict[NamedNode, date | None] = {}
        self._uncited: set[NamedNode] = set()
        self._terms: set[object] = set()
        self._claims: dict[NamedNode, ClaimView] = {}
        self._names: dict[NamedNode, str] = {}

    def read(self, subjects: Iterable[NamedNode]) -> None:
        """Read the statements about these things, each thing once."""
        things = sorted(set(subjects) - self._read, key=str)
        if not things:
            return
        self._read.update(things)
        grouped: dict[tuple[NamedNode, NamedNode, Term], list[NamedNode]] = {}
        for s, p, o, g in select(self.store, "view_statements", s=things):
            if isinstance(o, (NamedNode, Literal)):
                grouped.setdefault((s, p, o), []).append(g)
        for (s, p, o), graphs in grouped.items():
            graphs.sort(key=lambda g: (g not in CLAIM, g.value))
            self._found.setdefault((s, p), []).append(Known(s, p, o, tuple(graphs)))
            self._terms.update((s, p, o))
        self.note_graphs(graph for graphs in grouped.values() for graph in graphs)

    def pointing(
        self, things: Iterable[NamedNode], predicates: Iterable[NamedNode], limit: int = 400
    ) -> list[NamedNode]:
        """Return what points at the things by these properties, in order of its IRI; its classes are remembered."""
        props = tuple(sorted(set(predicates), key=str))
        wanted = sorted(set(things), key=str)
        missing = [thing for thing in wanted if (thing, props) not in self._pointing]
        for thing in missing:
            self._pointing[thing, props] = {}
        rows = select(self.store, "view_pointing", limit=limit * 4, o=missing, p=props) if missing else ()
        for s, _, o, cls in rows:
            if isinstance(s, NamedNode):
                self._pointing[o, props][s] = None
                self._classes.setdefault(s, set()).update({cls} if isinstance(cls, NamedNode) else ())
        found = {s: None for thing in wanted for s in self._pointing[thing, props]}
        self._terms.update(found)
        return sorted(found, key=str)[:limit]

    def values(self, things: Iterable[NamedNode], prop: NamedNode) -> dict[NamedNode, list[Term]]:
        """Return what any graph says of a property, without its evidence."""
        wanted, found = sorted(set(things), key=str), dict[NamedNode, list[Term]]()
        for s, _, o in select(self.store, "view_values", s=wanted, p=prop) if wanted else ():
            found.setdefault(s, []).append(o)
        return found

    def note_class(self, thing: NamedNode, cls: NamedNode) -> None:
        """Remember a class of a thing that was found in another way than by `pointing`."""
        self._classes.setdefault(thing, set()).add(cls)

    def classes(self, thing: NamedNode) -> set[NamedNode]:
        """Return the classes of something that was met."""
        return self._classes.get(thing, set())

    def all(self, thing: NamedNode, *predicates: NamedNode) -> list[Known]:
        """Return the statements that were read, by property in the order given."""
        return [known for p in predicates for known in self._found.get((thing, p), ())]

    def about(self, thing: NamedNode) -> list[Known]:
        """Return every statement about a thing that was read."""
        return [known for (subject, _), found in self._found.items() if subject == thing for known in found]

    def objects(self, thing: NamedNode, *predicates: NamedNode) -> list[NamedNode]:
        """Return the different IRIs that the statements name."""
        found = {
            known.object: None
            for known in self.all(thing, *predicates)
            if isinstance(known.object, NamedNode)
        }
        return list(found)

    def whens(self, thing: NamedNode, *predicates: NamedNode) -> tuple[When, ...]:
        """Return the different dates that the statements give."""
        return tuple(
            {when: None for known in self.all(thing, *predicates) if (when := known.when) is not None}
        )

    def want(self, terms: Iterable[object]) -> None:
        """Note terms whose labels will be asked for."""
        self._terms.update(terms)

    def note_graphs(self, graphs: Iterable[NamedNode]) -> None:
        """Note claims and derivations that were met in another way, so that they can be cited."""
        self._uncited.update(graph for graph in graphs if graph in CLAIM and graph not in self._claims)

    @property
    def claims(self) -> Mapping[NamedNode, ClaimView]:
        """The claims that hold what was read."""
        if self._uncited:
            fresh = read_claims(self.store, self._uncited)
            self._uncited.clear()
            self._claims.update(fresh)
            for claim in fresh.values():
                self._terms.update((*(voice.agent for voice in claim.voices), claim.publisher))
        return self._claims

    def name(self, term: object) -> str:
        """Return a term in words."""
        if isinstance(term, NamedNode) and term not in self._names:
            _ = self.claims
            self._names.update(labels(self.store, {term, *self._terms}))
            self._terms.clear()
        return term_in_words(term, self._names)

    def figure(self, thing: NamedNode) -> str:
        """Return what was read of a figure as a phrase, the empty text where no number was read."""
        told = {prop: [known.object for known in self.all(thing, prop)] for prop in FIGURE_PROPERTIES}
        self.want(term for terms in told.values() for term in terms)
        if told[SG.population]:
            self.name(told[SG.population][0])
        return figure_in_words(told, self._names)

    def cite(self, known: Iterable[Known]) -> tuple[Link, ...]:
        """Return links to what holds the statements: each excerpt once, by voice; a rule says that it is one."""
        graphs = {graph: None for k in known for graph in k.graphs}
        found: dict[str, dict[str, Link]] = {}
        for claim in (self.claims[graph] for graph in graphs if graph in self.claims):
            by, words = self._voices(claim), excerpt_words(claim)
            found.setdefault(by, {}).setdefault(words, Link(words, page_of(claim.iri), by=by))
        rules = [graph for graph in graphs if graph not in CLAIM]
        return (
            *(link for links in found.values() for link in links.values()),
            *(Link("follows by rule", page_of(graph)) for graph in rules[:3]),
        )

    def _voices(self, claim: ClaimView) -> str:
        names = {voice.agent: self.name(voice.agent) for voice in claim.voices}
        return voices_in_words([Voice(agent) for agent in names], names)

    def disputed(self, known: Iterable[Known]) -> str | None:
        """Return the address of the comparison if claims that state this contradict others, else `None`."""
        stating = (self.claims[g] for k in known for g in k.graphs if g in self.claims)
        records = (r.iri for claim in stating for r in claim.disagreements if r.kind in CONTRADICTING)
        return next((record_page(iri) for iri in records), None)

    def publishers(self) -> str:
        """Return who published what was read, in words, for a source line."""
        names = {self.name(claim.publisher) for claim in self.claims.values() if claim.publisher is not None}
        return ", ".join(sorted(names, key=str.casefold)) or "no source"

    def reported(self, known: Iterable[Known]) -> date | None:
        """Return the last day on which the first source that states this can have been published.

        A source published on a day "or later" bounds nothing.
        """
        articles = {self.claims[g].article for k in known for g in k.graphs if g in self.claims}
        new = articles - self._published.keys()
        for article, values in self.values(new, SG.published).items():
            whens = [when for value in values if (when := parse_when(value.value)) is not None]
            self._published[article] = min((when.latest for when in whens if when.latest), default=None)
        days = [day for article in articles if (day := self._published.get(article)) is not None]
        return min(days, default=None)


def source_line(facts: Facts) -> str:
    """Return the line below a drawing: whose claims it is made from, and where the evidence is."""
    return f"Source: claims of {facts.publishers()}. Every row of the table leads to its evidence."

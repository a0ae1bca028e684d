"""Where the sources disagree: `/disagreements`, filtered by kind and topic, and `/disagreements/X`, one record.

Claims stand side by side, a column for each source and voice, the earlier source first; none is preferred.
Contradictions come first, what is a matter of words last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kg.errors import NotFound, ParameterError
from kg.evidence import ClaimView, read_claims
from kg.labels import labels
from kg.namespaces import ID, SG
from kg.queries import Queryable, select, text
from web.charts.values import When, parse_when
from web.entity.facts import Facts
from web.errors import refuse
from web.links import RECORD, page_of
from web.parameters import one_of, place_in
from web.render import page
from web.serving.served import served
from web.words import local

blueprint = Blueprint("disagreements", __name__)

PAGE = 15
KIND_ORDER = (
    "contradiction",
    "arithmetic",
    "attribution",
    "change-over-time",
    "scope",
    "precision",
    "wording",
)
"""Kinds of difference, those first in which not both sides can be right."""


@dataclass
class Record:
    """A record of a difference: its kind, what differs, whether and why both can be true, topics, things, claims."""

    iri: NamedNode
    kind: NamedNode
    sentence: str
    comment: str = ""
    topics: list[NamedNode] = field(default_factory=list)
    about: list[NamedNode] = field(default_factory=list)
    between: list[NamedNode] = field(default_factory=list)
    claims: tuple[ClaimView, ...] = ()

    @property
    def publishers(self) -> int:
        """How many publishers are on its sides."""
        return len({claim.publisher for claim in self.claims})

    @property
    def order(self) -> tuple[int, int, int, str]:
        """By kind; between several publishers first, then between more than one voice; then by sentence."""
        voices = len({claim.voices for claim in self.claims})
        return _kind_order(self.kind), -(self.publishers > 1), -(voices > 1), self.sentence

    @property
    def sides(self) -> list[list[ClaimView]]:
        """The claims of one chain of voices in one source together: a column of the comparison."""
        return sides(self.claims)

    def terms(self) -> set[object]:
        """Return what is named where the record is shown."""
        named = {term for claim in self.claims for term in claim.terms()}
        return {self.kind, *self.topics, *self.about, *named}


@blueprint.get("/disagreements")
def disagreements() -> Response:
    """Show the records of one kind, one topic or all, a page of them at a time."""
    records = _records()
    kinds = list(dict.fromkeys(record.kind for record in records))
    topics = sorted({topic for record in records for topic in record.topics}, key=str)
    errors: dict[str, ParameterError] = {}
    kind = _chosen("kind", kinds, "is no kind of difference here", errors)
    topic = _chosen("topic", topics, "is no topic here", errors)
    of_topic = [r for r in records if topic is None or topic in r.topics]
    found = [r for r in of_topic if kind is None or r.kind == kind]
    offset = place_in(len(found))
    shown = found[offset : offset + PAGE]
    names = labels(served().store, {t for r in shown for t in r.terms()} | {*kinds, *topics})
    counted = Counter(topic for r in records if kind is None or r.kind == kind for topic in r.topics)
    return page(
        "disagreements.html",
        400 if errors else 200,
        title="Where the sources disagree",
        description=f"{len(records)} records of how sources differ, side by side, with the words of each; none is "
        "preferred.",
        names=names,
        groups=_by_kind(shown),
        total=len(found),
        offset=offset,
        size=PAGE,
        kinds=kinds,
        numbers=Counter(r.kind for r in of_topic),
        kind=kind,
        topics=sorted(
            ((counted[t], names[t], t) for t in topics if counted[t] or t == topic), key=lambda x: x[1]
        ),
        topic=topic,
        arguments={name: local(chosen) for name, chosen in (("kind", kind), ("topic", topic)) if chosen},
        definitions={kind: _definition(kind) for kind in {r.kind for r in shown}},
        query=text("page_disagreements"),
        errors=errors,
        noindex=bool(errors),
    )


@blueprint.get("/disagreements/<local:name>")
def record(name: str) -> Response:
    """Show one record."""
    iri = ID[f"{RECORD}{name}"]
    found = next((r for r in _records() if r.iri == iri), None)
    if found is None:
        raise NotFound(
            f"{name}: there is no such record of a disagreement; /disagreements lists those that there are"
        )
    return page(
        "disagreement.html",
        title=found.sentence,
        about_people=True,
        names=labels(served().store, found.terms()),
        r=found,
        thing=page_of(iri),
        definition=_definition(found.kind),
    )


def _records() -> list[Record]:
    """Return all records, contradictions first; read once for each version."""
    state = served()

    def read() -> list[Record]:
        found: dict[NamedNode, Record] = {}
        for iri, kind, sentence, comment, prop, value in select(state.store, "page_disagreements"):
            known = found.setdefault(iri, Record(iri, kind, sentence.value, comment.value if comment else ""))
            values = {"between": known.between, "topic": known.topics, "about": known.about}[local(prop)]
            if value not in values:
                values.append(value)
        claims = read_claims(state.store, {claim for r in found.values() for claim in r.between})
        days = _published(state.store, {claim.article for claim in claims.values()})
        for r in found.values():
            told = [claims[claim] for claim in r.between if claim in claims]
            told.sort(key=lambda c: (days[c.article], c.article.value, len(c.voices), c.sentence))
            r.claims = tuple(told)
        return sorted(found.values(), key=lambda r: r.order)

    records: list[Record] = state.remember("disagreements", read)
    return records


def _published(store: Queryable, articles: Iterable[NamedNode]) -> dict[NamedNode, tuple[date, date]]:
    """Return by when each source was published, for the order of the columns: the earlier source first."""
    known = Facts(store).values(articles, SG.published)
    never = When(None, None, "")
    whens = {a: [parse_when(v.value) or never for v in known.get(a, ())] or [never] for a in articles}
    return {article: min(when.order for when in several) for article, several in whens.items()}


def _by_kind(records: Iterable[Record]) -> dict[NamedNode, list[Record]]:
    groups: dict[NamedNode, list[Record]] = {}
    for r in records:
        groups.setdefault(r.kind, []).append(r)
    return groups


def _chosen(
    name: str, known: list[NamedNode], wrong: str, errors: dict[str, ParameterError]
) -> NamedNode | None:
    names = labels(served().store, known)
    try:
        wanted = one_of(name, {local(iri): names[iri] for iri in known}, wrong)
    except ParameterError as error:
        refuse(error, errors)
        return None
    return next((iri for iri in known if local(iri) == wanted), None)


def _kind_order(kind: NamedNode) -> int:
    name = local(kind)
    return KIND_ORDER.index(name) if name in KIND_ORDER else len(KIND_ORDER)


@blueprint.app_template_filter("sides")
def sides(claims: tuple[ClaimView, ...]) -> list[list[ClaimView]]:
    """Put the claims of one chain of voices in one source together: a column of the comparison."""
    found: dict[object, list[ClaimView]] = {}
    for claim in claims:
        found.setdefault((claim.voices, claim.article), []).append(claim)
    return list(found.values())


def _definition(concept: NamedNode) -> str:
    rows = select(served().store, "page_definition", x=concept)
    return rows[0][0].value if rows else ""

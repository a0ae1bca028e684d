"""An entity's statements arranged for reading: sections by meaning, in them one card per thing, in it blocks.

A block is the statements of one thing that rest on the same claims: their values stand on the left, the claims once on
the right. Pure: a description and the classes of the things in it go in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pyoxigraph import Literal, NamedNode

from kg.corroboration import Corroboration, corroboration_of
from kg.dates import edtf_of, is_date_iri, parse_edtf
from kg.describe import Description, EvidenceRow, Fact, Statement
from kg.errors import DateError
from kg.evidence import ClaimView, Derivation
from kg.figures import figure_in_words
from kg.namespaces import SCHEMA, SG
from kg.terms import Term


@dataclass(frozen=True)
class Block:
    """Statements of one thing with the same support: predicate and values, and what supports them."""

    pairs: tuple[tuple[NamedNode, tuple[Term, ...]], ...]
    claims: tuple[ClaimView, ...]
    derivations: tuple[tuple[Derivation, tuple[ClaimView, ...]], ...]
    behind: Corroboration
    shown_below: bool = False


@dataclass(frozen=True)
class Card:
    """One thing with its blocks; `is_subject` where it is the entity of the page itself.

    `contested` is the derivation by which it is: a record says that sources contradict each other about it.
    """

    iri: NamedNode
    types: tuple[NamedNode, ...]
    blocks: tuple[Block, ...]
    count: int
    is_subject: bool = False
    contested: NamedNode | None = None


@dataclass(frozen=True)
class Section:
    """A part of the page: its key for the address, its heading, its cards in order of time, then of name.

    `total` is how many cards there are where only some of them are here, else 0.
    """

    key: str
    title: str
    cards: tuple[Card, ...]
    total: int = 0

    @property
    def count(self) -> int:
        """How many statements it has."""
        return sum(card.count for card in self.cards)


_CLASSES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("posts", "Posts", ("Tenure", "TenureEnd")),
    ("judgements", "Judgements", ("Judgement",)),
    ("changes", "Grade changes", ("GradeChange",)),
    (
        "events",
        "Inspections, reviews and interventions",
        (
            "Inspection", "BoardReview", "AdviserReview", "ProgressReview", "ImprovementNotice", "PeerSupport",
            "Letter", "Announcement", "Publication", "Event", "Report", "Accounts", "Chain", "Lag", "RemitItem",
        ),
    ),
    ("options", "Threats and possibilities", ("Option",)),
    ("findings", "Findings", ("Finding", "Recommendation")),
    ("figures", "Figures", ("Figure", "Count", "Share", "Money", "Target", "DerivedFigure")),
    ("said", "What was said", ("Statement",)),
)  # fmt: skip
"""Sections in reading order: key, heading, the classes (of sg:) whose things they hold. The first that fits counts."""

SHORT = 40
"""A label that is longer is not repeated in headings."""

PERIPHERAL = {SG.knownOn, SG.published, SG.expectedStart}
"""Dates of report or plan, not of the thing itself: they decide the order only where there is no other date."""


def sections(
    description: Description,
    types: Mapping[NamedNode, tuple[NamedNode, ...]],
    dates: Mapping[NamedNode, Iterable[Term]] | None = None,
) -> list[Section]:
    """Arrange what is said of the things that are shown with an entity, and of those that point at it.

    `dates` are those of things whose statements here tell none; they decide the order only.
    """
    about: dict[NamedNode, list[Statement]] = {}
    for statement in (*description.incoming, *description.of_shown):
        about.setdefault(statement.subject, []).append(statement)
    grouped: dict[tuple[str, str], list[Card]] = {}
    for thing, statements in about.items():
        own_types = types.get(thing, ())
        if SG.PostAtEvent in own_types:  # one table has them all: `web.views.in_post`
            continue
        key = _section_of(description.iri, own_types, statements)
        card = _card(thing, own_types, statements)
        grouped.setdefault(key, []).append(card)
    times = {thing: _time_of(statements) for thing, statements in about.items()}
    for thing, known in (dates or {}).items():
        if thing in times and not times[thing][1] and (days := sorted(filter(None, map(_first_day, known)))):
            times[thing] = (0, days[0])
    order = [key for key, _ in _ORDER]
    return [
        Section(
            key,
            title.format(label=description.label if len(description.label) <= SHORT else "it"),
            tuple(sorted(cards, key=lambda c: (times[c.iri], description.names.get(c.iri, ""), c.iri.value))),
        )
        for (key, title), cards in sorted(grouped.items(), key=lambda item: order.index(item[0][0]))
    ]


def own_card(description: Description) -> Card | None:
    """Return the card of the entity's own statements, `None` if it has none."""
    if not description.statements:
        return None
    return _card(description.iri, description.types, list(description.statements), is_subject=True)


def _card(
    thing: NamedNode, types: tuple[NamedNode, ...], statements: list[Statement], is_subject: bool = False
) -> Card:
    marks = [s for s in statements if s.predicate == SG.contested and s.subject == thing]
    rest = [s for s in statements if s not in marks]
    contested = marks[0].evidence[0].graph if marks else None
    return Card(thing, types, blocks(rest), len(rest), is_subject, contested)


def blocks(statements: list[Statement]) -> tuple[Block, ...]:
    """Join statements that rest on the same claims in the same way, keeping their order."""
    support: dict[tuple[tuple[str, str], ...], list[Statement]] = {}
    for statement in sorted(statements, key=_pair_order):
        key = tuple((row.graph.value, row.claim.iri.value) for row in statement.evidence)
        support.setdefault(key, []).append(statement)
    found = [_block(together) for together in support.values()]
    found.sort(key=lambda block: bool(block.derivations) and not block.claims)
    return tuple(
        replace(block, shown_below=_is_shown(block, found[:n] + found[n + 1 :]))
        for n, block in enumerate(found)
    )


def _is_shown(block: Block, others: list[Block]) -> bool:
    """Whether each of several claims of a block stands in a smaller block as well: once is enough."""
    elsewhere = {
        claim.iri for other in others if len(other.claims) < len(block.claims) for claim in other.claims
    }
    return len(block.claims) > 1 and all(claim.iri in elsewhere for claim in block.claims)


def _block(statements: list[Statement]) -> Block:
    pairs: dict[NamedNode, list[Term]] = {}
    for statement in statements:
        pairs.setdefault(statement.predicate, []).append(statement.object)
    support = support_of(statements[0].evidence)
    return Block(
        tuple((predicate, tuple(values)) for predicate, values in _with_units(pairs).items()),
        support.claims,
        support.derivations,
        corroboration_of(support.claims),
    )


def _with_units(pairs: dict[NamedNode, list[Term]]) -> dict[NamedNode, list[Term]]:
    """Put a number and its unit, where they rest on the same claims, into one value: "75 %"."""
    whole = figure_in_words(pairs, {}, with_context=False)
    if not whole or not any(prop in pairs for prop in UNITS):
        return pairs
    told = {
        prop: values
        for prop, values in pairs.items()
        if prop not in (*UNITS, SCHEMA.minValue, SCHEMA.maxValue)
    }
    return {**told, SCHEMA.value: [Literal(whole)]}


UNITS = (SCHEMA.unitText, SCHEMA.currency)


@dataclass(frozen=True)
class Support:
    """What supports something: the claims that state it, and each derivation with the claims below it."""

    claims: tuple[ClaimView, ...]
    derivations: tuple[tuple[Derivation, tuple[ClaimView, ...]], ...]


def support_of(evidence: tuple[EvidenceRow, ...]) -> Support:
    """Take rows of evidence apart into what is stated and what follows by rule."""
    claims: dict[NamedNode, ClaimView] = {}
    derived: dict[NamedNode, tuple[Derivation, dict[NamedNode, ClaimView]]] = {}
    for row in evidence:
        if row.derivation is None:
            claims[row.claim.iri] = row.claim
        else:
            derived.setdefault(row.graph, (row.derivation, {}))[1][row.claim.iri] = row.claim
    return Support(
        tuple(claims.values()),
        tuple((derivation, tuple(basis.values())) for derivation, basis in derived.values()),
    )


@dataclass(frozen=True)
class Registered:
    """What the register holds without a claim: predicate and values, for the table at the foot of a page."""

    predicate: NamedNode
    values: tuple[Term, ...] = field(default=())


def registered(facts: tuple[Fact, ...], subject: NamedNode, leave_out: set[NamedNode]) -> list[Registered]:
    """Return the facts of one subject by predicate."""
    found: dict[NamedNode, list[Term]] = {}
    for fact in facts:
        if fact.subject == subject and fact.predicate not in leave_out:
            values = found.setdefault(fact.predicate, [])
            if fact.object not in values:
                values.append(fact.object)
    return [Registered(predicate, tuple(values)) for predicate, values in found.items()]


_ORDER: tuple[tuple[str, str], ...] = (
    *((key, title) for key, title, _ in _CLASSES if key != "said"),
    ("said-about", "Said about {label}"),
    ("said-by", "Said by {label}"),
    ("other", "Also connected"),
)


def _section_of(
    entity: NamedNode, types: tuple[NamedNode, ...], statements: list[Statement]
) -> tuple[str, str]:
    names = {t.value.removeprefix(str(SG)) for t in types}
    key = next((key for key, _, classes in _CLASSES if names.intersection(classes)), "other")
    if key == "said":
        own_words = any(s.predicate == SG.saidBy and s.object == entity for s in statements)
        key = "said-by" if own_words else "said-about"
    return key, dict(_ORDER)[key]


def _pair_order(statement: Statement) -> tuple[int, str, str]:
    # What a thing is about first, when it was last; the wording and the kind in between.
    rank = 2 if isinstance(statement.object, NamedNode) and is_date_iri(statement.object.value) else 1
    if statement.predicate in _FIRST:
        rank = 0
    return rank, statement.predicate.value, str(statement.object)


_FIRST = {SG.judged, SG.area, SG.grade, SG.saidBy, SG.inspector, SG.inspected}


def _time_of(statements: list[Statement]) -> tuple[int, str]:
    """Return a key that puts dated things in order of their first possible day, undated ones last."""
    days: dict[bool, list[str]] = {False: [], True: []}
    for statement in statements:
        if day := _first_day(statement.object):
            days[statement.predicate in PERIPHERAL].append(day)
    found = days[False] or days[True]
    return (0, min(found)) if found else (1, "")


def _first_day(term: Term) -> str:
    """Return the first day that a date can mean, else its last; the empty text for what is no date."""
    if not isinstance(term, NamedNode) or not is_date_iri(term.value):
        return ""
    try:
        date = parse_edtf(edtf_of(term.value))
    except DateError:
        return ""
    day = date.earliest or date.latest
    return day.isoformat() if day else ""

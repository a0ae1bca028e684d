"""What a thing is in one line, from what is told of it: who, whom, when, how much. The evidence stands below it.

Pure: a description goes in. What sources tell differently stays side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.dates import parse_edtf
from kg.describe import Description, Statement
from kg.errors import DateError
from kg.figures import FIGURE_PROPERTIES, figure_in_words
from kg.labels import day_in_words
from kg.namespaces import DCTERMS, FOAF, GRAPH, ORG, SCHEMA, SG, SGV, SKOS
from kg.terms import Term

Told = tuple[tuple[str, NamedNode], ...]

_REVIEW: Told = (
    ("of", SG.concerns), ("by", SG.carriedOutBy), (", led by", SG.ledBy), (", commissioned by", SG.commissionedBy),
    (",", SG.time), ("; due", SG.due),
)  # fmt: skip
_INSPECTION: Told = (
    ("of", SG.inspected),
    ("by", SG.inspector),
    (",", SG.time),
    (", under the", SG.framework),
)
_REPORT: Told = (("by", SG.publishedBy), ("on", SG.describes), (", published", SG.published))
_FINDING: Told = (
    ("of", SG.saidBy),
    ("about", SCHEMA.about),
    (":", SG.direction),
    ("; made at", SG.inspection),
)

PIECES: tuple[tuple[NamedNode, str, Told], ...] = (
    (SG.Tenure, "Time of", (
        ("", ORG.member), ("as", ORG.post), (", at", ORG.organization), (",", SG.status), ("; appointed", SG.appointed),
        ("; took up the post", SG.start), ("; left", SG.end),
    )),
    (SG.TenureEnd, "End of", (("", SG.endsTenure), (":", SG.kind), (",", SG.time))),
    (SG.Judgement, "Judgement", (("on", SG.area), ("for", SG.judged), (":", SG.grade), ("; made at", SG.inspection))),
    (SG.BoardReview, "Review", _INSPECTION),
    (SG.Inspection, "Inspection", _INSPECTION),
    (SG.ImprovementNotice, "Improvement notice", (("from", SG.issuedBy), ("to", SG.issuedTo), (",", SG.time))),
    (SG.AdviserReview, "Review", _REVIEW),
    (SG.ProgressReview, "Review of progress", _REVIEW),
    (SG.PeerSupport, "Support", (
        ("for", SG.recipient), ("by", SG.provider), (", directed by", SG.directedBy), (",", SG.time),
    )),
    (SG.Letter, "Letter", (("from", SCHEMA.sender), ("to", SCHEMA.recipient), ("; it announces", SG.announces))),
    (SG.Announcement, "Announcement", (("by", SG.announcedBy), ("of", SCHEMA.about), (",", SG.time))),
    (SG.Report, "Report", _REPORT),
    (SG.Accounts, "Statement of accounts", _REPORT),
    (SG.Recommendation, "Recommendation", _FINDING),
    (SG.Finding, "Finding", _FINDING),
    (SG.Statement, "Statement", (("by", SG.saidBy), ("about", SCHEMA.about), ("; it expresses", SG.expresses))),
    (SG.Option, "Possibility", (("for", SG.concerns), (":", SG.optionStatus))),
    (SG.Lag, "Time", (("from", SG.fromEvent), ("to", SG.toEvent), (":", SG.lag), (": about", SG.approximateLag))),
    (SG.Article, "Article", (("by", DCTERMS.publisher), (",", SG.published))),
    (ORG.Post, "Post", (("in", ORG.postIn),)),
    (SG.Service, "Service", (("of", ORG.unitOf),)),
    (SG.Board, "Board", (("for", SG.represents),)),
    (SG.UnnamedAgent, "Somebody whom no source names, who speaks", (("for", SG.speaksFor),)),
    (SG.Gap, "Left open by every source that was asked", ((", about", SG.about),)),
    (SKOS.Concept, "Concept", (("in the scheme", SKOS.inScheme), (", part of", SKOS.broader))),
)  # fmt: skip
"""How a thing of a class is told: its first words, then words and the property that answers. The first that fits."""


@dataclass(frozen=True)
class Piece:
    """A piece of the sentence: words, with what parts them from those before, and the values that follow them."""

    words: str
    values: tuple[Term, ...]


@dataclass(frozen=True)
class Gist:
    """A figure in words, the days that a date can mean, a sentence of pieces, or `lead`, one that may end in things."""

    figure: str = ""
    day: str = ""
    pieces: tuple[Piece, ...] = ()
    lead: str = ""
    things: tuple[NamedNode, ...] = ()


_INSPECTIONS = ("one inspection or review", "{} inspections or reviews")
_SUPPORT = ("one programme of support", "{} programmes of support")
_INTERVENTIONS = (
    "one notice, review or programme of support",
    "{} notices, reviews or programmes of support",
)
_ORDERING = (SG.issuedBy, SG.commissionedBy, SG.carriedOutBy, SG.directedBy)
ACTS: tuple[tuple[NamedNode, str, tuple[NamedNode, ...], tuple[str, str], str], ...] = (
    (SG.Council, "Council", (SG.inspected,), _INSPECTIONS, "of it, its services or its safeguarding board"),
    (SG.Council, "Council", (SG.provider,), _SUPPORT, "that it gave"),
    (SG.Inspectorate, "Inspectorate", (SG.inspector,), _INSPECTIONS, "that it carried out"),
    (SG.GovernmentDepartment, "Government department", _ORDERING, _INTERVENTIONS, "in which it acts"),
)
"""What is told of a body of a class by what it did, or was done to it, the first of which the sources tell.

The class, the first words, the properties by which an act points at the body (of a council at its services and boards
as well), one or several such acts, the body's part in them.
"""
NAMED = 5
"""More acts than this are counted only; they stand further down on the page."""


def gist_of(
    described: Description,
    posts: tuple[NamedNode, ...] = (),
    acts: tuple[int, tuple[NamedNode, ...]] = (0, ()),
) -> Gist:
    """Return what a thing is; `posts` are those connected with a person, `acts` what a body did or had done to it.

    `acts` begins with the place in `ACTS` of what they are.
    """
    told: dict[NamedNode, list[Term]] = {}
    facts = [(f.predicate, f.object) for f in described.facts if f.subject == described.iri]
    stated = sorted(described.statements, key=_only_implied)
    for predicate, value in (*((s.predicate, s.object) for s in stated), *facts):
        values = told.setdefault(predicate, [])
        if value not in values:
            values.append(value)
    if FOAF.Person in described.types:
        return _person(described, posts)
    if any(entry[0] in described.types for entry in ACTS):
        _, first, _, many, part = ACTS[acts[0]]
        return _body(acts[1], first, many, part)
    if SG.Date in described.types:
        return Gist(day=_days(told))
    if SG.Publisher in described.types:
        published = [
            f.subject
            for f in described.facts_about
            if f.predicate == DCTERMS.publisher and f.graph == GRAPH.register
        ]
        return Gist(pieces=(Piece("Publisher of", tuple(published)),) if published else ())
    if SCHEMA.value in told or SCHEMA.minValue in told:
        return Gist(figure_in_words({p: told.get(p, ()) for p in FIGURE_PROPERTIES}, described.names))
    first, wanted = next(
        ((first, pieces) for cls, first, pieces in PIECES if cls in described.types), ("", ())
    )
    pieces = [Piece(words, tuple(told[prop])) for words, prop in wanted if prop in told]
    return Gist(pieces=(Piece(first, ()), *pieces) if pieces else ())


def _only_implied(statement: Statement) -> bool:
    """Whether no claim says it outright: such a value is told after those that are said."""
    return all(row.derived or row.claim.kind == SGV.implied for row in statement.evidence)


def _body(acts: tuple[NamedNode, ...], first: str, many: tuple[str, str], part: str) -> Gist:
    """Say of how many acts of or about a body the sources tell, and of which where they are few."""
    if not acts:
        return Gist()
    told = f"{first}. The sources tell of {many[0] if len(acts) == 1 else many[1].format(len(acts))} {part}"
    return Gist(lead=f"{told}:", things=acts) if len(acts) <= NAMED else Gist(lead=f"{told}.")


def _person(described: Description, posts: tuple[NamedNode, ...]) -> Gist:
    """Say with which posts sources connect a person, and how many publishers do; never that they were held."""
    if not posts:
        return Gist()
    rows = [r for s in described.incoming if s.predicate == ORG.member for r in s.evidence if not r.derived]
    publishers = {row.publisher for row in rows if row.publisher is not None}
    who = f"{len(publishers)} publishers connect" if len(publishers) > 1 else "One publisher connects"
    if not publishers or described.totals.get("incoming", 0) > len(described.incoming):
        who = "The sources connect"
    return Gist(lead=f"{who} this person with {'a post' if len(posts) == 1 else 'posts'}:", things=posts)


def _days(told: dict[NamedNode, list[Term]]) -> str:
    """Say which days a date can mean, and that it is one unknown day of them or lasts."""
    edtf = next((term.value for term in told.get(SG.edtf, ())), "")
    try:
        date = parse_edtf(edtf)
    except DateError:
        return ""
    first, last = (day_in_words(d.isoformat()) if d else "" for d in (date.earliest, date.latest))
    if first == last:
        return f"One day (EDTF {edtf})."
    span = f"{first} to {last}" if first and last else f"{last} or before" if last else f"{first} or later"
    how = "Lasting" if date.kind == "span" else "Some day"
    about = " The source gives it as approximate." if date.approximate else ""
    return f"{how}, {span} (EDTF {edtf}).{about}"

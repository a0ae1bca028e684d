"""What a thing is in one line, from what is told of it: who, whom, when, how much. The evidence stands below it.

Pure: a description goes in. What sources tell differently stays side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.dates import parse_edtf
from kg.describe import Description
from kg.errors import DateError
from kg.figures import FIGURE_PROPERTIES, figure_in_words
from kg.labels import day_in_words
from kg.namespaces import DCTERMS, FOAF, GRAPH, ORG, SCHEMA, SG, SKOS
from kg.terms import Term

Told = tuple[tuple[str, NamedNode], ...]

_REVIEW: Told = (
    ("commissioned by", SG.commissionedBy), ("of", SG.concerns), ("carried out by", SG.carriedOutBy),
    ("led by", SG.ledBy), ("", SG.time), ("due", SG.due),
)  # fmt: skip
_INSPECTION: Told = (("by", SG.inspector), ("of", SG.inspected), ("", SG.time), ("under", SG.framework))
_REPORT: Told = (("published by", SG.publishedBy), ("on", SG.describes), ("", SG.published))
_FINDING: Told = (
    ("by", SG.saidBy), ("about", SCHEMA.about), ("direction:", SG.direction), ("at", SG.inspection),
)  # fmt: skip

PIECES: tuple[tuple[NamedNode, Told], ...] = (
    (SG.Tenure, (
        ("", ORG.member), ("as", ORG.post), ("at", ORG.organization), ("", SG.status), ("appointed", SG.appointed),
        ("took up the post", SG.start), ("left", SG.end),
    )),
    (SG.TenureEnd, (("end of", SG.endsTenure), ("", SG.kind), ("", SG.time))),
    (SG.Judgement, (("of", SG.judged), ("area:", SG.area), ("grade:", SG.grade), ("at", SG.inspection))),
    (SG.BoardReview, _INSPECTION),
    (SG.Inspection, _INSPECTION),
    (SG.ImprovementNotice, (("issued by", SG.issuedBy), ("to", SG.issuedTo), ("", SG.time))),
    (SG.AdviserReview, _REVIEW),
    (SG.ProgressReview, _REVIEW),
    (SG.PeerSupport, (("by", SG.provider), ("for", SG.recipient), ("directed by", SG.directedBy), ("", SG.time))),
    (SG.Letter, (("from", SCHEMA.sender), ("to", SCHEMA.recipient), ("announces", SG.announces))),
    (SG.Announcement, (("by", SG.announcedBy), ("of", SCHEMA.about), ("", SG.time))),
    (SG.Report, _REPORT),
    (SG.Accounts, _REPORT),
    (SG.Finding, _FINDING),
    (SG.Recommendation, _FINDING),
    (SG.Statement, (("by", SG.saidBy), ("about", SCHEMA.about), ("expresses", SG.expresses))),
    (SG.Option, (("for", SG.concerns), ("", SG.optionStatus))),
    (SG.Article, (("published by", DCTERMS.publisher), ("", SG.published))),
    (ORG.Post, (("in", ORG.postIn),)),
    (SG.Service, (("of", ORG.unitOf),)),
    (SG.Board, (("for", SG.represents),)),
    (SG.UnnamedAgent, (("speaks for", SG.speaksFor),)),
    (SKOS.Concept, (("in", SKOS.inScheme), ("part of", SKOS.broader))),
)  # fmt: skip
"""What is told of a thing of a class, in order: words and the property that answers. The first class that fits."""


@dataclass(frozen=True)
class Piece:
    """A piece of the line: words, and the values that follow them."""

    words: str
    values: tuple[Term, ...]


@dataclass(frozen=True)
class Gist:
    """The line: a figure in words, the days that a date can mean, pieces, or `lead`, a sentence that ends in things."""

    figure: str = ""
    day: str = ""
    pieces: tuple[Piece, ...] = ()
    lead: str = ""
    things: tuple[NamedNode, ...] = ()


def gist_of(
    described: Description, posts: tuple[NamedNode, ...] = (), inspections: tuple[NamedNode, ...] = ()
) -> Gist:
    """Return what a thing is; `posts` are those connected with a person, `inspections` those of a council."""
    told: dict[NamedNode, list[Term]] = {}
    facts = [(f.predicate, f.object) for f in described.facts if f.subject == described.iri]
    for predicate, value in (*((s.predicate, s.object) for s in described.statements), *facts):
        values = told.setdefault(predicate, [])
        if value not in values:
            values.append(value)
    if FOAF.Person in described.types:
        return _person(described, posts)
    if SG.Council in described.types:
        if not inspections:
            return Gist()
        many = "an inspection" if len(inspections) == 1 else f"{len(inspections)} inspections or reviews"
        return Gist(
            lead=f"Council. The sources tell of {many} of it, its services or its safeguarding board:",
            things=inspections,
        )
    if SG.Date in described.types:
        return Gist(day=_days(told))
    if SG.Publisher in described.types:
        published = [
            f.subject
            for f in described.facts_about
            if f.predicate == DCTERMS.publisher and f.graph == GRAPH.register
        ]
        return Gist(pieces=(Piece("published", tuple(published)),) if published else ())
    if SCHEMA.value in told or SCHEMA.minValue in told:
        return Gist(figure_in_words({p: told.get(p, ()) for p in FIGURE_PROPERTIES}, described.names))
    wanted = next((pieces for cls, pieces in PIECES if cls in described.types), ())
    return Gist(pieces=tuple(Piece(words, tuple(told[prop])) for words, prop in wanted if prop in told))


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

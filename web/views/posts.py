"""A person's posts, and a post's holders, as bars."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from kg.namespaces import ORG, SG, SGV
from web.charts.figure import Figure
from web.charts.posts import Post, posts_drawing
from web.charts.values import Cell, Link, Table
from web.entity.facts import Facts, Known, source_line
from web.links import page_of

DATES: tuple[tuple[NamedNode, str], ...] = (
    (SG.appointed, "appointed"),
    (SG.expectedStart, "planned start"),
    (SG.start, "took up the post"),
    (SG.knownOn, "known in post"),
    (SG.end, "left"),
)
"""The dates of a tenure, with their words, in order."""


def read_tenures(facts: Facts, tenures: Iterable[NamedNode]) -> list[NamedNode]:
    """Read all that is drawn of some tenures; return them in order of time."""
    found = list(tenures)
    facts.read(found)
    facts.read(facts.pointing(found, (SG.endsTenure,)))
    facts.want(found)
    return sorted(found, key=lambda t: _time(facts, t))


def _time(facts: Facts, tenure: NamedNode) -> tuple[str, str]:
    held = facts.whens(tenure, SG.start, SG.knownOn, SG.end) or facts.whens(tenure, *(p for p, _ in DATES))
    days = [day.isoformat() for when in held for day in when.days]
    # An undated tenure comes first: the sources name those as what went before.
    return min(days, default=""), facts.name(tenure)


def ends_of(facts: Facts, tenure: NamedNode) -> list[NamedNode]:
    """Return how a tenure ended, according to whom: events that were read."""
    return facts.pointing((tenure,), (SG.endsTenure,))


def post_of(facts: Facts, tenure: NamedNode, by_person: bool) -> Post:
    """Return a tenure as a bar, named by its holder (`by_person`) or by its post."""
    dates = {prop: facts.whens(tenure, prop) for prop, _ in DATES}
    ends = [known for end in ends_of(facts, tenure) for known in facts.all(end, SG.kind)]
    clash = facts.disputed([*ends, *facts.all(tenure, *(p for p, _ in DATES))])
    kinds = " or ".join(sorted({facts.name(known.object) for known in ends}))
    return Post(
        _label(facts, tenure, by_person),
        page_of(tenure),
        _words(facts, tenure),
        ", ".join(sorted({facts.name(status) for status in facts.objects(tenure, SG.status)})),
        starts=dates[SG.start],
        ends=dates[SG.end],
        known=dates[SG.knownOn],
        appointed=dates[SG.appointed],
        expected=dates[SG.expectedStart],
        disputed=f"sources disagree: {kinds}" if clash and kinds else "sources disagree" if clash else "",
        disputed_href=clash,
    )


def _label(facts: Facts, tenure: NamedNode, by_person: bool) -> str:
    wanted = (ORG.member,) if by_person else (ORG.post, ORG.organization)
    for prop in wanted:
        named = facts.objects(tenure, prop)
        if named:
            return " or ".join(facts.name(thing) for thing in named)
    return facts.name(tenure)


def _words(facts: Facts, tenure: NamedNode) -> str:
    told = []
    for prop, words in DATES:
        dated = [f"{when.words}" for when in facts.whens(tenure, prop)]
        if dated:
            rule = all(known.derived for known in facts.all(tenure, prop))
            told.append(f"{words} {' / '.join(dated)}{' (by rule)' if rule else ''}")
    if not told:
        told = ["no source dates it"]
        for prop, words in ((SG.before, "it was before"), (SG.follows, "it followed")):
            told += [f"{words} “{facts.name(thing)}”" for thing in facts.objects(tenure, prop)]
    return "; ".join(told)


def rows_of(facts: Facts, tenure: NamedNode, by_person: bool) -> list[tuple[Cell, ...]]:
    """Return one row per thing told of a tenure: its post, what, when, evidence."""
    name = Link(_label(facts, tenure, by_person), page_of(tenure))
    rows: list[tuple[Cell, ...]] = []

    def add(what: str, when: str, known: list[Known]) -> None:
        rows.append((name, what, when, facts.cite(known)))

    status = facts.all(tenure, SG.status)
    for known in status:
        add(facts.name(known.object), "", [known])
    for prop, words in DATES:
        for known in facts.all(tenure, prop):
            add(words, known.when.words if known.when else "", [known])
    for end in ends_of(facts, tenure):
        for known in facts.all(end, SG.kind):
            times = facts.all(end, SG.time)
            words = " / ".join(when.words for when in facts.whens(end, SG.time))
            differ = facts.disputed([known])
            what: Cell = facts.name(known.object)
            if differ:
                what = (str(what), Link("sources disagree", differ))
            rows.append((name, what, words or "not stated", facts.cite([known, *times])))
    if len(rows) == len(status):
        add("holds or held the post", "not stated", facts.all(tenure, ORG.member))
    return rows


def posts_figure(facts: Facts, iri: NamedNode, by_person: bool) -> Figure | None:
    """Return the bars of a person's posts (`by_person` false) or of a post's holders; `None` without any."""
    tenures = read_tenures(facts, facts.pointing((iri,), (ORG.post if by_person else ORG.member,)))
    if not tenures:
        return None
    facts.want([iri, SGV.interim])
    posts = [post_of(facts, tenure, by_person) for tenure in tenures]
    who = facts.name(iri)
    title = f"{who}: who held it" if by_person else f"{who}: posts"
    svg, legend = posts_drawing("posts", title, posts)
    rows = [row for tenure in tenures for row in rows_of(facts, tenure, by_person)]
    number = f"{len(posts)} {'holder' if by_person else 'post'}{'' if len(posts) == 1 else 's'}"
    return Figure(
        "posts",
        title,
        f"{number} that the sources name. Known in post on a day is not in post since that day.",
        source_line(facts),
        Table(("Holder" if by_person else "Post", "What is told", "When", "Evidence"), tuple(rows)),
        svg,
        legend,
    )


def tenure_figure(facts: Facts, iri: NamedNode) -> Figure | None:
    """Return the bar of one tenure with what is told of it; `None` where no source dates it."""
    read_tenures(facts, [iri])
    post = post_of(facts, iri, by_person=True)
    if not post.days:
        return None
    title = f"{facts.name(iri)}: when"
    svg, legend = posts_drawing("tenure", title, [post])
    return Figure(
        "tenure",
        title,
        "Known in post on a day is not in post since that day.",
        source_line(facts),
        Table(("Holder", "What is told", "When", "Evidence"), tuple(rows_of(facts, iri, by_person=True))),
        svg,
        legend,
    )

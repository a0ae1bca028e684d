"""The accountability chain of a body, for the timeline page: inspection, judgement, notice, review, who was in post."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from pyoxigraph import NamedNode

from kg.evidence import ClaimView, read_claims
from kg.namespaces import ID, SG, SGV
from kg.queries import Queryable, select
from web.charts.figure import Figure
from web.charts.values import Table
from web.entity.facts import Facts, source_line
from web.timeline import KINDS, MAIN_AREAS, main_grades
from web.views.bodies import IN_POST, Record, draw_record, legend_of_record, post_row, record_of
from web.views.events import ENOUGH, EVENT_COLUMNS, LINES_LEAD, TO_BODY, event_rows, happenings
from web.views.posts import ends_of, post_of, rows_of

BY_DAYS = "By the days that each date can mean"
OF_ARTICLE = "What this source tells of, with the dates that all sources give"


def bodies_with_record(store: Queryable) -> list[tuple[str, str]]:
    """Return the councils that something was done to, as local name and label, those with most of it first."""
    facts = Facts(store)
    councils = [row[0] for row in select(store, "page_members", kind=SG.Council)]
    facts.want(councils)
    counted = {body: len(record_of(facts, body).events) for body in councils if isinstance(body, NamedNode)}
    ordered = sorted((b for b, n in counted.items() if n), key=lambda b: (-counted[b], facts.name(b)))
    return [(body.value.removeprefix(str(ID)), facts.name(body)) for body in ordered]


def things_of(store: Queryable, body: NamedNode) -> set[NamedNode]:
    """Return everything of a body's record: what the list of dated statements is narrowed to."""
    facts = Facts(store)
    record = record_of(facts, body)
    ends = {end for tenure in record.tenures for end in ends_of(facts, tenure)}
    announced = facts.pointing([*ends, *record.events, *record.judgements], (SG.announces,))
    return {*record.events, *record.judgements, *record.tenures, *ends, *announced}


def chain_figure(
    store: Queryable, body: NamedNode, kind: str = "", article: NamedNode | None = None
) -> Figure | None:
    """Return the chain of a body, of one kind of entry or told by one article where that is asked for."""
    facts = Facts(store)
    record = record_of(facts, body)
    events = _chosen(facts, record, kind, article)
    main = [j for j in record.judgements if _is_main(facts, j)]
    rows = happenings(facts, events, context=[*main, *record.events])
    tenures = [t for t in record.tenures if kind in ("", "posts", "known") and _told(facts, t, article)]
    if not rows and not tenures:
        return None
    facts.want([body])
    posts = [post_of(facts, tenure, by_person=True) for tenure in tenures]
    title = f"{facts.name(body)}: what was done, and who was in post"
    return Figure(
        "chain",
        title,
        BY_DAYS if article is None else OF_ARTICLE,
        source_line(facts),
        Table(
            EVENT_COLUMNS,
            (
                *event_rows(facts, rows),
                *(post_row(row) for tenure in tenures for row in rows_of(facts, tenure, by_person=True)),
            ),
        ),
        draw_record("chain", title, [], rows, posts),
        legend_of_record([], rows, posts),
        rest=IN_POST if tenures else "",
        hint=LINES_LEAD if rows else "",
    )


@dataclass(frozen=True)
class Undated:
    """A thing of a record that no source dates: the days between which it lies, overall grades, what tells of it."""

    thing: NamedNode
    earliest: str | None
    latest: str | None
    grades: tuple[NamedNode, ...]
    claims: tuple[ClaimView, ...]


def undated(
    store: Queryable,
    bodies: Iterable[NamedNode],
    kind: str,
    article: NamedNode | None,
    dated: Container[NamedNode],
) -> list[Undated]:
    """Return what was done to some bodies, is not among the `dated` things, and has no date in any source."""
    facts, grades, found = Facts(store), main_grades(store), dict[NamedNode, Undated]()
    for body in bodies:
        record = record_of(facts, body)
        events = _chosen(facts, record, kind, article)
        for row in happenings(facts, events, context=[*record.judgements, *record.events]):
            thing = NamedNode(row.key)
            if row.whens or thing in dated:
                continue
            told = facts.all(thing, *ENOUGH, *TO_BODY) or facts.about(thing)
            cited = dict.fromkeys(g for known in told for g in known.graphs if g in facts.claims)
            views = read_claims(store, cited)
            shown = tuple(views[g] for g in cited if article is None or views[g].article == article)
            found[thing] = Undated(thing, _iso(row.floor), _iso(row.ceiling), grades.get(thing, ()), shown)
    return list(found.values())


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _chosen(facts: Facts, record: Record, kind: str, article: NamedNode | None) -> list[NamedNode]:
    found: Iterable[NamedNode] = [*record.events, *(j for j in record.judgements if _is_main(facts, j))]
    if kind == "known":
        return []
    if kind:
        found = [thing for thing in found if facts.classes(thing) & KINDS[kind][1]]
    return [thing for thing in found if _told(facts, thing, article)]


def _is_main(facts: Facts, judgement: NamedNode) -> bool:
    areas = facts.objects(judgement, SG.area)
    return not areas or any(area in SGV and area.value.endswith(MAIN_AREAS) for area in areas)


def _told(facts: Facts, thing: NamedNode, article: NamedNode | None) -> bool:
    """Whether an article says anything of a thing."""
    if article is None:
        return True
    cited = [facts.claims[g] for known in facts.about(thing) for g in known.graphs if g in facts.claims]
    return any(claim.article == article for claim in cited)

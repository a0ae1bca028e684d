"""A council, a service or a board: grades by area, what was done, and who was in post, on one time axis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.namespaces import ORG, SG, SGV
from kg.queries import select
from web.charts.axis import axis_for
from web.charts.events import Happening, draw_events, event_legend
from web.charts.figure import Figure
from web.charts.grades import WIDTH, Grade, Panel, Strip, draw_panels
from web.charts.posts import WHISKER, Post, draw_posts, legend_of
from web.charts.svg import GUTTER, drawing, text
from web.charts.values import Cell, Link, Table
from web.entity.facts import Facts, source_line
from web.links import page_of
from web.views.events import TO_BODY, event_rows, happenings, kind_of, read_events, when_judged
from web.views.posts import post_of, read_tenures, rows_of

ROLES = frozenset({
    SGV["role-director-of-childrens-services"], SGV["role-council-leader"], SGV["role-chief-executive"],
})  # fmt: skip
"""Posts that answer for a council's children's services; the others stand on the pages of their holders."""
IN_POST = "with who was in post"
"""What stands last in the table of a record."""
_TONES = {
    "outstanding": "high",
    "good": "high",
    "requires-improvement": "mid",
    "adequate": "mid",
    "inadequate": "low",
}


def parts_of(facts: Facts, body: NamedNode) -> list[NamedNode]:
    """Return a body with its services and the boards that stand for it."""
    return [body, *facts.pointing((body,), (ORG.unitOf, SG.represents))]


@dataclass(frozen=True)
class Record:
    """What was done to a body, all of it read: events, judgements of it, and the tenures of who answers for it."""

    bodies: tuple[NamedNode, ...]
    events: tuple[NamedNode, ...]
    judgements: tuple[NamedNode, ...]
    tenures: tuple[NamedNode, ...]


def record_of(facts: Facts, body: NamedNode) -> Record:
    """Read what was done to a body, to its services and the boards that stand for it, and to whose unit it is."""
    bodies = parts_of(facts, body)
    above = [thing for things in facts.values(bodies[:1], ORG.unitOf).values() for thing in things]
    owners = [thing for thing in above if isinstance(thing, NamedNode)]
    events = [t for t in facts.pointing([*bodies, *owners], TO_BODY) if kind_of(facts, t)[0] != "event"]
    judgements = [t for t in events if SG.Judgement in facts.classes(t)]
    reports = facts.pointing([t for t in events if kind_of(facts, t)[0] == "inspection"], (SG.describes,))
    read_events(facts, [*events, *reports])
    return Record(
        tuple(bodies),
        tuple(t for t in dict.fromkeys([*events, *reports]) if t not in judgements),
        tuple(j for j in judgements if set(facts.objects(j, SG.judged)) & set(bodies)),
        tuple(read_tenures(facts, _tenures(facts, [*bodies, *owners]))),
    )


def body_figure(facts: Facts, body: NamedNode) -> Figure | None:
    """Return the grades, events and posts of a body; `None` where none is known."""
    record = record_of(facts, body)
    panels = panels_of(facts, record.judgements)
    rows = happenings(facts, record.events, context=record.judgements)
    if not panels and not rows and not record.tenures:
        return None
    facts.want(record.bodies)
    posts = [post_of(facts, tenure, by_person=True) for tenure in record.tenures]
    title = _headline(facts, body, list(record.bodies))
    return Figure(
        "body",
        title,
        "Grades by area; what was done; who was in post." + inferred_scale(facts, record.judgements),
        source_line(facts),
        Table(
            ("What", "Kind", "When", "What is told", "Evidence"),
            (
                *grade_rows(facts, record.judgements),
                *event_rows(facts, rows),
                *(
                    post_row(row)
                    for tenure in record.tenures
                    for row in rows_of(facts, tenure, by_person=True)
                ),
            ),
        ),
        draw_record("body", title, panels, rows, posts),
        legend_of_record(panels, rows, posts),
        rest=IN_POST if posts else "",
        hint="One time axis for all." + (" A panel for each scale, no rank across scales." if panels else ""),
    )


def draw_record(key: str, title: str, panels: list[Panel], rows: list[Happening], posts: list[Post]) -> str:
    """Draw panels of grades, events and posts below each other on one time axis; each part may be empty."""
    days = (
        [d for p in panels for d in p.days]
        + [d for e in rows for d in e.reach]
        + [d for p in posts for d in p.days]
    )
    axis = axis_for(days, GUTTER, WIDTH - WHISKER - 6)
    markup, height = draw_panels(panels, axis, 24)
    drawn, y = [markup], 30 + height
    for name, made in (
        ("What was done", (lambda top: draw_events(rows, axis, top)) if rows else None),
        ("Who was in post", (lambda top: draw_posts(posts, axis, top)[:2]) if posts else None),
    ):
        if made is not None:
            drawn.append(text(name, 0, y + 14, "panel-title"))
            markup, height = made(y + 26)
            drawn.append(markup)
            y += height + 36
    told = [f"{s.label}: {', then '.join(g.words for g in s.grades)}" for p in panels for s in p.strips]
    told += [f"{e.label}: {' or '.join(w.words for w in e.whens) or 'not dated'}" for e in rows]
    told += [f"{p.label}: {p.words}" for p in posts]
    grid = axis.draw(22, y - 8) if days else ""
    return drawing(key, title, "; ".join(told), (WIDTH, y - 4), grid, *drawn)


def legend_of_record(
    panels: list[Panel], rows: list[Happening], posts: list[Post]
) -> tuple[tuple[str, str], ...]:
    """Return the legend for the marks that occur."""
    days = [day for post in posts for day in post.days]
    used = draw_posts(posts, axis_for(days, GUTTER, WIDTH), 0)[2]
    return (*_grade_legend(panels), *event_legend(rows), *legend_of(used))


def post_row(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Return a row of the table of posts in the columns of the table of a body."""
    who, what, when, evidence = row
    return who, "post", when, what, evidence


def _tenures(facts: Facts, bodies: list[NamedNode]) -> list[NamedNode]:
    posts = facts.pointing(bodies, (ORG.postIn,))
    roles = facts.values(posts, ORG.role)
    return facts.pointing([p for p in posts if ROLES.intersection(roles.get(p, ()))], (ORG.post,))


def _grade_legend(panels: list[Panel]) -> tuple[tuple[str, str], ...]:
    grades = [grade for panel in panels for strip in panel.strips for grade in strip.grades]
    if any(grade.whens == () and grade.reported for grade in grades):
        return (("mark reported", "not dated: drawn on the day that it was reported by"),)
    return ()


def _headline(facts: Facts, body: NamedNode, bodies: list[NamedNode]) -> str:
    """Say what became of the areas that were graded twice on one scale; else what the drawing shows."""
    changes = facts.pointing(bodies, (SG.judged,))
    wanted = [change for change in changes if SG.GradeChange in facts.classes(change)]
    facts.read(wanted)
    facts.want([body])
    counted = [kind for change in wanted for kind in facts.objects(change, SG.change)]
    compared = [kind for kind in counted if kind != SGV["not-comparable"]]
    name = facts.name(body)
    if not compared:
        return f"{name}: grades, what was done, who was in post"
    better = sum(kind == SGV.improved for kind in compared)
    areas = "area was" if len(compared) == 1 else "areas were"
    return f"{name}: {len(compared)} {areas} graded twice on one scale, and {better or 'none'} improved"


def inferred_scale(facts: Facts, judgements: Iterable[NamedNode]) -> str:
    """Return a sentence that says so where a scale is inferred, else the empty text; judgements were read."""
    wanted = list(judgements)
    scales = read_scales(facts, {g for j in wanted for g in facts.objects(j, SG.grade)})
    ranked = [j for j in wanted for g in facts.objects(j, SG.grade) if g in scales and scales[g][1]]
    inspections = list(dict.fromkeys(i for j in ranked for i in facts.objects(j, SG.inspection)))
    facts.read(inspections)
    unnamed = [i for i in inspections if not facts.objects(i, SG.framework)]
    if not unnamed:
        return ""
    return " Where no article names the framework of an inspection, its scale is inferred from the names of the areas."


def panels_of(facts: Facts, judgements: Iterable[NamedNode]) -> list[Panel]:
    """Return judgements that were read, a panel for each scale, the scale that is not stated last."""
    wanted = list(judgements)
    given = {grade for j in wanted for grade in facts.objects(j, SG.grade)}
    scales = read_scales(facts, given)
    facts.want(
        [*(scale for scale, _ in scales.values()), *(g for _, levels in scales.values() for g in levels)]
    )
    judged = [body for j in wanted for body in facts.objects(j, SG.judged)]
    main = max(dict.fromkeys(judged), key=judged.count, default=None)
    strips: dict[NamedNode, dict[str, list[tuple[NamedNode, NamedNode]]]] = {}
    for j in wanted:
        for grade in facts.objects(j, SG.grade):
            scale = scales.get(grade, (SGV["scale-not-stated"], ()))[0]
            strips.setdefault(scale, {}).setdefault(_area(facts, j, main), []).append((j, grade))
    found = []
    for scale in sorted(strips, key=lambda s: (s == SGV["scale-not-stated"], s.value)):
        levels = next((levels for s, levels in scales.values() if s == scale), ())
        made = [
            Strip(area, _grades(facts, pairs, levels), _area_page(facts, pairs[0][0]))
            for area, pairs in sorted(
                strips[scale].items(), key=lambda item: ("Overall" not in item[0], item[0])
            )
        ]
        title = facts.name(scale)
        found.append(Panel(title[:1].upper() + title[1:], tuple(facts.name(g) for g in levels), tuple(made)))
    return found


def _area(facts: Facts, judgement: NamedNode, main: NamedNode | None) -> str:
    """Name the area, and the body unless it is the one that most of the judgements are about, or the area says it."""
    areas = " or ".join(facts.name(a) for a in facts.objects(judgement, SG.area)) or "area not stated"
    bodies = " or ".join(facts.name(b) for b in facts.objects(judgement, SG.judged) if b != main)
    return f"{areas[:1].upper()}{areas[1:]}" + (f" ({bodies})" if bodies and "board" not in areas else "")


def _area_page(facts: Facts, judgement: NamedNode) -> str | None:
    areas = facts.objects(judgement, SG.area)
    return page_of(areas[0]) if areas else None


def read_scales(
    facts: Facts, grades: Iterable[NamedNode]
) -> dict[NamedNode, tuple[NamedNode, tuple[NamedNode, ...]]]:
    """Return, for each grade, its scale and the ranked grades of that scale, the best first."""
    found: dict[NamedNode, tuple[NamedNode, tuple[NamedNode, ...]]] = {}
    wanted = sorted(set(grades), key=str)
    for given, scale, grade, rank in select(facts.store, "view_scales", given=wanted) if wanted else ():
        _, levels = found.get(given, (scale, ()))
        found[given] = (scale, (*levels, grade) if rank is not None else levels)
    return found


def _grades(
    facts: Facts, pairs: list[tuple[NamedNode, NamedNode]], levels: tuple[NamedNode, ...]
) -> tuple[Grade, ...]:
    made = []
    for j, grade in pairs:
        dated, known = when_judged(facts, j), facts.all(j, SG.grade)
        made.append(
            Grade(
                facts.name(grade).removesuffix(" (scale not stated)"),
                tuple({k.when: None for k in dated if k.when}),
                levels.index(grade) if grade in levels else None,
                page_of(j),
                facts.reported(known) if not dated else None,
                tone_of(grade) if levels else "",
                contested=facts.disputed(known) is not None,
            )
        )
    earlier = {j.value: n for n, (j, _) in enumerate(pairs)}
    order = sorted(
        zip(made, pairs, strict=True), key=lambda m: (str(m[0].day or "9999"), earlier[m[1][0].value])
    )
    return tuple(grade for grade, _ in order)


def tone_of(grade: NamedNode) -> str:
    """Return the class of a grade on a stated scale."""
    return _TONES.get(grade.value.rpartition("/")[2].partition("-")[2], "")


def grade_rows(facts: Facts, judgements: Iterable[NamedNode]) -> list[tuple[Cell, ...]]:
    """Return one row per judgement, in order of time: what, kind, when, grade, evidence."""
    rows = []
    for j in judgements:
        dated, known = when_judged(facts, j), facts.all(j, SG.grade)
        words = " / ".join({k.when.words: None for k in dated if k.when})
        if not words:
            reported = facts.reported(known)
            words = (
                f"not stated; reported by {reported:%d %B %Y}".replace(" 0", " ")
                if reported
                else "not stated"
            )
        told = " or ".join(dict.fromkeys(facts.name(k.object) for k in known))
        key = (
            min((d.isoformat() for k in dated if k.when for d in k.when.days), default="9999"),
            facts.name(j),
        )
        rows.append(
            (key, (Link(facts.name(j), page_of(j)), "judgement", words, told, facts.cite([*known, *dated])))
        )
    return [row for _, row in sorted(rows, key=lambda r: r[0])]

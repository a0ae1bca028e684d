"""Views of the rows of any query: bars, a timeline or a tree, where the columns allow.

`chart_for` looks only at the values: the page may know nothing of the query. What it cannot draw honestly it does not
offer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from web.charts.bars import Bar, bars_drawing
from web.charts.events import Happening, event_legend, events_drawing
from web.charts.figure import Figure
from web.charts.svg import clean, drawing, el, link, text, wrap
from web.charts.tree import Branch, tree_drawing
from web.charts.values import Cell, Link, Table, When, parse_when

MOST_BARS = 40
MOST_EVENTS = 60
MOST_EDGES = 60

_DATE_TYPES = ("#date", "#dateTime", "#gYear", "#gYearMonth", "/EDTF/EDTF", "#EDTF")
_NUMBER_TYPES = ("#integer", "#decimal", "#double", "#float", "#int", "#long", "#nonNegativeInteger")


@dataclass(frozen=True)
class Value:
    """A value of a result: its text in words, its lexical form or IRI, and its datatype (empty for an IRI)."""

    words: str
    raw: str = ""
    datatype: str = ""
    is_iri: bool = False
    href: str | None = None

    @property
    def when(self) -> When | None:
        """The date that it is, if it is one."""
        if self.is_iri:
            return parse_when(self.raw) if "/id/date-" in self.raw else None
        return parse_when(self.raw[:10]) if self.datatype.endswith(_DATE_TYPES) else None

    @property
    def number(self) -> float | None:
        """The number that it is, if it is a finite one."""
        if not self.datatype.endswith(_NUMBER_TYPES):
            return None
        try:
            found = float(self.raw)
        except ValueError:
            return None
        return found if math.isfinite(found) else None

    @property
    def cell(self) -> Cell:
        """The value in a table."""
        return Link(self.words, self.href) if self.href else self.words


Row = Sequence[Value | None]


@dataclass(frozen=True)
class View:
    """One way to draw a result: `kind` is bars, timeline or tree; `label` is for the control that shows it."""

    kind: str
    label: str
    figure: Figure


def chart_for(
    columns: Sequence[str], rows: Sequence[Row], source: str = "", key: str = "result"
) -> list[View]:
    """Return the views that fit, the most telling one first; none where nothing can be drawn.

    `columns` are the headings in words, `rows` their values in the same order, `None` where unbound.
    """
    if not rows or not columns:
        return []
    makers: tuple[Callable[..., View | None], ...] = (_timeline, _bars, _tree)
    found = (make(columns, rows, source, key) for make in makers)
    return [view for view in found if view is not None]


def _column(columns: Sequence[str], rows: Sequence[Row], fits: Callable[[Value], bool]) -> list[int]:
    """Return the columns all of whose bound values fit, of which there must be one."""
    found = []
    for n in range(len(columns)):
        values = [row[n] for row in rows if row[n] is not None]
        if values and all(fits(value) for value in values if value is not None):
            found.append(n)
    return found


def _table(columns: Sequence[str], rows: Iterable[Row]) -> Table:
    return Table(tuple(columns), tuple(tuple(v.cell if v else "not stated" for v in row) for row in rows))


def _source(source: str, shown: int, total: int, what: str) -> str:
    return f"{source} The first {shown} of {total} {what} are drawn." if shown < total else source


def _label_column(taken: set[int], columns: Sequence[str], rows: Sequence[Row]) -> int | None:
    """The column whose values tell the rows apart best, the first of those."""
    free = [n for n in range(len(columns)) if n not in taken]
    return max(free, key=lambda n: (len({v.words for row in rows if (v := row[n])}), -n), default=None)


def _bars(columns: Sequence[str], rows: Sequence[Row], source: str, key: str) -> View | None:
    numbers = _column(columns, rows, lambda value: value.number is not None)
    if not numbers:
        return None
    measure = numbers[0]
    label = _label_column(set(numbers), columns, rows)
    if label is None:
        return None
    drawn = []
    for row in rows:
        value, name = row[measure], row[label]
        number = value.number if value else None
        if value is not None and number is not None:
            drawn.append(
                Bar(name.words if name else "not stated", number, value.words, name.href if name else None)
            )
    title = f"{_first(columns[measure])} by {columns[label]}"
    figure = Figure(
        f"{key}-bars",
        title,
        f"{_first(columns[measure])}, in the order of the answer",
        _source(source, min(len(drawn), MOST_BARS), len(drawn), "rows"),
        _table(columns, rows[:MOST_BARS]),
        bars_drawing(f"{key}-bars", title, drawn[:MOST_BARS]),
        hint="A bar for each row.",
    )
    return View("bars", "Bars", figure)


def _timeline(columns: Sequence[str], rows: Sequence[Row], source: str, key: str) -> View | None:
    dates = _column(columns, rows, lambda value: value.when is not None)
    if not dates:
        return None
    label = _label_column(set(dates), columns, rows)
    events = []
    for n, row in enumerate(rows):
        whens = tuple(when for d in dates if (v := row[d]) and (when := v.when) is not None)
        if _is_span(columns, dates) and len(whens) == 2 and whens[0].order <= whens[1].order:
            first, last = whens
            whens = (When(first.earliest, last.latest, f"{first.words} to {last.words}", lasting=True),)
        name = row[label] if label is not None else None
        words = name.words if name else " – ".join(when.words for when in whens) or "not dated"
        events.append(Happening(str(n), words, whens, name.href if name else None))
    total = len(events)
    events = sorted(events, key=lambda event: event.order)[:MOST_EVENTS]
    title = f"{_first(columns[label] if label is not None else columns[dates[0]])} over time"
    figure = Figure(
        f"{key}-timeline",
        title,
        f"By {' and '.join(columns[d] for d in dates)}",
        _source(source, len(events), total, "rows"),
        _table(columns, rows[:MOST_EVENTS]),
        events_drawing(f"{key}-timeline", title, events),
        event_legend(events),
        hint="A date that is not known to the day is a striped span.",
    )
    return View("timeline", "Timeline", figure)


def _is_span(columns: Sequence[str], dates: list[int]) -> bool:
    names = [columns[d].lower() for d in dates]
    pairs = (("start", "end"), ("from", "to"), ("earliest", "latest"), ("first", "last"), ("begin", "end"))
    return len(names) == 2 and any(a in names[0] and b in names[1] for a, b in pairs)


def _tree(columns: Sequence[str], rows: Sequence[Row], source: str, key: str) -> View | None:
    iris = _column(columns, rows, lambda value: value.is_iri and value.when is None)
    triples = len(columns) == 3 and iris[:2] == [0, 1]
    if not triples and (len(iris) < 2 or len(columns) > 4):
        return None
    a, b = (0, 2) if triples else (iris[0], iris[1])
    edges = [
        (row[a], row[1].words if triples and row[1] else columns[b], row[b])
        for row in rows
        if row[a] and row[b]
    ]
    shown = edges[:MOST_EDGES]
    subjects = {edge[0].words for edge in shown if edge[0]}
    objects = {edge[2].words for edge in shown if edge[2]}
    title = f"{_first(columns[a])} and {columns[b]}"
    if len(subjects) == 1 or len(objects) == 1:
        one_subject = len(subjects) == 1
        centre = next(iter(subjects if one_subject else objects), "")
        far = [(edge[1], edge[2] if one_subject else edge[0]) for edge in edges]
        branches = _branches(far)
        svg = tree_drawing(
            f"{key}-tree", title, centre, () if one_subject else branches, branches if one_subject else ()
        )
    else:
        svg = _two_columns(f"{key}-tree", title, shown)
    figure = Figure(
        f"{key}-tree",
        title,
        "",
        _source(source, len(shown), len(edges), "rows"),
        _table(columns, rows[:MOST_EDGES]),
        svg,
        hint="Each line is a row of the answer.",
    )
    return View("tree", "Graph", figure)


def _branches(edges: Iterable[tuple[str, Value | None]]) -> tuple[Branch, ...]:
    groups: dict[str, dict[str, Link]] = {}
    for label, value in edges:
        if value is not None:
            groups.setdefault(label, {})[value.words] = Link(value.words, value.href or "")
    return tuple(Branch(label, tuple(nodes.values())) for label, nodes in groups.items())


def _two_columns(key: str, title: str, edges: Sequence[tuple[Value | None, str, Value | None]]) -> str:
    """Draw subjects at the left and objects at the right, a line for each row."""
    size, row = 860.0, 28.0
    left: dict[str, Value] = {}
    right: dict[str, Value] = {}
    for subject, _, object_ in edges:
        if subject and object_:
            left.setdefault(subject.words, subject)
            right.setdefault(object_.words, object_)
    tall = max(len(left), len(right)) * row + 16
    places: list[dict[str, float]] = []
    drawn: list[str] = []
    for values, x, anchor in ((left, 320.0, "end"), (right, 540.0, None)):
        step = (tall - 16) / max(1, len(values))
        places.append({name: 8 + step * (n + 0.5) for n, name in enumerate(values)})
        for name, value in values.items():
            words = text(wrap(name, 300, 14, 1)[0], x, places[-1][name] + 5, "node", anchor)
            drawn.append(link(words, value.href))
    lines = []
    for subject, label, object_ in edges:
        if subject and object_:
            y, to = places[0][subject.words], places[1][object_.words]
            d = f"M328 {y:.1f}C430 {y:.1f} 430 {to:.1f} 532 {to:.1f}"
            lines.append(el("path", el("title", clean(label)), d=d, class_="branch"))
    told = "; ".join(f"{s.words} {label} {o.words}" for s, label, o in edges if s and o)
    return drawing(key, title, told, (size, tall), *lines, *drawn)


def _first(words: str) -> str:
    return words[:1].upper() + words[1:]

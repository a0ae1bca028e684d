"""A drawing with what must stand around it: headline, subtitle, source, and the same data as a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

from web.charts.svg import clean, el
from web.charts.values import Cell, Link, Piece, Table

SHORT = 8
"""On a phone the table stands in for the drawing: this many rows of it, the others under a summary below them."""


@dataclass(frozen=True)
class Figure:
    """A drawing for a page.

    `key` is unique on the page and of letters, digits and hyphens; `title` says the finding or the subject in a few
    words, `subtitle` what is counted or drawn and how, `source` where it comes from. `svg` may be empty: then the table
    is shown. `hint` says how to read the drawing, and is shown with it only.
    `legend` names marks that do not name themselves: class of the mark and words.
    `rest` says what else is among the rows that a phone shows only on request, such as who was in post.
    """

    key: str
    title: str
    subtitle: str
    source: str
    table: Table
    svg: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    heading: int = 2
    open: bool = False
    rest: str = ""
    hint: str = ""

    def html(self) -> str:
        """Return the figure as markup."""
        level = f"h{self.heading}"
        name = f"{self.key}-name"
        parts = [
            el(level, clean(self.title), id=name, class_="figure-title"),
            el("p", clean(self.subtitle), class_="figure-subtitle") if self.subtitle else "",
        ]
        if self.svg:
            parts.append(
                el(
                    "div",
                    el("p", clean(self.hint), class_="figure-subtitle") if self.hint else "",
                    self.svg,
                    class_="drawn",
                    role="region",
                    tabindex=0,
                    aria_label=f"Drawing: {self.title}",
                )
            )
            parts.append(_legend(self.legend))
        parts.append(el("figcaption", clean(self.source), class_="figure-source") if self.source else "")
        rows = table_html(_once(self.table, self.source), self.title)
        if self.svg and not self.open:
            total = len(self.table.rows)
            summary = el("summary", f"As a table ({total} {_rows(total)})")
            rows = el("details", summary, rows, class_="same" if total > SHORT else "same short")
            rows += _others(self.table, self.rest)
        parts.append(rows)
        return el("figure", *parts, class_="figure", aria_labelledby=name)


def _once(table: Table, source: str) -> Table:
    """Return a table without whose words they are, where all are of the one publisher that the source line names."""
    cells = [cell if isinstance(cell, tuple) else (cell,) for row in table.rows for cell in row]
    voices = {piece.by for cell in cells for piece in cell if isinstance(piece, Link) and piece.by}
    if len(voices) != 1 or f"claims of {voices.pop()}." not in source:
        return table
    return replace(table, rows=tuple(tuple(_unnamed(cell) for cell in row) for row in table.rows))


def _unnamed(cell: Cell) -> Cell:
    if isinstance(cell, tuple):
        return tuple(replace(piece, by="") if isinstance(piece, Link) else piece for piece in cell)
    return replace(cell, by="") if isinstance(cell, Link) else cell


def _others(table: Table, rest: str) -> str:
    """Return what stands below the first rows on a phone and shows the others there; it holds nothing itself."""
    more = len(table.rows) - SHORT
    if more <= 0:
        return ""
    first, last = (_first_words(table.rows[n]) for n in (SHORT, -1))
    reach = f"{more} more {_rows(more)}: " + (f"from “{first}” to “{last}”" if more > 1 else f"“{last}”")
    told = el("span", clean(f"{reach}{f', {rest}' if rest else ''}"), class_="more-rows")
    fewer = el("span", f"Only the first {SHORT} rows", class_="fewer-rows")
    return el("details", el("summary", told, fewer), class_="others")


def _first_words(row: tuple[Cell, ...]) -> str:
    """Return the words that head a row."""
    pieces = row[0] if isinstance(row[0], tuple) else (row[0],)
    piece = pieces[0] if pieces else ""
    return piece.text if isinstance(piece, Link) else piece


def _rows(n: int) -> str:
    return "row" if n == 1 else "rows"


def _legend(entries: tuple[tuple[str, str], ...]) -> str:
    if not entries:
        return ""
    items = [
        el("li", el("span", "", class_=f"key {mark}", aria_hidden="true"), clean(words))
        for mark, words in entries
    ]
    return el("ul", *items, class_="legend")


def table_html(table: Table, caption: str) -> str:
    """Return the table; on a phone each row becomes a block whose cells say their heading, hence the explicit roles."""
    head = "".join(el("th", clean(column), scope="col", role="columnheader") for column in table.columns)
    rows = []
    for row in table.rows:
        cells = [el("th", cell_html(row[0]), scope="row", role="rowheader")]
        cells += [
            el("td", cell_html(cell), role="cell", data_label=column)
            for column, cell in zip(table.columns[1:], row[1:], strict=True)
        ]
        rows.append(el("tr", *cells, role="row"))
    return el(
        "table",
        el("caption", clean(caption), class_="hide"),
        el("thead", el("tr", head, role="row"), role="rowgroup"),
        el("tbody", *rows, role="rowgroup") if rows else "",
        class_="figure-table stack",
        role="table",
    )


def cell_html(cell: Cell) -> str:
    """Return a cell's content: its pieces one below the other, links to the words of one voice together."""
    pieces = cell if isinstance(cell, tuple) else (cell,)
    written = []
    for by, together in groupby(pieces, lambda piece: piece.by if isinstance(piece, Link) else ""):
        shown = [_piece(piece) for piece in together]
        written += [el("span", clean(by), class_="by") + " " + " ".join(shown)] if by else shown
    if len(written) == 1:
        return el("div", written[0]) if len(pieces) > 1 or by else written[0] or "–"
    if not written:
        return "–"
    return el("ul", *(el("li", piece) for piece in written), class_="pieces")


def _piece(piece: Piece) -> str:
    if isinstance(piece, Link):
        return el("a", clean(piece.text), href=piece.href, aria_label=piece.name or None)
    return clean(piece)

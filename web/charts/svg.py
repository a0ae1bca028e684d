"""Writes SVG elements: everything is escaped, nothing has a style attribute, looks come from classes."""

from __future__ import annotations

import re
from html import escape

_WIDE, _NARROW = "MWmw@%—…", "iljtfrI.,:;|!'()[] "
GUTTER = 262.0
"""Where the axis begins: left of it stand the names of the rows."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def clean(text: str) -> str:
    """Return a text escaped, without the characters that XML cannot hold."""
    return escape(_NOT_XML.sub("\ufffd", text))


def el(name: str, *content: str, **attributes: object) -> str:
    """Return an element; `class_` is written `class`, `stroke_width` as `stroke-width`, `None` is left out.

    Content is markup already; texts come in through `text`. Raises `ValueError` for a style attribute.

    >>> el("rect", x=1, y=2.50, class_="bar")
    '<rect x="1" y="2.5" class="bar"/>'
    """
    written = []
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if attribute == "style":
            raise ValueError("no style attributes: the content security policy stops them")
        if value is not None:
            written.append(f' {attribute}="{clean(number(value))}"')
    opening = f"<{name}{''.join(written)}"
    return f"{opening}>{''.join(content)}</{name}>" if content else f"{opening}/>"


def number(value: object) -> str:
    """Return a value as an attribute: numbers with one decimal at most.

    >>> number(2.04), number(3.0), number("a")
    ('2', '3', 'a')
    """
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def text(content: str, x: float, y: float, class_: str | None = None, anchor: str | None = None) -> str:
    """Return a line of text with its baseline at `y`; `anchor` is `middle` or `end`."""
    return el("text", clean(content), x=x, y=y, class_=class_, text_anchor=anchor)


def link(content: str, href: str | None, label: str | None = None) -> str:
    """Return markup as a link, or as it is where there is no address; `label` is its whole name if it shows less."""
    if not href:
        return content
    return el("a", el("title", clean(label)) if label else "", content, href=href)


def width(content: str, size: float = 14) -> float:
    """Estimate how wide a text is drawn in a sans serif face: rather too wide than too narrow."""
    units = sum(
        0.96 if c in _WIDE else 0.37 if c in _NARROW else 0.7 if c.isupper() else 0.615 for c in content
    )
    return units * size


def wrap(content: str, room: float, size: float = 14, lines: int = 3) -> list[str]:
    """Break a text into at most `lines` lines that fit; the last ends in … if there was more.

    >>> wrap("Children looked after and achieving permanence", 165, 14, 2)
    ['Children looked after', 'and achieving…']
    """
    found: list[str] = [""]
    for word in content.split():
        longer = f"{found[-1]} {word}".strip()
        if width(longer, size) <= room or not found[-1]:
            found[-1] = longer
        elif len(found) < lines:
            found.append(word)
        else:
            found[-1] = found[-1].rstrip(",;:") + "…"
            break
    return [cut(line, room, size) for line in found]


def cut(content: str, room: float, size: float = 14) -> str:
    """Shorten a text to the room that there is.

    >>> cut("Improvement", 70), cut("Review", 60)
    ('Improv…', 'Review')
    """
    if width(content, size) <= room:
        return content
    while content and width(content + "…", size) > room:
        content = content[:-1]
    return content.rstrip() + "…"


def lines_of_text(
    content: str, x: float, y: float, room: float, size: float = 14, lines: int = 2, class_: str = "label"
) -> tuple[str, int]:
    """Return a text in lines of `room`, the first with its baseline at `y`, and how many lines there are."""
    found = wrap(content, room, size, lines)
    step = round(size * 1.2)
    return "".join(text(line, x, y + step * n, class_) for n, line in enumerate(found)), len(found)


def box(x: float, y: float, width: float, height: float, class_: str) -> str:
    """Return a box."""
    return el("rect", x=x, y=y, width=width, height=height, class_=class_)


STEP = 7.0
"""How far apart the lines of a hatched box stand."""


def hatched(x: float, y: float, width: float, height: float, class_: str) -> str:
    """Return a box drawn with slanting lines: for what is uncertain.

    The lines are drawn one by one: a pattern would be printed as a picture of the whole page for each box.

    >>> hatched(0, 0, 14, 4, "span").count("M")
    2
    """
    strokes = []
    start = -height
    while start < width:
        first, last = max(0.0, start), min(width, start + height)
        if last > first:
            ends = [(number(x + at), number(y + height - (at - start))) for at in (first, last)]
            strokes.append("M{} {}L{} {}".format(*ends[0], *ends[1]))
        start += STEP
    return box(x, y, width, height, class_) + el("path", d="".join(strokes), class_=f"stripe {class_}")


def drawing(key: str, title: str, description: str, size: tuple[float, float], *content: str) -> str:
    """Return the SVG: an image with title and description, a group where links can be reached in it."""
    body = "".join(content)
    return el(
        "svg",
        el("title", clean(title), id=f"{key}-title"),
        el("desc", clean(description), id=f"{key}-desc"),
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(float(size[0]))} {number(float(size[1]))}",
        preserveAspectRatio="xMinYMin meet",
        class_="chart",
        role="group" if "<a " in body else "img",
        aria_labelledby=f"{key}-title {key}-desc",
    )

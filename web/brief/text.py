"""A scrutiny brief as Markdown or as plain text, to be carried into a document of one's own. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from web.brief.values import Brief, Grades, Line

WIDTH = 78
HEADINGS = {
    "chain": "What was done, in order",
    "posts": "Who was in post",
    "grades": "Grades",
    "disputed": "Disputed points",
    "unstated": "What the sources do not state",
    "notes": "Notes",
}
"""The parts of a brief with their headings, in order; the page has the same."""
LEAD = (
    "Every line is what sources say, not what is so. The numbers lead to the notes, and these to the claims with the "
    "words of the sources."
)
NOT_STATED = (
    "Looked for in the sources named below and not found there; other papers may state it. What bears on who answered "
    "for the services, and on what was required of them, comes first."
)
NO_RANK = "Grades of different inspection frameworks are not ranked against each other."
BY_RULE = "follows by rule"


def notes_of(line: Line) -> str:
    """Return the numbers of a line's notes.

    >>> notes_of(Line("", "", "", notes=(1, 4), more=2))
    '[1, 4, and 2 more]'
    """
    told = [str(number) for number in line.notes] + ([f"and {line.more} more"] if line.more else [])
    return f"[{', '.join(told)}]" if told else ""


def _said(line: Line) -> str:
    told = "".join(f"; {text}" for text in line.told)
    parts = "".join(f"; {part.when}: {part.text} {notes_of(part)}".rstrip() for part in line.parts)
    marks = [BY_RULE] if line.by_rule else []
    marks += ["sources disagree"] if line.differ else []
    marked = f" ({', '.join(marks)})" if marks else ""
    return f"{line.text}{told}{marked} {notes_of(line)}".rstrip() + parts


def _grade(line: Line) -> str:
    return f"{line.text}: {line.when} {notes_of(line)}".rstrip()


def markdown(brief: Brief, address: str) -> str:
    """Return the brief as Markdown; `address` is that of the page, in full."""
    site = re.sub(r"(https?://[^/]+).*", r"\1", address)
    out = [f"# Scrutiny brief: {_md(brief.name)}, {brief.period}", "", LEAD, ""]
    for part, lines in _parts(brief):
        out += [f"## {HEADINGS[part]}", ""]
        out += [f"- {_md(line)}" for line in lines] or ["- nothing"]
        out += [f"- and {brief.disputed_more} more"] if part == "disputed" and brief.disputed_more else []
        out += ["", NO_RANK, ""] if part == "grades" else [""]
    out += [f"## {HEADINGS['unstated']}", "", NOT_STATED if brief.unstated else "- nothing", ""]
    for group in brief.unstated:
        out += [f"### {_md(group.text)}", "", *(f"- {_md(line.text)}" for line in group.lines), ""]
    out += [_asked(brief), ""] if brief.asked else []
    out += [f"## {HEADINGS['notes']}", ""]
    out += [
        f"- {s.letter}: [{_md(s.title)}]({site}{s.href}), published {s.published}" for s in brief.sources
    ] + [""]
    out += [
        f"{n.number}. {_md(n.voices)} ({n.source}): {_md(n.sentence)} [claim {n.claim}]({n.iri.value})"
        for n in brief.notes
    ]
    return "\n".join([*out, "", _foot(brief, address), ""])


def plain(brief: Brief, address: str) -> str:
    """Return the brief as plain text, lines of at most 78 characters; addresses stay whole."""
    title = f"Scrutiny brief: {brief.name}, {brief.period}"
    out = [title, "=" * len(title), "", *_wrap(LEAD), ""]
    for part, lines in _parts(brief):
        out += [HEADINGS[part], "-" * len(HEADINGS[part])]
        out += [row for line in lines or ["nothing"] for row in _wrap(line, "- ")]
        out += [f"- and {brief.disputed_more} more"] if part == "disputed" and brief.disputed_more else []
        out += ["", *_wrap(NO_RANK)] if part == "grades" else []
        out += [""]
    out += [HEADINGS["unstated"], "-" * len(HEADINGS["unstated"])]
    out += [*(_wrap(NOT_STATED) if brief.unstated else ["- nothing"]), ""]
    for group in brief.unstated:
        out += [f"{group.text}:", *(row for line in group.lines for row in _wrap(line.text, "- ")), ""]
    out += [*_wrap(_asked(brief)), ""] if brief.asked else []
    out += [HEADINGS["notes"], "-" * len(HEADINGS["notes"])]
    out += [
        row for s in brief.sources for row in _wrap(f"{s.title}, published {s.published}", f"{s.letter}: ")
    ] + [""]
    for note in brief.notes:
        out += _wrap(f"{note.voices} ({note.source}): {note.sentence}", f"{note.number}. ")
        out += [" " * len(f"{note.number}. ") + note.iri.value]
    return "\n".join([*out, "", *_wrap(_foot(brief, address)), ""])


def _parts(brief: Brief) -> Iterator[tuple[str, list[str]]]:
    yield "chain", [f"{line.when}: {_said(line)}" for line in brief.chain]
    yield "posts", [f"{_said(line)}: {line.when}" if line.when else _said(line) for line in brief.posts]
    yield "grades", [_of_inspection(grades) for grades in brief.grades]
    yield "disputed", [f"{line.when}: {line.text} {notes_of(line)}" for line in brief.disputed]


def _of_inspection(grades: Grades) -> str:
    return f"{grades.when}, {grades.text}: " + "; ".join(_grade(line) for line in grades.lines)


def _asked(brief: Brief) -> str:
    return f"Asked were: {'; '.join(brief.asked)}."


def _foot(brief: Brief, address: str) -> str:
    return f"Scrutiny Graph, data set {brief.version[:12]}, CC BY 4.0 (excerpts excluded). {address}"


def _wrap(text: str, start: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _md(text: str) -> str:
    """Escape what Markdown would read as markup; numbers of notes stay.

    >>> _md("a *b* [1]")
    'a \\\\*b\\\\* [1]'
    """
    return re.sub(r"([\\`*_<>#|])", r"\\\1", text)

"""A scrutiny brief as Markdown or as plain text, to be carried into a document of one's own. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from web.brief.values import Brief, Grades, Line, Note
from web.words import row_words

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
    "Every line is what sources say, not what is so. "
    "Letters and numbers lead to the notes: source, its words, claim."
)
NOT_STATED = (
    "Looked for in the sources and not found there; other papers may state it. "
    "Who answered, and for what, comes first."
)
NO_RANK = "Grades of different inspection frameworks are not ranked against each other."
HELPED = "Above stands only what was done to this council. Help that it gave to another:"
EMPTY = "No source here tells of anything in this period. That does not mean that nothing was done."
BY_RULE = "follows by rule"


def _notes(brief: Brief, line: Line) -> str:
    """Return the notes of a line: `[A1, B4, and 2 more]`."""
    told = [note.label for note in brief.cited(line)] + ([f"and {line.more} more"] if line.more else [])
    return f"[{', '.join(told)}]" if told else ""


def _said(brief: Brief, line: Line) -> str:
    told = "".join(f"; {text}" for text in line.told)
    parts = "".join(f"; {part.when}: {_said(brief, part)}" for part in line.parts)
    marks = [BY_RULE] if line.by_rule else []
    marks += ["sources disagree"] if line.differ else []
    marked = f" ({', '.join(marks)})" if marks else ""
    return f"{line.text}{told}{marked} {_notes(brief, line)}".rstrip() + parts


def _grade(brief: Brief, line: Line) -> str:
    return f"{line.text}: {line.when} {_notes(brief, line)}".rstrip()


def _words(note: Note) -> str:
    """Return the words of the source, or the row of its table, that support a claim."""
    pieces = [f"“{e.exact}”" if e.exact else row_words(e.fragment) for e in note.claim.evidence]
    return " … ".join(pieces)


def markdown(brief: Brief, address: str) -> str:
    """Return the brief as Markdown; `address` is that by which the reader can come back to it."""
    out = [f"# Scrutiny brief: {_md(brief.name)}, {brief.period}", ""]
    if brief.empty:
        return "\n".join([*out, EMPTY, "", _foot(brief, address), ""])
    out += [LEAD, ""]
    for part, lines in _parts(brief):
        out += [f"## {HEADINGS[part]}", ""]
        out += [f"- {_md(line)}" for line in lines] or ["- nothing"]
        out += ["", _md(_helped(brief))] if part == "chain" and brief.helped else []
        out += [f"- and {brief.disputed_more} more"] if part == "disputed" and brief.disputed_more else []
        out += ["", NO_RANK, ""] if part == "grades" else [""]
    out += [f"## {HEADINGS['unstated']}", "", NOT_STATED if brief.unstated else "- nothing", ""]
    for group in brief.unstated:
        out += [f"### {_md(group.text)}", "", *(f"- {_md(line.text)}" for line in group.lines), ""]
    out += [_asked(brief), ""] if brief.asked else []
    out += [f"## {HEADINGS['notes']}", ""]
    for source in brief.sources:
        title = f"[{_md(source.title)}]({source.url})" if source.url else _md(source.title)
        out += [f"### {source.letter}. {title}, published {source.published}", ""]
        for n in source.notes:
            said = f"{_words(n)}. {n.voices}: {n.claim.sentence}"
            out.append(f"- {n.label}: {_md(said)} [claim {n.name}]({n.claim.iri.value})")
        out.append("")
    return "\n".join([*out, _foot(brief, address), ""])


def plain(brief: Brief, address: str) -> str:
    """Return the brief as plain text, lines of at most 78 characters; addresses stay whole."""
    title = f"Scrutiny brief: {brief.name}, {brief.period}"
    out = [title, "=" * len(title), ""]
    if brief.empty:
        return "\n".join([*out, *_wrap(EMPTY), "", *_wrap(_foot(brief, address)), ""])
    out += [*_wrap(LEAD), ""]
    for part, lines in _parts(brief):
        out += [HEADINGS[part], "-" * len(HEADINGS[part])]
        out += [row for line in lines or ["nothing"] for row in _wrap(line, "- ")]
        out += ["", *_wrap(_helped(brief))] if part == "chain" and brief.helped else []
        out += [f"- and {brief.disputed_more} more"] if part == "disputed" and brief.disputed_more else []
        out += ["", *_wrap(NO_RANK)] if part == "grades" else []
        out += [""]
    out += [HEADINGS["unstated"], "-" * len(HEADINGS["unstated"])]
    out += [*(_wrap(NOT_STATED) if brief.unstated else ["- nothing"]), ""]
    for group in brief.unstated:
        out += [f"{group.text}:", *(row for line in group.lines for row in _wrap(line.text, "- ")), ""]
    out += [*_wrap(_asked(brief)), ""] if brief.asked else []
    out += [HEADINGS["notes"], "-" * len(HEADINGS["notes"])]
    for source in brief.sources:
        out += _wrap(f"{source.title}, published {source.published}", f"{source.letter}: ")
        out += [f"   {source.url}", ""] if source.url else [""]
        for note in source.notes:
            start = f"{note.label}: "
            out += _wrap(f"{_words(note)}. {note.voices}: {note.claim.sentence}", start)
            out += [" " * len(start) + note.claim.iri.value]
        out += [""]
    return "\n".join([*out, *_wrap(_foot(brief, address)), ""])


def _parts(brief: Brief) -> Iterator[tuple[str, list[str]]]:
    yield "chain", [f"{line.when}: {_said(brief, line)}" for line in brief.chain]
    yield "posts", [f"{line.when}: {_said(brief, line)}" for line in brief.posts]
    yield "grades", [_of_inspection(brief, grades) for grades in brief.grades]
    yield "disputed", [f"{line.when}: {line.text} {_notes(brief, line)}" for line in brief.disputed]


def _helped(brief: Brief) -> str:
    return f"{HELPED} {'; '.join(_said(brief, line) for line in brief.helped)}."


def _of_inspection(brief: Brief, grades: Grades) -> str:
    return f"{grades.when}, {grades.text}: " + "; ".join(_grade(brief, line) for line in grades.lines)


def _asked(brief: Brief) -> str:
    return f"Asked were: {brief.asked_in_words}."


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

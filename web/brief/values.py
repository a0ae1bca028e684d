"""The values that a scrutiny brief is made of: lines, grades, notes, sources, all in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pyoxigraph import NamedNode

from kg.evidence import ClaimView
from web.links import page_of


@dataclass(frozen=True)
class Line:
    """A line of a brief: when, what and its page, what is told of it, the claims it cites, how many claims more.

    `by_rule` says that its date or value follows by rule; `differ` leads to the comparison where sources contradict.
    `parts` are lines below it with notes of their own; `when` of a part says what it answers.
    """

    when: str
    text: str
    href: str
    told: tuple[str, ...] = ()
    notes: tuple[NamedNode, ...] = ()
    more: int = 0
    by_rule: bool = False
    differ: str | None = None
    parts: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Grades:
    """The judgements of one inspection: when, its name and page, and a line for each area (`when` holds the grade)."""

    when: str
    text: str
    href: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Gaps:
    """What no source states of one kind of thing: the name of the group, and a line for each gap."""

    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Note:
    """A claim that lines cite: the letter of its source with a number (`A3`), whose word it is.

    `quoting` is the chain of voices after the publisher, whom the source names; empty where it speaks itself.
    """

    label: str
    claim: ClaimView
    voices: str
    quoting: str

    @property
    def href(self) -> str:
        """The page of the claim."""
        return page_of(self.claim.iri)

    @property
    def name(self) -> str:
        """The last part of the claim's IRI."""
        return self.claim.iri.value.rpartition("/")[2]


@dataclass(frozen=True)
class Source:
    """A source with the letter that stands for it, its address at the publisher's, and its notes in order."""

    letter: str
    title: str
    published: str
    href: str
    url: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Brief:
    """One council in one period: everything that a page or a text shows, in words.

    `helped` is the help that it gave to others, which is no part of what was done to it.
    """

    council: NamedNode
    name: str
    start: date
    end: date
    chain: tuple[Line, ...]
    helped: tuple[Line, ...]
    posts: tuple[Line, ...]
    grades: tuple[Grades, ...]
    disputed: tuple[Line, ...]
    disputed_more: int
    unstated: tuple[Gaps, ...]
    asked: tuple[str, ...]
    sources: tuple[Source, ...]
    version: str

    @property
    def empty(self) -> bool:
        """Whether no source tells of anything in the period."""
        return not (self.chain or self.helped or self.posts or self.grades)

    def cited(self, line: Line) -> list[Note]:
        """Return the notes of a line, source by source."""
        return [note for source in self.sources for note in source.notes if note.claim.iri in line.notes]

    @property
    def asked_in_words(self) -> str:
        """The sources that were asked for what is not stated: letters of those in the notes, names of others."""
        letters = {source.title: source.letter for source in self.sources}
        told = sorted(letters[title] for title in self.asked if title in letters)
        others = [title for title in self.asked if title not in letters]
        return "; ".join(([f"{', '.join(told)} of the notes"] if told else []) + others)

    @property
    def by_area(self) -> tuple[tuple[str, tuple[tuple[Line, ...], ...]], ...]:
        """The grades as a table: for each area, overall first, the lines of each of `grades`."""
        areas = dict.fromkeys(line.text for grades in self.grades for line in grades.lines)
        ordered = sorted(areas, key=lambda area: ("overall" not in area.lower(), area))
        return tuple(
            (area, tuple(tuple(line for line in g.lines if line.text == area) for g in self.grades))
            for area in ordered
        )

    @property
    def in_short(self) -> tuple[tuple[int, str, str], ...]:
        """How much there is of each part: number, and words for one and for several."""
        helped = (len(self.helped), "case of help that it gave", "cases of help that it gave")
        return (
            (len(self.chain), "thing done or considered", "things done or considered"),
            *([helped] if self.helped else []),
            (len(self.posts), "holder of a post", "holders of posts"),
            (sum(len(grades.lines) for grades in self.grades), "grade", "grades"),
            (len(self.disputed) + self.disputed_more, "disputed point", "disputed points"),
            (sum(len(group.lines) for group in self.unstated), "thing not stated", "things not stated"),
        )

    @property
    def period(self) -> str:
        """The period in words: years where it is whole years."""
        whole = (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31)
        if not whole:
            return f"{in_words(self.start)} to {in_words(self.end)}"
        return (
            str(self.start.year)
            if self.start.year == self.end.year
            else f"{self.start.year} to {self.end.year}"
        )


def in_words(day: date) -> str:
    """Return a day in words."""
    return f"{day.day} {day:%B %Y}"

"""A question that was answered from an earlier version, asked again of the newest data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.errors import KgError, NotFound
from kg.queries import Queryable
from kg.questions.answering import answer
from kg.questions.answers import Answer
from kg.questions.changes import AnswerChanges, compare_answers


@dataclass(frozen=True)
class Today:
    """What the newest data, of `version`, says: its answer, and how that differs from the earlier one.

    Both are `None` where it cannot be asked any more, for the reason in `why_not`.
    """

    version: str
    changes: AnswerChanges | None = None
    answer: Answer | None = None
    why_not: str = ""

    def in_words(self) -> str:
        """Return what the newest data says in one line."""
        if self.changes is None:
            return f"the newest data, {self.version[:12]}, gives no answer: {self.why_not}"
        return f"the newest data, {self.version[:12]}, gives {self.changes.in_words()}"

    def in_json(self) -> dict[str, object]:
        """Return the same as JSON values."""
        if self.changes is None:
            return {"version": self.version, "answer": f"none: {self.why_not}"}
        return {
            "version": self.version,
            "answer": self.changes.in_words(),
            "rowsAdded": len(self.changes.added),
            "rowsGone": len(self.changes.gone),
            "claimsAdded": self.changes.claims_added,
            "claimsGone": self.changes.claims_gone,
        }


def ask_again(
    newest: Queryable, version: str, earlier: Answer, given: Mapping[str, str | Iterable[str]]
) -> Today:
    """Ask the newest data, of `version`, what `earlier` answers, with the same values; never raises a `KgError`."""
    try:
        now = answer(newest, earlier.slug, given)
    except NotFound:
        return Today(version, why_not="it has no such question")
    except KgError as error:
        return Today(version, why_not=error.message)
    return Today(version, compare_answers(earlier, now), now)

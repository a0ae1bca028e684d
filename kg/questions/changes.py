"""What a newer version of the data answers to the same question: the same, or what is different.

Answers are compared by what they state, so that a heading or a label in other words makes no difference: by the terms
of their rows, then by the claims that support them.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.questions.answers import Answer, AnswerRow
from kg.terms import Term


@dataclass(frozen=True)
class AnswerChanges:
    """The rows of the newer answer that the older one has not, those that are gone, and so for claims.

    `same_columns` is false where the question has come to ask for other columns: then rows are compared by those that
    both have.
    """

    added: tuple[AnswerRow, ...] = ()
    gone: tuple[AnswerRow, ...] = ()
    claims_added: int = 0
    claims_gone: int = 0
    same_columns: bool = True

    @property
    def same_rows(self) -> bool:
        """Whether both answer the same, be it on other grounds."""
        return not self.added and not self.gone

    @property
    def same(self) -> bool:
        """Whether both answer the same on the same grounds."""
        return self.same_rows and not self.claims_added and not self.claims_gone

    def in_words(self) -> str:
        """Return the difference as the rest of a sentence that begins with "The newest data gives"."""
        if self.same:
            return "the same answer"
        if self.same_rows:
            return f"the same answer on other evidence: {_of(self.claims_added, self.claims_gone, 'claim')}"
        return f"a different answer: {_of(len(self.added), len(self.gone), 'row')}"


def compare_answers(old: Answer, new: Answer) -> AnswerChanges:
    """Compare two answers to one question."""
    shared = [name for name in old.columns if name in new.columns] or [old.asks]
    before, after = _rows(old, shared), _rows(new, shared)
    claims_before, claims_after = _claims(old), _claims(new)
    return AnswerChanges(
        tuple(row for key, row in after.items() if key not in before),
        tuple(row for key, row in before.items() if key not in after),
        len(claims_after - claims_before),
        len(claims_before - claims_after),
        set(old.columns) == set(new.columns),
    )


def _rows(answer: Answer, columns: list[str]) -> dict[tuple[Term | None, ...], AnswerRow]:
    return {tuple(row.values.get(name) for name in columns): row for row in answer.rows}


def _claims(answer: Answer) -> set[object]:
    return {claim for row in answer.rows for claim in row.claims}


def _of(added: int, gone: int, noun: str) -> str:
    told = [
        f"{number} {noun}{'' if number == 1 else 's'} {what}"
        for number, what in ((added, "more"), (gone, "no longer there"))
        if number
    ]
    return ", ".join(told)

"""Answers as values and as JSON; `kg.questions.words` has them in words, `kg.questions.as_csv` as CSV.

An answer never hides what it rests on: every form gives, for each row, the claims with excerpt, voices and source, and
says where sources disagree. "Not stated" is an answer: it names the sources that were asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyoxigraph import Literal, NamedNode

from kg.describe import EvidenceRow
from kg.evidence import BEARING, ClaimView, Disagreement
from kg.figures import joined, unit_column
from kg.labels import column_in_words, term_in_words
from kg.terms import Term

FEW = 6
"""A row that states more claims than this is a sum or a survey."""

NOTHING = "–"
"""An empty cell of a column that has nothing to tell there."""


@dataclass(frozen=True)
class Gap:
    """A curators' record that the sources do not say something: its IRI and its sentence."""

    iri: NamedNode
    sentence: str


@dataclass(frozen=True)
class AnswerRow:
    """One answer: the term of each column, `None` where the sources do not say, and the claims that support it.

    `is_unstated`: of several values that were asked for, nothing is stated for the one that this row has. `gaps` are
    the notes that say why a value of this row is not stated.
    """

    values: Mapping[str, Term | None]
    evidence: tuple[EvidenceRow, ...] = ()
    is_unstated: bool = False
    gaps: tuple[Gap, ...] = ()

    @cached_property
    def claims(self) -> frozenset[NamedNode]:
        """The IRIs of the claims that support it."""
        return frozenset(row.claim.iri for row in self.evidence)

    @property
    def is_survey(self) -> bool:
        """Whether it rests on so many claims that a difference about one of them says nothing about it."""
        return len({row.claim.iri for row in self.evidence if not row.derived}) > FEW


@dataclass(frozen=True)
class Answer:
    """The answer to a question: `query` is what was run, `rows` the answers, none if it is not stated.

    `asks` is the column that answers, the others are context; `parameters` the terms bound (`None` for any), of which
    those with several values are columns; `expects` the columns whose empty cells are "not stated", others have
    nothing to tell where they are empty; `asked` the sources, filled where something is not stated; `claims` those of
    the rows and those of the other sides of a disagreement; `names` a label for every IRI.
    """

    slug: str
    question: str
    query: str
    columns: tuple[str, ...]
    asks: str
    rows: tuple[AnswerRow, ...]
    parameters: Mapping[str, tuple[Term | None, ...]] = field(default_factory=dict)
    asked: tuple[NamedNode, ...] = ()
    gaps: tuple[Gap, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    claims: Mapping[NamedNode, ClaimView] = field(default_factory=dict)
    names: Mapping[NamedNode, str] = field(default_factory=dict)
    expects: frozenset[str] = frozenset()

    @property
    def not_stated(self) -> bool:
        """Whether no source answers."""
        return not self.rows

    def text(self, row: AnswerRow, column: str) -> str:
        """Return a value in words, a number with its unit; "not stated" or a dash where there is none."""
        if row.values[column] is None and not self.is_unstated(row, column):
            return NOTHING
        return joined(self.columns, row.values, column) or term_in_words(row.values[column], self.names)

    def is_unstated(self, row: AnswerRow, column: str) -> bool:
        """Whether a value is wanting because no source states it, and not because there is nothing to tell."""
        return row.values[column] is None and (column in self.expects or row.is_unstated)

    def unstated(self, row: AnswerRow) -> list[str]:
        """Return the columns of a row that no source states."""
        return [column for column in self.columns if self.is_unstated(row, column)]

    @property
    def told_columns(self) -> tuple[str, ...]:
        """The columns for a reader: without one of units that stands with each of its numbers already."""
        return tuple(name for name in self.columns if not self._told_with_number(name))

    def _told_with_number(self, name: str) -> bool:
        number = next((c for c in self.columns if unit_column(self.columns, c) == name), None)
        return number is not None and all(
            row.values[name] is None or joined(self.columns, row.values, number) for row in self.rows
        )

    def texts(self, column: str | None = None) -> list[str]:
        """Return the different values of a column (default: the one that answers) in words, in order."""
        return list(dict.fromkeys(self.text(row, column or self.asks) for row in self.rows))

    def phrase(self, row: AnswerRow, columns: Iterable[str] | None = None) -> str:
        """Return one answer as a phrase: the value that was asked for, the context (`columns`, or all) in brackets."""
        context = [
            f"{column_in_words(name)}: {self.text(row, name)}"
            for name in (self.told_columns if columns is None else columns)
            if name != self.asks and (row.values[name] is not None or name in self.expects)
        ]
        return self.text(row, self.asks) + (f" ({'; '.join(context)})" if context else "")

    def disputes(self, row: AnswerRow) -> tuple[Disagreement, ...]:
        """Return the records of disagreement that touch what is stated for a row.

        Claims from which a rule concludes count only where another row of this answer stands on the other side.
        """
        stated = {evidence.claim.iri for evidence in row.evidence if not evidence.derived}
        others = {claim for other in self.rows if other is not row for claim in other.claims} - row.claims
        return tuple(
            record
            for record in self.disagreements
            if stated & set(record.between)
            or (row.claims & set(record.between) and others & set(record.between))
        )

    @cached_property
    def differences(self) -> list[Disagreement]:
        """The records of disagreement that a reader should know of: they touch a row, and no row tells them itself.

        Those that bear on the answer come first, in the order of `BEARING`; of each kind, those between rows.
        """
        rows = [row for row in self.rows if not row.is_survey]
        touching = Counter(record for row in rows for record in self.disputes(row))
        terms = {term for row in rows for term in row.values.values()}
        told = {term.value for term in terms if isinstance(term, Literal | NamedNode)}

        def order(record: Disagreement) -> tuple[int, int, str]:
            rank = BEARING.index(record.kind) if record.bears_on_answers else len(BEARING)
            return rank, -min(touching[record], 2), record.iri.value

        return sorted((r for r in touching if not {r.iri.value, r.sentence} & told), key=order)

    def elsewhere(self, record: Disagreement) -> tuple[ClaimView, ...]:
        """Return the sides of a disagreement that support no row of this answer."""
        shown = {claim for row in self.rows for claim in row.claims}
        others = (self.claims[iri] for iri in record.between if iri not in shown and iri in self.claims)
        return tuple(claim for claim in others if not claim.withdrawn)


def to_json(answer: Answer, version: str = "", newest: Mapping[str, object] | None = None) -> str:
    """Return the answer as JSON: values with labels, and the claims of each row.

    `newest`, of an answer of an earlier version, tells what the newest one says.
    """
    made: dict[str, Any] = {
        "question": answer.question,
        "slug": answer.slug,
        "version": version or None,
        "parameters": {
            name: [_term(term, answer.names) for term in terms if term is not None]
            for name, terms in answer.parameters.items()
        },
        "notStated": answer.not_stated,
        "newest": newest,
        "columns": list(answer.columns),
        "asks": answer.asks,
        "answers": [_row(answer, row) for row in answer.rows],
        "disagreements": [
            {
                "iri": record.iri.value,
                "kind": term_in_words(record.kind, answer.names),
                "sentence": record.sentence,
                "between": [iri.value for iri in record.between],
                "alsoClaimed": [claim_json(claim, answer.names) for claim in answer.elsewhere(record)],
            }
            for record in answer.disagreements
        ],
        "asked": [_term(source, answer.names) for source in answer.asked],
        "gaps": [gap_json(gap) for gap in answer.gaps],
        "query": answer.query,
    }
    return json.dumps({k: v for k, v in made.items() if v is not None}, ensure_ascii=False, indent=2) + "\n"


def claim_json(claim: ClaimView, names: Mapping[NamedNode, str]) -> dict[str, Any]:
    """Return a claim with its voices in order, its source and its words, as JSON values."""
    return {
        "iri": claim.iri.value,
        "sentence": claim.sentence,
        "kind": term_in_words(claim.kind, names) if claim.kind else None,
        "voices": [
            {
                "agent": _term(voice.agent, names),
                **({"capacity": _term(voice.capacity, names)} if voice.capacity else {}),
                **({"through": _term(voice.through, names)} if voice.through else {}),
            }
            for voice in claim.voices
        ],
        "source": _term(claim.article, names),
        "excerpts": list(claim.excerpts),
        "rows": [piece.row_key or piece.fragment for piece in claim.evidence if piece.fragment],
    }


def _row(answer: Answer, row: AnswerRow) -> dict[str, Any]:
    return {
        "values": {name: _term(term, answer.names) for name, term in row.values.items()},
        "words": answer.phrase(row),
        "claims": [
            {
                **claim_json(evidence.claim, answer.names),
                "derivedBy": evidence.graph.value if evidence.derived else None,
            }
            for evidence in row.evidence
        ],
        "notStated": answer.unstated(row),
        "gaps": [gap_json(gap) for gap in row.gaps],
        "disagreements": [record.iri.value for record in answer.disputes(row)],
    }


def gap_json(gap: Gap) -> dict[str, str]:
    """Return a gap as JSON values."""
    return {"iri": gap.iri.value, "sentence": gap.sentence}


def _term(term: Term | None, names: Mapping[NamedNode, str]) -> dict[str, str] | None:
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value, "label": term_in_words(term, names)}
    found = {"type": "literal", "value": term.value, "label": term_in_words(term, names)}
    if term.language:
        found["xml:lang"] = term.language
    elif not isinstance(term, Literal) or term.datatype.value != _STRING:
        found["datatype"] = term.datatype.value
    return found


_STRING = "http://www.w3.org/2001/XMLSchema#string"

"""Answers in words: lines for a terminal, evidence under each row, differences between sources at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import NamedNode

from kg.answers import Answer, AnswerRow
from kg.describe import EvidenceRow
from kg.evidence import ClaimView, Derivation, Disagreement
from kg.labels import column_in_words, term_in_words, voices_in_words
from kg.namespaces import SGV, curie
from kg.terms import Term

NOT_STATED = "Not stated in any of the sources asked:"

WIDTH = 100
"""The width of a table where the terminal does not say."""

SHOWN = 6
"""How many differences, and how many other claims of each, are told in full."""

Line = tuple[str, str]
"""A style (heading, value, evidence, dispute, plain) and a line."""


def answer_lines(answer: Answer, width: int = WIDTH) -> Iterator[Line]:
    """Yield the answer as lines for a person.

    Several rows of several columns are a table if they fit into `width`; the evidence stands under each row. A row on
    which sources differ bears the numbers of the differences, which are told at the end.
    """
    yield "heading", answer.question
    given = {name: terms for name, terms in answer.parameters.items() if terms != (None,)}
    if given:
        told = [f"{name}: {_either(terms, answer.names)}" for name, terms in given.items()]
        yield "plain", f"({'; '.join(told)})"
    if answer.not_stated:
        yield from _not_stated(answer)
        return
    records = _records(answer)
    numbers = {record.iri: n for n, record in enumerate(records, start=1)}
    phrases = _table(answer, width)
    if len(phrases) > len(answer.rows):
        yield "plain", phrases.pop(0)
    for row, phrase in zip(answer.rows, phrases, strict=True):
        marks = sorted(numbers[record.iri] for record in answer.disputes(row))
        shown = [str(mark) for mark in marks if mark <= SHOWN] + (
            ["…"] if marks and marks[-1] > SHOWN else []
        )
        yield "value", phrase + (f"  [sources differ: {', '.join(shown)}]" if shown else "")
        yield from _evidence_lines(row, answer.names)
    if records:
        yield "plain", "Sources differ:"
        yield from _difference_lines(answer, records)


def claim_in_words(claim: ClaimView, names: Mapping[NamedNode, str]) -> str:
    """Return one line for a claim: its excerpts or rows, the voices, the source, the claim's CURIE."""
    quoted = " … ".join(f"“{excerpt}”" for excerpt in claim.excerpts)
    quoted = quoted or ", ".join(piece.row_key or piece.fragment or "a row" for piece in claim.evidence)
    return f"{quoted} — {_voices_and_source(claim, names)}; {claim.curie}"


def _voices_and_source(claim: ClaimView, names: Mapping[NamedNode, str]) -> str:
    # "BBC News; BBC News on the report" would say one thing twice.
    voices, source = voices_in_words(claim.voices, names), term_in_words(claim.article, names)
    narrator = term_in_words(claim.voices[0].agent, names) if claim.voices else ""
    about = source.removeprefix(narrator).lstrip()
    if not narrator or not about.startswith("on "):
        return f"{voices}; {source}"
    return source if len(claim.voices) == 1 else f"{voices}; article {about}"


def _not_stated(answer: Answer) -> Iterator[Line]:
    yield "value", NOT_STATED
    for source in answer.asked:
        yield "evidence", f"  - {answer.names.get(source, curie(source))}"
    for gap in answer.gaps:
        yield "plain", gap.sentence


def _evidence_lines(row: AnswerRow, names: Mapping[NamedNode, str]) -> Iterator[Line]:
    if not row.evidence:
        yield "evidence", "    from the register and the curators' notes; no claim"
    shown: set[NamedNode] = set()
    derived: dict[NamedNode, list[EvidenceRow]] = {}
    for evidence in row.evidence:
        if evidence.derivation is None:
            shown.add(evidence.claim.iri)
            yield "evidence", f"    {claim_in_words(evidence.claim, names)}"
        else:
            derived.setdefault(evidence.graph, []).append(evidence)
    for several in derived.values():
        derivation = several[0].derivation
        assert derivation is not None
        yield "evidence", f"    {_derivation(derivation, several)}"
        for evidence in several:
            if evidence.claim.iri not in shown:
                shown.add(evidence.claim.iri)
                yield "evidence", f"      {claim_in_words(evidence.claim, names)}"


def _derivation(derivation: Derivation, rows: Iterable[EvidenceRow]) -> str:
    claims = ", ".join(dict.fromkeys(row.claim.curie for row in rows))
    return f"by rule: {derivation.sentence.rstrip('.')} ({curie(derivation.iri)}), from {claims}"


def _records(answer: Answer) -> list[Disagreement]:
    """Return the differences that touch a row: those between rows first, and contradictions before other kinds."""
    touching: dict[Disagreement, int] = {}
    for row in answer.rows:
        for record in answer.disputes(row):
            touching[record] = touching.get(record, 0) + 1
    return sorted(touching, key=lambda r: (r.kind != SGV.contradiction, -min(touching[r], 2), r.iri.value))


def _difference_lines(answer: Answer, records: list[Disagreement]) -> Iterator[Line]:
    told: set[NamedNode] = set()
    for number, record in enumerate(records[:SHOWN], start=1):
        kind = term_in_words(record.kind, answer.names)
        yield "dispute", f"  [{number}] {kind}: {record.sentence}"
        others = [claim for claim in answer.elsewhere(record) if claim.iri not in told]
        for claim in others[:SHOWN]:
            told.add(claim.iri)
            yield "evidence", f"      also claimed: {claim.sentence}"
            yield "evidence", f"        {claim_in_words(claim, answer.names)}"
    if len(records) > SHOWN:
        yield "plain", f"  … and {len(records) - SHOWN} more; --format json has them all"


def _table(answer: Answer, width: int) -> list[str]:
    """Return a phrase per row or, where they fit, a line of headings and aligned rows."""
    columns = [name for name in answer.columns if any(row.values[name] is not None for row in answer.rows)]
    cells = [[column_in_words(name) for name in columns]]
    cells += [[answer.text(row, name) for name in columns] for row in answer.rows]
    widths = [max(len(line[n]) for line in cells) for n in range(len(columns))]
    if len(answer.rows) < 2 or len(columns) < 2 or sum(widths) + 2 * len(widths) > width:
        return [answer.phrase(row) for row in answer.rows]
    return [
        "  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)).rstrip() for line in cells
    ]


def _either(terms: tuple[Term | None, ...], names: Mapping[NamedNode, str]) -> str:
    return " or ".join("any" if term is None else term_in_words(term, names) for term in terms)

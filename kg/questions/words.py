"""Answers in words: lines for a terminal, evidence under each row, differences between sources at the end.

What a person reads stays short: of a row with many claims the first ones and the number of the others, of differences
of scope or wording one line. `--format json` has everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from pyoxigraph import NamedNode

from kg.describe import EvidenceRow
from kg.evidence import ClaimView, Derivation, Disagreement
from kg.labels import column_in_words, term_in_words, voices_in_words
from kg.namespaces import curie
from kg.questions.answers import FEW, Answer, AnswerRow
from kg.terms import Term

NOT_STATED = "Not stated in any of the sources asked:"

SOME_NOT_STATED = "What is not stated above is not stated in any of the sources asked:"

WIDTH = 100
"""The width of a table where the terminal does not say."""

FIRST = 3
"""Of more claims than `FEW`, as many are shown, and how many more there are."""

SHOWN = 6
"""How many differences are told, of the contradictions and of what can be compared."""

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
    in_full = answer
    names = {**answer.names, **short_sources(answer.claims.values(), answer.names)}
    answer = replace(answer, names=names)
    records = answer.differences
    strong, weak = ([r for r in records if r.contradicts == against] for against in (True, False))
    numbers = {record.iri: n for n, record in enumerate((*strong[:SHOWN], *weak[:SHOWN]), start=1)}
    bare = all(not row.evidence for row in answer.rows if not row.is_unstated)
    for style, phrase, row in _phrases(answer, width):
        yield style, phrase + (_marks(answer, row, numbers) if row else "")
        if row is not None and not bare and not row.is_unstated:
            indent = " " * (len(phrase) - len(phrase.lstrip()) + 4)
            yield from ((style, indent + line) for style, line in _evidence_lines(row, names))
        for gap in row.gaps if row is not None else ():
            yield "plain", f"    {gap.sentence} ({curie(gap.iri)})"
    if bare:
        yield "evidence", "From the register and the curators' notes, which need no claim."
    if answer.asked:
        yield from _not_stated(in_full)
    yield from _difference_lines(answer, "Sources disagree:", strong, numbers, names)
    yield from _difference_lines(answer, "To compare:", weak, numbers, names)


def short_sources(claims: Iterable[ClaimView], names: Mapping[NamedNode, str]) -> dict[NamedNode, str]:
    """Return a short name for each source that has one of its own: its narrator and its date.

    "BBC News on Ofsted's report on Somerset, March 2015" is "BBC News, March 2015", unless another source is too.
    """
    short: dict[NamedNode, str] = {}
    for claim in claims:
        source = names.get(claim.article, "")
        narrator = names.get(claim.voices[0].agent, "") if claim.voices else ""
        about, comma, when = source.rpartition(", ")
        if narrator and comma and about.startswith(f"{narrator} on ") and when[-4:].isdigit():
            short[claim.article] = f"{narrator}, {when}"
    several = Counter(short.values())
    return {source: name for source, name in short.items() if several[name] == 1}


def claim_in_words(claim: ClaimView, names: Mapping[NamedNode, str]) -> str:
    """Return one line for a claim: its excerpts or rows, the source, who is quoted, the claim's CURIE."""
    quoted = " … ".join(quotation(excerpt) for excerpt in claim.excerpts)
    quoted = quoted or ", ".join(piece.row_key or piece.fragment or "a row" for piece in claim.evidence)
    return f"{quoted} — {voices_and_source(claim, names)}; {claim.curie}"


def quotation(excerpt: str) -> str:
    """Return words of a source in quotation marks, single ones around those that quote in turn.

    >>> quotation("his decision"), quotation("branded “inadequate”")
    ('“his decision”', '‘branded “inadequate”’')
    """
    return f"‘{excerpt}’" if any(mark in excerpt for mark in '“”"') else f"“{excerpt}”"


def voices_and_source(claim: ClaimView, names: Mapping[NamedNode, str]) -> str:
    """Return where a claim stands and who is quoted: "BBC News, July 2014, quoting Ofsted"."""
    # "BBC News; BBC News on the report" would say one thing twice: the source stands for its narrator.
    voices, source = voices_in_words(claim.voices, names), term_in_words(claim.article, names)
    narrator = term_in_words(claim.voices[0].agent, names) if claim.voices else ""
    first = claim.voices[0] if claim.voices else None
    plain = first is not None and first.capacity is None and first.through is None
    if not narrator or not plain or not source.startswith((f"{narrator} on ", f"{narrator}, ")):
        return f"{voices}; {source}"
    return source + voices.removeprefix(narrator)


def _not_stated(answer: Answer) -> Iterator[Line]:
    yield "value", NOT_STATED if answer.not_stated else SOME_NOT_STATED
    for source in answer.asked:
        yield "evidence", f"  - {answer.names.get(source, curie(source))}"
    for gap in answer.gaps:
        yield "plain", f"{gap.sentence} ({curie(gap.iri)})"


def _marks(answer: Answer, row: AnswerRow, numbers: Mapping[NamedNode, int]) -> str:
    """Return the marks of a row: [sources disagree: 1, 2], and [compare: 3] where both sides can be right."""
    touching = [] if row.is_survey else answer.disputes(row)
    marks = ""
    for word, strong in (("sources disagree", True), ("compare", False)):
        of_kind = [record for record in touching if record.contradicts == strong]
        told = [str(n) for n in sorted(numbers[r.iri] for r in of_kind if r.iri in numbers)]
        told += ["…"] if any(record.iri not in numbers for record in of_kind) and told else []
        if told:
            marks += f"  [{word}: {', '.join(told)}]"
    return marks


def _evidence_lines(row: AnswerRow, names: Mapping[NamedNode, str]) -> Iterator[Line]:
    if not row.evidence:
        yield "evidence", "from the register and the curators' notes; no claim"
    stated = [evidence.claim for evidence in row.evidence if evidence.derivation is None]
    yield from _claim_lines(stated, names)
    shown = {claim.iri for claim in stated}
    derived: dict[NamedNode, list[EvidenceRow]] = {}
    for evidence in row.evidence:
        if evidence.derivation is not None:
            derived.setdefault(evidence.graph, []).append(evidence)
    for number, several in enumerate(derived.values()):
        if number == FIRST and len(derived) > FIRST + 1:
            yield "evidence", f"… and {len(derived) - FIRST} more conclusions by rule"
            return
        derivation = several[0].derivation
        assert derivation is not None
        below = [evidence.claim for evidence in several if evidence.claim.iri not in shown]
        shown |= {claim.iri for claim in below}
        yield "evidence", _derivation(derivation) + ("" if below else ", from claims above")
        yield from ((style, f"  {line}") for style, line in _claim_lines(below, names))


def _claim_lines(claims: list[ClaimView], names: Mapping[NamedNode, str]) -> Iterator[Line]:
    """Yield a line per claim; of many, one each of several sources first, and how many more there are."""
    shown = claims
    if len(claims) > FEW:
        by_source: dict[NamedNode, ClaimView] = {}
        for claim in claims:
            by_source.setdefault(claim.article, claim)
        firsts = list(by_source.values())
        shown = [*firsts, *(claim for claim in claims if claim not in firsts)][:FIRST]
    for claim in shown:
        yield "evidence", claim_in_words(claim, names)
    if len(claims) > len(shown):
        yield "evidence", f"… and {len(claims) - len(shown)} more claims; --format json has them all"


def _derivation(derivation: Derivation) -> str:
    return f"by rule: {derivation.sentence.rstrip('.')} ({curie(derivation.iri)})"


def _difference_lines(
    answer: Answer,
    heading: str,
    records: list[Disagreement],
    numbers: Mapping[NamedNode, int],
    names: Mapping[NamedNode, str],
) -> Iterator[Line]:
    told: set[NamedNode] = set()
    if records:
        yield "plain", heading
    for record in records[:SHOWN]:
        kind = term_in_words(record.kind, answer.names)
        yield "dispute", f"  [{numbers[record.iri]}] {kind}: {record.sentence}"
        others = [claim for claim in answer.elsewhere(record) if claim.iri not in told]
        for claim in others[:SHOWN] if record.bears_on_answers else ():
            told.add(claim.iri)
            yield "evidence", f"      also claimed: {claim.sentence}"
            yield "evidence", f"        {claim_in_words(claim, names)}"
    if len(records) > SHOWN:
        yield "plain", f"  … and {len(records) - SHOWN} more; --format json has them all"


def _phrases(answer: Answer, width: int) -> Iterator[tuple[str, str, AnswerRow | None]]:
    """Yield a style, a phrase and the row that it tells: aligned under a line of headings where that fits.

    Else rows that follow each other with one value are told under it: the value once, what tells them apart in lines.
    """
    columns = [
        name
        for name in answer.told_columns
        if name in answer.expects or any(row.values[name] is not None for row in answer.rows)
    ]
    cells = [[column_in_words(name) for name in columns]]
    cells += [[answer.text(row, name) for name in columns] for row in answer.rows]
    widths = [max(len(line[n]) for line in cells) for n in range(len(columns))]
    if len(answer.rows) > 1 and len(columns) > 1 and sum(widths) + 2 * len(widths) <= width:
        for line, row in zip(cells, (None, *answer.rows), strict=True):
            told = "  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)).rstrip()
            yield "value" if row else "plain", told, row
        return
    for _, group in groupby(answer.rows, key=lambda row: row.values[answer.asks]):
        rows = list(group)
        if len(rows) == 1:
            yield "value", answer.phrase(rows[0]), rows[0]
            continue
        common = [name for name in columns if len({row.values[name] for row in rows}) == 1]
        yield "value", answer.phrase(rows[0], common), None
        for row in rows:
            own = [
                name
                for name in columns
                if name not in common and (row.values[name] is not None or answer.is_unstated(row, name))
            ]
            told = "; ".join(f"{column_in_words(name)}: {answer.text(row, name)}" for name in own)
            yield "value", f"  - {told}", row


def _either(terms: tuple[Term | None, ...], names: Mapping[NamedNode, str]) -> str:
    return " or ".join("any" if term is None else term_in_words(term, names) for term in terms)

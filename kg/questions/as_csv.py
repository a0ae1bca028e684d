"""Answers as CSV: the columns of the answer, then the claims of each row as lists in one order."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from pyoxigraph import NamedNode

from kg.evidence import ClaimView
from kg.labels import term_in_words, voices_in_words
from kg.questions.answers import Answer

EVIDENCE = ("claims", "sentences", "voices", "articles", "kinds", "excerpts")
"""The columns of an answer as CSV that tell the claims of a row."""

NOT_STATED = "not_stated"
"""The column of an answer as CSV that names those of a row which no source states."""

BETWEEN_CLAIMS = " | "


def to_csv(answer: Answer) -> str:
    """Return the answer as CSV (RFC 4180): for each column its words, IRIs beside labels, then the claims of the row.

    The columns of `EVIDENCE` are lists in one order, separated by `BETWEEN_CLAIMS`: the IRIs of the claims, their
    sentences in our words, their voices, the articles, the kinds of assertion, and the words of the source (the pieces
    of one claim joined by an ellipsis; for a table of the record its rows). `NOT_STATED` names the columns that are
    empty because no source states them.
    """
    iris = [
        name for name in answer.columns if any(isinstance(r.values[name], NamedNode) for r in answer.rows)
    ]
    out = io.StringIO()
    writer = csv.writer(out)
    head = [part for name in answer.columns for part in ([name, f"{name}_iri"] if name in iris else [name])]
    writer.writerow([*head, *EVIDENCE, NOT_STATED])
    for row in answer.rows:
        cells: list[str] = []
        for name in answer.columns:
            term = row.values[name]
            cells.append(
                answer.text(row, name) if isinstance(term, NamedNode) else term.value if term else ""
            )
            if name in iris:
                cells.append(term.value if isinstance(term, NamedNode) else "")
        claims = dict.fromkeys(evidence.claim for evidence in row.evidence)
        told = [_claim_cells(claim, answer.names) for claim in claims]
        lists = zip(*told, strict=True) if told else (() for _ in EVIDENCE)
        unstated = BETWEEN_CLAIMS.join(answer.unstated(row))
        writer.writerow([*cells, *(BETWEEN_CLAIMS.join(each) for each in lists), unstated])
    return out.getvalue()


def _claim_cells(claim: ClaimView, names: Mapping[NamedNode, str]) -> list[str]:
    """Return what stands of a claim in the columns of `EVIDENCE`."""
    words = claim.excerpts or [piece.row_key or piece.fragment or "" for piece in claim.evidence]
    cells = [
        claim.iri.value,
        claim.sentence,
        voices_in_words(claim.voices, names),
        term_in_words(claim.article, names),
        term_in_words(claim.kind, names) if claim.kind else "",
        " … ".join(words),
    ]
    return [cell.replace(BETWEEN_CLAIMS, " / ") for cell in cells]

"""The claims that the columns of any answer are bound to: shown in the table, appended to the CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from kg.errors import ParameterError
from kg.evidence import ClaimView, Derivation, read_claims, read_derivations
from kg.labels import labels, voices_in_words
from kg.namespaces import CLAIM, DERIVED
from kg.queries import Queryable

Row = Sequence[object]


@dataclass(frozen=True)
class Expanded:
    """What the claims and derivations among some terms are: by IRI; `terms` are the IRIs whose labels are needed."""

    claims: dict[NamedNode, ClaimView] = field(default_factory=dict)
    derivations: dict[NamedNode, Derivation] = field(default_factory=dict)

    def terms(self) -> set[NamedNode]:
        """Return every IRI whose label is needed to show them."""
        return {term for claim in self.claims.values() for term in claim.terms()}


def expand(store: Queryable, rows: Iterable[Row]) -> Expanded:
    """Read every claim and derivation that stands in some rows."""
    named = {term for row in rows for term in row if isinstance(term, NamedNode) and "#" not in term.value}
    claims, derived = {t for t in named if t in CLAIM}, {t for t in named if t in DERIVED}
    return Expanded(read_claims(store, claims), read_derivations(store, derived))


def claim_columns(rows: Iterable[Row]) -> list[int]:
    """Return the places of the columns in which a claim stands."""
    found: set[int] = set()
    for row in rows:
        found.update(
            n
            for n, term in enumerate(row)
            if isinstance(term, NamedNode) and term in CLAIM and "#" not in term.value
        )
    return sorted(found)


def csv_with_evidence(store: Queryable, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Return rows as CSV (RFC 4180), and for each column of claims its sentence, voices, source and excerpts.

    Raises `ParameterError` if no column holds a claim.
    """
    places = claim_columns(rows)
    if not places:
        allowed = "a query with a column of claims, as from GRAPH ?g { … } ?g sg:restsOn ?claim"
        raise ParameterError("evidence", "yes", "finds no claim in this answer", allowed)
    expanded = expand(store, ([row[n] for n in places] for row in rows))
    names = labels(store, expanded.terms())
    parts = ("sentence", "voices", "source", "source_iri", "excerpts")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*columns, *(f"{columns[n]}_{part}" for n in places for part in parts)])
    for row in rows:
        cells = [_text(term) for term in row]
        for n in places:
            term = row[n]
            claim = expanded.claims.get(term) if isinstance(term, NamedNode) else None
            if claim is None:
                cells += [""] * len(parts)
            else:
                voices = voices_in_words(claim.voices, names)
                excerpts = claim.excerpts or tuple(p.fragment or "" for p in claim.evidence)
                source = names[claim.article]
                cells += [claim.sentence, voices, source, claim.article.value, " | ".join(excerpts)]
        writer.writerow(cells)
    return out.getvalue()


def _text(term: object) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, (NamedNode, Literal)) else str(term)

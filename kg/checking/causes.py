"""Puts the findings about a stranger's data in the order in which they are mended: causes first, what follows last.

One misspelt class makes everything that points at its things wrong as well. A reader who begins with the last line of
such a report looks for errors where there are none.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from kg.namespaces import RDF, SG, SGV, SH, curie
from kg.report import SEVERITIES, Result

UNDECLARED = "undeclared-terms"
"""The shape of a finding about a term that the vocabulary does not have, called as the check of a build is."""
FOLLOWS_FROM = {SG.firstVoice.value: SG.voice.value, SG.lastVoice.value: SG.voice.value}
"""Properties that are filled in from another: where that is wrong, they lack for this reason only."""
_OF_VALUES = tuple(
    SH[f"{name}ConstraintComponent"].value
    for name in ("Class", "Datatype", "HasValue", "In", "LanguageIn", "NodeKind", "Node", "Or", "Pattern")
)
_MISSING = SH.MinCountConstraintComponent.value


def undeclared_terms(quads: Iterable[ox.Quad], vocabulary: Iterable[ox.Quad]) -> list[Result]:
    """Return a finding for each term of our namespaces in the quads that the vocabulary does not have."""
    known = {quad.subject for quad in vocabulary if isinstance(quad.subject, ox.NamedNode)}
    found: dict[tuple[object, object], Result] = {}
    for quad in quads:
        for term, path in ((quad.predicate, None), (quad.object, quad.predicate)):
            if not isinstance(term, ox.NamedNode) or not (term in SG or term in SGV) or term in known:
                continue
            if (quad.subject, term) not in found:
                found[quad.subject, term] = _undeclared(quad, term, path, known)
    return list(found.values())


def _undeclared(
    quad: ox.Quad, term: ox.NamedNode, path: ox.NamedNode | None, known: Iterable[ox.NamedNode]
) -> Result:
    space = SG if term in SG else SGV
    names = sorted(curie(other) for other in known if other in space)
    near = difflib.get_close_matches(curie(term), names, n=1, cutoff=0.75)
    kind = "class" if path == RDF.type else "concept" if term in SGV else "term"
    hint = f"Did you mean {near[0]}?" if near else "/ontology lists those that there are."
    return Result(
        _name(quad.subject),
        f"The vocabulary has no {kind} {curie(term)}. {hint}",
        path=path.value if path is not None and path != RDF.type else None,
        value=term.value,
        shape=UNDECLARED,
    )


def _name(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def causes_first(results: Sequence[Result]) -> tuple[tuple[Result, ...], tuple[Result, ...]]:
    """Return causes and what may only follow from them, both gravest first, then in the order of the text.

    A finding follows from another where its value is itself at fault, or where the other says of the same value what is
    wrong with it, or where its property is filled in from one that is wrong.
    """
    causes: list[Result] = []
    following: list[Result] = []
    for result in sorted(results, key=_place):
        (following if any(_follows(result, other) for other in results) else causes).append(result)
    return tuple(causes), tuple(following)


def rank(result: Result) -> int:
    """Return how near to the root a finding is: terms and dates that cannot be read, values, what is missing, the rest.

    >>> rank(Result("x", "no such term", shape=UNDECLARED)), rank(Result("x", "missing", constraint=_MISSING))
    (0, 2)
    """
    if result.shape == UNDECLARED or (result.constraint is None and "is not a date" in result.message):
        return 0
    if result.constraint in _OF_VALUES:
        return 1
    return 2 if result.constraint == _MISSING else 3


def _place(result: Result) -> tuple[int, int, int, tuple[int, str, str, str, str]]:
    return SEVERITIES.index(result.severity), rank(result), result.line or 0, result.sort_key


def _follows(result: Result, cause: Result) -> bool:
    if result is cause or rank(cause) > rank(result):
        return False
    same = result.focus == cause.focus
    if same and result.path in FOLLOWS_FROM and FOLLOWS_FROM[result.path] == cause.path:
        return True
    value = result.value
    if rank(cause) > 0 or rank(result) == 0 or value is None or value == result.focus:
        return False
    return value == cause.focus or (same and (value == cause.value or curie(value) in cause.message))

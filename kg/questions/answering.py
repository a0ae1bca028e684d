"""Answers the stored questions.

Columns whose name begins with `claim` are the evidence of a row, the others the answer. Rows with the same answer are
one answer with several claims. A reader sees those in `claim` before those in other columns (`claimOfPost`), and of
them first those with the lowest `claimRank` (a number). Where `claim` is a conclusion, `claimFirst`, which adds no
evidence, names a claim below it for `claimRank`. No rows means "not stated": the answer then names the sources that
were asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pyoxigraph import Literal, NamedNode

from kg.describe import EvidenceRow
from kg.errors import QueryError
from kg.evidence import ClaimView, Derivation, Disagreement, read_claims, read_derivations
from kg.labels import labels
from kg.namespaces import CLAIM, DERIVED
from kg.policy import select_order
from kg.queries import Queryable, select, value_of
from kg.questions.answers import Answer, AnswerRow
from kg.questions.asked import asked_in_words
from kg.questions.each_value import combinations, for_each, several
from kg.questions.library import Question, find_question, list_questions, prefixes_file, suggest
from kg.questions.parameters import bind_values
from kg.questions.unstated import Unstated, find_unstated
from kg.terms import Term, bind

__all__ = ["Question", "answer", "find_question", "list_questions", "prefixes_file", "suggest"]

RANK, FIRST, LAST = "claimRank", "claimFirst", 1 << 30

Key = tuple[Term | None, ...]
"""The values of a row, in the order of the columns."""


def answer(
    store: Queryable, question: Question | str, given: Mapping[str, str | Iterable[str]] | None = None
) -> Answer:
    """Answer a question, named by its slug, with the texts that a person gave for its parameters.

    A parameter with several values is a column of the answer, and a value for which nothing is stated is a row.

    Raises `NotFound` for an unknown slug, `ParameterError` for a value that does not fit, `QueryError` for a stored
    query that is not SPARQL or not a SELECT.
    """
    if isinstance(question, str):
        question = find_question(store, question)
    bound = bind_values(store, question.parameters, given or {})
    of_each = several(bound)
    query, variables, rows = _ask(store, question, bound)
    columns = [name for name in variables if not name.startswith("claim")]
    if not set(columns) - set(of_each):
        raise QueryError(f"{question.slug}: the query has no column besides its claims")
    asks = question.asks if question.asks in columns else next(c for c in columns if c not in of_each)
    grouped, ranks = _grouped(variables, rows, columns, of_each)
    keys = (
        list(grouped)
        if _is_ordered(question.query)
        else sorted(grouped, key=lambda key: [str(t) for t in key])
    )
    unstated: set[Key] = set()
    if of_each and keys:
        keys, unstated = _in_order_of_values(keys, columns, bound)
        grouped.update((key, set()) for key in unstated)
    claims, derivations, supports = _support(store, set().union(*grouped.values()) if grouped else set())
    other = _other_sides(store, claims)
    terms: set[object] = {term for values in (*keys, *bound.values()) for term in values}
    for claim in (*claims.values(), *other.values()):
        terms |= claim.terms()
    terms |= {derivation.rule for derivation in derivations.values()}
    terms |= {parameter.default for parameter in question.parameters if parameter.default is not None}
    names = labels(store, terms)
    made = [
        AnswerRow(
            dict(zip(columns, key, strict=True)),
            _evidence(grouped[key], supports, claims, derivations, names, ranks.get(key, {})),
            key in unstated,
        )
        for key in keys
    ]
    expects = frozenset({asks, *question.expects} & set(columns))
    wanting = [
        n for n, row in enumerate(made) if row.is_unstated or any(row.values[c] is None for c in expects)
    ]
    if wanting or not made:
        found_not = find_unstated(store, question, bound, made, wanting)
        made = [replace(row, gaps=found_not.of_rows.get(n, ())) for n, row in enumerate(made)]
        names |= labels(store, found_not.asked)
    else:
        found_not = Unstated()
    return Answer(
        question.slug, asked_in_words(question, bound, names), query, tuple(columns), asks, tuple(made),
        {name: tuple(values) for name, values in bound.items()},
        found_not.asked, found_not.gaps, _records(claims), {**other, **claims}, names, expects,
    )  # fmt: skip


def _ask(
    store: Queryable, question: Question, bound: Mapping[str, Sequence[Term | None]]
) -> tuple[str, list[str], list[Key]]:
    """Return the query that is run, its variables and its rows."""
    of_each = several(bound)
    query = bind(question.query, combinations(bound)[0] if of_each else bound)
    if of_each:
        variables = select_order(query, _variables(store, question, query))
        query = for_each(question.query, bound, variables)
    return query, *_run(store, question, query)


def _grouped(
    variables: Sequence[str],
    rows: Iterable[Key],
    columns: Sequence[str],
    of_each: Sequence[str],
) -> tuple[dict[Key, set[NamedNode]], dict[Key, dict[NamedNode, int]]]:
    """Return the graphs that support each row of an answer, rows in the order found, and which of them to show first.

    A row whose columns are empty but for the values that were asked with is none.
    """
    grouped: dict[Key, set[NamedNode]] = {}
    ranks: dict[Key, dict[NamedNode, int]] = {}
    for row in rows:
        found = dict(zip(variables, row, strict=True))
        key = tuple(found[name] for name in columns)
        if all(found[name] is None for name in columns if name not in of_each):
            continue
        graphs = grouped.setdefault(key, set())
        for name in variables:
            if name.startswith("claim") and name not in (RANK, FIRST):
                graphs |= _graphs(found[name])
        known, rank = ranks.setdefault(key, {}), found.get(RANK)
        number = int(rank.value) if isinstance(rank, Literal) else LAST - 1
        for graph in _graphs(found.get(FIRST if FIRST in found else "claim")):
            known[graph] = min(number, known.get(graph, LAST))
    return grouped, ranks


def _in_order_of_values(
    keys: list[Key], columns: Sequence[str], bound: Mapping[str, Sequence[Term | None]]
) -> tuple[list[Key], set[Key]]:
    """Return the rows in the order of the values that were given, with a row for each that has none; and those."""
    names = several(bound)
    places = [columns.index(name) for name in names]
    found: dict[Key, list[Key]] = {}
    for key in keys:
        found.setdefault(tuple(key[n] for n in places), []).append(key)
    ordered, unstated = [], set()
    for combination in combinations({name: bound[name] for name in names}):
        values = tuple(combination[name] for name in names)
        if values not in found:
            empty = tuple(combination.get(name) for name in columns)
            found[values] = [empty]
            unstated.add(empty)
        ordered += found[values]
    return ordered, unstated


def _variables(store: Queryable, question: Question, query: str) -> list[str]:
    try:
        return [variable.value for variable in store.query(query).variables]
    except SyntaxError as error:
        raise QueryError(f"the question {question.slug} is not SPARQL: {error}") from None
    except AttributeError:
        raise QueryError(f"the question {question.slug} is not a SELECT query") from None


def _run(store: Queryable, question: Question, query: str) -> tuple[list[str], list[Key]]:
    try:
        solutions = store.query(query)
        variables = [variable.value for variable in solutions.variables]
    except SyntaxError as error:
        raise QueryError(f"the question {question.slug} is not SPARQL: {error}") from None
    except AttributeError:
        raise QueryError(f"the question {question.slug} is not a SELECT query") from None
    return variables, [tuple(solution) for solution in solutions]


def _is_ordered(query: str) -> bool:
    return "ORDER BY" in " ".join(query.upper().split())


def _graphs(term: Term | None) -> set[NamedNode]:
    texts = term.value.split() if isinstance(term, Literal) else [value_of(term)]
    return {NamedNode(text) for text in texts if text in CLAIM or text in DERIVED}


Support = tuple[dict[NamedNode, ClaimView], dict[NamedNode, Derivation], dict[NamedNode, set[NamedNode]]]


def _support(store: Queryable, graphs: set[NamedNode]) -> Support:
    """Return the claims below some graphs, the derivations among these, and the claims of each graph."""
    supports: dict[NamedNode, set[NamedNode]] = {}
    for graph, claim in select(store, "rests_on", g=sorted(graphs, key=str)) if graphs else ():
        supports.setdefault(graph, set()).add(claim)
    claims = read_claims(store, set().union(*supports.values()) if supports else set())
    return claims, read_derivations(store, [graph for graph in graphs if graph in DERIVED]), supports


def _evidence(
    graphs: set[NamedNode],
    supports: Mapping[NamedNode, set[NamedNode]],
    claims: Mapping[NamedNode, ClaimView],
    derivations: Mapping[NamedNode, Derivation],
    names: Mapping[NamedNode, str],
    ranks: Mapping[NamedNode, int],
) -> tuple[EvidenceRow, ...]:
    rows = [
        EvidenceRow(graph, claims[claim], derivations.get(graph))
        for graph in graphs
        for claim in supports.get(graph, ())
        if claim in claims
    ]

    # What the query names as the claim comes before what tells of whom or what it is, and of these what is stated
    # before what follows; one claim is not shown twice because a rule used it as well.
    def order(row: EvidenceRow) -> tuple[bool, bool, int, str, str, str]:
        rank = min(ranks.get(row.graph, LAST), ranks.get(row.claim.iri, LAST))
        article = names.get(row.article, "")
        return rank == LAST, row.derived, rank, article, row.claim.iri.value, row.graph.value

    rows.sort(key=order)
    stated = {row.claim.iri for row in rows if not row.derived}
    return tuple(row for row in rows if not row.derived or row.claim.iri not in stated)


def _records(claims: Mapping[NamedNode, ClaimView]) -> tuple[Disagreement, ...]:
    found = {record.iri: record for claim in claims.values() for record in claim.disagreements}
    return tuple(found[iri] for iri in sorted(found, key=str))


def _other_sides(store: Queryable, claims: Mapping[NamedNode, ClaimView]) -> dict[NamedNode, ClaimView]:
    others = {claim for record in _records(claims) for claim in record.between} - claims.keys()
    return read_claims(store, others)


if __name__ == "__main__":
    import sys

    sys.stdout.write(prefixes_file())

"""Rewrites a SELECT query so that each answer comes with the claims that its triples rest on.

What may be rewritten is decided on the algebra, which rdflib's parser reads; nothing is evaluated there. The text
itself is kept, comments and all: the SELECT clause gets a column, the WHERE clause one OPTIONAL group at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.errors import KgError
from kg.namespaces import PREFIXES, RDF, RDFS, SG, SKOS
from kg.policy import Token, prologue
from kg.queries import with_prefixes

MAX_BYTES = 8 * 1024
"""A longer query is not read: rdflib's parser takes about 10 ms for each kB."""

UNCLAIMED = frozenset(
    term.value
    for term in (
        RDF.type, RDFS.label, SKOS.prefLabel, SKOS.altLabel, SKOS.broader, SKOS.inScheme, SKOS.notation,
        SG.earliest, SG.latest, SG.edtf, SG.approximate, SG.rank,
    )
)  # fmt: skip
"""Properties of the register, of dates and of concepts: no source is needed for them."""

_WORDS = {
    "LeftJoin": "OPTIONAL",
    "Union": "UNION",
    "Minus": "MINUS",
    "Graph": "GRAPH",
    "Group": "GROUP BY or an aggregate",
    "AggregateJoin": "GROUP BY or an aggregate",
    "SelectQuery": "a query inside the query",
    "Project": "a query inside the query",
    "ServiceGraphPattern": "SERVICE",
}
_THROUGH = frozenset({"Slice", "Distinct", "Reduced", "OrderBy", "Filter", "Extend", "Join", "ToMultiSet"})


class NotRewritable(KgError):
    """A query cannot be rewritten; the message says what stands in the way, as the rest of a sentence."""


def with_claims(query: str) -> str:
    """Return `query` with a column of claims: one row per answer and claim, empty where no claim is needed.

    Of basic graph patterns, with FILTER, BIND, VALUES and solution modifiers. Raises `NotRewritable` for anything else
    and for a text that is no query.

    >>> print(with_claims("SELECT ?who { ?tenure org:member ?who } LIMIT 5"))
    PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>
    PREFIX org: <http://www.w3.org/ns/org#>
    SELECT ?who ?claim { ?tenure org:member ?who
      OPTIONAL {
        GRAPH ?graph { ?tenure org:member ?who }
        ?graph sg:restsOn ?claim
      }
    } LIMIT 5
    """
    patterns = _patterns(query)
    rest = prologue(query)[2]
    if not rest or rest[0].text.upper() != "SELECT":
        raise NotRewritable("only SELECT has columns")
    names = {token.text[1:] for token in rest if token.kind == "var"}
    claim, graph = _fresh("claim", names), _fresh("graph", names)
    start, end = _where(rest)
    blocks = [f"GRAPH ?{graph} {{ {pattern} }}" for pattern in patterns]
    found = blocks[0] if len(blocks) == 1 else "\n    UNION ".join(f"{{ {block} }}" for block in blocks)
    added = f"\n  OPTIONAL {{\n    {found}\n    ?{graph} sg:restsOn ?{claim}\n  }}\n"
    last = rest[rest.index(start) - 1]  # of the SELECT clause; a comment may follow it
    column = last.start + len(last.text)
    asked = "" if _selects_all(rest) else f" ?{claim}"
    text = query[:column] + asked + query[column : end.start].rstrip() + added + query[end.start :]
    return with_prefixes(text)


def _patterns(query: str) -> list[str]:
    """Return the triple patterns that can have claims, as SPARQL text."""
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery
    from rdflib.term import BNode

    if len(query.encode("utf-8", "replace")) > MAX_BYTES:
        raise NotRewritable(f"it is longer than {MAX_BYTES // 1024} kB")
    try:
        algebra = translateQuery(parseQuery(query), initNs=PREFIXES).algebra
    except RecursionError:
        raise NotRewritable("it is nested too deeply") from None
    except Exception as error:  # pyparsing's and rdflib's own, of many kinds
        raise NotRewritable(f"it could not be read ({type(error).__name__})") from None
    if algebra.name != "SelectQuery":
        raise NotRewritable("only SELECT has columns")
    if algebra.datasetClause:
        raise NotRewritable("it names its graphs with FROM")
    declared = {**PREFIXES, **prologue(query)[1]}
    found = []
    node = algebra.p
    while node.name != "Project":  # what stands above it are DISTINCT and LIMIT
        node = node.p
    for triple in _triples(node.p):
        if any(isinstance(term, BNode) for term in triple):
            raise NotRewritable("it has a blank node, [ ] or _:x: name it with a variable instead")
        if str(triple[1]) not in UNCLAIMED:
            found.append(" ".join(_write(term, declared) for term in triple))
    if not found:
        raise NotRewritable("it asks only for types, names and the like, which need no claim")
    return list(dict.fromkeys(found))


def _triples(node: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield the triple patterns below the projection. Raises `NotRewritable` for what is no basic graph pattern."""
    from rdflib.paths import Path

    if node.name == "BGP":
        for triple in node.triples:
            if isinstance(triple[1], Path):
                raise NotRewritable("it has a property path")
            yield triple
        return
    if node.name not in _THROUGH:
        raise NotRewritable(f"it has {_WORDS.get(node.name, node.name)}")
    if "expr" in node and _has_exists(node.expr):
        raise NotRewritable("it has EXISTS")
    for key in ("p", "p1", "p2"):
        if key in node and node[key].name != "values":
            yield from _triples(node[key])


def _has_exists(expression: Any) -> bool:
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(expression, list):
        return any(map(_has_exists, expression))
    if not isinstance(expression, CompValue):
        return False
    if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
        return True
    return any(_has_exists(value) for value in expression.values())


def _write(term: Any, prefixes: Mapping[str, str]) -> str:
    from rdflib.term import URIRef

    if not isinstance(term, URIRef):
        return str(term.n3())
    for prefix, base in sorted(prefixes.items(), key=lambda item: -len(item[1])):
        if base and term.startswith(base) and re.fullmatch(r"[A-Za-z0-9_][\w-]*", term[len(base) :]):
            return f"{prefix}:{term[len(base) :]}"
    return str(term.n3())


def _fresh(name: str, used: set[str]) -> str:
    return next(made for n in range(len(used) + 2) if (made := f"{name}{n or ''}") not in used)


def _selects_all(rest: list[Token]) -> bool:
    return "*" in [token.text for token in rest[1:3]]


def _where(rest: list[Token]) -> tuple[Token, Token]:
    """Return the token that begins the WHERE clause (WHERE or a brace) and the brace that ends it."""
    first = next(n for n, token in enumerate(rest) if token.text == "{")
    start = rest[first - 1] if rest[first - 1].text.upper() == "WHERE" else rest[first]
    depth = 0
    for token in rest[first:]:
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            return start, token
    raise NotRewritable("its brackets do not close")

"""The query page: editor, answer as a table or a drawing, evidence of every claim in it, downloads, code, permalink.

`/sparql` decides what was asked and runs it (`web.endpoint.sparql`); this module shows it. Everything works without
JavaScript.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Response, request
from pyoxigraph import Literal, NamedNode

from kg.errors import KgError, ParameterError, QueryError, QueryTimeout, QueryTooLarge
from kg.labels import column_in_words, labels, term_in_words
from kg.namespaces import PREFIXES
from kg.questions.answering import suggest
from kg.with_claims import NotRewritable, with_claims
from web.charts.results import Value, View, chart_for
from web.earlier import address_of_today, newest, permanent, version_asked
from web.endpoint.answer_evidence import Expanded, claim_columns, expand
from web.endpoint.code_samples import samples
from web.endpoint.permalink import query_address
from web.endpoint.results import SHOWN, Table, read_results
from web.endpoint.since import Since, since
from web.library import all_questions, find_questions
from web.links import site_address
from web.parameters import YES_OR_NO, given, one_of, whole_number
from web.render import STATIC, page, page_address
from web.serving.served import served
from web.terms import terms_address

if TYPE_CHECKING:
    from kg.workers.pool import QueryAnswer
    from web.endpoint.asked import Asked
    from web.negotiation import Offer

EDITOR = STATIC / "build" / "sparql.js"
"""The editor's script, if it was built; without it the page has a plain text field."""
DRAWN = 1000
"""How many rows a drawing is made from, at most; it says how many of them it shows."""

START = """PREFIX id: <https://w3id.org/scrutiny-graph/id/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>

# Who held which post, and the words that say so
SELECT ?person ?post ?claim WHERE {
  GRAPH ?g { ?tenure org:member ?person ; org:post ?post }
  ?g sg:restsOn ?claim .
}
ORDER BY ?person LIMIT 50
"""
START_FILES = "SELECT * WHERE {\n  ?s ?p ?o\n}\nLIMIT 50\n"


@dataclass(frozen=True)
class Shown:
    """An answer made ready for the page.

    `views` are the drawings that fit, `view` the one that is wanted; `iris` shows IRIs instead of labels; `rewritten`
    is the query that asks for the claims as well, or `why_not` says what stands in the way; both are empty where the
    answer has claims; `since` tells what the newest data answers, where an earlier version does here.
    """

    table: Table
    truncated: bool
    start: int = 0
    claims: Expanded = field(default_factory=Expanded)
    views: tuple[View, ...] = ()
    view: View | None = None
    rewritten: str = ""
    why_not: str = ""
    has_claims: bool = False
    iris: bool = False
    since: Since | None = None


def start_query() -> str:
    """Return the query that the page begins with: that of the question in the address, else an example."""
    slug = given("question")
    if not slug:
        return START_FILES if served().is_files else START
    question = next(iter(find_questions([slug])), None)
    if question is None:
        near = [(q.slug, q.text) for q in suggest(all_questions(), slug.replace("-", " "))]
        raise ParameterError(
            "question", slug, "is no stored question", "the name of one, as in its address", near
        )
    return question.query


def show_answer(wanted: Asked, form: str, answer: QueryAnswer, offers: Sequence[Offer]) -> Response:
    """Render the page with an answer, which came as JSON or N-Triples. Raises `ParameterError` for a wrong view."""
    state, query = served(), wanted.query
    start = _start()
    table = read_results(state.store, answer.body, answer.form == "graph", start)
    iris = one_of("labels", YES_OR_NO, "is neither", "yes") == "no"
    today = since(wanted, table, truncated=answer.truncated)
    if state.is_files or table.boolean is not None:
        return render(query, form, Shown(table, answer.truncated, start, iris=iris, since=today), offers)
    expanded = expand(state.store, table.rows)
    names = {**table.names, **labels(state.store, expanded.terms())}
    views = _views(table)
    named = given("view")
    view = next((view for view in views if view.kind == named), None)
    if named not in ("", "table") and view is None:
        fitting = ["table", *(view.kind for view in views)]
        raise ParameterError.not_one_of("view", named, "does not fit this answer", fitting)
    rewritten = why_not = ""
    has_claims = bool(claim_columns(table.found))
    if not has_claims and not table.is_graph and table.total:
        try:
            rewritten = with_claims(query)
        except NotRewritable as error:
            why_not = error.message
    shown = Shown(
        table,
        answer.truncated,
        start,
        expanded,
        tuple(views),
        view,
        rewritten,
        why_not,
        has_claims,
        iris,
        today,
    )
    return render(query, form, shown, offers, names=names)


def _start() -> int:
    return (whole_number("page", 1, 1, 10_000) - 1) * SHOWN


def _views(table: Table) -> list[View]:
    """Return the drawings that fit an answer; a column of claims is evidence and not drawn."""
    rows = table.found[:DRAWN]
    evidence = claim_columns(rows)
    places = [n for n in range(len(table.columns)) if n not in evidence]
    kept = list(dict.fromkeys(tuple(row[n] for n in places) for row in rows))
    names = labels(served().store, {term for row in kept for term in row})
    values = [[_value(term, names) for term in row] for row in kept]
    columns = [column_in_words(table.columns[n]) for n in places]
    source = f"Scrutiny Graph, data set {served().short_version}, from the query above."
    return chart_for(columns, values, source)


def _value(term: object, names: dict[NamedNode, str]) -> Value | None:
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return Value(term_in_words(term, names), term.value, is_iri=True, href=page_address(term))
    if isinstance(term, Literal):
        return Value(term_in_words(term, names), term.value, term.datatype.value)
    return Value(str(term), str(term))


def render(
    query: str,
    form: str = "",
    shown: Shown | None = None,
    offers: Sequence[Offer] = (),
    *,
    error: KgError | None = None,
    status: int = 200,
    names: dict[NamedNode, str] | None = None,
) -> Response:
    """Render the page with a query, and with its answer or its error; `form` is that of the query."""
    groups: dict[str, list[object]] = {}
    state = served()
    if not state.is_files:
        for question in all_questions():
            groups.setdefault(question.group_label, []).append(question)
    endpoint = f"{site_address(state.settings)}/sparql"
    return page(
        "sparql.html",
        status,
        title="SPARQL",
        q="",
        noindex=bool(request.args),
        names=names if names is not None else shown.table.names if shown else {},
        query=query,
        shown=shown,
        table=shown.table if shown else None,
        per_page=SHOWN,
        offers=offers,
        error=error,
        error_line=_error_line(query, error),
        advice=_advice(error),
        groups=groups,
        link=_link,
        permalink=query_address(query, version=state.version[:16]) if permanent([]) else None,
        asked_version=version_asked(),
        newest=newest(),
        today=address_of_today(),
        samples=samples(endpoint, query, form) if shown else [],
        has_editor=EDITOR.is_file(),
        terms="" if state.is_files else terms_address(),
        prefixes=PREFIXES,
        settings=state.settings,
        address=endpoint,
    )


def _link(query: str, **more: str) -> str | None:
    """Return the address of a query, in the version that this request names, if it names one."""
    found = version_asked()
    return query_address(query, **more, version=found.version[:16] if found else "")


def _error_line(query: str, error: KgError | None) -> tuple[str, str] | None:
    """Return the line of the query that an error names, and a caret below the place."""
    if not isinstance(error, QueryError) or error.line is None:
        return None
    lines = query.splitlines()
    if not 1 <= error.line <= len(lines):
        return None
    column = max(1, error.column or 1)
    start = max(0, column - 70)
    line = lines[error.line - 1][start : start + 110].replace("\t", " ")
    return line, " " * (column - 1 - start) + "^"


def _advice(error: KgError | None) -> str:
    if isinstance(error, QueryTimeout):
        return (
            "No answer was found in that time; that is not an empty answer. Ask for less: start from one thing instead "
            "of all, join every pattern to the others by a variable that they share, add LIMIT, or leave out ORDER BY "
            "over everything. On your own machine, kg query has no limit of time."
        )
    if isinstance(error, QueryTooLarge):
        return "Ask for fewer rows or columns, or add LIMIT; the whole graph can be downloaded."
    return ""

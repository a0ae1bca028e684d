"""`kg query`: a SPARQL query on the built graph.

Starts quickly: rich is imported at a terminal only, rdflib never.
"""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import kg
from kg.commands import ELSEWHERE_SECONDS, data_option, endpoint_option, out_option
from kg.commands.answers import GRAPHS, ROWS, UNLIMITED, written
from kg.commands.process import one_processor, quick
from kg.errors import KgError

if TYPE_CHECKING:
    from kg.snapshot import Snapshot


@click.command()
@click.argument("query", metavar="QUERY|FILE|-")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *ROWS, *GRAPHS]),
    help="How to write the answer.  [default: a table for rows, Turtle for a graph]",
)
@click.option(
    "--labels/--no-labels", default=True, help="Show labels beside IRIs in a table.", show_default=True
)
@click.option(
    "--allow-service",
    is_flag=True,
    help="Let SERVICE call the endpoint that the query names, over the network.",
)
@click.option("--seconds", type=float, help="Stop the query after this many seconds.")
@endpoint_option
@data_option
@out_option
def command(
    query: str,
    form: str | None,
    labels: bool,
    allow_service: bool,
    seconds: float | None,
    endpoint: str | None,
    data: Path | None,
    out: Path | None,
) -> None:
    """Run a SPARQL query: SELECT, ASK, CONSTRUCT or DESCRIBE, given as text, as a file, or on standard input (-).

    The default graph holds everything that is not withdrawn, each triple once; GRAPH ?g { ... } ?g sg:restsOn ?claim
    leads from a triple to its claims. The project's prefixes need no PREFIX line. In a pipe, a table is tab-separated.

    The query stays on this machine: SERVICE is refused unless --allow-service is given, updates always, and FROM names
    graphs of the data, which are not fetched. With --endpoint it is sent to that address, and the answer is shown here.

    Exits with 2 for a query that cannot be run.

    \b
    Example:
      kg query 'SELECT ?who ?start { ?t org:post id:post-dcs-somerset ; org:member ?who ; sg:start ?start }'
      kg query --format csv questions.rq > answer.csv
      kg query --endpoint http://127.0.0.1:8000/sparql 'SELECT ?name { ?c a sg:Council ; rdfs:label ?name }'
    """
    text = read_query(query)
    if seconds and allow_service:
        raise KgError(
            "--allow-service does not go with --seconds: what can be stopped has no network", exit_code=2
        )
    with ExitStack() as stack:
        try:
            if not allow_service:
                refuse_service(text)
            if endpoint is not None:
                answer = run_elsewhere(endpoint, text, form, labels, seconds)
            else:
                stack.enter_context(quick())
                graph = stack.enter_context(open_quickly(data, out))
                answer = (
                    run_limited(graph, text, form, seconds) if seconds else run(graph, text, form, labels)
                )
        except KgError as error:
            error.exit_code = 2
            raise
        if answer:
            sys.stdout.flush()
            sys.stdout.buffer.write(answer)


def refuse_service(text: str) -> None:
    """Raise `QueryRefused` if a query calls another endpoint; `kg.policy` is imported only if it could."""
    if "service" not in text.lower():
        return
    from kg.errors import QueryRefused
    from kg.policy import check_query

    try:
        check_query(text, UNLIMITED)
    except QueryRefused as error:
        if "SERVICE" not in error.message:
            raise
        place = error.message.partition("SERVICE")[0]
        raise QueryRefused(
            f"{place}SERVICE calls another endpoint over the network: --allow-service lets it"
        ) from None


def open_quickly(data: Path | None, out: Path | None) -> Snapshot:
    """Open the built graph; the common places are tried before `kg.resources`, which takes longer to import."""
    if data is None:
        from kg.snapshot import current_path, open_snapshot

        root = Path(kg.__file__).parent.parent
        folder = out or (root / "build" if (root / "pyproject.toml").is_file() else None)
        if folder is not None and current_path(folder) is not None:
            with one_processor():
                return open_snapshot(folder)
    from kg.commands.opened import open_graph

    return open_graph(data, out)


def read_query(argument: str) -> str:
    """Return the text of a query that is given as text, as the path of a file, or as `-` for standard input."""
    if argument == "-":
        return sys.stdin.read()
    if not any(c in argument for c in "{}\n"):
        path = Path(argument)
        if path.is_file():
            from kg.read import read_source

            return read_source(path)
        if path.suffix in (".rq", ".sparql") or not argument.strip().partition(" ")[2]:
            raise KgError(f"{argument}: neither a file nor a query", exit_code=2)
    return argument


def run(graph: Snapshot, text: str, form: str | None, labels: bool) -> bytes:
    """Run a query in this process and return what to print; a table for a person is printed at once."""
    import pyoxigraph as ox

    from kg.namespaces import BASE, PREFIXES

    before = signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # the engine would not hear of Ctrl-C until it is done
    try:
        result = graph.store.query(text, prefixes=PREFIXES, base_iri=BASE)
        names = partial(labels_of, graph) if labels else None
        if isinstance(result, ox.QueryTriples):
            from kg.policy import form_of

            if form_of(text) == "describe":
                from kg.symmetric import widen

                return written(
                    widen(graph.store, result, text, BASE, PREFIXES), text, form, names, in_order=True
                )
        return written(result, text, form, names)
    except SyntaxError as error:
        from kg.policy import check_query
        from kg.query_errors import syntax_error

        check_query(text, UNLIMITED, allow_service=True)  # an update is no error of syntax
        raise syntax_error(str(error), text, PREFIXES) from None
    except (RuntimeError, OSError, ValueError) as error:
        raise KgError(f"the query cannot be evaluated: {error}", exit_code=2) from None
    finally:
        signal.signal(signal.SIGINT, before)


def run_limited(graph: Snapshot, text: str, form: str | None, seconds: float) -> bytes:
    """Run a query in a worker that is stopped after some seconds; a table becomes TSV."""
    from kg.namespaces import PREFIXES
    from kg.workers.pool import Limits, QueryPool, QueryRequest

    limits = Limits(seconds=seconds, rows=UNLIMITED, bytes=UNLIMITED)
    formats = ("tsv", "turtle", "json") if form in (None, "table") else (form,)
    with QueryPool(graph.store_path, 1, limits, known_prefixes=PREFIXES) as pool:
        answer = pool.run(QueryRequest(text, [f for f in formats if f], prefixes=PREFIXES))
    return answer.body


def run_elsewhere(url: str, text: str, form: str | None, labels: bool, seconds: float | None) -> bytes:
    """Run a query at another endpoint and return what to print."""
    from kg.labels import labels as labels_in
    from kg.policy import check_query
    from kg.queries import with_prefixes
    from kg.remote.store import RemoteStore

    check_query(text, UNLIMITED, allow_service=True)  # an update is not sent
    store = RemoteStore(url, seconds=seconds or ELSEWHERE_SECONDS)
    names = partial(labels_in, store) if labels else None
    return written(store.ask(with_prefixes(text)), text, form, names)


def labels_of(graph: Snapshot, terms: set[Any]) -> dict[Any, str]:
    """Return the best label of each IRI that has one: skos:prefLabel before rdfs:label, English before others.

    Asks the store for triples, not for a query: `kg.labels` does more and takes longer to import.
    """
    import pyoxigraph as ox

    from kg.namespaces import RDFS, SKOS

    found = {}
    for term in terms:
        if not isinstance(term, ox.NamedNode):
            continue
        options = [
            (rank, (quad.object.language or "") != "en", quad.object.value)
            for rank, predicate in enumerate((SKOS.prefLabel, RDFS.label))
            for quad in graph.store.quads_for_pattern(term, predicate, None, ox.DefaultGraph())
            if isinstance(quad.object, ox.Literal)
        ]
        if options:
            found[term] = min(options)[2]
    return found

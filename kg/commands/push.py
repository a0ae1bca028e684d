"""`kg push`: the built graph into a SPARQL 1.1 store."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import data_option, out_option
from kg.errors import KgError

if TYPE_CHECKING:
    from kg.remote.push import Target
    from kg.snapshot import Snapshot

PASSWORD = "KG_PUSH_PASSWORD"  # noqa: S105 - the name of a variable
UPDATES = ("/update", "/statements")
"""Ends of addresses that take updates in the stores that people use: Fuseki, Oxigraph, QLever; GraphDB, RDF4J."""


@click.command()
@click.argument("url")
@click.option(
    "--by",
    type=click.Choice(["graph-store", "update"]),
    help="What URL takes: the Graph Store Protocol, or updates.  [default: updates if it ends in "
    + " or ".join(UPDATES)
    + "]",
)
@click.option(
    "--queries",
    metavar="URL",
    help="With updates: where the store answers queries.  [default: .../query for .../update, without /statements,"
    " else URL]",
)
@click.option("--replace", is_flag=True, help="Replace a default graph that kg push did not write.")
@click.option("--user", help=f"User of the store; the password is read from {PASSWORD}.")
@click.option(
    "--seconds", type=float, default=120.0, help="How long one request may take.", show_default=True
)
@data_option
@out_option
def command(
    url: str,
    by: str | None,
    queries: str | None,
    replace: bool,
    user: str | None,
    seconds: float,
    data: Path | None,
    out: Path | None,
) -> None:
    """Load the built graph into the SPARQL 1.1 store at URL; builds it first if there is none.

    Every named graph goes under its name, and a flat copy of all of them into the default graph, which becomes exactly
    that. Other named graphs of the store are left alone; graphs of an earlier push that are no more are removed. While
    it runs, who asks may meet both versions. `kg serve --endpoint` shows the site from such a store.

    Exits with 2 if the store cannot be reached, refuses something, or holds a default graph of something else.

    \b
    Example:
      kg push http://localhost:3030/graph/data            # Fuseki
      kg push http://localhost:7878/store                 # Oxigraph
      kg push http://localhost:7200/repositories/graph/statements --user admin
    """
    from kg.commands.opened import open_graph

    target = target_of(url, by, queries, user or "", os.environ.get(PASSWORD, ""), seconds)
    started = time.monotonic()
    with open_graph(data, out) as graph:
        version, (graphs, triples, removed) = _load(graph, target, replace)
    took = time.monotonic() - started
    click.echo(
        f"pushed version {version[:16]} to {url} in {took:.1f} s: {graphs:,} graphs, {triples:,} triples"
        + (f", {removed:,} old graphs removed" if removed else "")
    )


def target_of(
    url: str, by: str | None, queries: str | None, user: str, password: str, seconds: float
) -> Target:
    """Return the store at an address. Raises `KgError` for options that do not go together."""
    from kg.remote.http import HttpClient
    from kg.remote.push import GraphStore, Updates
    from kg.remote.store import RemoteStore

    http = HttpClient(url, seconds=seconds, user=user, password=password)
    if by is None:
        by = "update" if url.rstrip("/").endswith(UPDATES) else "graph-store"
    if by == "graph-store":
        if queries is not None:
            raise KgError("--queries goes with updates, not with the Graph Store Protocol", exit_code=2)
        return GraphStore(http)
    if queries is None:
        queries = url.rstrip("/")
        if queries.endswith("/update"):
            queries = queries.removesuffix("update") + "query"
        queries = queries.removesuffix("/statements")
    return Updates(http, RemoteStore(queries, seconds=seconds, user=user, password=password))


def _load(graph: Snapshot, target: Target, replace: bool) -> tuple[str, tuple[int, int, int]]:
    import pyoxigraph as ox

    from kg.changes import snapshot_quads
    from kg.flat import flatten
    from kg.remote.push import push

    quads = snapshot_quads(graph.path)
    void = (graph.exports / "void.ttl").read_bytes()
    description = [quad.triple for quad in ox.parse(void, format=ox.RdfFormat.TURTLE)]

    def progress(written: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{written:,} of {total:,} graphs", nl=written == total, err=True)

    done = push(target, quads, flatten(quads), description, replace=replace, progress=progress)
    return graph.version, (done.graphs, done.triples, done.removed)

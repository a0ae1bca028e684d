"""`kg serve`: the built graph, or RDF files, as a web site and SPARQL endpoint."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import click

from kg.commands import READABLE, data_option, out_option
from kg.errors import KgError


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0: any free one.  [default: 8000]"
)
@click.option(
    "--endpoint", metavar="URL", help="Read the SPARQL 1.1 store at URL, which kg push has filled, instead."
)
@click.option("--base-url", help="Public address of the site, when a proxy is in front.")
@click.option(
    "--texts",
    type=READABLE,
    help="Folder of your own copy of the articles' texts: claims show their passage, on this machine only.",
)
@data_option
@out_option
def command(
    files: tuple[Path, ...],
    host: str | None,
    port: int | None,
    endpoint: str | None,
    base_url: str | None,
    texts: Path | None,
    data: Path | None,
    out: Path | None,
) -> None:
    """Serve the graph as a web site with a SPARQL endpoint, until Ctrl-C. Builds it first if there is none.

    A build beside the running server is served as soon as it is done. With FILEs (TriG, N-Quads, Turtle, N-Triples,
    RDF/XML, JSON-LD) exactly those are served, nothing else: graphs as they are named in them, the default graph not a
    union, the endpoint at /sparql.

    With --texts DIR (or KG_TEXTS) the page of a claim shows its passage, with the sentences around it, from your own
    copy. That is refused unless the server listens on loopback, and with a public --base-url: the texts are their
    publishers'.

    With --endpoint the data is that of another store, which is asked anew for every page; see docs/operating.md.

    Exits with 2 if the port is in use, a file cannot be read or is malformed, or the store at URL does not answer or
    holds no claims.

    \b
    Example:
      kg serve
      kg serve --port 8080 mydata.trig
      kg serve --texts ~/articles
      kg serve --endpoint http://localhost:3030/graph/query
    """
    from kg.resources import default_out
    from kg.settings import load_settings

    settings = load_settings(
        os.environ,
        host=host,
        port=port,
        endpoint=endpoint,
        base_url=base_url,
        texts=texts,
        data=data,
        out=out,
    )
    if files and endpoint is not None:
        raise KgError("either files or --endpoint can be served, not both", exit_code=2)
    server = importlib.import_module("web.serving.server")  # by name: kg does not depend on the web
    server.check_settings(settings)
    server.free_port(settings.host, settings.port)

    def tell(line: str) -> None:
        click.echo(line)

    if settings.endpoint and not files:
        from kg.remote.store import RemoteStore

        RemoteStore(settings.endpoint, seconds=settings.query_seconds).check()
        server.serve(settings, tell=tell)
        return
    if not files:
        from kg.commands.opened import open_graph

        open_graph(settings.data, settings.out or default_out(settings.data)).close()
        server.serve(settings, tell=tell)
        return
    from kg.serve_files import load_files

    try:
        loaded = load_files(files)
    except KgError as error:
        error.exit_code = 2  # as everywhere: what was to be done could not be
        raise
    try:
        server.serve(settings, loaded, tell)
    finally:
        loaded.remove()

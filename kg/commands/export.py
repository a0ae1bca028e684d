"""`kg export`: the whole graph, or one thing in it, in any RDF format."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import data_option, out_option
from kg.errors import KgError, NotFound

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

    from kg.formats import RdfFormat
    from kg.queries import Queryable


@click.command()
@click.argument("thing", metavar="[IRI|CURIE|SLUG]", required=False)
@click.option(
    "--format",
    "form",
    help="trig, nq and jsonld keep the named graphs; turtle, nt and rdfxml have a statement node per triple."
    "  [default: by the name of the output file, else trig]",
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="File to write; default: standard output."
)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write the whole web site into, pages and data as plain files.",
)
@data_option
@out_option
def command(
    thing: str | None,
    form: str | None,
    output: Path | None,
    site: Path | None,
    data: Path | None,
    out: Path | None,
) -> None:
    """Write the graph, or what it holds of one thing, with claims, voices and evidence.

    With --site, the web site as plain files: it works from a disk and from any host; search, SPARQL and forms say
    that they need the service. One thing comes with its statements and those about it, the claims that support them
    and their excerpts. Exits with 2 if there is no such thing.

    \b
    Example:
      kg export --format turtle --output graph.ttl
      kg export julian-wooster --format jsonld
      kg export id:judgement-ofsted-2755542-adoption
      kg export --site mirror/
    """
    if site is not None:
        if thing is not None or form is not None or output is not None:
            raise KgError(
                "--site writes the whole site: it goes with no thing, --format or --output", exit_code=2
            )
        _write_site(site, data, out)
        return
    from kg.commands.opened import open_graph
    from kg.export import NAME, export_entity, read_exact

    wanted = _format(form, output)
    with open_graph(data, out) as graph:
        if thing is None:
            path = graph.exports / f"{NAME}.{wanted.extension}"
            if not path.is_file():
                raise KgError(
                    f"{path}: no such file in the built graph; kg build --force makes it", exit_code=2
                )
            content = path.read_bytes()
        else:
            iri = find_thing(graph.store, thing)
            exact = read_exact(graph.exports)
            content = export_entity(graph.store, iri, wanted, exact=exact, version=graph.version)
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise KgError(f"{output}: cannot be written: {error.strerror or error}", exit_code=2) from None


def _write_site(site: Path, data: Path | None, out: Path | None) -> None:
    """Write the site, telling how far it is on a terminal, and at the end how much it was."""
    import sys

    from kg.commands.opened import open_graph
    from kg.resources import default_out
    from kg.settings import load_settings

    settings = load_settings(os.environ, data=data, out=out or default_out(data))
    open_graph(settings.data, settings.out).close()
    exporter = importlib.import_module("web.site")  # by name: kg does not depend on the web

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} of {total:,} files", nl=False, err=True)

    result = exporter.export_site(settings, site, tell)
    if sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    for address in result.missing:
        click.echo(f"kg: {address}: a page links to it and it did not answer", err=True)
    megabytes = result.bytes / 1_000_000
    click.echo(f"{site}: {result.files:,} files, {megabytes:.1f} MB, in {result.seconds:.0f} s")


def find_thing(store: Queryable, text: str) -> NamedNode:
    """Return the IRI that a person means: an IRI, a CURIE, a slug, or a label that one thing has.

    Raises `NotFound` with the names that are like it.
    """
    from kg.extract import is_known
    from kg.namespaces import ID, SG, SGV, curie
    from kg.search.finder import SearchIndex, fold
    from kg.terms import parse_iri

    named = [parse_iri(text), *(_local(namespace, text) for namespace in (ID, SGV, SG))]
    for iri in named:
        if iri is not None and is_known(store, iri):
            return iri
    index = SearchIndex.from_store(store)
    hits = index.search(text.rpartition(":")[2].replace("-", " "), limit=200)
    same = {hit.iri for hit in hits if fold(hit.matched) == fold(text) and hit.kind != "claim"}
    if len(same) == 1:
        return same.pop()
    shown = "".join(f"\n  {curie(hit.iri)}  {hit.label}" for hit in hits[:5])
    problem = "names several things" if same else "nothing in the graph has this name"
    raise NotFound(f"{text}: {problem}" + (f"; did you mean{shown}" if shown else ""))


def _format(form: str | None, output: Path | None) -> RdfFormat:
    from kg.formats import format_of_path, rdf_format

    try:
        if form is not None:
            return rdf_format(form)
        return format_of_path(output) if output is not None and output.suffix else rdf_format("trig")
    except NotFound as error:
        raise KgError(error.message, exit_code=2) from None


def _local(namespace: object, text: str) -> NamedNode | None:
    from pyoxigraph import NamedNode

    if not text or any(char.isspace() for char in text):
        return None
    try:
        return NamedNode(f"{namespace}{text}")
    except ValueError:
        return None

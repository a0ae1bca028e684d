"""`kg fmt`: complete and sort claim and register files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import texts_option
from kg.errors import KgError, Problems, UnreadableError

if TYPE_CHECKING:
    from kg.curation.texts import Sentence


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@texts_option
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@click.option(
    "--published",
    is_flag=True,
    help="Keep a stub (dcterms:isReplacedBy) of each claim that changed, instead of renaming it.",
)
@click.option("--quiet", "-q", is_flag=True, help="Say nothing of claims that were minted or renamed.")
def command(files: tuple[Path, ...], texts: Path | None, check: bool, published: bool, quiet: bool) -> None:
    """Complete and sort each FILE; without one, all claim and note files of the project.

    In a claim file (.trig) the shorthand of curators is expanded, excerpts are looked up in the texts, offsets and
    digests filled, and ids minted; a Turtle file (.ttl) is sorted. Where a claim got a new id, the other files of the
    data folder follow. Formatting twice changes nothing.

    A claim that changed is renamed: right until the data is released. After a release give --published: the old id
    stays, with dcterms:isReplacedBy.

    \b
    Example:
      kg fmt --texts ~/articles data/claims/bbc-32085372.trig
    """
    from kg.curation.fmt import format_source, rename_claims
    from kg.namespaces import curie
    from kg.read import data_files, read_source
    from kg.resources import data_dir

    # Questions hold blank nodes and queries laid out by hand; they are formatted only when named.
    chosen = files or tuple(path for path in data_files(data_dir()) if path.parent.name != "questions")
    sources = {path: read_source(path) for path in chosen}
    renamed: dict[Path, dict[str, str]] = {}
    results: dict[Path, str] = {}
    problems: list[KgError] = []
    for path, source in sources.items():
        try:
            made = format_source(path, source, *_articles(path, texts), published)
        except KgError as error:
            problems.append(error)
            continue
        results[path] = made.content
        renamed[path] = dict(made.renamed)
        for note in made.notes:
            click.echo(note, err=True)
    if problems:
        raise Problems(problems)
    others = {p.resolve(): p for path in chosen if path.suffix == ".trig" for p in _siblings(path)}
    for path in chosen:
        others.pop(path.resolve(), None)
    sources |= {path: read_source(path) for path in others.values()}
    changed = []
    for path, source in sources.items():
        # Inside its own file format_source has followed the new names, and kept the old one of a stub.
        elsewhere = {
            old: new for other, names in renamed.items() if other != path for old, new in names.items()
        }
        content = rename_claims(results.get(path, source), elsewhere)
        if path in results and content != results[path]:
            content = format_source(path, content, *_articles(path, texts), published).content
        if content != source:
            changed.append(path)
            if not check:
                path.write_bytes(content.encode("utf-8"))
    if not quiet:
        for old, new in (pair for names in renamed.values() for pair in names.items()):
            click.echo(f"{curie(old)} -> {curie(new)}")
    for path in changed:
        click.echo(f"{path}: {'would change' if check else 'formatted'}")
    if check and changed:
        raise click.exceptions.Exit(1)


def _articles(path: Path, texts: Path | None) -> tuple[dict[str, str], dict[str, list[Sentence]]]:
    """Return text and sentences of the article that a claim file is about, each where there is one."""
    from kg.curation.texts import read_sentences, read_text
    from kg.resources import data_dir

    if path.suffix != ".trig":
        return {}, {}
    name = path.stem
    if texts is not None and not texts.is_dir():
        raise UnreadableError(texts, None, "no such folder")
    text = {name: read_text(texts / f"{name}.txt")} if texts and (texts / f"{name}.txt").is_file() else {}
    folders = (path.parent.parent / "sentences", data_dir() / "sentences")
    rows = next((read_sentences(f / f"{name}.csv") for f in folders if (f / f"{name}.csv").is_file()), None)
    return text, {} if rows is None else {name: rows}


def _siblings(path: Path) -> list[Path]:
    """Return the other files of the data folder that a claim file is in, if it is in one."""
    from kg.read import data_files

    return data_files(path.parent.parent) if path.resolve().parent.name == "claims" else []

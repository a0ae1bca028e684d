"""`kg article`: what a curator needs to add an article."""

from __future__ import annotations

from pathlib import Path

import click

from kg.commands import data_option


@click.group()
def command() -> None:
    """Work on an article: its sentences and what they say.

    \b
    Example:
      kg article sentences ~/articles/bbc-32085372.txt
      kg fmt --texts ~/articles data/claims/bbc-32085372.trig
      kg article mark bbc-32085372
      kg verify --texts ~/articles --coverage
    """


@command.command()
@click.argument("texts", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="TEXT...")
@data_option
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
def sentences(texts: tuple[Path, ...], data: Path | None, check: bool) -> None:
    """Split each TEXT into sentences and write data/sentences/<article>.csv.

    The file keeps offsets, digests and statuses, no words. A status that was set by hand stays where the sentence is
    the same. The article's name is the file's, without its extension.

    \b
    Example:
      kg article sentences ~/articles/bbc-32085372.txt
    """
    from kg.curation.texts import read_sentences, read_text, sentences_of, serialize_sentences
    from kg.resources import data_dir

    folder = (data or data_dir()) / "sentences"
    changed = False
    for text in texts:
        target = folder / f"{text.stem}.csv"
        before = read_sentences(target) if target.exists() else []
        after = sentences_of(read_text(text), before)
        lost = [row for row in before if row.status != "open" and row not in after]
        content = serialize_sentences(after)
        same = target.exists() and target.read_bytes() == content.encode()
        changed = changed or not same
        if not same and not check:
            folder.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode())
        still_open = sum(row.status == "open" for row in after)
        state = "unchanged" if same else "would change" if check else "written"
        click.echo(f"{target}: {len(after)} sentences, {still_open} open, {state}")
        for row in lost:
            click.echo(f"{target}: the {row.status!r} of {row.start} to {row.end} is lost", err=True)
    if check and changed:
        raise click.exceptions.Exit(1)


@command.command()
@click.argument("names", nargs=-1, metavar="[ARTICLE]...")
@data_option
def mark(names: tuple[str, ...], data: Path | None) -> None:
    """Mark the sentences that have claims, of each ARTICLE or of all.

    A status `open` becomes `claims` where a claim rests on the sentence, and `claims` becomes `open` where none does
    any more. A status with a reason stays.

    \b
    Example:
      kg article mark bbc-32085372
    """
    from kg.curation.coverage import coverage, marked
    from kg.curation.texts import read_sentences, serialize_sentences
    from kg.errors import NotFound
    from kg.read import list_files, read_claims
    from kg.resources import data_dir

    folder = data or data_dir()
    paths = {path.stem: path for path in list_files(folder / "sentences", "*.csv")}
    for name in names:
        if name not in paths:
            raise NotFound(f"there is no {folder / 'sentences' / name}.csv: run kg article sentences")
    rows = {name: read_sentences(paths[name]) for name in names or paths}
    claims = [claim for found in read_claims(folder).values() for claim in found]
    for found in coverage(claims, rows):
        content = serialize_sentences(marked(rows[found.article], found)).encode("utf-8")
        path = paths[found.article]
        changed = path.read_bytes() != content
        if changed:
            path.write_bytes(content)
        click.echo(f"{path}: {len(found.with_claims)} with claims, {'written' if changed else 'unchanged'}")

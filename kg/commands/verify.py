"""`kg verify`: the evidence against the texts, and which sentences have claims."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import data_option, texts_option
from kg.errors import UnreadableError

if TYPE_CHECKING:
    from kg.claims import Claim
    from kg.curation.coverage import Coverage
    from kg.curation.texts import Sentence
    from kg.curation.verify import Article, Verification


@click.command()
@data_option
@texts_option
@click.option(
    "--coverage", "show_coverage", is_flag=True, help="Tell which sentences have claims; needs no texts."
)
def command(data: Path | None, texts: Path | None, show_coverage: bool) -> None:
    """Check the evidence of all claims.

    With --texts, each excerpt and passage must match the text at its offsets, be short, and stand there once. Without,
    ids, lengths, and offsets and digests against data/sentences are checked, and it says that the texts were not.

    Exits with 1 if something does not hold, with 2 if a text is missing that --texts should have.

    \b
    Example:
      kg verify --texts ~/articles
      kg verify --coverage
    """
    from kg.curation.verify import verify
    from kg.read import read_claims
    from kg.resources import data_dir

    folder = data or data_dir()
    by_file = read_claims(folder)
    claims = [claim for found in by_file.values() for claim in found]
    sentences = _sentences(folder)
    if show_coverage:
        from kg.curation.coverage import coverage

        show(coverage(claims, sentences))
        if texts is None:
            return
    articles = _articles(folder)
    names = sorted({*sentences, *articles})
    report(verify(claims, sentences, _texts(texts, names), articles), by_file, texts is not None)


def report(result: Verification, by_file: dict[Path, list[Claim]], with_texts: bool) -> None:
    """Print a verification; exit with 1 for findings, with 2 for a text that is missing."""
    from kg.namespaces import curie
    from kg.read import line_of, read_source

    places = {curie(claim.iri): path for path, claims in by_file.items() for claim in claims}
    for finding in result.findings:
        path = places.get(finding.claim or "")
        place = f"{path}:{line_of(read_source(path), finding.claim)}" if path else finding.article
        about = f"{finding.claim}: " if finding.claim else ""
        click.echo(f"{place}: {about}{finding.message}", err=True)
    rows = [
        (
            one.article,
            str(one.claims),
            str(one.evidence),
            "?" if one.share is None else f"{one.share:.1%}",
            "checked" if one.checked else "not checked",
        )
        for one in result.articles
    ]
    table(("article", "claims", "evidence", "words shown", "text"), rows)
    count = sum(one.evidence for one in result.articles)
    if result.rows:
        click.echo(f"{result.rows} rows of the official record are cited; they are not checked here")
    if not result.findings and not result.unchecked:
        click.echo(f"all {count} pieces of evidence match the texts")
    elif not with_texts:
        state = "agree with data/sentences" if not result.findings else "checked against data/sentences"
        click.echo(f"{count} pieces of evidence {state}; the texts were not checked (give --texts DIR)")
    if result.findings:
        click.echo(f"{len(result.findings)} problem{'s' * (len(result.findings) > 1)}", err=True)
        raise click.exceptions.Exit(1)
    if with_texts and result.unchecked:
        click.echo(f"kg: no text of {', '.join(result.unchecked)}: not checked", err=True)
        raise click.exceptions.Exit(2)


def show(found: list[Coverage]) -> None:
    """Print which sentences have claims; exit with 1 if one has neither claim nor reason."""
    rows = [
        (
            one.article,
            str(one.total),
            str(len(one.with_claims)),
            str(len(one.with_reason)),
            str(len(one.open)),
            ", ".join(f"{count} {status}" for status, count in one.reasons().items()),
        )
        for one in found
    ]
    table(("article", "sentences", "with claims", "with a reason", "open", "reasons"), rows)
    for one in found:
        for row in one.with_reason:
            click.echo(f"{one.article} {row.start}-{row.end} {row.status}: {row.reason}")
    for one in found:
        for row in one.both:
            click.echo(
                f"{one.article} {row.start}-{row.end}: has claims, and a reason for none: {row.reason}",
                err=True,
            )
        for row in one.open:
            said = (
                "its status is 'claims', but no claim rests on it"
                if row.status == "claims"
                else "no claim, no reason"
            )
            click.echo(f"{one.article} {row.start}-{row.end}: {said}", err=True)
    if any(one.open for one in found):
        raise click.exceptions.Exit(1)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: aligned for a person, tab-separated for a pipe."""
    if not sys.stdout.isatty():
        for row in (header, *rows):
            click.echo("\t".join(row))
        return
    widths = [max(len(row[n]) for row in (header, *rows)) for n in range(len(header))]
    for row in (header, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _sentences(folder: Path) -> dict[str, list[Sentence]]:
    from kg.curation.texts import read_sentences
    from kg.read import list_files

    return {path.stem: read_sentences(path) for path in list_files(folder / "sentences", "*.csv")}


def _articles(folder: Path) -> dict[str, Article]:
    """Return what `articles.ttl` says of the texts, by the name of the article."""
    from pyoxigraph import NamedNode

    from kg.curation.verify import Article
    from kg.namespaces import ID, RDF, SG
    from kg.nodes import Nodes
    from kg.read import read_quads

    path = folder / "articles.ttl"
    if not path.is_file():
        return {}
    nodes = Nodes(read_quads(path))
    start = f"{ID}article-"
    return {
        subject.value.removeprefix(start): Article(
            nodes.text(subject, SG.textDigest),
            nodes.number(subject, SG.textLength),
            nodes.number(subject, SG.wordCount),
        )
        for subject in nodes.of
        if isinstance(subject, NamedNode) and subject.value.startswith(start)
        if SG.Article in nodes.all(subject, RDF.type)
    }


def _texts(folder: Path | None, names: Sequence[str]) -> dict[str, str]:
    from kg.curation.texts import read_text

    if folder is None:
        return {}
    if not folder.is_dir():
        raise UnreadableError(folder, None, "no such folder")
    return {name: read_text(folder / f"{name}.txt") for name in names if (folder / f"{name}.txt").is_file()}

"""`kg validate`: RDF files against SHACL shapes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import data_option, texts_option
from kg.errors import KgError, UnreadableError

if TYPE_CHECKING:
    from kg.report import Report


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--shapes",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File of SHACL shapes, may be repeated.  [default: the project's own]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "turtle"]),
    default="text",
    help="Lines for a person, JSON, or a SHACL validation report in Turtle.",
    show_default=True,
)
@data_option
@texts_option
def command(
    files: Sequence[Path], shapes: Sequence[Path], form: str, data: Path | None, texts: Path | None
) -> None:
    """Check RDF files against SHACL shapes.

    With --shapes, each FILE may be any RDF, and all of them together are the data graph. With FILEs alone they are
    checked against the project's shapes, beside its register and vocabulary; reported is what concerns the FILEs. With
    neither, the whole project goes through the checks of kg build, and nothing is built.

    Exits with 0 if the data conforms (warnings are shown), with 1 if not, with 2 if it could not be checked.

    \b
    Example:
      kg validate
      kg validate data/claims/bbc-32085372.trig
      kg validate --shapes shapes.ttl --format turtle data.ttl other.jsonld
    """
    try:
        report = _report(files, shapes, data, texts)
    except KgError as error:
        error.exit_code = 2
        raise
    write(report, form)
    if not report.conforms:
        raise click.exceptions.Exit(1)


def _report(files: Sequence[Path], shapes: Sequence[Path], data: Path | None, texts: Path | None) -> Report:
    if shapes and not files:
        raise KgError("--shapes needs the files that are to be checked", exit_code=2)
    if shapes:
        from kg.gate import check_files

        return check_files(files, shapes)
    from kg.resources import data_dir, ontology_dir

    folder = data or data_dir()
    if not folder.is_dir():
        raise UnreadableError(folder, None, "no such folder of data")
    if files:
        from kg.gate import check_beside

        return check_beside(files, ontology_dir(), folder)
    from kg.build import prepare
    from kg.gate import check

    return check(prepare(folder, ontology_dir()), ontology_dir(), folder, texts)


def write(report: Report, form: str) -> None:
    """Write a report on standard output."""
    if form == "turtle":
        from kg.report import report_turtle

        sys.stdout.buffer.write(report_turtle(report))
    elif form == "json":
        import json

        from kg.report import report_json

        click.echo(json.dumps(report_json(report), indent=2, ensure_ascii=False))
    else:
        for result in report.results:
            click.echo(result.in_words())
        conforms = "conforms" if report.conforms else "does not conform"
        click.echo(f"{conforms}: violations {len(report.violations)}, warnings {len(report.warnings)}")

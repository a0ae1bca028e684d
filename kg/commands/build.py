"""`kg build`: read, derive, check, export and publish the graph."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import data_option, out_option, texts_option
from kg.commands.process import quick
from kg.errors import KgError, UnreadableError, ValidationFailed

if TYPE_CHECKING:
    from kg.build import BuildResult
    from kg.report import Report


@click.command()
@data_option
@texts_option
@out_option
@click.option(
    "--ontology",
    type=click.Path(path_type=Path),
    help="Folder of the ontology.  [default: the project's own]",
)
@click.option("--force", is_flag=True, help="Write a new snapshot even if the current one has this version.")
@click.option("--strict", is_flag=True, help="Treat warnings as violations.")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    envvar="KG_KEEP",
    default=5,
    show_default=True,
    help="Versions of the graph to keep, this one included.",
)
def command(
    data: Path | None,
    texts: Path | None,
    out: Path | None,
    ontology: Path | None,
    force: bool,
    strict: bool,
    keep: int,
) -> None:
    """Build the graph: read the files, derive what follows, check everything, export, publish.

    Nothing is published that violates a shape or a check: the last good graph stays. With --texts, the evidence is
    compared with the articles' texts, otherwise with the digests in data/sentences.

    Exits with 1 if the data does not conform, with 2 if a file or folder cannot be read or written.

    \b
    Example:
      kg build
      kg build --data data --texts ~/articles --out /srv/graph
    """
    from kg.build import build
    from kg.resources import data_dir, default_out, ontology_dir

    folder = data or data_dir()
    if not folder.is_dir():
        raise UnreadableError(folder, None, "no such folder of data")
    progress = Bar() if sys.stderr.isatty() else None
    try:
        with quick():
            result = build(
                folder,
                ontology or ontology_dir(),
                out or default_out(data),
                texts,
                None if progress is None else progress.step,
                force=force,
                strict=strict,
                keep=keep,
            )
    except ValidationFailed as error:
        show_findings(error.report)
        raise KgError(error.message) from None
    finally:
        if progress is not None:
            progress.close()
    show_findings(result.report)
    for line in summary(result):
        click.echo(line)


def show_findings(report: Report, limit: int = 200) -> None:
    """Print violations and warnings on standard error, one line each; beyond `limit` lines only their number."""
    lines = [result.in_words() for result in report.results if result.severity != "Info"]
    for line in lines[:limit]:
        click.echo(line, err=True)
    if len(lines) > limit:
        click.echo(f"... and {len(lines) - limit} more", err=True)


def summary(result: BuildResult) -> list[str]:
    """Return what a build has to say in two lines."""
    counts = result.counts
    state = "built" if result.changed else "nothing to do, already at"
    figures = ("claims", "derivations", "disagreements", "quads")
    held = ", ".join(
        f"{counts[name]:,} {name if counts[name] != 1 else name.removesuffix('s')}" for name in figures
    )
    return [
        f"{state} version {result.version[:16]} in {result.seconds:.1f} s: {held}",
        f"violations 0, warnings {len(result.warnings)}",
    ]


class Bar:
    """A progress bar on standard error, for a person."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("build")
        self._progress.start()

    def step(self, name: str, done: int, total: int) -> None:
        """Show what is being done."""
        self._progress.update(self._task, description=name, completed=done, total=total)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()

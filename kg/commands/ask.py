"""`kg ask`: the question library."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import ELSEWHERE_SECONDS, data_option, endpoint_option, out_option
from kg.errors import KgError, SnapshotError

if TYPE_CHECKING:
    from rich.console import Console

    from kg.queries import Queryable
    from kg.questions.answering import Question
    from kg.questions.answers import Answer
    from kg.snapshot import Snapshot

_STYLES = {
    "heading": "bold",
    "value": "bold green",
    "evidence": "dim",
    "dispute": "yellow",
    "plain": "",
}


@click.command()
@click.argument("slug", required=False)
@click.argument("values", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--list", "show_list", is_flag=True, help="Print the questions there are: slug and question.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="How to print the answer.",
    show_default=True,
)
@click.option(
    "--version",
    "wanted",
    metavar="HASH",
    help="Answer from an earlier version of the graph that is still kept, and tell what is different today.",
)
@click.option("--show-query", is_flag=True, help="Print the SPARQL query that is run, and nothing else.")
@endpoint_option
@data_option
@out_option
def command(
    slug: str | None,
    values: Sequence[str],
    show_list: bool,
    form: str,
    wanted: str | None,
    show_query: bool,
    endpoint: str | None,
    data: Path | None,
    out: Path | None,
) -> None:
    """Ask a question of the question library; each answer comes with the words that support it.

    A parameter that is a thing can be named by its IRI, by a CURIE, by its slug, or by a name or a part of it that no
    other has; a day is written as 2014-06-01 or 1 June 2014. The same name given twice binds two values. "Not stated"
    is an answer: the exit code is 0.

    CSV has, after the columns of the answer, the claims of each row as lists in one order, separated by " | ": claims
    (IRIs), sentences, voices, articles, kinds, excerpts (pieces of one claim joined by " … "). The last column,
    not_stated, names the columns that are empty because no source states them.

    \b
    Example:
      kg ask --list
      kg ask director-on-a-day day="1 June 2014"
      kg ask director-on-a-day post="Director of children's services in Somerset" --format json
      kg ask wooster-start --endpoint http://127.0.0.1:8000/sparql
    """
    from kg.questions.answering import answer, find_question, list_questions

    given = _given(values)
    today = None
    with _asked(endpoint, data, out) as newest, _of_version(newest, wanted) as graph:
        if show_list or slug is None:
            _print_list(list_questions(graph.store))
            return
        question = find_question(graph.store, slug)
        found = answer(graph.store, question, given)
        version = graph.version
        if graph is not newest:
            from kg.questions.today import ask_again

            today = ask_again(newest.store, newest.version, found, given)
    if show_query:
        click.echo(found.query, nl=False)
    elif form == "json":
        from kg.questions.answers import to_json

        click.echo(to_json(found, version, today.in_json() if today else None), nl=False)
    elif form == "csv":
        from kg.questions.as_csv import to_csv

        click.echo(to_csv(found).replace("\r\n", "\n"), nl=False)
    else:
        _print_answer(found)
        if today is not None:
            click.echo(f"Of version {version[:12]}; {today.in_words()}")


@dataclass(frozen=True)
class Elsewhere:
    """A store behind an address, in the place of a snapshot."""

    store: Queryable
    version: str


@contextmanager
def _asked(endpoint: str | None, data: Path | None, out: Path | None) -> Iterator[Snapshot | Elsewhere]:
    """Give what is asked: the built graph, or the store at an address, which has to hold the data set."""
    if endpoint is None:
        from kg.commands.opened import open_graph

        with open_graph(data, out) as graph:
            yield graph
        return
    from kg.remote.store import RemoteStore

    store = RemoteStore(endpoint, seconds=ELSEWHERE_SECONDS)
    store.check()
    yield Elsewhere(store, store.version())


@contextmanager
def _of_version(newest: Snapshot | Elsewhere, wanted: str | None) -> Iterator[Snapshot | Elsewhere]:
    """Give the snapshot of the version that is wanted: the newest one, or an earlier one that is kept beside it."""
    if isinstance(newest, Elsewhere):
        if wanted is not None:
            raise KgError("--version does not go with --endpoint: a store has one version", exit_code=2)
        yield newest
        return
    from kg.kept import find_version
    from kg.snapshot import open_at

    found = find_version(newest.path.parent.parent, wanted) if wanted is not None else None
    if found is None or found.path is None or found.version == newest.version:
        yield newest
        return
    earlier = open_at(found.path)
    if earlier is None:
        raise SnapshotError(found.path, "was removed at this moment")
    with earlier:
        yield earlier


def _given(values: Sequence[str]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise KgError(f"{value!r}: expected NAME=VALUE, such as day=2014-06-01", exit_code=2)
        given.setdefault(name.strip(), []).append(text)
    return given


def _print_list(questions: Sequence[Question]) -> None:
    if not sys.stdout.isatty():
        for question in questions:
            click.echo(f"{question.slug}\t{question.text}")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("slug", style="cyan", overflow="fold")
    table.add_column("question")
    group = None
    for question in questions:
        if question.group_label != group:
            group = question.group_label
            table.add_section()
            table.add_row("", Text(group, style="bold"))
        table.add_row(Text(question.slug), Text(question.text))
    _console().print(table)


def _print_answer(found: Answer) -> None:
    from kg.questions.words import answer_lines

    if not sys.stdout.isatty():
        for _, line in answer_lines(found):
            click.echo(line)
        return
    from rich.padding import Padding
    from rich.text import Text

    console = _console()
    for style, line in answer_lines(found, console.width):
        indent = len(line) - len(line.lstrip())
        console.print(Padding(Text(line.lstrip(), style=_STYLES[style]), (0, 0, 0, indent), expand=False))


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)

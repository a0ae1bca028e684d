"""The command line `kg`: a group whose commands are imported when they are called.

`kg --help` imports neither rdflib nor pyoxigraph: names and one-line helps stand in `COMMANDS`, and the module
`kg.commands.<name>` (with an object `command`) is loaded for the command that runs. Every `KgError` becomes a
message on standard error and its exit code here, and nowhere else.
"""

from __future__ import annotations

import importlib

import click

import kg
from kg.errors import KgError

COMMANDS: dict[str, str] = {
    "build": "Build the graph: read, derive, check, export, switch.",
    "validate": "Check RDF files against SHACL shapes.",
    "verify": "Check the evidence against the texts, and what is covered.",
    "fmt": "Complete and sort claim files: ids, offsets, digests.",
    "query": "Run a SPARQL query on the built graph.",
    "ask": "Ask a question of the question library.",
    "export": "Write the graph, or one thing in it, in an RDF format.",
    "serve": "Serve the graph, or any RDF files, as a web site and SPARQL endpoint.",
    "article": "Work on an article: its sentences and what they say.",
    "push": "Load the data set into a SPARQL 1.1 store.",
}
"""Command name to one-line help, in the order in which `kg --help` shows them."""


class LazyGroup(click.Group):
    """A click group that knows its commands by name and imports one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command, `None` for a name that is not in the table."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"kg.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a `KgError` is printed and decides the exit code."""
        try:
            return super().invoke(ctx)
        except KgError as error:
            for line in error.message.splitlines():
                click.echo(f"kg: {line}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(kg.__version__, prog_name="kg")
def main() -> None:
    """An evidence-backed graph of how children's services were inspected and judged.

    \b
    Example:
      kg build
      kg ask --list
      kg query 'SELECT ?person { ?t org:post id:post-dcs-somerset ; org:member ?person }'
    """

"""One module per command; each has a click command named `command`.

Heavy imports (pyoxigraph, rdflib, pyshacl, flask) stand inside the functions: `kg COMMAND --help` is quick.
"""

from pathlib import Path

import click

ELSEWHERE_SECONDS = 300.0
"""How long an endpoint elsewhere may take over a query, unless told otherwise."""
READABLE = click.Path(path_type=Path)

data_option = click.option(
    "--data", type=READABLE, envvar="KG_DATA", help="Folder of the data files.  [default: the project's own]"
)
out_option = click.option(
    "--out", type=READABLE, envvar="KG_OUT", help="Folder where the built graph lives.  [default: build/]"
)
texts_option = click.option(
    "--texts", type=READABLE, envvar="KG_TEXTS", help="Folder of the articles' texts."
)
endpoint_option = click.option(
    "--endpoint", metavar="URL", help="Ask the SPARQL 1.1 endpoint at URL, over the network, instead."
)

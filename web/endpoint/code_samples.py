"""The same query as a few lines of code: curl, Python, R and JavaScript, each with what it has on board.

Pure: a query is put into strings of other languages, so each has its own way of quoting, tested by running it.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Code in one language: what the language is called, and the code."""

    language: str
    code: str


def samples(endpoint: str, query: str, form: str) -> list[Sample]:
    """Return code that sends `query` to `endpoint` and reads the answer.

    `form` is that of the query: rows are asked for as CSV, yes or no as JSON, a graph as Turtle.
    """
    media = {"ask": "application/sparql-results+json", "construct": "text/turtle", "describe": "text/turtle"}
    accept = media.get(form, "text/csv")
    text = query.strip() + "\n"
    return [
        Sample("curl", _curl(endpoint, text, accept)),
        Sample("Python", _python(endpoint, text, accept)),
        Sample("R", _r(endpoint, text, accept)),
        Sample("JavaScript", _javascript(endpoint, text, accept)),
    ]


def _curl(endpoint: str, query: str, accept: str) -> str:
    return (
        f"curl {shlex.quote(endpoint)} -H 'Accept: {accept}' --data-urlencode {shlex.quote('query=' + query)}"
    )


def _python(endpoint: str, query: str, accept: str) -> str:
    quoted = query.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if quoted.endswith('"'):
        quoted += "\n"
    read = {
        "text/csv": 'rows = list(csv.DictReader(io.TextIOWrapper(answer, "utf-8")))\nprint(rows)',
        "text/turtle": 'print(answer.read().decode("utf-8"))',
    }.get(accept, 'print(json.load(answer)["boolean"])')
    modules = {
        "text/csv": "import csv, io, urllib.parse, urllib.request",
        "text/turtle": "import urllib.parse, urllib.request",
    }
    return (
        f"{modules.get(accept, 'import json, urllib.parse, urllib.request')}\n\n"
        f'query = """\\\n{quoted}"""\n'
        f'body = urllib.parse.urlencode({{"query": query}}).encode()\n'
        f'request = urllib.request.Request("{endpoint}", body, {{"Accept": "{accept}"}})\n'
        f"answer = urllib.request.urlopen(request)\n{read}"
    )


def _r(endpoint: str, query: str, accept: str) -> str:
    dashes = "-"
    while f'){dashes}"' in query:
        dashes += "-"
    read = {
        "text/csv": 'read.csv(text = content(answer, "text", encoding = "UTF-8"))',
        "text/turtle": 'cat(content(answer, "text", encoding = "UTF-8"))',
    }.get(accept, 'jsonlite::fromJSON(content(answer, "text", encoding = "UTF-8"))$boolean')
    return (
        "library(httr)\n\n"
        f'query <- r"{dashes}(\n{query}){dashes}"\n'
        f'answer <- POST("{endpoint}", accept("{accept}"),\n'
        f'               body = list(query = query), encode = "form")\n{read}'
    )


def _javascript(endpoint: str, query: str, accept: str) -> str:
    quoted = query.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    read = {"text/csv": "text", "text/turtle": "text"}.get(accept, "json")
    shown = (
        "console.log(await answer.text());"
        if read == "text"
        else "console.log((await answer.json()).boolean);"
    )
    return (
        f"const query = `\n{quoted}`;\n"
        f'const answer = await fetch("{endpoint}", {{\n'
        f'  method: "POST",\n  headers: {{ Accept: "{accept}" }},\n'
        f"  body: new URLSearchParams({{ query }}),\n}});\n{shown}"
    )

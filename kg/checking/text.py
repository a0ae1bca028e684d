"""RDF that a stranger gives, against our shapes, in a process of its own that is ended when it takes too long.

`check_text` is what the web's form asks; `kg validate` is for one's own files. At most `AT_ONCE` run at the same time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.checking.causes import causes_first
from kg.errors import KgError, PoolBusy, SourceError
from kg.formats import RdfFormat
from kg.report import SEVERITIES, Result

AT_ONCE = 1
"""How many texts are checked at the same time; each has one processor to itself."""
PATIENCE = 8.0
"""Seconds that one waits for its turn."""
_turns = threading.BoundedSemaphore(AT_ONCE)


class CheckTimeout(KgError):
    """Data that could not be checked in the time that there is."""

    exit_code = 2


class CheckTooLarge(KgError):
    """Data that is too large to be checked, or needs too much memory."""

    exit_code = 2


@dataclass(frozen=True)
class Limits:
    """What checking one text may use: bytes of text, seconds, bytes of memory beyond that of an idle process."""

    bytes: int = 200_000
    seconds: float = 25.0
    memory: int = 1 << 30


@dataclass(frozen=True)
class Checked:
    """What was found: how many statements the text has, the results (causes first), the SHACL report as Turtle.

    The last `following` of the results may only follow from those before them.
    """

    quads: int
    results: tuple[Result, ...]
    turtle: str
    following: int = 0

    @property
    def conforms(self) -> bool:
        """Whether there is no violation; warnings do not count."""
        return not any(result.severity == "Violation" for result in self.results)

    def numbers(self) -> dict[str, int]:
        """Count the results by severity, the gravest first."""
        found = {severity: sum(r.severity == severity for r in self.results) for severity in SEVERITIES}
        return {severity: n for severity, n in found.items() if n or severity != "Info"}

    def in_words(self) -> str:
        """Return the report as lines of text, as `kg validate` prints it."""
        lines = [_line(result) for result in self.results]
        if self.following:
            lines.insert(len(lines) - self.following, "these may go away with those above:")
        conforms = "conforms" if self.conforms else "does not conform"
        numbers = self.numbers()
        lines.append(f"{conforms}: violations {numbers['Violation']}, warnings {numbers['Warning']}")
        return "\n".join(lines) + "\n"


def _line(result: Result) -> str:
    return (f"line {result.line}: " if result.line else "") + result.in_words()


def check_text(
    text: str, wanted: RdfFormat, ontology_dir: Path, data_dir: Path, limits: Limits | None = None
) -> Checked:
    """Validate a text against our shapes, beside our vocabulary and register.

    Raises `SourceError` for text that is not of its format (with the line) or names a context that is not ours,
    `CheckTooLarge`, `CheckTimeout`, and `PoolBusy` when others are being checked.
    """
    limits = limits or Limits()
    if len(text.encode("utf-8")) > limits.bytes:
        raise CheckTooLarge(
            f"the text has more than {limits.bytes} bytes, which is as much as is checked here"
        )
    if not _turns.acquire(timeout=PATIENCE):
        raise PoolBusy(int(limits.seconds), "others are having data checked at the moment, try again")
    try:
        found = _ask(
            {
                "text": text,
                "format": wanted.name,
                "ontology": str(ontology_dir),
                "data": str(data_dir),
                "seconds": limits.seconds,
                "memory": limits.memory,
            },
            limits,
        )
    finally:
        _turns.release()
    if found.get("error") == "source":
        hint = hint_for(text, wanted.name, found["message"])
        raise SourceError(f"input.{wanted.extension}", found["line"], found["message"] + hint)
    if found.get("error") == "memory":
        raise CheckTooLarge("to check it needed more memory than there is for one text")
    if "error" in found:
        raise KgError(found["message"], exit_code=2)
    # Two constraints with one message say the same to a reader; the report in Turtle keeps both.
    results = {(r.focus, r.path, r.message, r.value): r for r in (Result(**row) for row in found["results"])}
    causes, following = causes_first(list(results.values()))
    return Checked(found["quads"], (*causes, *following), found["turtle"], len(following))


def hint_for(text: str, name: str, message: str) -> str:
    """Return what to try, for text that is not of the format `name`; the empty text where there is no telling.

    >>> hint_for("@prefix a: <b:> .", "jsonld", "not JSON")
    '; it reads like Turtle: choose that format'
    """
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if name != "jsonld" and start.startswith(("{\n", '{"', "{ ", "[")) and "@" in text:
        return "; it reads like JSON-LD: choose that format"
    if name == "jsonld" and start.startswith(("@prefix", "prefix ", "@base", "base ", "<http", "#")):
        return "; it reads like Turtle: choose that format"
    if start.startswith(("<?xml", "<rdf:", "<!doctype")):
        return (
            "; it reads like XML: RDF/XML is not checked here, write it as Turtle (rapper and riot do that)"
        )
    if "No scheme found" in message:
        return ": it is relative; write it in full, or give an @base"
    return ""


def _ask(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    code = f"import sys; sys.path[:] = {sys.path!r}; from kg.checking.process import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
        start_new_session=True,
    )
    try:
        out, _ = process.communicate(json.dumps(request).encode(), timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        raise CheckTimeout(
            f"checking was stopped after {limits.seconds:g} seconds; "
            "try a part of the data, or kg validate on your machine"
        ) from None
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
    try:
        found: dict[str, Any] = json.loads(out)
    except ValueError:
        raise CheckTooLarge(
            "the data ended the process that checked it: it is nested too deeply or needs too much memory"
        ) from None
    return found

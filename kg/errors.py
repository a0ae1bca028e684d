"""Every exception that a user of the library or of the command line can meet.

One root, `KgError`, with `message` and `exit_code`: 1 for "does not hold" (a violation, a mistake in the
data), 2 for "could not check" (a missing folder, no snapshot,
a name that nothing has). The children differ by what the reader has to do.
Messages name the place, what was found and what was expected. Imports nothing of ours, so that every module can
import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


class KgError(Exception):
    """The root: `message` is one line for a person, `exit_code` what the command line returns."""

    exit_code: int = 1

    def __init__(self, message: str, *, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if exit_code is not None:
            self.exit_code = exit_code

    def __str__(self) -> str:
        return self.message


class SourceError(KgError):
    """A file that is malformed (exit code 1) or, as `UnreadableError`, cannot be read at all (2).

    >>> str(SourceError(Path("data/gaps.ttl"), 7, "expected a full stop"))
    'data/gaps.ttl:7: expected a full stop'
    """

    def __init__(
        self, path: Path | str, line: int | None, message: str, *, exit_code: int | None = None
    ) -> None:
        self.path = Path(path)
        self.line = line
        self.reason = message
        place = f"{path}:{line}" if line is not None else f"{path}"
        super().__init__(f"{place}: {message}", exit_code=exit_code)


class UnreadableError(SourceError):
    """A file or folder that is missing or cannot be read."""

    exit_code = 2


class PrefixError(KgError):
    """A text that is neither a CURIE with a known prefix nor an absolute IRI."""

    def __init__(self, text: str, message: str) -> None:
        self.text = text
        super().__init__(f"{text}: {message}")


class ClaimError(KgError):
    """A claim, or one that is being written, that breaks a rule; `path` and `line` where they are known."""

    def __init__(
        self, message: str, *, iri: str | None = None, path: Path | str | None = None, line: int | None = None
    ) -> None:
        self.iri = iri
        self.path = Path(path) if path is not None else None
        self.line = line
        self.reason = message
        place = "" if path is None else f"{path}:{line}: " if line is not None else f"{path}: "
        subject = "" if iri is None else f"{iri}: "
        super().__init__(place + subject + message)

    def at(self, path: Path | str | None, line: int | None = None, iri: str | None = None) -> ClaimError:
        """Return the same error with its place filled in; what is known already stays."""
        return ClaimError(
            self.reason,
            iri=self.iri or iri,
            path=self.path or path,
            line=self.line if self.line is not None else line,
        )


class DateError(KgError):
    """A text that is not a date of the project's EDTF profile, or an IRI that names none."""

    def __init__(self, text: str, message: str) -> None:
        self.text = text
        self.reason = message
        super().__init__(f"{text!r} is not a date: {message}")


class Problems(KgError):
    """Several errors found in one go, one line each; the exit code is the highest of theirs."""

    def __init__(self, problems: Sequence[KgError]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(problem.message for problem in self.problems),
            exit_code=max((problem.exit_code for problem in self.problems), default=1),
        )


class ValidationFailed(KgError):
    """Data that does not conform to the shapes or checks; `report` says where and why."""

    def __init__(self, report: Any, message: str = "the data does not conform to the shapes") -> None:
        self.report = report
        super().__init__(message)


class ParameterError(KgError):
    """A value that a parameter cannot take: `field` its name, `given` the text, `allowed` what may stand there.

    `near` are values that may be meant, each with its label; `choices` all that there are, with their labels, where
    they can be listed.
    """

    exit_code = 2

    def __init__(
        self,
        field: str,
        given: str,
        problem: str,
        allowed: str,
        near: Sequence[tuple[str, str]] = (),
        choices: Mapping[str, str] | None = None,
    ) -> None:
        self.field = field
        self.given = given
        self.problem = problem
        self.allowed = allowed
        self.near = tuple(near)
        self.choices = dict(choices or {})
        super().__init__(f"{field}: {given!r} {problem}; expected {allowed}")

    @classmethod
    def not_one_of(
        cls, field: str, given: str, problem: str, choices: Iterable[str] | Mapping[str, str]
    ) -> ParameterError:
        """Return the error for a value that is none of a few; the choices may come with their labels.

        >>> str(ParameterError.not_one_of("format", "doc", "is no format", ("csv", "json")))
        "format: 'doc' is no format; expected one of csv, json"
        """
        known = choices if isinstance(choices, Mapping) else {value: value for value in choices}
        return cls(field, given, problem, f"one of {', '.join(known)}", choices=known)


class UnknownParameter(ParameterError):
    """A parameter that there is not; `allowed` names those that there are."""

    def __init__(self, field: str, what: str, known: Iterable[str]) -> None:
        allowed = ", ".join(known)
        super().__init__(
            field, field, f"is not a parameter of {what}", f"one of {allowed}" if allowed else "none"
        )


class NotRepresentable(KgError):
    """Triples that a format cannot hold, as a property whose IRI ends in a digit in RDF/XML."""


class NotFound(KgError):
    """Nothing of that name: an IRI that the data does not hold, a question that does not exist."""

    exit_code = 2


class VersionGone(NotFound):
    """A version of the data set that was built here and is no longer kept; `version` is its hash."""

    def __init__(self, version: str, message: str) -> None:
        self.version = version
        super().__init__(message)


class QueryError(KgError):
    """A query that is not SPARQL; `line` and `column` (both from 1) where the parser says."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line = line
        self.column = column
        place = f"line {line}, column {column}: " if line is not None and column is not None else ""
        super().__init__(place + message)


class QueryRefused(KgError):
    """A query that the policy does not run: an update, a SERVICE, more nesting than is allowed."""


class QueryTimeout(KgError):
    """A query that took longer than its limit and was stopped; `seconds` is the limit."""

    def __init__(self, seconds: float, message: str | None = None) -> None:
        self.seconds = seconds
        super().__init__(message or f"the query was stopped after {seconds:g} seconds")


class QueryTooLarge(KgError):
    """A query, or its answer, beyond the limit of size, rows or memory."""


class PoolBusy(KgError):
    """All query workers are busy and the queue is full; try again after `retry_after` seconds."""

    exit_code = 2

    def __init__(self, retry_after: int = 1, message: str = "too many queries at once, try again") -> None:
        self.retry_after = retry_after
        super().__init__(message)


class CallerGone(KgError):
    """Nobody waits for the answer any more: the query was dropped."""

    def __init__(self) -> None:
        super().__init__("nobody waits for the answer any more")


class SnapshotError(KgError):
    """No snapshot, or one that cannot be opened or written; `path` is its folder."""

    exit_code = 2

    def __init__(self, path: Path | str, message: str) -> None:
        self.path = Path(path)
        super().__init__(f"{path}: {message}")


class EndpointError(KgError):
    """A SPARQL endpoint that does not answer, or answers with an error; `url` is its address."""

    exit_code = 2

    def __init__(self, url: str, message: str) -> None:
        self.url = url
        super().__init__(f"{url}: {message}")

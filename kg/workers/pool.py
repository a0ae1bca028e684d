"""Strangers' queries in processes that can be killed.

The engine has no timeout, and a short query can exhaust memory or overflow the stack, which ends the process that
runs it. So each query is read, judged (`kg.policy`) and run in a worker (`kg.workers.process`) that is killed when it
takes too long and replaced when it dies; the others notice nothing. Who runs when is decided by `kg.workers.lanes`: a
light query is answered soon however many heavy ones there are, and a busy endpoint says quickly that it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import (
    KgError,
    NotRepresentable,
    QueryError,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
    SnapshotError,
)
from kg.formats import RDF_FORMATS, RESULTS_FORMATS
from kg.namespaces import BASE
from kg.policy import MAX_TEXT_BYTES, check_size
from kg.workers import lanes_loop
from kg.workers.caller import Caller
from kg.workers.lanes import Answer, Asked, Lanes, Load
from kg.workers.worker import Died, TookTooLong

__all__ = ["Limits", "Load", "NoSuitableFormat", "QueryAnswer", "QueryPool", "QueryRequest", "threads_for"]

_MEDIA_TYPES = {
    **{entry.name: entry.media_type for entry in RDF_FORMATS},
    **{entry.name: entry.media_type for entry in RESULTS_FORMATS},
}
LIGHT_QUEUE = 64
"""How many queries may wait for the fast lane: not for long, as a newcomer pushes out who has waited longest."""


@dataclass(frozen=True)
class Limits:
    """What one query may use. `memory` is in bytes, beyond what an idle worker holds with the store open."""

    seconds: float = 10.0
    memory: int = 2 << 30
    rows: int = 100_000
    bytes: int = 32 << 20
    text_bytes: int = MAX_TEXT_BYTES


@dataclass(frozen=True)
class QueryRequest:
    """A query and how to run it.

    `formats`: names of `kg.formats`, best first, of rows and of graphs mixed; the first that can hold the answer is
    used, and with none JSON or Turtle. `default_graphs` and `named_graphs` are the protocol's: absolute IRIs; giving
    either replaces FROM; a graph that is not in the store is empty and is never fetched. `prefixes` are known without
    being declared. `notice` is an address that an answer links to if it is cut off (`kg.results.write_rows`).
    """

    text: str
    formats: Sequence[str] = ()
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    base_iri: str | None = BASE
    prefixes: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True)
class QueryAnswer:
    """An answer: `form` is `select`, `ask` or `graph`, `rows` counts solutions or triples, `seconds` the query alone.

    `query_form` is that of the query: `select`, `ask`, `construct` or `describe`.
    `truncated` means that there was more than the limits of rows or bytes allow; the body is well formed all the same.
    """

    form: str
    format: str
    media_type: str
    body: bytes
    truncated: bool
    rows: int
    seconds: float
    variables: tuple[str, ...] = ()
    query_form: str = ""


class NoSuitableFormat(KgError):
    """None of the formats that were asked for can hold this kind of answer: rows as Turtle, a graph as CSV.

    `query_form` is `select`, `ask`, `construct` or `describe`.
    """

    exit_code = 2

    def __init__(self, message: str, query_form: str = "") -> None:
        self.query_form = query_form
        super().__init__(message)


def threads_for(workers: int, heavy_workers: int, queue: int) -> int:
    """Return how many threads can be inside `QueryPool.run` at once, running or waiting; others leave at once."""
    return workers + heavy_workers + queue + (LIGHT_QUEUE if heavy_workers else 0)


class QueryPool:
    """Runs queries on one store, each in a worker of its own. Safe to use from many threads.

    >>> with QueryPool(store_path) as pool:                                        # doctest: +SKIP
    ...     pool.run(QueryRequest("ASK { ?s ?p ?o }")).body
    b'{"head":{},"boolean":true}\\n'
    """

    def __init__(
        self,
        store_path: Path,
        workers: int = 2,
        limits: Limits | None = None,
        *,
        heavy_workers: int = 0,
        queue: int = 16,
        patience: float | None = None,
        known_prefixes: Mapping[str, str] | None = None,
    ) -> None:
        """Start `workers` processes on a store.

        With `heavy_workers` there is a second lane for that many queries that turn out to be heavy. `queue` of those,
        and `LIGHT_QUEUE` others, may wait, each for `patience` seconds at most (default: the limit of time).
        Without, `queue` queries may wait for the one lane. `known_prefixes` shorten the IRIs of graphs in Turtle, TriG,
        RDF/XML and JSON-LD. Raises `SnapshotError` if no process can be started.
        """
        self.limits = limits or Limits()
        self._known = dict(known_prefixes or {})
        try:
            self._lanes = Lanes(
                Path(store_path),
                workers=workers,
                heavy=heavy_workers,
                memory=self.limits.memory,
                seconds=self.limits.seconds,
                queue=queue,
                light_queue=LIGHT_QUEUE,
                patience=self.limits.seconds if patience is None else patience,
                known=self._known,
            )
        except Died as error:
            raise _in_words(error, self.limits) from None

    def run(self, request: QueryRequest, caller: Caller | None = None) -> QueryAnswer:
        """Run a query and return its answer; it is dropped when the caller goes away.

        Raises `QueryError` for what is not SPARQL (with line and column) or cannot be evaluated, `QueryRefused` for
        updates and SERVICE, `QueryTooLarge` for too much text, memory or nesting, `QueryTimeout`, `NoSuitableFormat`,
        `PoolBusy` when too many are waiting, and `CallerGone`.
        """
        asked = self._asked(request, caller)
        try:
            return _answer(self._lanes.ask(asked))
        except (TookTooLong, Died) as error:
            raise _in_words(error, self.limits) from None

    async def run_in_loop(
        self, request: QueryRequest, threads: Executor, caller: Caller | None = None
    ) -> QueryAnswer:
        """Run a query as `run`, from an event loop: in the loop if it is answered soon, else in one of the threads."""
        asked = self._asked(request, caller)
        try:
            return _answer(await lanes_loop.ask(self._lanes, asked, threads))
        except (TookTooLong, Died) as error:
            raise _in_words(error, self.limits) from None

    @property
    def load(self) -> Load:
        """How busy the workers are."""
        return self._lanes.load

    @property
    def idle_pids(self) -> list[int]:
        """The process ids of the workers that run nothing now."""
        return self._lanes.idle_pids

    def close(self) -> None:
        """End the workers; running queries finish, waiting ones get `PoolBusy`."""
        self._lanes.close()

    def __enter__(self) -> QueryPool:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _asked(self, request: QueryRequest, caller: Caller | None) -> Asked:
        check_size(request.text, self.limits.text_bytes)  # and no look further into it than that
        prefixes = request.prefixes
        frame = {
            "text": request.text,
            "formats": list(request.formats),
            "base_iri": request.base_iri,
            "prefixes": True if prefixes and prefixes == self._known else dict(prefixes),
            "default_graphs": list(request.default_graphs),
            "named_graphs": list(request.named_graphs),
            "text_bytes": self.limits.text_bytes,
            "rows": self.limits.rows,
            "bytes": self.limits.bytes,
            "seconds": self.limits.seconds,
            "notice": request.notice,
        }
        return Asked(frame, _key(request), caller or Caller())


def _answer(answer: Answer) -> QueryAnswer:
    header, body, seconds = answer
    if "error" in header:
        raise _failure(header)
    return answer_of(header, body, seconds)


def answer_of(header: Mapping[str, Any], body: bytes, seconds: float) -> QueryAnswer:
    """Return the answer that a header and a body of `kg.workers.query` mean."""
    return QueryAnswer(
        header["form"],
        header["format"],
        _MEDIA_TYPES[header["format"]],
        body,
        header["truncated"],
        header["rows"],
        seconds,
        tuple(header["variables"]),
        header["kind"],
    )


def _key(request: QueryRequest) -> Hashable:
    """Return what tells heavy queries apart, short however long the query is."""
    return hash((request.text, tuple(request.default_graphs), tuple(request.named_graphs)))


def _failure(header: Mapping[str, Any]) -> KgError:
    """Make the exception of what went wrong in a worker; `kg.workers.process` names the kinds."""
    kind, message = header["error"], header["message"]
    if kind == "query":
        return QueryError(message, header.get("line"), header.get("column"))
    if kind == "refused":
        return QueryRefused(message)
    if kind == "large":
        return QueryTooLarge(message)
    if kind == "format":
        return NoSuitableFormat(message, header["form"])
    if kind == "representation":
        return NotRepresentable(message)
    if kind == "memory":
        return QueryTooLarge("the query needed more memory than a query may have")
    if kind == "system":
        return QueryRefused(f"the query asked for something outside the data: {message}")
    return QueryError(f"the query cannot be evaluated: {message}")


def _in_words(error: Died | TookTooLong, limits: Limits) -> KgError:
    """Say why there is no answer: it took too long, or the worker died, by its signal."""
    if isinstance(error, TookTooLong):
        return QueryTimeout(limits.seconds)
    if error.unready:
        return SnapshotError(error.store, f"no query worker can open the store: {error.reason}")
    if error.signal == "SIGSEGV" or error.signal == "SIGBUS":
        return QueryTooLarge("the query is nested too deeply, or too long, to be run")
    if error.signal in ("SIGABRT", "SIGKILL"):
        return QueryTooLarge(
            f"the query needed more memory than the {limits.memory >> 20} MiB that a query may have"
        )
    return QueryError(f"the query ended its worker ({error.reason}); it was not answered")

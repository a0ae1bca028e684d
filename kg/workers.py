"""Strangers' queries in processes that can be killed.

The engine has no timeout, and a short query can exhaust memory or overflow the stack, which ends the process that runs
it. So each query runs in a worker (`kg.worker_process`) that is killed when it takes too long and replaced when it
dies; the others notice nothing. At most as many queries run as there are workers, a few wait in order, and the rest is
told to come back: a busy endpoint answers quickly that it is.

What may be asked is decided before, on the tokens (`kg.policy`).
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import KgError, PoolBusy, QueryError, QueryRefused, QueryTimeout, QueryTooLarge, SnapshotError
from kg.formats import RDF_FORMATS, RESULTS_FORMATS
from kg.namespaces import BASE
from kg.policy import MAX_TEXT_BYTES, check_query, dataset_clauses, function_iris
from kg.query_errors import syntax_error
from kg.worker import Died, TookTooLong, Worker

_MEDIA_TYPES = {
    **{entry.name: entry.media_type for entry in RDF_FORMATS},
    **{entry.name: entry.media_type for entry in RESULTS_FORMATS},
}
XSD = "http://www.w3.org/2001/XMLSchema#"


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
    being declared.
    """

    text: str
    formats: Sequence[str] = ()
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    base_iri: str | None = BASE
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class QueryAnswer:
    """An answer: `form` is `select`, `ask` or `graph`, `rows` counts solutions or triples, `seconds` the query alone.

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


class NoSuitableFormat(KgError):
    """None of the formats that were asked for can hold this kind of answer: rows as Turtle, a graph as CSV."""

    exit_code = 2


@dataclass(frozen=True)
class Load:
    """How busy a pool is: its workers, those that run a query, queries that wait, workers replaced since the start."""

    workers: int
    busy: int
    waiting: int
    replaced: int


class Lane:
    """Some workers on one store and a queue before them, first come first served.

    A pool of two lanes, one for light and one for heavy queries, would be two of these.
    """

    def __init__(self, store: Path, size: int, limits: Limits, queue: int, patience: float) -> None:
        self._store = store
        self._limits = limits
        self._queue = queue
        self._patience = patience
        self._turn = threading.Condition()
        self._waiting: deque[object] = deque()
        self._idle = [Worker(store, limits.memory) for _ in range(size)]
        self._size = size
        self._replaced = 0
        self._closed = False

    def ask(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes, float]:
        """Run a request in a worker; returns header, body and seconds.

        Raises `PoolBusy`, and `Died` or `TookTooLong` after the worker has been replaced.
        """
        worker = self._take()
        healthy = False
        try:
            if not worker.alive:
                worker.kill()
                worker = Worker(self._store, self._limits.memory)
            worker.wait_until_ready()
            started = time.perf_counter()
            header, body = worker.ask(request, self._limits.seconds)
            healthy = (
                header.get("peak", 0) < self._limits.memory // 2
            )  # what it held is not given back: start afresh
            return header, body, time.perf_counter() - started
        finally:
            self._give_back(worker, healthy)

    def close(self) -> None:
        """End the idle workers now and the others when they are given back."""
        with self._turn:
            self._closed = True
            idle, self._idle = self._idle, []
            self._turn.notify_all()
        for worker in idle:
            worker.kill()

    @property
    def load(self) -> Load:
        """How busy it is now."""
        with self._turn:
            busy = 0 if self._closed else self._size - len(self._idle)
            return Load(self._size, busy, len(self._waiting), self._replaced)

    def _take(self) -> Worker:
        ticket = object()
        deadline = time.monotonic() + self._patience
        with self._turn:
            if not self._idle and len(self._waiting) >= self._queue:
                raise PoolBusy(self._retry_after())
            self._waiting.append(ticket)
            try:
                while not (self._idle and self._waiting[0] is ticket):
                    left = deadline - time.monotonic()
                    if self._closed:
                        raise PoolBusy(1, "the query service is being replaced, try again")
                    if left <= 0:
                        raise PoolBusy(self._retry_after())
                    self._turn.wait(left)
                return self._idle.pop()
            finally:
                self._waiting.remove(ticket)
                self._turn.notify_all()

    def _give_back(self, worker: Worker, healthy: bool) -> None:
        if not healthy or self._closed:
            worker.kill()
        with self._turn:
            self._replaced += not healthy
            if not self._closed:
                self._idle.append(worker if healthy else Worker(self._store, self._limits.memory))
            self._turn.notify_all()

    def _retry_after(self) -> int:
        """Return the seconds until the queue has moved on at worst, at least one."""
        return max(1, math.ceil(self._limits.seconds * (len(self._waiting) + 1) / max(1, self._size) / 2))


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
        queue: int = 16,
        patience: float | None = None,
        known_prefixes: Mapping[str, str] | None = None,
    ) -> None:
        """Start `workers` processes on a store; `queue` queries may wait, each for `patience` seconds at most.

        `known_prefixes` shorten the IRIs of graphs in Turtle, TriG, RDF/XML and JSON-LD.
        """
        self.limits = limits or Limits()
        wait = self.limits.seconds if patience is None else patience
        self._lane = Lane(Path(store_path), workers, self.limits, queue, wait)
        self._known = dict(known_prefixes or {})

    def run(self, request: QueryRequest) -> QueryAnswer:
        """Run a query and return its answer.

        Raises `QueryError` for what is not SPARQL (with line and column) or cannot be evaluated, `QueryRefused` for
        updates and SERVICE, `QueryTooLarge` for too much text, memory or nesting, `QueryTimeout`, `NoSuitableFormat`,
        and `PoolBusy` when too many are waiting.
        """
        check_query(request.text, self.limits.text_bytes)
        try:
            header, body, seconds = self._lane.ask(self._frame(request))
        except TookTooLong:
            raise QueryTimeout(self.limits.seconds) from None
        except Died as error:
            raise _in_words(error, self.limits) from None
        if "error" in header:
            raise _failure(header, request)
        return QueryAnswer(
            header["form"],
            header["format"],
            _MEDIA_TYPES[header["format"]],
            body,
            header["truncated"],
            header["rows"],
            seconds,
            tuple(header["variables"]),
        )

    @property
    def load(self) -> Load:
        """How busy the workers are."""
        return self._lane.load

    def close(self) -> None:
        """End the workers; running queries finish, waiting ones get `PoolBusy`."""
        self._lane.close()

    def __enter__(self) -> QueryPool:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _frame(self, request: QueryRequest) -> dict[str, Any]:
        default: Sequence[str] = list(request.default_graphs)
        named: Sequence[str] | None = list(request.named_graphs) if request.named_graphs or default else None
        for iri in (*default, *(named or ())):
            if ":" not in iri or any(c in iri for c in ' <>"{}|^`\\') or not iri.isprintable():
                raise QueryError(f"{iri!r} is not an absolute IRI, which a graph of the query has to be")
        if not default and not named:
            clauses = dataset_clauses(request.text, request.base_iri, request.prefixes)
            if len(clauses.default) > 1:
                default, named = list(clauses.default), list(clauses.named)
        called = function_iris(request.text, request.base_iri, request.prefixes)
        return {
            "text": request.text,
            "formats": list(request.formats),
            "base_iri": request.base_iri,
            "prefixes": dict(request.prefixes),
            "known_prefixes": self._known,
            "default_graphs": default,
            "named_graphs": named,
            "functions": sorted(iri for iri in called if not iri.startswith(XSD)),
            "rows": self.limits.rows,
            "bytes": self.limits.bytes,
            "seconds": self.limits.seconds,
        }


def _failure(header: Mapping[str, Any], request: QueryRequest) -> KgError:
    kind, message = header["error"], header["message"]
    if kind == "syntax":
        return syntax_error(message, request.text, request.prefixes)
    if kind == "format":
        return NoSuitableFormat(message)
    if kind == "memory":
        return QueryTooLarge("the query needed more memory than a query may have")
    if kind == "system":
        return QueryRefused(f"the query asked for something outside the data: {message}")
    return QueryError(f"the query cannot be evaluated: {message}")


def _in_words(error: Died, limits: Limits) -> KgError:
    """Say why a worker died: by its signal."""
    if error.unready:
        return SnapshotError(error.store, f"no query worker can open the store: {error.reason}")
    if error.signal == "SIGSEGV" or error.signal == "SIGBUS":
        return QueryTooLarge("the query is nested too deeply, or too long, to be run")
    if error.signal in ("SIGABRT", "SIGKILL"):
        return QueryTooLarge(
            f"the query needed more memory than the {limits.memory >> 20} MiB that a query may have"
        )
    return QueryError(f"the query ended its worker ({error.reason}); it was not answered")

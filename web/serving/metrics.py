"""Counters for Prometheus, at an address of their own that is opened only if the settings name one (`KG_METRICS`).

Not on the site: how busy it is, and what it runs on, is the operator's business. The text format is small enough to be
written here (Prometheus exposition format 0.0.4).
"""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Response, g, request

from kg.errors import (
    CallerGone,
    KgError,
    NotRepresentable,
    PoolBusy,
    QueryError,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
)
from kg.workers.pool import NoSuitableFormat

if TYPE_CHECKING:
    from kg.workers.pool import QueryAnswer
    from web.serving.served import Source

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histograms' buckets, in seconds."""

OUTCOMES: tuple[tuple[type[KgError], str], ...] = (
    (QueryError, "malformed"),
    (QueryRefused, "refused"),
    (QueryTimeout, "timeout"),
    (QueryTooLarge, "too-large"),
    (PoolBusy, "busy"),
    (CallerGone, "gone"),
    (NoSuitableFormat, "not-acceptable"),
    (NotRepresentable, "not-acceptable"),
)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


class Histogram:
    """Counts of what took how long."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Add one."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def lines(self, name: str) -> Iterator[str]:
        """Yield the samples: buckets that include the smaller ones, sum and count."""
        below = 0
        for bound, count in zip((*BUCKETS, "+Inf"), self.counts, strict=True):
            below += count
            yield f'{name}_bucket{{le="{bound}"}} {below}'
        yield f"{name}_sum {self.total:.6f}"
        yield f"{name}_count {below}"


class Metrics:
    """What is counted from the start of the server. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests: Counter[tuple[str, int]] = Counter()
        self.request_seconds = Histogram()
        self.queries: Counter[str] = Counter()
        self.query_seconds = Histogram()
        self.started = time.time()

    def count_request(self, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            self.requests[method if method in METHODS else "other", status] += 1
            self.request_seconds.observe(seconds)

    def count_query(self, outcome: str, seconds: float) -> None:
        """Count one query of a stranger, with the time in the queue."""
        with self._lock:
            self.queries[outcome] += 1
            self.query_seconds.observe(seconds)

    def text(self, source: Source | None = None) -> str:
        """Return all metrics in the text format; those of the data and its workers if a source is given."""
        with self._lock:
            lines = [
                *_head("kg_requests_total", "counter", "Requests by method and status."),
                *(
                    f'kg_requests_total{{method="{m}",status="{s}"}} {n}'
                    for (m, s), n in sorted(self.requests.items())
                ),
                *_head("kg_request_seconds", "histogram", "Seconds from a request to its answer."),
                *self.request_seconds.lines("kg_request_seconds"),
                *_head("kg_queries_total", "counter", "Queries at the SPARQL endpoint by outcome."),
                *(f'kg_queries_total{{outcome="{o}"}} {n}' for o, n in sorted(self.queries.items())),
                *_head("kg_query_seconds", "histogram", "Seconds of a query, waiting included."),
                *self.query_seconds.lines("kg_query_seconds"),
            ]
        if source is not None:
            lines += _of_source(source)
        lines += _of_process(self.started)
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _gauge(name: str, text: str, value: object, labels: str = "", kind: str = "gauge") -> list[str]:
    return [*_head(name, kind, text), f"{name}{labels} {value}"]


def _of_source(source: Source) -> list[str]:
    version, pool = source.observed()
    lines = _gauge(
        "kg_snapshot_info", "The version of the data that is served.", 1, f'{{version="{version}"}}'
    )
    if pool is not None:
        load = pool.load
        lines += _gauge("kg_query_workers", "Query workers.", load.workers)
        lines += _gauge("kg_query_workers_busy", "Query workers that run a query.", load.busy)
        lines += _gauge("kg_queries_waiting", "Queries that wait for a worker.", load.waiting)
        lines += _gauge(
            "kg_query_workers_replaced_total",
            "Query workers that were killed, or had died, and were replaced; starts anew with a new snapshot.",
            load.replaced,
            kind="counter",
        )
    return lines


def _of_process(started: float) -> list[str]:
    lines = _gauge("process_start_time_seconds", "Start of the server, seconds since 1970.", f"{started:.3f}")
    times = os.times()
    used = f"{times.user + times.system:.3f}"
    lines += _gauge(
        "process_cpu_seconds_total", "Seconds of CPU, without query workers.", used, kind="counter"
    )
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as statm:
        memory = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        lines += _gauge(
            "process_resident_memory_bytes", "Memory of the server, without query workers.", memory
        )
    return lines


def metrics_of(app: Flask) -> Metrics:
    """Return what is counted for an app."""
    return cast(Metrics, app.extensions["scrutiny-metrics"])


class Outcome:
    """How a query ends: its `answer`, if it gets one."""

    answer: QueryAnswer


@contextmanager
def measured(metrics: Metrics) -> Iterator[Outcome]:
    """Count a query by its outcome, which is the answer that is set or the exception that is raised."""
    started = time.perf_counter()
    outcome, name = Outcome(), "failed"
    try:
        yield outcome
        name = "truncated" if outcome.answer.truncated else "answered"
    except KgError as error:
        name = next((name for kind, name in OUTCOMES if isinstance(error, kind)), "failed")
        raise
    finally:
        metrics.count_query(name, time.perf_counter() - started)


def init_app(app: Flask) -> None:
    """Count the requests of `app`."""
    metrics = app.extensions["scrutiny-metrics"] = Metrics()

    @app.after_request
    def count(response: Response) -> Response:
        started = g.get("started")
        seconds = time.perf_counter() - started if started is not None else 0.0
        metrics.count_request(request.method, response.status_code, seconds)
        return response


def serve_metrics(address: tuple[str, int], app: Flask, source: Source) -> ThreadingHTTPServer:
    """Answer `GET /metrics` at an address, in threads that end with the process. Raises `OSError` if it is in use."""
    metrics = metrics_of(app)

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404)
                return
            body = metrics.text(source).encode()
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(address, Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

"""The short way for plain queries: from the server to a query worker and back, past Flask and its threads.

To run the application costs several times what a small query costs. So a request at the endpoint that holds a query and
nothing else is answered in the event loop. Everything about the answer is made by the functions that the application
uses, and `tests/test_direct.py` holds both ways to the same status, headers and body; what is not plain, and whatever
only the application can say, is left to it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.workers.caller import Caller
from kg.workers.pool import NoSuitableFormat
from web.endpoint.asked import Asked, plain_query
from web.endpoint.offers import LONGEST_KEPT, OFFERS, Chosen, accepted, formats, unsuitable
from web.endpoint.reply import STOPPING, Reply, answered, failed, failed_query
from web.linking import LINKED, OF_DATA
from web.negotiation import HTML
from web.serving.compression import COMPRESSIBLE, packed
from web.serving.headers import OPEN, SECURITY_HEADERS
from web.serving.hygiene import is_trusted, log, trusted_hosts
from web.serving.metrics import Metrics, measured

if TYPE_CHECKING:
    from web.serving.served import Source
    from web.serving.state import Served

PATH = "/sparql"
ALWAYS = [*SECURITY_HEADERS.items(), *OPEN.items()]
"""Headers of every answer of the endpoint."""
READ = ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_HOST")
LARGE = 64 * 1024
"""Bytes of an answer that is made ready in a thread: to compress it takes time."""


class DirectQueries:
    """Answers plain queries to `source`, and counts and logs them as the application would."""

    def __init__(self, source: Source, metrics: Metrics, threads: Executor) -> None:
        self._source = source
        self._settings = source.settings
        self._hosts = trusted_hosts(source.settings)
        self._metrics = metrics
        self._threads = threads

    async def answer(self, environ: Mapping[str, Any], body: bytes, caller: Caller) -> Reply | None:
        """Return the answer to a request, `None` if it is one for the application."""
        if environ["PATH_INFO"] != PATH or not is_trusted(environ, self._hosts) or _is_long(environ):
            return None
        query = plain_query(environ, body)
        chosen = accepted(environ.get("HTTP_ACCEPT"))
        if query is None or not any(chosen.values()) or HTML in chosen.values():
            return None
        state = self._source.at_once()
        if state is None:
            return None
        started = time.perf_counter()
        try:
            reply = await self._ask(environ, Asked(query), chosen, state, caller)
        finally:
            state.give_back()
        seconds = time.perf_counter() - started
        self._metrics.count_request(environ["REQUEST_METHOD"], reply.status, seconds)
        log(self._settings, environ, reply.status, _length(reply), seconds)
        return reply

    async def _ask(
        self, environ: Mapping[str, Any], asked: Asked, chosen: Chosen, state: Served, caller: Caller
    ) -> Reply:
        wanted = asked.to_worker(state, formats(chosen))
        try:
            with measured(self._metrics) as outcome:
                answer = outcome.answer = await state.pool.run_in_loop(wanted, self._threads, caller)
        except NoSuitableFormat as error:
            return complete(failed(unsuitable(OFFERS[error.query_form]), 406), environ)
        except KgError as error:
            return complete(failed_query(STOPPING if self._source.stopping else error), environ)

        def make() -> Reply:
            offer = chosen[answer.query_form]
            assert offer is not None
            reply = answered(answer, offer, state.version, environ)
            return complete(reply, environ, has_links=not state.is_files)

        if len(answer.body) <= LARGE:
            return make()
        return await asyncio.get_running_loop().run_in_executor(self._threads, make)


def complete(reply: Reply, environ: Mapping[str, Any], *, has_links: bool = False) -> Reply:
    """Return an answer with what the application adds to each of its answers (`create_app`): gzip, links, safety."""
    headers, body = reply.headers, reply.body
    kind = headers[0][1]
    if reply.status == 304:
        headers = [header for header in headers if header[0] != "Content-Type"]
    elif kind.startswith(COMPRESSIBLE):
        smaller = packed(body, environ.get("HTTP_ACCEPT_ENCODING", ""))
        if smaller is not None:
            body = smaller
            headers = [(name, f"W/{value}" if name == "ETag" else value) for name, value in headers]
            headers.append(("Content-Encoding", "gzip"))
    if has_links and reply.status in LINKED:
        headers = [*headers, *(("Link", link) for link in OF_DATA)]
    if reply.status != 304:
        headers = [*headers, ("Content-Length", str(len(body)))]
    return Reply(reply.status, [*headers, *ALWAYS], body)


def _is_long(environ: Mapping[str, Any]) -> bool:
    """Whether a header that is to be read takes its time."""
    return any(len(environ.get(name, "")) > LONGEST_KEPT for name in READ)


def _length(reply: Reply) -> int | None:
    return None if reply.status == 304 else len(reply.body)

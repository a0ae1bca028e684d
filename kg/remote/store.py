"""A SPARQL 1.1 store that is reached by its address: for our own queries, and for strangers' after the same fences.

`RemoteStore` stands where a pyoxigraph store stands (`kg.queries.Queryable`), `RemotePool` where the query workers
stand. Nothing is evaluated here, so there is nothing to kill: a stranger's query is judged (`kg.policy`), sent on with
a limit of time and size, and the answer is read and written anew, in the formats and within the limits of ours.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox

from kg.errors import EndpointError, PoolBusy, QueryError, QueryTimeout, QueryTooLarge
from kg.namespaces import GRAPH
from kg.policy import check_query, form_of, tokens
from kg.queries import with_prefixes
from kg.remote.http import HttpClient, Reply
from kg.void import DATASET
from kg.workers.caller import Caller
from kg.workers.lanes import Load
from kg.workers.pool import Limits, NoSuitableFormat, QueryAnswer, QueryRequest, answer_of
from kg.workers.query import NoFormatError, write_result

ROWS = "application/sparql-results+json"
ACCEPT = f"{ROWS}, application/n-triples;q=0.9, text/turtle;q=0.8"
PUSHED = GRAPH.dataset
"""The named graph in which `kg push` says what it loaded: the description of the data set, with its version."""
VERSION = f"""PREFIX dcat: <http://www.w3.org/ns/dcat#>
SELECT ?version WHERE {{ GRAPH {PUSHED} {{ {DATASET} dcat:version ?version }} }}"""
TEXT_BYTES = 8000
"""About how long a query of ours may be: some stores, or what is in front of them, refuse longer ones."""
HOLDS_CLAIMS = "PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#>\nASK { ?claim a sg:Claim }"

OUR_STORE = "the store behind this site"
"""What strangers are told of the address."""

Result = ox.QueryBoolean | ox.QuerySolutions | list[ox.Triple]


class RemoteStore:
    """Asks the endpoint at an address; safe to use from many threads.

    >>> RemoteStore("http://127.0.0.1:7878/query").query("ASK { ?s ?p ?o }")       # doctest: +SKIP
    <QueryBoolean true>
    """

    text_bytes = TEXT_BYTES

    def __init__(
        self,
        url: str,
        *,
        seconds: float = 30.0,
        max_bytes: int = 256 << 20,
        user: str = "",
        password: str = "",
        called: str = "",
    ) -> None:
        """Take an address; nothing is asked yet. Raises `EndpointError` for what is no http(s) address."""
        self.url = url
        self._http = HttpClient(url, seconds=seconds, user=user, password=password, called=called)
        self._max_bytes = max_bytes

    def query(self, query: str, /) -> Any:
        """Run a query: an ASK gives a boolean, a SELECT solutions, the others a list of triples.

        Raises `QueryError` if the endpoint does not understand it, `QueryTimeout`, `QueryTooLarge`, `PoolBusy`, and
        `EndpointError` for whatever else it answers.
        """
        return self.ask(query)

    def ask(
        self,
        text: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        accept: str = ACCEPT,
    ) -> Result:
        """Run a query as `query` does, over the graphs that are named."""
        fields = [("query", text)]
        fields += [("default-graph-uri", iri) for iri in default_graphs]
        fields += [("named-graph-uri", iri) for iri in named_graphs]
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(fields, errors="surrogatepass").encode()
        reply = self._http.send("POST", None, body, headers, max_bytes=self._max_bytes)
        if reply.status != 200:
            raise self._failure(reply)
        if reply.cut_off:
            raise QueryTooLarge(f"{self._http.called} cut its answer off ({reply.cut_off})")
        return self._read(reply, form_of(text))

    def version(self) -> str:
        """Return the version of the data set as `kg push` wrote it down; empty if it did not."""
        rows = list(self.query(VERSION))
        return str(rows[0][0].value) if rows else ""

    def check(self) -> None:
        """Raise `EndpointError` if there is no endpoint, or no data set of ours in its default graph."""
        if not self.query(HOLDS_CLAIMS):
            raise EndpointError(
                self._http.called,
                "its default graph holds no claims; kg push loads the data set as it is needed here",
            )

    def _failure(self, reply: Reply) -> Exception:
        if reply.status == 400:
            return QueryError(f"the endpoint refused the query: {reply.words or 'it did not say why'}")
        if reply.status in (408, 504):
            return QueryTimeout(0, f"the endpoint stopped the query: {reply.words or 'it took too long'}")
        if reply.status in (429, 503):
            return PoolBusy(5, "the endpoint behind this site is busy, try again")
        return self._http.failure(reply)

    def _read(self, reply: Reply, form: str) -> Result:
        try:
            if form in ("select", "ask", "") and reply.kind in (ROWS, "application/json"):
                found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
                if form and (form == "ask") != isinstance(found, ox.QueryBoolean):
                    raise EndpointError(
                        self._http.called, "answered with the results of another form of query"
                    )
                return found
            rdf_format = ox.RdfFormat.from_media_type(reply.kind)
            if form in ("construct", "describe", "") and rdf_format is not None:
                return [quad.triple for quad in ox.parse(reply.body, format=rdf_format, base_iri=self.url)]
        except (SyntaxError, ValueError) as error:
            raise EndpointError(
                self._http.called, f"answered with {reply.kind} that cannot be read: {error}"
            ) from None
        raise EndpointError(
            self.url, f"answered with {reply.kind or 'no media type'}, which is no SPARQL answer"
        )


class RemotePool:
    """Sends strangers' queries on to an endpoint; in the place of `kg.workers.pool.QueryPool`."""

    def __init__(
        self,
        url: str,
        limits: Limits,
        *,
        at_once: int = 3,
        queue: int = 16,
        known_prefixes: Mapping[str, str] | None = None,
    ) -> None:
        """Ask at most `at_once` queries at the same time; `queue` others wait, as long as a query may take."""
        self.limits = limits
        self._store = RemoteStore(url, seconds=limits.seconds, max_bytes=limits.bytes, called=OUR_STORE)
        self._known = dict(known_prefixes or {})
        self._turn = threading.BoundedSemaphore(at_once)
        self._at_once = at_once
        self._queue = queue
        self._lock = threading.Lock()
        self._busy = self._waiting = 0
        self._closed = False

    async def run_in_loop(
        self, request: QueryRequest, threads: Executor, caller: Caller | None = None
    ) -> QueryAnswer:
        """Run a query as `run`, from an event loop."""
        return await asyncio.get_running_loop().run_in_executor(threads, self.run, request, caller)

    def run(self, request: QueryRequest, caller: Caller | None = None) -> QueryAnswer:
        """Run a query and return its answer; raises what `QueryPool.run` raises, and `EndpointError`.

        `caller` is not asked: what another store does cannot be called off.
        """
        text = request.text
        check_query(text, self.limits.text_bytes)
        kind = check_query(decoded(text), self.limits.text_bytes * 2)  # as other engines read it
        started = time.perf_counter()
        self._enter()
        try:
            result = self._store.ask(self._complete(request), request.default_graphs, request.named_graphs)
            limits = {"rows": self.limits.rows, "bytes": self.limits.bytes}
            wanted = {"text": text, "formats": list(request.formats), "notice": request.notice, **limits}
            header, body = write_result(result, wanted, kind or "construct", self._known)
        except NoFormatError as error:
            raise NoSuitableFormat(str(error), error.form) from None
        finally:
            with self._lock:
                self._busy -= 1
            self._turn.release()
        return answer_of(header, body, time.perf_counter() - started)

    @property
    def load(self) -> Load:
        """How busy it is."""
        return Load(self._at_once, self._busy, self._waiting, 0)

    @property
    def idle_pids(self) -> list[int]:
        """No process of ours works here."""
        return []

    def close(self) -> None:
        """Take no more queries."""
        self._closed = True

    def _enter(self) -> None:
        with self._lock:
            if self._closed or self._waiting >= self._queue + self._at_once:
                raise PoolBusy(5)
            self._waiting += 1
        entered = self._turn.acquire(timeout=self.limits.seconds)
        with self._lock:
            self._waiting -= 1
            self._busy += entered
        if not entered:
            raise PoolBusy(5)

    def _complete(self, request: QueryRequest) -> str:
        """Return the text with what it lacks, on its first line: prefixes known here, the base IRI."""
        text = with_prefixes(request.text) if request.prefixes else request.text
        head = text.removesuffix(request.text).replace("\n", " ")
        is_relative = any(t.kind == "iri" and not _ABSOLUTE.match(t.text) for t in tokens(request.text))
        base = f"BASE <{request.base_iri}> " if request.base_iri and is_relative else ""
        return base + head + request.text


def decoded(text: str) -> str:
    r"""Return a query with its escapes of characters replaced, which the standard does before anything else.

    Our own engine does not, so that its fence against SERVICE would not see what another engine sees.

    >>> decoded(r"ASK { \u0053ERVICE <urn:x> { } }")
    'ASK { SERVICE <urn:x> { } }'
    """
    return _ESCAPE.sub(lambda m: chr(min(int(m[1] or m[2], 16), 0x10FFFF)), text)


_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

"""The process that runs strangers' queries: one at a time, with nothing to lose and no way out.

Started by `kg.workers`; talks over its standard input and output in frames, a length of 4 bytes and that many bytes. It
gives up the network where the system allows (own user and network namespaces), limits its address space, writes no core
dump, and opens the store read-only. Everything that can go wrong in here ends this process only: running out of
memory aborts it, deep nesting overflows its stack, and a query that takes too long is ended by the parent, or, if the
parent is gone, by a thread in here that looks at the clock (the engine lets go of the interpreter while it works).

Imports little, so that a new one stands ready in a tenth of a second.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import pyoxigraph as ox

from kg.policy import select_order
from kg.results import Written, write_boolean, write_rows, write_triples

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
GRACE = 2.0
"""Seconds beyond the limit after which the process ends itself: the parent should have done it before."""
EXIT_TOO_LATE = 75

Message = dict[str, Any]


def write_frame(stream: BinaryIO, header: Message, body: bytes = b"") -> None:
    """Write a header as JSON and a body, each with its length before it."""
    text = json.dumps(header).encode()
    stream.write(struct.pack(">I", len(text)) + text + struct.pack(">Q", len(body)) + body)
    stream.flush()


def read_request(stream: BinaryIO) -> Message | None:
    """Read one frame, `None` at the end of the stream, which means that the parent has gone."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (size,) = struct.unpack(">I", head)
    text = stream.read(size)
    if len(text) < size:
        return None
    message: Message = json.loads(text)
    return message


class _Watch:
    """Ends the process when a query runs past its limit and nobody has ended it."""

    def __init__(self) -> None:
        self.deadline = float("inf")
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(0.25)
            if time.monotonic() > self.deadline:
                os._exit(EXIT_TOO_LATE)


def without_network() -> bool:
    """Move into namespaces of its own in which there is no network; false where the system forbids it."""
    import ctypes

    try:
        return bool(ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NETWORK) == 0)
    except (OSError, AttributeError):
        return False


def limit_memory(more: int) -> None:
    """Allow this much address space beyond what is in use now, and no core dump."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:  # not Linux: the limit counts from zero
        used = 512 << 20
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = used + more if hard == resource.RLIM_INFINITY else min(used + more, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def execute(store: ox.Store, request: Message) -> tuple[Message, bytes]:
    """Run a query and write its answer; `kg.workers` makes the request. Raises what the engine raises."""
    default = [ox.NamedNode(iri) for iri in request["default_graphs"] or ()]
    named = (
        None if request["named_graphs"] is None else [ox.NamedNode(iri) for iri in request["named_graphs"]]
    )
    if len(default) > 1:  # several default graphs: the engine would count a triple once per graph
        store, default = _merged(store, default, named), []
        scope: dict[str, Any] = {"default_graph": [ox.DefaultGraph()], "named_graphs": named or []}
    elif default or named is not None:
        scope = {"default_graph": default, "named_graphs": named or []}
    else:
        scope = {}
    result = store.query(
        request["text"],
        base_iri=request["base_iri"],
        prefixes=request["prefixes"] or None,
        custom_functions={ox.NamedNode(iri): _no_value for iri in request["functions"]} or None,
        **scope,
    )
    rows, size = request["rows"], request["bytes"]
    if isinstance(result, ox.QueryBoolean):
        form = _choose(request["formats"], ("json", "xml"))
        return _answer("ask", form, write_boolean(bool(result), form))
    if isinstance(result, ox.QuerySolutions):
        form = _choose(request["formats"], ("json", "xml", "csv", "tsv"))
        names = select_order(request["text"], [v.value for v in result.variables])
        solutions = (tuple(solution[name] for name in names) for solution in result)
        return _answer("select", form, write_rows(names, solutions, form, rows, size), names)
    form = _choose(request["formats"], ("turtle", "jsonld", "nt", "rdfxml", "trig", "nq"))
    return _answer("graph", form, write_triples(result, form, rows, size, request["known_prefixes"]))


class NoFormatError(Exception):
    """None of the formats that were asked for can hold this kind of answer."""


def _choose(wanted: list[str], possible: tuple[str, ...]) -> str:
    if not wanted:
        return possible[0]
    for name in wanted:
        if name in possible:
            return name
    raise NoFormatError(
        f"none of {', '.join(wanted)} can hold the answer; expected one of {', '.join(possible)}"
    )


def _answer(
    form: str, fmt: str, written: Written, variables: list[str] | None = None
) -> tuple[Message, bytes]:
    header: Message = {"form": form, "format": fmt, "rows": written.rows, "truncated": written.truncated}
    return {**header, "variables": variables or []}, written.body


def _no_value(*_: object) -> None:
    """Stand for a function that is not known: an error in the expression, not in the query (SPARQL 1.1, 17.6)."""


def _merged(store: ox.Store, default: list[ox.NamedNode], named: list[ox.NamedNode] | None) -> ox.Store:
    """Return a store whose default graph is the RDF merge of some named graphs."""
    merged = ox.Store()
    for graph in default:
        merged.extend(
            ox.Quad(q.subject, q.predicate, q.object)
            for q in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in named or ():
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged


def _failure(error: BaseException) -> Message:
    kinds: list[tuple[type[BaseException] | tuple[type[BaseException], ...], str]] = [
        (SyntaxError, "syntax"),
        (NoFormatError, "format"),
        (ValueError, "value"),
        (MemoryError, "memory"),
        (OSError, "system"),
    ]
    kind = next((name for cls, name in kinds if isinstance(error, cls)), "evaluation")
    return {"error": kind, "message": str(error)}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Set up as the first frame says, then answer queries until the parent goes away."""
    setup = read_request(requests)
    if setup is None:
        return
    offline = without_network()
    try:
        store = ox.Store.read_only(setup["store"])
        limit_memory(setup["memory"])
    except OSError as error:
        write_frame(answers, _failure(error))
        return
    watch = _Watch()
    write_frame(answers, {"ready": True, "offline": offline})
    run: Callable[[ox.Store, Message], tuple[Message, bytes]] = execute
    while (request := read_request(requests)) is not None:
        watch.deadline = time.monotonic() + request["seconds"] + GRACE
        try:
            header, body = run(store, request)
        except Exception as error:
            header, body = _failure(error), b""
        watch.deadline = float("inf")
        write_frame(answers, {**header, "peak": _peak()}, body)


def _peak() -> int:
    """Return the most memory that this process has held, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    """Serve on standard input and output; whatever else is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()

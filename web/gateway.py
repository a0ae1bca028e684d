"""Between the server and the application: bodies come in, and answers go out, without holding a thread.

The server's own way to a WSGI application reads a request's body in the thread that answers it and has no limit of time
for it (granian issue 728): a few clients that send a byte a minute would hold every thread. So it is asked by its
asynchronous interface (RSGI): the body is read here, in time and size, then a thread runs the application, and what it
answers is sent in parts, each of which the client has to take in time.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from typing import Any

from web.hygiene import REFUSED

PART = 128 * 1024
"""Bytes of a large answer that are sent at once; up to this size the server keeps an answer by itself."""

Headers = list[tuple[str, str]]


@dataclass
class Answer:
    """What the application answered: all of it in `first`, or more in `parts`, which are read in a thread."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    first: bytes = b""
    parts: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None


class Gateway:
    """The application for granian (`__rsgi__`), around a WSGI application.

    `body_bytes` and `body_seconds` bound a request's body, `send_seconds` each part of an answer. `started` is called
    with the event loop that serves, after the server has set its signal handlers.
    """

    def __init__(
        self,
        wsgi: Callable[..., Iterable[bytes]],
        *,
        threads: int,
        body_bytes: int,
        body_seconds: float,
        send_seconds: float,
        started: Callable[[asyncio.AbstractEventLoop], None] = lambda _: None,
    ) -> None:
        self._wsgi = wsgi
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds
        self._send_seconds = send_seconds
        self._started = started
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to serve."""
        self._started(loop)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        body: bytes | None = b""
        if scope.method == "POST" and not self._is_too_long(environ):
            try:
                body = await asyncio.wait_for(self._read(protocol), self._body_seconds)
            except TimeoutError:
                environ[REFUSED] = 408
            except (
                Exception
            ):  # the client has gone, or does not speak HTTP: what the server raises is its own affair
                environ[REFUSED] = 400
            if body is None:
                environ[REFUSED] = 413
            environ["CONTENT_LENGTH"] = str(len(body or b""))
        environ["wsgi.input"] = BytesIO(body or b"")
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._run, environ)
        await self._send(answer, protocol)

    def _is_too_long(self, environ: dict[str, Any]) -> bool:
        """Whether the length that is announced is beyond the limit: it is refused without being read."""
        length = environ.get("CONTENT_LENGTH", "")
        if length.isdigit() and int(length[:20]) > self._body_bytes:
            environ[REFUSED] = 413
            return True
        return False

    async def _read(self, protocol: Any) -> bytes | None:
        """Read a body; `None` if it is longer than allowed."""
        parts: list[bytes] = []
        size = 0
        async for part in protocol:
            size += len(part)
            if size > self._body_bytes:
                return None
            parts.append(part)
        return b"".join(parts)

    def _run(self, environ: dict[str, Any]) -> Answer:
        """Run the application, in a thread."""
        answer = Answer()

        def start_response(status: str, headers: Headers, _error: Any = None) -> Callable[[bytes], None]:
            answer.status, answer.headers = int(status[:3]), headers
            return lambda _: None

        given = self._wsgi(environ, start_response)
        answer.close = getattr(given, "close", answer.close)
        parts = _in_parts(given)
        try:
            answer.first = next(parts, b"")
            second = next(parts, b"") if len(answer.first) == PART else b""
        except BaseException:
            answer.close()
            raise
        if second:
            answer.parts = chain((second,), parts)
        else:
            answer.close()
        return answer

    async def _send(self, answer: Answer, protocol: Any) -> None:
        headers = [(name.lower(), value) for name, value in answer.headers]
        if answer.parts is None:
            protocol.response_bytes(answer.status, headers, answer.first)
            return
        loop = asyncio.get_running_loop()
        try:
            stream = protocol.response_stream(answer.status, headers)
            part = answer.first
            while part:
                await asyncio.wait_for(stream.send_bytes(part), self._send_seconds)
                part = await loop.run_in_executor(self._threads, next, answer.parts, b"")
        except (TimeoutError, RuntimeError):
            return  # the client does not take it, or has gone: the connection ends
        finally:
            with suppress(RuntimeError):
                await loop.run_in_executor(self._threads, answer.close)


def _in_parts(given: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what an application gave in parts of `PART` bytes, the last one shorter; none of them is empty."""
    kept = bytearray()
    for piece in given:
        if not kept and len(piece) <= PART:
            kept += piece
            continue
        kept += piece
        while len(kept) > PART:
            yield bytes(kept[:PART])
            del kept[:PART]
    if kept:
        yield bytes(kept)


def environ_of(scope: Any) -> dict[str, Any]:
    """Return the WSGI environment of a request; a header with an underscore in its name is left out.

    Such a name would look like the one with a hyphen, which a proxy may have checked. Of headers that come twice the
    values are joined by a comma (RFC 9110, 5.3).
    """
    server, _, port = scope.server.rpartition(":")
    client = scope.client.rpartition(":")[0]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        if key not in environ:
            environ[key] = value
        elif key not in ("HTTP_HOST", "CONTENT_LENGTH", "CONTENT_TYPE"):
            environ[key] += f"{'; ' if key == 'HTTP_COOKIE' else ', '}{value}"
    return environ

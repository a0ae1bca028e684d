"""Between the server and the application: bodies come in, and answers go out, without holding a thread.

The server's own way to a WSGI application reads a request's body in the thread that answers it and has no limit of time
for it (granian issue 728): a few clients that send a byte a minute would hold every thread. So it is asked by its
asynchronous interface (RSGI): the body is read here, in time and size, then a thread runs the application. Files are
sent by the server itself, large answers as `Sending` does; a client that takes nothing of an answer is cut off by the
system (`let_go_after`).
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from stat import S_ISSOCK
from typing import Any

from werkzeug.wsgi import FileWrapper

from kg.workers.caller import Caller
from web.endpoint.reply import Headers, Reply, failed
from web.serving.headers import BESIDE_THE_APPLICATION
from web.serving.hygiene import MOST_PARTS, REFUSED
from web.serving.sending import Sending

NAME = "scrutiny-graph"
"""What answers call the server: not by the library that it is built on."""
SOON = 0.1
"""Seconds after which a look is taken whether the client is still there."""
CALLER = "scrutiny.caller"
"""In a request's environment: the `Caller` that waits for the answer."""
Direct = Callable[[dict[str, Any], bytes, Caller], Awaitable[Reply | None]]

FAULT = failed("Something went wrong here, not in the request.", 500, BESIDE_THE_APPLICATION)
FULL = failed(
    "Too many large answers wait for their clients to take them. Try again in some seconds.",
    503,
    {"Retry-After": "5", **BESIDE_THE_APPLICATION},
)


@dataclass
class Answer(Reply):
    """What the application answered: `body`, or the file at `path`."""

    path: str = ""


class WholeFile(FileWrapper):
    """A file that the application sends (`wsgi.file_wrapper`)."""

    @property
    def path(self) -> str:
        """Where it is; the empty text for what has no name."""
        name = getattr(self.file, "name", "")
        return name if isinstance(name, str) else str(name) if isinstance(name, os.PathLike) else ""


class Gateway:
    """The application for granian (`__rsgi__`), around a WSGI application.

    `body_bytes` and `body_seconds` bound a request's body. `started` is called with the event loop that serves, after
    the server has set its signal handlers.
    """

    def __init__(
        self,
        wsgi: Callable[..., Iterable[bytes]],
        *,
        threads: int,
        body_bytes: int,
        body_seconds: float,
        sending: Sending,
        started: Callable[[asyncio.AbstractEventLoop], None] = lambda _: None,
    ) -> None:
        self._wsgi = wsgi
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds
        self._sending = sending
        self._started = started
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self.direct: Direct = _not_direct

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to serve."""
        self._started(loop)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        body: bytes | None = b""
        if scope.method == "POST" and REFUSED not in environ and not self._is_too_long(environ):
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
        try:
            answer = await self._answer(environ, body or b"", protocol)
        except (
            Exception
        ):  # a fault of ours: said like any other answer, and written down without the query string
            logging.getLogger("web").exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            answer = FAULT
        if not self._sending.has_room_for(answer.body):
            answer = FULL
        headers = [("server", NAME), *((name.lower(), value) for name, value in answer.headers)]
        if isinstance(answer, Answer) and answer.path:
            protocol.response_file(answer.status, headers, answer.path)
        else:
            await self._sending.send(protocol, scope.client, answer.status, headers, answer.body)

    async def _answer(self, environ: dict[str, Any], body: bytes, protocol: Any) -> Reply:
        """Answer directly or by the application, in a thread; if the client goes away, what it asked is dropped."""
        loop = asyncio.get_running_loop()
        caller = environ[CALLER] = Caller()
        watching: list[asyncio.Task[None]] = []
        timer = loop.call_later(SOON, lambda: watching.append(loop.create_task(_watch(protocol, caller))))
        try:
            if REFUSED not in environ:
                reply = await self.direct(environ, body, caller)
                if reply is not None:
                    return reply
            return await loop.run_in_executor(self.threads, self._run, environ)
        finally:
            timer.cancel()
            for task in watching:
                task.cancel()

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
            if size > self._body_bytes or len(parts) > MOST_PARTS:
                return None
            parts.append(part)
        return b"".join(parts)

    def _run(self, environ: dict[str, Any]) -> Answer:
        """Run the application, in a thread."""
        answer = Answer(500, [])

        def start_response(status: str, headers: Headers, _error: Any = None) -> Callable[[bytes], None]:
            answer.status, answer.headers = int(status[:3]), headers
            return lambda _: None

        given = self._wsgi(environ, start_response)
        try:
            if isinstance(given, WholeFile) and answer.status == 200 and os.path.isfile(given.path):
                answer.path = given.path
            else:
                answer.body = b"".join(given)
        finally:
            if hasattr(given, "close"):
                given.close()
        return answer


async def _watch(protocol: Any, caller: Caller) -> None:
    await protocol.client_disconnect()
    caller.leave()


async def _not_direct(*_: object) -> None:
    """Leave everything to the application."""


def environ_of(scope: Any) -> dict[str, Any]:
    """Return the WSGI environment of a request; a header with an underscore in its name is left out.

    Such a name would look like the one with a hyphen, which a proxy may have checked. Of headers that come twice the
    values are joined by a comma (RFC 9110, 5.3). What HTTP/1.1 does not allow, or we do not know, is marked as refused.
    """
    server, _, port = scope.server.rpartition(":")
    client = scope.client.rpartition(":")[0]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode("utf-8", "surrogateescape").decode("latin-1"),
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": WholeFile,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name or name == "upgrade":  # there is nothing to change to
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        if key not in environ:
            environ[key] = value
        elif key == "HTTP_HOST":
            environ[REFUSED] = 400
        elif key not in ("CONTENT_LENGTH", "CONTENT_TYPE"):
            environ[key] += f"{'; ' if key == 'HTTP_COOKIE' else ', '}{value}"
    if environ.get("HTTP_TRANSFER_ENCODING", "chunked").lower() != "chunked":
        environ[REFUSED] = 501
    if not _HOST.fullmatch(environ.get("HTTP_HOST", "" if scope.http_version == "1.1" else "none")):
        environ[REFUSED] = 400
    return environ


_HOST = re.compile(r"(?:[A-Za-z0-9._~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.%a-z]+\])(?::[0-9]*)?")
"""A host and its port (RFC 9112, 3.2), without whom a person pretends to be."""


def let_go_after(seconds: float, port: int) -> bool:
    """Let the system end connections whose client takes nothing of what was sent for some seconds.

    The server keeps an answer until the client has it, and has no limit of its own. The option is set on the socket
    that listens, of which every connection inherits it (Linux); false if there is no such socket, or no such option.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    found = False
    if option is None or not os.path.isdir("/proc/self/fd"):
        return False
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            # Nothing but sockets: a copy of a pipe, such as one to a process that is being started, would keep it open.
            if not S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
        with suppress(OSError), socket.socket(fileno=os.dup(int(name))) as copy:
            if copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and copy.getsockname()[1] == port:
                copy.setsockopt(socket.IPPROTO_TCP, option, round(seconds * 1000))
                found = True
    return found

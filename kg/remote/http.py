"""Requests to one server that a person named: what `--endpoint` and `kg push` speak HTTP with.

A connection is kept for each thread. Redirects are not followed, so that nobody sends us, or a password, elsewhere;
the answer has to come whole within a time and a size.
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import kg
from kg.errors import EndpointError, QueryTimeout, QueryTooLarge

CHUNK = 64 * 1024
WHOLE = 1 << 40


@dataclass(frozen=True)
class Reply:
    """What a server answered: `kind` is the media type without parameters, `location` that of a redirect.

    `cut_off` is how many rows there are of an answer that says of itself that it is not the whole (`X-Truncated`).
    """

    status: int
    kind: str
    body: bytes
    location: str = ""
    cut_off: str = ""

    @property
    def words(self) -> str:
        """The beginning of a body in text, as one line: what most stores say of an error."""
        text = self.body[:2000].decode("utf-8", "replace")
        if "<html" in text.lower():
            return ""
        words = " ".join(text.split())
        return words if len(words) <= 300 else words[:300].rsplit(" ", 1)[0] + " ..."


class HttpClient:
    """Sends requests to the server of `url`; safe to use from many threads.

    `user` and `password` are sent with every request (Basic); `called` is what errors call the server, where those who
    read them are not to learn its address. Raises `EndpointError` for what is no http(s) address.
    """

    def __init__(
        self, url: str, *, seconds: float = 30.0, user: str = "", password: str = "", called: str = ""
    ) -> None:
        self.url = url
        self.called = called or url
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise EndpointError(url, f"is not an address: {error}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or any(c <= " " for c in url):
            raise EndpointError(url, "is not an address: expected http://... or https://...")
        if parts.username is not None:
            raise EndpointError(
                f"{parts.scheme}://{parts.hostname}", "an address here holds no user and password"
            )
        self._host, self._port = parts.hostname, port
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._seconds = seconds
        self._headers = {"User-Agent": f"scrutiny-graph/{kg.__version__}"}
        if user or password:
            token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
            self._headers["Authorization"] = f"Basic {token}"
        self._kept = threading.local()

    def send(
        self,
        method: str,
        target: str | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        seconds: float | None = None,
        max_bytes: int = WHOLE,
    ) -> Reply:
        """Send a request, by default to the path of the address, and return the whole answer, whatever its status.

        Raises `QueryTimeout` when it takes longer than `seconds`, `QueryTooLarge` when it is longer than `max_bytes`,
        `EndpointError` when the server cannot be reached or does not speak HTTP.
        """
        limit = self._seconds if seconds is None else seconds
        ends = time.monotonic() + limit
        for attempt in ("kept", "new"):
            connection, is_new = self._connection(limit)
            try:
                connection.request(
                    method, target or self.target, body or None, {**self._headers, **(headers or {})}
                )
                response = connection.getresponse()
                found = _read(connection, response, ends, max_bytes)
            except (http.client.RemoteDisconnected, ConnectionError) as error:
                self._forget()
                if is_new or attempt == "new":
                    raise self._unreachable(error) from None
                continue  # the server closed a connection that was kept
            except TimeoutError:
                self._forget()
                raise QueryTimeout(limit, f"{self.called} did not answer within {limit:g} seconds") from None
            except QueryTooLarge:
                self._forget()
                raise
            except (OSError, http.client.HTTPException) as error:
                self._forget()
                raise self._unreachable(error) from None
            if response.will_close:
                self._forget()
            kind = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
            more = (response.getheader(name) or "" for name in ("Location", "X-Truncated"))
            return Reply(response.status, kind, found, *more)
        raise AssertionError("the second attempt returns or raises")

    def failure(self, reply: Reply) -> EndpointError:
        """Return the error for an answer whose status is none that was expected."""
        said = f": {reply.words}" if reply.words else ""
        if 300 <= reply.status < 400 and reply.location:
            said = f" to {reply.location!r}: give that address if it is the right one"
        elif reply.status in (401, 403):
            said = f" (a user and a password are needed, or other ones){said}"
        return EndpointError(self.called, f"answered {reply.status}{said}")

    def _connection(self, seconds: float) -> tuple[http.client.HTTPConnection, bool]:
        kept: http.client.HTTPConnection | None = getattr(self._kept, "connection", None)
        if kept is not None and kept.sock is not None:
            kept.sock.settimeout(seconds)
            return kept, False
        made = (
            http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=self._tls)
            if self._tls is not None
            else http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        )
        self._kept.connection = made
        return made, True

    def _forget(self) -> None:
        kept = getattr(self._kept, "connection", None)
        self._kept.connection = None
        if kept is not None:
            kept.close()

    def _unreachable(self, error: Exception) -> EndpointError:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if isinstance(error, socket.gaierror):
            reason = "there is no host of that name"
        return EndpointError(self.called, f"cannot be reached: {reason.lower()}")


def _read(
    connection: http.client.HTTPConnection, response: http.client.HTTPResponse, ends: float, max_bytes: int
) -> bytes:
    """Read a body in time: a server that sends a byte a second would otherwise never be late."""
    parts: list[bytes] = []
    size = 0
    while True:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(left)
        part = response.read1(CHUNK)
        if not part:
            response.close()  # the connection may be used again; read1 does not say so by itself
            return b"".join(parts)
        size += len(part)
        if size > max_bytes:
            raise QueryTooLarge(f"the answer is larger than the {max_bytes} bytes that one answer may have")
        parts.append(part)

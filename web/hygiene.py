"""What a request must be before anything looks at it: for a host of ours, and sent in time.

The server reads headers by itself, with a limit of bytes and seconds; it hands over the body as it comes, and a client
that sends a byte a minute would hold a thread. Here the body is read beforehand by a thread that may be left behind; a
bounded number of them wait at the same time, and pages, which have no body, never stand behind them.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from datetime import UTC, datetime
from io import BytesIO
from typing import IO
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestTimeout, ServiceUnavailable
from werkzeug.sansio.utils import host_is_trusted

from kg.errors import KgError
from kg.settings import Settings

BODIES = 64
"""How many requests may be sending their body at the same time."""
SMALLEST_HEADERS = 8192
ACCESS_LOGS = ("none", "path", "full")


class Misdirected(HTTPException):
    """421: the request is for a host that this server does not answer for (RFC 9110, 15.5.20)."""

    code = 421
    description = "This server does not answer for the host that the request names."


def check_settings(settings: Settings) -> None:
    """Raise `KgError` (exit code 2), naming the variable, for a setting that the site cannot work with."""
    if settings.base_url is not None:
        parts = urlsplit(settings.base_url)
        bare = not parts.query and not parts.fragment and parts.path in ("", "/") and not parts.username
        if parts.scheme not in ("http", "https") or not parts.hostname or not bare:
            raise _bad("KG_BASE_URL", settings.base_url, "an address such as https://graph.example.org")
        if not re.fullmatch(r"[!-~]+", settings.base_url) or re.search(r"[<>\"\\^`{|}]", settings.base_url):
            raise _bad("KG_BASE_URL", settings.base_url, "an address such as https://graph.example.org")
    if settings.access_log not in ACCESS_LOGS:
        raise _bad("KG_ACCESS_LOG", settings.access_log, f"one of {', '.join(ACCESS_LOGS)}")
    if settings.header_bytes < SMALLEST_HEADERS:
        raise _bad("KG_HEADER_BYTES", str(settings.header_bytes), f"{SMALLEST_HEADERS} or more")
    for name in ("header_seconds", "body_seconds"):
        if getattr(settings, name) <= 0:
            raise _bad(f"KG_{name.upper()}", str(getattr(settings, name)), "a number above 0")
    if settings.metrics:
        metrics_address(settings)


def metrics_address(settings: Settings) -> tuple[str, int]:
    """Return host and port of the metrics. Raises `KgError` (exit code 2) for a text that is not HOST:PORT."""
    host, colon, port = settings.metrics.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise _bad("KG_METRICS", settings.metrics, "HOST:PORT, such as 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def _bad(variable: str, given: str, expected: str) -> KgError:
    return KgError(f"{variable}={given!r}: expected {expected}", exit_code=2)


def trusted_hosts(settings: Settings) -> list[str]:
    """Return the names that a request's Host may have, none for any.

    >>> trusted_hosts(Settings(trusted_hosts="graph.example.org, .example.net"))
    ['graph.example.org', '.example.net']
    """
    return [name for name in (part.strip() for part in settings.trusted_hosts.split(",")) if name]


def read_body(stream: IO[bytes], most: int, seconds: float) -> bytes | None:
    """Read a stream to its end in a thread of its own; `None` if it takes longer than `seconds`.

    Of a stream longer than `most` bytes one byte more than that is returned. Raises `OSError` for a broken one.
    """
    parts: list[bytes] = []
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            left = most + 1
            while left > 0 and (part := stream.read(min(left, 65536))):
                parts.append(part)
                left -= len(part)
        except BaseException as error:  # noqa: BLE001  (told to the thread that waits)
            failures.append(error)
        done.set()

    threading.Thread(target=read, daemon=True).start()
    if not done.wait(seconds):
        return None
    if failures:
        raise OSError("the request's body broke off") from failures[0]
    return b"".join(parts)


def init_app(app: Flask, settings: Settings) -> None:
    """Check every request of `app`, and log it as the settings say."""
    hosts = trusted_hosts(settings)
    slots = threading.BoundedSemaphore(BODIES)
    app.url_map.merge_slashes = False  # its redirects name the Host of the request

    @app.before_request
    def check_host() -> None:
        g.started = time.perf_counter()
        if hosts and request.path != "/healthz" and not host_is_trusted(_host(), hosts):
            raise Misdirected

    @app.before_request
    def take_body() -> None:
        most = app.config["MAX_CONTENT_LENGTH"]
        if request.routing_exception is not None or request.method != "POST":
            return  # nobody reads it
        if request.content_length is not None and request.content_length > most:
            raise RequestEntityTooLarge(f"A request may have {most} bytes.")
        if not slots.acquire(blocking=False):
            raise ServiceUnavailable("Too many requests are being sent at once; try again.", retry_after=1)
        try:
            body = read_body(request.environ["wsgi.input"], most, settings.body_seconds)
        except OSError:
            raise RequestTimeout("The request broke off.") from None
        finally:
            slots.release()
        if body is None:
            raise RequestTimeout(f"The request was not complete after {settings.body_seconds:g} seconds.")
        if len(body) > most:
            raise RequestEntityTooLarge(f"A request may have {most} bytes.")
        request.environ["wsgi.input"] = BytesIO(body)
        request.environ["CONTENT_LENGTH"] = str(len(body))

    if settings.access_log != "none":

        @app.after_request
        def log(response: Response) -> Response:
            print(log_line(response, full=settings.access_log == "full"), file=sys.stderr, flush=True)
            return response


def _host() -> str:
    host: str = request.environ.get("HTTP_HOST", "")
    return host


def log_line(response: Response, *, full: bool) -> str:
    """Return the line of this request for the log: no query string and no client unless it is `full`.

    What people ask is theirs: a query or a search can tell who is looked for. Everything is percent-encoded, so that
    no request can write a line of its own.
    """
    took = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
    size = response.content_length
    line = (
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {response.status_code} {quote(request.method, safe='')} "
        f"{quote(request.path, safe=_PATH)} {'-' if size is None else size} {took:.1f}ms"
    )
    if full:
        asked = quote(request.query_string.decode("latin-1"), safe=_PATH + "%?")
        agent = quote(request.headers.get("User-Agent", ""), safe=_PATH + " ();,")
        line += f' ?{asked} {quote(request.remote_addr or "-", safe=":.")} "{agent}"'
    return line


_PATH = "/:@!$&*+,;=-._~"

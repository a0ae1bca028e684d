"""What a request must be before anything looks at it: for a host of ours, and sent in time.

The server reads headers, `web.serving.gateway` the body, both with limits of bytes and seconds; here a request that
broke them gets its answer, which has the same headers as any other. And what is logged of a request is decided here.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
)
from werkzeug.sansio.utils import host_is_trusted

from kg.errors import KgError
from kg.settings import Settings
from web import own_texts

REFUSED = "scrutiny.refused"
"""In a request's environment: the status with which it ends, because its body did not come, or is too long."""
MOST_PARTS = 4096
"""In how many pieces a body may come: to take in one costs the same, however small it is."""
SMALLEST_HEADERS = 8192
ACCESS_LOGS = ("none", "path", "full")


class NotImplementedHere(HTTPException):
    """501: the body is coded in a way that this server does not know (RFC 9112, 6.1)."""

    code = 501


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
    if settings.people not in ("noindex", "index"):
        raise _bad("KG_PEOPLE", settings.people, "one of noindex, index")
    if settings.header_bytes < SMALLEST_HEADERS:
        raise _bad("KG_HEADER_BYTES", str(settings.header_bytes), f"{SMALLEST_HEADERS} or more")
    for name in ("header_seconds", "body_seconds", "send_seconds", "stop_seconds"):
        if getattr(settings, name) <= 0:
            raise _bad(f"KG_{name.upper()}", str(getattr(settings, name)), "a number above 0")
    for name, least in (
        ("processes", 1),
        ("workers", 1),
        ("heavy_workers", 0),
        ("queue", 0),
        ("page_cache_mb", 0),
        ("sending_mb", 1),
    ):
        if getattr(settings, name) < least:
            raise _bad(f"KG_{name.upper()}", str(getattr(settings, name)), f"{least} or more")
    for name in trusted_hosts(settings):
        if not _HOST_NAME.fullmatch(name):
            raise _bad(
                "KG_TRUSTED_HOSTS", name, "names of hosts with commas between them, as in a.org, .b.org"
            )
    if settings.metrics:
        metrics_address(settings)
    own_texts.check(settings)


def metrics_address(settings: Settings) -> tuple[str, int]:
    """Return host and port of the metrics. Raises `KgError` (exit code 2) for a text that is not HOST:PORT."""
    host, colon, port = settings.metrics.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise _bad("KG_METRICS", settings.metrics, "HOST:PORT, such as 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def _bad(variable: str, given: str, expected: str) -> KgError:
    return KgError(f"{variable}={given!r}: expected {expected}", exit_code=2)


_HOST_NAME = re.compile(r"(?:\.?[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:.]+\])(?::[0-9]+)?")


def trusted_hosts(settings: Settings) -> list[str]:
    """Return the names that a request's Host may have, none for any.

    >>> trusted_hosts(Settings(trusted_hosts="graph.example.org, .example.net"))
    ['graph.example.org', '.example.net']
    """
    return [name for name in (part.strip().lower() for part in settings.trusted_hosts.split(",")) if name]


def init_app(app: Flask, settings: Settings) -> None:
    """Check every request of `app`, and log it as the settings say."""
    hosts = trusted_hosts(settings)
    app.url_map.merge_slashes = False  # its redirects name the Host of the request

    @app.before_request
    def check_host() -> None:
        g.started = time.perf_counter()
        if request.path != "/healthz" and not is_trusted(request.environ, hosts):
            raise Misdirected

    @app.before_request
    def check_body() -> None:
        refused = request.environ.get(REFUSED)
        if refused == 408:
            raise RequestTimeout(f"The request was not complete after {settings.body_seconds:g} seconds.")
        if refused == 413:
            most = app.config["MAX_CONTENT_LENGTH"]
            raise RequestEntityTooLarge(f"A body may have {most} bytes, in at most {MOST_PARTS} pieces.")
        if refused == 501:
            raise NotImplementedHere("A body can be sent as it is, or in chunks.")
        if refused is not None:
            raise BadRequest("The request broke off, or does not name one host.")

    if settings.access_log != "none":

        @app.after_request
        def note(response: Response) -> Response:
            seconds = time.perf_counter() - g.get("started", time.perf_counter())
            log(settings, request.environ, response.status_code, response.content_length, seconds)
            return response


def is_trusted(environ: Mapping[str, Any], hosts: Sequence[str]) -> bool:
    """Whether a request names one of our hosts; with none given, any will do."""
    return not hosts or host_is_trusted(environ.get("HTTP_HOST", "").lower(), hosts)


def log(
    settings: Settings, environ: Mapping[str, Any], status: int, size: int | None, seconds: float
) -> None:
    """Write the line of a request to standard error, as the settings say."""
    if settings.access_log != "none":
        line = log_line(environ, status, size, seconds, full=settings.access_log == "full")
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def log_line(environ: Mapping[str, Any], status: int, size: int | None, seconds: float, *, full: bool) -> str:
    """Return the line of a request for the log: no query string and no client unless it is `full`.

    What people ask is theirs: a query or a search can tell who is looked for. Everything is percent-encoded, so that
    no request can write a line of its own.
    """
    line = (
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {status} {quote(environ['REQUEST_METHOD'], safe='')} "
        f"{quote(environ['PATH_INFO'].encode('latin-1'), safe=_PATH)} {'-' if size is None else size} "
        f"{seconds * 1000:.1f}ms"
    )
    if full:
        asked = quote(environ.get("QUERY_STRING", ""), safe=_PATH + "%?", errors="replace")
        agent = quote(environ.get("HTTP_USER_AGENT", ""), safe=_PATH + " ();,", errors="replace")
        line += f' ?{asked} {quote(environ.get("REMOTE_ADDR") or "-", safe=":.")} "{agent}"'
    return line


_PATH = "/:@!$&*+,;=-._~"

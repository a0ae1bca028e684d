"""Answers of earlier versions: `&version=HASH` in the address of a question or a query.

While the snapshot of that version is kept, the request is answered from it, read-only and with the same limits; at most
`OPEN` of them are open in a process, each with one worker for queries. The page says which version answers and what the
newest one says. A version that is gone is 410, with the way to the answer of today; one that never was is 404.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request

from kg.errors import SnapshotError, VersionGone
from kg.kept import Version, find_version
from web.errors import plain, wants_page
from web.render import page
from web.serving.served import Snapshots, served, source_of
from web.serving.state import Served

ENDPOINTS = frozenset({"questions.question_page", "sparql.endpoint"})
"""What can be asked of an earlier version."""
PROTOCOL_VERSIONS = ("1.",)
"""SPARQL 1.2 names its own version in the same parameter: that is none of ours."""


def init_app(app: Flask) -> None:
    """Answer requests that name a version from the snapshot of that version."""

    @app.before_request
    def from_its_version() -> Response | None:
        if request.endpoint not in ENDPOINTS or "version" not in request.args:
            return None
        source = source_of(current_app)
        wanted = request.args["version"]
        if not isinstance(source, Snapshots) or wanted.startswith(PROTOCOL_VERSIONS):
            return None
        try:
            found = find_version(source.out, wanted)
            newest = served()
            if found.version != newest.version:
                assert found.path is not None
                g.served = source.earlier.take(found.path)
                g.newest = newest
        except VersionGone as error:
            return _gone(error.message)
        except SnapshotError:
            return _gone(f"Version {wanted[:12]} of the data set cannot be read any more by this software.")
        g.version_asked = found
        return None

    @app.teardown_request
    def give_back(_error: BaseException | None) -> None:
        newest = g.pop("newest", None)
        if newest is not None:
            newest.give_back()


def newest() -> Served | None:
    """Return the newest state, where this request is answered from an earlier one."""
    return cast("Served | None", g.get("newest"))


def version_asked() -> Version | None:
    """Return the version that this request names, the newest one or another."""
    return cast("Version | None", g.get("version_asked"))


def permanent(query: list[tuple[str, str]]) -> str | None:
    """Return the address of this path with arguments and the version that answers; `None` where none are kept."""
    if not isinstance(source_of(current_app), Snapshots):
        return None
    return f"{request.path}?{urlencode([*query, ('version', served().version[:16])])}"


def address_of_today() -> str:
    """Return the address of this request without a version."""
    rest = [(n, v) for n, v in request.args.items(multi=True) if n not in ("version", "format", "download")]
    return request.path + ("?" + urlencode(rest) if rest else "")


def latest_link() -> str:
    """Return the header that leads from an earlier answer to that of today (RFC 5829)."""
    return f'<{address_of_today()}>; rel="latest-version"'


def _gone(message: str) -> Response:
    headers = {"Link": latest_link()}
    if wants_page():
        response = page(
            "version_gone.html",
            410,
            title="This version is no longer kept",
            message=message,
            today=address_of_today(),
            noindex=True,
        )
        response.headers.update(headers)
        return response
    return plain(f"{message} The answer of today: {address_of_today()}", 410, headers)

"""The site over another SPARQL 1.1 store, reached by its address: `kg serve --endpoint URL`.

Pages ask the store that `kg push` filled; strangers' queries are sent on to it behind the same policy and limits.
There are no files here: what the build writes beside the store (downloads, changes, the kept report) has no page.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, request

from kg.errors import KgError, NotFound
from kg.namespaces import PREFIXES
from kg.remote.store import OUR_STORE, RemotePool, RemoteStore
from kg.settings import Settings
from kg.workers.pool import Limits
from web.serving.served import Source
from web.serving.state import Served

if TYPE_CHECKING:
    from pyoxigraph import Store

    from kg.workers.pool import QueryPool

UNKNOWN = "unknown"
"""The version of a data set that was not loaded by `kg push`."""
LOOK_SECONDS = 10.0
"""How often the store is asked whether it holds another version."""
PAGE_SECONDS = 30.0
"""How long one of our own queries may take there."""
FILES = frozenset({"downloads.download", "changes.changes", "changes.feed", "quality.report"})
"""The addresses of what only a build has."""


class RemoteEndpoint(Source):
    """The data set behind an address; another version is noticed within `LOOK_SECONDS`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        assert settings.endpoint is not None
        self.url = settings.endpoint
        self._probe = RemoteStore(self.url, seconds=settings.query_seconds)
        self._version = UNKNOWN
        self._looked: float | None = None

    def _key(self) -> object:
        now = time.monotonic()
        if self._looked is None:
            self._looked = now
            self._look()
        elif now - self._looked > LOOK_SECONDS:  # in a thread: who asks for the key may be the event loop
            self._looked = now
            threading.Thread(target=self._look, daemon=True).start()
        if self._version == UNKNOWN:  # what is remembered of it may have changed
            return UNKNOWN, now // LOOK_SECONDS
        return self._version

    def _look(self) -> None:
        with contextlib.suppress(KgError):  # a page that needs the store says what is wrong with it
            self._version = self._probe.version() or UNKNOWN

    def _open(self) -> Served:
        settings = self.settings
        folder = Path(tempfile.mkdtemp(prefix="scrutiny-graph-"))  # empty: no file of a build is found in it
        store = RemoteStore(self.url, seconds=max(PAGE_SECONDS, settings.query_seconds), called=OUR_STORE)
        return RemoteServed(
            folder,
            self._version,
            cast("Store", store),
            {},
            settings,
            is_remote=True,
            cleanup=lambda: shutil.rmtree(folder, ignore_errors=True),
        )


class RemoteServed(Served):
    """A state whose queries go to another store."""

    def _make_pool(self) -> QueryPool:
        s = self.settings
        assert s.endpoint is not None
        limits = Limits(
            seconds=s.query_seconds, rows=s.query_rows, bytes=s.query_bytes, text_bytes=s.query_text_bytes
        )
        made: Any = RemotePool(
            s.endpoint, limits, at_once=s.workers + s.heavy_workers, queue=s.queue, known_prefixes=PREFIXES
        )
        return cast("QueryPool", made)


def init_app(app: Flask) -> None:
    """Say of what only a build has that it is not here."""
    if not isinstance(app.extensions["scrutiny-source"], RemoteEndpoint):
        return

    @app.before_request
    def no_files() -> None:
        if (request.endpoint or "") in FILES:
            raise NotFound(
                "There are no files here: the data is read from another store. /graph?default has the whole graph."
            )

"""What is being served: the newest snapshot, or the RDF files named on the command line.

A snapshot is opened once and shared by all requests; before each request a look at one symbolic link tells whether
there is a newer one. Requests in flight keep the one that they began with; the last of them closes it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app, g, request

from kg.errors import KgError, NotFound
from kg.settings import Settings
from web.serving.earlier_states import EarlierStates
from web.serving.state import Served

if TYPE_CHECKING:
    from kg.serve_files import FilesStore
    from kg.snapshot import Snapshot
    from kg.workers.pool import QueryPool


def _nothing_to_do(_: Served) -> None:
    """Nothing is to be done with a state that was opened."""


class Source:
    """Where the served state comes from: `current()` opens it anew when there is a newer one.

    `opened` is called with each state that was opened, before the first request that it answers; it must not wait.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stopping = False
        self.opened: Callable[[Served], None] = _nothing_to_do
        self._served: Served | None = None
        self._lock = threading.Lock()

    def _key(self) -> object:
        """Something cheap that changes when there is a newer state."""
        raise NotImplementedError

    def _open(self) -> Served:
        raise NotImplementedError

    def current(self) -> Served:
        """Return the newest state, taken: the caller gives it back."""
        with self._lock:
            key = self._key()
            if self._served is None or self._served.cache.get(_KEY) != key:
                fresh = self._open()
                fresh.cache[_KEY] = key
                if self._served is not None:
                    if self._served.has_pool and not self.stopping:
                        with suppress(KgError):  # a page needs none, and the query that does will tell
                            _ = fresh.pool  # they open the store while others still answer from the old one
                    self._served.retire()
                self._served = fresh
                self.opened(fresh)
            self._served.take()
            return self._served

    def at_once(self) -> Served | None:
        """Return the newest state, taken, if that needs no waiting and no opening; else `None`."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            state = self._served
            if state is None or not state.has_pool or state.cache.get(_KEY) != self._key():
                return None
            state.take()
            return state
        finally:
            self._lock.release()

    def observed(self) -> tuple[str, QueryPool | None]:
        """Return the version that was served last and its query workers, without opening anything."""
        state = self._served
        return ("", None) if state is None else (state.version, state._pool)

    def stop(self) -> None:
        """Let no further query run: those that wait are turned away, those that run are left to the caller."""
        self.stopping = True
        served = self._served
        if served is not None:
            served.stop_pool()

    def close(self) -> None:
        """Stop the workers."""
        with self._lock:
            if self._served is not None:
                self._served.retire()
                self._served = None


_KEY = "opened from"


class Snapshots(Source):
    """The snapshots in a build folder; a build that fails changes nothing here."""

    def __init__(self, settings: Settings, out: Path) -> None:
        super().__init__(settings)
        self.out = out
        self._link = os.path.join(out, "current")
        self.earlier = EarlierStates(self._open_earlier)

    def _key(self) -> object:
        try:
            return os.readlink(self._link)
        except OSError:
            return None

    def _open(self) -> Served:
        from kg.snapshot import open_snapshot

        return self._state_of(open_snapshot(self.out), self.settings)

    def _open_earlier(self, path: Path) -> Served:
        from kg.errors import SnapshotError
        from kg.snapshot import open_at

        try:
            snapshot = open_at(path)
        except FileNotFoundError:
            snapshot = None
        if snapshot is None:
            raise SnapshotError(path, "is no longer kept")
        return self._state_of(snapshot, replace(self.settings, workers=1, heavy_workers=0))

    def _state_of(self, snapshot: Snapshot, settings: Settings) -> Served:
        return Served(
            snapshot.path,
            snapshot.version,
            snapshot.store,
            snapshot.manifest,
            settings,
            cleanup=snapshot.close,
        )

    def stop(self) -> None:
        """Let no further query run, of an earlier version neither."""
        super().stop()
        self.earlier.close()

    def close(self) -> None:
        """Stop the workers, those of earlier versions as well."""
        super().close()
        self.earlier.close()


FILES_ENDPOINTS = frozenset(
    {
        "static", "pages.home", "browse.classes", "browse.members", "entity.resource", "sparql.endpoint", "graph_store.graph",  # noqa: E501
        "machine.health", "machine.robots", "limits.limits",
    }
)  # fmt: skip
"""The pages that make sense for any RDF files; the others need claims."""


class Files(Source):
    """RDF files in a store of their own; the caller of `load_files` removes it."""

    def __init__(self, settings: Settings, loaded: FilesStore) -> None:
        super().__init__(settings)
        self.loaded = loaded

    def _key(self) -> object:
        return self.loaded.path

    def _open(self) -> Served:
        loaded = self.loaded
        return Served(
            loaded.path, loaded.version, loaded.open(), loaded.manifest, self.settings, is_files=True
        )


def init_app(app: Flask, source: Source) -> None:
    """Give every request of `app` the newest state as `served()`."""
    app.extensions["scrutiny-source"] = source

    if isinstance(source, Files):

        @app.before_request
        def only_what_files_have() -> None:
            endpoint = request.endpoint or "static"
            if endpoint not in FILES_ENDPOINTS:
                raise NotFound("There is no such page for RDF files.")

    @app.teardown_request
    def give_back(_error: BaseException | None) -> None:
        taken = g.pop("served", None)
        if taken is not None:
            taken.give_back()


def source_of(app: Flask) -> Source:
    """Return where the app takes its data from."""
    return cast(Source, app.extensions["scrutiny-source"])


def served() -> Served:
    """Return the state that this request is answered from; the same one to its end."""
    if "served" not in g:
        g.served = source_of(current_app).current()
    return cast(Served, g.served)

"""One state of the data that is served, shared by the requests that began with it; the last of them closes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.settings import Settings

if TYPE_CHECKING:
    from pyoxigraph import Store

    from kg.queries import Remembering
    from kg.workers.pool import QueryPool


@dataclass(eq=False)
class Served:
    """One state of the data: its store (read-only), its version, and the workers for strangers' queries.

    `store` answers the queries of pages and remembers what it read; `raw` is the engine's own. `is_files` tells
    that it is RDF files as they are: no claims, no question library; `is_remote` that the store is another one, behind
    an address: nothing that a build writes beside its store is here.
    """

    path: Path
    version: str
    raw: Store
    manifest: Mapping[str, Any]
    settings: Settings
    is_files: bool = False
    is_remote: bool = False
    cleanup: Callable[[], None] = lambda: None
    cache: dict[str, Any] = field(default_factory=dict)
    _pool: QueryPool | None = None
    _users: int = 0
    _retired: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def store(self) -> Remembering:
        """The store, with a memory of the labels and claims that pages have asked for."""
        from kg.queries import Remembering

        return Remembering(self.raw)

    @property
    def short_version(self) -> str:
        """The first characters of the version, for people."""
        return self.version[:12]

    @property
    def pool(self) -> QueryPool:
        """The query workers, started when they are first needed."""
        with self._lock:
            if self._pool is None:
                self._pool = self._make_pool()
            return self._pool

    def _make_pool(self) -> QueryPool:
        from kg.namespaces import PREFIXES
        from kg.workers.pool import Limits, QueryPool

        s = self.settings
        limits = Limits(
            seconds=s.query_seconds,
            memory=s.query_memory_mb * 1024 * 1024,
            rows=s.query_rows,
            bytes=s.query_bytes,
            text_bytes=s.query_text_bytes,
        )
        return QueryPool(
            self.path / "store",
            workers=s.workers,
            limits=limits,
            heavy_workers=s.heavy_workers,
            queue=s.queue,
            known_prefixes={} if self.is_files else PREFIXES,
        )

    @property
    def has_pool(self) -> bool:
        """Whether the query workers have been started."""
        return self._pool is not None

    def remember(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returned the first time: for what is the same in every request of one version."""
        if key not in self.cache:
            self.cache[key] = make()
        return self.cache[key]

    def take(self) -> None:
        """Note one more request that uses this state."""
        with self._lock:
            self._users += 1

    def give_back(self) -> None:
        """Note that a request is done; the last one closes a state that is no longer served."""
        with self._lock:
            self._users -= 1
        self._close_if_unused()

    def retire(self) -> None:
        """Serve no further request from this state, close it when nobody uses it."""
        with self._lock:
            self._retired = True
        self._close_if_unused()

    def stop_pool(self) -> None:
        """Close the query workers that are idle, and start no others."""
        pool = self._pool
        if pool is not None:
            pool.close()

    def _close_if_unused(self) -> None:
        with self._lock:
            if not self._retired or self._users > 0:
                return
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
        self.cleanup()
        self.cleanup = _nothing


def _nothing() -> None:
    """Nothing is left to clean up."""

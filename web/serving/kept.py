"""Whole pages, kept for the next reader: of one version of the data, compressed, bounded in bytes.

Only for pages that depend on nothing but their address and the data: no page of ours knows its reader. A new version of
the data is a new `Served`, which begins with no pages.
"""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, make_response, request

from web.render import conditional
from web.serving.compression import LEVEL
from web.serving.served import served


@dataclass(frozen=True)
class Kept:
    """A page as it was made: its body, compressed, and its headers."""

    body: bytes
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + 500


class Pages:
    """Pages by address, at most `limit` bytes of them: the one that was asked for longest ago goes first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._pages: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, address: str) -> Kept | None:
        """Return a page, `None` for one that is not kept."""
        with self._lock:
            found = self._pages.get(address)
            if found is not None:
                self._pages.move_to_end(address)
            return found

    def put(self, address: str, page: Kept) -> None:
        """Keep a page, unless it alone is beyond the limit."""
        if page.size > self.limit:
            return
        with self._lock:
            old = self._pages.pop(address, None)
            self.size += page.size - (old.size if old is not None else 0)
            self._pages[address] = page
            while self.size > self.limit:
                _, gone = self._pages.popitem(last=False)
                self.size -= gone.size


def kept(make: Callable[[], Response], *parameters: str) -> Response:
    """Return the page at this request's address: the kept one, or what `make` returns, which is then kept.

    The page may depend on the path and the named parameters only; with any other in the address it is made anew. What
    `make` returns is complete but for the answer to a conditional request (`web.render.rendered`). Its errors pass.
    """
    state = served()
    limit = state.settings.page_cache_mb * 1024 * 1024
    if not limit or set(request.args) - set(parameters) or request.method not in ("GET", "HEAD"):
        return conditional(make())
    pages: Pages = state.remember("pages", lambda: Pages(limit))
    address = "\n".join([request.path, *(f"{name}={request.args.get(name)}" for name in parameters)])
    page = pages.get(address)
    if page is None:
        response = make()
        if response.status_code != 200:
            return conditional(response)
        body = gzip.compress(response.get_data(), compresslevel=LEVEL, mtime=0)
        response.add_etag(weak=True)
        page = Kept(body, tuple((k, v) for k, v in response.headers if k.lower() != "content-length"))
        pages.put(address, page)
    packed = request.accept_encodings.quality("gzip") > 0
    again = make_response(page.body if packed else gzip.decompress(page.body))
    again.headers.clear()
    again.headers.extend(page.headers)
    again.headers["Content-Length"] = str(len(again.get_data()))
    if packed:
        again.headers["Content-Encoding"] = "gzip"
    return conditional(again)

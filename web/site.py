"""`kg export --site DIR`: all pages and data as plain files that work from a disk and from any static host.

The pages are those that the application itself answers, asked through its WSGI interface; nothing listens on a port.
From the front page and from everything that has a page, links are followed until nothing is new. The same snapshot
gives the same bytes: what a page shows depends on it alone, and files are written in any order but named by their
address.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.settings import Settings
from web.site_paths import KEPT_AS_NOTICE, SERVICE_PAGE, file_of, links_of, relative

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

MARK = "SHA256SUMS"
"""The file by which a folder is known as a copy of ours; it holds the digests of all others."""
HTML = {"Accept": "text/html,*/*;q=0.5"}
BATCH = 16
Progress = Callable[[int, int], None]
"""Called with the number of files that are written and of those known so far."""


@dataclass(frozen=True)
class SiteResult:
    """What was written: files, bytes, seconds, and addresses that a page links to and that did not answer."""

    files: int
    bytes: int
    seconds: float
    missing: tuple[str, ...]


def export_site(
    settings: Settings, folder: Path, progress: Progress | None = None, jobs: int | None = None
) -> SiteResult:
    """Write the site of the newest snapshot of `settings.out` into `folder`, which is new or an earlier copy.

    The folder gets its name when everything is written: an interruption leaves an earlier copy as it was. Raises
    `KgError` for a folder that holds something else, or that cannot be written.
    """
    started = time.perf_counter()
    _check(folder)
    work = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    usual = Settings()  # where this machine would listen is no part of the copy
    settings = replace(
        settings, workers=1, access_log="none", host=usual.host, port=usual.port, trusted_hosts=""
    )
    settings = replace(settings, texts=None)  # a copy is for publishing: no publisher's words enter it
    for leftover in folder.parent.glob(f".{folder.name}.new-*"):  # of an export that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        work.mkdir(parents=True)
        digests, missing = _write_all(settings, work, progress, jobs or min(os.cpu_count() or 1, 8))
        listing = "".join(f"{digest}  {name}\n" for name, (digest, _) in sorted(digests.items()))
        (work / MARK).write_text(listing, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        work.rename(folder)
    except OSError as error:
        raise KgError(f"{folder}: cannot be written: {error.strerror or error}", exit_code=2) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    size = sum(n for _, n in digests.values()) + len(listing.encode())
    return SiteResult(len(digests) + 1, size, time.perf_counter() - started, tuple(sorted(missing)))


def _check(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise KgError(f"{folder.parent}: no such folder", exit_code=2)
    if folder.exists() and not folder.is_dir():
        raise KgError(f"{folder}: is a file, expected a folder", exit_code=2)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise KgError(
            f"{folder}: holds something else; give a new or empty folder, or an earlier copy", exit_code=2
        )


def _write_all(
    settings: Settings, work: Path, progress: Progress | None, jobs: int
) -> tuple[dict[str, tuple[str, int]], set[str]]:
    """Follow all links, in waves: the addresses that are new are shared out among processes."""
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (settings, work)) as pool:
        todo = pool.submit(_seeds).result()
        digests: dict[str, tuple[str, int]] = dict(pool.submit(_notices).result())
        missing: set[str] = set()
        known = {file_of(address) for address in todo}
        while todo:
            fresh: dict[str | None, str] = {}
            done = 0
            for answers in pool.map(_fetch, list(_batches(todo))):
                for address, file, digest, size, links in answers:
                    done += 1
                    if digest is None:
                        missing.add(address)
                    else:
                        digests[file] = (digest, size)
                    for link in links:
                        target = file_of(link)
                        if target is not None and target not in known:
                            fresh.setdefault(target, link)
                if progress is not None:
                    progress(len(digests), len(digests) + len(todo) - done + len(fresh))
            known |= fresh.keys()
            todo = sorted(fresh.values())
    return digests, missing


def _batches(addresses: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(addresses), BATCH):
        yield addresses[start : start + BATCH]


# --- in the processes

_app: Flask
_client: FlaskClient
_work: Path
_made: set[Path] = set()


def _begin(settings: Settings, work: Path) -> None:
    from web import create_app
    from web.head import COPY

    global _app, _client, _work
    _app = create_app(settings)
    _app.config[COPY] = True
    _client = _app.test_client()
    _work = work


def _seeds() -> list[str]:
    """Return where the walk begins: the pages of the navigation, and everything that has a page."""
    from kg.queries import select
    from web.library import all_questions
    from web.links import page_of
    from web.machine import PAGES
    from web.serving.served import served

    with _app.test_request_context("/"):
        store = served().store
        things = [page_of(row[0]) for row in select(store, "page_everything")]
        questions = [f"/questions/{question.slug}" for question in all_questions()]
    found: dict[str | None, str] = {}
    for address in [*PAGES, "/changes.atom", "/context.jsonld", "/.well-known/void", *questions, *things]:
        file = file_of(address)
        if file is not None:
            found.setdefault(file, address)
    return sorted(found.values())


def _notices() -> list[tuple[str, tuple[str, int]]]:
    """Write the pages that say what needs the service."""
    from web.render import page
    from web.serving.served import served

    titles = {SERVICE_PAGE: "This needs the service", "search.html": "Search needs the service"}
    written = []
    for file in (SERVICE_PAGE, *KEPT_AS_NOTICE.values()):
        with _app.test_request_context("/"):
            service = served().settings.base_url
            html = page(
                "needs_service.html", title=titles.get(file, "This needs the service"), service=service
            )
        written.append((file, _write(file, relative(html.get_data(as_text=True), "/", file).encode())))
    return written


Answer = tuple[str, str, str | None, int, list[str]]
"""An address, its file, the digest (`None` if it did not answer), the size, and the links of a page."""


def _fetch(addresses: Iterable[str]) -> list[Answer]:
    """Write some addresses."""
    found: list[Answer] = []
    for address in addresses:
        file = file_of(address) or SERVICE_PAGE
        headers = HTML if file.endswith(".html") else {}
        response = _client.get(address, headers=headers, follow_redirects=True)
        if response.status_code != 200:
            found.append((address, file, None, 0, []))
            continue
        body, links = response.data, list[str]()
        if response.mimetype == "text/html":
            html = response.text
            links = links_of(html, address)
            body = relative(html, address).encode()
        found.append((address, file, *_write(file, body), links))
        response.close()
    return found


def _write(file: str, body: bytes) -> tuple[str, int]:
    path = _work / file
    if path.parent not in _made:
        path.parent.mkdir(parents=True, exist_ok=True)
        _made.add(path.parent)
    path.write_bytes(body)
    return hashlib.sha256(body).hexdigest(), len(body)

"""RDF files as they are, in a store of their own: what `kg serve FILE ...` serves.

Nothing is added, derived or merged: a file's graphs keep their names, triples without a graph go to the default graph,
and the default graph is not a union of the others. Relative IRIs are resolved against the file's own address.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import mmap
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

from kg.documents import check_document
from kg.errors import NotFound, SourceError, UnreadableError
from kg.formats import RdfFormat, format_of_path

PREFIX, OWNER = "scrutiny-graph-", "owner"


@dataclass(frozen=True)
class FilesStore:
    """Where the files were loaded to: a folder with `store/` in it, and what they hold."""

    path: Path
    version: str
    manifest: dict[str, Any]
    owner: int = -1
    """The file descriptor that holds the lock of the folder, until this process and its children have ended."""

    def open(self) -> ox.Store:
        """Open the store read-only."""
        return ox.Store.read_only(str(self.path / "store"))

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.owner >= 0:
            os.close(self.owner)


def load_files(paths: Sequence[Path]) -> FilesStore:
    """Load files of any RDF format into a new store in a temporary folder; the caller removes it.

    The blank nodes of two files are never the same. Raises `UnreadableError` for a file that cannot be read and
    `SourceError`, with the line, for one that is malformed or of no known extension; then nothing is left behind. What
    a process left behind that was killed is removed.
    """
    _remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    owner = _own(folder)
    try:
        digest = hashlib.sha256()
        store = ox.Store(str(folder / "store"))
        for path in paths:
            digest.update(_load(store, path))
        graphs = _graphs(store)
        store.flush()
        del store
    except BaseException:
        FilesStore(folder, "", {}, owner).remove()
        raise
    manifest = {
        "files": [path.name for path in paths],
        "graphs": graphs,
        "triples": sum(count for _, count in graphs),
    }
    return FilesStore(folder, digest.hexdigest(), manifest, owner)


def _own(folder: Path) -> int:
    """Lock a folder until this process and its children have ended, and return the file descriptor of the lock."""
    new = folder / "owner.new"
    owner = os.open(new, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(owner, fcntl.LOCK_EX)
    new.rename(folder / OWNER)  # seen only with its lock
    return owner


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of processes that were killed: nobody holds their locks any more."""
    for path in parent.glob(f"{PREFIX}*/{OWNER}"):
        with contextlib.suppress(OSError):  # another user's, or just being removed
            owner = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                if os.fstat(owner).st_uid == os.getuid():
                    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path.parent, ignore_errors=True)
            finally:
                os.close(owner)


def _load(store: ox.Store, path: Path) -> bytes:
    """Load one file and return its digest."""
    if path.is_dir():
        raise UnreadableError(path, None, "is a directory: name the RDF files in it")
    try:
        rdf_format = format_of_path(path)
    except NotFound as error:
        raise SourceError(path, None, error.message) from None
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            _check(path, file, rdf_format)
        store.bulk_load(path=str(path), format=rdf_format.engine, base_iri=path.resolve().as_uri())
    except SyntaxError as error:
        message = re.sub(r"^Parser error at .*?: ", "", error.msg)
        raise SourceError(path, error.lineno, f"not {rdf_format.label}: {message}") from None
    except OSError as error:
        raise UnreadableError(path, None, error.strerror or str(error)) from None
    except ValueError as error:
        raise SourceError(path, None, f"not {rdf_format.label}: {error}") from None
    return digest


def _check(path: Path, file: BinaryIO, rdf_format: RdfFormat) -> None:
    if os.fstat(file.fileno()).st_size == 0:  # which cannot be mapped
        check_document(path, b"", rdf_format)
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        check_document(path, content, rdf_format)


def _graphs(store: ox.Store) -> list[tuple[str, int]]:
    """Return the graphs, the default graph as the empty text first, with the number of their triples."""
    found = _counted(store, 'SELECT ("" AS ?g) (COUNT(*) AS ?n) { ?s ?p ?o }')
    named = _counted(store, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g")
    return named if named and found[0][1] == 0 else found + named


def _counted(store: ox.Store, query: str) -> list[tuple[str, int]]:
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    return [(getattr(graph, "value", str(graph)), int(count.value)) for graph, count in solutions]

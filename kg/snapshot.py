"""Snapshots: a folder per version that is written once, and a link `current` that is switched by one rename.

    <out>/snapshots/<version>/store/          the Oxigraph store, opened read-only only
                              exports/        files for download
                              manifest.json   version, counts, sizes and SHA-256 of the exports, format
                              reader.lock     readers hold a shared lock on it while they have the snapshot open
    <out>/current -> snapshots/<version>
    <out>/versions                every version that was current here, one a line, with the time (see `kg.kept`)
    <out>/build.lock                          one build at a time

The order of writing makes any interruption harmless: everything goes into a folder whose name begins with `.new-`, is
flushed to the disk, gets its final name by a rename, and only then does the link move, by a rename as well. Whoever
opens `current` meets a complete snapshot or none; what a killed build left behind is removed by the next one. Locks are
the kernel's (`flock`), so that they end with the process that held them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import SnapshotError
from kg.files import digests, flush, flush_one, remove
from kg.kept import KEEP, current_path, note_version, prune

__all__ = [
    "Snapshot",
    "build_lock",
    "current_path",
    "is_current",
    "open_at",
    "open_snapshot",
    "prune",
    "read_manifest",
    "write_snapshot",
]

FORMAT = 1
"""The layout of a snapshot. A change of what is written into one (not of the data) raises it."""
_NEW = ".new-"


class Snapshot:
    """An open snapshot: `path` its folder, `store` opened read-only, `version` the hash of the data set.

    Holds its reader's lock until it is closed; use it in a `with` statement or for ever.
    """

    def __init__(self, path: Path, text: str, store: ox.Store, lock: int) -> None:
        self.path = path
        self.store = store
        self._text = text
        self._lock = lock

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the build wrote about it: `version`, `counts`, `files`, `madeWith`."""
        return _parse_manifest(self.path, self._text)

    @property
    def version(self) -> str:
        """The RDFC-1.0 hash of the named graphs, 64 hexadecimal digits."""
        return str(self.manifest["version"])

    @property
    def exports(self) -> Path:
        """The folder of the files for download."""
        return self.path / "exports"

    @property
    def store_path(self) -> Path:
        """The folder of the store, for a process that opens it itself."""
        return self.path / "store"

    def close(self) -> None:
        """Let go of the snapshot, so that a later build may remove it."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of a snapshot folder. Raises `SnapshotError` if it is missing, torn or of another format."""
    return _parse_manifest(path, _manifest_text(path))


def _manifest_text(path: Path) -> str:
    try:
        text = (path / "manifest.json").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SnapshotError(path, f"no readable manifest ({error})") from None
    if f'\n  "format": {FORMAT},\n' not in text or not text.endswith("}\n"):
        raise SnapshotError(path, f"not a whole snapshot of format {FORMAT}: run kg build --force")
    return text


def _parse_manifest(path: Path, text: str) -> dict[str, Any]:
    import json  # late, like hashlib and shutil: to open a snapshot is to be quick

    try:
        manifest: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise SnapshotError(path, f"no readable manifest ({error})") from None
    return manifest


def open_snapshot(out: Path) -> Snapshot:
    """Open the current snapshot of `out`, its store read-only. Raises `SnapshotError` if there is none.

    Safe while a build switches or removes snapshots: if the folder goes away between looking and opening, the
    newer one is opened.
    """
    for _ in range(5):
        path = current_path(out)
        if path is None:
            raise SnapshotError(out, "nothing has been built here: run kg build")
        try:
            found = open_at(path)
        except FileNotFoundError:
            if current_path(out) != path:
                continue
            raise SnapshotError(path, "not a complete snapshot: run kg build --force") from None
        if found is not None:
            return found
    raise SnapshotError(out, "the current snapshot keeps changing; try again")


def open_at(path: Path) -> Snapshot | None:
    """Open the snapshot in a folder, current or older; `None` if it is removed at this moment.

    Raises `FileNotFoundError` if there is none, `SnapshotError` for one that cannot be opened.
    """
    lock = os.open(path / "reader.lock", os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        if not path.is_dir():  # removed between the two calls
            os.close(lock)
            return None
        text = _manifest_text(path)
        store = ox.Store.read_only(str(path / "store"))
    except OSError as error:
        os.close(lock)
        raise SnapshotError(path, f"the store cannot be opened: {error}") from None
    except BaseException:
        os.close(lock)
        raise
    return Snapshot(path, text, store, lock)


@contextlib.contextmanager
def build_lock(out: Path) -> Iterator[None]:
    """Hold the lock of one build at a time, and clean up what a killed one left.

    Raises `SnapshotError` at once if another process is building, or if the folder cannot be written.
    """
    try:
        (out / "snapshots").mkdir(parents=True, exist_ok=True)
        lock = os.open(out / "build.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise SnapshotError(out, f"cannot be written: {error.strerror or error}") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SnapshotError(out, "another build is running here; wait until it is done") from None
        for leftover in (out / "snapshots").glob(".[no][el][wd]-*"):
            remove(leftover)
        (out / "current.new").unlink(missing_ok=True)
        yield
    finally:
        os.close(lock)


def is_current(out: Path, version: str, made_with: dict[str, str]) -> bool:
    """Tell whether the current snapshot has this version, was made by the same software and is whole."""
    path = current_path(out)
    if path is None:
        return False
    try:
        manifest = read_manifest(path)
        ox.Store.read_only(str(path / "store"))
    except (SnapshotError, OSError):
        return False
    return (
        manifest.get("version") == version
        and manifest.get("madeWith") == made_with
        and all((path / f["path"]).is_file() for f in manifest.get("files", ()))
    )


def write_snapshot(
    out: Path,
    version: str,
    named: Iterable[bytes],
    default: Iterable[bytes],
    manifest: dict[str, Any],
    write_exports: Callable[[Path], object] | None = None,
    keep: int = KEEP,
) -> Path:
    """Write a snapshot and make it the current one; call it under `build_lock`. Returns its folder.

    `named` and `default` are lines of N-Quads, sorted; `manifest` is completed with format, version and the
    digests of what `write_exports` wrote into the folder that it is called with. Of older snapshots, all but the newest
    `keep`, with this one, are removed.
    """
    snapshots = out / "snapshots"
    work = snapshots / f"{_NEW}{os.getpid()}"
    try:
        (work / "exports").mkdir(parents=True)
        _write_store(work / "store", b"".join(named) + b"".join(default))
        if write_exports is not None:
            write_exports(work / "exports")
        (work / "reader.lock").touch()
        import json

        full = {"format": FORMAT, "version": version, **manifest, "files": digests(work, "exports")}
        text = json.dumps(full, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        (work / "manifest.json").write_text(text, encoding="utf-8")
        flush(work)
        final = _free_name(snapshots, version)
        os.rename(work, final)
        flush_one(snapshots)
        _switch(out, final)
    except OSError as error:
        remove(work)
        raise SnapshotError(out, f"cannot be written: {error.strerror or error}") from None
    except BaseException:
        remove(work)
        raise
    note_version(out, version)
    prune(out, keep)
    return final


def _write_store(path: Path, data: bytes) -> None:
    store = ox.Store(str(path))
    store.bulk_load(data, format=ox.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()
    del store


def _free_name(snapshots: Path, version: str) -> Path:
    """Return a folder name that is free: a forced build of the same version gets a suffix, as readers may hold it."""
    path, n = snapshots / version, 1
    while path.exists():
        n += 1
        path = snapshots / f"{version}-{n}"
    return path


def _switch(out: Path, final: Path) -> None:
    link = out / "current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(final.relative_to(out), target_is_directory=True)
    os.replace(link, out / "current")
    flush_one(out)

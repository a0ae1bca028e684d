"""The versions of a build folder: which snapshots are kept, which there were, and what is removed.

A link to an answer names the version that it was given from. While that snapshot is kept, the answer can be given
again; of what is gone, the file `versions` still knows that it was there, so that "no longer kept" and "never built
here" are two answers. It has a line for each time that a version became the current one: the hash, a space, the time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from pathlib import Path
from typing import NamedTuple

from kg.errors import NotFound, ParameterError, VersionGone
from kg.files import remove

KEEP = 5
"""How many snapshots are kept, the current one included, where nothing else is asked for."""
SHORTEST = 8
"""The fewest digits that may stand for a version."""
_OLD = ".old-"
_HASH = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")


class Version(NamedTuple):
    """A version of the data set: its hash, the day (ISO 8601, UTC) on which it was written here, and its folder.

    `path` is `None` when it is no longer kept.
    """

    version: str
    day: str
    path: Path | None = None


def current_path(out: Path) -> Path | None:
    """Return the folder of the current snapshot, `None` if nothing has been built."""
    link = out / "current"
    if not link.is_symlink():
        return None
    path = out / os.readlink(link)
    return path if path.is_dir() else None


def kept_snapshots(out: Path) -> list[Path]:
    """Return the folders of the snapshots that are kept: the current one first, then the newest."""
    current = current_path(out)
    folder = out / "snapshots"
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return sorted(found, key=lambda path: (path == current, _written(path), path.name), reverse=True)


def find_version(out: Path, text: str) -> Version:
    """Return the kept version whose hash is `text` or begins with it; of one that was written twice, the newest.

    Raises `ParameterError` for what is no hash, or the beginning of several; `VersionGone` for a version that was
    built here and is no longer kept; `NotFound` for one that never was.
    """
    if not _HASH.fullmatch(text):
        allowed = f"at least {SHORTEST} digits of a version's hash, as 5765e9de267f"
        raise ParameterError("version", text, "is no version of the data set", allowed)
    folders: dict[str, Path] = {}
    for path in kept_snapshots(out):
        folders.setdefault(path.name.partition("-")[0], path)
    hits = sorted(version for version in folders if version.startswith(text))
    if len(hits) > 1:
        near = [(version, version[:16]) for version in hits]
        raise ParameterError("version", text, "begins several versions", "more digits", near)
    if hits:
        path = folders[hits[0]]
        return Version(hits[0], _day(_written(path) / 1e9), path)
    for version, day in reversed(past_versions(out)):
        if version.startswith(text):
            message = (
                f"Version {version[:12]} of the data set, of {day}, was built here and is no longer kept."
            )
            raise VersionGone(version, message)
    raise NotFound(f"No version {text[:16]} of the data set was ever built here.")


def past_versions(out: Path) -> list[tuple[str, str]]:
    """Return the versions that were current in a folder, oldest first, each with its day."""
    try:
        lines = (out / "versions").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
    return [(version, time[:10]) for version, _, time in (line.partition(" ") for line in lines) if time]


def note_version(out: Path, version: str) -> None:
    """Note that a version has become the current one; a folder that cannot be written is no reason to fail."""
    path = current_path(out)
    seconds = _written(path) / 1e9 if path is not None else 0
    with contextlib.suppress(OSError), open(out / "versions", "a", encoding="ascii") as file:
        file.write(f"{version} {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))}\n")


def prune(out: Path, keep: int = KEEP) -> list[Path]:
    """Remove old snapshots except the newest `keep` and those that somebody reads; return what was removed.

    A version that was written again (`kg build --force`) counts once: of its folders the newest is kept.
    """
    current = current_path(out)
    removed: list[Path] = []
    versions: set[str] = set()
    for path in kept_snapshots(out):
        version = path.name.partition("-")[0]
        if version not in versions and len(versions) < keep:
            versions.add(version)
            continue
        hidden = path.with_name(f"{_OLD}{path.name}")
        if path != current and _hide(path, hidden):
            remove(hidden)
            removed.append(path)
    return removed


def _hide(path: Path, hidden: Path) -> bool:
    """Rename a snapshot out of sight unless somebody reads it; the lock is held so that no reader slips in."""
    lock = os.open(path / "reader.lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.rename(path, hidden)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _written(path: Path) -> int:
    """Return when a snapshot was written, in nanoseconds. Nothing in it says so: same files, same bytes."""
    try:
        return (path / "manifest.json").stat().st_mtime_ns
    except OSError:
        return 0


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))

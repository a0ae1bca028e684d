"""Files and folders on disk: flushed, digested, removed. Imports late what opening a snapshot does not need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def remove(folder: Path) -> None:
    """Remove a folder and what is in it, as far as that is possible."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def digests(root: Path, folder: str) -> list[dict[str, Any]]:
    """Return path (relative to `root`), size and SHA-256 of each file below `root/folder`, sorted by path."""
    import hashlib

    files = sorted(p for p in (root / folder).rglob("*") if p.is_file())
    return [
        {
            "path": path.relative_to(root).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in files
    ]


def flush(root: Path) -> None:
    """Flush a folder and everything below it to the disk, folders after what is in them."""
    for folder, _, files in os.walk(root, topdown=False):
        for name in files:
            flush_one(Path(folder) / name)
        flush_one(Path(folder))


def flush_one(path: Path) -> None:
    """Flush one file, or the entries of one folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

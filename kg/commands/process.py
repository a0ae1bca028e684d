"""What a command does to its own process, which is short: no garbage is collected, and the store opens quickly."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick() -> Iterator[None]:
    """Keep the garbage collector out: while the block runs and, by freezing what there is, at the process's end."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def one_processor() -> Iterator[None]:
    """Stay on one processor while the block runs.

    To open a store, the engine starts some 180 threads that have next to nothing to do; passing them between
    processors takes two to four times as long as running them on one.
    """
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(allowed) < 2:
        yield
        return
    os.sched_setaffinity(0, {sorted(allowed)[os.getpid() % len(allowed)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)

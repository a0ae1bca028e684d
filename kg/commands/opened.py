"""The built graph for commands that read it: the current snapshot, built first if there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kg.snapshot import Snapshot


def open_graph(data: Path | None = None, out: Path | None = None) -> Snapshot:
    """Open the current snapshot; without one, build it, telling so on standard error.

    Raises `SnapshotError` for a snapshot that cannot be opened, and whatever the build raises.
    """
    from kg.resources import data_dir, default_out, ontology_dir
    from kg.snapshot import current_path, open_snapshot

    folder = out or default_out(data)
    if current_path(folder) is None:
        from kg.build import build

        click.echo("kg: nothing has been built yet; building the graph", err=True)
        build(data or data_dir(), ontology_dir(), folder)
    return open_snapshot(folder)

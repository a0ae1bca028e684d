"""The report of a build, kept beside the snapshot that it let through: what was checked, and what it warned of.

Not one of the exports: whether evidence was compared with the texts or with their digests depends on who built, not on
the data. A snapshot without it, from an older version of the software, is whole all the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from kg.report import Report, Result, report_json, report_turtle

NAME, TURTLE = "report.json", "report.ttl"


@dataclass(frozen=True)
class KeptReport:
    """Results, gravest first, and whether evidence was compared with the texts (else with their digests)."""

    results: tuple[Result, ...]
    with_texts: bool


def write_report(folder: Path, report: Report, root: Path, *, with_texts: bool) -> None:
    """Write the report of a build into a snapshot's folder; files are named from `root`, the folder above the data."""
    named = tuple(replace(r, file=_below(r.file, root)) if r.file is not None else r for r in report.results)
    values = {**report_json(Report(named)), "withTexts": with_texts}
    (folder / NAME).write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / TURTLE).write_bytes(report_turtle(report))


def read_report(folder: Path) -> KeptReport | None:
    """Read the report of a snapshot; `None` where none was kept."""
    try:
        values = json.loads((folder / NAME).read_text(encoding="utf-8"))
        results = tuple(
            Result(**{**row, "file": Path(row["file"]) if "file" in row else None})
            for row in values["results"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return KeptReport(results, bool(values.get("withTexts")))


def _below(path: Path, root: Path) -> Path:
    resolved, base = path.resolve(), root.resolve()
    return resolved.relative_to(base) if resolved.is_relative_to(base) else Path(path.name)

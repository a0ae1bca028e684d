"""The flow of `kg build`: read, expand dates, derive, check, export, switch.

Prints nothing; takes paths, returns a `BuildResult`. Whatever goes wrong before the last step, a rename, leaves the
last good snapshot as it was. Same files, same version, same bytes: nothing here asks for the time or the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

import kg
from kg.canonical import canonical_lines, hash_lines
from kg.derive import derive
from kg.errors import UnreadableError, ValidationFailed
from kg.export import write_exports
from kg.flat import flatten, withdrawn_claims
from kg.gate import Dataset, check, expand_dates
from kg.kept import KEEP
from kg.kept_report import write_report
from kg.namespaces import RDF, SG
from kg.read import read_tree
from kg.report import Report, Result
from kg.search.documents import read_documents, write_documents
from kg.snapshot import build_lock, current_path, is_current, write_snapshot

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how many steps are done and how many there are."""

STEPS = ("read", "dates", "rules", "flat copy", "shapes", "checks", "evidence", "version", "snapshot")


@dataclass(frozen=True)
class BuildResult:
    """What a build made: `version` is the RDFC-1.0 hash of the named graphs, `path` the folder of the snapshot.

    `changed` is false when the current snapshot had this version already and nothing was written.
    """

    version: str
    path: Path
    counts: dict[str, int]
    report: Report
    seconds: float
    changed: bool = True

    @property
    def warnings(self) -> tuple[Result, ...]:
        """What did not stop the build but wants a look."""
        return self.report.warnings


def build(
    data_dir: Path,
    ontology_dir: Path,
    out: Path,
    texts: Path | None = None,
    progress: Progress | None = None,
    *,
    force: bool = False,
    strict: bool = False,
    keep: int = KEEP,
) -> BuildResult:
    """Build the graph and make it the current snapshot of `out`.

    With `texts`, evidence is checked against the articles' texts in that folder; with `strict`, a warning stops the
    build as a violation does; with `force`, a version that is current already is written anew; the newest `keep`
    versions are kept, this one included. Raises `ValidationFailed` for data that does not conform, `Problems` and other
    `KgError`s for files that cannot be read, and `SnapshotError` when `out` cannot be written or another build is
    running there.
    """
    started = time.perf_counter()
    if texts is not None and not texts.is_dir():
        raise UnreadableError(texts, None, "no such folder of texts")
    step = _stepper(progress)
    with build_lock(out):
        dataset = prepare(data_dir, ontology_dir, step)
        report = check(dataset, ontology_dir, data_dir, texts, step)
        if not report.conforms or (strict and report.warnings):
            raise ValidationFailed(report, failed_in_words(report))
        step("version")
        named = canonical_lines(dataset.quads)
        version = hash_lines(named)
        counts = count(dataset)
        made_with = {"scrutiny-graph": kg.__version__, "pyoxigraph": ox.__version__}

        def write_files(folder: Path) -> None:
            write_exports(dataset.quads, folder, version=version, flat=dataset.flat)
            write_report(folder.parent, report, data_dir.resolve().parent, with_texts=texts is not None)
            store = ox.Store.read_only(str(folder.parent / "store"))
            write_documents(folder.parent, read_documents(store))

        changed = force or not is_current(out, version, made_with)
        path = current_path(out) or out
        if changed:
            step("snapshot")
            path = write_snapshot(
                out,
                version,
                named,
                (f"{triple} .\n".encode() for triple in dataset.flat),
                {"counts": counts, "madeWith": made_with},
                write_files,
                keep,
            )
    return BuildResult(version, path, counts, report, time.perf_counter() - started, changed)


def prepare(data_dir: Path, ontology_dir: Path, step: Callable[[str], None] | None = None) -> Dataset:
    """Read a project's files, expand their dates, derive what follows, and make the flat copy.

    Raises `Problems` and `UnreadableError` for files and folders, `SourceError` for a rule that cannot run.
    """
    step = step or (lambda _: None)
    step("read")
    source = read_tree(ontology_dir, data_dir)
    step("dates")
    dates, problems = expand_dates(source.quads)
    quads = [*source.quads, *dates]
    step("rules")
    quads += derive(quads, ontology_dir / "rules")
    step("flat copy")
    distinct = tuple(dict.fromkeys(quads))
    return Dataset(source, distinct, tuple(flatten(distinct)), tuple(problems))


def count(dataset: Dataset) -> dict[str, int]:
    """Count what a dataset holds; withdrawn claims and what rests on them only enter `quads` and `withdrawn`."""
    types: dict[object, int] = {}
    for triple in dataset.flat:
        if triple.predicate == RDF.type:
            types[triple.object] = types.get(triple.object, 0) + 1
    return {
        "articles": types.get(SG.Article, 0),
        "claims": types.get(SG.Claim, 0),
        "withdrawn": len(withdrawn_claims(dataset.quads)),
        "derivations": types.get(SG.Derivation, 0),
        "disagreements": types.get(SG.Disagreement, 0),
        "gaps": types.get(SG.Gap, 0),
        "quads": len(dataset.quads),
        "triples": len(dataset.flat),
    }


def failed_in_words(report: Report) -> str:
    """Say how many violations there are and that the last good snapshot stays."""
    found = {"violation": len(report.violations), "warning": len(report.warnings)}
    words = [f"{n} {name}{'s' if n != 1 else ''}" for name, n in found.items() if n]
    return f"{', '.join(words)}; nothing was published, the last good graph stays"


def _stepper(progress: Progress | None) -> Callable[[str], None]:
    def step(name: str) -> None:
        if progress is not None:
            progress(name, STEPS.index(name), len(STEPS))

    return step

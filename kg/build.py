"""The flow of `kg build`: read, expand dates, derive, check, export, switch.

Prints nothing; takes paths, returns a `BuildResult`. Whatever goes wrong before the last step, a rename, leaves the
last good snapshot as it was. Same files, same version, same bytes: nothing here asks for the time or the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pyoxigraph as ox

import kg
from kg.canonical import canonical_lines, hash_lines
from kg.dates import date_quads, edtf_of, is_date_iri
from kg.derive import derive
from kg.errors import DateError, ValidationFailed
from kg.flat import flatten, withdrawn_claims
from kg.namespaces import CLAIM, DERIVED, RDF, SG, SH
from kg.read import Source, read_tree
from kg.report import Report, Result
from kg.snapshot import build_lock, current_path, is_current, write_snapshot
from kg.validate import run_checks, validate

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


@dataclass(frozen=True)
class Dataset:
    """A dataset that was read and derived: its named graphs, their flat copy, and where things come from."""

    source: Source
    quads: tuple[ox.Quad, ...]
    flat: tuple[ox.Triple, ...]
    problems: tuple[Result, ...] = ()


def build(
    data_dir: Path,
    ontology_dir: Path,
    out: Path,
    texts: Path | None = None,
    progress: Progress | None = None,
    *,
    force: bool = False,
) -> BuildResult:
    """Build the graph and make it the current snapshot of `out`.

    With `texts`, evidence is checked against the articles' texts in that folder. Raises `ValidationFailed` for data
    that does not conform, `Problems` and other `KgError`s for files that cannot be read, and `SnapshotError` when `out`
    cannot be written or another build is running there.
    """
    started = time.perf_counter()
    step = _stepper(progress)
    with build_lock(out):
        dataset = prepare(data_dir, ontology_dir, step)
        report = check(dataset, ontology_dir, data_dir, texts, step)
        if not report.conforms:
            raise ValidationFailed(report, _failed(report))
        step("version")
        named = canonical_lines(dataset.quads)
        version = hash_lines(named)
        counts = count(dataset)
        made_with = {"scrutiny-graph": kg.__version__, "pyoxigraph": ox.__version__}
        changed = force or not is_current(out, version, made_with)
        if changed:
            step("snapshot")
            default = (f"{t} .\n".encode() for t in dataset.flat)
            path = write_snapshot(
                out, version, named, default, {"counts": counts, "madeWith": made_with}, _exporter(dataset)
            )
        else:
            path = current_path(out) or out
    return BuildResult(version, path, counts, report, time.perf_counter() - started, changed)


def prepare(data_dir: Path, ontology_dir: Path, step: Callable[[str], None] | None = None) -> Dataset:
    """Read a project's files, expand their dates, derive what follows, and make the flat copy."""
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


def expand_dates(quads: Iterable[ox.Quad]) -> tuple[list[ox.Quad], list[Result]]:
    """Return `graph:dates` for every date IRI that occurs, and a violation for each that is no date."""
    used: dict[str, str] = {}
    for quad in quads:
        for term in (quad.subject, quad.object):
            if isinstance(term, ox.NamedNode) and is_date_iri(term.value):
                used.setdefault(term.value, getattr(quad.subject, "value", term.value))
    good, bad = [], []
    for iri, subject in used.items():
        try:
            edtf_of(iri)
            good.append(iri)
        except DateError as error:
            bad.append(Result(focus=subject, message=error.message, value=iri, shape="dates"))
    return date_quads(good), bad


def check(
    dataset: Dataset,
    ontology_dir: Path,
    data_dir: Path,
    texts: Path | None = None,
    step: Callable[[str], None] | None = None,
) -> Report:
    """Return what shapes, checks and, with `texts`, the comparison with the articles find, with file and line."""
    step = step or (lambda _: None)
    step("shapes")
    report = validate(dataset.flat, shape_quads(dataset.source.quads))
    step("checks")
    store = ox.Store()
    store.extend(dataset.quads)
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in dataset.flat)
    results = [*dataset.problems, *run_checks(store, ontology_dir / "checks")]
    if texts is not None:
        step("evidence")
        results += _verified(dataset, data_dir, texts)
    return report.with_results(results).with_places(dataset.source.place_of)


def shape_quads(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return the quads to read shapes from: all of the vocabulary, as shapes stand among it."""
    from kg.namespaces import GRAPH

    return [q for q in quads if q.graph_name == GRAPH.vocabulary]


def count(dataset: Dataset) -> dict[str, int]:
    """Count what a build made, withdrawn claims and what rests on them left out except in `quads`."""
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


def _stepper(progress: Progress | None) -> Callable[[str], None]:
    def step(name: str) -> None:
        if progress is not None:
            progress(name, STEPS.index(name), len(STEPS))

    return step


def _failed(report: Report) -> str:
    n = len(report.violations)
    return f"{n} violation{'s' if n != 1 else ''}; nothing was changed"


def _verified(dataset: Dataset, data_dir: Path, texts: Path) -> list[Result]:
    from kg.verify import verify  # type: ignore[import-not-found,unused-ignore]

    raise NotImplementedError(verify, dataset, data_dir, texts)


def _exporter(dataset: Dataset) -> Callable[[Path], object] | None:
    if find_spec("kg.export") is None:
        return None
    from kg.export import write_exports  # type: ignore[import-not-found,unused-ignore]

    def write(folder: Path) -> object:
        return write_exports(list(dataset.quads), folder)

    return write

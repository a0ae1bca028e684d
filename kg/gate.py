"""The gate before publication: shapes, checks that cross records, dates, and the evidence.

Nothing that violates one of them is published; warnings are shown and pass. Everything here takes a dataset that was
read and derived and returns findings; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.claims import claims_from_quads
from kg.curation.texts import read_sentences, read_text
from kg.curation.verify import Article, verify
from kg.dates import date_quads, edtf_of, is_date_iri
from kg.errors import ClaimError, DateError, UnreadableError
from kg.flat import withdrawn_claims
from kg.namespaces import GRAPH, ID, RDF, SG, SH, expand
from kg.read import Source, list_files, read_quads
from kg.report import Report, Result
from kg.validate import run_checks, validate


@dataclass(frozen=True)
class Dataset:
    """A dataset that was read and derived: its named graphs, their flat copy, and where things come from.

    `problems` are findings of the way there, such as an IRI that is no date.
    """

    source: Source
    quads: tuple[ox.Quad, ...]
    flat: tuple[ox.Triple, ...]
    problems: tuple[Result, ...] = ()

    def store(self) -> ox.Store:
        """Return a store in memory with the named graphs and, as default graph, their flat copy."""
        store = ox.Store()
        store.extend(self.quads)
        store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in self.flat)
        return store


def expand_dates(quads: Iterable[ox.Quad]) -> tuple[list[ox.Quad], list[Result]]:
    """Return `graph:dates` for every date IRI that occurs, and a violation for each that is no date."""
    used: dict[str, str] = {}
    for quad in quads:
        for term in (quad.subject, quad.object):
            if isinstance(term, ox.NamedNode) and is_date_iri(term.value):
                used.setdefault(term.value, getattr(quad.subject, "value", term.value))
    good: list[str] = []
    bad: list[Result] = []
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
    """Return everything that shapes, checks and the evidence find, with file and line where they are known.

    Without `texts`, evidence is checked against the digests in `data/sentences`. Raises `UnreadableError` for a folder
    that is missing and `KgError` for a shape or check that cannot run.
    """
    step = step or (lambda _: None)
    step("shapes")
    report = validate(dataset.flat, read_shapes(ontology_dir))
    step("checks")
    results = [*dataset.problems, *run_checks(dataset.store(), ontology_dir / "checks")]
    results += check_questions(dataset.source.quads)
    step("evidence")
    results += check_evidence(dataset.source.quads, data_dir, texts)
    return report.with_results(results).with_places(dataset.source.place_of)


def read_shapes(ontology_dir: Path) -> list[ox.Quad]:
    """Read the shapes for data. From the file, since blank nodes are what makes a path or a list a path or a list."""
    return read_quads(ontology_dir / "shapes.ttl")


def check_questions(quads: Iterable[ox.Quad]) -> list[Result]:
    """Return a violation for each stored query (`sh:select`) that the engine does not read as a SELECT query.

    Each runs on an empty store, which parses and plans it and finds nothing.
    """
    empty = ox.Store()
    results = []
    for quad in quads:
        if quad.predicate != SH.select or quad.graph_name != GRAPH.questions:
            continue
        try:
            found = empty.query(getattr(quad.object, "value", ""))
            message = (
                None if isinstance(found, ox.QuerySolutions) else "The stored query is not a SELECT query."
            )
        except (SyntaxError, ValueError, RuntimeError) as error:
            message = f"The stored query is not SPARQL: {error}. Correct the text of sh:select."
        if message:
            results.append(
                Result(getattr(quad.subject, "value", ""), message, path=SH.select.value, shape="questions")
            )
    return results


def check_evidence(quads: Collection[ox.Quad], data_dir: Path, texts: Path | None = None) -> list[Result]:
    """Compare the evidence of live claims with the articles' texts or, without them, with `data/sentences`.

    With `texts`, an article whose text is not there is a violation: the check was asked for. Raises `UnreadableError`
    if `texts` is no folder.
    """
    if texts is not None and not texts.is_dir():
        raise UnreadableError(texts, None, "no such folder")
    withdrawn = withdrawn_claims(quads)
    try:
        claims = [c for c in claims_from_quads(quads) if c.iri.value not in withdrawn]
    except ClaimError as error:
        return [Result(focus=error.iri or "", message=error.reason, shape="evidence")]
    sentences = {path.stem: read_sentences(path) for path in list_files(data_dir / "sentences", "*.csv")}
    articles = registered_articles(quads)
    found = verify(claims, sentences, _texts(texts, {*sentences, *articles}), articles)
    results = [
        Result(
            focus=expand(f.claim) if f.claim else ID[f"article-{f.article}"].value,
            message=f.message,
            shape="evidence",
        )
        for f in found.findings
    ]
    if texts is not None:
        missing = f"there is no text of it in {texts}, so its evidence was not checked"
        results += [
            Result(ID[f"article-{name}"].value, missing, shape="evidence") for name in found.unchecked
        ]
    return results


def registered_articles(quads: Iterable[ox.Quad]) -> Mapping[str, Article]:
    """Return what the register says of the articles' texts, by the name of the article."""
    said: dict[str, dict[ox.NamedNode, str]] = {}
    start = f"{ID}article-"
    for quad in quads:
        subject = getattr(quad.subject, "value", "")
        if quad.graph_name == GRAPH.register and subject.startswith(start):
            value = getattr(quad.object, "value", "")
            said.setdefault(subject.removeprefix(start), {})[quad.predicate] = value
    return {
        name: Article(
            known.get(SG.textDigest), _number(known.get(SG.textLength)), _number(known.get(SG.wordCount))
        )
        for name, known in said.items()
        if RDF.type in known
    }


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _texts(folder: Path | None, names: Iterable[str]) -> dict[str, str]:
    if folder is None:
        return {}
    paths = {name: folder / f"{name}.txt" for name in sorted(names)}
    return {name: read_text(path) for name, path in paths.items() if path.is_file()}


def check_files(files: Iterable[Path], shapes: Iterable[Path]) -> Report:
    """Validate the union of some RDF files against the union of some files of shapes; nothing else enters.

    Each result names the file that first describes its focus node. Raises `SourceError` for a file that is malformed.
    """
    quads, places = _read_files(files)
    return validate(quads, [q for path in shapes for q in read_quads(path)]).with_places(places)


def check_beside(files: Iterable[Path], ontology_dir: Path, data_dir: Path) -> Report:
    """Validate some RDF files against the project's shapes, beside its vocabulary, register and dates.

    Reported is what concerns a subject of the files. Checks that need the whole project are left to `check`.
    """
    quads, places = _read_files(files)
    beside = [q for path in sorted(ontology_dir.glob("*.ttl")) for q in read_quads(path)]
    for name in ("register.ttl", "articles.ttl"):
        if (data_dir / name).is_file():
            beside += read_quads(data_dir / name)
    dates, problems = expand_dates([*quads, *beside])
    report = validate([*quads, *beside, *dates], read_shapes(ontology_dir))
    subjects = {q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)}
    ours = tuple(r for r in (*report.results, *problems) if r.focus in subjects)
    return Report(ours, report.triples).with_places(places)


def _read_files(
    files: Iterable[Path],
) -> tuple[list[ox.Quad], Callable[[str], tuple[Path | None, int | None]]]:
    source = Source([])
    for path in files:
        quads = read_quads(path)
        source.quads.extend(quads)
        for quad in quads:
            if isinstance(quad.subject, ox.NamedNode):
                source.subjects.setdefault(quad.subject.value, path)
    return source.quads, source.place_of

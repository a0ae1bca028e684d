"""Files to quads, with file and line in every error.

Reads with `pyoxigraph.parse`, never through a Store, which would rewrite literals. The files of a project are spread
over named graphs as docs/model.md says; blank nodes are allowed only in `ontology/` and get stable IRIs there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from kg.claims import Claim, claims_from_quads
from kg.curation.drafts import SHORTHAND
from kg.documents import check_document
from kg.errors import ClaimError, KgError, NotFound, Problems, SourceError, UnreadableError
from kg.formats import RdfFormat, format_of_path
from kg.namespaces import CLAIM, GRAPH, PREFIXES, curie
from kg.skolem import skolemise


def read_source(path: Path) -> str:
    """Read a file as strict UTF-8 text. Raises `UnreadableError`, or `SourceError` where it is not UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(path, None, error.strerror or str(error)) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(path, content[: error.start].count(b"\n") + 1, "not UTF-8") from error


def parse_quads(path: Path, source: str | bytes, rdf_format: RdfFormat | None = None) -> list[Quad]:
    """Parse the text of a file, in its order; `path` tells the format, and is named in errors.

    Relative IRIs are errors. Raises `SourceError` with the line that the parser names, and for what
    `kg.documents.check_document` refuses.
    """
    try:
        rdf_format = rdf_format or format_of_path(path)
    except NotFound as error:
        raise SourceError(path, None, error.message) from None
    check_document(path, source.encode() if isinstance(source, str) else source, rdf_format)
    try:
        parsed = pyoxigraph.parse(source, format=rdf_format.engine, rename_blank_nodes=True)
        return [quad if isinstance(quad, Quad) else Quad(*quad) for quad in parsed]
    except SyntaxError as error:
        message = re.sub(r"^Parser error at .*?: ", "", error.msg)
        raise SourceError(path, error.lineno, f"not {rdf_format.label}: {message}") from None
    except ValueError as error:
        raise SourceError(path, None, f"not {rdf_format.label}: {error}") from None


def read_quads(path: Path) -> list[Quad]:
    """Read an RDF file of any format in `kg.formats`; quads in its order, blank nodes as they are.

    Raises `UnreadableError` for a file that is missing or unreadable, `SourceError` for one that is malformed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(path, None, error.strerror or str(error)) from error
    return parse_quads(path, content)


def line_of(source: str, name: str | None) -> int | None:
    r"""Return the line (from 1) where a CURIE or IRI first begins a statement or graph, else where it first stands.

    Comments do not count; `None` where it stands nowhere.

    >>> line_of("# id:a\nid:ab a id:a .\nid:a a id:x .", "id:a")
    3
    """
    if not name:
        return None
    names = {name, name.replace("#", "\\#")}
    prefix, _, local = name.partition(":")
    if prefix in PREFIXES:
        names.add(f"<{PREFIXES[prefix]}{local}>")
    whole = "(?<![\\w:-])(?:" + "|".join(re.escape(n) for n in sorted(names)) + ")(?![\\w-])"
    for pattern in (re.compile(rf"\s*(?:graph:\S+\s*\{{\s*)?{whole}"), re.compile(rf".*?{whole}")):
        for number, line in enumerate(source.splitlines(), start=1):
            if not line.lstrip().startswith("#") and pattern.match(line):
                return number
    return None


@dataclass(frozen=True)
class Source:
    """What the files of a project say: quads in their graphs, and where each graph and each subject comes from.

    `files` maps the IRI of a graph to its file, or to the folder where several files make up one graph. `subjects`
    maps the IRI of a subject to the file that first describes it.
    """

    quads: list[Quad]
    files: dict[str, Path] = field(default_factory=dict)
    subjects: dict[str, Path] = field(default_factory=dict)

    def place_of(self, iri: str) -> tuple[Path | None, int | None]:
        """Return file and line of the first mention of a subject or graph, `None` where it is not known."""
        path = self.subjects.get(iri) or self.files.get(iri) or self.subjects.get(iri.partition("#")[0])
        if path is None or not path.is_file():
            return path, None
        return path, line_of(self._sources.setdefault(path, read_source(path)), curie(iri))

    @cached_property
    def _sources(self) -> dict[Path, str]:
        return {}


def data_files(data_dir: Path) -> list[Path]:
    """List the RDF files of a data folder, in the order in which they are read. Raises `UnreadableError`."""
    _folder(data_dir)
    names = ("register.ttl", "articles.ttl", "disagreements.ttl", "gaps.ttl", "retired.ttl")
    return [
        *(data_dir / name for name in names if (data_dir / name).is_file()),
        *list_files(data_dir / "claims", "*.trig"),
        *list_files(data_dir / "questions", "*.ttl"),
    ]


def list_files(folder: Path, pattern: str) -> list[Path]:
    """List the files of a folder that fit a pattern, by name; none where there is no such folder.

    Raises `UnreadableError` for one that cannot be read, which `Path.glob` would take for an empty one.
    """
    if folder.is_dir():
        _folder(folder)
    return sorted(folder.glob(pattern))


def _folder(path: Path) -> None:
    try:
        next(path.iterdir(), None)
    except OSError as error:
        raise UnreadableError(path, None, error.strerror or str(error)) from error


def read_tree(ontology_dir: Path, data_dir: Path) -> Source:
    """Read a project: `ontology/*.ttl` and the data files, each into its named graph (docs/model.md, "Graphs").

    Blank nodes of the ontology and of questions get IRIs `id:genid-<hash>` that depend on what they say and where.
    Quads come in the order of the files. Raises `UnreadableError` for a missing folder and `Problems` for all files
    that are malformed, hold blank nodes or the curators' shorthand, or put triples into a graph that is not theirs.
    """
    _folder(ontology_dir)
    files = data_files(data_dir)
    source = Source([])
    problems: list[KgError] = []
    for path in [*sorted(ontology_dir.glob("*.ttl")), *files]:
        try:
            quads = _in_its_graph(path, read_quads(path), ontology_dir)
        except KgError as error:
            problems.append(error)
            continue
        for quad in quads:
            graph, subject = quad.graph_name, quad.subject
            if isinstance(graph, NamedNode):
                known = source.files.setdefault(graph.value, path)
                if known != path and known.is_file():
                    source.files[graph.value] = path.parent
            if isinstance(subject, NamedNode):
                source.subjects.setdefault(subject.value, path)
        source.quads.extend(quads)
    if problems:
        raise Problems(problems)
    if not any(path.suffix == ".trig" for path in files):
        raise UnreadableError(data_dir, None, "holds no claims (claims/*.trig), so it is not a data folder")
    return source


def read_claims(data_dir: Path) -> dict[Path, list[Claim]]:
    """Read all claim files of a data folder. Raises `UnreadableError`, or `Problems` with file and line."""
    _folder(data_dir)
    found: dict[Path, list[Claim]] = {}
    problems: list[KgError] = []
    for path in list_files(data_dir / "claims", "*.trig"):
        try:
            found[path] = claims_from_quads(_in_its_graph(path, read_quads(path), data_dir))
        except ClaimError as error:
            problems.append(error.at(path, line_of(read_source(path), error.iri)))
        except KgError as error:
            problems.append(error)
    if problems:
        raise Problems(problems)
    return found


_GRAPHS = {
    "register": "register",
    "articles": "register",
    "disagreements": "disagreements",
    "gaps": "gaps",
    "retired": "retired",
}


def _in_its_graph(path: Path, quads: list[Quad], ontology_dir: Path) -> list[Quad]:
    if path.parent == ontology_dir:
        return skolemise(quads, GRAPH.vocabulary)
    if path.parent.name == "questions":
        return skolemise(quads, GRAPH.questions)
    text = read_source(path)
    for quad in quads:
        if quad.predicate in SHORTHAND:
            line = line_of(text, curie(quad.subject) if isinstance(quad.subject, NamedNode) else None)
            raise SourceError(
                path, line, f"{curie(quad.predicate)} is shorthand: run kg fmt --texts DIR {path}"
            )
    for quad in quads:
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            name = curie(quad.subject) if isinstance(quad.subject, NamedNode) else curie(quad.predicate)
            raise SourceError(path, line_of(text, name), "a blank node: everything needs an IRI here")
        if path.parent.name == "claims":
            _check_graph(path, text, quad)
    if path.parent.name == "claims":
        return quads
    return list(_moved(quads, GRAPH[_GRAPHS[path.stem]]))


def _check_graph(path: Path, text: str, quad: Quad) -> None:
    graph = quad.graph_name
    if isinstance(graph, DefaultGraph):
        line = line_of(text, curie(quad.subject)) if isinstance(quad.subject, NamedNode) else None
        raise SourceError(path, line, "a triple outside all graphs: expected claim:... { } or graph:... { }")
    if graph not in CLAIM and graph != GRAPH[path.stem]:
        line = line_of(text, curie(graph)) if isinstance(graph, NamedNode) else None
        raise SourceError(
            path, line, f"the graph {graph} is not one of this file: expected graph:{path.stem}"
        )


def _moved(quads: Iterable[Quad], graph: NamedNode) -> Iterable[Quad]:
    return (Quad(q.subject, q.predicate, q.object, graph) for q in quads)

"""The one table of formats: name, media type, extension, and whether a format carries named graphs.

Command line, exports, content negotiation and the SPARQL endpoint all ask here. The engine's own format objects
are looked up late, so that importing this module imports no engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from kg.errors import NotFound

if TYPE_CHECKING:
    import pyoxigraph


@dataclass(frozen=True)
class RdfFormat:
    """A syntax for triples or quads.

    `name` is what the command line calls it, `extension` has no dot, `aliases` are further names, extensions and
    media types that are understood when reading.
    """

    name: str
    label: str
    media_type: str
    extension: str
    named_graphs: bool
    engine_name: str
    aliases: tuple[str, ...] = ()

    @property
    def engine(self) -> pyoxigraph.RdfFormat:
        """The engine's object for this format (imports pyoxigraph)."""
        import pyoxigraph

        found: pyoxigraph.RdfFormat = getattr(pyoxigraph.RdfFormat, self.engine_name)
        return found


@dataclass(frozen=True)
class ResultsFormat:
    """A syntax for the rows of a SELECT or, where `boolean` is true, the answer of an ASK as well."""

    name: str
    label: str
    media_type: str
    extension: str
    boolean: bool
    engine_name: str
    aliases: tuple[str, ...] = ()

    @property
    def engine(self) -> pyoxigraph.QueryResultsFormat:
        """The engine's object for this format (imports pyoxigraph)."""
        import pyoxigraph

        found: pyoxigraph.QueryResultsFormat = getattr(pyoxigraph.QueryResultsFormat, self.engine_name)
        return found


RDF_FORMATS: tuple[RdfFormat, ...] = (
    RdfFormat(
        "turtle", "Turtle", "text/turtle", "ttl", False, "TURTLE", ("n3", "text/n3", "application/x-turtle")
    ),
    RdfFormat("trig", "TriG", "application/trig", "trig", True, "TRIG", ("application/x-trig",)),
    RdfFormat(
        "nt",
        "N-Triples",
        "application/n-triples",
        "nt",
        False,
        "N_TRIPLES",
        ("ntriples", "n-triples", "text/plain"),
    ),
    RdfFormat(
        "nq", "N-Quads", "application/n-quads", "nq", True, "N_QUADS", ("nquads", "n-quads", "text/x-nquads")
    ),
    RdfFormat(
        "jsonld",
        "JSON-LD",
        "application/ld+json",
        "jsonld",
        True,
        "JSON_LD",
        ("json-ld", "json", "application/json"),
    ),
    RdfFormat(
        "rdfxml",
        "RDF/XML",
        "application/rdf+xml",
        "rdf",
        False,
        "RDF_XML",
        ("owl", "rdf+xml", "rdf-xml", "xml", "application/xml"),
    ),
)

RESULTS_FORMATS: tuple[ResultsFormat, ...] = (
    ResultsFormat(
        "json",
        "JSON",
        "application/sparql-results+json",
        "srj",
        True,
        "JSON",
        ("application/json", "text/json"),
    ),
    ResultsFormat(
        "xml", "XML", "application/sparql-results+xml", "srx", True, "XML", ("application/xml", "text/xml")
    ),
    ResultsFormat("csv", "CSV", "text/csv", "csv", False, "CSV"),
    ResultsFormat("tsv", "TSV", "text/tab-separated-values", "tsv", False, "TSV"),
)


def rdf_format(name: str) -> RdfFormat:
    """Find an RDF format by name, extension (with or without dot), media type or alias.

    Parameters of a media type are ignored. Raises `NotFound`, naming the formats there are.

    >>> rdf_format("ttl").media_type, rdf_format("application/n-quads").named_graphs
    ('text/turtle', True)
    >>> rdf_format("docx")
    Traceback (most recent call last):
    kg.errors.NotFound: 'docx' is no RDF format: expected one of turtle, trig, nt, nq, jsonld, rdfxml
    """
    wanted = name.partition(";")[0].strip().lower().removeprefix(".")
    for entry in RDF_FORMATS:
        if wanted in (entry.name, entry.extension, entry.media_type, *entry.aliases):
            return entry
    raise NotFound(f"{name!r} is no RDF format: expected one of {', '.join(f.name for f in RDF_FORMATS)}")


def results_format(name: str) -> ResultsFormat:
    """Find a format of query results, in the same way as `rdf_format`.

    >>> results_format("text/csv; charset=utf-8").name
    'csv'
    """
    wanted = name.partition(";")[0].strip().lower().removeprefix(".")
    for entry in RESULTS_FORMATS:
        if wanted in (entry.name, entry.extension, entry.media_type, *entry.aliases):
            return entry
    raise NotFound(
        f"{name!r} is no format of query results: expected one of {', '.join(f.name for f in RESULTS_FORMATS)}"
    )


def format_of_path(path: PurePath | str) -> RdfFormat:
    """Tell the RDF format of a file by its extension. Raises `NotFound` for an extension that is not known.

    >>> format_of_path("data/claims/bbc-32085372.trig").name
    'trig'
    """
    suffix = PurePath(path).suffix.removeprefix(".")
    if not suffix:
        raise NotFound("no extension to tell the RDF format by")
    return rdf_format(suffix)

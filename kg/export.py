"""The graph, or one thing in it, in every RDF format: same quads, same bytes.

Formats with named graphs (TriG, N-Quads, JSON-LD) hold the data set as it is: every claim in the graph of its name. The
formats for triples (Turtle, N-Triples, RDF/XML) hold the default graph and, for each claimed or derived triple, a
`rdf:Statement` with an IRI that is linked by `prov:wasDerivedFrom` to the claims and derivations in which it stands. A
derivation is linked to what it follows from by the same property, so that in any format `prov:wasDerivedFrom+` leads
from a triple to its claims, and `sg:evidence/oa:hasSelector/oa:exact` from these to the words of the source.

Quads come from files and derivations, never from a store, which would rewrite literals (`P18M` to `P1Y6M`). What it
would rewrite is kept beside the exports (`EXACT`), so that one entity can be exported from a store with the forms as
they were written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.canonical import canonical_lines, hash_lines
from kg.extract import entity_quads
from kg.flat import flatten, live_quads
from kg.formats import RDF_FORMATS, RdfFormat, format_of_path, rdf_format
from kg.ids import triple_iri
from kg.jsonld import serialize_jsonld
from kg.namespaces import BASE, CLAIM, DERIVED, ID, PREFIXES, PROV, RDF, XSD
from kg.queries import Queryable
from kg.rdfxml import well_formed
from kg.void import describe_dataset
from kg.writer import serialize_trig

NAME = "scrutiny-graph"
"""The files of the whole graph are called this, with the extension of their format."""

EXACT = "exact-literals.nq"
"""The quads whose literals a store rewrites, as they were written; a subset of the N-Quads export."""

LICENCE = (
    'Licence: CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/) for our data: "Scrutiny Graph contributors".',
    "Not covered: the excerpts and other words quoted from articles (oa:exact, oa:prefix, oa:suffix, sg:expression,",
    "sg:wording, schema:headline). They are their publishers', quoted for reporting and review.",
)
"""What every download says at its head, in lines."""

_STATEMENT = ID["triple-"].value


@dataclass(frozen=True)
class ExportFile:
    """A file that was written: its name, format (`None` for a list of checksums), size and SHA-256."""

    name: str
    format: RdfFormat | None
    size: int
    sha256: str


def about(version: str, what: str = "the whole graph") -> tuple[str, ...]:
    """Return the lines that stand at the head of a download: what it is, its version and licence."""
    lines = [f"Scrutiny Graph: {what}.", BASE, *LICENCE]
    return (
        (*lines[:2], f"Version (RDFC-1.0 hash of the data set): {version}", *lines[2:])
        if version
        else tuple(lines)
    )


def with_statements(
    quads: Collection[Quad], flat: Iterable[Triple] | None = None, sources: Collection[Quad] | None = None
) -> list[Triple]:
    """Return the triples of the formats without named graphs, sorted: the default graph and the statement nodes.

    `flat` is the default graph if it is at hand; `sources` the quads from which statement nodes are made (default:
    those of all claims and derivations that are not withdrawn).
    """
    a, statement, subject, predicate, object_ = (
        RDF.type,
        RDF.Statement,
        RDF.subject,
        RDF.predicate,
        RDF.object,
    )
    derived_from = PROV.wasDerivedFrom
    found = set(flatten(quads) if flat is None else flat)
    for quad in live_quads(quads) if sources is None else sources:
        graph = quad.graph_name
        if not isinstance(graph, NamedNode) or not (graph in CLAIM or graph in DERIVED):
            continue
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(_STATEMENT):
            continue  # says something of a statement node
        node = triple_iri(quad.triple)
        found |= {
            Triple(node, a, statement),
            Triple(node, subject, quad.subject),
            Triple(node, predicate, quad.predicate),
            Triple(node, object_, quad.object),
            Triple(node, derived_from, graph),
        }
    return sorted(found, key=str)


def serialize(
    quads: Collection[Quad],
    wanted: RdfFormat,
    head: Sequence[str] = (),
    triples: Callable[[], Sequence[Triple]] | None = None,
    first: NamedNode | None = None,
) -> bytes:
    """Write quads of named graphs in a format, with `head` as a comment; equal input gives equal bytes.

    For a format without named graphs the triples come from `triples`, default `with_statements`; `first` is the
    subject that comes first in it.
    """
    if wanted.named_graphs:
        return _QUAD_WRITERS[wanted.name](quads, head)
    found = triples() if triples else with_statements(quads)
    return _TRIPLE_WRITERS[wanted.name](found, head, first)


def write_exports(
    quads: Collection[Quad],
    out_dir: Path,
    *,
    version: str | None = None,
    flat: Iterable[Triple] | None = None,
    formats: Iterable[RdfFormat] = RDF_FORMATS,
) -> list[ExportFile]:
    """Write the whole graph into `out_dir` in each format, the description of the data set and the checksums.

    `quads` are those of the named graphs as parsed and derived; `version` and `flat` save computing them again.
    """
    version = hash_lines(canonical_lines(quads)) if version is None else version
    flat = flatten(quads) if flat is None else list(flat)
    triples = with_statements(quads, flat)
    out_dir.mkdir(parents=True, exist_ok=True)
    head = about(version)
    files = [
        _write(out_dir / f"{NAME}.{entry.extension}", serialize(quads, entry, head, lambda: triples), entry)
        for entry in formats
    ]
    nq, turtle = rdf_format("nq"), rdf_format("turtle")
    exact = canonical_lines(rewritten_by_store(quads))
    files.append(_write(out_dir / EXACT, b"".join(exact), nq))
    void = describe_dataset(quads, flat, version, files)
    files.append(_write(out_dir / "void.ttl", _turtle(void, head), turtle))
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda file: file.name))
    files.append(_write(out_dir / "SHA256SUMS", sums.encode(), None))
    return files


def export_entity(
    store: Queryable,
    iri: NamedNode,
    wanted: RdfFormat | str,
    *,
    exact: Iterable[Quad] = (),
    version: str = "",
    limit: int | None = None,
) -> bytes:
    """Write one thing: its statements and those about it, with their claims, records and evidence.

    `exact` are quads of `EXACT` (`read_exact`): literals get back the form in which they were written. `limit` bounds
    the statements of each section. Raises `NotFound` for an IRI that the data does not hold.
    """
    entry = rdf_format(wanted) if isinstance(wanted, str) else wanted
    quads = restore(entity_quads(store, iri, limit), exact)
    head = about(version, f"what it holds of {iri.value}")
    flat = {quad.triple for quad in quads}
    return serialize(quads, entry, head, lambda: with_statements(quads, flat, quads), iri)


def rewritten_by_store(quads: Iterable[Quad]) -> list[Quad]:
    """Return the quads whose object a store would rewrite, for example `"P18M"^^xsd:duration`."""
    return [
        quad for quad in quads if isinstance(quad.object, Literal) and as_stored(quad.object) != quad.object
    ]


def as_stored(literal: Literal) -> Literal:
    """Return a literal as a store gives it back.

    >>> as_stored(Literal("P18M", datatype=XSD.duration)).value
    'P1Y6M'
    """
    if literal.datatype in (XSD.string, RDF.langString):
        return literal
    key = (literal.value, literal.datatype.value)
    if key not in _STORED:
        store = ox.Store()
        store.add(Quad(ID.x, ID.x, literal))
        (quad,) = store
        assert isinstance(quad.object, Literal)
        _STORED[key] = quad.object
    return _STORED[key]


_STORED: dict[tuple[str, str], Literal] = {}


def read_exact(exports: Path) -> list[Quad]:
    """Read the quads of `EXACT` from the folder of the exports; none if it has no such file."""
    path = exports / EXACT
    if not path.is_file():
        return []
    return [q for q in ox.parse(path.read_bytes(), format=format_of_path(path).engine) if isinstance(q, Quad)]


def restore(quads: Iterable[Quad], exact: Iterable[Quad]) -> list[Quad]:
    """Return quads read from a store with each literal in the form in which it was written, as far as `exact` tells."""
    written: dict[Quad, list[Quad]] = {}
    for quad in exact:
        assert isinstance(quad.object, Literal)
        stored = Quad(quad.subject, quad.predicate, as_stored(quad.object), quad.graph_name)
        written.setdefault(stored, []).append(quad)
    return [form for quad in quads for form in written.get(quad, [quad])]


def _write(path: Path, content: bytes, entry: RdfFormat | None) -> ExportFile:
    path.write_bytes(content)
    return ExportFile(path.name, entry, len(content), hashlib.sha256(content).hexdigest())


def _comment(head: Sequence[str]) -> str:
    return "".join(f"# {line}\n" for line in head)


def _trig(quads: Iterable[Quad], head: Sequence[str]) -> bytes:
    return (_comment(head) + serialize_trig(quads)).encode()


def _nquads(quads: Iterable[Quad], head: Sequence[str]) -> bytes:
    return _comment(head).encode() + b"".join(canonical_lines(quads))


def _jsonld(quads: Iterable[Quad], head: Sequence[str]) -> bytes:
    return serialize_jsonld(quads, about=head).encode()


def _turtle(triples: Iterable[Triple], head: Sequence[str], first: NamedNode | None = None) -> bytes:
    quads = (Quad(t.subject, t.predicate, t.object) for t in triples)
    return (_comment(head) + serialize_trig(quads, first)).encode()


def _ntriples(triples: Iterable[Triple], head: Sequence[str], first: NamedNode | None = None) -> bytes:
    own = f"{first} "
    lines = sorted((f"{triple} .\n" for triple in triples), key=lambda line: (not line.startswith(own), line))
    return (_comment(head) + "".join(lines)).encode()


def _rdfxml(triples: Iterable[Triple], head: Sequence[str], first: NamedNode | None = None) -> bytes:
    # The engine's writer keeps the order of its input and, by a type first, writes typed nodes; the namespaces of the
    # root element are put in order here. In a comment of XML no two hyphens may meet.
    ordered = sorted(
        triples,
        key=lambda t: (
            t.subject != first,
            str(t.subject),
            t.predicate != RDF.type,
            str(t.predicate),
            str(t.object),
        ),
    )
    text = (ox.serialize(ordered, format=ox.RdfFormat.RDF_XML, prefixes=dict(PREFIXES)) or b"").decode()
    root = re.search(r"<rdf:RDF([^>]*)>", text)
    if root:
        declared = sorted(set(re.findall(r'xmlns:([\w-]+)="([^"]*)"', root[1])))
        used = [(prefix, iri) for prefix, iri in declared if f"<{prefix}:" in text]
        attributes = "".join(f'\n\txmlns:{prefix}="{iri}"' for prefix, iri in used)
        text = f"{text[: root.start()]}<rdf:RDF{attributes}>{text[root.end() :]}"
    comment = "".join(f"  {line.replace('--', '- -')}\n" for line in head)
    declaration, _, rest = text.partition("\n")
    return well_formed((f"{declaration}\n<!--\n{comment}-->\n{rest}" if head else text).encode())


_QUAD_WRITERS: Mapping[str, Callable[[Collection[Quad], Sequence[str]], bytes]] = {
    "trig": _trig,
    "nq": _nquads,
    "jsonld": _jsonld,
}
_TRIPLE_WRITERS: Mapping[str, Callable[[Sequence[Triple], Sequence[str], NamedNode | None], bytes]] = {
    "turtle": _turtle,
    "nt": _ntriples,
    "rdfxml": _rdfxml,
}

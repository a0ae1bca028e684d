"""The description of the data set in VoID and DCAT 3: what it is, its licence, counts and files with checksums.

Computed from the data alone, so that it is the same on every build. All its nodes have IRIs below
`https://w3id.org/scrutiny-graph/#`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.formats import RDF_FORMATS
from kg.namespaces import (
    BASE,
    CLAIM,
    DCAT,
    DCTERMS,
    DERIVED,
    FOAF,
    GRAPH,
    ID,
    OWL,
    PREFIXES,
    RDF,
    RDFS,
    SH,
    SPDX,
    VOID,
    XSD,
    Namespace,
    curie,
)

if TYPE_CHECKING:
    from kg.export import ExportFile

SITE = Namespace(BASE + "#")
DATASET = SITE.dataset
"""The IRI of the data set: of all versions, the current one is described."""

CC_BY = NamedNode("https://creativecommons.org/licenses/by/4.0/")
TITLE = "Scrutiny Graph"
DESCRIPTION = (
    "How councils' children's services were inspected, judged and made to improve: claims from articles and from the "
    "official record, each with the words that support it and the voices on whose word it rests."
)
RIGHTS = (
    "Our data is licensed under CC BY 4.0. The excerpts and other words quoted from articles are not covered: they are "
    "their publishers', quoted for reporting and review."
)
VOID_EXT = Namespace("http://ldf.fi/void-ext#")
"""Of the extensions to VoID in use, the partition by the datatype of values."""
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"

Value = NamedNode | Literal
Say = Callable[..., None]
"""Adds triples: called with a subject, a property and one or more values."""


def describe_dataset(
    quads: Collection[Quad], flat: Collection[Triple], version: str, files: Iterable[ExportFile] = ()
) -> list[Triple]:
    """Return the description, sorted: `quads` of the named graphs, `flat` the default graph, `files` for download."""
    found: list[Triple] = []

    def say(subject: NamedNode, predicate: NamedNode, *values: Value) -> None:
        found.extend(Triple(subject, predicate, value) for value in values)

    say(DATASET, RDF.type, VOID.Dataset, DCAT.Dataset)
    say(DATASET, DCTERMS.title, _text(TITLE))
    say(DATASET, RDFS.label, _text(TITLE))
    say(DATASET, DCTERMS.description, _text(DESCRIPTION))
    say(DATASET, DCTERMS.license, CC_BY)
    say(DATASET, DCTERMS.rights, SITE.rights)
    say(SITE.rights, RDF.type, DCTERMS.RightsStatement)
    say(SITE.rights, RDFS.label, _text(RIGHTS))
    say(DATASET, DCTERMS.creator, SITE.contributors)
    say(SITE.contributors, RDF.type, FOAF.Group)
    say(SITE.contributors, FOAF.name, _text("Scrutiny Graph contributors"))
    say(DATASET, DCAT.version, Literal(version))
    say(DATASET, OWL.versionInfo, Literal(version))
    say(DATASET, DCAT.landingPage, NamedNode(BASE))
    say(DATASET, FOAF.homepage, NamedNode(BASE))
    say(DATASET, VOID.sparqlEndpoint, NamedNode(BASE + "sparql"))
    say(DATASET, VOID.uriSpace, Literal(str(ID)), Literal(str(CLAIM)), Literal(str(DERIVED)))
    say(DATASET, VOID.feature, *(NamedNode(f"http://www.w3.org/ns/formats/{name}") for name in _FEATURES))
    _counts(say, DATASET, flat)
    _partitions(say, flat)
    _subsets(say, quads)
    for file in files:
        _distribution(say, file)
    return sorted(set(found), key=str)


def _counts(say: Say, dataset: NamedNode, triples: Collection[Triple]) -> None:
    typed = {t.subject for t in triples if t.predicate == RDF.type}
    say(dataset, VOID.triples, _number(len(triples)))
    say(dataset, VOID.entities, _number(len(typed)))
    say(dataset, VOID.distinctSubjects, _number(len({t.subject for t in triples})))
    say(dataset, VOID.distinctObjects, _number(len({t.object for t in triples})))
    say(dataset, VOID.properties, _number(len({t.predicate for t in triples})))
    say(dataset, VOID.classes, _number(len({t.object for t in triples if t.predicate == RDF.type})))


def _partitions(say: Say, flat: Collection[Triple]) -> None:
    classes = Counter(t.object for t in flat if t.predicate == RDF.type and isinstance(t.object, NamedNode))
    properties = Counter(t.predicate for t in flat)
    for kind, members in classes.items():
        part = _part("class", kind)
        say(DATASET, VOID.classPartition, part)
        say(part, VOID["class"], kind)
        say(part, VOID.entities, _number(members))
    for prop, uses in properties.items():
        part = _part("property", prop)
        say(DATASET, VOID.propertyPartition, part)
        say(part, VOID.property, prop)
        say(part, VOID.triples, _number(uses))
    _nested(say, flat)
    used = {*classes, *properties}
    for namespace in PREFIXES.values():
        if any(iri.value.startswith(namespace) for iri in used):
            say(DATASET, VOID.vocabulary, NamedNode(namespace))


def _nested(say: Say, flat: Collection[Triple]) -> None:
    # Which properties the members of a class have, and of which classes or datatypes their values are: by this, query
    # editors complete a query, and a person sees what can be asked. Not for terms that make up vocabulary and shapes.
    kinds: dict[object, list[NamedNode]] = {}
    for t in flat:
        if t.predicate == RDF.type and isinstance(t.object, NamedNode) and not _is_of_schema(t.object):
            kinds.setdefault(t.subject, []).append(t.object)
    uses: Counter[tuple[NamedNode, NamedNode]] = Counter()
    values: Counter[tuple[NamedNode, NamedNode, NamedNode, NamedNode]] = Counter()
    for t in flat:
        if t.predicate == RDF.type:
            continue
        if isinstance(t.object, Literal):
            found = [(VOID_EXT.datatypePartition, t.object.datatype)]
        else:
            found = [(VOID.classPartition, kind) for kind in kinds.get(t.object, ())]
        for kind in kinds.get(t.subject, ()):
            uses[kind, t.predicate] += 1
            for how, of in found:
                values[kind, t.predicate, how, of] += 1
    for (kind, prop), count in uses.items():
        part = _part("class", kind, "property", prop)
        say(_part("class", kind), VOID.propertyPartition, part)
        say(part, VOID.property, prop)
        say(part, VOID.triples, _number(count))
    for (kind, prop, how, of), count in values.items():
        is_class = how == VOID.classPartition
        part = _part("class", kind, "property", prop, "class" if is_class else "datatype", of)
        say(_part("class", kind, "property", prop), how, part)
        say(part, VOID["class"] if is_class else VOID_EXT.datatype, of)
        say(part, VOID.triples, _number(count))


def _subsets(say: Say, quads: Collection[Quad]) -> None:
    # What the data set is made of: claims, derivations, and each of the other graphs.
    parts: dict[tuple[str, str, NamedNode], list[Quad]] = {}
    for quad in quads:
        graph = quad.graph_name
        if isinstance(graph, NamedNode):
            if graph in CLAIM:
                key = (
                    "claims",
                    "The triples of all claims, each in the graph of its name",
                    NamedNode(str(CLAIM)),
                )
            elif graph in DERIVED:
                key = (
                    "derivations",
                    "What follows by rule, each in a graph of its own",
                    NamedNode(str(DERIVED)),
                )
            else:
                name = graph.value.removeprefix(str(GRAPH))
                key = (f"graph-{name}", f"The graph {curie(graph)}", graph)
            parts.setdefault(key, []).append(quad)
    for (name, title, space), members in parts.items():
        part = SITE[name]
        say(DATASET, VOID.subset, part)
        say(part, RDF.type, VOID.Dataset)
        say(part, DCTERMS.title, _text(title))
        say(part, VOID.triples, _number(len({q.triple for q in members})))
        if space in GRAPH:
            say(part, DCTERMS.source, space)
        else:
            say(part, VOID.uriSpace, Literal(space.value))
            say(part, VOID.documents, _number(len({q.graph_name for q in members})))


def _distribution(say: Say, file: ExportFile) -> None:
    if file.format is None:
        return
    part, address = SITE[f"file-{file.name}"], NamedNode(f"{BASE}downloads/{file.name}")
    say(DATASET, VOID.dataDump, address)
    say(DATASET, DCAT.distribution, part)
    say(part, RDF.type, DCAT.Distribution)
    graphs = "with the named graphs" if file.format.named_graphs else "the default graph and statement nodes"
    say(part, DCTERMS.title, _text(f"{file.name}: {file.format.label}, {graphs}"))
    say(part, DCAT.downloadURL, address)
    say(part, DCAT.mediaType, NamedNode(_MEDIA_TYPE + file.format.media_type))
    say(part, DCAT.byteSize, Literal(str(file.size), datatype=XSD.nonNegativeInteger))
    say(part, DCTERMS.license, CC_BY)
    say(part, DCTERMS.rights, SITE.rights)
    checksum = SITE[f"checksum-{file.name}"]
    say(part, SPDX.checksum, checksum)
    say(checksum, RDF.type, SPDX.Checksum)
    say(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
    say(checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary))


@cache
def _is_of_schema(kind: NamedNode) -> bool:
    return any(kind in namespace for namespace in (RDF, RDFS, OWL, SH))


def _part(*steps: str | NamedNode) -> NamedNode:
    return SITE["-".join(step if isinstance(step, str) else _name(step) for step in steps)]


@cache
def _name(iri: NamedNode) -> str:
    return curie(iri).replace(":", "-", 1).replace("/", "-")


def _text(words: str) -> Literal:
    return Literal(words, language="en")


def _number(value: int) -> Literal:
    return Literal(str(value), datatype=XSD.integer)


_FORMAT_NAMES = {
    "turtle": "Turtle",
    "trig": "TriG",
    "nt": "N-Triples",
    "nq": "N-Quads",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
}
_FEATURES = [_FORMAT_NAMES[entry.name] for entry in RDF_FORMATS]

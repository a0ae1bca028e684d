"""The description of the data set counts right and says what may be done with it."""

import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.export import NAME, write_exports
from kg.flat import flatten
from kg.namespaces import CLAIM, DCAT, DCTERMS, RDF, SG, VOID
from kg.void import CC_BY, DATASET, SITE, describe_dataset
from tests.anyshire import CLAIMS, quads

HEAD = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcat: <http://www.w3.org/ns/dcat#> "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("void")
    write_exports(quads(), made)
    return made


@pytest.fixture(scope="module")
def described(folder: Path) -> ox.Store:
    made = ox.Store()
    made.load((folder / "void.ttl").read_bytes(), format=ox.RdfFormat.TURTLE)
    return made


def value(described: ox.Store, subject: ox.NamedNode, predicate: ox.NamedNode) -> object:
    (quad,) = described.quads_for_pattern(subject, predicate, None)
    return quad.object


def test_counts_are_those_of_the_default_graph(described: ox.Store) -> None:
    flat = flatten(quads())
    numbers = {
        VOID.triples: len(flat),
        VOID.distinctSubjects: len({t.subject for t in flat}),
        VOID.properties: len({t.predicate for t in flat}),
        VOID.entities: len({t.subject for t in flat if t.predicate == RDF.type}),
    }
    for prop, number in numbers.items():
        assert value(described, DATASET, prop) == ox.Literal(number)


def test_partitions_count_classes_and_properties(described: ox.Store) -> None:
    rows = described.query(
        f"{HEAD} SELECT ?n {{ {DATASET} void:classPartition ?p . ?p void:class {SG.Tenure} ; void:entities ?n }}"
    )
    assert [row["n"].value for row in rows] == ["2"]
    rows = described.query(
        f"{HEAD} SELECT ?n {{ {DATASET} void:propertyPartition ?p . "
        f"?p void:property {SG.endsTenure} ; void:triples ?n }}"
    )
    assert [row["n"].value for row in rows] == ["2"]


def test_what_a_class_can_be_asked_is_counted(described: ox.Store) -> None:
    query = f"""{HEAD} PREFIX ext: <http://ldf.fi/void-ext#> SELECT ?kind ?property ?of ?n {{
        ?part void:class ?kind ; void:propertyPartition ?uses . ?uses void:property ?property
        {{ ?uses void:classPartition [ void:class ?of ; void:triples ?n ] }}
        UNION {{ ?uses ext:datatypePartition [ ext:datatype ?of ; void:triples ?n ] }} }}"""
    rows = [tuple(row) for row in described.query(query)]  # type: ignore[union-attr]
    found = {(kind, prop, of): int(n.value) for kind, prop, of, n in rows}
    assert len(found) == len(rows) > 20
    flat = flatten(quads())
    kinds = {(t.subject, t.object) for t in flat if t.predicate == RDF.type}
    for (kind, prop, of), number in found.items():
        used = [t for t in flat if t.predicate == prop and (t.subject, kind) in kinds]
        assert number == sum(
            t.object.datatype == of if isinstance(t.object, ox.Literal) else (t.object, of) in kinds
            for t in used
        )
    assert found[SG.TenureEnd, SG.endsTenure, SG.Tenure] == 2


def test_the_claims_are_a_subset_with_their_number(described: ox.Store) -> None:
    assert value(described, SITE.claims, VOID.documents) == ox.Literal(len(CLAIMS))
    assert value(described, SITE.claims, VOID.uriSpace) == ox.Literal(str(CLAIM))


def test_every_dump_has_its_size_and_checksum(described: ox.Store, folder: Path) -> None:
    query = f"""{HEAD} PREFIX spdx: <http://spdx.org/rdf/terms#> SELECT ?url ?size ?sum
      {{ {DATASET} dcat:distribution ?d . ?d dcat:downloadURL ?url ; dcat:byteSize ?size .
        ?d spdx:checksum/spdx:checksumValue ?sum }}"""
    rows = list(described.query(query))
    names = {row["url"].value.rpartition("/")[2] for row in rows}
    assert names >= {f"{NAME}.{extension}" for extension in ("ttl", "trig", "nt", "nq", "jsonld", "rdf")}
    for row in rows:
        content = (folder / row["url"].value.rpartition("/")[2]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            int(row["size"].value),
            row["sum"].value.lower(),
        )


def test_licence_excludes_the_excerpts(described: ox.Store) -> None:
    assert value(described, DATASET, DCTERMS.license) == CC_BY
    rights = value(described, DATASET, DCTERMS.rights)
    assert isinstance(rights, ox.NamedNode)
    (label,) = described.quads_for_pattern(
        rights, ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), None
    )
    assert "excerpts" in str(label.object)
    assert value(described, DATASET, DCAT.version)


def test_the_description_depends_on_the_data_alone() -> None:
    flat = flatten(quads())
    assert describe_dataset(quads(), flat, "v") == describe_dataset(list(reversed(quads())), flat[::-1], "v")

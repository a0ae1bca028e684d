"""Every shape for data has a file that conforms and one that breaks each of its constraints."""

import re
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib

from kg.namespaces import RDF, RDFS, SG, SH, SKOS
from tests.ontology_examples import (
    INVALID,
    ONTOLOGY,
    VALID,
    expected,
    quads,
    shape_results,
    shapes,
    vocabulary,
)

TARGETS = {SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf}
WITH_TARGET = sorted({t.subject.value for t in shapes() if t.predicate in TARGETS})


def file_name(shape: str) -> str:
    """`sg:PostAtEventShape` is shown by `post-at-event.trig`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", shape.removeprefix(str(SG)).removesuffix("Shape")).lower()


def values(subject: object, predicate: ox.NamedNode) -> set[object]:
    return {t.object for t in shapes() if t.subject == subject and t.predicate == predicate}


@pytest.mark.parametrize("path", VALID, ids=lambda p: p.stem)
def test_a_valid_example_has_no_result(path: Path) -> None:
    assert expected(path) == set(), "an example that is valid expects nothing"
    assert shape_results(path) == ()


@pytest.mark.parametrize("path", INVALID, ids=lambda p: p.stem)
def test_an_invalid_example_has_exactly_the_results_it_names(path: Path) -> None:
    assert expected(path), "an example that is invalid says what to expect"
    wanted = {row for row in expected(path) if not row[3].startswith("check ")}
    assert {row for row, _ in shape_results(path)} == wanted


@pytest.mark.parametrize("shape", WITH_TARGET, ids=file_name)
def test_a_shape_has_a_file_that_conforms_and_one_that_breaks_it(shape: str) -> None:
    folder = ONTOLOGY / "examples"
    valid, invalid = (folder / kind / f"{file_name(shape)}.trig" for kind in ("valid", "invalid"))
    assert valid.is_file()
    assert invalid.is_file()
    node = ox.NamedNode(shape)
    classes, properties = values(node, SH.targetClass), values(node, SH.targetSubjectsOf)
    parents: dict[object, set[object]] = {}
    for t in vocabulary():
        if t.predicate == RDFS.subClassOf:
            parents.setdefault(t.subject, set()).add(t.object)
    for path in (valid, invalid):
        _, flat = quads(path)
        types = {t.object for t in flat if t.predicate == RDF.type}
        for _ in range(5):
            types |= {up for t in types for up in parents.get(t, ())}
        assert types & classes or {t.predicate for t in flat} & properties, f"{path.name} has no such node"


def test_every_message_is_met_by_an_example() -> None:
    messages = {
        t.object.value for t in shapes() if t.predicate == SH.message and isinstance(t.object, ox.Literal)
    }
    met = {message for path in INVALID for _, message in shape_results(path)}
    assert messages - met == set()


def test_every_property_shape_has_a_message_with_what_is_wrong_and_what_to_do() -> None:
    direct = {t.object for t in shapes() if t.predicate == SH.property and t.subject.value in WITH_TARGET}
    without = [s for s in direct if not values(s, SH.message)]
    assert without == []
    for t in shapes():
        if t.predicate == SH.message:
            assert t.object.language == "en"
            assert re.search(r"[.?!]$", t.object.value), t.object.value


def test_a_value_that_no_claim_gives_is_a_warning_and_a_second_value_is_no_result() -> None:
    """Two claims may differ, and a claim may be withdrawn: neither may stop the build."""
    for t in shapes():
        if t.predicate == SH.message and t.object.value.startswith("No claim "):
            assert values(t.subject, SH.severity) == {SH.Warning}, t.object.value
    claimed = {t.subject for t in vocabulary() if t.predicate == SG.singleValued}
    counted = {t.subject for t in shapes() if t.predicate == SH.maxCount}
    for shape in counted:
        paths = values(shape, SH.path)
        owner = {t.subject.value.removeprefix(str(SG)) for t in shapes() if t.object == shape}
        exempt = {"ArticleShape", "IdentifierShape", "DerivedFigureShape"}
        zero = {getattr(v, "value", "") for v in values(shape, SH.maxCount)} == {"0"}
        assert not (paths & claimed) or owner <= exempt or zero, (paths, owner)


@pytest.mark.parametrize("name", ["shapes", "style"])
def test_the_shapes_are_well_formed(name: str) -> None:
    """By the shapes for shapes of the SHACL specification, appendix C."""
    path = str(ONTOLOGY / f"{name}.ttl")
    nothing = rdflib.Graph()
    pyshacl.validate(nothing, shacl_graph=rdflib.Graph().parse(path), meta_shacl=True)


def test_no_shape_runs_sparql_for_each_node() -> None:
    assert not [t for t in shapes() if t.predicate in (SH.sparql, SH.rule)]


def test_schemes_of_shapes_and_of_the_vocabulary_agree() -> None:
    """`sg:topic sg:valueScheme sgv:topics` says to pages what the shapes say to curators."""
    schemes: dict[str, set[str]] = {}
    for t in vocabulary():
        if t.predicate == SG.valueScheme:
            schemes.setdefault(t.subject.value, set()).add(t.object.value)
    found = 0
    for t in shapes():
        if t.predicate == SH.node:
            (path,) = values(t.subject, SH.path)
            inner = [
                n for p in values(t.object, SH.property) for n in [p] if values(p, SH.path) == {SKOS.inScheme}
            ]
            named = {v.value for p in inner for v in values(p, SH.hasValue)}
            for p in inner:
                for head in values(p, SH["in"]):
                    named |= set(_members(head))
            assert named <= schemes[path.value], path
            found += 1
    assert found > 10


def _members(head: object) -> list[str]:
    items = []
    while head != RDF.nil:
        (first,), (rest,) = values(head, RDF.first), values(head, RDF.rest)
        items.append(first.value)
        head = rest
    return items

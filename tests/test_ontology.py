"""The vocabulary itself: complete, consistent, in the JSON-LD context, and the one that code, rules and data use."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld

from kg.namespaces import OWL, PREFIXES, PROV, RDF, RDFS, SG, SGV, SH, SKOS, curie, expand
from kg.validate import validate
from tests.ontology_examples import ONTOLOGY, ROOT, VALID, parse, vocabulary

STYLE = parse(ONTOLOGY / "style.ttl")
CONTEXT = json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))
TURTLE = sorted(ONTOLOGY.glob("*.ttl"))
TERM = re.compile(r"(?<![\w/#])(sgv?):([A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])(?![\w-])")
OURS = {t.subject for t in vocabulary() if t.predicate == RDF.type}


def of_type(*types: ox.NamedNode) -> list[ox.NamedNode]:
    found = {t.subject for t in vocabulary() if t.predicate == RDF.type and t.object in types}
    return sorted((s for s in found if s in SG or s in SGV), key=str)


def values(subject: object, predicate: ox.NamedNode) -> set[Any]:
    return {t.object for t in vocabulary() if t.subject == subject and t.predicate == predicate}


PROPERTIES = of_type(OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property)
CLASSES = of_type(OWL.Class)
CONCEPTS = of_type(SKOS.Concept)


# --- style


def test_the_vocabulary_conforms_to_its_style() -> None:
    assert [r.in_words() for r in validate(vocabulary(), STYLE).results] == []


def test_every_rule_of_the_style_is_broken_by_the_example() -> None:
    broken = validate(parse(ONTOLOGY / "examples" / "style" / "broken.ttl"), STYLE)
    rules = {t.object.value for t in STYLE if t.predicate == SH.message and isinstance(t.object, ox.Literal)}
    assert rules - {r.message for r in broken.results} == set()


@pytest.mark.parametrize("path", TURTLE, ids=lambda p: p.name)
def test_a_file_declares_the_prefixes_it_uses_and_spells_them_as_everywhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    declared = dict(re.findall(r"^@prefix (\w+): <([^>]+)> \.$", text, re.MULTILINE))
    assert declared == {p: PREFIXES[p] for p in declared}
    assert list(declared) == sorted(declared)
    body = re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>|#.*', "", re.sub(r"^@prefix.*$", "", text, flags=re.MULTILINE))
    assert set(re.findall(r"(?<![\w])([a-z]+):", body)) | {"xsd"} == set(declared) | {"xsd"}


def test_the_header_has_the_version_of_the_changelog() -> None:
    (version,) = {t.object.value for t in vocabulary() if t.predicate == OWL.versionInfo}
    (iri,) = {t.object.value for t in vocabulary() if t.predicate == OWL.versionIRI}
    assert iri.endswith("/" + version)
    log = (ONTOLOGY / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## \[(\d\S+)\] - (\d{4}-\d\d-\d\d)$", log, re.MULTILINE)
    assert latest
    modified = {
        t.object.value for t in vocabulary() if t.predicate == ox.NamedNode(expand("dcterms:modified"))
    }
    assert latest.groups() == (version, *modified)
    for name in re.findall(r"`(sg:\w+)`", log):
        assert ox.NamedNode(expand(name)) in OURS, f"the changelog names {name}"


# --- meaning


def test_the_contract_terms_are_there() -> None:
    """Names that others rely on."""
    for name in ("Claim", "Article", "Evidence", "Inspection", "Judgement", "Tenure", "Disagreement"):
        assert SG[name] in CLASSES


def test_an_option_is_never_an_event() -> None:
    assert SG.Event in values(SG.Option, OWL.disjointWith)


def test_every_class_reaches_a_class_of_a_standard() -> None:
    for cls in CLASSES:
        seen, todo = set(), [cls]
        while todo:
            node = todo.pop()
            seen.add(node)
            todo += [up for up in values(node, RDFS.subClassOf) if up not in seen]
        assert any(node not in SG for node in seen), cls


def test_no_class_is_both_an_activity_and_an_entity() -> None:
    """PROV makes them disjoint; a class below both could have no member."""
    for cls in CLASSES:
        above, todo = set(), [cls]
        while todo:
            node = todo.pop()
            if node not in above:
                above.add(node)
                todo += values(node, RDFS.subClassOf)
        assert not {PROV.Activity, PROV.Entity} <= above, cls
        assert not {SG.Event, SG.Option} <= above, cls


def test_every_reading_from_the_object_is_a_phrase_of_its_own() -> None:
    for prop in PROPERTIES:
        for label in values(prop, SG.inverseLabel):
            assert {label.value} != {own.value for own in values(prop, RDFS.label)}, prop


def test_ranks_stand_only_on_scales_and_order_them_without_ties() -> None:
    by_scheme: dict[Any, list[int]] = {}
    for concept in CONCEPTS:
        for rank in values(concept, SG.rank):
            (scheme,) = values(concept, SKOS.inScheme)
            by_scheme.setdefault(scheme, []).append(int(rank.value))
    assert {curie(s) for s in by_scheme} == {"sgv:scale-sif", "sgv:scale-ilacs", "sgv:scale-lac-2013"}
    for scheme, ranks in by_scheme.items():
        assert sorted(ranks) == list(range(1, len(ranks) + 1)), scheme


def test_matches_between_schemes_go_both_ways_and_never_join_adequate() -> None:
    for predicate in (SKOS.closeMatch, SKOS.relatedMatch):
        for one in CONCEPTS:
            for other in values(one, predicate):
                assert one in values(other, predicate), (one, other)
                assert not values(one, SKOS.inScheme) & values(other, SKOS.inScheme), (one, other)
    assert values(SGV["lac2013-adequate"], SKOS.closeMatch) == set()
    assert not any(values(c, SKOS.closeMatch) for c in CONCEPTS if c.value.startswith(str(SGV) + "unscaled-"))


def test_every_framework_has_a_scale_and_areas() -> None:
    frameworks = [c for c in CONCEPTS if SGV.frameworks in values(c, SKOS.inScheme)]
    assert len(frameworks) >= 4
    for framework in frameworks:
        for predicate in (SG.usesScale, SG.usesAreas):
            (scheme,) = values(framework, predicate)
            assert [c for c in CONCEPTS if scheme in values(c, SKOS.inScheme)], scheme


def test_what_is_not_established_is_said_to_be_so() -> None:
    for kind in CONCEPTS:
        if SGV["intervention-kinds"] in values(kind, SKOS.inScheme):
            (status,) = values(kind, SG.legalStatus)
            (definition,) = values(kind, SKOS.definition)
            assert (status == SGV["status-not-established"]) == (
                "not established here" in definition.value
            ), kind


# --- use


def declared(names: Iterable[str]) -> list[str]:
    return sorted({n for n in names if ox.NamedNode(expand(n)) not in OURS})


def test_every_rule_has_a_concept_and_every_concept_a_rule() -> None:
    files = {re.sub(r"^\d+-", "", p.stem) for p in (ONTOLOGY / "rules").glob("*.rq")}
    concepts = {
        c.value.removeprefix(str(SGV) + "rule-") for c in CONCEPTS if SGV.rules in values(c, SKOS.inScheme)
    }
    assert concepts == files | {"publishers"}


def test_code_names_no_term_that_is_not_declared() -> None:
    names = set()
    shapes = {curie(t.subject.value) for p in TURTLE for t in parse(p) if t.object == SH.NodeShape}
    for path in (*(ROOT / "kg").rglob("*.py"), *(ROOT / "web").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        names |= {"sg:" + n for n in re.findall(r"\bSG\.([A-Za-z]+)\b", text)}
        names |= {f"{p.lower()}:{n}" for p, n in re.findall(r'\b(SGV?)\["([A-Za-z0-9-]+)"\]', text)}
    for path in (*ROOT.glob("kg/**/*.rq"), *ONTOLOGY.glob("*/*.rq")):
        text = re.sub(r'"(?:[^"\\\n]|\\.)*"|#.*', "", path.read_text(encoding="utf-8"))
        names |= {":".join(m) for m in TERM.findall(text)}
    assert declared(names - shapes) == []


def test_no_shape_or_term_names_a_concept_that_is_not_declared() -> None:
    own = {t.subject for p in TURTLE for t in parse(p)}
    for path in TURTLE:
        for t in parse(path):
            for node in (t.predicate, t.object):
                if isinstance(node, ox.NamedNode) and (node in SG or node in SGV):
                    assert node in own, f"{path.name}: {curie(node)}"


def test_every_foreign_term_that_we_use_has_a_plain_label() -> None:
    labelled = {t.subject for t in vocabulary() if t.predicate == RDFS.label}
    used = {t.predicate for t in vocabulary()} | {t.object for t in vocabulary() if t.predicate == RDF.type}
    for path in VALID:
        for q in ox.parse(path=str(path)):
            used |= {q.predicate} | ({q.object} if q.predicate == RDF.type else set())
    assert sorted(curie(term.value) for term in used - labelled) == []


# --- JSON-LD context


def test_the_context_spells_the_namespaces_as_everywhere() -> None:
    spelled = {
        k: v for k, v in CONTEXT["@context"].items() if isinstance(v, str) and v[-1] in "#/" and ":" in v
    }
    assert spelled.items() <= PREFIXES.items()
    assert set(PREFIXES) - set(spelled) == {"time"}, "time is the name of sg:time"


def test_every_term_of_ours_is_in_the_context() -> None:
    named = {v["@id"] if isinstance(v, dict) else v for v in CONTEXT["@context"].values() if v != 1.1}
    assert [curie(t.value) for t in (*CLASSES, *PROPERTIES) if curie(t.value) not in named] == []


def test_the_context_types_values_as_the_vocabulary_does() -> None:
    kinds = {curie(p.value): {curie(t.value) for t in values(p, RDF.type)} for p in PROPERTIES}
    for name, entry in CONTEXT["@context"].items():
        term = entry["@id"] if isinstance(entry, dict) else entry
        if term in kinds and "owl:ObjectProperty" in kinds[term]:
            assert entry["@type"] == "@id", name
        if term in kinds and "owl:DatatypeProperty" in kinds[term]:
            assert isinstance(entry, str) or entry.get("@type") != "@id", name


@pytest.mark.parametrize("path", VALID[::4], ids=lambda p: p.stem)
def test_an_example_survives_compaction_and_expansion(path: Path) -> None:
    lines = sorted(
        f"{q} ." for q in (q if isinstance(q, ox.Quad) else ox.Quad(*q) for q in ox.parse(path=str(path)))
    )
    expanded = jsonld.from_rdf("\n".join(lines), {"useNativeTypes": False})
    compacted = jsonld.compact(expanded, CONTEXT)
    back = jsonld.to_rdf(compacted, {"format": "application/n-quads"})
    again = sorted(f"{q} ." for q in ox.parse(back, format=ox.RdfFormat.N_QUADS))
    assert again == lines


def test_compact_json_reads_well() -> None:
    path = ONTOLOGY / "examples" / "valid" / "judgement.trig"
    lines = "\n".join(f"{q} ." for q in ox.parse(path=str(path)))
    document = jsonld.compact(jsonld.from_rdf(lines, {"useNativeTypes": True}), CONTEXT)
    nodes = {n["@id"]: n for g in document["@graph"] for n in g.get("@graph", [g])}
    assert nodes["id:judgement-2012"]["label"] == "Adoption in Anyshire, 2012"
    assert nodes["id:judgement-2012"]["@type"] == "Judgement"
    assert nodes["id:date-2012-05-04"]["earliest"] == "2012-05-04"
    (graph,) = [g for g in document["@graph"] if g["@id"].startswith("claim:")]
    (judgement,) = graph["@graph"] if isinstance(graph["@graph"], list) else [graph["@graph"]]
    assert judgement["grade"] == "sgv:sif-requires-improvement"
    assert judgement["published"] == "id:date-2012-05-04"

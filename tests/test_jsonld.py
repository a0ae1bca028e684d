"""JSON-LD: compact, by entity, named graphs kept, and it expands back to exactly the quads that went in."""

import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from kg.errors import KgError, SourceError, UnreadableError
from kg.jsonld import Context, own_context, parse_context, read_context, serialize_jsonld
from kg.namespaces import CLAIM, GRAPH, ID, PREFIXES, RDF, RDFS, SG, SGV, XSD
from tests.anyshire import CLAIMS, quads

RICH = parse_context(
    {
        "@version": 1.1,
        "id": "@id",
        "type": "@type",
        **{prefix: PREFIXES[prefix] for prefix in ("sg", "sgv", "claim", "xsd", "rdfs")},
        "thing": PREFIXES["id"],
        "label": {"@id": "rdfs:label", "@language": "en"},
        "name": {"@id": "rdfs:label", "@language": None, "@container": "@set"},
        "day": {"@id": "sg:day", "@type": "xsd:date"},
        "count": {"@id": "sg:count", "@type": "xsd:integer"},
        "grade": {"@id": "sg:grade", "@type": "@vocab"},
        "about": {"@id": "sg:about", "@type": "@id", "@container": "@set"},
        "inadequate": "sgv:inadequate",
        "Claim": "sg:Claim",
        "byLanguage": {"@id": "sg:note", "@container": "@language"},
        "list": {"@id": "sg:items", "@container": "@list"},
        "scoped": {"@id": "sg:scoped", "@context": {"label": "sg:other"}},
    }
)
CONTEXTS = {"own": own_context, "rich": lambda: RICH, "none": lambda: parse_context({})}


def expanded_by_pyld(text: str) -> set[Quad]:
    lines = jsonld.to_rdf(json.loads(text), {"format": "application/n-quads"})
    return {q if isinstance(q, Quad) else Quad(*q) for q in ox.parse(lines, format=ox.RdfFormat.N_QUADS)}


def expanded_by_engine(text: str) -> set[Quad]:
    return {q if isinstance(q, Quad) else Quad(*q) for q in ox.parse(text, format=ox.RdfFormat.JSON_LD)}


@pytest.mark.parametrize("name", CONTEXTS)
def test_it_expands_back_to_the_same_quads(name: str) -> None:
    text = serialize_jsonld(quads(), CONTEXTS[name](), ["a line for a reader"])
    assert expanded_by_pyld(text) == set(quads())
    assert expanded_by_engine(text) == set(quads())


values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
nodes = st.sampled_from(
    [ID.a, ID["x-1"], CLAIM["c#v1"], CLAIM.c, SGV.inadequate, SG.Claim, NamedNode("urn:x:y")]
)
literals = st.one_of(
    values.map(Literal),
    st.builds(lambda v, tag: Literal(v, language=tag), values, st.sampled_from(["en", "cy", "en-gb"])),
    st.builds(
        lambda v, kind: Literal(v, datatype=kind),
        st.one_of(
            st.sampled_from(["042", "42", "true", "1", "1.50", "2014-06-01", "-0", "12345678901234567890"]),
            values,
        ),
        # Not xsd:double: pyld 3.3 rewrites "042"^^xsd:double, though only numbers should be.
        st.sampled_from([XSD.integer, XSD.boolean, XSD.decimal, XSD.date, XSD.duration, ID.kind]),
    ),
)
properties = st.sampled_from(
    [
        RDF.type,
        RDFS.label,
        SG.day,
        SG.count,
        SG.grade,
        SG.about,
        SG.note,
        SG["items"],
        SG.scoped,
        NamedNode("urn:p:q"),
    ]
)
graph_names = st.sampled_from([CLAIM.c, GRAPH.register, DefaultGraph()])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.builds(Quad, nodes, properties, st.one_of(nodes, literals), graph_names), max_size=12))
def test_any_quads_survive(found: list[Quad]) -> None:
    kept = [q for q in found if q.predicate != RDF.type or isinstance(q.object, NamedNode)]
    for context in (RICH, own_context()):
        text = serialize_jsonld(kept, context)
        assert expanded_by_pyld(text) == expanded_by_engine(text) == set(kept)


def node_of(text: str, graph: str, iri: str) -> dict[str, Any]:
    for block in json.loads(text)["@graph"]:
        if block.get("id") == graph:
            return next(node for node in block["@graph"] if node["id"] == iri)
    raise AssertionError(graph)


def test_terms_and_prefixes_make_it_compact() -> None:
    made = [
        Quad(ID.a, RDF.type, SG.Claim, CLAIM.c),
        Quad(ID.a, RDFS.label, Literal("A", language="en"), CLAIM.c),
        Quad(ID.a, RDFS.label, Literal("plain"), CLAIM.c),
        Quad(ID.a, SG.day, Literal("2014-06-01", datatype=XSD.date), CLAIM.c),
        Quad(ID.a, SG.count, Literal("8", datatype=XSD.integer), CLAIM.c),
        Quad(ID.a, SG.count, Literal("08", datatype=XSD.integer), CLAIM.c),
        Quad(ID.a, SG.grade, SGV.inadequate, CLAIM.c),
        Quad(ID.a, SG.about, ID.b, CLAIM.c),
    ]
    assert node_of(serialize_jsonld(made, RICH), "claim:c", "thing:a") == {
        "id": "thing:a",
        "type": "Claim",
        "label": "A",
        "name": ["plain"],
        "about": ["thing:b"],
        "count": ["08", 8],
        "day": "2014-06-01",
        "grade": "inadequate",
    }


def test_the_parts_of_a_record_are_embedded_in_it() -> None:
    claim = CLAIMS["ann-ended"]
    context = parse_context({"id": "@id", **PREFIXES_WITHOUT_ID})
    text = serialize_jsonld(quads(), context)
    node = node_of(text, "graph:gazette-1", f"claim:{claim.iri.value.rpartition('/')[2]}")
    assert node["sg:evidence"]["oa:hasSelector"][1]["oa:exact"] == "announced it had ended"
    first, second = node["sg:voice"]
    assert first["prov:agent"] == {"id": f"{ID}anyshire-gazette"}
    assert second["prov:agent"] == {"id": f"{ID}anyshire-council"}
    assert node["sg:firstVoice"] == {"id": first["id"]}
    assert node["sg:lastVoice"] == first["sg:relays"] == {"id": second["id"]}


PREFIXES_WITHOUT_ID = {prefix: iri for prefix, iri in PREFIXES.items() if prefix != "id"}


def test_the_bytes_do_not_depend_on_the_order() -> None:
    assert serialize_jsonld(quads(), RICH) == serialize_jsonld(reversed(quads()), RICH)


def test_a_blank_node_is_refused() -> None:
    with pytest.raises(KgError, match="a blank node cannot be written here"):
        serialize_jsonld([Quad(BlankNode("b"), SG.p, ID.a)], RICH)


def test_a_context_that_is_none_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "context.jsonld"
    with pytest.raises(UnreadableError, match="no such file"):
        read_context(path)
    path.write_text('{"@context": {\n  "a": }}')
    with pytest.raises(SourceError, match=r"context\.jsonld:2: not JSON"):
        read_context(path)
    path.write_text("[]")
    with pytest.raises(SourceError, match="not a JSON-LD context"):
        read_context(path)


def test_the_own_context_shortens_all_of_our_namespaces() -> None:
    context: Context = own_context()
    for prefix in ("sg", "sgv", "id", "claim", "derived", "graph"):
        assert len(context.shorten(PREFIXES[prefix] + "x")) < len(PREFIXES[prefix])

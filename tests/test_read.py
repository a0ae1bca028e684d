"""Files to quads: each mistake names file and line, what is missing is exit code 2."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kg.errors import KgError, Problems, SourceError, UnreadableError
from kg.namespaces import GRAPH, ID
from kg.read import data_files, line_of, read_claims, read_quads, read_tree
from kg.skolem import skolemise
from tests.authoring import HEAD, draft, project

LINES = HEAD.count("\n")


def tree(tmp_path: Path, **files: str) -> tuple[Path, Path]:
    """A project with the given files in `data`, underscores of their names as slashes and dots."""
    ontology, data = tmp_path / "ontology", tmp_path / "data"
    ontology.mkdir()
    data.mkdir()
    for name, content in files.items():
        path = data / name.replace("__", "/").replace("_ttl", ".ttl").replace("_trig", ".trig")
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEAD + content, encoding="utf-8")
    return ontology, data


def test_a_malformed_file_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.ttl"
    path.write_text("@prefix x: <urn:x:> .\n\nx:a x:b x:c\nx:d x:e x:f .\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_quads(path)
    assert caught.value.message == f"{path}:4: not Turtle: A dot is expected at the end of statements"
    assert (caught.value.path, caught.value.line, caught.value.exit_code) == (path, 4, 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.trig", b"id:a { }", "{path}:1: not TriG: The prefix id: has not been declared"),
        ("a.nt", b"<urn:a> <urn:b> .", "{path}:1: not N-Triples: TOKEN is not a valid RDF object"),
        (
            "a.docx",
            b"",
            "{path}: 'docx' is no RDF format: expected one of turtle, trig, nt, nq, jsonld, rdfxml",
        ),
        ("noname", b"", "{path}: no extension to tell the RDF format by"),
    ],
)
def test_what_is_not_rdf_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read_quads(path)
    expected = message.format(path=path).split("TOKEN")
    assert caught.value.message.startswith(expected[0])
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("suffix", ["ttl", "trig", "nt", "nq", "jsonld", "rdf"])
def test_every_format_of_the_table_is_read(tmp_path: Path, suffix: str) -> None:
    content = {
        "jsonld": '{"@id": "urn:a", "urn:b": {"@id": "urn:c"}}',
        "rdf": '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="urn:a">'
        '<b xmlns="urn:" r:resource="urn:c"/></r:Description></r:RDF>',
    }.get(suffix, "<urn:a> <urn:b> <urn:c> .")
    path = tmp_path / f"a.{suffix}"
    path.write_text(content, encoding="utf-8")
    assert read_quads(path) == [Quad(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c"))]


def test_what_is_missing_could_not_be_checked(tmp_path: Path) -> None:
    for call in (
        lambda: read_quads(tmp_path / "none.ttl"),
        lambda: data_files(tmp_path / "none"),
        lambda: read_claims(tmp_path / "none"),
        lambda: read_tree(tmp_path / "none", tmp_path),
        lambda: read_tree(tmp_path, tmp_path / "none"),
    ):
        with pytest.raises(UnreadableError) as caught:
            call()
        assert caught.value.exit_code == 2


def test_each_file_has_its_graph(tmp_path: Path) -> None:
    ontology, data = tree(
        tmp_path,
        register_ttl='id:ofsted rdfs:label "Ofsted" .',
        articles_ttl="id:article-a a sg:Article .",
        gaps_ttl="id:gap-a a sg:Gap .",
        disagreements_ttl="id:disagreement-a a sg:Disagreement .",
        questions__q_ttl="id:question-a sg:parameter [ sg:key 1 ] .",
        claims__a_trig="claim:aa { id:x id:y id:z . } graph:a { claim:aa a sg:Claim . }",
    )
    (ontology / "terms.ttl").write_text(HEAD + "sg:Claim a owl:Class .", encoding="utf-8")
    source = read_tree(ontology, data)
    graphs = {str(quad.graph_name)[1:-1].rpartition("/")[2] for quad in source.quads}
    assert graphs == {"vocabulary", "register", "gaps", "disagreements", "questions", "aa", "a"}
    assert len(source.quads) == 9
    assert source.files[GRAPH.a.value] == data / "claims" / "a.trig"
    assert source.files[GRAPH.register.value] == data
    assert source.place_of(ID.ofsted.value) == (data / "register.ttl", LINES + 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "register_ttl",
            "id:a sg:p [ sg:q 1 ] .",
            "register.ttl:{line}: a blank node: everything needs an IRI here",
        ),
        (
            "claims__a_trig",
            "graph:a {\n claim:draft-x a sg:Claim ; sg:excerpt 'x' . }",
            "claims/a.trig:{next}: sg:excerpt is shorthand: run kg fmt --texts DIR {data}/claims/a.trig",
        ),
        (
            "claims__a_trig",
            "id:a id:b id:c .",
            "claims/a.trig:{line}: a triple outside all graphs: expected claim:... {{ }} or graph:... {{ }}",
        ),
        (
            "claims__a_trig",
            "\ngraph:b { id:a id:b id:c . }",
            (
                "claims/a.trig:{next}: the graph <https://w3id.org/scrutiny-graph/graph/b> is not one of this file: "
                "expected graph:a"
            ),
        ),
    ],
)
def test_what_does_not_belong_into_a_file_is_refused(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    ontology, data = tree(tmp_path, **{name: content})
    with pytest.raises(Problems) as caught:
        read_tree(ontology, data)
    assert caught.value.message == f"{data}/" + message.format(line=LINES + 1, next=LINES + 2, data=data)


def test_all_broken_files_are_told_at_once(tmp_path: Path) -> None:
    ontology, data = tree(tmp_path, register_ttl="id:a", gaps_ttl="id:b")
    with pytest.raises(Problems) as caught:
        read_tree(ontology, data)
    assert len(caught.value.problems) == 2
    assert caught.value.exit_code == 1


def test_a_record_that_is_not_whole_names_the_claim(tmp_path: Path) -> None:
    graph = "claim:aa { id:x id:y id:z . }\n"
    record = "graph:anyshire-1 { claim:aa a sg:Claim ; prov:hadPrimarySource id:article-anyshire-1 . }"
    path = project(tmp_path, HEAD + graph + record)
    with pytest.raises(KgError) as caught:
        read_claims(tmp_path)
    assert caught.value.message == f"{path}:{LINES + 1}: claim:aa: no voice (sg:voices): whose word is it?"


def test_drafts_are_not_read_as_claims(tmp_path: Path) -> None:
    project(tmp_path, draft())
    with pytest.raises(KgError, match="is shorthand: run kg fmt"):
        read_claims(tmp_path)


SHAPE = """
<urn:shape> <urn:property> [ <urn:path> <urn:p> ; <urn:in> ( 1 2 ) ], [ <urn:path> <urn:q> ; <urn:in> ( 1 2 ) ] .
[] <urn:members> ( <urn:a> <urn:b> ) .
"""


def skolemised(text: str) -> list[str]:
    return [str(quad) for quad in skolemise([*parse(text, format=RdfFormat.TRIG)], GRAPH.vocabulary)]  # type: ignore[list-item]


def test_blank_nodes_get_stable_iris() -> None:
    assert skolemised(SHAPE) == skolemised(SHAPE)
    assert not any("_:" in line for line in skolemised(SHAPE))
    assert len(skolemised(SHAPE)) == len(list(parse(SHAPE, format=RdfFormat.TRIG)))
    before, after = (
        set(skolemised(SHAPE)),
        set(skolemised("<urn:new> <urn:property> [ <urn:path> <urn:p> ] ." + SHAPE)),
    )
    assert before < after


def test_blank_nodes_in_a_circle_get_iris() -> None:
    circle = "_:a <urn:p> _:b . _:b <urn:p> _:a . _:c <urn:q> _:c ."
    assert len(skolemised(circle)) >= 2
    assert not any("_:" in line for line in skolemised(circle))


def test_a_line_is_where_a_subject_stands_first() -> None:
    source = "# id:a\nid:b sg:p id:a, id:a-b .\ngraph:x { id:a a sg:X . }\nclaim:9\\#v1 sg:q id:c ."
    assert line_of(source, "id:a") == 3
    assert line_of(source, "id:a-b") == 2
    assert line_of(source, "claim:9#v1") == 4
    assert line_of(source, "id:nowhere") is None
    assert line_of("<https://w3id.org/scrutiny-graph/id/a> a sg:X .", "id:a") == 1

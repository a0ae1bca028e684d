"""Shapes and checks: what a report says, in which words and in which bytes; any RDF against any shapes."""

import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.errors import KgError, SourceError, UnreadableError
from kg.namespaces import SH
from kg.report import Report, report_turtle
from kg.report import Result as Finding
from kg.validate import run_checks, validate

HEAD = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix x: <urn:x:> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."""
SHAPES = """x:S a sh:NodeShape ; sh:targetClass x:C ;
  sh:property [ sh:path x:p ; sh:minCount 1 ; sh:datatype xsd:boolean ; sh:message "needs a yes or no"@en ] ,
    [ sh:path x:q ; sh:maxCount 1 ; sh:severity sh:Warning ; sh:message "one is enough"@en ] ."""
DATA = """x:good a x:C ; x:p true . x:none a x:C . x:ill a x:C ; x:p 'none'^^xsd:boolean .
x:two a x:C ; x:p true ; x:q 1, 2 ."""


def parsed(turtle: str) -> list[ox.Quad]:
    return list(ox.parse((HEAD + turtle).encode(), format=ox.RdfFormat.TURTLE))


def found(report: Report) -> set[tuple[str, str, str | None]]:
    return {(r.focus, r.severity, r.path) for r in report.results}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    shapes, data = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    shapes.write_text(HEAD + SHAPES, encoding="utf-8")
    data.write_text(HEAD + "\n" + DATA.replace(" . ", " .\n"), encoding="utf-8")
    return shapes, data


def kg(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["validate", *map(str, arguments)])


# --- reports


def test_results_name_focus_path_severity_and_message() -> None:
    report = validate(parsed(DATA), parsed(SHAPES))
    assert found(report) == {
        ("urn:x:none", "Violation", "urn:x:p"),
        ("urn:x:ill", "Violation", "urn:x:p"),
        ("urn:x:two", "Warning", "urn:x:q"),
    }
    assert not report.conforms
    assert len(report.violations) == 2
    assert report.warnings[0].message == "one is enough"


def test_a_literal_is_checked_as_it_is_written() -> None:
    """rdflib would turn "none"^^xsd:boolean into false, and the datatype would hold."""
    report = validate(parsed("x:ill a x:C ; x:p 'none'^^xsd:boolean ."), parsed(SHAPES))
    assert [(r.focus, r.value) for r in report.results] == [("urn:x:ill", "none")]


def test_what_a_nested_shape_finds_is_no_result_of_its_own() -> None:
    shapes = """x:S a sh:NodeShape ; sh:targetClass x:C ; sh:property [ sh:path x:p ; sh:node x:T ] .
    x:T a sh:NodeShape ; sh:property [ sh:path x:q ; sh:minCount 1 ] ."""
    report = validate(parsed("x:a a x:C ; x:p x:b . x:b a x:D ."), parsed(shapes))
    assert found(report) == {("urn:x:a", "Violation", "urn:x:p")}


def test_warnings_alone_conform_but_the_report_as_rdf_follows_the_specification() -> None:
    report = validate(parsed("x:two a x:C ; x:p true ; x:q 1, 2 ."), parsed(SHAPES))
    assert report.conforms
    assert len(report.results) == 1
    quads = list(ox.parse(report_turtle(report), format=ox.RdfFormat.TURTLE))
    assert [q.object.value for q in quads if q.predicate == SH.conforms] == ["false"]


def test_data_in_named_graphs_is_taken_together() -> None:
    graph = ox.NamedNode("urn:g")
    quads = [ox.Quad(q.subject, q.predicate, q.object, graph) for q in parsed("x:a x:p true .")]
    assert validate([*parsed("x:a a x:C ."), *quads], parsed(SHAPES)).conforms


def test_the_order_of_data_makes_no_difference() -> None:
    one = validate(parsed(DATA), parsed(SHAPES))
    two = validate(parsed(DATA)[::-1], parsed(SHAPES)[::-1])
    assert one.results == two.results
    assert report_turtle(one) == report_turtle(two)


def test_shapes_that_are_none_are_an_error_of_the_check() -> None:
    broken = "x:S a sh:NodeShape ; sh:targetClass x:C ; sh:property [ sh:minCount 1 ] ."
    with pytest.raises(KgError) as caught:
        validate(parsed(DATA), parsed(broken))
    assert caught.value.exit_code == 2


def test_a_finding_in_words() -> None:
    finding = Finding(
        "https://w3id.org/scrutiny-graph/id/x",
        "differs from https://w3id.org/scrutiny-graph/claim/00ff",
        "Warning",
        "https://w3id.org/scrutiny-graph/ontology#grade",
        "https://w3id.org/scrutiny-graph/vocab/sif-good",
        file=Path("data/register.ttl"),
        line=7,
    )
    assert finding.in_words() == (
        "data/register.ttl:7: warning: id:x: sg:grade: differs from claim:00ff: found sgv:sif-good"
    )


# --- checks


def checks(tmp_path: Path, text: str) -> list[Finding]:
    (tmp_path / "one.rq").write_text(text, encoding="utf-8")
    store = ox.Store()
    store.update("INSERT DATA { <urn:a> <urn:p> 1 . GRAPH <urn:g> { <urn:b> <urn:p> 2 } }")
    return run_checks(store, tmp_path)


def test_a_check_gives_results_like_a_shape(tmp_path: Path) -> None:
    query = "# severity: warning\nSELECT ?focus ?value ('too small' AS ?message) { ?focus <urn:p> ?value }"
    assert checks(tmp_path, query) == [
        Finding("urn:a", "too small", "Warning", value="1", shape="one"),
    ]


def test_a_row_decides_its_severity_and_graphs_can_be_asked(tmp_path: Path) -> None:
    query = """SELECT ?focus ('x' AS ?message) ?severity { GRAPH ?g { ?focus <urn:p> 2 }
        BIND(<http://www.w3.org/ns/shacl#Info> AS ?severity) }"""
    assert [(r.focus, r.severity) for r in checks(tmp_path, query)] == [("urn:b", "Info")]


@pytest.mark.parametrize("query", ["SELECT ?focus {", "ASK { ?s ?p ?o }", "SELECT ?s { ?s ?p ?o }"])
def test_a_check_that_cannot_run_is_no_violation(tmp_path: Path, query: str) -> None:
    with pytest.raises(SourceError, match=r"one\.rq") as caught:
        checks(tmp_path, query)
    assert caught.value.exit_code == 2


def test_a_missing_folder_of_checks_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        run_checks(ox.Store(), tmp_path / "none")


# --- the command


def test_files_against_shapes_with_places_and_exit_codes(files: tuple[Path, Path]) -> None:
    shapes, data = files
    result = kg("--shapes", shapes, data)
    assert result.exit_code == 1
    assert f"{data}: violation: urn:x:none: urn:x:p: needs a yes or no" in result.output
    assert result.output.splitlines()[-1] == "does not conform: violations 2, warnings 1"
    data.write_text(HEAD + "x:good a x:C ; x:p true .", encoding="utf-8")
    result = kg("--shapes", shapes, data)
    assert (result.exit_code, result.output) == (0, "conforms: violations 0, warnings 0\n")


def test_several_files_are_one_graph(files: tuple[Path, Path], tmp_path: Path) -> None:
    shapes, data = files
    data.write_text(HEAD + "x:a a x:C .", encoding="utf-8")
    more = tmp_path / "more.nt"
    more.write_text(
        '<urn:x:a> <urn:x:p> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .\n', encoding="utf-8"
    )
    assert kg("--shapes", shapes, data).exit_code == 1
    assert kg("--shapes", shapes, data, more).exit_code == 0


def test_json_and_turtle(files: tuple[Path, Path]) -> None:
    shapes, data = files
    made = json.loads(kg("--shapes", shapes, "--format", "json", data).output)
    assert made["conforms"] is False
    assert {r["focus"] for r in made["results"]} == {"urn:x:none", "urn:x:ill", "urn:x:two"}
    assert made["results"][0]["file"] == str(data)
    turtle = kg("--shapes", shapes, "--format", "turtle", data).stdout_bytes
    quads = list(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    assert sum(q.object == SH.ValidationResult for q in quads) == 3


def test_the_report_is_the_same_bytes_in_every_process(files: tuple[Path, Path]) -> None:
    shapes, data = files
    code = "import sys; from kg.cli import main; main()"
    made = {
        subprocess.run(
            [
                sys.executable,
                "-c",
                code,
                "validate",
                "--shapes",
                str(shapes),
                "--format",
                "turtle",
                str(data),
            ],
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
            check=False,
        ).stdout
        for seed in "12"
    }
    assert len(made) == 1
    assert made != {b""}


@pytest.mark.parametrize(
    ("shapes", "data"), [(None, "none.ttl"), ("none.ttl", None), ("broken.ttl", None), (None, "broken.ttl")]
)
def test_what_cannot_be_checked_is_two(
    files: tuple[Path, Path], shapes: str | None, data: str | None
) -> None:
    folder = files[0].parent
    (folder / "broken.ttl").write_text("x:a x:b", encoding="utf-8")
    result = kg("--shapes", folder / shapes if shapes else files[0], folder / data if data else files[1])
    assert result.exit_code == 2
    assert "none.ttl" in result.stderr or "broken.ttl:1" in result.stderr


def test_shapes_without_files_are_a_mistake(files: tuple[Path, Path]) -> None:
    assert kg("--shapes", files[0]).exit_code == 2


def test_a_claim_file_is_checked_beside_the_register(root: Path) -> None:
    result = kg(root / "data" / "claims" / "bbc-32085372.trig")
    assert result.exit_code == 0, result.output


def test_a_person_who_is_not_registered_is_found_in_a_file_alone(root: Path, tmp_path: Path) -> None:
    text = (root / "data" / "claims" / "bbc-32085372.trig").read_text(encoding="utf-8")
    path = tmp_path / "bbc-32085372.trig"
    path.write_text(
        text.replace("org:member id:julian-wooster", "org:member id:nobody-known"), encoding="utf-8"
    )
    result = kg(path)
    assert result.exit_code == 1
    assert "id:tenure-wooster-dcs" in result.output

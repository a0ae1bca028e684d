"""Quality page: what is checked and found, marks, single-source statements, and the form for one's own data."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.checking.process import with_own_context
from kg.checking.text import Checked, CheckTimeout, CheckTooLarge, Limits, check_text
from kg.errors import SourceError
from kg.formats import rdf_format
from kg.kept_report import read_report, write_report
from kg.report import Report, Result
from kg.resources import data_dir, ontology_dir
from kg.settings import Settings
from tests.html_check import read_page
from web import create_app
from web.serving.served import source_of

HTML = {"Accept": "text/html"}
HEAD = """@prefix id: <https://w3id.org/scrutiny-graph/id/> .
@prefix sg: <https://w3id.org/scrutiny-graph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
"""
GOOD = HEAD + 'id:ann-example a foaf:Person ; rdfs:label "Ann Example"@en .\n'
BAD = HEAD + "id:ann-example a foaf:Person .\n"


def check(text: str, name: str = "turtle", limits: Limits | None = None) -> Checked:
    return check_text(text, rdf_format(name), ontology_dir(), data_dir(), limits)


@pytest.fixture(scope="module")
def client(built: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(out=built, port=8123, contact="corrections@example.org"))
    yield app.test_client()
    source_of(app).close()


# --- the worker


def test_data_that_conforms_does() -> None:
    found = check(GOOD)
    assert (found.quads, found.conforms, found.results) == (2, True, ())
    assert found.in_words() == "conforms: violations 0, warnings 0\n"


def test_a_violation_names_line_thing_and_what_to_do() -> None:
    found = check(BAD)
    assert not found.conforms
    (result,) = found.results
    assert (result.line, result.focus.rpartition("/")[2]) == (5, "ann-example")
    assert result.path == "http://www.w3.org/2000/01/rdf-schema#label"
    assert found.in_words().startswith("line 5: violation: id:ann-example: rdfs:label: ")


def test_the_report_in_turtle_holds_these_results_only() -> None:
    quads = list(ox.parse(check(BAD).turtle, format=ox.RdfFormat.TURTLE))
    focus = [q for q in quads if q.predicate.value.endswith("#focusNode")]
    assert [q.object.value.rpartition("/")[2] for q in focus] == ["ann-example"]


def test_blank_nodes_are_checked_as_well() -> None:
    found = check(HEAD + "[] a foaf:Person .")
    assert not found.conforms
    assert all(result.focus.startswith("_:") for result in found.results)


def test_trig_and_json_ld_are_read() -> None:
    assert not check(HEAD + "id:g { id:ann-example a foaf:Person }", "trig").conforms
    document = {
        "@context": "https://w3id.org/scrutiny-graph/context.jsonld",
        "@id": "https://w3id.org/scrutiny-graph/id/ann-example",
        "@type": "http://xmlns.com/foaf/0.1/Person",
    }
    found = check(json.dumps(document, indent=1), "jsonld")
    assert (found.quads, found.conforms) == (1, False)


@pytest.mark.parametrize(
    ("name", "text", "line", "says"),
    [
        ("turtle", HEAD + "id:x a ;", 5, "not Turtle"),
        ("trig", "<http://a.example/> {", 1, "not TriG"),
        ("jsonld", '{\n "a": }', 2, "not JSON"),
        ("jsonld", '{"@id": "x",\n "@context": "https://other.example/c.jsonld"}', 2, "is not fetched"),
        ("jsonld", '{\n"@context": {"@import": "https://other.example/c"}}', 2, "@import is not followed"),
        ("jsonld", '{"@context": ["file:///etc/passwd"]}', 1, "is not fetched"),
        ("jsonld", GOOD, 1, "reads like Turtle"),
        ("turtle", '{"@id": "x"}', 1, "reads like JSON-LD"),
        ("turtle", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', 1, "reads like XML"),
        ("turtle", "<x> a <http://x.example/Y> .", 1, "it is relative; write it in full"),
        ("turtle", "# only a comment\n", None, "there is nothing to check"),
        ("jsonld", '{"@id": "x", "@type": "http://x.example/Y"}', None, "a relative @id needs an @base"),
    ],
)
def test_a_mistake_is_told_with_its_line(name: str, text: str, line: int | None, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        check(text, name)
    assert caught.value.line == line
    assert says in caught.value.reason


def test_causes_stand_before_what_follows_from_them() -> None:
    """The class is misspelt, so that what points at the thing is wrong as well; so is a date that is none."""
    text = (
        HEAD
        + 'id:inspection-z a sg:Inspecton ; rdfs:label "Inspection of Z"@en .\n'
        + 'id:judgement-z a sg:Judgement ; rdfs:label "Judgement of Z"@en ; sg:inspection id:inspection-z .\n'
        + 'id:tenure-z a sg:Tenure ; rdfs:label "Tenure of Z"@en ; sg:start id:date-2015-99 .\n'
    )
    found = check(text)
    causes = [result.message for result in found.results[: -found.following]]
    following = [result.message for result in found.results[-found.following :]]
    assert causes[0] == "The vocabulary has no class sg:Inspecton. Did you mean sg:Inspection?"
    assert any("is not a date" in message for message in causes)
    assert [message.partition(".")[0] for message in following] == [
        "A judgement comes from a registered inspection",
        "A start is a date node",
    ]
    assert "these may go away with those above:" in found.in_words()


def test_terms_that_the_data_itself_declares_are_known() -> None:
    text = HEAD + "@prefix owl: <http://www.w3.org/2002/07/owl#> .\nsg:Own a owl:Class . id:x a sg:Own .\n"
    assert not any("has no class" in result.message for result in check(text).results)


def test_a_context_deep_inside_is_found() -> None:
    with pytest.raises(SourceError):
        with_own_context('{"a": [{"b": {"@context": "http://x.example/"}}]}', Path("input.jsonld"), {})


def test_nothing_runs_for_ever_or_takes_all_memory() -> None:
    with pytest.raises(CheckTimeout):
        check(GOOD, limits=Limits(seconds=0.01))
    with pytest.raises(CheckTooLarge):
        check(GOOD, limits=Limits(bytes=10))
    with pytest.raises(CheckTooLarge):
        check(GOOD, limits=Limits(memory=1 << 20))


def test_deep_nesting_ends_the_worker_only() -> None:
    with pytest.raises((SourceError, CheckTooLarge)):
        check("[" * 150_000)
    with pytest.raises((SourceError, CheckTooLarge)):
        check("[" * 150_000, "jsonld")
    assert check(GOOD).conforms


# --- the form


def post(client: FlaskClient, **fields: object) -> object:
    return client.post("/quality/validate", data=fields, headers=HTML, content_type="multipart/form-data")


def test_the_form_is_sound_and_says_its_limits(client: FlaskClient) -> None:
    response = client.get("/quality/validate", headers=HTML)
    assert response.status_code == 200
    assert read_page(response.text).problems == []
    assert "At most 200 kB" in response.text


def test_pasted_text_is_checked_and_kept_in_the_form(client: FlaskClient) -> None:
    response = post(client, text=BAD, format="turtle", report="page")
    assert response.status_code == 200  # type: ignore[attr-defined]
    html = response.text  # type: ignore[attr-defined]
    assert read_page(html).problems == []
    assert "It does not conform" in html
    assert "id:ann-example a foaf:Person ." in html
    assert "sh:ValidationReport" in html


def test_a_file_is_checked_by_its_name(client: FlaskClient) -> None:
    response = post(
        client,
        text="",
        file=(io.BytesIO(b'{"@id": "http://x.example/y", "@type": "http://x.example/Y"}'), "x.jsonld"),
        format="turtle",
        report="text",
    )
    assert response.text == "conforms: violations 0, warnings 0\n"  # type: ignore[attr-defined]


def test_markup_in_the_data_is_shown_and_not_run(client: FlaskClient) -> None:
    response = post(client, text='<script>alert(1)</script>"', format="turtle", report="page")
    assert response.status_code == 400  # type: ignore[attr-defined]
    assert "<script>alert" not in response.text  # type: ignore[attr-defined]
    assert "Line 1" in response.text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('id:x rdfs:label "caf\u00e9" .'.encode("latin-1"), "line 1: not UTF-8: byte E9 at column 21"),
        (GOOD.encode("utf-16"), "UTF-16: save it as UTF-8"),
        (b"", "there is nothing to check"),
    ],
)
def test_bytes_that_are_no_text_are_told(client: FlaskClient, body: bytes, says: str) -> None:
    response = client.post("/quality/validate", data=body, content_type="text/turtle")
    assert (response.status_code, says in response.text) == (400, True)


def test_a_mark_of_byte_order_is_no_mistake(client: FlaskClient) -> None:
    body = b"\xef\xbb\xbf" + GOOD.encode()
    assert client.post("/quality/validate", data=body, content_type="text/turtle").status_code == 200


def test_nothing_given_is_told(client: FlaskClient) -> None:
    response = post(client, text=" ", format="turtle")
    assert response.status_code == 400  # type: ignore[attr-defined]
    assert "Nothing was given" in response.text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("accept", "media_type", "part"),
    [
        ("application/json", "application/json", '"conforms": false'),
        ("text/turtle", "text/turtle; charset=utf-8", "sh:ValidationReport"),
        ("*/*", "text/plain; charset=utf-8", "does not conform"),
    ],
)
def test_a_program_sends_rdf_and_gets_the_report(
    client: FlaskClient, accept: str, media_type: str, part: str
) -> None:
    response = client.post(
        "/quality/validate", data=BAD.encode(), headers={"Accept": accept}, content_type="text/turtle"
    )
    assert (response.status_code, response.content_type) == (200, media_type)
    assert part in response.text


def test_a_program_with_another_type_or_bad_bytes_is_told(client: FlaskClient) -> None:
    assert client.post("/quality/validate", data=b"x", content_type="image/png").status_code == 400
    response = client.post("/quality/validate", data=b"# a\n\xff", content_type="text/turtle")
    assert (response.status_code, response.text) == (
        400,
        "line 2: not UTF-8: byte FF at column 1; save it as UTF-8\n",
    )


# --- the page


def test_the_page_tells_what_is_checked_and_found(client: FlaskClient) -> None:
    html = client.get("/quality", headers=HTML).text
    assert read_page(html).problems == []
    for words in (
        "No violations",
        "shapes with",
        "A claim needs one plain sentence",
        "Sentences of the articles",
    ):
        assert words in html, words
    report = client.get("/quality.ttl")
    assert any(
        q.predicate.value.endswith("#conforms") for q in ox.parse(report.data, format=ox.RdfFormat.TURTLE)
    )


@pytest.mark.parametrize("badge", ["contested", "inferred-identity", "single-source"])
def test_marks_have_lists(client: FlaskClient, badge: str) -> None:
    response = client.get(f"/quality/things/{badge}", headers=HTML)
    assert response.status_code == 200
    assert read_page(response.text).problems == []
    assert re.search(r'href="/page/', response.text)


def test_a_mark_stands_on_the_page_of_the_thing(client: FlaskClient) -> None:
    listed = client.get("/quality/things/inferred-identity", headers=HTML).text
    thing = re.search(r'<li><a href="(/page/[a-z0-9-]+)"', listed)
    assert thing is not None
    assert "a reference was inferred" in client.get(thing[1], headers=HTML).text
    assert client.get("/quality/things/nonsense", headers=HTML).status_code == 404


def test_single_source_statements_are_paged(client: FlaskClient) -> None:
    first = client.get("/quality/single-source", headers=HTML).text
    second = client.get("/quality/single-source?offset=50", headers=HTML).text
    assert read_page(first).problems == []
    assert 'href="?offset=50"' in first
    assert 'href="?offset=0"' in second
    assert client.get("/quality/single-source?offset=9999999", headers=HTML).status_code == 400


def test_a_report_comes_back_as_it_was_kept_with_files_below_the_root(tmp_path: Path) -> None:
    result = Result("urn:x", "odd", "Warning", shape="dates", file=tmp_path / "data" / "gaps.ttl", line=3)
    write_report(tmp_path, Report((result,)), tmp_path, with_texts=True)
    kept = read_report(tmp_path)
    assert kept is not None
    assert kept.with_texts
    assert str(kept.results[0].file) == "data/gaps.ttl"
    assert read_report(tmp_path / "nothing") is None
    assert str(tmp_path) not in (tmp_path / "report.json").read_text(encoding="utf-8")


# --- about


def test_about_names_the_contact_that_is_set_and_nobody_by_default(client: FlaskClient, built: Path) -> None:
    html = client.get("/about", headers=HTML).text
    assert 'href="mailto:corrections@example.org"' in html
    assert "None so far" in html
    app = create_app(Settings(out=built, port=8123))
    try:
        assert "has not named a contact" in app.test_client().get("/about", headers=HTML).text
    finally:
        source_of(app).close()


def test_the_accessibility_statement_is_sound(client: FlaskClient) -> None:
    response = client.get("/accessibility", headers=HTML)
    assert read_page(response.text).problems == []
    assert "WCAG" in response.text

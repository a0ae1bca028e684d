"""`kg serve FILE ...`: exactly the files, graphs as named in them, no union; each mistake names file and line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kg.cli import main
from kg.errors import SourceError, UnreadableError
from kg.formats import RDF_FORMATS, RdfFormat
from kg.read import read_quads
from kg.serve_files import FilesStore, load_files
from kg.settings import Settings
from tests.html_check import read_page
from web import create_app
from web.serving.served import FILES_ENDPOINTS, Files

HTML = {"Accept": "text/html"}
EX = "http://example.org/"
QUADS = [
    ox.Quad(ox.NamedNode(EX + "a"), ox.NamedNode(EX + "p"), ox.Literal("x")),
    ox.Quad(
        ox.NamedNode(EX + "a"),
        ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        ox.NamedNode(EX + "C"),
    ),
]
IN_GRAPH = ox.Quad(
    ox.NamedNode(EX + "a"), ox.NamedNode(EX + "q"), ox.NamedNode(EX + "b"), ox.NamedNode(EX + "g")
)
HOSTILE = (
    "javascript:alert(1)",
    "data:text/html,%3Cscript%3E",
    "urn:x'onmouseover='alert(1)",
    "http://example.org/x'onmouseover='alert(1)",
    "http://example.org/%0d%0aSet-Cookie:%20a=b",
    "http://example.org/\u202eevil/é",
    "http://example.org/" + "a" * 2000,
    "mailto:somebody@example.org",
    "x:y",
)


def entities(nested: int, times: int) -> str:
    """RDF/XML with entities of which each stands for several of the one before, used once or as often."""
    declared = f'<!ENTITY e0 "{"ha " * (2000 if nested == 1 else 20)}">'
    for n in range(1, nested):
        declared += f'<!ENTITY e{n} "{f"&e{n - 1};" * times}">'
    used = "&e0;" * times if nested == 1 else f"&e{nested - 1};"
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    text = f'<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [{declared}<!ENTITY ex "{EX}">]>\n<rdf:RDF xmlns:rdf="{rdf}" '
    return f'{text}xmlns:ex="&ex;"><rdf:Description rdf:about="&ex;a"><ex:p>{used}</ex:p></rdf:Description></rdf:RDF>'


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[FilesStore]:
    (tmp_path / "one.ttl").write_text(
        "@prefix : <http://example.org/> . [] :p :o . :x :rel <other> .", "utf-8"
    )
    (tmp_path / "two.ttl").write_text("@prefix : <http://example.org/> . [] :p :o . :x a :C .", "utf-8")
    (tmp_path / "three.trig").write_text("@prefix : <http://example.org/> . :g { :x :p :inside } ", "utf-8")
    found = load_files([tmp_path / name for name in ("one.ttl", "two.ttl", "three.trig")])
    yield found
    found.remove()


@pytest.fixture
def client(loaded: FilesStore) -> Iterator[FlaskClient]:
    source = Files(Settings(workers=1), loaded)
    yield create_app(Settings(), source).test_client()
    source.close()


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["validate"]])
def test_a_malformed_file_has_the_same_exit_code_wherever_it_is_named(
    tmp_path: Path, command: list[str]
) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text("<urn:s> <urn:p> .\n")
    done = CliRunner().invoke(main, [*command, str(bad)])
    assert done.exit_code == 2
    assert f"{bad}:1: " in done.stderr


def test_what_a_killed_server_left_behind_is_removed_by_the_next_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    data = tmp_path / "data.nt"
    data.write_text("<urn:s> <urn:p> <urn:o> .\n")
    killed, serving = load_files([data]), load_files([data])
    (tmp_path / "scrutiny-graph-of-somebody").mkdir()
    os.close(killed.owner)  # as the kernel does when the last process has ended
    last = load_files([data])
    assert not killed.path.exists()
    assert all((one.path / "store").is_dir() for one in (serving, last))
    serving.remove()
    last.remove()
    assert [path.name for path in tmp_path.glob("scrutiny-graph-*")] == ["scrutiny-graph-of-somebody"]


@pytest.mark.parametrize("entry", RDF_FORMATS, ids=lambda entry: entry.name)
def test_every_format_is_read(tmp_path: Path, entry: RdfFormat) -> None:
    path = tmp_path / f"data.{entry.extension}"
    quads = [*QUADS, IN_GRAPH] if entry.named_graphs else [q.triple for q in QUADS]
    path.write_bytes(ox.serialize(quads, format=entry.engine) or b"")
    found = load_files([path])
    try:
        expected = [("", 2), (EX + "g", 1)] if entry.named_graphs else [("", 2)]
        assert found.manifest["graphs"] == expected
    finally:
        found.remove()
    assert not found.path.exists()


def test_graphs_are_as_named_and_the_default_graph_is_no_union(client: FlaskClient) -> None:
    def rows(pattern: str) -> int:
        answer = client.get("/sparql", query_string={"query": f"SELECT * {{ {pattern} }}"})
        return len(answer.json["results"]["bindings"])

    assert rows("?s ?p ?o") == 4
    assert rows("GRAPH ?g { ?s ?p ?o }") == 1
    assert rows("<http://example.org/x> <http://example.org/p> ?o") == 0
    assert rows("?b <http://example.org/p> <http://example.org/o> FILTER(isBlank(?b))") == 2, (
        "one blank node a file"
    )


def test_relative_iris_are_resolved_against_the_file(client: FlaskClient, tmp_path: Path) -> None:
    query = "SELECT ?o { <http://example.org/x> <http://example.org/rel> ?o }"
    (row,) = client.get("/sparql", query_string={"query": query}).json["results"]["bindings"]
    assert row["o"]["value"] == (tmp_path / "other").resolve().as_uri()


def test_the_projects_prefixes_are_not_known_there(client: FlaskClient) -> None:
    assert client.get("/sparql", query_string={"query": "ASK { ?s a sg:Claim }"}).status_code == 400


def test_there_are_plain_pages_and_no_others(client: FlaskClient) -> None:
    front = client.get("/", headers=HTML)
    assert "4 statements" not in front.text
    assert "5 statements" in read_page(front.text).text
    for path in ("/browse", "/browse/http://example.org/C", "/resource?iri=http://example.org/x", "/sparql"):
        response = client.get(path, headers=HTML)
        assert response.status_code == 200, path
        page = read_page(response.text)
        assert page.problems == [], path
        for link in page.links:
            if link.startswith("/") and "/sparql?" not in link:
                assert client.get(link, headers=HTML).status_code == 200, f"{link} on {path}"
    for path in (
        "/questions",
        "/page/x",
        "/timeline",
        "/downloads",
        "/ontology",
        "/search?q=x",
        "/claim/x",
        "/id/x",
    ):
        assert client.get(path, headers=HTML).status_code == 404, path


def test_the_pages_of_files_are_those_of_the_table(client: FlaskClient) -> None:
    known = {rule.endpoint for rule in client.application.url_map.iter_rules()}
    assert known >= FILES_ENDPOINTS


def test_a_resource_is_shown_with_its_graphs_and_sent_as_data(client: FlaskClient) -> None:
    text = read_page(client.get("/resource?iri=http://example.org/x", headers=HTML).text).text
    assert "Its statements 3" in text
    assert "http://example.org/g" in text
    response = client.get("/resource?iri=http://example.org/x", headers={"Accept": "application/n-quads"})
    assert len(list(ox.parse(response.data, format=ox.RdfFormat.N_QUADS))) == 3
    inside = client.get("/resource?iri=http://example.org/g", headers=HTML)
    assert "In the graph of this name 1" in read_page(inside.text).text


def test_hostile_iris_and_texts_stay_harmless(tmp_path: Path) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    lines = [f"<{iri}> <{iri}> <{iri}> <{iri}> ." for iri in HOSTILE]
    lines += [f'<{iri}> {label} "<script>alert(1)</script>{{{{7*7}}}}" .' for iri in HOSTILE[:3]]
    lines += [f"<{iri}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{iri}> ." for iri in HOSTILE]
    path = tmp_path / "hostile.nq"
    path.write_text("\n".join(lines), "utf-8")
    found = load_files([path])
    source = Files(Settings(workers=1), found)
    try:
        client = create_app(Settings(), source).test_client()
        query = "SELECT * { ?s ?p ?o }"
        for target in (
            "/",
            "/browse",
            "/sparql",
            *(f"/resource#{iri}" for iri in HOSTILE),
            *(f"/browse#{iri}" for iri in HOSTILE),
        ):
            address, _, iri = target.partition("#")
            if address == "/browse" and iri:
                continue
            arguments = {"iri": iri} if iri else {"query": query} if address == "/sparql" else {}
            response = client.get(address, query_string=arguments, headers=HTML)
            assert response.status_code == 200, (target, response.text[-300:])
            assert "<script>" not in response.text, "ours have an address"
            assert "49" not in read_page(response.text).text
            page = read_page(response.text)
            assert page.problems == []
            assert all(
                link.startswith(("/", "#", "?", "http://", "https://", "mailto:")) for link in page.links
            )
            for extension in ("nq", "ttl"):
                data = client.get("/resource", query_string={"iri": iri, "format": extension})
                assert data.status_code == (200 if iri else 400)
                assert "Set-Cookie" not in data.headers
    finally:
        source.close()
        found.remove()


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("bad.ttl", "@prefix : <http://example.org/> .\n:a :b ;; ;", SourceError, "bad.ttl:2: not Turtle"),
        ("bad.docx", "x", SourceError, "'docx' is no RDF format"),
        ("bad.nq", "<a> <b> .\n", SourceError, "bad.nq:1"),
        ("no-extension", "x", SourceError, "no extension"),
        ("missing.ttl", None, UnreadableError, "No such file"),
        ("empty.rdf", "", SourceError, "empty.rdf: empty, so not RDF/XML"),
        ("blank.rdf", " \n", SourceError, "blank.rdf: empty, so not RDF/XML"),
        ("bare.rdf", "<?xml version='1.0'?>\n<!-- x -->", SourceError, "bare.rdf: holds no element"),
        ("empty.jsonld", "", SourceError, "empty.jsonld: empty, so not JSON-LD"),
        ("bomb.rdf", entities(10, 10), SourceError, "bomb.rdf:2: its XML entities expand"),
        ("flood.rdf", entities(1, 20_000), SourceError, "flood.rdf:2: its XML entities expand"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: str | None, error: type[Exception], message: str
) -> None:
    good, path = tmp_path / "good.ttl", tmp_path / name
    good.write_text("<http://a> <http://b> <http://c> .", "utf-8")
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(error, match=message.replace(".", r"\.")):
        load_files([good, path])


def test_a_folder_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="is a directory"):
        load_files([tmp_path])


@pytest.mark.parametrize("name", ["empty.ttl", "empty.nt", "empty.trig", "empty.nq"])
def test_an_empty_graph_is_a_graph(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"")
    found = load_files([path])
    assert found.manifest["triples"] == 0
    found.remove()


def test_entities_of_ordinary_files_are_expanded(tmp_path: Path) -> None:
    path = tmp_path / "ordinary.rdf"
    path.write_text(entities(3, 4), "utf-8")
    (quad,) = read_quads(path)
    assert (quad.subject, quad.object) == (ox.NamedNode(EX + "a"), ox.Literal("ha " * 20 * 16))
    found = load_files([path])
    assert found.manifest["triples"] == 1
    found.remove()


@pytest.mark.parametrize(("nested", "times"), [(10, 10), (1, 20_000)])
def test_entities_without_bound_are_refused_where_files_are_validated_too(
    tmp_path: Path, nested: int, times: int
) -> None:
    path = tmp_path / "bomb.rdf"
    path.write_text(entities(nested, times), "utf-8")
    with pytest.raises(SourceError, match="its XML entities expand"):
        read_quads(path)

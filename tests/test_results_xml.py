"""Answers in XML are XML, whatever a literal holds, and lose no carriage return."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import NotRepresentable
from kg.export import serialize
from kg.formats import rdf_format
from kg.results import serialize_triples, write_rows
from kg.serve_files import load_files
from kg.settings import Settings
from web import create_app
from web.serving.served import Files, source_of

ODD = "a\x01\x0b\ufffe]]>\r\n<&>\"'\t é\U0001f600"
KEPT = "a\ufffd\ufffd\ufffd]]>\r\n<&>\"'\t é\U0001f600"
P = ox.NamedNode("urn:p/b")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


@given(st.text() | st.just(ODD))
def test_rdf_xml_and_results_in_xml_are_xml(text: str) -> None:
    literal = ox.Literal(text)
    triple = ox.Triple(P, P, literal)
    written = ET.fromstring(serialize_triples([triple], "rdfxml", {}))[0][0].text or ""
    exported = ET.fromstring(
        serialize([ox.Quad(P, P, literal, P)], rdf_format("rdfxml"), triples=lambda: [triple])
    )
    rows = ET.fromstring(write_rows(["x"], [[literal]], "xml", 9, 1 << 20).body)
    shown = rows[1][0][0][0].text or ""
    assert written == shown == (exported[0][0].text or "")
    assert len(written) == len(text)
    assert all(a in (b, "\ufffd") for a, b in zip(written, text, strict=True))


@pytest.mark.parametrize(
    "path", ["/sparql?query=CONSTRUCT WHERE { ?s ?p ?o }", "/graph?default", "/resource?iri=urn:p/b"]
)
def test_the_same_over_http(tmp_path: Path, path: str) -> None:
    file = tmp_path / "odd.nt"
    file.write_text(f"{P} {P} {ox.Literal(ODD)} .\n", encoding="utf-8")
    loaded = load_files([file])
    app = create_app(
        Settings(workers=1, heavy_workers=0, access_log="none"), Files(Settings(workers=1), loaded)
    )
    answer = app.test_client().get(path, headers={"Accept": "application/rdf+xml"})
    source_of(app).close()
    loaded.remove()
    assert answer.status_code == 200
    assert [node.text for node in ET.fromstring(answer.data).iter() if node.text and "]]>" in node.text] == [
        KEPT
    ]


@pytest.mark.parametrize(
    "iri", ["http://example.org/9", "urn:x:", "http://example.org/a/", "http://example.org/a(b)&c="]
)
def test_what_xml_has_no_name_for_is_said_to_be_so(iri: str) -> None:
    node = ox.NamedNode(iri)
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    for triple in (ox.Triple(P, node, P), ox.Triple(P, kind, node)):
        with pytest.raises(NotRepresentable, match=re.escape(f"no name for <{iri}>")):
            serialize_triples([triple], "rdfxml", {})
    app = create_app(
        Settings(workers=1, heavy_workers=0, access_log="none"), Files(Settings(workers=1), load_files([]))
    )
    answer = app.test_client().get(
        "/sparql", query_string={"query": f"CONSTRUCT {{ <urn:s> <{iri}> 1 }} {{}}", "format": "rdfxml"}
    )
    source_of(app).close()
    assert answer.status_code == 406
    assert iri in answer.text

"""The vocabulary for readers: every term with meaning, source, example and uses; an address and RDF for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.formats import rdf_format
from kg.namespaces import SG, SGV
from kg.snapshot import open_snapshot
from kg.vocabulary import Scheme, Term, read_schemes, read_terms
from tests.html_check import read_page
from web.charts.boxes import Arrow, boxes_drawing
from web.charts.values import Link
from web.views.vocabulary import JOINS, overview

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[ox.Store]:
    snapshot = open_snapshot(built)
    yield snapshot.store
    snapshot.close()


@pytest.fixture(scope="module")
def terms(store: ox.Store) -> tuple[Term, ...]:
    return read_terms(store)


@pytest.fixture(scope="module")
def schemes(store: ox.Store) -> tuple[Scheme, ...]:
    return read_schemes(store)


def test_every_term_has_definition_source_and_example(terms: tuple[Term, ...]) -> None:
    assert len(terms) > 200
    lacking = [t.iri.value for t in terms if not (t.label and t.definition and t.sources and t.examples)]
    assert lacking == []


def test_uses_are_those_of_the_data(store: ox.Store, terms: tuple[Term, ...]) -> None:
    known = {term.iri: term.uses for term in terms}
    for query, iri in (("{ ?s a sg:Judgement }", SG.Judgement), ("{ ?s sg:grade ?o }", SG.grade)):
        found = store.query(f"PREFIX sg: <{SG}> SELECT (COUNT(*) AS ?n) WHERE {query}")
        (row,) = found  # type: ignore[misc]
        assert known[iri] == int(row[0].value) > 0


def test_grades_stand_from_the_best_to_the_worst(schemes: tuple[Scheme, ...]) -> None:
    by_iri = {scheme.iri: scheme for scheme in schemes}
    labels = [concept.label for concept in by_iri[SGV["scale-sif"]].concepts]
    assert labels == ["outstanding", "good", "requires improvement", "inadequate"]
    seasons = [concept.label for concept in by_iri[SGV.seasons].concepts]
    assert seasons == ["spring", "summer", "autumn", "winter"]


def test_every_concept_is_in_a_scheme_with_its_uses(schemes: tuple[Scheme, ...]) -> None:
    uses = {concept.iri: concept.uses for scheme in schemes for concept in scheme.concepts}
    assert uses[SGV.stated] > 50
    assert all(n >= 0 for n in uses.values())


def test_everything_in_the_diagram_is_so_in_the_data(store: ox.Store) -> None:
    figure = overview(store)
    assert len(figure.table.rows) == len(JOINS)
    assert figure.svg.count("<path ") == len(JOINS)


def test_an_arrow_to_a_box_further_away_is_refused() -> None:
    boxes = {"a": ((0, 0), Link("A", "/a")), "b": ((1, 1), Link("B", "/b"))}
    with pytest.raises(ValueError, match="no neighbour"):
        boxes_drawing("k", "t", "d", boxes, [Arrow("a", "b", Link("x", "/x"))])


@pytest.mark.parametrize("name", ["Judgement", "grade", "restsOn", "Season", "inverseLabel"])
def test_a_term_has_a_page_of_its_own(client: FlaskClient, name: str) -> None:
    response = client.get(f"/ontology/{name}", headers=HTML)
    document = read_page(response.text)
    assert (response.status_code, document.problems) == (200, [])
    assert SG[name].value in document.text
    assert '"DefinedTerm"' in response.text


@pytest.mark.parametrize("format_name", ["turtle", "jsonld", "rdfxml", "nt", "trig"])
@pytest.mark.parametrize("by", ["accept", "suffix"])
def test_a_term_answers_with_rdf_about_itself(client: FlaskClient, format_name: str, by: str) -> None:
    wanted = rdf_format(format_name)
    path = "/ontology/Judgement" + (f".{wanted.extension}" if by == "suffix" else "")
    response = client.get(path, headers={"Accept": wanted.media_type} if by == "accept" else {})
    assert (response.status_code, response.mimetype) == (200, wanted.media_type)
    assert {quad.subject for quad in ox.parse(response.data, format=wanted.engine)} == {SG.Judgement}


def test_a_name_that_is_no_term_is_a_404_that_leads_to_the_list(client: FlaskClient) -> None:
    for path in ("/ontology/Nothing", "/ontology/Nothing.ttl"):
        response = client.get(path, headers=HTML)
        assert response.status_code == 404
        assert "/ontology lists those that there are" in response.text


def test_the_page_tells_examples_sources_and_uses(client: FlaskClient) -> None:
    document = read_page(client.get("/ontology", headers=HTML).text)
    assert document.problems == []
    for words in ("For example:", "Not:", "Meaning: coined here", "The main classes, and what joins them"):
        assert words in document.text
    assert {"Judgement", "grade", "classes", "properties", "concepts"} <= set(document.ids)

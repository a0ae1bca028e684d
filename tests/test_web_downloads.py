"""Downloads, and what programs read: health, robots, sitemap, VoID, context."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.formats import RDF_FORMATS, RdfFormat
from kg.settings import Settings
from kg.snapshot import open_snapshot
from tests.html_check import read_page
from web import create_app
from web.serving.served import source_of

HTML = {"Accept": "text/html"}
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=built, port=8123, base_url="https://graph.example.org/"))
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("entry", RDF_FORMATS, ids=lambda entry: entry.name)
def test_the_whole_graph_can_be_had_in_every_format(client: FlaskClient, entry: RdfFormat) -> None:
    path = f"/downloads/scrutiny-graph.{entry.extension}"
    page = read_page(client.get("/downloads", headers=HTML).text)
    assert path in page.links
    response = client.get(path)
    assert response.status_code == 200
    assert response.mimetype == entry.media_type
    assert hashlib.sha256(response.data).hexdigest() in page.text
    part = client.get(path, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, response.data[:10])
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_the_page_tells_version_and_licence(client: FlaskClient, built: Path) -> None:
    text = read_page(client.get("/downloads", headers=HTML).text).text
    assert open_snapshot(built).version in text
    assert "CC BY 4.0" in text
    assert "The excerpts are not covered" in text


def test_health_tells_the_version(client: FlaskClient, built: Path) -> None:
    assert client.get("/healthz").text == f"ok {open_snapshot(built).version}\n"


def test_robots_and_sitemap_name_the_public_address(client: FlaskClient) -> None:
    robots = client.get("/robots.txt", headers={"Host": "evil.example"}).text
    assert "Sitemap: https://graph.example.org/sitemap.xml" in robots
    root = ET.fromstring(client.get("/sitemap.xml").text)
    addresses = [node.text or "" for node in root.iter(f"{SITEMAP}loc")]
    assert len(addresses) == len(set(addresses)) > 100
    assert all(address.startswith("https://graph.example.org/") for address in addresses)
    assert not any("julian-wooster" in address for address in addresses)
    for address in addresses[:20] + addresses[-20:]:
        assert client.get(address.removeprefix("https://graph.example.org"), headers=HTML).status_code == 200


@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/rdf+xml", "application/n-triples", "text/html", "*/*"]
)
def test_the_data_set_is_described(client: FlaskClient, accept: str) -> None:
    response = client.get("/.well-known/void", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.mimetype == (
        accept if accept in ("application/rdf+xml", "application/n-triples") else "text/turtle"
    )
    engine = next(f.engine for f in RDF_FORMATS if f.media_type == response.mimetype)
    predicates = {q.predicate.value for q in ox.parse(response.data, format=engine)}
    assert "http://rdfs.org/ns/void#triples" in predicates


def test_the_context_is_served(client: FlaskClient) -> None:
    response = client.get("/context.jsonld")
    assert response.mimetype == "application/ld+json"
    assert "@context" in response.json
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_vocabulary_is_a_page_and_data(client: FlaskClient) -> None:
    page = read_page(client.get("/ontology", headers=HTML).text)
    assert {"Claim", "Tenure", "Disagreement", "grade", "restsOn"} <= set(page.ids)
    turtle = client.get("/ontology", headers={"Accept": "text/turtle"})
    assert len(list(ox.parse(turtle.data, format=ox.RdfFormat.TURTLE))) > 500
    assert client.get("/ontology.jsonld").mimetype == "application/ld+json"
    assert read_page(client.get("/ontology/Claim", headers=HTML).text).problems == []

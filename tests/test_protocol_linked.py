"""Linked data: links of every answer, the description of the data set, stored questions where editors look for them."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.namespaces import BASE, DCAT, FOAF, SCHEMA, VOID
from kg.settings import Settings
from kg.void import CC_BY, DATASET
from web import create_app
from web.serving.served import source_of

SITE = "https://graph.example.org"
HTML = {"Accept": "text/html"}
LINK = re.compile(r'<([^>]*)>; rel="([a-z-]+)"(?:; type="([^"]+)")?')


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=built, base_url=SITE, workers=1, access_log="none"))
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def names(client: FlaskClient) -> dict[str, str]:
    """One claim, one derivation and one article of the data."""
    found = {}
    for kind, pattern in (
        ("claim", "?x a sg:Claim"),
        ("derived", "?x a sg:Derivation"),
        ("articles", "?x a sg:Article"),
    ):
        query = f"SELECT ?x {{ {pattern} }} ORDER BY ?x LIMIT 1"
        text = client.get("/sparql", query_string={"query": query, "format": "csv"}).text
        found[kind] = text.split()[1].rpartition("/")[2].removeprefix("article-")
    return found


def links(
    client: FlaskClient, address: str, headers: dict[str, str] | None = None
) -> set[tuple[str, str, str]]:
    response = client.get(address, headers=headers)
    assert response.status_code in (200, 303), (address, response.status_code)
    return {found for link in response.headers.getlist("Link") for found in LINK.findall(link)}


@pytest.mark.parametrize(
    ("address", "iri", "data"),
    [
        ("/page/ofsted", "id/ofsted", "/data/ofsted"),
        ("/id/ofsted", "id/ofsted", "/data/ofsted"),
        ("/page/vocab/stated", "vocab/stated", "/data/vocab/stated"),
        ("/claim/CLAIM", "claim/CLAIM", "/claim/CLAIM"),
        ("/derived/DERIVED", "derived/DERIVED", "/derived/DERIVED"),
        ("/articles/ARTICLES", "id/article-ARTICLES", "/data/article-ARTICLES"),
        ("/questions/leader-of-council", "id/question-leader-of-council", "/data/question-leader-of-council"),
    ],
)
def test_a_page_leads_to_its_data_licence_and_iri(
    client: FlaskClient, names: dict[str, str], address: str, iri: str, data: str
) -> None:
    for kind, name in names.items():
        address, iri, data = (text.replace(kind.upper(), name) for text in (address, iri, data))
    found = links(client, address, HTML)
    assert (f"{data}.ttl", "alternate", "text/turtle") in found
    assert (f"{data}.jsonld", "alternate", "application/ld+json") in found
    assert (f"{data}.ttl", "describedby", "text/turtle") in found
    assert (CC_BY.value, "license", "") in found
    assert (BASE + iri, "cite-as", "") in found


def test_every_link_of_a_page_leads_somewhere(client: FlaskClient) -> None:
    for target, relation, media_type in links(client, "/page/ofsted", HTML):
        if target.startswith("/"):
            response = client.get(target)
            assert response.status_code == 200, (target, relation)
            assert not media_type or response.mimetype == media_type


def test_data_leads_to_its_page_and_to_the_data_set(client: FlaskClient) -> None:
    found = links(client, "/data/ofsted.ttl")
    assert ("/page/ofsted", "alternate", "text/html") in found
    assert ("/.well-known/void", "describedby", "") in found
    assert (BASE + "id/ofsted", "cite-as", "") in found


def test_what_never_was_is_not_found_in_any_form(client: FlaskClient) -> None:
    for address in (
        "/id/never-was",
        "/page/never-was",
        "/data/never-was.ttl",
        "/claim/00ff00ff00ff00ff",
        "/graph/no",
    ):
        response = client.get(address)
        assert response.status_code == 404, address
        assert "Link" not in response.headers


@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples", "application/ld+json"])
def test_the_data_set_is_described_with_addresses_that_answer(client: FlaskClient, media_type: str) -> None:
    response = client.get("/.well-known/void", headers={"Accept": media_type, "Host": "evil.example"})
    assert (response.status_code, response.mimetype) == (200, media_type)
    triples = {q.triple for q in ox.parse(response.data, format=ox.RdfFormat.from_media_type(media_type))}

    def values(predicate: ox.NamedNode) -> set[str]:
        return {t.object.value for t in triples if t.predicate == predicate}

    assert values(VOID.sparqlEndpoint) == {f"{SITE}/sparql"}
    assert values(DCAT.endpointURL) == {f"{SITE}/sparql"}
    assert values(FOAF.primaryTopic) == {DATASET.value}
    files = values(VOID.dataDump) | values(DCAT.downloadURL)
    assert f"{SITE}/downloads/scrutiny-graph.ttl" in files
    for address in files:
        assert client.head(address.removeprefix(SITE)).status_code == 200, address
    assert "evil.example" not in response.text


FIND_EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>
SELECT DISTINCT ?sq ?comment ?query
WHERE {
  ?sq a sh:SPARQLExecutable ;
    rdfs:comment ?comment ;
    sh:select|sh:ask|sh:construct|spex:describe ?query .
} ORDER BY ?sq"""
"""What editors ask that follow the convention of sib-swiss sparql-examples."""
FIND_PREFIXES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"""


def test_a_download_can_be_had_in_parts(live_server: str, built: Path) -> None:
    content = (built / "current" / "exports" / "scrutiny-graph.ttl").read_bytes()
    for given, status, expected in (
        ({}, 200, content),
        ({"Range": "bytes=5-104"}, 206, content[5:105]),
        ({"Range": "bytes=-10"}, 206, content[-10:]),
    ):
        request = urllib.request.Request(f"{live_server}downloads/scrutiny-graph.ttl", headers=given)
        with urllib.request.urlopen(request, timeout=20) as reply:
            assert (reply.status, reply.read()) == (status, expected)
            assert reply.headers["Content-Disposition"].startswith("attachment")
            assert 'rel="license"' in str(reply.headers.get_all("Link"))


def test_query_editors_find_the_stored_questions(client: FlaskClient) -> None:
    rows = client.get("/sparql", query_string={"query": FIND_EXAMPLES}).get_json()["results"]["bindings"]
    assert len(rows) >= 72
    prefixes = client.get("/sparql", query_string={"query": FIND_PREFIXES}).get_json()["results"]["bindings"]
    assert {"prefix": "sg", "namespace": BASE + "ontology#"} in [
        {name: term["value"] for name, term in row.items()} for row in prefixes
    ]


def test_each_example_names_the_endpoint_that_answers_it(client: FlaskClient) -> None:
    response = client.get("/.well-known/sparql-examples")
    assert (response.status_code, response.mimetype) == (200, "text/turtle")
    store = ox.Store()
    store.load(response.data, format=ox.RdfFormat.TURTLE)
    rows = store.query(FIND_EXAMPLES)
    assert isinstance(rows, ox.QuerySolutions)
    found = [row["sq"] for row in rows]
    assert len(found) >= 72
    for example in found:
        assert isinstance(example, ox.NamedNode)
        targets = {q.object for q in store.quads_for_pattern(example, SCHEMA.target, None)}
        assert targets == {ox.NamedNode(f"{SITE}/sparql")}


def test_the_sitemap_names_pages_at_the_public_address(client: FlaskClient) -> None:
    response = client.get("/sitemap.xml", headers={"Host": "evil.example"})
    addresses = re.findall(r"<loc>([^<]+)</loc>", response.text)
    assert len(addresses) > 100
    assert all(address.startswith(f"{SITE}/") for address in addresses)


def test_any_iri_of_ours_is_found_by_its_iri_too(client: FlaskClient) -> None:
    query = {"iri": f"{BASE}id/ofsted"}
    page = client.get("/resource", query_string=query, headers=HTML)
    assert (page.status_code, page.location) == (303, "/page/ofsted")
    assert "Accept" in page.headers["Vary"]
    data = client.get("/resource", query_string=query, headers={"Accept": "text/turtle"})
    assert (data.status_code, data.mimetype) == (200, "text/turtle")
    assert data.data == client.get("/data/ofsted.ttl").data
    assert "Accept" in data.headers["Vary"]


def test_spans_of_dates_have_addresses_too(client: FlaskClient) -> None:
    """Their local names have an underscore."""
    query = 'SELECT ?x { ?x a sg:Date FILTER(CONTAINS(STR(?x), "_")) } ORDER BY ?x LIMIT 1'
    iri = client.get("/sparql", query_string={"query": query, "format": "csv"}).text.split()[1]
    name = iri.removeprefix(f"{BASE}id/")
    assert client.get(f"/id/{name}", headers=HTML).location == f"/page/{name}"
    assert client.get(f"/page/{name}").status_code == 200
    assert iri in client.get(f"/data/{name}.nt").text


def test_the_release_of_the_vocabulary_has_an_address(client: FlaskClient) -> None:
    query = "SELECT ?version { ?ontology <http://www.w3.org/2002/07/owl#versionIRI> ?version }"
    iri = client.get("/sparql", query_string={"query": query, "format": "csv"}).text.split()[1]
    response = client.get(iri.removeprefix(BASE.rstrip("/")))
    assert (response.status_code, response.location) == (303, "/ontology")
    assert client.get("/ontology/0.0.0").status_code == 404


def test_the_data_set_is_found_from_the_front_page(client: FlaskClient) -> None:
    for address in ("/", "/downloads"):
        found = links(client, address, HTML)
        assert ("/.well-known/void", "describedby", "text/turtle") in found
        assert ("/sparql", "service-desc", "text/turtle") in found
        assert (DATASET.value, "cite-as", "") in found
        assert (CC_BY.value, "license", "") in found
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (200, "text/turtle")


@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/ld+json", "application/rdf+xml;q=0.9, text/html;q=0.1"]
)
def test_the_iri_of_the_data_set_leads_to_its_description(client: FlaskClient, accept: str) -> None:
    address = DATASET.value.removeprefix(BASE.rstrip("/")).partition("#")[0]
    response = client.get(address, headers={"Accept": accept})
    assert (response.status_code, response.location) == (303, "/.well-known/void")
    assert "Accept" in response.headers["Vary"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    described = client.get(address, headers={"Accept": accept}, follow_redirects=True)
    assert (described.status_code, described.mimetype) == (200, accept.partition(";")[0])
    for wanted in ("text/html", "*/*", "", "image/png"):
        assert client.get(address, headers={"Accept": wanted}).mimetype == "text/html"

"""The endpoint's manners: downloads, conditions, CORS, encodings, what is said of the service, links."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.errors import PoolBusy
from kg.namespaces import DCTERMS, RDFS, SD
from kg.settings import Settings
from kg.void import CC_BY
from tests.html_check import read_page
from web import create_app
from web.serving.served import source_of

SITE = "https://graph.example.org"
SELECT = "SELECT ?s WHERE { ?s a sg:Article } LIMIT 1"
CONSTRUCT = "CONSTRUCT WHERE { ?s a sg:Article }"


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=built, base_url=SITE, workers=1, query_rows=5, access_log="none"))
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("query", "extra", "expected"),
    [
        (SELECT, {}, 'inline; filename="answer.srj"'),
        (SELECT, {"format": "csv"}, 'inline; filename="answer.csv"'),
        (SELECT, {"format": "csv", "download": "yes"}, 'attachment; filename="answer.csv"'),
        (SELECT, {"format": "xml", "download": "no"}, 'inline; filename="answer.srx"'),
        (CONSTRUCT, {"format": "ttl", "download": "yes"}, 'attachment; filename="answer.ttl"'),
        (CONSTRUCT, {"format": "csv"}, None),
        (CONSTRUCT, {"format": "application/ld+json"}, 'inline; filename="answer.jsonld"'),
    ],
)
def test_an_answer_has_a_file_name(
    client: FlaskClient, query: str, extra: dict[str, str], expected: str | None
) -> None:
    response = client.get("/sparql", query_string={"query": query, **extra})
    assert response.headers.get("Content-Disposition") == expected
    assert response.status_code == (200 if expected else 400)


def test_an_answer_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/sparql", query_string={"query": SELECT})
    again = client.get(
        "/sparql", query_string={"query": SELECT}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert "Accept" in again.headers["Vary"]
    other = client.get(
        "/sparql",
        query_string={"query": SELECT},
        headers={"If-None-Match": first.headers["ETag"], "Accept": "text/csv"},
    )
    assert other.status_code == 200


def test_an_answer_that_is_cut_off_says_so(client: FlaskClient) -> None:
    cut = client.get("/sparql", query_string={"query": "SELECT * { ?s ?p ?o }"})
    assert cut.headers["X-Truncated"] == "rows=5"
    assert "X-Truncated" in cut.headers["Access-Control-Expose-Headers"]
    page = client.get(
        "/sparql", query_string={"query": "SELECT * { ?s ?p ?o }"}, headers={"Accept": "text/html"}
    )
    assert "cut off" in page.text


@pytest.mark.parametrize("limit", [5, 4])
def test_a_cut_off_answer_links_to_the_limits_in_its_body(client: FlaskClient, limit: int) -> None:
    query = "SELECT ?s { ?s ?p ?o } LIMIT " + ("6" if limit == 5 else "4")
    link = [f"{SITE}/limits"] if limit == 5 else []
    told = client.get("/sparql", query_string={"query": query, "format": "json"}).json
    assert (told["head"].get("link", []), len(told["results"]["bindings"])) == (link, limit)
    xml = client.get("/sparql", query_string={"query": query, "format": "xml"}).data
    head = ET.fromstring(xml).find("{http://www.w3.org/2005/sparql-results#}head")
    assert head is not None
    assert [child.get("href") for child in head if child.tag.endswith("}link")] == link
    assert head[-1].tag.endswith("}link" if link else "}variable"), "links come last"
    for name in ("csv", "tsv"):
        body = client.get("/sparql", query_string={"query": query, "format": name}).text
        assert len(body.splitlines()) == limit + 1
        assert "limits" not in body


def test_the_limits_have_a_page(client: FlaskClient) -> None:
    page = client.get("/limits", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert read_page(page.text).problems == []
    assert "<dd>5; then it is" in page.text
    assert 'id="cut-off"' in page.text
    asked = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "text/html"})
    assert "/limits" in read_page(asked.text).links


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("query", "status"), [("ASK {}", 200), ("ASK {", 400), ("LOAD <http://a.example/>", 403)]
)
def test_answers_and_errors_may_be_read_by_pages_of_others(
    client: FlaskClient, method: str, query: str, status: int
) -> None:
    headers = {"Origin": "https://a.example"}
    if method == "GET":
        response = client.get("/sparql", query_string={"query": query}, headers=headers)
    else:
        response = client.post("/sparql", data={"query": query}, headers=headers)
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_browser_may_ask_beforehand(client: FlaskClient) -> None:
    response = client.options(
        "/sparql", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    )
    assert response.status_code == 204
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(response.headers["Allow"].split(", "))
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("headers", "body", "address", "status"),
    [
        ({"Content-Type": "application/sparql-query"}, b"ASK {}", "", 200),
        ({"Content-Type": "application/sparql-query; charset=UTF-8"}, b"ASK {}", "", 200),
        ({"Content-Type": "application/sparql-query; charset=utf-7"}, b"ASK {}", "", 415),
        ({"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}, b"ASK {}", "", 415),
        ({"Content-Type": "application/sparql-query", "Content-Encoding": "identity"}, b"ASK {}", "", 200),
        ({"Content-Type": "application/sparql-query"}, b"ASK {}", "?query=ASK%7B%7D", 400),
        ({"Content-Type": "application/sparql-query"}, b"\xff", "", 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"query=ASK%7B%ff%7D", "", 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"query=ASK%7B%7D", "", 200),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"query=ASK%7B%7D", "?query=ASK%7B%7D", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", "", 415),
        ({}, b"ASK {}", "", 415),
    ],
)
def test_a_body_is_read_as_what_it_says_it_is_or_refused(
    client: FlaskClient, headers: dict[str, str], body: bytes, address: str, status: int
) -> None:
    response = client.post(f"/sparql{address}", data=body, headers=headers)
    assert response.status_code == status
    assert response.data.strip()


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_a_busy_endpoint_says_when_to_come_back(
    app: Flask, client: FlaskClient, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise PoolBusy(7)

    monkeypatch.setattr("web.endpoint.sparql.measured", busy)
    response = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": accept})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "7"


@pytest.mark.parametrize("name", ["turtle", "nt", "rdfxml", "jsonld"])
def test_the_service_describes_itself_in_the_format_asked_for(client: FlaskClient, name: str) -> None:
    response = client.get("/sparql", query_string={"format": name}, headers={"Host": "evil.example"})
    assert response.status_code == 200
    parsed = ox.parse(response.data, format=ox.RdfFormat.from_media_type(response.mimetype or ""))
    triples = {quad.triple for quad in parsed}
    address = ox.NamedNode(f"{SITE}/sparql")
    assert ox.Triple(address, SD.endpoint, address) in triples
    assert any(t.predicate == DCTERMS.license and t.object == CC_BY for t in triples)
    assert any(t.predicate == RDFS.seeAlso and t.object.value.endswith("/.well-known/void") for t in triples)
    assert b"evil.example" not in response.data


def test_data_about_no_single_thing_leads_to_its_description_and_licence(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": SELECT})
    links = response.headers.getlist("Link")
    assert '</.well-known/void>; rel="describedby"' in links
    assert f'<{CC_BY.value}>; rel="license"' in links

"""Mistakes of users are never a 500: pages that help for people, plain text for programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.errors import KgError, NotFound, PoolBusy, QueryError, QueryRefused, QueryTimeout, QueryTooLarge
from kg.settings import Settings
from kg.terms import ParameterError
from tests.html_check import read_page
from web import create_app
from web.endpoint.reply import status_of
from web.serving.headers import SECURITY_HEADERS
from web.serving.served import source_of

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=built, port=8123))
    app.add_url_rule("/test-busy", view_func=_busy)
    app.add_url_rule("/test-broken", view_func=_broken)
    yield app
    source_of(app).close()


def _busy() -> str:
    raise PoolBusy(7)


def _broken() -> str:
    raise RuntimeError("the database password is hunter2")


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x"), 404),
        (ParameterError("day", "x", "is not a day", "a date"), 400),
        (QueryError("x", 1, 2), 400),
        (QueryRefused("x"), 403),
        (QueryTooLarge("x"), 413),
        (QueryTimeout(10), 504),
        (PoolBusy(), 503),
        (KgError("x"), 500),
    ],
)
def test_each_exception_has_its_status(error: KgError, status: int) -> None:
    assert status_of(error) == status


def test_a_missing_page_suggests_what_may_be_meant(client: FlaskClient) -> None:
    for path in ("/page/julian-woster", "/people/julian-wooster", "/julian-wooster.html"):
        response = client.get(path, headers=HTML)
        assert response.status_code == 404
        page = read_page(response.text)
        assert page.problems == []
        assert "/page/julian-wooster" in page.links


def test_a_program_gets_plain_text(client: FlaskClient) -> None:
    response = client.get("/page/nobody", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert client.get("/page/nobody").mimetype == "text/plain"


def test_too_busy_tells_when_to_come_back(client: FlaskClient) -> None:
    response = client.get("/test-busy", headers=HTML)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "7")


def test_a_fault_of_ours_tells_nothing_of_the_inside(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get("/test-broken", headers=HTML)
    assert response.status_code == 500
    assert "hunter2" not in response.text
    assert "hunter2" in caplog.text
    for name, value in SECURITY_HEADERS.items():
        assert response.headers[name] == value


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/page/ofsted", "/data/ofsted.ttl", "/downloads", "/search"])
def test_nothing_can_be_written(client: FlaskClient, method: str, path: str) -> None:
    response = client.open(path, method=method, headers=HTML)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=" + "x" * 3000,
        "/search?q=%00%ff",
        "/search?offset=99999999999999",
        "/search?q=a&offset=%F0%9F%98%80",
        "/browse/no:such",
        "/browse/sg:Tenure?offset=x",
        "/browse/<script>",
        "/articles/x",
        "/downloads/../manifest.json",
        "/downloads/..%2fmanifest.json",
        "/downloads/nothing",
        "/static/../__init__.py",
        "/claim/%00",
        "/questions/%22%3E",
        "/graph/register.docx",
        "/resource?iri=%ff%fe",
        "/page/" + "a" * 5000,
    ],
)
def test_odd_requests_are_answered_with_a_400_or_404_at_worst(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code in (200, 400, 404), response.status_code
    foreign = re.search(r'<script(?! src="/static/| type="application/ld)', response.text)
    assert foreign is None, "no script but ours"


def test_without_a_graph_the_answer_is_503_and_says_so(tmp_path: Path) -> None:
    client = create_app(Settings(out=tmp_path)).test_client()
    response = client.get("/", headers=HTML)
    assert response.status_code == 503
    assert "has not been built" in response.text
    assert "Retry-After" in response.headers
    assert client.get("/healthz").status_code == 503

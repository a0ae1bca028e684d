"""Whole pages that are kept: the same bytes as made anew, by version, by parameter, and never beyond the limit."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.build import build
from kg.errors import KgError
from kg.resources import ontology_dir
from kg.settings import Settings
from tests.small import TEXTS, built_project
from web import create_app
from web.serving.hygiene import check_settings
from web.serving.kept import Kept, Pages
from web.serving.served import served, source_of
from web.serving.warm import keep_warm, warm

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_project(tmp_path_factory.mktemp("kept"))[1]


@pytest.fixture
def app(out: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=out, access_log="none"))
    yield app
    source_of(app).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def kept_in(app: Flask) -> Pages:
    with app.test_request_context("/"):
        return served().cache.get("pages") or Pages(0)  # type: ignore[no-any-return]


def test_a_kept_page_is_the_page_made_anew(app: Flask, client: FlaskClient, out: Path) -> None:
    without = create_app(Settings(out=out, access_log="none", page_cache_mb=0))
    try:
        for path in ("/page/ann-example", "/page/anyshire-council", "/page/vocab/stated"):
            first, second = (client.get(path, headers=HTML) for _ in range(2))
            anew = without.test_client().get(path, headers=HTML)
            assert first.data == second.data == anew.data
            headers = [sorted(line for line in r.headers if line[0] != "Date") for r in (first, second, anew)]
            assert headers[0] == headers[1] == headers[2]
        assert len(kept_in(app)._pages) == 3
        assert not kept_in(without)._pages
    finally:
        source_of(without).close()


def test_a_kept_page_is_sent_packed_to_who_takes_it_and_is_304_to_who_has_it(client: FlaskClient) -> None:
    plain = client.get("/page/ann-example", headers=HTML)
    for _ in range(2):
        packed = client.get("/page/ann-example", headers={**HTML, "Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert int(packed.headers["Content-Length"]) == len(packed.data)
        assert "Accept-Encoding" in packed.headers["Vary"]
        again = client.get("/page/ann-example", headers={**HTML, "If-None-Match": packed.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    head = client.head("/page/ann-example", headers=HTML)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(plain.data))


def test_parameters_that_matter_make_another_page_and_others_are_not_kept(
    app: Flask, client: FlaskClient
) -> None:
    whole = client.get("/page/ann-example", headers=HTML).text
    part = client.get("/page/ann-example?section=incoming&offset=0", headers=HTML).text
    assert whole != part
    before = len(kept_in(app)._pages)
    searched = client.get("/page/ann-example?q=nobody-else", headers=HTML).text
    assert "nobody-else" in searched
    assert len(kept_in(app)._pages) == before
    assert client.get("/page/ann-example", headers=HTML).text == whole
    assert client.get("/page/ann-example?section=nonsense", headers=HTML).status_code == 400
    assert client.get("/page/no-such-thing", headers=HTML).status_code == 404
    assert len(kept_in(app)._pages) == before


def test_a_new_version_has_none_of_the_old_pages(tmp_path: Path) -> None:
    data, out = built_project(tmp_path)
    app = create_app(Settings(out=out, access_log="none"))
    try:
        client = app.test_client()
        assert "left in June" in client.get("/page/ann-example", headers=HTML).text
        claims = next((data / "claims").iterdir())
        changed = claims.read_text(encoding="utf-8").replace("left in June 2015", "went in June 2015")
        claims.write_text(changed, encoding="utf-8")
        build(data, ontology_dir(), out, texts=TEXTS)
        html = client.get("/page/ann-example", headers=HTML).text
        assert "went in June" in html
        assert "left in June" not in html.replace("its director, left in June", "")
    finally:
        source_of(app).close()


def test_pages_stay_below_their_limit_and_the_oldest_goes_first() -> None:
    pages = Pages(5000)
    for n in range(50):
        pages.get("0")
        pages.put(str(n), Kept(b"x" * 700, ()))
        assert pages.size <= 5000
    assert pages.get("0") is not None
    assert pages.get("1") is None
    pages.put("0", Kept(b"y" * 100, ()))
    assert pages.size == sum(page.size for page in pages._pages.values())
    pages.put("huge", Kept(b"z" * 6000, ()))
    assert pages.get("huge") is None


def test_a_limit_below_nothing_is_refused() -> None:
    with pytest.raises(KgError, match="KG_PAGE_CACHE_MB"):
        check_settings(Settings(page_cache_mb=-1))


def test_reading_ahead_leaves_nothing_to_read_of_claims_and_labels(app: Flask, client: FlaskClient) -> None:
    source = source_of(app)
    keep_warm(app, source)
    state = source.current()
    try:
        warm(app, state)
        known = {kind: dict(state.store.memory(kind)) for kind in ("claims", "derivations", "supports")}
        assert all(known.values())
        assert client.get("/page/ann-example", headers=HTML).status_code == 200
        assert {kind: dict(state.store.memory(kind)) for kind in known} == known
    finally:
        state.give_back()

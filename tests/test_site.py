"""The static copy: every link leads to a file, the same snapshot gives the same bytes, search says what it needs."""

from __future__ import annotations

import hashlib
import posixpath
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner
from playwright.sync_api import BrowserContext

from kg.cli import main
from kg.errors import KgError
from kg.export import write_exports
from kg.flat import flatten
from kg.settings import Settings
from kg.snapshot import write_snapshot
from tests.anyshire import quads
from tests.html_check import read_page
from web.site import MARK, SiteResult, export_site
from web.site_paths import NOTE, SERVICE_PAGE, file_of, links_of, relative, resolve

VERSION = "a" * 64
EXAMPLES = {"/data/ofsted.ttl", "/id/ofsted", "/page/ofsted"}
"""Addresses that a page gives as examples; the invented data does not hold them."""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of the invented council of Anyshire: small, so that its whole site is quickly written."""
    folder = tmp_path_factory.mktemp("anyshire")
    (folder / "snapshots").mkdir()
    named, flat = quads(), flatten(quads())
    write_snapshot(
        folder,
        VERSION,
        sorted(f"{q} .\n".encode() for q in named),
        (f"{t} .\n".encode() for t in flat),
        {"counts": {"quads": len(named)}},
        lambda exports: write_exports(named, exports, version=VERSION, flat=flat),
    )
    return folder


@pytest.fixture(scope="module")
def copy(out: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SiteResult]:
    folder = tmp_path_factory.mktemp("copy") / "site"
    seen: list[tuple[int, int]] = []
    result = export_site(Settings(out=out), folder, lambda done, total: seen.append((done, total)), jobs=1)
    assert seen
    assert all(done <= total for done, total in seen)
    return folder, result


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_everything_that_is_linked_is_there(copy: tuple[Path, SiteResult]) -> None:
    folder, result = copy
    assert set(result.missing) <= EXAMPLES
    missing = {file_of(address) for address in EXAMPLES} | {"page/ofsted.html"}
    assert len(pages(folder)) > 30
    for path in pages(folder):
        document = read_page(path.read_text(encoding="utf-8"))
        for link in document.links:
            parts = urlsplit(unescape(link))
            if parts.scheme or not parts.path:
                continue
            assert not parts.path.startswith("/"), f"{link} in {path}"
            assert not parts.query, f"{link} in {path}"
            target = (path.parent / unquote(parts.path)).resolve()
            if target.relative_to(folder.resolve()).as_posix() not in missing:
                assert target.is_file(), f"{link} in {path.relative_to(folder)}"
            assert target.is_relative_to(folder.resolve())
            if parts.fragment and target.parent.name == "claim" and target.suffix == ".html":
                assert f'id="{parts.fragment}"' in target.read_text(encoding="utf-8"), f"{link} in {path}"


def test_no_page_needs_a_script_or_a_server(copy: tuple[Path, SiteResult]) -> None:
    folder, _ = copy
    for path in pages(folder):
        html = path.read_text(encoding="utf-8")
        assert ' src="/' not in html
        assert ' href="/' not in html
        assert "<script src" not in html
        if "<form" in html:
            assert SERVICE_PAGE in html


def test_search_and_sparql_say_that_they_need_the_service(copy: tuple[Path, SiteResult]) -> None:
    folder, _ = copy
    for name in ("search.html", "sparql.html", "quality/validate.html", SERVICE_PAGE):
        assert "need the running service" in (folder / name).read_text(encoding="utf-8")


def test_pages_and_data_of_everything_are_there(copy: tuple[Path, SiteResult]) -> None:
    folder, _ = copy
    for name in (
        "index.html", "about.html", "disagreements.html", "page/ann-example.html", "data/ann-example.ttl",
        "data/ann-example.jsonld", "downloads/scrutiny-graph.trig", "void.ttl", "context.jsonld", "changes.atom",
        "static/style.css",
    ):  # fmt: skip
        assert (folder / name).is_file(), name


def test_the_checksums_are_those_of_the_files(copy: tuple[Path, SiteResult]) -> None:
    folder, result = copy
    lines = (folder / MARK).read_text(encoding="utf-8").splitlines()
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {MARK}
    assert {line[66:] for line in lines} == files
    assert result.files == len(files) + 1
    for line in lines[:40]:
        assert hashlib.sha256((folder / line[66:]).read_bytes()).hexdigest() == line[:64]


def test_the_same_snapshot_gives_the_same_bytes_with_any_number_of_processes(
    copy: tuple[Path, SiteResult], out: Path, tmp_path: Path
) -> None:
    folder, _ = copy
    export_site(Settings(out=out, port=9999), tmp_path / "again", jobs=2)
    assert (tmp_path / "again" / MARK).read_bytes() == (folder / MARK).read_bytes()


def test_the_command_writes_over_an_earlier_copy_and_over_nothing_else(out: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(KgError, match="holds something else"):
        export_site(Settings(out=out), other, jobs=1)
    assert (other / "thesis.txt").read_text(encoding="utf-8") == "mine"
    result = CliRunner().invoke(main, ["export", "--site", str(other), "--out", str(out)])
    assert result.exit_code == 2
    result = CliRunner().invoke(main, ["export", "ofsted", "--site", str(tmp_path / "x"), "--out", str(out)])
    assert result.exit_code == 2
    assert not list(tmp_path.glob(".*"))


@pytest.mark.browser
def test_it_can_be_read_from_the_disk(context: BrowserContext, copy: tuple[Path, SiteResult]) -> None:
    folder, _ = copy
    own = folder.resolve().as_uri() + "/"
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(own + "page/ann-example.html")
    page.get_by_role("link", name="About", exact=True).first.click()
    assert page.url == own + "about.html"
    assert [url for url in asked if not url.startswith((own, "data:"))] == []
    assert (
        page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor")
        != "rgba(0, 0, 0, 0)"
    )


# --- addresses


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/page/ofsted", "page/ofsted.html"),
        ("/vocab/stated", "page/vocab/stated.html"),
        ("/browse/sg:Tenure", "browse/sg-Tenure.html"),
        ("/page/x?section=incoming&offset=50", "page/x.offset-50.section-incoming.html"),
        ("/page/x?offset=50&section=incoming", "page/x.offset-50.section-incoming.html"),
        ("/brief/x.md", "brief/x.md"),
        ("/brief/x?from=2013", None),
        ("/questions/x?format=csv", None),
        ("/sparql?query=x", None),
        ("/static/../secret", None),
        ("/.well-known/void", "void.ttl"),
    ],
)
def test_where_an_address_stands(address: str, file: str | None) -> None:
    assert file_of(address) == file


def test_links_become_relative_and_keep_their_place() -> None:
    html = (
        '<a href="/page/b#posts">b</a> <a href="https://a.example/">a</a> <a href="#top">t</a>'
        ' <a href="?offset=50">n</a> <a href="/sparql?query=x&amp;run=no">q</a>'
        ' <form action="/search"></form><script src="/static/x.js"></script>'
    )
    assert relative(html, "/page/vocab/a") == (
        '<a href="../b.html#posts">b</a> <a href="https://a.example/">a</a> <a href="#top">t</a>'
        ' <a href="a.offset-50.html">n</a> <a href="../../sparql.html">q</a>'
        f' <form action="../../{SERVICE_PAGE}"></form>'
    )
    assert links_of(html, "/page/vocab/a") == ["/page/b", "/page/vocab/a?offset=50", "/sparql?query=x&run=no"]
    assert resolve("//evil.example/x", "/") is None
    assert posixpath.isabs(resolve("b", "/page/a") or "")


def test_a_form_with_fields_says_in_a_copy_that_it_needs_the_service() -> None:
    html = '<form class="fields filters" action="/timeline"><select name="body"></select></form>'
    made = relative(html, "/timeline")
    assert f'{SERVICE_PAGE}">{NOTE}<select' in made
    assert NOTE not in relative('<form class="search" action="/search"></form>', "/timeline")

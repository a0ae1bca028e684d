"""The browser tests look at real servers: `kg serve` on the real data, on a small project, and on one RDF file.

Sections: servers, addresses, pages that are opened and watched, the accessibility checker.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from tests.authoring import HEAD
from tests.browser.pages import EXAMPLES, RETIRED, TRIPLES, Kind
from tests.conftest import serving
from tests.small import TEXTS, small_project

# --- servers


@pytest.fixture(scope="session")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An invented article, served with its text and a contact, and with hardly any time for a query."""
    from kg.build import build
    from kg.cli import main
    from kg.resources import ontology_dir

    data, out = tmp_path_factory.mktemp("small-data"), tmp_path_factory.mktemp("small-out")
    claims = small_project(data)
    (data / "retired.ttl").write_text(HEAD + RETIRED, encoding="utf-8")
    done = CliRunner().invoke(main, ["fmt", "--texts", str(TEXTS), str(claims)])
    assert done.exit_code == 0, done.output
    build(data, ontology_dir(), out)
    settings = {"KG_QUERY_SECONDS": "0.3", "KG_CONTACT": "press@example.org", "KG_TEXTS": str(TEXTS)}
    with serving("--out", str(out), "--data", str(data), **settings) as address:
        yield address


@pytest.fixture(scope="session")
def files_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One RDF file, and nothing else."""
    path = tmp_path_factory.mktemp("files") / "people.ttl"
    path.write_text(TRIPLES, encoding="utf-8")
    with serving(str(path)) as address:
        yield address


# --- addresses


@pytest.fixture(scope="session")
def address_of(request: pytest.FixtureRequest, live_server: str) -> Callable[[Kind], str]:
    """A function from a kind of page to its whole address; a server that is not the real one starts when asked for."""
    found: dict[tuple[str, str], str] = {}

    def example(server: str, name: str) -> str:
        if (server, name) not in found:
            found[server, name] = first_name(server, EXAMPLES[name])
        return found[server, name]

    def address(kind: Kind) -> str:
        server: str = (
            live_server if kind.server == "graph" else request.getfixturevalue(f"{kind.server}_server")
        )
        names = {name: example(server, name) for name in EXAMPLES if f"{{{name}}}" in kind.address}
        path = kind.address
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        return server.rstrip("/") + path

    return address


def first_name(server: str, query: str) -> str:
    """Return the local name of the first thing that a query finds."""
    body = urlencode({"query": query}).encode()
    request = Request(f"{server}sparql", body, {"Accept": "application/sparql-results+json"})
    with urlopen(request) as answer:
        rows = json.load(answer)["results"]["bindings"]
    assert rows, f"nothing to show: {query}"
    return str(rows[0]["x"]["value"]).rpartition("/")[2]


# --- pages that are opened and watched


@dataclass
class Opened:
    """A page, what answered, how many bytes each request brought, and what went wrong since it was opened."""

    kind: Kind
    page: Page
    response: Response
    brought: dict[str, tuple[str, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


WATCH = """addEventListener("securitypolicyviolation",
  event => console.error("CSP: " + event.violatedDirective + " " + event.blockedURI));
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput)
    window.shifts.push(entry.value.toFixed(4) + entry.sources.map(s => ` ${s.node?.nodeName}.${s.node?.className}`));
}).observe({ type: "layout-shift", buffered: true });"""
"""Tells what the policy stops, and keeps every shift of the layout that nobody asked for."""


def watched(page: Page, own: str) -> list[str]:
    """Return a list that is filled with what goes wrong in a page: foreign requests, script errors, console errors."""
    wrong: list[str] = []
    known = ("data:", "blob:", "about:", own)

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # the page's own status
            wrong.append(f"console: {message.text}")

    page.on(
        "request", lambda request: request.url.startswith(known) or wrong.append(f"request: {request.url}")
    )
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on("console", note)
    page.add_init_script(WATCH)
    return wrong


@contextmanager
def opened(browser: Browser, address: str, kind: Kind, **options: Any) -> Iterator[Opened]:
    """Open a page in a context of its own, as on a first visit, and send its form if the kind says so."""
    context = browser.new_context(**options)
    try:
        page = context.new_page()
        own = "/".join(address.split("/")[:3]) + "/"
        wrong = watched(page, own)
        brought: dict[str, tuple[str, int]] = {}

        def weigh(response: Response) -> None:
            request = response.request
            if request.url.startswith(own):
                brought[request.url] = (request.resource_type, max(0, request.sizes()["responseBodySize"]))

        page.on("requestfinished", lambda request: weigh(request.response()))  # type: ignore[arg-type]
        response = page.goto(address)
        if kind.sent:
            page.locator("main textarea").fill(kind.sent)
            with page.expect_navigation() as sent:
                page.locator("main form button").click()
            response = sent.value
        assert response is not None
        assert response.status == kind.status, f"{kind.name}: {address} answers {response.status}"
        yield Opened(kind, page, response, brought, wrong)
    finally:
        context.close()


# --- the accessibility checker

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
CHECK = """async options => {
  const found = await axe.run(document, { ...options, resultTypes: ["violations"] });
  return found.violations.map(v => v.id + ": " + v.nodes.slice(0, 4).map(n => n.target.join(" ")).join(" | "));
}"""
COLOURS = ["color-contrast", "link-in-text-block"]
Axe = Callable[..., list[str]]


@pytest.fixture(scope="session")
def axe(root: Path) -> Axe:
    """A function from a page to what axe-core finds wrong; without axe-core the run is red and not shorter."""
    path = root / "web" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    assert path.is_file(), "no axe-core: python hatch_build.py"
    script = path.read_text(encoding="utf-8")

    def check(page: Page, *, colours: bool = True) -> list[str]:
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(script)
        rules = {rule: {"enabled": colours} for rule in COLOURS}
        found: list[str] = page.evaluate(CHECK, {"runOnly": {"type": "tag", "values": TAGS}, "rules": rules})
        return found

    return check

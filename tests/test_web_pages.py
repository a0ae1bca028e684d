"""Every kind of page, with the real data: it answers, its markup is sound, its headers strict, its links alive."""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.html_check import Document, read_page
from web.serving.headers import SECURITY_HEADERS

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

PAGES = [
    "/",
    "/timeline",
    "/timeline?kind=posts",
    "/timeline?kind=known",
    "/disagreements",
    "/disagreements?kind=contradiction",
    "/articles",
    "/articles/chard-12869187",
    "/quality",
    "/ontology",
    "/about",
    "/browse",
    "/browse/sg:Tenure",
    "/browse/foaf:Person",
    "/search",
    "/search?q=wooster",
    "/search?q=woostr",
    "/search?q=xyzzyq",
    "/search?q=wooster&kind=claim",
    "/questions",
    "/questions/director-on-a-day",
    "/questions/enfield-director",
    "/questions/all-figures",
    "/questions/disagreements-all",
    "/page/julian-wooster",
    "/page/ofsted",
    "/page/somerset-county-council",
    "/page/lewis-contract-ended",
    "/page/inspection-ofsted-2755542",
    "/page/article-bbc-32085372",
    "/page/date-2015-01",
    "/page/vocab/sif-inadequate",
    "/graph/register",
    "/graph/bbc-32085372",
    "/resource?iri=org:Post",
    "/resource?iri=org:member",
    "/sparql",
    "/sparql?question=director-on-a-day",
    "/sparql?query=SELECT+*+%7B+%3Fs+a+sg%3ATenure+%7D",
    "/sparql?query=ASK+%7B%7D",
    "/sparql?query=DESCRIBE+id%3Aofsted",
    "/downloads",
]
NOINDEX = {"/page/julian-wooster", "/page/lewis-contract-ended", "/browse/foaf:Person", "/browse/sg:Tenure"}
SHOWN_TO_ENGINES = {
    "/",
    "/page/ofsted",
    "/page/somerset-county-council",
    "/disagreements",
    "/questions",
    "/browse",
}


def get(client: FlaskClient, path: str) -> tuple[Document, str]:
    response = client.get(path, headers=HTML)
    assert response.status_code == 200, (path, response.status_code, response.text[:300])
    assert response.mimetype == "text/html"
    return read_page(response.text), response.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(client: FlaskClient, path: str) -> None:
    document, html = get(client, path)
    assert document.problems == []
    for leak in (r">\s*None\s*<", r'="None"', "Undefined", "<NamedNode", "<Literal", r"\{%", "object at 0x"):
        found = re.search(leak, unescape(html))
        assert found is None, html[max(0, found.start() - 200) : found.end() + 50]
    assert "<title></title>" not in html


@pytest.mark.parametrize(
    "path", [*PAGES, "/nowhere", "/data/ofsted.ttl", "/healthz", "/robots.txt", "/static/style.css"]
)
def test_every_answer_has_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path, headers=HTML).headers
    for name, value in SECURITY_HEADERS.items():
        assert headers.get_all(name) == [value], name
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", sorted(NOINDEX))
def test_pages_of_living_people_stay_out_of_search_engines(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=HTML)
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.text
    assert path not in client.get("/sitemap.xml").text


@pytest.mark.parametrize("path", sorted(SHOWN_TO_ENGINES))
def test_other_pages_may_be_found(client: FlaskClient, path: str) -> None:
    assert "X-Robots-Tag" not in client.get(path, headers=HTML).headers


def test_links_lead_somewhere_and_only_where_they_may(client: FlaskClient) -> None:
    """From the front page, ten addresses of each kind, breadth first; every link is http(s), mailto or our own."""
    seen: set[str] = set()
    per_kind: dict[str, int] = {}
    queue = deque(["/", "/about", "/quality", "/ontology"])
    anchors: list[tuple[str, str]] = []
    ids: dict[str, set[str]] = {}
    while queue:
        path = queue.popleft()
        if path in seen:
            continue
        seen.add(path)
        response = client.get(path, headers=HTML, follow_redirects=True)
        assert response.status_code == 200, (path, response.status_code)
        if response.mimetype != "text/html":
            continue
        document = read_page(response.text)
        ids[path] = set(document.ids)
        for link in document.links:
            parts = urlsplit(link)
            assert parts.scheme in ("", "http", "https", "mailto"), f"{link} on {path}"
            if parts.scheme or parts.netloc:
                continue
            target = link.partition("#")[0] or path
            if target.startswith("?"):
                target = path.partition("?")[0] + target
            if parts.fragment:
                anchors.append((target, parts.fragment))
            kind = target.split("?")[0].split("/")[1] + ("?" if "?" in target else "")
            if target not in seen and per_kind.get(kind, 0) < 10:
                per_kind[kind] = per_kind.get(kind, 0) + 1
                queue.append(target)
    assert len(seen) > 60
    missing = {(path, name) for path, name in anchors if path in ids and name not in ids[path]}
    assert missing == set()


def test_the_front_page_tells_the_story_from_the_data(client: FlaskClient) -> None:
    document, _ = get(client, "/")
    for words in ("November 2013", "Improvement notice to Somerset", "27 March 2015", "requires improvement"):
        assert words in document.text
    assert any(link.startswith("/questions/") for link in document.links)


def test_the_story_marks_the_end_of_a_tenure_as_disputed_and_not_its_start(client: FlaskClient) -> None:
    document, _ = get(client, "/")
    story = document.text.partition("The story, as the sources date it")[2].partition("What is disputed")[0]
    start = story.partition("Peter Lewis as director in Somerset")[2].partition("June 2013")[0]
    assert "sources disagree" not in start
    assert "sources disagree" in story.partition("End of Peter Lewis")[2]


def test_an_article_is_shown_by_topic_and_without_its_words(client: FlaskClient) -> None:
    document, html = get(client, "/articles/bbc-32085372")
    assert html.count("<mark>") <= 2, "the headline and the explanation of the mark, no excerpts"
    claims = [link for link in document.links if link.startswith("/claim/")]
    assert len(set(claims)) > 30


def test_the_comparison_puts_sides_side_by_side(client: FlaskClient) -> None:
    document, _ = get(client, "/disagreements?kind=contradiction")
    assert "Peter Lewis" in document.text
    assert "Somerset County Council" in document.text
    assert "None is preferred" in document.text


def test_a_bad_filter_names_what_there_is(client: FlaskClient) -> None:
    response = client.get("/search?q=a&kind=x", headers=HTML)
    assert response.status_code == 400
    assert "Expected: one of" in response.text


@pytest.mark.parametrize(
    ("path", "field", "kept", "allowed"),
    [
        (
            "/timeline?kind=xx&body=somerset-county-council",
            "kind",
            "somerset-county-council",
            "interventions",
        ),
        ("/timeline?body=xx&kind=posts", "body", "posts", "somerset-county-council"),
        (
            "/timeline?article=xx&body=somerset-county-council",
            "article",
            "somerset-county-council",
            "bbc-32085372",
        ),
        ("/disagreements?kind=xx&topic=topic-leadership", "kind", "topic-leadership", "contradiction"),
        ("/disagreements?topic=xx&kind=scope", "topic", "scope", "topic-leadership"),
    ],
)
def test_a_wrong_filter_is_marked_in_the_form_and_the_others_are_kept(
    client: FlaskClient, path: str, field: str, kept: str, allowed: str
) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code == 400
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert read_page(response.text).problems == []
    form = response.text.partition('<form class="fields')[2].partition("</form>")[0]
    assert 'aria-invalid="true"' in form.partition(f'name="{field}"')[2].partition(">")[0]
    assert '<option value="xx" selected>' in form, "what was given"
    assert allowed in form.partition(f'id="e-{field}"')[2].partition("</span>")[0], "what is allowed"
    assert re.search(f'value="{kept}"( selected)?>', form), "the other field"
    told = client.get(path, headers={"Accept": "*/*"})
    assert (told.status_code, told.mimetype) == (400, "text/plain")
    assert "expected one of" in told.text


def test_a_second_request_costs_nothing(client: FlaskClient) -> None:
    first = client.get("/page/ofsted", headers=HTML)
    again = client.get("/page/ofsted", headers={**HTML, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_pages_are_compressed_and_small(client: FlaskClient) -> None:
    for path in ("/page/ofsted", "/disagreements", "/ontology", "/"):
        response = client.get(path, headers={**HTML, "Accept-Encoding": "gzip"})
        assert response.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in response.headers["Vary"]
        assert len(response.data) < 60_000, path


def test_the_style_sheet_is_ours_and_complete(client: FlaskClient) -> None:
    response = client.get("/static/style.css")
    css = response.text
    assert "url(" not in css
    assert "@import" not in css
    for needed in ("prefers-color-scheme: dark", "@media print", ":focus-visible"):
        assert needed in css


@pytest.mark.parametrize(
    "path", ["/browse/sg:Evidence", "/questions/disagreements-all", "/questions/lewis-end"]
)
def test_a_fragment_that_we_link_to_is_there(client: FlaskClient, path: str) -> None:
    found = read_page(client.get(path, headers=HTML).text)
    linked = [(link or path, link.partition("#")[2]) for link in found.links if "#" in link]
    linked = [(address.partition("#")[0] or path, part) for address, part in linked if part != "main"]
    assert linked or path != "/browse/sg:Evidence"
    for address, part in linked[:12]:
        if address.startswith("/"):
            assert f'id="{part}"' in client.get(address, headers=HTML).text, f"{address}#{part}"

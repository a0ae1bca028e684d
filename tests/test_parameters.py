"""A bad parameter, on every page: the field, what was given, what is allowed; all other fields are kept."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote_plus

import pytest
from flask.testing import FlaskClient

import web
from tests.html_check import read_page

HTML = {"Accept": "text/html"}
SELECT = quote("SELECT * { ?s a <https://w3id.org/scrutiny-graph/ontology#Council> }")
NO_NUMBER = ("few", "-1", "1.5", "99999999999999", "٣", "2015-02-31")
NO_DATE = ("2015-02-31", "2018-13", "soon", "99999999999999", "20150101")

TABLE = [
    ("/timeline", "body=somerset-county-council", "kind", ("xyz", "0")),
    ("/timeline", "kind=posts", "body", ("xyz", "-1")),
    ("/timeline", "kind=posts", "article", ("xyz", "0")),
    ("/disagreements", "topic=topic-leadership", "kind", ("xyz", "0")),
    ("/disagreements", "kind=contradiction", "topic", ("xyz", "0")),
    ("/disagreements", "kind=contradiction", "offset", (*NO_NUMBER, "5000")),
    ("/search", "q=wooster", "kind", ("people", "0")),
    ("/search", "q=wooster&kind=claim", "offset", (*NO_NUMBER, "5000")),
    ("/search.json", "q=wooster", "limit", (*NO_NUMBER, "51")),
    ("/search.json", "q=wooster", "typing", ("on",)),
    ("/questions", "q=director", "group", ("xyz", "0")),
    (
        "/questions/director-on-a-day",
        "post=Director+of+children's+services+in+Somerset",
        "day",
        (*NO_DATE, " "),
    ),
    ("/questions/director-on-a-day", "day=2015-03-20", "post", ("nobody at all", "0")),
    ("/questions/director-on-a-day", "day=2015-03-20", "page", (*NO_NUMBER, "0")),
    ("/questions/director-on-a-day", "day=2015-03-20", "format", ("docx",)),
    ("/questions/director-on-a-day", "day=2015-03-20", "version", ("xyz", "0")),
    ("/browse/sg:Claim", "voice=ofsted", "body", ("xyz", "somerset")),
    ("/browse/sg:Claim", "voice=ofsted", "person", ("xyz",)),
    ("/browse/sg:Claim", "voice=ofsted", "year", ("x", "-1", "99999999999999")),
    ("/browse/sg:Claim", "voice=ofsted", "article", ("xyz",)),
    ("/browse/sg:Claim", "year=2015", "voice", ("xyz",)),
    ("/browse/sg:Claim", "voice=ofsted", "kind", ("xyz",)),
    ("/browse/sg:Claim", "voice=ofsted", "grade", ("xyz",)),
    ("/browse/sg:Claim", "voice=ofsted", "sort", ("size",)),
    ("/browse/sg:Claim", "voice=ofsted", "offset", (*NO_NUMBER, "5000")),
    ("/browse/sg:Claim", "voice=ofsted", "format", ("docx",)),
    ("/page/peter-lewis", "group=posts", "section", ("xyz",)),
    ("/page/peter-lewis", "offset=0", "group", ("xyz",)),
    ("/page/peter-lewis", "section=statements", "offset", (*NO_NUMBER, "5000")),
    ("/page/somerset-county-council", "group=findings", "offset", (*NO_NUMBER, "5000")),
    ("/quality/single-source", "", "offset", (*NO_NUMBER, "50000")),
    ("/quality/things/single-source", "", "offset", (*NO_NUMBER, "50000")),
    ("/brief/somerset-county-council", "to=2018", "from", NO_DATE),
    ("/brief/somerset-county-council", "from=2015", "to", (*NO_DATE, "2013")),
    ("/cite", "style=bibtex", "iri", ("no such", "")),
    ("/cite", "iri=id:ofsted", "style", ("xyz",)),
    ("/resource", "", "iri", ("no such", "")),
    ("/resource", "iri=id:ofsted", "format", ("docx",)),
    ("/graph", "", "graph", ("no such", "")),
    ("/graph", "default=", "format", ("docx",)),
    ("/sparql", f"query={SELECT}", "format", ("docx",)),
    ("/sparql", f"query={SELECT}", "output", ("docx",)),
    ("/sparql", f"query={SELECT}", "version", ("xyz",)),
    ("/sparql", f"query={SELECT}", "run", ("later",)),
    ("/sparql", f"query={SELECT}", "evidence", ("some",)),
    ("/sparql", f"query={SELECT}", "default-graph-uri", ("no iri",)),
    ("/sparql", "", "question", ("no-such-question",)),
    ("/sparql", "", "q", ("%25",)),
]
"""Path, what else is in the address, the parameter, and values that it cannot have."""
IN_THE_EDITOR = {"labels", "view", "page"}
"""Parameters of the query page whose mistakes are told on it, the query kept."""
ANYTHING = {"q", "v", "download", "graph"}
"""Parameters that may be anything, or are in the table under another path."""


def read(client: FlaskClient, path: str, arguments: str) -> tuple[int, str]:
    response = client.get(f"{path}?{arguments}", headers=HTML)
    page = read_page(response.text)
    assert page.problems == []
    return response.status_code, response.text.partition("<main")[2]


@pytest.mark.parametrize(
    ("path", "rest", "name", "values"), TABLE, ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_bad_value_is_told_beside_its_field_and_the_others_are_kept(
    client: FlaskClient, path: str, rest: str, name: str, values: tuple[str, ...]
) -> None:
    for value in values:
        status, main = read(client, path, "&".join(filter(None, (rest, f"{name}={quote(value)}"))))
        assert status == 400, value
        controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", main)
        wrong = [control for control in controls if 'aria-invalid="true"' in control]
        assert len(wrong) == 1, value
        assert f'name="{name}"' in wrong[0], value
        told = re.search(r'role="alert"[^>]*>(.*?)</p>', main, re.S)
        assert told is not None, value
        assert f"“{value}”" in unescape(told[1]) or "Nothing was given" in told[1]
        assert "Expected: " in main or "Perhaps you mean" in main
        kept = unescape(re.sub(r"<[^>]*aria-invalid[^>]*>", "", main))
        for other in filter(None, rest.split("&")):
            key, _, text = other.partition("=")
            assert f'name="{key}"' in kept, value
            assert unquote_plus(text) in kept, value


@pytest.mark.parametrize(
    ("path", "rest", "name"),
    sorted(
        {
            row[:3]
            for row in TABLE
            if row[0] != "/questions/director-on-a-day" or row[2] not in ("day", "post")
        }
    ),
)
def test_what_is_not_utf8_or_stands_twice_is_an_error_of_its_field(
    client: FlaskClient, path: str, rest: str, name: str
) -> None:
    for given, problem in ((f"{name}=%ff%fe", "is not UTF-8"), (f"{name}=2015&{name}=2016", "")):
        status, main = read(client, path, "&".join(filter(None, (rest, given))))
        assert status == 400
        assert problem in main
        assert len(re.findall(r'aria-invalid="true"', main)) == 1


def test_every_parameter_that_a_view_reads_is_in_the_table() -> None:
    """So that a new one comes with its bad values."""
    reading = re.compile(r'\b(?:given|one_of|whole_number|_chosen|args\.get|args\.getlist)\(\s*"([\w-]+)"')
    sources = Path(web.__file__).parent.rglob("*.py")
    found = {name for source in sources for name in reading.findall(source.read_text(encoding="utf-8"))}
    assert {"offset", "kind", "page"} <= found
    assert found <= {row[2] for row in TABLE} | IN_THE_EDITOR | ANYTHING


@pytest.mark.parametrize("name", sorted(IN_THE_EDITOR))
def test_the_query_page_tells_its_own_mistakes_and_keeps_the_query(client: FlaskClient, name: str) -> None:
    status, main = read(client, "/sparql", f"query={SELECT}&{name}=xyz")
    assert status == 400
    assert "xyz" in main
    assert "ontology#Council" in main


def test_a_parameter_that_there_is_not_is_told_rather_than_ignored(client: FlaskClient) -> None:
    for path, rest in (("/browse/sg:Claim", "year=2015"), ("/questions/director-on-a-day", "day=2015-03-20")):
        status, main = read(client, path, f"{rest}&yeer=2014")
        assert status == 400
        assert "“yeer” is not a parameter of this" in main
        assert 'name="yeer"' not in main
        assert f'value="{rest.partition("=")[2]}"' in main
        assert f'href="{path}?{rest}"' in main


def test_a_period_that_ends_before_it_begins_is_told_beside_its_end(client: FlaskClient) -> None:
    path, query = "/questions/on-a-day", "from=2014-01-01&to=2013-01-01"
    status, main = read(client, path, query)
    assert status == 400
    assert "Not stated" not in main
    (wrong,) = [c for c in re.findall("<input[^>]*>", main) if 'aria-invalid="true"' in c]
    assert 'name="to"' in wrong
    assert 'value="1 January 2013"' in wrong
    told = "“1 January 2013” is before the beginning of the period. Expected: 1 January 2014 or later."
    assert told in main
    for form in ("json", "csv", "text"):
        assert client.get(f"{path}?{query}&format={form}").status_code == 400


def test_what_other_sites_append_to_links_changes_nothing(client: FlaskClient) -> None:
    for path in ("/questions/lewis-end", "/browse/sg:Claim?year=2015", "/page/peter-lewis", "/"):
        plain = client.get(path, headers=HTML)
        for more in ("fbclid=x1", "utm_source=news&utm_medium=mail", "gclid=2", "mc_eid=3"):
            shared = client.get(f"{path}{'&' if '?' in path else '?'}{more}", headers=HTML)
            assert (shared.status_code, shared.text) == (200, plain.text)


def test_a_form_that_was_posted_is_posted_again(client: FlaskClient) -> None:
    response = client.post("/sparql", data={"query": "ASK {}\n#2", "format": "docx"}, headers=HTML)
    main = response.text.partition("<main")[2]
    assert response.status_code == 400
    assert 'action="/sparql" method="post"' in main
    assert "<textarea" in main
    assert "ASK {}" in main


def test_a_program_gets_the_same_as_text(client: FlaskClient) -> None:
    response = client.get("/disagreements?offset=x")
    assert (response.status_code, response.mimetype) == (400, "text/plain")
    assert response.text == "offset: 'x' does not fit; expected a whole number from 0 on\n"

"""The query page without a browser: claims added to a query, permalinks, code, terms, evidence, weight."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import ParameterError
from kg.namespaces import PREFIXES
from kg.queries import Queryable, with_prefixes
from kg.settings import Settings
from kg.snapshot import open_snapshot
from kg.with_claims import NotRewritable, with_claims
from tests.html_check import read_page
from web import create_app
from web.endpoint.code_samples import samples
from web.endpoint.permalink import LONGEST, pack, query_address, unpack
from web.serving.served import source_of

HTML = {"Accept": "text/html"}
MOST_BYTES = 60 * 1024


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[Queryable]:
    snapshot = open_snapshot(built)
    yield snapshot.store
    snapshot.close()


@pytest.fixture(scope="module")
def app(built: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=built, port=8123, workers=1))
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


REWRITABLE = [
    "SELECT ?who { ?tenure org:member ?who }",
    "SELECT * { ?j sg:grade ?grade ; sg:area ?area }",
    "SELECT DISTINCT ?who # who\nWHERE {\n ?t org:member ?who ; a sg:Tenure . # a comment }\n} ORDER BY ?who",
    "SELECT (STR(?g) AS ?x) { ?j sg:grade ?g . FILTER(?g != id:x) }",
    "SELECT ?x { VALUES ?x { id:tenure-lewis-dcs } ?x org:member ?claim . BIND(1 AS ?graph) }",
    "PREFIX o: <http://www.w3.org/ns/org#>\nSELECT ?x { { ?x o:member ?y } } LIMIT 5",
    "SELECT ?p ?o { id:tenure-lewis-dcs ?p ?o }",
]


@pytest.mark.parametrize("query", REWRITABLE)
def test_the_rewritten_query_keeps_every_answer(store: Queryable, query: str) -> None:
    asked = store.query(with_prefixes(query))
    names = [variable.value for variable in asked.variables]
    before = {tuple(map(str, row)) for row in asked}
    rewritten = store.query(with_claims(query))
    added = [v.value for v in rewritten.variables if v.value not in names]
    rows = list(rewritten)
    after = {tuple(str(row[name]) for name in names) for row in rows}
    if "LIMIT" in query:
        assert after <= {
            tuple(map(str, row)) for row in store.query(with_prefixes(query.partition("LIMIT")[0]))
        }
    else:
        assert after == before
    claims = next(name for name in added if name.startswith("claim"))
    assert any(str(row[claims]).startswith(f"<{PREFIXES['claim']}") for row in rows)


def test_each_claim_holds_a_triple_of_its_answer(store: Queryable) -> None:
    rows = list(store.query(with_claims("SELECT ?t ?who { ?t org:member ?who }")))
    for row in rows:
        asks = f"ASK {{ GRAPH {row['claim']} {{ {row['t']} org:member {row['who']} }} }}"
        assert store.query(with_prefixes(asks)), row


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("ASK { ?x org:member ?y }", "only SELECT"),
        ("SELECT ?x { ?x a sg:Council }", "which need no claim"),
        ("SELECT ?x { ?x org:member [] }", "a blank node"),
        ("SELECT ?x { ?x org:member ?y OPTIONAL { ?x sg:start ?z } }", "OPTIONAL"),
        ("SELECT ?x { { ?x org:member ?y } UNION { ?x sg:start ?y } }", "UNION"),
        ("SELECT ?x { ?x org:member ?y MINUS { ?x sg:start ?e } }", "MINUS"),
        ("SELECT (COUNT(*) AS ?n) { ?x org:member ?y }", "an aggregate"),
        ("SELECT ?x { ?x org:member/rdfs:label ?l }", "a property path"),
        ("SELECT ?x { { SELECT ?x { ?x org:member ?y } } }", "a query inside"),
        ("SELECT ?x { ?x org:member ?y FILTER NOT EXISTS { ?x sg:end ?e } }", "EXISTS"),
        ("SELECT ?x { ?x org:member ?y FILTER(!EXISTS { ?x sg:end ?e }) }", "EXISTS"),
        ("SELECT ?g { GRAPH ?g { ?x org:member ?y } }", "GRAPH"),
        ("SELECT ?x FROM <urn:x> { ?x org:member ?y }", "FROM"),
        ("SELECT ?x { ?x org:member ?y } # " + "x" * 9000, "longer than"),
        ("SELECT ?x { ?x ?y " + "(" * 900 + "1" + ")" * 900 + " }", "nested too deeply|could not be read"),
        ("no query", "could not be read"),
    ],
)
def test_it_says_what_stands_in_the_way(query: str, reason: str) -> None:
    with pytest.raises(NotRewritable, match=reason):
        with_claims(query)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_a_permalink_gives_the_query_back(query: str) -> None:
    assert unpack(pack(query)) == query


def test_a_long_query_is_deflated_and_one_too_long_has_no_address() -> None:
    short, long = "ASK { ?s ?p ?o }", "ASK { ?s ?p ?o } # " + "again and " * 2000
    assert parse_qs(urlsplit(query_address(short) or "").query) == {"query": [short]}
    address = query_address(long, format="json") or ""
    fields = parse_qs(urlsplit(address).query)
    assert unpack(fields["q"][0]) == long
    assert fields["format"] == ["json"]
    assert len(address) < LONGEST
    assert query_address("".join(map(chr, range(0x4E00, 0x9000)))) is None


@pytest.mark.parametrize("packed", ["!", "AAAA", "a", pack("x" * 5000)[:9], "é"])
def test_what_is_no_permalink_is_a_mistake_of_the_address(client: FlaskClient, packed: str) -> None:
    assert client.get("/sparql?" + urlencode({"q": packed}), headers=HTML).status_code == 400


def test_a_permalink_cannot_swell_up() -> None:
    with pytest.raises(ParameterError, match="holds too much"):
        unpack(pack("x" * 300_000))


HOSTILE = "SELECT ?x { BIND('''a'b\\\\n`${1}\"\"\")-\" $(id) \\u0041''' AS ?x) }"


def test_the_code_in_python_and_curl_runs_and_asks_the_very_query(live_server: str, tmp_path: Path) -> None:
    endpoint = f"{live_server}sparql"
    code = {sample.language: sample.code for sample in samples(endpoint, HOSTILE, "select")}
    for command in ([sys.executable, "-c", code["Python"]], ["sh", "-c", code["curl"]]):
        if command[0] == "sh" and shutil.which("curl") is None:
            continue
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "$(id)" in done.stdout
        assert "${1}" in done.stdout


@pytest.mark.parametrize(("language", "program"), [("JavaScript", "node"), ("R", "Rscript")])
def test_the_code_in_other_languages_runs_where_they_are_installed(
    live_server: str, tmp_path: Path, language: str, program: str
) -> None:
    runner = shutil.which(program)
    if runner is None:
        pytest.skip(f"no {program} here")
    code = {sample.language: sample.code for sample in samples(f"{live_server}sparql", HOSTILE, "select")}
    path = tmp_path / {"node": "code.mjs", "Rscript": "code.R"}[program]
    path.write_text(code[language], encoding="utf-8")
    done = subprocess.run([runner, path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "$(id)" in done.stdout


def test_terms_have_labels_and_can_be_written_as_they_are(client: FlaskClient) -> None:
    response = client.get("/terms.json")
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-cache"
    found = json.loads(response.data)
    assert ["id:julian-wooster", "Julian Wooster", "Person"] in found["things"]
    assert any(entry[0] == "sg:Judgement" for entry in found["classes"])
    assert found["prefixes"] == PREFIXES
    for kind in ("classes", "properties", "things"):
        names = [entry[0] for entry in found[kind]]
        assert len(names) == len(set(names))
        assert all(
            name.partition(":")[0] in PREFIXES and "#" not in name and "/" not in name for name in names
        )


def test_terms_of_a_version_may_be_kept(client: FlaskClient) -> None:
    page = client.get("/sparql", headers=HTML).text
    address = page.partition('data-terms="')[2].partition('"')[0]
    kept = client.get(address)
    assert "immutable" in kept.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304
    assert "immutable" not in client.get("/terms.json?v=0000").headers["Cache-Control"]


CLAIMS = "SELECT ?t ?claim { GRAPH ?g { ?t org:member ?who } ?g sg:restsOn ?claim } ORDER BY ?t ?claim"


def test_csv_has_evidence_beside_each_column_of_claims(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": CLAIMS, "format": "csv", "evidence": "yes"})
    assert response.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    plain = client.get("/sparql", query_string={"query": CLAIMS, "format": "csv"}).text
    assert [row["claim"] for row in rows] == [row["claim"] for row in csv.DictReader(io.StringIO(plain))]
    for row in rows:
        assert row["claim_sentence"]
        assert row["claim_voices"]
        assert row["claim_source_iri"].startswith(PREFIXES["id"])
        assert row["claim_excerpts"]


@pytest.mark.parametrize(
    "fields",
    [
        {"query": "SELECT ?x { ?x a sg:Council }", "format": "csv", "evidence": "yes"},
        {"query": CLAIMS, "format": "json", "evidence": "yes"},
    ],
)
def test_evidence_that_there_is_not_is_said_in_words(client: FlaskClient, fields: dict[str, str]) -> None:
    response = client.get("/sparql", query_string=fields)
    assert response.status_code == 400
    assert "evidence" in response.text


@pytest.mark.parametrize("fields", [{"view": "bars"}, {"view": "pie"}, {"page": "0"}, {"page": "x"}])
def test_a_view_that_does_not_fit_is_a_mistake_that_keeps_the_text(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    query = "SELECT ?x { ?x a sg:Council }"
    response = client.get("/sparql", query_string={"query": query, **fields}, headers=HTML)
    assert response.status_code == 400
    assert 'role="alert"' in response.text
    assert query in response.text


def test_long_answers_are_paged(client: FlaskClient) -> None:
    query = "SELECT ?c { ?c a sg:Claim } ORDER BY ?c"
    first = client.get("/sparql", query_string={"query": query}, headers=HTML).text
    third = client.get("/sparql", query_string={"query": query, "page": "3"}, headers=HTML).text
    assert "Rows 1 to 100 of" in first
    assert "Rows 201 to 300 of" in third
    assert 'rel="prev"' not in first
    assert 'rel="prev"' in third


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"query": "SELECT * { ?s ?p ?o }"},
        {"query": "SELECT ?c ?a { ?c a sg:Claim ; prov:hadPrimarySource ?a } ORDER BY ?c"},
        {"query": "SELECT * { ?g sg:restsOn ?claim } ORDER BY ?g ?claim"},
        {"query": "SELECT ?thing ?when { ?thing sg:time ?when }", "view": "timeline"},
    ],
)
def test_the_page_is_light(client: FlaskClient, fields: dict[str, str]) -> None:
    response = client.get("/sparql", query_string=fields, headers=HTML)
    assert response.status_code == 200
    assert len(gzip.compress(response.data, 5)) <= MOST_BYTES


def test_a_drawing_that_does_not_fit_leads_to_the_table(client: FlaskClient) -> None:
    asked = {"query": "SELECT ?x { ?x a sg:Council }", "view": "pie"}
    response = client.get("/sparql", query_string=asked, headers={"Accept": "text/html"})
    page = read_page(response.text)
    assert (response.status_code, page.problems) == (400, [])
    assert "does not fit this answer" in page.text
    assert "/sparql?query=SELECT+%3Fx+%7B+%3Fx+a+sg%3ACouncil+%7D" in page.links

"""Questions as pages: forms with typed fields, answers with their evidence, "not stated" named in full."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.questions import list_questions
from kg.snapshot import open_snapshot
from tests.html_check import read_page

HTML = {"Accept": "text/html"}


def test_every_question_is_listed_and_answers_with_its_defaults(client: FlaskClient, built: Path) -> None:
    listed = client.get("/questions", headers=HTML).text
    for question in list_questions(open_snapshot(built).store):
        path = f"/questions/{question.slug}"
        assert f'href="{path}"' in listed
        response = client.get(path, headers=HTML)
        assert response.status_code == 200, path
        page = read_page(response.text)
        assert page.problems == [], path
        assert (
            "Not stated in any of the sources asked." in page.text
            or 'class="evidence"' in response.text
            or ("from the register" in page.text.lower())
        ), path
        assert "The SPARQL behind it" in page.text


def test_an_answer_names_the_person_the_verdict_and_the_words(client: FlaskClient) -> None:
    html = client.get("/questions/director-on-a-day", headers=HTML).text
    text = read_page(html).text
    assert "Peter Lewis" in text
    assert "yes, by approximate dates" in text
    assert 'type="date" value="2014-06-01"' in html
    assert '<option value="post-dcs-somerset" selected>' in html


def test_the_fields_change_the_answer_and_say_so(client: FlaskClient) -> None:
    html = client.get("/questions/director-on-a-day?day=2015-03-30", headers=HTML).text
    text = read_page(html).text
    assert "for day: 30 March 2015" in text
    assert "Julian Wooster" in text
    assert 'value="2015-03-30"' in html


def test_not_stated_names_every_source_that_was_asked(client: FlaskClient) -> None:
    text = read_page(client.get("/questions/enfield-director", headers=HTML).text).text
    assert "Not stated in any of the sources asked." in text
    assert "Asked were:" in text
    assert "Children & Young People Now" in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("day=1+June", "“1 June” is not a day. Expected: a date such as 2014-06-01."),
        ("day=2014-02-30", "“2014-02-30” does not exist"),
        ("post=nobody", "Expected: one of"),
    ],
)
def test_a_bad_value_is_told_at_its_field_and_the_others_are_kept(
    client: FlaskClient, given: str, words: str
) -> None:
    query = f"{given}&post=post-leader-somerset" if given.startswith("day") else f"{given}&day=2015-01-02"
    response = client.get(f"/questions/director-on-a-day?{query}", headers=HTML)
    assert response.status_code == 400
    page = read_page(response.text)
    assert page.problems == []
    assert words in page.text
    assert 'aria-invalid="true"' in response.text
    kept = (
        '<option value="post-leader-somerset" selected>' if given.startswith("day") else 'value="2015-01-02"'
    )
    assert kept in response.text


def test_a_parameter_that_there_is_not_is_named(client: FlaskClient) -> None:
    response = client.get("/questions/director-on-a-day?colour=red", headers=HTML)
    assert response.status_code == 400
    assert "colour" in response.text


def test_a_program_gets_json_csv_and_plain_errors(client: FlaskClient) -> None:
    answer = client.get("/questions/director-on-a-day", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/json"
    assert json.loads(answer.text)["answers"][0]["claims"]
    table = client.get("/questions/director-on-a-day?format=csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert rows[0]["person"] == "Peter Lewis"
    assert rows[0]["claims"].startswith("https://w3id.org/scrutiny-graph/claim/")
    assert "attachment" in table.headers["Content-Disposition"]
    bad = client.get("/questions/director-on-a-day?day=x&format=json", headers={"Accept": "application/json"})
    assert (bad.status_code, bad.mimetype) == (400, "text/plain")
    assert client.get("/questions/director-on-a-day?format=docx").status_code == 400


def test_the_links_to_take_it_along_keep_the_values(client: FlaskClient) -> None:
    html = client.get("/questions/director-on-a-day?day=2015-03-30", headers=HTML).text
    assert 'href="/questions/director-on-a-day?day=2015-03-30&amp;format=csv"' in html


def test_a_question_that_there_is_not_suggests_others(client: FlaskClient) -> None:
    response = client.get("/questions/director-on-a-dy", headers=HTML)
    assert response.status_code == 404
    assert "/questions/director-on-a-day" in response.text


def test_hostile_values_stay_text(client: FlaskClient) -> None:
    response = client.get(
        "/questions/director-on-a-day", query_string={"day": '"><script>alert(1)</script>'}, headers=HTML
    )
    assert response.status_code == 400
    assert "<script>" not in response.text

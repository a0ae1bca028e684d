"""Questions as pages: forms with typed fields, answers with their evidence, "not stated" named in full."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.questions.answering import list_questions
from kg.snapshot import open_snapshot
from tests.html_check import read_page
from web.questions import PER_PAGE

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
            or 'class="proof"' in response.text
            or ("from the register" in page.text.lower())
        ), path
        assert "The SPARQL behind it" in page.text


def test_an_answer_names_the_person_the_verdict_and_the_words(client: FlaskClient) -> None:
    html = client.get("/questions/director-on-a-day", headers=HTML).text
    text = read_page(html).text
    assert "Peter Lewis" in text
    assert "yes, by approximate dates" in text
    assert 'type="text" value="1 June 2014"' in html
    assert 'value="Director of children&#39;s services in Somerset" list="l-post"' in html
    assert '<option value="Leader of Somerset County Council">' in html


def test_the_fields_change_the_answer_and_say_so(client: FlaskClient) -> None:
    html = client.get("/questions/director-on-a-day?day=2015-03-30", headers=HTML).text
    text = read_page(html).text
    assert "Who was director of children's services in Somerset on 30 March 2015?" in text
    assert "Julian Wooster" in text
    assert 'value="30 March 2015"' in html


def test_not_stated_names_every_source_that_was_asked(client: FlaskClient) -> None:
    text = read_page(client.get("/questions/enfield-director", headers=HTML).text).text
    assert "Not stated in any of the sources asked." in text
    assert "Asked were:" in text
    assert "Children & Young People Now" in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("day=1+June", "“1 June” is not a day. Expected: a day such as 1 June 2014 or 2014-06-01."),
        ("day=2014-02-30", "“2014-02-30” does not exist"),
        ("post=nobody", "“nobody” is no post. Expected: one of"),
        ("day=", "Nothing was given. Expected: a day."),
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
        'value="Leader of Somerset County Council"' if given.startswith("day") else 'value="2 January 2015"'
    )
    assert kept in response.text


def test_a_name_that_is_nearly_right_leads_to_the_right_one(client: FlaskClient) -> None:
    response = client.get("/questions/said-about?entity=Shortlnd", headers=HTML)
    page = read_page(response.text)
    assert (response.status_code, page.problems) == (400, [])
    assert "“Shortlnd” is no person or body. Perhaps you mean:" in page.text
    assert "/questions/said-about?entity=jill-shortland" in page.links
    assert 'value="Shortlnd"' in response.text


@pytest.mark.parametrize(
    "name",
    [
        "Jill Shortland",
        "jill-shortland",
        "https://w3id.org/scrutiny-graph/id/jill-shortland",
        "id:jill-shortland",
    ],
)
def test_a_thing_is_known_by_its_name_and_by_its_iri(client: FlaskClient, name: str) -> None:
    page = read_page(client.get("/questions/said-about", query_string={"entity": name}, headers=HTML).text)
    assert "What is said about Jill Shortland, and by whom?" in page.text


def test_two_days_have_a_field_and_rows_each(client: FlaskClient) -> None:
    days = "day=2014-06-01&day=2015-03-30&day=1999-01-01"
    html = client.get(f"/questions/director-on-a-day?{days}", headers=HTML).text
    page = read_page(html)
    assert page.problems == []
    assert html.count('name="day" type="text"') == 3
    assert all(
        words in page.text
        for words in ("1 June 2014", "30 March 2015", "1 January 1999", "What is not stated")
    )
    table = client.get(f"/questions/director-on-a-day?{days}&format=csv").text
    assert [row["day"] for row in csv.DictReader(io.StringIO(table))] == [
        "2014-06-01",
        "2015-03-30",
        "1999-01-01",
    ]


def test_the_library_is_filtered_by_words_and_by_group(client: FlaskClient) -> None:
    def listed(query: str) -> set[str]:
        page = read_page(client.get(f"/questions?{query}", headers=HTML).text)
        assert page.problems == []
        return {link.removeprefix("/questions/") for link in page.links if link.startswith("/questions/")}

    every = listed("")
    assert listed("group=numbers") < every
    assert listed("q=peter+lewis") >= {"lewis-end", "lewis-length", "disagreements-about"}
    assert listed("q=peter+lewis") < every
    assert listed("q=lewis&group=numbers") == {"lewis-pay"}
    assert "director-on-a-day" in listed("q=directer+on+a+day"), "nothing has these words: what is near"
    wrong = client.get("/questions?group=x", headers=HTML)
    assert (wrong.status_code, "one of people, inspections" in wrong.text) == (400, True)


def test_a_long_answer_is_counted_and_paged(client: FlaskClient) -> None:
    count = len(json.loads(client.get("/questions/disagreements-all?format=json").text)["answers"])
    pages = -(-count // PER_PAGE)
    first = read_page(client.get("/questions/disagreements-all", headers=HTML).text)
    assert f"{count} rows" in first.text
    assert "/questions/disagreements-all?page=2" in first.links
    last = read_page(client.get(f"/questions/disagreements-all?page={pages}", headers=HTML).text)
    assert f"Rows {(pages - 1) * PER_PAGE + 1} to {count} of {count}" in last.text
    beyond = read_page(client.get(f"/questions/disagreements-all?page={pages + 1}", headers=HTML).text)
    assert "The answer has fewer pages." in beyond.text
    assert client.get("/questions/disagreements-all?page=x", headers=HTML).status_code == 400


def test_a_field_with_one_choice_is_no_field(client: FlaskClient) -> None:
    html = client.get("/questions/review-deadline", headers=HTML).text
    assert "the only one in the data" in html
    assert 'class="fields"' not in html


def test_every_answer_has_its_plain_text(client: FlaskClient) -> None:
    answer = client.get("/questions/enfield-director?format=text")
    assert answer.mimetype == "text/plain"
    assert "Not stated in any of the sources asked:" in answer.text
    assert f"data set {answer.headers['X-Data-Version']}" in answer.text


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


def test_a_conclusion_that_states_the_answer_is_shown_before_claims_that_say_who_it_is(
    client: FlaskClient,
) -> None:
    text = read_page(client.get("/questions/posts-in-a-body", headers=HTML).text).text
    start = text.index("took up the post about April 2013")
    assert "began about April 2013" in text[start : start + 120]


def test_a_value_that_is_not_stated_leads_to_the_note_that_says_so(client: FlaskClient) -> None:
    page = read_page(client.get("/questions/notice-target", headers=HTML).text)
    assert page.problems == []
    assert "/id/gap-target-deadline" in " ".join(page.links).replace("/page/", "/id/")
    assert "Due not stated" in page.text
    assert "none of the sources asked states it" in page.text

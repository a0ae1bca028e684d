"""The views of entity pages on the real data: what they must say, and that each mark leads to its evidence."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.test_charts import strict

HTML = {"Accept": "text/html"}


def figures(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200
    found = re.findall(r"<figure .*?</figure>", answer.text, re.DOTALL)
    assert found, path
    html = "".join(found)
    strict(html)
    return html


VIEWED = {
    "page/peter-lewis": "sources disagree: ended by the employer or notice by the holder",
    "page/julian-wooster": "appointed January 2015",
    "page/post-dcs-somerset": "who held it",
    "page/somerset-county-council": "5 areas were graded twice on one scale, and 5 improved",
    "page/somerset-childrens-services": "Grades without a stated scale",
    "page/inspection-ofsted-2755542": "39 findings by direction",
    "page/notice-somerset-2013": "75 %",
    "page/review-2015": "by June 2015",
    "page/option-loss-of-control-2018": "averted",
    "page/vocab/sif-inadequate": "6 judgements",
    "page/vocab/sif-adoption": "2 judgements",
    "articles/bbc-32085372": "claims by topic",
    "timeline": "who was in post",
}


@pytest.mark.parametrize("path", VIEWED)
def test_a_view_says_what_it_must(client: FlaskClient, path: str) -> None:
    assert VIEWED[path] in figures(client, f"/{path}")


@pytest.mark.parametrize("path", [path for path in VIEWED if path != "articles/bbc-32085372"])
def test_each_row_of_a_table_leads_to_its_evidence_or_says_that_there_is_none(
    client: FlaskClient, path: str
) -> None:
    for row in re.findall(
        r"<tr role=\"row\"><th scope=\"row\".*?</tr>", figures(client, f"/{path}"), re.DOTALL
    ):
        evidence = re.findall(r'data-label="Evidence">(.*?)</td>', row, re.DOTALL)
        assert len(evidence) == 1, row
        assert re.search(r'href="/(claim|derived|page/gap-)', evidence[0]) or "Not stated" in row, row


def test_what_no_source_states_is_told_with_the_sources_asked(client: FlaskClient) -> None:
    html = figures(client, "/page/review-2015")
    assert "Not stated. No article says what the review led by Dave Hill concluded." in html
    assert "5 sources asked" in html


def test_the_timeline_is_narrowed_by_body_kind_and_article(client: FlaskClient) -> None:
    whole = figures(client, "/timeline?body=somerset-county-council")
    kind = figures(client, "/timeline?body=somerset-county-council&kind=interventions")
    told = figures(client, "/timeline?body=somerset-county-council&article=bbc-28458868")
    assert "Improvement notice" in whole
    assert "Improvement notice" in kind
    assert "Julian Wooster" in whole
    assert "Julian Wooster" not in kind
    assert "Julian Wooster" not in told
    assert "Ofsted inspection of Somerset, reported January 2018" not in told


def undated(client: FlaskClient, query: str) -> list[str]:
    """Return the things that the timeline lists without a date."""
    html = client.get(f"/timeline?{query}", headers=HTML).text
    _, found, rest = html.partition('aria-labelledby="undated"')
    return re.findall(r'<p class="thing"><a href="/page/([a-z0-9-]+)"', rest) if found else []


def test_the_timeline_lists_what_no_source_dates_and_narrows_it_too(client: FlaskClient) -> None:
    told = undated(client, "body=somerset-county-council")
    assert {"inspection-ofsted-2761596", "report-2018", "support-essex-2015"} <= set(told)
    assert "inspection-somerset-2013" not in told
    assert "review-2015" not in told, "its deadline is among the dated statements"
    assert undated(client, "body=somerset-county-council&kind=interventions") == ["support-essex-2015"]
    assert undated(client, "body=somerset-county-council&kind=posts") == []
    leveller = undated(client, "body=somerset-county-council&article=leveller-no-longer-inadequate")
    assert "support-essex-2015" not in leveller
    assert "inspection-ofsted-2761596" in leveller


@pytest.mark.parametrize(("field", "value"), [("body", "nowhere"), ("kind", "x"), ("article", "y")])
def test_a_filter_that_does_not_exist_is_named(client: FlaskClient, field: str, value: str) -> None:
    answer = client.get(f"/timeline?{field}={value}", headers=HTML)
    assert answer.status_code == 400
    assert value in answer.text


def test_an_undated_judgement_is_drawn_by_the_day_of_its_report_and_says_so(client: FlaskClient) -> None:
    html = figures(client, "/page/somerset-county-council")
    assert "requires improvement, reported by then" in html
    assert "not stated; reported by 31 January 2018" in html


def test_a_scale_that_no_article_names_is_said_to_be_inferred(client: FlaskClient) -> None:
    words = "The scale is inferred from the names of the areas; no article names the framework"
    for name, inferred in (("ofsted-2755542", True), ("ofsted-2761596", False)):
        html = client.get(f"/page/inspection-{name}", headers={"Accept": "text/html"}).text
        assert "Grade by area; " in html
        assert (words in html) == inferred
    html = client.get("/page/somerset-county-council", headers={"Accept": "text/html"}).text
    assert "its scale is inferred from the names of the areas" in html
    html = client.get("/page/vocab/sif-inadequate", headers={"Accept": "text/html"}).text
    assert "its scale is inferred from the names of the areas" in html

"""The scrutiny brief: each line with its claims and their words, nothing stated that is not, two pages of A4."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from kg.settings import Settings
from tests.html_check import read_page
from web import create_app
from web.brief.text import WIDTH
from web.serving.served import source_of

SOMERSET = "/brief/somerset-county-council?from=2013&to=2018"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def somerset(client: FlaskClient) -> str:
    response = client.get(SOMERSET, headers=HTML)
    assert response.status_code == 200
    return response.text


def test_the_page_is_sound_and_stays_out_of_search_engines(client: FlaskClient, somerset: str) -> None:
    assert read_page(somerset).problems == []
    assert client.get(SOMERSET, headers=HTML).headers["X-Robots-Tag"] == "noindex"


def test_it_tells_the_chain_the_posts_the_grades_and_what_is_disputed(somerset: str) -> None:
    text = read_page(somerset).text
    for words in (
        "What was done, in order", "Improvement notice", "November 2013", "Who was in post", "Peter Lewis",
        "Julian Wooster", "Overall effectiveness", "inadequate", "Disputed points", "What the sources do not state",
    ):  # fmt: skip
        assert words in text, words


def test_the_notice_says_what_its_target_was_by_when_and_whether_it_was_met(somerset: str) -> None:
    chain = somerset[: somerset.index('id="posts"')]
    line = chain[chain.index("Improvement notice to Somerset, 2013") :].split("</dd>")[0]
    told = read_page(line).text
    for words in ("75 %", "adequate or better", "by: not stated", "whether met: not stated"):
        assert words in told, words
    assert "The improvement notice's target for audited cases" not in told
    assert 'href="/page/gap-target-deadline"' in line
    assert 'href="/page/gap-target-met"' in line


@pytest.mark.parametrize("extension", ["md", "txt"])
def test_the_texts_tell_the_target_too(client: FlaskClient, extension: str) -> None:
    told = " ".join(client.get(SOMERSET.replace("?", f".{extension}?")).text.split())
    assert re.search(
        r"target: 75 % of .*? adequate or better \[A\d+, A\d+\]; by: not stated; whether met: not", told
    )
    assert "hence whether the target was met" in told


def test_the_page_of_the_notice_says_that_nobody_says_whether_the_target_was_met(client: FlaskClient) -> None:
    told = client.get("/page/notice-somerset-2013", headers=HTML).text
    target = told[told.index("75 %") :].split("</tr>")[0]
    assert "adequate or better" in target
    assert "/claim/b550051c5ccde9cc" in target
    asked = told[told.index("Was the target met") :]
    assert "hence whether the target was met" in asked[: asked.index("</tr>")]


def test_what_is_not_stated_is_grouped_the_gravest_first_and_trivia_last(somerset: str) -> None:
    part = somerset[somerset.index('id="unstated"') : somerset.index('id="notes"')]
    assert re.findall("<h3>(.*?)</h3>", part) == [
        "Who was in post", "The notice and its target", "Reviews, support and options",
        "Inspections and judgements", "Cost", "Other",
    ]  # fmt: skip
    gaps = re.findall(r'href="/page/(gap-[a-z0-9-]+)"', part)
    assert len(gaps) == len(set(gaps))
    order = [
        gaps.index(f"gap-{name}")
        for name in ("directors-before-and-between", "target-met", "notice-steps", "review-conclusion",
                     "lead-inspector-2015", "essex-cost", "osman-party")
    ]  # fmt: skip
    assert order == sorted(order)
    notice = part.split("<h3>")[2]
    assert re.findall(r"gap-[a-z-]+", notice)[0] == "gap-target-met"


def test_the_gaps_of_another_council_stay_out(client: FlaskClient) -> None:
    told = client.get("/brief/leeds-city-council.txt").text
    gaps = told[told.index("What the sources do not state") : told.index("Asked were")]
    assert "when Leeds was inspected" in gaps
    assert "Somerset" not in gaps


def test_an_end_is_told_by_the_voice_that_tells_it(somerset: str) -> None:
    text = read_page(somerset).text
    assert "(says Somerset County Council)" in text
    assert "(says Peter Lewis)" in text


def test_every_mark_leads_to_a_note_and_every_note_to_a_claim(client: FlaskClient, somerset: str) -> None:
    cited = set(re.findall(r'href="#(n[A-Z]\d+)"', somerset))
    noted = re.findall(r'<li id="(n[A-Z]\d+)">', somerset)
    assert cited == set(noted)
    assert len(noted) == len(cited)
    for letter in "ABCDE":
        own = [note for note in noted if note.startswith(f"n{letter}")]
        assert own == [f"n{letter}{number}" for number in range(1, len(own) + 1)]
    claims = re.findall(r'href="(/claim/[0-9a-f]{16})"', somerset)
    assert len(claims) == len(noted)
    for path in claims[:10]:
        assert client.get(path, headers=HTML).status_code == 200


def test_a_note_has_the_words_and_whose_they_are_below_its_source(client: FlaskClient, somerset: str) -> None:
    notes = somerset[somerset.index('id="notes"') :]
    source = re.search(r"<h3>A .*?(?=<h3>)", notes, re.DOTALL)
    assert source
    told = read_page(source[0]).text
    assert "Published July 2014" in told
    assert "www.bbc.co.uk/news/uk-england-somerset-28458868" in told
    item = next(part for part in source[0].split("<li ")[1:] if "/claim/759435ba056d6394" in part)
    assert "<mark>last November</mark>" in item
    assert "quoting a DfE spokesman" in item
    for part in notes.split("<li ")[1:]:
        assert "<mark>" in part or "of the table" in part, part
    text = " ".join(client.get(SOMERSET.replace("?", ".txt?")).text.split())
    assert "“last November”. BBC News, quoting a DfE spokesman" in text


def test_what_a_line_says_of_a_post_has_notes_of_its_own(somerset: str) -> None:
    lewis = somerset[somerset.index("<dt>Peter Lewis</dt>") :].split("</dd>")[0]
    by_council, by_lewis = (part.split(";")[0] for part in lewis.split("end: ")[1:])
    claims = dict(re.findall(r'<li id="n([A-Z]\d+)">.*?/claim/([0-9a-f]{16})', somerset))
    assert [claims[n] for n in re.findall(r"#n([A-Z]\d+)", by_council)] == ["c628f252f3899771"]
    assert [claims[n] for n in re.findall(r"#n([A-Z]\d+)", by_lewis)] == ["224183f9c47e120f"]


def test_a_review_tells_who_ordered_it_and_what_it_found(somerset: str) -> None:
    text = read_page(somerset[: somerset.index('id="posts"')]).text
    assert "ordered by: Edward Timpson" in text
    assert "found: acted on (2 findings)" in text
    assert "found: improved (1 finding)" in text


def test_an_article_of_a_day_or_later_does_not_say_by_when_something_was_told(somerset: str) -> None:
    assert "told by 2 April 2015" in somerset
    assert "told by 27 March 2015" not in somerset


def foots(client: FlaskClient) -> list[str]:
    """Return how the brief ends as a page, as Markdown and as plain text."""
    page = read_page(
        client.get(SOMERSET, headers=HTML).text.split('<p class="foot">')[1].split("</p>")[0]
    ).text
    texts = [client.get(SOMERSET.replace("?", f".{extension}?")).text for extension in ("md", "txt")]
    return [page.split()[-1], *(text.split()[-1] for text in texts)]


def test_paper_names_the_council_by_its_persistent_iri(client: FlaskClient) -> None:
    assert foots(client) == ["https://w3id.org/scrutiny-graph/id/somerset-county-council"] * 3


def test_paper_names_the_page_of_a_site_with_a_public_address(built: Path) -> None:
    app = create_app(Settings(out=built, base_url="https://graph.example.org/"))
    try:
        assert foots(app.test_client()) == [f"https://graph.example.org{SOMERSET}"] * 3
    finally:
        source_of(app).close()


def test_every_line_of_chain_posts_and_grades_has_a_note(somerset: str) -> None:
    body = somerset[somerset.index('id="chain"') : somerset.index('id="unstated"')]
    lines = re.findall(
        r"<dd>(?!<a href[^>]*>[^<]*</a>\s*<ul)(.*?)</dd>|<li>(.*?)</li>|<td>(.*?)</td>", body, re.DOTALL
    )
    assert len(lines) > 20
    silent = [line for line in lines if "#n" not in "".join(line) and "not stated" not in line[2]]
    assert silent == []


def test_the_period_cuts_by_what_a_date_can_mean(client: FlaskClient) -> None:
    early = client.get("/brief/somerset-county-council?from=2013&to=2013", headers=HTML).text
    assert "Improvement notice" in early
    assert "Julian Wooster" not in read_page(early[: early.index('id="unstated"')]).text
    late = client.get("/brief/somerset-county-council?from=2016&to=2018", headers=HTML).text
    assert "reported January 2018" in late
    assert "Improvement notice to Somerset, 2013" not in late[: late.index('id="disputed"')]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=summer", {"from": "“summer” is no date. Expected: a year, a month or a day"}),
        (
            "from=2018&to=2013",
            {"to": "“2013” is before the beginning of the period. Expected: 2018 or later"},
        ),
        ("to=2013-02-30", {"to": "“2013-02-30” is no date."}),
        ("from=2018-13&to=2012", {"from": "“2018-13” is no date.", "to": "“2012” is before the beginning"}),
        ("from=x&to=y", {"from": "“x” is no date.", "to": "“y” is no date."}),
    ],
)
def test_a_bad_period_is_named_beside_its_field_and_the_other_is_kept(
    client: FlaskClient, query: str, says: dict[str, str]
) -> None:
    response = client.get(f"/brief/somerset-county-council?{query}", headers=HTML)
    assert response.status_code == 400
    assert read_page(response.text).problems == []
    for field, words in says.items():
        told = re.search(rf'id="e-{field}">(.*?)</p>', response.text)
        assert told, field
        assert words in told[1]
    assert response.text.count('aria-invalid="true"') == len(says)
    for field, given in (pair.split("=") for pair in query.split("&")):
        assert re.search(rf'name="{field}"[^>]* value="{given}"', response.text), field
    assert 'href="/brief/somerset-county-council"' in response.text
    program = client.get(f"/brief/somerset-county-council.txt?{query}")
    assert program.status_code == 400
    assert program.text.startswith(f"{next(iter(says))}: ")


@pytest.mark.parametrize("name", ["nowhere-council", "ofsted", "peter-lewis"])
def test_there_is_a_brief_of_councils_only(client: FlaskClient, name: str) -> None:
    assert client.get(f"/brief/{name}", headers=HTML).status_code == 404


def test_the_list_and_the_page_of_a_council_lead_to_its_brief(client: FlaskClient) -> None:
    assert 'href="/brief/somerset-county-council"' in client.get("/brief", headers=HTML).text
    assert (
        'href="/brief/somerset-county-council"'
        in client.get("/page/somerset-county-council", headers=HTML).text
    )


def test_every_link_to_a_brief_leads_to_one(client: FlaskClient) -> None:
    for name in ("essex-county-council", "haringey-council", "leeds-city-council"):
        linked = f'href="/brief/{name}"' in client.get(f"/page/{name}", headers=HTML).text
        assert not linked or client.get(f"/brief/{name}", headers=HTML).status_code == 200, name


# --- the period


def posts_in(client: FlaskClient, years: str) -> str:
    """Return what the plain text says of who was in post in Somerset in a period."""
    text = client.get(f"/brief/somerset-county-council.txt?{years}").text
    return text[text.index("Who was in post") : text.index("\nGrades\n")]


@pytest.mark.parametrize("council", ["somerset-county-council", "essex-county-council", "leeds-city-council"])
@pytest.mark.parametrize("years", ["from=1900&to=1901", "from=2030&to=2031", "from=2030", "to=1901"])
def test_a_period_of_which_no_source_tells_says_so_and_lists_nothing(
    client: FlaskClient, council: str, years: str
) -> None:
    page = client.get(f"/brief/{council}?{years}", headers=HTML).text
    assert read_page(page).problems == []
    assert "No source here tells of anything in this period." in page
    assert "In short:" not in page
    assert "<dt>" not in page
    assert "/claim/" not in page.split('<p class="foot">')[0]
    assert f'href="/brief/{council}"' in page
    for extension in ("md", "txt"):
        text = client.get(f"/brief/{council}.{extension}?{years}").text
        assert "No source here tells of anything in this period." in text
        assert "/claim/" not in text


def test_a_period_with_one_side_beyond_the_record_is_in_order(client: FlaskClient) -> None:
    assert (
        "Somerset County Council, 2030<"
        in client.get(SOMERSET.split("?")[0] + "?from=2030", headers=HTML).text
    )
    assert (
        "Somerset County Council, 1901<" in client.get(SOMERSET.split("?")[0] + "?to=1901", headers=HTML).text
    )


def test_who_is_known_in_post_on_a_day_counts_for_a_period_with_that_day(client: FlaskClient) -> None:
    assert all(name in posts_in(client, "from=2015&to=2015") for name in ("Wooster", "Osman", "Flaherty"))
    assert "Osman" in posts_in(client, "from=2015-03-29&to=2015-03-29")
    for years in ("from=2015-05&to=2018", "from=2013&to=2015-02"):
        assert "Osman" not in posts_in(client, years)
        assert "Flaherty" not in posts_in(client, years)


def test_a_stated_start_without_an_end_counts_up_to_the_last_day_that_a_source_speaks_of(
    client: FlaskClient,
) -> None:
    assert "Wooster" in posts_in(client, "from=2015-04-01&to=2015-04-01")
    assert "Wooster" not in posts_in(client, "from=2015-05&to=2018")
    assert "Lewis" in posts_in(client, "from=2014-01&to=2014-02")
    assert "Lewis" not in posts_in(client, "from=2015&to=2015")


def test_what_has_one_bound_counts_there_and_until_it_was_due(client: FlaskClient) -> None:
    def told(years: str) -> str:
        return " ".join(client.get(f"/brief/somerset-county-council.txt?{years}").text.split())

    assert "Adviser-led review" in told("from=2015-05&to=2015-06")
    assert "Adviser-led review" not in told("from=2016&to=2018")
    assert "Ofsted review of the Somerset safeguarding board" in told("from=2015&to=2015")
    assert "Ofsted review of the Somerset safeguarding board" not in told("from=2013&to=2014")
    assert "reported January 2018" in told("from=2017&to=2017")


def test_help_that_a_council_gave_is_told_apart_from_what_was_done_to_it(client: FlaskClient) -> None:
    essex = client.get("/brief/essex-county-council", headers=HTML).text
    part = read_page(essex[essex.index('id="chain"') : essex.index('id="posts"')]).text
    assert "only what was done to this council. Help that it gave to another: Essex's work" in part
    assert "1 case of help that it gave" in read_page(essex).text
    text = " ".join(client.get("/brief/essex-county-council.txt").text.split())
    assert "Help that it gave to another: Essex's work with Somerset, 2015 [" in text
    assert "Help that it gave" not in client.get("/brief/leeds-city-council.txt").text


def test_markdown_has_all_parts_and_absolute_links(client: FlaskClient) -> None:
    response = client.get(SOMERSET.replace("?", ".md?"))
    assert response.content_type == "text/markdown; charset=utf-8"
    assert response.text.startswith("# Scrutiny brief: Somerset County Council, 2013 to 2018\n")
    assert response.text.count("\n## ") == 6
    links = re.findall(r"\]\(([^)]*)\)", response.text)
    assert links
    assert all(link.startswith("http") for link in links)


def test_plain_text_is_wrapped_and_keeps_addresses_whole(client: FlaskClient) -> None:
    response = client.get(SOMERSET.replace("?", ".txt?"))
    assert response.content_type == "text/plain; charset=utf-8"
    long = [line for line in response.text.splitlines() if len(line) > WIDTH and "http" not in line]
    assert long == []
    assert "https://w3id.org/scrutiny-graph/claim/" in response.text


# --- on paper and on a phone


@pytest.mark.browser
def test_somerset_prints_on_two_sheets_of_a4(page: Page, live_server: str) -> None:
    page.goto(live_server.rstrip("/") + SOMERSET)
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page[^s]", pdf)) <= 2


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_it_reflows_without_scrolling_sideways(page: Page, live_server: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.rstrip("/") + SOMERSET)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(
        "document.querySelector('.scroll').scrollWidth <= document.querySelector('.scroll').clientWidth"
    )

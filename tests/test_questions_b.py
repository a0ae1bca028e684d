"""The stored questions on interventions, numbers, voices and evidence answer as a reader of the articles does.

The right answers stand in `tests/questions/b_*.toml`, worked out by reading. Each answer is compared as words, and so
are the articles that its evidence leads to. Where the sources do not answer, the question says so and names the five
sources; a test then adds a claim, and the same question answers.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.build import prepare
from kg.flat import flatten
from kg.gate import Dataset, expand_dates
from kg.namespaces import ID, PREFIXES
from kg.questions.answering import answer, list_questions
from kg.questions.answers import Answer, AnswerRow

ROOT = Path(__file__).resolve().parent.parent
GROUPS = ("interventions", "numbers", "voices", "evidence")
ARTICLES = {
    "bbc14": "bbc-28458868",
    "bbc15": "bbc-32085372",
    "chard": "chard-12869187",
    "cypn": "cypn-somerset-intervention",
    "leveller": "leveller-no-longer-inadequate",
}
SHORT = {ID[f"article-{name}"]: short for short, name in ARTICLES.items()}

Case = dict[str, Any]
CASES: list[Case] = [
    case
    for group in GROUPS
    for case in tomllib.loads((ROOT / f"tests/questions/b_{group}.toml").read_text(encoding="utf-8"))[
        "question"
    ]
]


def name_of(case: Case) -> str:
    """Name a case by its question, its parameters, and whether a claim is added."""
    given = ",".join(f"{k}={v}" for k, v in case.get("given", {}).items())
    return " ".join(filter(None, (case["slug"], given, "added" if "added" in case else "")))


@cache
def dataset() -> Dataset:
    """The real data, read and derived once."""
    return prepare(ROOT / "data", ROOT / "ontology")


def store_of(quads: tuple[ox.Quad, ...]) -> ox.Store:
    """A store in memory: the named graphs and their flat copy."""
    store = ox.Store()
    store.extend(quads)
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in flatten(quads))
    return store


@cache
def real_store() -> ox.Store:
    """The store of the real data."""
    return store_of(dataset().quads)


# A whole claim of the Children & Young People Now, as the build would have it, with the triples that a case gives.
ADDED = r"""
claim:0123456789abcdef { %s }
graph:cypn-somerset-intervention {
  claim:0123456789abcdef a sg:Claim ; rdfs:label "Added by a test."@en ; sg:assertionKind sgv:stated ;
    prov:hadPrimarySource id:article-cypn-somerset-intervention ; sg:voice claim:0123456789abcdef\#v1 ;
    sg:firstVoice claim:0123456789abcdef\#v1 ; sg:lastVoice claim:0123456789abcdef\#v1 ;
    sg:evidence claim:0123456789abcdef\#e1 .
  claim:0123456789abcdef\#v1 a sg:Voice ; sg:position 1 ; prov:agent id:cypn .
  claim:0123456789abcdef\#e1 a sg:Evidence ; oa:hasSource id:article-cypn-somerset-intervention ;
    oa:hasSelector claim:0123456789abcdef\#e1q .
  claim:0123456789abcdef\#e1q a oa:TextQuoteSelector ; oa:exact "added by a test" .
}
graph:register { %s }
graph:derived { claim:0123456789abcdef sg:restsOn claim:0123456789abcdef }
"""


def store_with(triples: str, register: str) -> ox.Store:
    """The store of the real data and one claim more; the dates that it brings are expanded."""
    head = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
    added = list(ox.parse(head + ADDED % (triples, register), format=ox.RdfFormat.TRIG))
    dates, problems = expand_dates(added)
    assert not problems
    return store_of((*dataset().quads, *added, *dates))


def ask(case: Case) -> Answer:
    """Ask the question of a case, of the data that the case needs."""
    if "added" in case:
        return answer(store_with(case["added"], case.get("register", "")), case["slug"], case.get("given"))
    return answer(real_store(), case["slug"], case.get("given"))


def sources(row: AnswerRow) -> set[str]:
    """Short names of the articles that the evidence of a row leads to."""
    return {SHORT[evidence.claim.article] for evidence in row.evidence}


def cells(found: Answer, row: AnswerRow, columns: list[str]) -> tuple[str, ...]:
    """The words of some columns of a row."""
    return tuple(found.text(row, column) for column in columns)


def claims_in_file(article: str) -> int:
    """How many claims the file of an article has, or all files, counted without the library."""
    files = (ROOT / "data/claims").glob(f"{article}*.trig")
    return sum(len(re.findall(r"\ba sg:Claim\b", path.read_text(encoding="utf-8"))) for path in files)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_answer_is_the_one_that_a_reader_gives(case: Case) -> None:
    found = ask(case)
    if case.get("not_stated"):
        assert [cells(found, row, list(found.columns)) for row in found.rows] == []
        assert found.not_stated
        assert {SHORT[source] for source in found.asked if source in SHORT} == set(ARTICLES)
        assert [gap.sentence for gap in found.gaps] == case.get("gaps", [gap.sentence for gap in found.gaps])
        return
    columns = case["columns"]
    got: dict[tuple[str, ...], set[str]] = {}
    for row in found.rows:
        got.setdefault(cells(found, row, columns), set()).update(sources(row))
    if "answers" in case:
        assert set(got) == {tuple(expected["is"]) for expected in case["answers"]}
    for expected in case.get("answers", ()):
        if "from" in expected:
            assert got[tuple(expected["is"])] == set(expected["from"]), expected["is"]
    assert {tuple(wanted) for wanted in case.get("contains", ())} <= set(got)
    assert not {tuple(unwanted) for unwanted in case.get("excludes", ())} & set(got)
    assert_further(case, found)


def assert_further(case: Case, found: Answer) -> None:
    """Check what a case says beyond its answers: evidence, order, numbers of rows and claims, words."""
    assert all(row.evidence for row in found.rows) != case.get("no_evidence", False)
    if "articles" in case:
        assert set().union(*(sources(row) for row in found.rows)) == set(case["articles"])
    if "rows" in case:
        assert len(found.rows) == case["rows"]
    if case.get("derived"):
        assert all(evidence.derived for row in found.rows for evidence in row.evidence)
    if "in_order" in case:
        order = [cells(found, row, case["columns"]) for row in found.rows]
        places = [order.index(tuple(wanted)) for wanted in case["in_order"]]
        assert places == sorted(places)
    if "claims_in" in case:
        counted = (
            sum(int(found.text(row, case["sum_of"])) for row in found.rows) if "sum_of" in case else None
        )
        claims = {claim for row in found.rows for claim in row.claims}
        assert len(claims) == claims_in_file(case["claims_in"])
        assert counted in (None, len(claims))
    answered = [found.text(row, found.asks) for row in found.rows]
    for text in case.get("texts", ()):
        assert any(part in words for words in answered for part in text.split("|")), text


def own_questions() -> list[str]:
    """The slugs of the four groups."""
    groups = {f"questions-{group}" for group in GROUPS}
    return [
        q.slug for q in list_questions(real_store()) if q.group and q.group.value.rpartition("/")[2] in groups
    ]


def test_every_question_has_a_case_with_its_defaults() -> None:
    tried = {case["slug"] for case in CASES if "given" not in case and "added" not in case}
    assert tried | {"council-responses"} >= set(own_questions())
    assert {case["slug"] for case in CASES} == set(own_questions())


def test_a_question_with_parameters_is_tried_with_other_values_and_with_values_that_say_nothing() -> None:
    """Left out is a parameter whose only other value would be an invented thing."""
    only_one = {"review-lead", "review-deadline", "notice-target", "notice-date", "review-conclusion", "progress-2014",
                "notice-to-next-inspection", "essex-cost", "target-met", "deadline-met", "notice-terms"}  # fmt: skip
    lacking = []
    for question in list_questions(real_store()):
        if question.slug in own_questions() and question.parameters and question.slug not in only_one:
            other = [case for case in CASES if case["slug"] == question.slug and "given" in case]
            if not other:
                lacking.append(question.slug)
    assert lacking == []


@pytest.mark.parametrize("slug", [case["slug"] for case in CASES if case.get("gaps")])
def test_what_is_not_stated_is_stated_once_a_claim_says_it(slug: str) -> None:
    after = [
        case for case in CASES if case["slug"] == slug and "added" in case and not case.get("not_stated")
    ]
    assert after, f"{slug}: no case adds a claim"
    assert all(not ask(case).not_stated for case in after)


def test_the_unit_of_a_figure_is_told_once() -> None:
    found = answer(real_store(), "all-figures")
    assert {"41.9 %", "£741,000", "5 years"} <= set(found.texts("value"))
    assert found.told_columns == ("figure", "value", "kind", "article")


def test_every_column_of_an_answer_is_a_word_or_a_claim() -> None:
    for question in list_questions(real_store()):
        if question.slug in own_questions():
            found = answer(real_store(), question.slug)
            assert all(re.fullmatch(r"[a-z][A-Za-z]*", column) for column in found.columns), question.slug
            assert found.asks in found.columns
            assert question.help.startswith(question.text), question.slug

"""The questions about people and inspections, against answers worked out by reading the articles.

The tables stand in tests/questions/a_*.toml. Each row of an answer is compared in words and by the articles that its
evidence comes from; what further sources add to the evidence is left out of the comparison.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.build import prepare
from kg.errors import ParameterError
from kg.flat import flatten
from kg.gate import expand_dates
from kg.namespaces import ID, PREFIXES
from kg.questions.answering import answer, find_question, list_questions
from kg.questions.answers import Answer, AnswerRow
from kg.questions.days import parse_day
from kg.resources import data_dir, ontology_dir

TABLES = sorted(Path(__file__).parent.glob("questions/a_*.toml"))
CASES: list[dict[str, Any]] = [
    case for path in TABLES for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]
NOT_STATED = [case for case in CASES if not case["rows"]]
ADDED = [case for case in CASES if "claims" in case]
GROUPS = {"questions-people", "questions-inspections"}
ARTICLES = {
    ID["article-bbc-28458868"]: "bbc14",
    ID["article-bbc-32085372"]: "bbc15",
    ID["article-chard-12869187"]: "chard",
    ID["article-cypn-somerset-intervention"]: "cypn",
    ID["article-leveller-no-longer-inadequate"]: "leveller",
}

# Every person has a post or a body, and dates of it; every topic is spoken of; leaving out one council leaves others.
ALWAYS = {"posts-of-a-person", "tenure-dates", "findings-on-a-topic", "other-councils-good"}

# A claim by the newspaper of 2018, in memory only.
RECORD = """
claim:00000000000000aa {{ {claims} }}
graph:leveller-no-longer-inadequate {{
  claim:00000000000000aa a sg:Claim ; rdfs:label "A claim that a test adds."@en ; sg:assertionKind sgv:stated ;
    prov:hadPrimarySource id:article-leveller-no-longer-inadequate ; sg:voice claim:00000000000000aa\\#v1 ;
    sg:firstVoice claim:00000000000000aa\\#v1 ; sg:lastVoice claim:00000000000000aa\\#v1 ;
    sg:evidence claim:00000000000000aa\\#e1 .
  claim:00000000000000aa\\#v1 a sg:Voice ; sg:position 1 ; prov:agent id:somerset-leveller .
  claim:00000000000000aa\\#e1 a sg:Evidence ; oa:hasSource id:article-leveller-no-longer-inadequate ;
    oa:hasSelector claim:00000000000000aa\\#e1q .
  claim:00000000000000aa\\#e1q a oa:TextQuoteSelector ; oa:exact "added" .
}}
graph:derived {{ claim:00000000000000aa sg:restsOn claim:00000000000000aa . }}
graph:register {{ {register} }}
"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """The project's data as `kg build` makes it, in memory."""
    dataset = prepare(data_dir(), ontology_dir())
    made = ox.Store()
    made.bulk_extend(dataset.quads)
    made.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in dataset.flat)
    return made


def name(case: dict[str, Any]) -> str:
    given = ",".join(f"{k}={v}" for k, v in case.get("given", {}).items())
    return f"{case['slug']}[{given}]"


def ask(store: ox.Store, case: dict[str, Any]) -> Answer:
    return answer(store, case["slug"], case.get("given"))


def articles_of(row: AnswerRow) -> frozenset[str]:
    """The articles behind a row, by short names; other sources are left out."""
    return frozenset(ARTICLES[e.claim.article] for e in row.evidence if e.claim.article in ARTICLES)


def read(found: Answer, columns: list[str]) -> list[tuple[tuple[str, ...], frozenset[str]]]:
    """The different rows of an answer, reduced to some columns, in order, with their articles."""
    made: dict[tuple[str, ...], frozenset[str]] = {}
    for row in found.rows:
        key = tuple(found.text(row, column) for column in columns)
        made[key] = made.get(key, frozenset()) | articles_of(row)
    return list(made.items())


def compare(found: Answer, case: dict[str, Any], rows: list[list[str]]) -> None:
    got = read(found, case["columns"])
    expected = [(tuple(row[:-1]), row[-1]) for row in rows]
    keys = [key for key, _ in got]
    if case.get("at_least"):
        assert {key for key, _ in expected} <= set(keys)
    elif case.get("ordered"):
        assert keys == [key for key, _ in expected]
    else:
        assert set(keys) == {key for key, _ in expected}
    behind = dict(got)
    for key, named in expected:
        wanted = set(named.removeprefix("+").split())
        if named.startswith("+"):
            assert wanted <= behind[key], key
        else:
            assert wanted == behind[key], key


@contextmanager
def with_claim(store: ox.Store, case: dict[str, Any]) -> Iterator[None]:
    """Add the claim of a case to the store, in its graph and in the default graph, and take it away afterwards."""
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    text = RECORD.format(claims=case["claims"], register=case.get("register", ""))
    quads = list(ox.parse(prefixes + text, format=ox.RdfFormat.TRIG))
    quads += expand_dates(quads)[0]
    quads += [ox.Quad(t.subject, t.predicate, t.object) for t in flatten(quads)]
    new = [quad for quad in quads if quad not in store]
    store.extend(new)
    try:
        yield
    finally:
        for quad in new:
            store.remove(quad)


def test_every_question_of_these_groups_has_an_answer_that_was_worked_out(store: ox.Store) -> None:
    mine = {q.slug for q in list_questions(store) if q.group and q.group.value.rpartition("/")[2] in GROUPS}
    defaults = {case["slug"] for case in CASES if not case.get("given")}
    assert mine == defaults
    assert len(mine) >= 40


def test_every_question_with_parameters_is_asked_with_other_values_too(store: ox.Store) -> None:
    given = {case["slug"] for case in CASES if case.get("given")}
    unanswered = {case["slug"] for case in NOT_STATED}
    answered = {case["slug"] for case in CASES if case["rows"]} | {case["slug"] for case in ADDED}
    for slug in {case["slug"] for case in CASES}:
        if find_question(store, slug).parameters:
            assert slug in given, f"{slug}: no case with another value"
            assert slug in unanswered | ALWAYS, f"{slug}: no case that is not stated"
        assert slug in answered, f"{slug}: no case in which it answers"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_answer_is_what_the_articles_say(store: ox.Store, case: dict[str, Any]) -> None:
    found = ask(store, case)
    compare(found, case, case["rows"])
    for row in found.rows:
        assert row.evidence, f"no evidence: {row.values}"
    counts = Counter(found.text(row, found.columns[0]) for row in found.rows)
    for value, number in case.get("count", {}).items():
        assert counts[value] == number, value
    records = {record.iri for record in found.disagreements}
    for record in case.get("disagreements", ()):
        assert ID[record] in records, record


@pytest.mark.parametrize("case", NOT_STATED, ids=name)
def test_not_stated_names_the_five_articles(store: ox.Store, case: dict[str, Any]) -> None:
    found = ask(store, case)
    assert found.not_stated
    assert ARTICLES.keys() <= set(found.asked)
    sentences = {gap.sentence for gap in found.gaps}
    assert set(case.get("gaps", ())) <= sentences


@pytest.mark.parametrize("case", ADDED, ids=name)
def test_with_a_claim_added_the_same_question_answers(store: ox.Store, case: dict[str, Any]) -> None:
    with with_claim(store, case):
        found = ask(store, case)
        assert not found.not_stated
        if "then" in case:
            compare(found, case, case["then"])
        else:
            assert any(case["then_contains"] in text for text in found.texts())
    assert ask(store, case).not_stated


@pytest.mark.parametrize("slug", sorted({case["slug"] for case in CASES}))
def test_defaults_stand_in_the_query(store: ox.Store, slug: str) -> None:
    """The stored query, run as it stands, gives what the question gives."""
    question = find_question(store, slug)
    found = answer(store, question)
    solutions = store.query(question.query)
    assert isinstance(solutions, ox.QuerySolutions)
    columns = [variable.value for variable in solutions.variables]
    kept = [column for column in columns if not column.startswith("claim")]
    rows = {tuple(str(solution[column]) for column in kept) for solution in solutions}
    assert rows == {tuple(str(row.values[column]) for column in found.columns) for row in found.rows}
    assert question.text.endswith("?")
    assert question.help.startswith(question.text)


@pytest.mark.parametrize(
    ("slug", "given", "asked"),
    [
        ("director-on-a-day", {}, "Who was director of children's services in Somerset on 1 June 2014?"),
        (
            "director-on-a-day",
            {"day": "2015-03-20"},
            "Who was director of children's services in Somerset on 20 March 2015?",
        ),
        ("said-by", {"agent": "Jill Shortland"}, "What is Jill Shortland reported to have said?"),
        (
            "director-on-a-day",
            {"post": "post-leader-somerset"},
            "Who was leader of Somerset County Council on 1 June 2014?",
        ),
    ],
)
def test_an_answer_is_headed_by_the_question_that_was_asked(
    store: ox.Store, slug: str, given: dict[str, str], asked: str
) -> None:
    assert answer(store, slug, given).question == asked


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 June 2014", "2014-06-01"),
        ("Sunday, 1st June 2014", "2014-06-01"),
        ("june 1, 2014", "2014-06-01"),
        ("1/6/2014", "2014-06-01"),
        ("2014-06-01", "2014-06-01"),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: str) -> None:
    assert parse_day(text, "day").value == day


@pytest.mark.parametrize(
    ("text", "message", "near"),
    [
        ("February 2016", "'February 2016' is more than one day", ["2016-02-01", "2016-02-29"]),
        ("2014", "'2014' is more than one day", ["2014-01-01", "2014-12-31"]),
        ("31 June 2014", "'31 June 2014' is not a day", []),
        ("1 June 2014 or later", "'1 June 2014 or later' is not a day", []),
        ("2014-06-31", "'2014-06-31' does not exist", []),
    ],
)
def test_what_is_no_day_says_why_and_names_days_of_a_month(text: str, message: str, near: list[str]) -> None:
    with pytest.raises(ParameterError, match=message) as caught:
        parse_day(text, "day")
    assert [value for value, _ in caught.value.near] == near


def test_a_thing_is_named_by_a_part_of_its_name_that_no_other_has(store: ox.Store) -> None:
    named = answer(store, "said-by", {"agent": "shortland"})
    assert named.question == "What is Jill Shortland reported to have said?"
    assert named.rows == answer(store, "said-by", {"agent": "id:jill-shortland"}).rows
    spelled = answer(store, "enfield-director", {"post": "Director of childrens’ services in Enfield"})
    assert spelled.question == "Who was director of children's services in Enfield?"
    with pytest.raises(ParameterError) as caught:
        answer(store, "findings-of-an-inspection", {"inspection": "March 2015"})
    assert len(caught.value.near) > 1


def test_what_other_values_ask_is_said_in_words(store: ox.Store) -> None:
    for question in list_questions(store):
        names = {parameter.name for parameter in question.parameters}
        assert set(re.findall(r"\{(\w+)\}", question.general)) <= names, question.slug
        selected = {variable.value for variable in store.query(question.query).variables}
        assert {*question.expects, question.asks} <= selected, question.slug
        told = answer(store, question).question
        assert told == question.text


def test_a_value_that_is_not_stated_names_the_gap_that_says_so(store: ox.Store) -> None:
    found = answer(store, "in-post-at-inspection", {"word": "inspection"})
    told = {found.text(row, "event"): [gap.sentence for gap in row.gaps] for row in found.rows}
    assert told == {
        "Ofsted inspection of Somerset's child protection, 2013": [],
        "Ofsted inspection of Somerset, reported March 2015": [
            "No article says who headed Somerset's children's services during the inspection of January 2015."
        ],
        "Ofsted inspection of Somerset, reported January 2018": [
            "No article says who headed Somerset's children's services at the inspection reported in January 2018.",
            "No article says when the inspection reported in January 2018 took place.",
        ],
    }
    assert set(found.asked) == set(ARTICLES)
    target = answer(store, "notice-target")
    assert target.unstated(target.rows[0]) == ["due"]
    assert "No article says by when the notice's target was to be reached." in [
        gap.sentence for gap in target.rows[0].gaps
    ]
    assert "due: not stated" in target.phrase(target.rows[0])


def test_what_does_not_apply_is_no_gap(store: ox.Store) -> None:
    found = answer(store, "main-judgements-over-time")
    assert [found.text(row, "change") for row in found.rows] == ["–", "–", "improved"]
    assert not found.asked
    assert all(not row.gaps for row in found.rows)


def test_a_kind_that_is_none_of_few_names_all_of_them(store: ox.Store) -> None:
    with pytest.raises(ParameterError, match="is not one of the choices") as caught:
        answer(store, "statements-of-a-kind", {"does": "promise"})
    assert {"praise", "commitment", "criticism"} <= {label for _, label in caught.value.near}

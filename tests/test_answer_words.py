"""Answers as a person reads them, on the real data: short where much could be said, and nothing said twice."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import ParameterError
from kg.evidence import BEARING
from kg.namespaces import SG, SGV
from kg.queries import with_prefixes
from kg.questions.answering import answer, find_question, list_questions
from kg.questions.answers import FEW, Answer
from kg.questions.parameters import allowed_values
from kg.questions.words import FIRST, SHOWN, answer_lines
from kg.snapshot import open_snapshot


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[ox.Store]:
    with open_snapshot(built) as snapshot:
        yield snapshot.store


def lines(found: Answer, width: int = 100) -> list[str]:
    return [line for _, line in answer_lines(found, width)]


def test_no_answer_drowns(store: ox.Store) -> None:
    for question in list_questions(store):
        found = answer(store, question)
        told = lines(found)
        assert len(told) <= 9 * len(found.rows) + 60, question.slug
        assert not any("\n" in line for line in told), question.slug


def test_of_many_claims_the_first_are_shown_and_the_others_counted(store: ox.Store) -> None:
    found = answer(store, "claims-per-article")
    surveys = [row for row in found.rows if row.is_survey]
    assert surveys
    told = "\n".join(lines(found))
    for row in surveys:
        assert f"… and {len(row.claims) - FIRST} more claims; --format json has them all" in told
    few = max((row for row in found.rows if not row.is_survey), key=lambda row: len(row.claims))
    assert len(few.claims) <= FEW
    assert all(claim.value.rpartition("/")[2] in told for claim in few.claims)


def test_a_survey_is_not_marked_as_disputed(store: ox.Store) -> None:
    found = answer(store, "voices-of-an-article")
    survey = next(row for row in found.rows if row.is_survey)
    assert found.disputes(survey)
    (line,) = [line for line in lines(found) if line.startswith(found.text(survey, found.asks) + "  ")]
    assert "[" not in line


def test_other_claims_are_told_once_and_only_where_they_bear_on_the_answer(store: ox.Store) -> None:
    for slug in ("lewis-end", "wooster-start", "who-is-essex-team", "relative-dates"):
        told = lines(answer(store, slug))
        also = [after for line, after in itertools.pairwise(told) if "also claimed:" in line]
        assert len(also) == len(set(also)), slug
        kind = ""
        for line in told:
            if match := re.match(r"  \[\d+\] ([a-z ]+): ", line):
                kind = match[1].replace(" ", "-")
            assert "also claimed:" not in line or SGV[kind] in BEARING, line


def test_differences_that_bear_on_the_answer_come_first(store: ox.Store) -> None:
    records = answer(store, "lewis-end").differences
    bearing = [record.bears_on_answers for record in records]
    assert bearing == sorted(bearing, reverse=True)
    assert records[0].kind == SGV.contradiction
    told = lines(answer(store, "relative-dates"))
    numbers = [int(n) for line in told for n in re.findall(r"^  \[(\d+)\]", line)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= 2 * SHOWN
    marked = {int(n) for line in told for n in re.findall(r"\d+", "".join(re.findall(r"\[.*?\]", line)))}
    assert marked <= set(numbers)


def test_only_contradictions_are_called_disagreement(store: ox.Store) -> None:
    """Other differences can be compared, as the pages say: both sides may be right."""
    told = lines(answer(store, "wooster-start"))
    assert not [line for line in told if "disagree" in line]
    heading = told.index("To compare:")
    assert [line[:16] for line in told[heading + 1 :]] == ["  [1] precision:", "  [2] scope: The"]
    assert any(line.endswith("[compare: 1, 2]") for line in told[:heading])
    told = lines(answer(store, "lewis-end"))
    against, compared = told.index("Sources disagree:"), told.index("To compare:")
    assert told[against + 1].startswith("  [1] contradiction: ")
    assert told[compared + 1].startswith("  [2] attribution: ")
    assert compared == against + 2 or told[against + 2].startswith("      also claimed: ")


@pytest.mark.parametrize(
    ("given", "begin", "end"),
    [
        ({"from": "2014-01-01", "to": "1 January 2013"}, "1 January 2014", "1 January 2013"),
        ({"from": "2014-01-01"}, "1 January 2014", "31 December 2013"),
        ({"from": ["2013-01-01", "2013-06-02"], "to": "2013-06-01"}, "2 June 2013", "1 June 2013"),
    ],
)
def test_a_period_that_ends_before_it_begins_is_a_mistake(
    store: ox.Store, given: dict[str, str | list[str]], begin: str, end: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        answer(store, "on-a-day", given)
    error = caught.value
    assert (error.field, error.given, error.exit_code) == ("to", end, 2)
    assert (error.problem, error.allowed) == ("is before the beginning of the period", f"{begin} or later")


def test_a_period_of_one_day_is_one(store: ox.Store) -> None:
    assert answer(store, "on-a-day", {"from": "2015-03-27", "to": "2015-03-27"}).rows


def test_rows_with_one_value_are_told_under_it(store: ox.Store) -> None:
    told = lines(answer(store, "disagreements-about"))
    heads = [line for line in told[2:] if not line.startswith(" ") and line.endswith(")")]
    assert len(heads) == len(set(heads))
    assert any(line.startswith("  - what is said: ") for line in told)


def test_a_gap_is_told_only_of_what_was_asked_about(store: ox.Store) -> None:
    found = answer(store, "shortland-party")
    assert found.not_stated
    assert ["Shortland" in gap.sentence for gap in found.gaps] == [True]
    found = answer(store, "enfield-director")
    assert ["Enfield" in gap.sentence for gap in found.gaps] == [True]


def test_a_parameter_is_no_value_of_a_parameter(store: ox.Store) -> None:
    for question in list_questions(store):
        for parameter in question.parameters:
            if parameter.scheme is not None:
                values = allowed_values(store, parameter)
                assert values
                assert not [iri for iri in values if "/id/question-" in iri.value], question.slug
    (topic,) = find_question(store, "findings-on-a-topic").parameters
    assert all("topic-" in iri.value for iri in allowed_values(store, topic))


def test_derived_sentences_have_dates_and_lengths_in_words(store: ox.Store) -> None:
    query = f"SELECT ?label {{ ?d a {SG.Derivation} ; rdfs:label ?label }}"
    solutions = store.query(with_prefixes(query))
    assert isinstance(solutions, ox.QuerySolutions)
    sentences = [row["label"].value for row in solutions]
    assert len(sentences) > 1000
    assert [s for s in sentences if re.search(r"\b\d{4}-\d\d|“P\d", s)] == []
    assert any("began about April 2013" in s for s in sentences)


def test_a_judgement_is_dated_by_when_it_was_made(store: ox.Store) -> None:
    found = answer(store, "in-post-at-inspection")
    rows = [[found.text(row, column) for column in found.columns] for row in found.rows]
    assert any("Peter Lewis" in row and "Child protection in Somerset, 2013" in row for row in rows)

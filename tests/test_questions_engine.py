"""The engine of the question library: parameters, answers with their claims, disagreement, and "not stated"."""

import csv
import io
import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, Quad

from kg.canonical import canonical_lines, hash_lines
from kg.cli import main
from kg.errors import NotFound, ParameterError, QueryError
from kg.export import write_exports
from kg.flat import flatten
from kg.labels import column_in_words, voices_in_words
from kg.namespaces import GRAPH, ID, PREFIXES, RDF, SCHEMA, SG, SH, SKOS, XSD
from kg.questions.answering import answer, find_question, list_questions, prefixes_file, suggest
from kg.questions.answers import Answer, to_json
from kg.questions.as_csv import EVIDENCE, to_csv
from kg.questions.parameters import allowed_values
from kg.questions.words import NOT_STATED, SOME_NOT_STATED, answer_lines
from kg.snapshot import build_lock, write_snapshot
from kg.terms import values_blocks
from tests.anyshire import CLAIMS, DERIVED, END, quads, store


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of Anyshire, as `kg build` leaves it."""
    out = tmp_path_factory.mktemp("out")
    named = canonical_lines(quads())
    default = (f"{t} .\n".encode() for t in flatten(quads()))
    with build_lock(out):
        write_snapshot(out, hash_lines(named), named, default, {}, lambda to: write_exports(quads(), to))
    return out


def lines(found: Answer) -> str:
    return "\n".join(line for _, line in answer_lines(found))


def with_question(query: str) -> ox.Store:
    """The store with one further question, `id:question-extra`, of this query."""
    made = ox.Store()
    made.extend(store())
    prefixes = "".join(f"PREFIX {p}: <{PREFIXES[p]}>\n" for p in ("id", "sg", "org"))
    made.add(Quad(ID["question-extra"], RDF.type, SG.Question))
    made.add(Quad(ID["question-extra"], SH.select, Literal(prefixes + query)))
    return made


# --- answers


def test_an_answer_has_its_claims() -> None:
    found = answer(store(), "director")
    assert (found.columns, found.asks, found.texts()) == (("person", "since"), "person", ["Ann Example"])
    (row,) = found.rows
    assert row.values == {"person": ID["ann-example"], "since": ID["date-2013"]}
    assert row.claims == {CLAIMS["ann-tenure"].iri}
    assert [e.excerpt for e in row.evidence] == ["took the helm in"]
    assert found.text(row, "since") == "2013"


def test_a_parameter_changes_the_answer_and_the_query_shown_is_the_one_that_was_run() -> None:
    found = answer(store(), "director", {"day": "2015-06-01"})
    assert found.texts() == ["Bob Sample"]
    assert found.parameters["day"] == (Literal("2015-06-01", datatype=XSD.date),)
    again = {row["person"] for row in store().query(found.query)}
    assert again == {ID["bob-sample"]}


@pytest.mark.parametrize(
    "person",
    ["Ann Example", "ann example", "Ms Example", "ann-example", "id:ann-example", f"<{ID}ann-example>"],
)
def test_a_thing_can_be_named_in_any_way(person: str) -> None:
    assert answer(store(), "how-ended", {"person": person}).rows


def test_two_values_of_one_parameter_are_both_bound() -> None:
    found = answer(store(), "how-ended", {"person": ["bob-sample", "ann-example"]})
    assert found.parameters["person"] == (ID["bob-sample"], ID["ann-example"])
    assert [row.is_unstated for row in found.rows] == [True, False, False]


def test_both_sides_of_a_disagreement_are_answers_and_are_marked() -> None:
    found = answer(store(), "how-ended")
    assert found.texts() == ["ended by the employer", "notice by the holder"]
    assert [len(found.disputes(row)) for row in found.rows] == [1, 1]
    assert lines(found).splitlines()[2] == "ended by the employer  [sources disagree: 1]"
    assert lines(found).splitlines()[-2:] == [
        "Sources disagree:",
        "  [1] contradiction: Council and director name different acts.",
    ]


def test_the_other_side_of_a_disagreement_is_told_when_it_is_no_answer() -> None:
    query = """SELECT ?kind ?claim { GRAPH ?g { id:ann-notice sg:kind ?kind } ?g sg:restsOn ?claim }"""
    found = answer(with_question(query), "extra")
    assert found.texts() == ["notice by the holder"]
    assert "also claimed: The council announced that it had ended Ann Example's contract." in lines(found)
    assert "“announced it had ended”" in lines(found)


def test_not_stated_names_the_sources_that_were_asked() -> None:
    found = answer(store(), "cost")
    assert found.not_stated
    assert found.asked == (ID["article-echo-1"], ID["article-gazette-1"])
    assert [gap.sentence for gap in found.gaps] == ["No source says what the inspection cost."]
    assert lines(found).splitlines()[2:] == [
        NOT_STATED,
        "  - The Echo on the inspection (invented)",
        "  - The Gazette on the director (invented)",
        "No source says what the inspection cost. (id:gap-cost)",
    ]


def test_without_a_gap_all_sources_were_asked() -> None:
    found = answer(store(), "how-ended", {"person": "Cat Nobody"})
    assert (found.not_stated, found.gaps) == (True, ())
    assert found.asked == (ID["article-echo-1"], ID["article-gazette-1"], ID["outcomes-table"])


def test_a_stated_answer_replaces_not_stated_once_there_is_a_claim() -> None:
    made = ox.Store()
    made.extend(store())
    claim = CLAIMS["ann-tenure"].iri
    for s, p, o in [
        (ID["figure-cost"], SG.costOf, ID["inspection-anyshire-2013"]),
        (ID["figure-cost"], SCHEMA.value, Literal(5000)),
    ]:
        made.add(Quad(s, p, o, claim))
        made.add(Quad(s, p, o))
    found = answer(made, "cost")
    assert (found.not_stated, found.texts(), found.gaps) == (False, ["5000"], ())


def test_a_difference_below_a_rule_counts_only_between_rows() -> None:
    query = "SELECT ?end ?claim { GRAPH ?claim { id:tenure-ann sg:end ?end } }"
    found = answer(with_question(query), "extra")
    assert found.disagreements
    assert "differ" not in lines(found)
    both = (
        "SELECT ?x ?claim { GRAPH ?claim { { id:tenure-ann sg:end ?x } UNION { id:ann-notice sg:kind ?x } } }"
    )
    assert lines(answer(with_question(both), "extra")).count("[sources disagree: 1]") == 2


def test_a_derivation_stands_above_the_claims_that_it_follows_from() -> None:
    query = "SELECT ?end ?claim { GRAPH ?claim { id:tenure-ann sg:end ?end } }"
    told = lines(answer(with_question(query), "extra")).splitlines()
    assert told[-2].startswith("    by rule: An act is not later than its announcement (derived:")
    assert told[-1].startswith(
        "      “announced it had ended” — Anyshire Gazette (invented), quoting Anyshire Council"
    )


def test_a_row_with_nothing_in_it_is_no_answer() -> None:
    query = "SELECT ?x ?claim { OPTIONAL { id:nobody sg:grade ?x } BIND(id:nobody AS ?claim) }"
    assert answer(with_question(query), "extra").not_stated


def test_a_derived_row_leads_to_the_claims_below_the_derivation() -> None:
    query = "SELECT ?end ?claim { GRAPH ?claim { id:tenure-ann sg:end ?end } }"
    (row,) = answer(with_question(query), "extra").rows
    (evidence,) = row.evidence
    assert (evidence.graph, evidence.claim.iri, evidence.derived) == (DERIVED, CLAIMS["ann-ended"].iri, True)
    assert row.values["end"] == END.object


def test_several_claim_columns_and_lists_of_claims_are_all_evidence() -> None:
    query = """SELECT ?person (GROUP_CONCAT(STR(?g); SEPARATOR=" ") AS ?claims) (SAMPLE(?h) AS ?claimOfEnd) {
      GRAPH ?g { ?t org:member ?person } GRAPH ?h { ?end sg:endsTenure ?t } } GROUP BY ?person"""
    (row,) = answer(with_question(query), "extra").rows
    assert CLAIMS["ann-tenure"].iri in row.claims
    assert len(row.claims) == 2


def test_rows_with_one_answer_are_one_row_with_several_claims() -> None:
    query = "SELECT ?grade ?claim { GRAPH ?g { ?j sg:grade ?grade } ?g sg:restsOn ?claim }"
    (row,) = answer(with_question(query), "extra").rows
    assert row.claims == {CLAIMS["grade-echo"].iri, CLAIMS["grade-table"].iri}


def test_without_an_order_rows_are_sorted() -> None:
    query = "SELECT ?s ?claim { GRAPH ?g { ?s ?p ?o } ?g sg:restsOn ?claim }"
    subjects = [row.values["s"] for row in answer(with_question(query), "extra").rows]
    assert subjects == sorted(subjects, key=str)


def test_a_table_stands_where_it_fits() -> None:
    query = """SELECT ?tenure ?bornOn ?claim {
      GRAPH ?g { ?tenure sg:start ?bornOn } ?g sg:restsOn ?claim } ORDER BY ?tenure"""
    found = answer(with_question(query), "extra")
    shown = [line for style, line in answer_lines(found, 80) if style in ("value", "plain")]
    assert shown == [
        "tenure                               born on",
        "Ann Example as director in Anyshire  2013",
        "Bob Sample as director in Anyshire   January 2015",
    ]
    narrow = [line for style, line in answer_lines(found, 30) if style == "value"]
    assert narrow[0] == "Ann Example as director in Anyshire (born on: 2013)"
    assert column_in_words("bornOn") == "born on"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?x {", "the question extra is not SPARQL"),
        ("ASK { ?s ?p ?o }", "the question extra is not a SELECT query"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "the question extra is not a SELECT query"),
        ("SELECT ?claim { ?claim a sg:Claim }", "extra: the query has no column besides its claims"),
    ],
)
def test_a_stored_query_that_cannot_be_used_is_an_error(query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        answer(with_question(query), "extra")


# --- parameters


@pytest.mark.parametrize(
    ("slug", "given", "message"),
    [
        (
            "director",
            {"day": "1 June"},
            "day: '1 June' is not a day; expected a day such as 1 June 2014 or 2014-06-01",
        ),
        ("director", {"dy": "x"}, "dy: 'dy' is not a parameter of this question; expected one of day, post"),
        (
            "how-ended",
            {"person": "An Exampel"},
            "person: 'An Exampel' is no person; expected one of Ann Example (ann-example)",
        ),
        (
            "how-ended",
            {"person": "id:anyshire-council"},
            (
                "person: 'id:anyshire-council' is no person; expected one of Ann Example (ann-example), "
                "Bob Sample (bob-sample), Cat Nobody (cat-nobody)"
            ),
        ),
    ],
)
def test_a_bad_value_says_the_field_what_was_given_and_what_is_allowed(
    slug: str, given: dict[str, str], message: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        answer(store(), slug, given)
    assert str(caught.value) == message


def test_a_name_of_several_things_names_them() -> None:
    made = ox.Store()
    made.extend(store())
    made.add(Quad(ID["bob-sample"], SKOS.altLabel, Literal("Ms Example", language="en")))
    with pytest.raises(
        ParameterError, match=r"names several things; expected one of Ann Example.*Bob Sample"
    ):
        answer(made, "how-ended", {"person": "Ms Example"})


def test_what_may_be_meant_comes_with_its_label() -> None:
    with pytest.raises(ParameterError) as caught:
        answer(store(), "how-ended", {"person": "An Exampl"})
    assert caught.value.near[0] == ("ann-example", "Ann Example")


def test_an_empty_value_is_an_error_and_not_another_question() -> None:
    with pytest.raises(
        ParameterError, match="day: '' is empty; expected a value; without day= it is 2014-06-01"
    ):
        answer(store(), "director", {"day": ""})


# --- several values of a parameter


def test_each_of_several_days_has_its_own_rows_in_the_order_given() -> None:
    found = answer(store(), "director", {"day": ["2015-06-01", "2014-06-01", "1900-01-01", "2015-06-01"]})
    assert found.columns == ("day", "person", "since")
    assert [(found.text(row, "day"), found.text(row, "person")) for row in found.rows] == [
        ("1 June 2015", "Bob Sample"),
        ("1 June 2014", "Ann Example"),
        ("1 January 1900", "not stated"),
    ]
    last = found.rows[-1]
    assert (last.is_unstated, last.evidence) == (True, ())
    assert found.asked
    assert not found.not_stated
    assert "1 January 1900" in lines(found)
    assert SOME_NOT_STATED in lines(found)


def test_the_query_of_several_values_gives_the_same_rows_by_itself() -> None:
    found = answer(store(), "director", {"day": ["2015-06-01", "2014-06-01"]})
    solutions = store().query(found.query)
    names = [variable.value for variable in solutions.variables]
    assert names[0] == "day"
    rows = {tuple(solution[name] for name in found.columns) for solution in solutions}
    assert rows == {tuple(row.values.values()) for row in found.rows}


def test_what_is_not_stated_for_any_value_is_not_stated() -> None:
    found = answer(store(), "director", {"day": ["1900-01-01", "1900-01-02"]})
    assert found.not_stated
    assert found.asked


def test_more_values_than_one_answer_holds_are_refused() -> None:
    days = [f"2014-06-{n:02}" for n in range(1, 29)]
    with pytest.raises(
        ParameterError, match="day: '28 values' makes 28 combinations of values; expected at most 24"
    ):
        answer(store(), "director", {"day": days})


def test_a_thing_of_a_sub_class_is_allowed() -> None:
    (parameter,) = find_question(store(), "cost").parameters
    assert list(allowed_values(store(), parameter)) == [ID["inspection-anyshire-2013"]]


# --- the library


def test_questions_are_listed_by_group_and_text() -> None:
    found = list_questions(store())
    assert [q.slug for q in found] == ["how-ended", "cost", "director"]
    director = found[2]
    assert (director.group_label, director.keywords) == ("People and posts", ("in charge",))
    assert [(p.name, p.short_default) for p in director.parameters] == [
        ("day", "2014-06-01"),
        ("post", "post-dcs-anyshire"),
    ]


def test_every_default_is_what_stands_in_the_query() -> None:
    for question in list_questions(store()):
        blocks = {block.variable for block in values_blocks(question.query)}
        assert {p.name for p in question.parameters} <= blocks
        assert {row[0] for row in _rows(question.query)} == {
            row[0] for row in _rows(answer(store(), question).query)
        }


def _rows(query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in store().query(query)]


def test_an_unknown_question_is_met_with_those_like_it() -> None:
    with pytest.raises(
        NotFound, match=r"no question is called 'directer'; did you mean director\?"
    ) as caught:
        answer(store(), "directer")
    assert caught.value.exit_code == 2
    with pytest.raises(NotFound, match="kg ask --list names them all"):
        find_question(store(), "zzzzzz")
    assert [q.slug for q in suggest(list_questions(store()), "who was in charge")] == ["director"]
    assert find_question(store(), "id:question-cost").slug == "cost"


def test_the_prefix_file_declares_every_prefix() -> None:
    found = ox.Store()
    found.load(prefixes_file(), format=ox.RdfFormat.TURTLE)
    rows = found.query(
        f"SELECT ?p ?n {{ {ID['question-prefixes']} {SH.declare} ?d . ?d {SH.prefix} ?p ; {SH.namespace} ?n }}"
    )
    assert {row["p"].value: row["n"].value for row in rows} == PREFIXES


# --- forms


def test_json_holds_values_labels_and_claims() -> None:
    found = json.loads(to_json(answer(store(), "how-ended"), "v1"))
    assert (found["version"], found["notStated"], found["asks"]) == ("v1", False, "kind")
    first = found["answers"][0]
    assert first["values"]["kind"]["label"] == "ended by the employer"
    assert first["claims"][0]["excerpts"] == ["announced it had ended"]
    assert [voice["agent"]["label"] for voice in first["claims"][0]["voices"]] == [
        "Anyshire Gazette (invented)",
        "Anyshire Council (invented)",
    ]
    assert found["disagreements"][0]["iri"] in first["disagreements"]
    assert (
        json.loads(to_json(answer(store(), "cost")))["asked"][0]["label"]
        == "The Echo on the inspection (invented)"
    )


@pytest.mark.parametrize("one", ["grade-echo", "grade-table"])
def test_the_claims_in_the_column_claim_come_before_the_others(one: str) -> None:
    other = {"grade-echo": "grade-table", "grade-table": "grade-echo"}[one]
    bound = f"BIND(<{CLAIMS[one].iri.value}> AS ?claim) BIND(<{CLAIMS[other].iri.value}> AS ?claimOfOther)"
    query = f"SELECT ?grade ?claimOfOther ?claim {{ {bound} GRAPH ?claim {{ ?j sg:grade ?grade }} }}"
    (row,) = answer(with_question(query), "extra").rows
    assert [evidence.claim.iri for evidence in row.evidence] == [CLAIMS[one].iri, CLAIMS[other].iri]


@pytest.mark.parametrize("one", ["grade-echo", "grade-table"])
def test_a_question_says_which_of_its_claims_come_first_and_that_adds_no_evidence(one: str) -> None:
    first = f"BIND(<{CLAIMS[one].iri.value}> AS ?claimFirst) BIND(1 AS ?claimRank)"
    pattern = f"GRAPH ?claim {{ ?j sg:grade ?grade }} ?claim sg:restsOn ?c {first}"
    query = f"SELECT ?grade ?claim ?claimFirst ?claimRank {{ {pattern} }}"
    (row,) = answer(with_question(query), "extra").rows
    assert row.evidence[0].claim.iri == CLAIMS[one].iri
    assert row.claims == {CLAIMS["grade-echo"].iri, CLAIMS["grade-table"].iri}
    elsewhere = query.replace(CLAIMS[one].iri.value, CLAIMS["ann-tenure"].iri.value)
    (same,) = answer(with_question(elsewhere), "extra").rows
    assert same.claims == row.claims


def test_csv_has_words_iris_and_claims() -> None:
    found = answer(store(), "director")
    claim = found.claims[CLAIMS["ann-tenure"].iri]
    rows = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert rows == [
        {
            "person": "Ann Example",
            "person_iri": ID["ann-example"].value,
            "since": "2013",
            "since_iri": ID["date-2013"].value,
            "claims": CLAIMS["ann-tenure"].iri.value,
            "sentences": claim.sentence,
            "voices": voices_in_words(claim.voices, found.names),
            "articles": found.names[claim.article],
            "kinds": "stated",
            "excerpts": "took the helm in",
            "not_stated": "",
        }
    ]


def test_csv_lists_the_claims_of_a_row_and_what_each_is_in_one_order() -> None:
    query = (
        "SELECT ?p (GROUP_CONCAT(STR(?g)) AS ?claim) { GRAPH ?g { ?s ?p ?o } ?g sg:restsOn ?c } GROUP BY ?p"
    )
    found = answer(with_question(query), "extra")
    rows = list(csv.DictReader(io.StringIO(to_csv(found))))
    several = 0
    for row, told in zip(found.rows, rows, strict=True):
        lists = {name: told[name].split(" | ") for name in EVIDENCE}
        assert {len(each) for each in lists.values()} == {len(row.claims)}
        views = {claim.iri.value: claim for claim in found.claims.values()}
        for n, iri in enumerate(lists["claims"]):
            assert lists["sentences"][n] == views[iri].sentence
            assert lists["voices"][n] == voices_in_words(views[iri].voices, found.names)
            assert lists["articles"][n] == found.names[views[iri].article]
            assert lists["excerpts"][n] == (" … ".join(views[iri].excerpts) or "key-grade-table")
        assert lists["claims"][0] == row.evidence[0].claim.iri.value
        several += len(row.claims) > 1
    assert several


# --- the command


def run(built: Path, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["ask", "--out", str(built), *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_list_has_no_header_when_piped(built: Path) -> None:
    assert run(built, "--list") == (
        0,
        (
            "how-ended\tHow did Ann Example's tenure end?\n"
            "cost\tWhat did the inspection of 2013 cost?\n"
            "director\tWho was director in Anyshire on 1 June 2014?\n"
        ),
        "",
    )


def test_the_command_answers_in_words_with_evidence(built: Path) -> None:
    code, out, _ = run(built, "director", "day=2015-06-01")
    assert code == 0
    assert "Bob Sample (since: January 2015)" in out
    assert (
        "“arrived in January” — Anyshire Gazette (invented); The Gazette on the director (invented); claim:"
        in out
    )


def test_not_stated_is_no_failure(built: Path) -> None:
    code, out, errors = run(built, "cost")
    assert (code, errors) == (0, "")
    assert NOT_STATED in out


def test_other_forms_and_the_query(built: Path) -> None:
    assert json.loads(run(built, "director", "--format", "json")[1])["version"]
    assert run(built, "director", "--format", "csv")[1].startswith("person,person_iri,")
    query = run(built, "director", "day=2015-06-01", "--show-query")[1]
    assert {row[0] for row in _rows(query)} == {ID["bob-sample"]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["directer"], "kg: no question is called 'directer'; did you mean director?\n"),
        (
            ["director", "day=soon"],
            "kg: day: 'soon' is not a day; expected a day such as 1 June 2014 or 2014-06-01\n",
        ),
        (["director", "2014-06-01"], "kg: '2014-06-01': expected NAME=VALUE, such as day=2014-06-01\n"),
        (
            ["cost", "day=x"],
            "kg: day: 'day' is not a parameter of this question; expected one of inspection\n",
        ),
    ],
)
def test_a_mistake_is_exit_code_2_and_one_line(built: Path, arguments: list[str], message: str) -> None:
    assert run(built, *arguments) == (2, "", message)


def test_the_graph_of_questions_is_named(built: Path) -> None:
    assert any(q.graph_name == GRAPH.questions for q in quads())


def test_the_prefix_file_of_the_data_is_the_one_that_is_made(root: Path) -> None:
    path = root / "data" / "questions" / "prefixes.ttl"
    made = {q.triple for q in ox.parse(prefixes_file(), format=ox.RdfFormat.TURTLE)}
    kept = {q.triple for q in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)}
    assert kept == made, "run: python -m kg.questions.answering > data/questions/prefixes.ttl"

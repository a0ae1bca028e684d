"""What the page of an entity contains: every statement with its claims, and nothing that is withdrawn."""

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode

from kg.describe import SECTIONS, Description, Statement, describe
from kg.errors import NotFound
from kg.evidence import read_claims
from kg.flat import flatten
from kg.labels import (
    day_in_words,
    duration_in_words,
    edtf_in_words,
    labels,
    term_in_words,
    voices_in_words,
)
from kg.namespaces import GRAPH, ID, ORG, RDFS, SCHEMA, SG, SGV, SKOS, XSD
from kg.queries import Remembering, text
from kg.record import Voice
from kg.terms import bind
from tests.anyshire import CLAIMS, DERIVED, ECHO, quads, store

ANN, BOB = ID["ann-example"], ID["bob-sample"]


def of(statements: tuple[Statement, ...], subject: str, predicate: NamedNode) -> list[Statement]:
    return [s for s in statements if s.subject == ID[subject] and s.predicate == predicate]


def test_a_person_is_described_by_what_is_shown_with_them_two_steps_away() -> None:
    found = describe(store(), ANN)
    assert (found.label, found.other_names) == ("Ann Example", ("Ms Example",))
    assert [s.predicate for s in found.incoming] == [ORG.member]
    assert list(found.shown()) == [ID["tenure-ann"], ID["ann-contract-ended"], ID["ann-notice"]]
    assert found.totals == {"statements": 0, "incoming": 1, "of_shown": 3, "spoken": 1}


def test_each_statement_has_its_claim_with_voices_excerpt_and_source() -> None:
    found = describe(store(), ANN)
    (statement,) = of(found.of_shown, "ann-contract-ended", SG.kind)
    (row,) = statement.evidence
    assert row.claim.iri == CLAIMS["ann-ended"].iri == statement.graph
    assert row.sentence == "The council announced that it had ended Ann Example's contract."
    assert [voice.agent for voice in row.voices] == [ID["anyshire-gazette"], ID["anyshire-council"]]
    assert (row.excerpt, row.publisher) == ("announced it had ended", ID["anyshire-gazette"])
    (reading,) = row.claim.readings
    assert (reading.expression, reading.read_as) == ("last October", ID["date-2014-10"])
    (record,) = row.claim.disagreements
    assert set(record.between) == {CLAIMS["ann-ended"].iri, CLAIMS["ann-notice"].iri}
    assert voices_in_words(row.voices, found.names) == (
        "Anyshire Gazette (invented), quoting Anyshire Council (invented)"
        " (in the council's announcement about Ann Example)"
    )


def test_a_derived_statement_leads_to_the_claims_that_it_follows_from() -> None:
    (statement,) = of(describe(store(), ANN).of_shown, "tenure-ann", SG.end)
    (row,) = statement.evidence
    assert statement.derived
    assert row.derived
    assert (row.graph, row.claim.iri) == (DERIVED, CLAIMS["ann-ended"].iri)
    assert row.derivation is not None
    assert row.derivation.sentence == "An act is not later than its announcement."
    assert statement.publishers == ()


def test_corroboration_is_one_statement_with_two_claims() -> None:
    (statement,) = of(describe(store(), ID["anyshire-council"]).of_shown, "judgement-anyshire-2013", SG.grade)
    assert {row.claim.iri for row in statement.evidence} == {
        CLAIMS["grade-echo"].iri,
        CLAIMS["grade-table"].iri,
    }
    assert set(statement.publishers) == {ID["anyshire-echo"], ID["inspectorate-x"]}
    row = next(row for row in statement.evidence if row.claim.iri == CLAIMS["grade-table"].iri)
    assert (row.excerpt, row.claim.evidence[0].fragment) == (None, "row=7")


def test_nothing_of_a_withdrawn_claim_is_described_but_its_record_can_be_read() -> None:
    found = describe(store(), BOB)
    starts = of(found.of_shown, "tenure-bob", SG.start)
    assert [s.object for s in starts] == [ID["date-2015-01"]]
    withdrawn = CLAIMS["withdrawn"].iri
    assert withdrawn not in {row.claim.iri for s in found.of_shown for row in s.evidence}
    claim = read_claims(store(), [withdrawn])[withdrawn]
    assert (claim.withdrawn, claim.excerpts) == (True, ("since the spring",))


def test_register_facts_stand_without_claims() -> None:
    found = describe(store(), ID["anyshire-council"])
    assert found.identifiers == (("Code X99", None, "nowhere: invented"),)
    assert found.types == (SG.Council,)
    assert {f.predicate for f in found.facts if f.subject == found.iri} >= {
        RDFS.label,
        SKOS.altLabel,
        SCHEMA.identifier,
    }
    assert {f.graph for f in found.facts} == {GRAPH.register}


def test_what_an_entity_says_is_listed_with_it() -> None:
    assert [c.iri for c in describe(store(), BOB).spoken] == [CLAIMS["fine-officer"].iri]


def test_a_source_and_a_concept_can_be_described() -> None:
    article = describe(store(), ECHO)
    assert article.label == "The Echo on the inspection (invented)"
    concept = describe(store(), SGV["unscaled-inadequate"])
    assert [s.subject for s in concept.incoming] == [ID["judgement-anyshire-2013"]]


def test_an_iri_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="id:nobody: nothing in the data has this IRI"):
        describe(store(), ID.nobody)


def test_every_iri_of_a_description_has_a_label() -> None:
    found = describe(store(), ANN)
    for statement in (*found.statements, *found.incoming, *found.of_shown):
        for term in (statement.subject, statement.predicate, statement.object):
            assert not isinstance(term, NamedNode) or term in found.names
    assert found.names[ID["date-by-2014-10"]] == edtf_in_words("[..2014-10]")


@pytest.mark.parametrize(
    "name", ["ann-example", "bob-sample", "anyshire-council", "inspectorate-x", "tenure-ann"]
)
def test_the_query_that_a_page_shows_gives_the_same_statements_and_claims(name: str) -> None:
    found = describe(store(), ID[name])
    described = {
        (s.subject, s.predicate, s.object, row.graph, row.claim.iri, excerpt)
        for section in (found.statements, found.incoming, found.of_shown)
        for s in section
        for row in s.evidence
        for excerpt in (row.claim.excerpts or (None,))
    }
    rows = store().query(bind(text("entity"), {"e": ID[name]}))
    shown = {(r["s"], r["p"], r["o"], r["g"], r["claim"], r["excerpt"] and r["excerpt"].value) for r in rows}
    assert described == shown


def test_pages_of_a_section_make_up_the_whole() -> None:
    whole = describe(store(), ID["tenure-ann"])
    paged = [
        statement
        for offset in range(0, whole.totals["statements"], 2)
        for statement in describe(store(), whole.iri, limit=2, offset=offset, section="statements").statements
    ]
    assert tuple(paged) == whole.statements
    things = [
        thing
        for offset in range(3)
        for thing in describe(store(), ANN, limit=1, offset=offset, section="of_shown").shown()
    ]
    assert sorted(things, key=str) == sorted(describe(store(), ANN).shown(), key=str)
    assert describe(store(), ANN, limit=1).totals["of_shown"] == 3


def test_a_hub_is_paged_by_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    def pages() -> list[Description]:
        return [
            describe(store(), ID["tenure-ann"], limit=2, offset=n, section="statements") for n in (0, 2, 4)
        ]

    expected = {s for page in pages() for s in page.statements}
    monkeypatch.setattr("kg.describe.HUB", 1)
    found = pages()
    assert {s for page in found for s in page.statements} == expected
    assert {page.totals["statements"] for page in found} == {len(expected)}


def test_a_memory_changes_nothing() -> None:
    remembering = Remembering(store())
    for _ in range(2):
        for name in ("ann-example", "bob-sample"):
            assert describe(remembering, ID[name]) == describe(store(), ID[name])


def test_a_description_does_not_depend_on_the_order_of_the_data() -> None:
    other = ox.Store()
    for quad in reversed([*quads(), *(ox.Quad(t.subject, t.predicate, t.object) for t in flatten(quads()))]):
        other.add(quad)
    for name in ("ann-example", "anyshire-council"):
        assert describe(other, ID[name]) == describe(store(), ID[name])


def test_labels_prefer_english_then_no_language_and_fall_back_to_a_curie() -> None:
    made = ox.Store()
    for value in (
        Literal("Y", language="cy"),
        Literal("X"),
        Literal("B", language="en"),
        Literal("A", language="en"),
    ):
        made.add(ox.Quad(ID.a, RDFS.label, value))
    made.add(ox.Quad(ID.b, RDFS.label, Literal("dim", language="cy")))
    names = labels(made, [ID.a, ID.b, ID.c, ID["date-2013-22"], Literal("x"), None])
    assert names == {ID.a: "A", ID.b: "dim", ID.c: "id:c", ID["date-2013-22"]: "summer 2013"}


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Literal("2014-06-01", datatype=XSD.date), "1 June 2014"),
        (Literal("P28D", datatype=XSD.duration), "4 weeks"),
        (Literal("true", datatype=XSD.boolean), "yes"),
        (Literal("75.0", datatype=XSD.decimal), "75.0"),
        (None, "not stated"),
    ],
)
def test_terms_in_words(term: Literal | None, words: str) -> None:
    assert term_in_words(term, {}) == words


def test_what_is_no_day_or_plain_duration_stays_as_it_is() -> None:
    assert (day_in_words("2014-6-1"), duration_in_words("PT5M"), edtf_in_words("soon")) == (
        "2014-6-1",
        "PT5M",
        "soon",
    )


def test_a_chain_of_three_voices_in_words() -> None:
    names = {ID.a: "The Paper", ID.b: "A Councillor", ID.c: "the leader", ID.p: "Councillor for X"}
    chain = (Voice(ID.a), Voice(ID.b, capacity=ID.p), Voice(ID.c))
    assert (
        voices_in_words(chain, names)
        == "The Paper, quoting a Councillor (as Councillor for X), who quotes the leader"
    )
    assert voices_in_words((), names) == "no voice"


def test_all_sections_have_a_total() -> None:
    assert tuple(describe(store(), ANN).totals) == SECTIONS

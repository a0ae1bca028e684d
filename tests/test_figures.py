"""Figures in words: one spelling for amounts everywhere, nothing invented, nothing lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal

from kg.corroboration import Corroboration, corroboration_of
from kg.evidence import ClaimView
from kg.figures import amount, figure_in_words, is_number, joined
from kg.namespaces import CLAIM, ID, SCHEMA, SG, XSD
from kg.questions.answers import Answer, AnswerRow
from kg.record import Voice
from kg.terms import Term
from web.entity.cards import blocks


def number(value: str) -> Literal:
    return Literal(value, datatype=XSD.decimal if "." in value else XSD.integer)


@pytest.mark.parametrize(
    ("value", "unit", "currency", "words"),
    [
        ("75", "%", "", "75 %"),
        ("37.5", "%", "", "37.5 %"),
        ("741000", "", "GBP", "£741,000"),
        ("741000", "GBP", "", "£741,000"),
        ("12.50", "", "EUR", "€12.50"),
        ("9000", "", "CHF", "CHF 9,000"),
        ("1", "child protection plans", "", "1 child protection plan"),
        ("190", "child protection plans", "", "190 child protection plans"),
        ("0", "directors", "", "0 directors"),
        ("-3", "%", "", "-3 %"),
        ("2014", "", "", "2,014"),
    ],
)
def test_an_amount_has_its_unit(value: str, unit: str, currency: str, words: str) -> None:
    assert amount(value, unit, currency) == words


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_the_digits_of_an_amount_are_those_of_its_number(value: Decimal) -> None:
    assert Decimal(amount(str(value), currency="GBP").removeprefix("£").replace(",", "")) == value


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            {SCHEMA.value: ["75"], SCHEMA.unitText: ["%"], SG.population: [ID.cases]},
            "75 % of “Cases judged in audits”",
        ),
        (
            {SCHEMA.value: ["5", "8"], SCHEMA.unitText: ["directors"]},
            "5 directors or 8 directors",
        ),
        ({SCHEMA.value: ["5"], SCHEMA.unitText: ["directors", "heads"]}, "5"),
        (
            {
                SCHEMA.value: ["500"],
                SCHEMA.minValue: ["445"],
                SCHEMA.maxValue: ["571"],
                SCHEMA.unitText: ["plans"],
            },
            "500 plans (from 445 to 571)",
        ),
        ({SCHEMA.value: ["453"], SCHEMA.minValue: ["453"], SCHEMA.maxValue: ["453"]}, "453"),
        ({SCHEMA.minValue: ["10"], SCHEMA.maxValue: ["20"], SCHEMA.unitText: ["plans"]}, "10 to 20 plans"),
        ({SCHEMA.unitText: ["plans"], SG.population: [ID.cases]}, ""),
        (
            {
                SCHEMA.value: ["741000"],
                SCHEMA.currency: ["GBP"],
                SG.periodLength: ["P10Y"],
                SG.periodEnd: [ID.end],
            },
            "£741,000 over 10 years, to March 2014",
        ),
    ],
)
def test_a_figure_is_told_with_what_it_counts(told: dict[object, list[object]], words: str) -> None:
    names = {ID.cases: "Cases judged in audits", ID.end: "March 2014"}

    def term(prop: object, value: object) -> object:
        if not isinstance(value, str):
            return value
        if prop in (SCHEMA.unitText, SCHEMA.currency):
            return Literal(value)
        return Literal(value, datatype=XSD.duration) if prop == SG.periodLength else number(value)

    terms = {prop: [term(prop, value) for value in values] for prop, values in told.items()}
    assert figure_in_words(terms, names) == words  # type: ignore[arg-type]


def row(columns: tuple[str, ...], *values: Term | None) -> dict[str, Term | None]:
    return dict(zip(columns, values, strict=True))


def test_a_column_of_units_goes_with_the_numbers_before_it() -> None:
    columns = ("target", "unit", "of")
    values = row(columns, number("75"), Literal("%"), ID.cases)
    assert joined(columns, values, "target") == "75 %"
    assert joined(columns, values, "of") is None
    assert joined(columns, {**values, "target": ID.improved}, "target") is None
    assert joined(columns, {**values, "unit": None}, "target") is None
    assert not is_number(Literal("75"))


def test_an_answer_tells_its_unit_once_and_its_data_keep_the_column() -> None:
    columns = ("amount", "currency", "for")
    rows = (AnswerRow(row(columns, number("341000"), Literal("GBP"), ID.x)),)
    answer = Answer("q", "?", "", columns, "amount", rows, names={ID.x: "one director"})
    assert answer.phrase(rows[0]) == "£341,000 (for: one director)"
    assert answer.told_columns == ("amount", "for")
    assert answer.columns == columns
    mixed = (*rows, AnswerRow(row(columns, None, Literal("GBP"), ID.x)))
    assert Answer("q", "?", "", columns, "amount", mixed).told_columns == columns


def claim(name: str, *voices: Voice, withdrawn: bool = False) -> ClaimView:
    return ClaimView(CLAIM[name], name, ID.article, voices=voices, withdrawn=withdrawn)


ECHO, GAZETTE, OFSTED = Voice(ID.echo), Voice(ID.gazette), Voice(ID.inspectorate, through=ID.report)


def test_publishers_that_relay_one_report_rest_on_it() -> None:
    both = corroboration_of([claim("a", ECHO, OFSTED), claim("b", GAZETTE, OFSTED)])
    assert both == Corroboration((ID.echo, ID.gazette), ID.inspectorate, ID.report)
    assert both.several
    spoken = corroboration_of([claim("a", ECHO, OFSTED), claim("b", GAZETTE, Voice(ID.inspectorate))])
    assert (spoken.voice, spoken.document) == (ID.inspectorate, None)


def test_a_publisher_in_its_own_voice_rests_on_nobody_else() -> None:
    assert corroboration_of([claim("a", ECHO), claim("b", GAZETTE, OFSTED)]).voice is None
    assert corroboration_of([claim("a", ECHO), claim("b", GAZETTE)]).voice is None
    two = corroboration_of([claim("a", ECHO, OFSTED), claim("b", GAZETTE, Voice(ID.council))])
    assert (two.several, two.voice) == (True, None)
    assert corroboration_of(
        [claim("a", ECHO, OFSTED), claim("b", GAZETTE, OFSTED, withdrawn=True)]
    ).publishers == (ID.echo,)
    assert corroboration_of([]) == Corroboration()


def test_a_card_tells_a_number_and_its_unit_as_one_value_where_one_claim_states_both() -> None:
    from kg.describe import EvidenceRow, Statement

    one, other = (EvidenceRow(CLAIM[name], claim(name, ECHO)) for name in ("a", "b"))
    value = Statement(ID.money, SCHEMA.value, number("741000"), (one,))
    (block,) = blocks([value, Statement(ID.money, SCHEMA.currency, Literal("GBP"), (one,))])
    assert block.pairs == ((SCHEMA.value, (Literal("£741,000"),)),)
    apart = blocks([value, Statement(ID.money, SCHEMA.currency, Literal("GBP"), (other,))])
    assert {pair for block in apart for pair in block.pairs} == {
        (SCHEMA.value, (number("741000"),)),
        (SCHEMA.currency, (Literal("GBP"),)),
    }

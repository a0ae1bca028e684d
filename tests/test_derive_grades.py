"""Rules about grades: which judgement follows which, whether both can be ranked, what came of one."""

import pytest

from tests.claimed import Derived, claims


def judged(*rows: tuple[str, str, str], order: str = "") -> Derived:
    """Judge: (inspection number, area, grade); inspections are dated 2011, 2013, 2015 unless `order` says otherwise."""
    entries = (
        [order] if order else [f"t{n}: id:inspection-{n} sg:time id:date-{2009 + 2 * n} ." for n in (1, 2, 3)]
    )
    entries += [f"i{n}: id:inspection-{n} sg:inspected id:services ." for n in (1, 2, 3)]
    register = ""
    for n, (inspection, area, grade) in enumerate(rows):
        entries.append(
            f"j{n}: id:judgement-{n} sg:inspection id:inspection-{inspection} ; sg:judged id:services ; "
            f"sg:area sgv:{area} ; sg:grade sgv:{grade} ."
        )
        register += f'id:judgement-{n} a sg:Judgement ; rdfs:label "Judgement {n}"@en .\n'
    return Derived(claims(*entries, register=register))


CHANGES = (
    "SELECT ?from ?to ?c { ?x a sg:GradeChange ; sg:fromJudgement ?from ; sg:toJudgement ?to ; sg:change ?c }"
)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("sif-inadequate", "sif-requires-improvement", "improved"),
        ("sif-good", "sif-good", "unchanged"),
        ("sif-outstanding", "sif-good", "worsened"),
        ("lac2013-adequate", "sif-requires-improvement", "not-comparable"),
        ("lac2013-inadequate", "sif-inadequate", "not-comparable"),
        ("unscaled-inadequate", "unscaled-good", "not-comparable"),
    ],
)
def test_grades_are_ranked_on_one_scale_only(before: str, after: str, change: str) -> None:
    made = judged(("1", "sif-adoption", before), ("2", "sif-adoption", after))
    assert made.rows(CHANGES) == [("judgement-0", "judgement-1", change)]


def test_only_the_next_judgement_of_the_area_is_compared() -> None:
    made = judged(
        ("1", "sif-adoption", "sif-inadequate"),
        ("2", "sif-adoption", "sif-good"),
        ("3", "sif-adoption", "sif-outstanding"),
    )
    assert made.rows(CHANGES) == [
        ("judgement-0", "judgement-1", "improved"),
        ("judgement-1", "judgement-2", "improved"),
    ]


def test_an_inspection_that_left_the_area_out_is_stepped_over() -> None:
    made = judged(
        ("1", "sif-adoption", "sif-good"),
        ("2", "sif-care-leavers", "sif-good"),
        ("3", "sif-adoption", "sif-inadequate"),
    )
    assert made.rows(CHANGES) == [("judgement-0", "judgement-2", "worsened")]


def test_order_without_dates_is_enough() -> None:
    made = judged(
        ("1", "sif-adoption", "sif-good"),
        ("2", "sif-adoption", "sif-good"),
        order="order: id:inspection-1 sg:before id:inspection-2 .",
    )
    assert made.rows(CHANGES) == [("judgement-0", "judgement-1", "unchanged")]


def test_overlapping_dates_give_no_order() -> None:
    made = judged(
        ("1", "sif-adoption", "sif-good"),
        ("2", "sif-adoption", "sif-good"),
        order="order: id:inspection-1 sg:time id:date-2013 . id:inspection-2 sg:time id:date-2013-06 .",
    )
    assert made.rows(CHANGES) == []
    assert made.values("id:inspection-1", "sg:next") == []


def test_a_pair_that_can_be_ranked_goes_before_one_that_cannot() -> None:
    """A newspaper says inadequate, the record says so on the framework's scale: compared are the record's grades."""
    more = claims(
        "t: id:inspection-1 sg:time id:date-2011 . id:inspection-2 sg:time id:date-2013 .",
        "i: id:inspection-1 sg:inspected id:services . id:inspection-2 sg:inspected id:services .",
        "j0: id:judgement-0 sg:inspection id:inspection-1 ; sg:judged id:services ; sg:area sgv:sif-adoption ; "
        "sg:grade sgv:sif-inadequate .",
        "k0/gazette: id:judgement-0 sg:grade sgv:unscaled-inadequate .",
        "j1: id:judgement-1 sg:inspection id:inspection-2 ; sg:judged id:services ; sg:area sgv:sif-adoption ; "
        "sg:grade sgv:sif-good .",
        register="""id:judgement-0 a sg:Judgement ; rdfs:label "0"@en .
        id:judgement-1 a sg:Judgement ; rdfs:label "1"@en .""",
    )
    assert Derived(more).rows(CHANGES) == [("judgement-0", "judgement-1", "improved")]


def test_a_chain_leads_from_judgement_to_notice_to_review_to_the_next_inspection() -> None:
    made = Derived(
        claims(
            "i: id:inspection-1 sg:inspected id:services ; sg:time id:date-2011 .",
            "k: id:inspection-2 sg:inspected id:services ; sg:time id:date-2013 .",
            "j: id:judgement sg:inspection id:inspection-1 .",
            "n: id:notice sg:follows id:judgement .",
            "r: id:review sg:follows id:notice .",
            "f: id:finding sg:follows id:notice .",
            register="""id:judgement a sg:Judgement ; rdfs:label "The judgement"@en .
            id:notice a sg:ImprovementNotice ; rdfs:label "The notice"@en .
            id:review a sg:ProgressReview ; rdfs:label "The review"@en .
            id:finding a sg:Finding ; rdfs:label "A finding"@en .""",
        )
    )
    steps = made.rows("SELECT ?a ?b { ?a sg:next ?b }")
    assert steps == [
        ("inspection-1", "inspection-2"),
        ("judgement", "notice"),
        ("notice", "review"),
        ("review", "inspection-2"),
    ]
    assert [row[0] for row in made.rows("SELECT ?s { ?c a sg:Chain ; sg:step ?s }")] == [
        "inspection-1",
        "inspection-2",
        "judgement",
        "notice",
        "review",
    ]
    assert made.basis("id:notice", "sg:next", "id:review", "i", "j", "k", "n", "r")

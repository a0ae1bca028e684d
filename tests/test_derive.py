"""The rules on invented councils: what follows, what does not, and that each conclusion names what it follows from."""

import random
from pathlib import Path

import pytest

from kg.derive import derive, read_rules
from kg.errors import KgError, SourceError
from kg.namespaces import DERIVED, GRAPH, SG
from kg.resources import ontology_dir
from tests.claimed import HEAD, Derived, claims

ANN = "id:tenure-ann org:member id:ann ; org:post id:post-dcs ."
BOB = "id:tenure-bob org:member id:bob ; org:post id:post-dcs ."
POST = "post: id:post-dcs org:postIn id:anyshire . id:services org:unitOf id:anyshire ."
END = """id:announcement a sg:Announcement ; rdfs:label "The announcement"@en .
id:end-ann a sg:TenureEnd ; rdfs:label "The end of Ann's contract"@en .
id:notice-ann a sg:TenureEnd ; rdfs:label "Ann's notice"@en ."""


# --- announced, earlier


@pytest.mark.parametrize(
    ("date", "bound"),
    [
        ("date-2014-10", "date-by-2014-10"),
        ("date-2014", "date-by-2014"),
        ("date-2014-10-03", "date-by-2014-10-03"),
        ("date-2014-22", "date-by-2014-08-31"),
        ("date-any-2014-10-01_2014-10-05", "date-by-2014-10-05"),
        ("date-by-2014-10", "date-by-2014-10-31"),
        ("date-from-2014-10", None),
        ("date-about-2014-10", None),
    ],
)
def test_an_end_is_not_later_than_its_announcement(date: str, bound: str | None) -> None:
    made = Derived(
        claims(
            f"a: id:announcement schema:about id:end-ann ; sg:time id:{date} .",
            "b: id:end-ann sg:endsTenure id:tenure-ann .",
            register=END,
        )
    )
    assert made.values("id:tenure-ann", "sg:end") == ([bound] if bound else [])
    assert made.values("id:end-ann", "sg:time") == ([bound] if bound else [])
    if bound:
        assert made.basis("id:tenure-ann", "sg:end", f"id:{bound}", "a", "b")


def test_the_bound_is_a_date_with_days() -> None:
    made = Derived(
        claims(
            "a: id:announcement schema:about id:end-ann ; sg:time id:date-2014-10 . "
            "id:end-ann sg:endsTenure id:tenure-ann .",
            register=END,
        )
    )
    assert made.values("id:tenure-ann", "sg:end/sg:latest") == ["2014-10-31"]
    assert made.values("id:tenure-ann", "sg:end/sg:earliest") == []
    assert made.sentences("announced") == [
        "“The end of Ann's contract” was announced (October 2014), so it did not happen later."
    ]


def test_a_notice_that_is_announced_ends_nothing() -> None:
    made = Derived(
        claims(
            "a: id:announcement schema:about id:notice-ann ; sg:time id:date-2014-10 .",
            "b: id:notice-ann sg:endsTenure id:tenure-ann ; sg:kind sgv:notice-by-holder .",
            register=END,
        )
    )
    assert made.values("id:tenure-ann", "sg:end") == []


def test_what_came_before_a_dated_event_is_not_later() -> None:
    made = Derived(
        claims(
            "a: id:notice-ann sg:before id:end-ann .", "b: id:end-ann sg:time id:date-2014-10 .", register=END
        )
    )
    assert made.values("id:notice-ann", "sg:time") == ["date-by-2014-10"]
    assert made.basis("id:notice-ann", "sg:time", "id:date-by-2014-10", "a", "b")


def test_a_claimed_date_is_not_bounded_again() -> None:
    made = Derived(
        claims(
            "a: id:notice-ann sg:before id:end-ann ; sg:time id:date-2014-09 .",
            "b: id:end-ann sg:time id:date-2014-10 .",
            register=END,
        )
    )
    assert made.values("id:notice-ann", "sg:time") == ["date-2014-09"]


# --- reported, later


REPORTED = """id:letter a sg:Letter ; rdfs:label "The letter"@en .
id:review a sg:ProgressReview ; rdfs:label "The review"@en . id:found a sg:Finding ; rdfs:label "Found"@en .
id:visit a sg:AdviserReview ; rdfs:label "The visit"@en .
"""


def dated_article(name: str, date: str) -> str:
    return f'id:article-{name} sg:published id:{date} ; rdfs:label "The {name}"@en .'


@pytest.mark.parametrize(
    ("published", "bound"),
    [
        ("date-2014-07", ["date-by-2014-07"]),
        ("date-any-2014-03-27_2014-03-31", ["date-by-2014-03-31"]),
        ("date-from-2014-03-27", []),
        ("date-about-2014-01", []),
    ],
)
def test_what_an_article_reports_is_not_later_than_the_article(published: str, bound: list[str]) -> None:
    made = Derived(
        claims("a: id:letter schema:sender id:ann .", register=REPORTED + dated_article("echo", published))
    )
    assert made.values("id:letter", "sg:notAfter") == bound
    assert made.values("id:letter", "sg:time") == []
    if bound:
        assert made.basis("id:letter", "sg:notAfter", f"id:{bound[0]}", "a")


def test_the_earliest_article_counts() -> None:
    made = Derived(
        claims(
            "a: id:letter schema:sender id:ann .",
            "b/gazette: id:letter schema:sender id:ann .",
            register=REPORTED
            + dated_article("echo", "date-2014-07")
            + dated_article("gazette", "date-2014-05"),
        )
    )
    assert made.values("id:letter", "sg:notAfter") == ["date-by-2014-05"]
    assert made.basis("id:letter", "sg:notAfter", "id:date-by-2014-05", "b")


@pytest.mark.parametrize(
    "told",
    [
        "id:visit sg:ledBy id:ann ; sg:commissionedBy id:bob .",
        "id:visit sg:finds id:found ; sg:due id:date-by-2014-12 .",
        "id:visit sg:finds id:found . id:letter sg:announces id:visit .",
        "id:visit sg:finds id:found ; sg:time id:date-2014-02 .",
    ],
    ids=["planned", "due", "announced", "dated"],
)
def test_what_is_still_to_come_or_has_a_date_is_not_bounded(told: str) -> None:
    made = Derived(claims(f"a: {told}", register=REPORTED + dated_article("echo", "date-2014-07")))
    assert made.values("id:visit", "sg:notAfter") == []


def test_a_review_that_followed_one_thing_and_is_reported_lies_between() -> None:
    """Nobody dates the review: after the inspection of 2013, reported in July 2014, so Ann was possibly in post."""
    made = Derived(
        claims(
            POST,
            f"ann: {ANN}",
            f"bob: {BOB}",
            "tenure: id:tenure-ann sg:start id:date-2012 ; sg:end id:date-2014-03 .",
            "gone: id:tenure-bob sg:start id:date-2010 ; sg:end id:date-2011 .",
            "dated: id:inspection-1 sg:time id:date-2013-06 .",
            "review: id:review sg:finds id:found ; sg:concerns id:services .",
            "order: id:review sg:follows id:inspection-1 .",
            register=REPORTED + dated_article("echo", "date-2014-07"),
        )
    )
    assert made.values("id:review", "sg:notBefore") == ["date-from-2013-06"]
    assert made.basis("id:review", "sg:notBefore", "id:date-from-2013-06", "dated", "order")
    rows = made.rows(
        "SELECT ?who ?v { ?x a sg:PostAtEvent ; sg:event id:review ; sg:holder ?who ; sg:verdict ?v }"
    )
    assert rows == [("ann", "in-post-possibly")]
    (basis,) = {
        tuple(
            made.rows("SELECT DISTINCT ?l { GRAPH ?g { ?x sg:event id:review } ?g sg:restsOn/rdfs:label ?l }")
        )
    }
    assert [row[0] for row in basis] == [
        "Claim ann",
        "Claim dated",
        "Claim order",
        "Claim review",
        "Claim tenure",
    ]


# --- tenures


@pytest.mark.parametrize(
    ("length", "end", "start"),
    [
        ("P18M", "date-by-2014-10", "date-about-2013-04"),
        ("P2Y", "date-2014-10", "date-about-2012-10"),
        ("P2Y", "date-2014", "date-about-2012"),
        ("P1M", "date-2014-03-31", "date-about-2014-02"),
    ],
)
def test_a_length_and_an_end_give_an_approximate_start(length: str, end: str, start: str) -> None:
    made = Derived(
        claims(
            f'a: id:tenure-ann sg:approximateDuration "{length}"^^xsd:duration .',
            f"b: id:tenure-ann sg:end id:{end} .",
        )
    )
    assert made.values("id:tenure-ann", "sg:start") == [start]
    assert made.values("id:tenure-ann", "sg:start/sg:approximate") == ["true"]
    assert made.basis("id:tenure-ann", "sg:start", f"id:{start}", "a", "b")


def test_a_claimed_start_stands_alone() -> None:
    made = Derived(
        claims(
            'a: id:tenure-ann sg:approximateDuration "P18M"^^xsd:duration ; sg:end id:date-2014 .',
            "b: id:tenure-ann sg:start id:date-2012 .",
        )
    )
    assert made.values("id:tenure-ann", "sg:start") == ["date-2012"]


VOICE = """id:article-echo sg:published id:date-2014-07 ."""


def spoken(extra: str = "", position: int = 2) -> Derived:
    quads = claims(f"held: {ANN}", "said: id:statement sg:saidBy id:ann .", register=VOICE)
    import pyoxigraph as ox

    record = next(q for q in quads if q.predicate == SG.firstVoice and q.graph_name == GRAPH.echo)
    voice = f"""<urn:claim> sg:voice <urn:v> . <urn:v> a sg:Voice ; sg:position {position} ;
        prov:agent id:ann ; sg:capacity id:post-dcs {extra} ."""
    text = (HEAD + voice).replace("urn:claim", record.subject.value)  # type: ignore[union-attr]
    parsed = ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)
    return Derived([*quads, *(ox.Quad(q.subject, q.predicate, q.object, GRAPH.echo) for q in parsed)])


def test_who_speaks_for_a_post_held_it_when_the_article_came_out() -> None:
    assert spoken().values("id:tenure-ann", "sg:knownOn") == ["date-2014-07"]


def test_words_relayed_from_a_document_or_by_a_third_voice_may_be_older() -> None:
    assert spoken("; sg:through id:letter").values("id:tenure-ann", "sg:knownOn") == []
    assert spoken(position=3).values("id:tenure-ann", "sg:knownOn") == []


def test_two_starts_alone_end_nothing() -> None:
    made = Derived(claims(f"a: {ANN}", f"b: {BOB}", "c: id:tenure-bob sg:start id:date-2014 ."))
    assert made.values("id:tenure-ann", "sg:end") == []


def test_a_successor_whom_a_source_names_ends_the_tenure_before() -> None:
    made = Derived(
        claims(
            f"a: {ANN}", f"b: {BOB}", "c: id:tenure-bob sg:start id:date-2014-05 ; sg:follows id:tenure-ann ."
        )
    )
    assert made.values("id:tenure-ann", "sg:end") == ["date-by-2014-05-31"]
    assert made.basis("id:tenure-ann", "sg:end", "id:date-by-2014-05-31", "a", "b", "c")


# --- who was in post


def in_post(tenure: str, event: str = "date-2013-06", *more: str) -> list[tuple[str, ...]]:
    made = Derived(
        claims(
            POST,
            f"ann: {ANN}",
            f"inspection: id:inspection-1 sg:inspected id:services ; sg:time id:{event} .",
            *([f"tenure: {tenure}"] if tenure else []),
            *more,
        )
    )
    return made.rows(
        "SELECT ?who ?v { ?x a sg:PostAtEvent ; sg:event id:inspection-1 ; sg:holder ?who ; sg:verdict ?v }"
    )


@pytest.mark.parametrize(
    ("tenure", "verdict"),
    [
        ("id:tenure-ann sg:start id:date-2012 ; sg:end id:date-2014 .", "in-post-yes"),
        ("id:tenure-ann sg:start id:date-2012 ; sg:knownOn id:date-2014-01 .", "in-post-yes"),
        ("id:tenure-ann sg:knownOn id:date-2013-01, id:date-2014-01 .", "in-post-yes"),
        ("id:tenure-ann sg:start id:date-about-2012-01 ; sg:end id:date-2014 .", "in-post-approximately"),
        ("id:tenure-ann sg:start id:date-2012 .", "in-post-possibly"),
        ("id:tenure-ann sg:end id:date-by-2013-12 .", "in-post-possibly"),
        ("id:tenure-ann sg:start id:date-2013-06 ; sg:end id:date-2014 .", "in-post-possibly"),
        ("id:tenure-ann sg:start id:date-2012 ; sg:end id:date-2013 .", "in-post-possibly"),
        ("id:tenure-ann sg:start id:date-2014 .", None),
        ("id:tenure-ann sg:end id:date-2012 .", None),
        ("id:tenure-ann sg:start id:date-2013-07-01 .", None),
        ("id:tenure-ann sg:knownOn id:date-2015 .", None),
        ("", None),
    ],
)
def test_who_was_in_post_at_an_inspection(tenure: str, verdict: str | None) -> None:
    assert in_post(tenure) == ([("ann", verdict)] if verdict else [])


def test_readings_of_one_tenure_are_intersected_first() -> None:
    """March by one source, 14 to 19 March by another: in post on 20 March, possibly on 16, by one source only on 13."""
    starts = (
        "one: id:tenure-ann sg:start id:date-2013-03 .",
        "two: id:tenure-ann sg:start id:date-any-2013-03-14_2013-03-19 .",
    )
    end = "id:tenure-ann sg:end id:date-2014 ."
    assert in_post(end, "date-2013-03-20", *starts) == [("ann", "in-post-yes")]
    assert in_post(end, "date-2013-03-16", *starts) == [("ann", "in-post-possibly")]
    assert in_post(end, "date-2013-03-13", *starts) == [("ann", "in-post-by-one-source")]
    assert in_post(end, "date-2013-02-28", *starts) == []


def test_a_bound_is_no_reading_that_another_could_exclude() -> None:
    """Who announces in 2014 that somebody has left does not say that it was as late as that."""
    ends = ("one: id:tenure-ann sg:end id:date-by-2014 .", "two: id:tenure-ann sg:end id:date-2012-09 .")
    assert in_post("id:tenure-ann sg:start id:date-2011 .", "date-2013-06", *ends) == []
    assert in_post("id:tenure-ann sg:start id:date-2011 .", "date-2012-06", *ends) == [("ann", "in-post-yes")]


def test_dates_that_exclude_each_other_are_disputed() -> None:
    """Started in 2012 by one source and in 2014 by another."""
    disputed = ("one: id:tenure-ann sg:start id:date-2012 .", "two: id:tenure-ann sg:start id:date-2014 .")
    assert in_post("id:tenure-ann sg:end id:date-2016 .", "date-2015-06", *disputed) == [
        ("ann", "in-post-disputed")
    ]


def test_the_dates_of_the_event_are_intersected_too() -> None:
    tenure = "id:tenure-ann sg:start id:date-2013-06-01 ; sg:end id:date-2014 ."
    assert in_post(tenure, "date-2013") == [("ann", "in-post-possibly")]
    assert in_post(tenure, "date-2013", "more: id:inspection-1 sg:time id:date-2013-07 .") == [
        ("ann", "in-post-yes")
    ]


def test_the_answer_rests_on_the_claims_about_the_dates() -> None:
    made = Derived(
        claims(
            POST,
            f"ann: {ANN}",
            "tenure: id:tenure-ann sg:start id:date-2012 ; sg:end id:date-2014 .",
            "dated: id:inspection-1 sg:time id:date-2013 .",
            "body: id:inspection-1 sg:inspected id:services .",
        )
    )
    rows = made.rows(
        "SELECT DISTINCT ?l { ?x a sg:PostAtEvent . GRAPH ?g { ?x sg:holder ?who } ?g sg:restsOn/rdfs:label ?l }"
    )
    assert [row[0] for row in rows] == ["Claim ann", "Claim dated", "Claim tenure"]


def test_a_body_that_has_nothing_to_do_with_the_post_gives_no_answer() -> None:
    made = Derived(
        claims(
            POST,
            f"ann: {ANN}",
            "tenure: id:tenure-ann sg:start id:date-2012 ; sg:end id:date-2014 .",
            "x: id:inspection-1 sg:inspected id:elsewhere ; sg:time id:date-2013-06 .",
            register='id:elsewhere a sg:Service ; rdfs:label "Elsewhere (invented)"@en .',
        )
    )
    assert made.rows("SELECT ?x { ?x a sg:PostAtEvent }") == []


def test_a_judgement_without_a_date_has_that_of_the_report() -> None:
    made = Derived(
        claims(
            POST,
            f"ann: {ANN}",
            "tenure: id:tenure-ann sg:start id:date-2012 ; sg:end id:date-2014 .",
            "j: id:judgement sg:inspection id:inspection-1 ; sg:judged id:services .",
            "r: id:report sg:describes id:inspection-1 ; sg:published id:date-2013-08-05 .",
            register='id:judgement a sg:Judgement ; rdfs:label "J"@en . id:report a sg:Report ; rdfs:label "R"@en .',
        )
    )
    assert made.rows("SELECT ?e ?v { ?x sg:event ?e ; sg:verdict ?v }") == [("judgement", "in-post-yes")]


# --- grades and chains


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


# --- figures


def figures(*pairs: tuple[str, str, str]) -> Derived:
    """Give counts and shares: (grade, count or "", share or "")."""
    entries, register = [], 'id:plans a sg:PopulationGroup ; rdfs:label "Plans"@en .\n'
    for grade, count, share in pairs:
        for kind, value, unit in (("Count", count, "plans"), ("Share", share, "%")):
            if value:
                name = f"id:{kind.lower()}-{grade}"
                entries.append(
                    f'{kind}-{grade}: {name} schema:value {value} ; schema:unitText "{unit}" ; '
                    f"sg:population id:plans ; sg:category sgv:unscaled-{grade} ; sg:producedIn id:inspection-1 ."
                )
                register += f'{name} a sg:{kind} ; rdfs:label "{kind} {grade}"@en .\n'
    return Derived(claims(*entries, register=register))


RANGES = "SELECT ?a ?b { ?d sg:byRule sgv:rule-implied-base . GRAPH ?d { ?f schema:minValue ?a ; schema:maxValue ?b } }"
FIGURE = "SELECT ?value {{ ?d sg:byRule sgv:rule-{} . GRAPH ?d {{ ?f schema:value ?value }} }}"
AUDIT = (
    ("inadequate", "170", "37.5"),
    ("adequate", "190", "41.9"),
    ("good", "58", "12.8"),
    ("outstanding", "2", "0.4"),
)


def test_the_arithmetic_of_an_audit() -> None:
    made = figures(*AUDIT)
    assert made.rows(FIGURE.format("sum-of-shares")) == [("92.6",)]
    assert made.rows(FIGURE.format("missing-share")) == [("7.4",)]
    assert made.rows(FIGURE.format("sum-of-counts")) == [("420",)]
    assert made.rows(FIGURE.format("implied-base")) == [("453",), ("453",), ("453",), ("500",)]
    assert made.rows(FIGURE.format("implied-total")) == [("453",)]
    assert made.rows(FIGURE.format("missing-count")) == [("33",)]
    assert made.rows(RANGES) == [("445", "571"), ("452", "454"), ("453", "453"), ("453", "454")]


def test_a_derived_figure_is_neither_a_count_nor_a_share() -> None:
    made = figures(*AUDIT)
    assert made.rows("SELECT (SUM(?v) AS ?n) { ?x a sg:Share ; schema:value ?v }") == [("92.6",)]
    assert made.rows("SELECT (SUM(?v) AS ?n) { ?x a sg:Count ; schema:value ?v }") == [("420",)]


def test_shares_that_miss_100_by_rounding_leave_nothing_over() -> None:
    made = figures(("inadequate", "", "33.3"), ("adequate", "", "33.3"), ("good", "", "33.3"))
    assert made.rows(FIGURE.format("sum-of-shares")) == [("99.9",)]
    assert made.rows(FIGURE.format("missing-share")) == []


def test_counts_and_shares_of_which_no_total_fits_imply_no_total() -> None:
    made = figures(("inadequate", "50", "50"), ("good", "10", "50"))
    assert made.rows(FIGURE.format("implied-base")) == [("100",), ("20",)]
    assert made.rows(FIGURE.format("implied-total")) == []


def test_a_category_with_two_shares_is_not_added_up() -> None:
    made = Derived(
        claims(
            "a: id:s1 schema:value 40 ; sg:population id:plans ; sg:category sgv:unscaled-good .",
            "b: id:s2 schema:value 50 ; sg:population id:plans ; sg:category sgv:unscaled-good .",
            "c: id:s3 schema:value 10 ; sg:population id:plans ; sg:category sgv:unscaled-adequate .",
            register="""id:plans a sg:PopulationGroup ; rdfs:label "Plans"@en .
            id:s1 a sg:Share . id:s2 a sg:Share . id:s3 a sg:Share .""",
        )
    )
    assert made.rows(FIGURE.format("sum-of-shares")) == []


# --- publishers, contested


def test_publishers_are_counted_once_each() -> None:
    triple = "id:inspection-1 sg:time id:date-2013-06 ."
    made = Derived(
        claims(
            f"a: {triple}",
            f"b: {triple}",
            f"c/gazette: {triple}",
            "d: id:inspection-2 sg:time id:date-2015 .",
        )
    )
    query = "SELECT ?s ?n { ?t a rdf:Statement ; rdf:subject ?s ; sg:publisherCount ?n }"
    assert made.rows(query) == [("inspection-1", "2"), ("inspection-2", "1")]
    assert "Told by The Echo (invented) and The Gazette (invented): “" in "".join(
        made.sentences("publishers")
    )
    rows = made.rows(
        "SELECT ?c { ?t rdf:subject id:inspection-1 . GRAPH ?g { ?t sg:publisherCount ?n } ?g sg:restsOn ?c }"
    )
    assert len(rows) == 3


def contradiction(kind: str, withdrawn: str = "") -> Derived:
    from tests.claimed import name_of, withdraw

    notes = f"""id:disagreement a sg:Disagreement ; sg:differenceKind sgv:{kind} ; rdfs:label "They differ."@en ;
        sg:between <{name_of("a").value}>, <{name_of("b").value}> ."""
    quads = claims(
        "a: id:inspection-1 sg:time id:date-2013-06 .",
        "b: id:inspection-1 sg:time id:date-2013-08 .",
        notes=notes,
    )
    return Derived(withdraw(quads, withdrawn) if withdrawn else quads)


def test_a_contradiction_marks_what_it_touches() -> None:
    made = contradiction("contradiction")
    assert made.values("id:inspection-1", "sg:contested") == ["true"]
    assert made.basis("id:inspection-1", "sg:contested", "true", "a", "b")


def test_other_differences_and_withdrawn_claims_mark_nothing() -> None:
    assert contradiction("precision").values("id:inspection-1", "sg:contested") == []
    assert contradiction("contradiction", withdrawn="b").values("id:inspection-1", "sg:contested") == []


# --- the engine


def test_a_claim_rests_on_itself_and_a_derivation_on_claims_only() -> None:
    made = figures(*AUDIT)
    assert (
        made.rows(
            "SELECT ?g { ?g a sg:Claim OPTIONAL { ?g sg:restsOn ?g . BIND(1 AS ?x) } FILTER(!BOUND(?x)) }"
        )
        == []
    )
    assert (
        made.rows("SELECT ?c { ?d a sg:Derivation ; sg:restsOn ?c . ?c a ?t . FILTER(?t != sg:Claim) }") == []
    )


def test_the_order_of_quads_makes_no_difference() -> None:
    quads = claims(
        POST,
        f"a: {ANN}",
        "b: id:tenure-ann sg:start id:date-2012 .",
        "c: id:inspection-1 sg:time id:date-2013 .",
    )
    shuffled = quads[:]
    random.Random(5).shuffle(shuffled)
    rules = ontology_dir() / "rules"
    assert derive(shuffled, rules) == derive(quads, rules)


def test_every_rule_says_what_it_does_and_has_a_concept() -> None:
    quads = claims()
    concepts = {q.subject for q in quads}
    for rule in read_rules(ontology_dir() / "rules"):
        assert rule.text.startswith("# "), rule.path
        assert "NOT EXISTS" not in rule.text, (
            f"{rule.path}: quadratic on this engine; OPTIONAL and !BOUND instead"
        )
        assert rule.iri in concepts, f"{rule.path}: {rule.iri} is not in ontology/concepts.ttl"
        for word in ("somerset", "ofsted", "wooster"):
            assert word not in rule.text.lower(), f"{rule.path}: a rule is for any council"


GOOD = """PREFIX sg: <https://w3id.org/scrutiny-graph/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
CONSTRUCT { <urn:d> a sg:Derivation ; rdfs:label "It follows." ; prov:wasDerivedFrom ?g ;
  sg:concludes [ rdf:subject ?s ; rdf:predicate sg:after ; rdf:object ?o ] }
WHERE { GRAPH ?g { ?s sg:time ?o } }"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("CONSTRUCT {", "CONSTRUCT ("), "a query begins"),
        (('rdfs:label "It follows." ;', ""), "a conclusion without a sentence"),
        (("prov:wasDerivedFrom ?g ;", ""), "a conclusion without a premise"),
        (("rdf:object ?o", ""), "a conclusion without a triple"),
    ],
)
def test_a_rule_that_cannot_run_names_its_file(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    (tmp_path / "01-bad.rq").write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(SourceError, match=r"01-bad\.rq") as caught:
        derive(claims("a: id:inspection-1 sg:time id:date-2013 ."), tmp_path)
    assert caught.value.exit_code == 2
    assert message in caught.value.message or "expected" in caught.value.message


def test_a_conclusion_from_the_register_is_refused(tmp_path: Path) -> None:
    rule = GOOD.replace(
        "GRAPH ?g { ?s sg:time ?o }", "GRAPH ?g { ?s a ?o } FILTER(CONTAINS(STR(?g), 'register'))"
    )
    (tmp_path / "01-register.rq").write_text(rule, encoding="utf-8")
    with pytest.raises(KgError, match="neither a claim nor an earlier derivation"):
        derive(claims("a: id:inspection-1 sg:time id:date-2013 ."), tmp_path)


def test_a_premise_that_two_claims_state_rests_on_both() -> None:
    made = Derived(
        claims(
            "a: id:notice-ann sg:before id:end-ann .",
            "b: id:end-ann sg:time id:date-2014-10 .",
            "c/gazette: id:end-ann sg:time id:date-2014-10 .",
            register=END,
        )
    )
    assert made.basis("id:notice-ann", "sg:time", "id:date-by-2014-10", "a", "b", "c")


def test_what_only_the_register_says_leads_to_no_conclusion(tmp_path: Path) -> None:
    premise = "prov:wasDerivedFrom [ rdf:subject ?s ; rdf:predicate rdf:type ; rdf:object ?o ]"
    rule = GOOD.replace("prov:wasDerivedFrom ?g", premise).replace("GRAPH ?g { ?s sg:time ?o }", "?s a ?o")
    (tmp_path / "01-register.rq").write_text(rule, encoding="utf-8")
    made = Derived(claims("a: id:inspection-1 sg:time id:date-2013 ."), tmp_path)
    assert made.rows("SELECT ?d { ?d sg:byRule sgv:rule-register }") == []


def test_a_file_that_is_no_rule_is_named(tmp_path: Path) -> None:
    (tmp_path / "known-on.rq").write_text(GOOD, encoding="utf-8")
    with pytest.raises(SourceError, match="expected a name such as"):
        read_rules(tmp_path)
    with pytest.raises(KgError, match="no such folder"):
        read_rules(tmp_path / "none")


def test_derivations_are_in_graphs_of_their_own() -> None:
    made = figures(*AUDIT)
    records = {q.subject for q in made.quads if q.predicate == SG.byRule}
    graphs = {q.graph_name for q in made.quads if q.graph_name in DERIVED}
    assert records == graphs

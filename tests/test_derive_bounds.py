"""Rules that bound a date which no source gives: by an announcement, a report, an order."""

import pytest

from tests.claimed import Derived, claims

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

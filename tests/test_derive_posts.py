"""Rules about tenures: when one began, who spoke for a post, who was in post at an event."""

import pytest

from kg.namespaces import GRAPH, SG
from tests.claimed import HEAD, Derived, claims

ANN = "id:tenure-ann org:member id:ann ; org:post id:post-dcs ."
BOB = "id:tenure-bob org:member id:bob ; org:post id:post-dcs ."
POST = "post: id:post-dcs org:postIn id:anyshire . id:services org:unitOf id:anyshire ."


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

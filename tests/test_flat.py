"""The default graph: each triple once, and nothing of what is withdrawn."""

import random

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.flat import flatten, live_quads, withdrawn_claims
from kg.namespaces import CLAIM, DCTERMS, GRAPH, ID, SG
from tests.claimed import Derived, claims, name_of, withdraw

TRIPLE = "id:inspection-1 sg:time id:date-2013-06 ."


def node(name: str) -> ox.NamedNode:
    return ID[name]


def test_a_triple_in_two_graphs_counts_once() -> None:
    quads = claims(f"a: {TRIPLE}", f"b/gazette: {TRIPLE}")
    triple = ox.Triple(node("inspection-1"), SG.time, node("date-2013-06"))
    assert sum(q.triple == triple for q in quads) == 2
    assert flatten(quads).count(triple) == 1


def test_a_withdrawn_claim_leaves_a_tombstone_only() -> None:
    quads = withdraw(claims(f"a: {TRIPLE}", "b: id:inspection-2 sg:time id:date-2015 ."), "a")
    flat = flatten(quads)
    about = {t.predicate for t in flat if t.subject == name_of("a")}
    assert about == {SG.withdrawn}
    assert ox.Triple(node("inspection-1"), SG.time, node("date-2013-06")) not in flat
    assert not any(t.subject == ox.NamedNode(name_of("a").value + "#v1") for t in flat)
    assert any(t.subject == name_of("b") and t.object == SG.Claim for t in flat)


def test_what_another_claim_states_too_stays() -> None:
    quads = withdraw(claims(f"a: {TRIPLE}", f"b/gazette: {TRIPLE}"), "a")
    assert ox.Triple(node("inspection-1"), SG.time, node("date-2013-06")) in flatten(quads)


def test_a_replaced_claim_counts_as_withdrawn() -> None:
    quads = claims(f"a: {TRIPLE}")
    quads.append(ox.Quad(name_of("a"), DCTERMS.isReplacedBy, CLAIM["00ff00ff00ff00ff"], GRAPH.echo))
    assert withdrawn_claims(quads) == {name_of("a").value}
    assert withdrawn_claims(claims(f"a: {TRIPLE}")) == set()


def test_withdrawn_false_is_not_withdrawn() -> None:
    quads = claims(f"a: {TRIPLE}")
    false = ox.Literal("false", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
    assert not withdrawn_claims([*quads, ox.Quad(name_of("a"), SG.withdrawn, false, GRAPH.echo)])


def test_every_derivation_that_rests_on_it_leaves_at_any_distance() -> None:
    entries = (
        """announced: id:announcement schema:about id:end-ann ; sg:time id:date-2014-10 .
        id:end-ann sg:endsTenure id:tenure-ann .""",
        'length: id:tenure-ann sg:approximateDuration "P18M"^^xsd:duration .',
    )
    register = """id:announcement a sg:Announcement ; rdfs:label "An announcement"@en .
        id:end-ann a sg:TenureEnd ; rdfs:label "The end"@en ."""
    live = Derived(claims(*entries, register=register))
    assert live.values("id:tenure-ann", "sg:start") == ["date-about-2013-04"]
    gone = Derived(withdraw(claims(*entries, register=register), "announced"))
    assert gone.values("id:tenure-ann", "sg:end") == []
    assert gone.values("id:tenure-ann", "sg:start") == []
    # the named graphs keep both, and the start rests on the withdrawn claim through the end
    kept = gone.rows("SELECT ?o { GRAPH ?g { id:tenure-ann sg:start ?o } }")
    assert kept == [("date-about-2013-04",)]


@settings(max_examples=20, deadline=None)
@given(st.integers())
def test_the_order_of_quads_makes_no_difference(seed: int) -> None:
    quads = claims(f"a: {TRIPLE}", "b/gazette: id:inspection-2 sg:time id:date-2015 .")
    shuffled = quads[:]
    random.Random(seed).shuffle(shuffled)
    assert flatten(shuffled) == flatten(quads)
    assert set(live_quads(shuffled)) == set(quads)

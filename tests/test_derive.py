"""The rules on invented councils: what follows, what does not, and that each conclusion names what it follows from."""

import random
from pathlib import Path

import pytest

from kg.derive import derive, read_rules
from kg.errors import KgError, SourceError
from kg.namespaces import DERIVED, SG
from kg.resources import ontology_dir
from tests.claimed import Derived, claims

ANN = "id:tenure-ann org:member id:ann ; org:post id:post-dcs ."
POST = "post: id:post-dcs org:postIn id:anyshire . id:services org:unitOf id:anyshire ."
END = """id:announcement a sg:Announcement ; rdfs:label "The announcement"@en .
id:end-ann a sg:TenureEnd ; rdfs:label "The end of Ann's contract"@en .
id:notice-ann a sg:TenureEnd ; rdfs:label "Ann's notice"@en ."""


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

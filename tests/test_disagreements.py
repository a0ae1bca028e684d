"""Disagreements: every candidate that a rule finds is explained, and comes back when its record is taken away.

Which records must come back: all contradictions, all that are about arithmetic, and all about dates, that is, where two
claims of the record date one thing, an inspection and its judgement, or a tenure by its length. Of the other kinds
(scope, wording, attribution, change over time) a rule finds some, which stand in the table too; the rest only a reader
finds, since their claims share no property that could clash.
"""

import re
import shutil
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import prepare
from kg.gate import Dataset
from kg.namespaces import GRAPH, ID, RDF, RDFS, SG, SGV, curie
from kg.report import Result
from kg.resources import data_dir, ontology_dir
from kg.validate import run_checks

ALWAYS = {SGV.contradiction, SGV.arithmetic}
KINDS = {
    *ALWAYS,
    SGV.precision,
    SGV.scope,
    SGV.attribution,
    SGV.wording,
    SGV["change-over-time"],
}
ABOUT = ox.NamedNode("https://schema.org/about")
DATES = "https://w3id.org/scrutiny-graph/id/date-"
LENGTHS = {SG.duration, SG.approximateDuration}

# What a build warns of when the record is taken away: the check, and the thing that it names. Worked out by reading.
COMES_BACK = {
    "lewis-end": {("two-ends", "id:tenure-lewis-dcs")},
    "plans-shares-sum": {("shares-sum", "id:population-plans-2013")},
    "plans-counts-base": {("91-counts-and-base", "id:population-plans-2013")},
    "six-months-from-what": {("95-lags-to-one-event", "id:lag-inadequate-to-review-2014")},
    "inspection-2013-time": {("92-dates-differ", "id:inspection-somerset-2013")},
    "inspection-2015-time": {("92-dates-differ", "id:inspection-ofsted-2755542")},
    "inspection-and-judgement-2013": {
        ("93-inspection-and-judgement", "id:judgement-somerset-2013-child-protection")
    },
    "notice-date": {("96-one-date-two-expressions", "id:notice-somerset-2013")},
    "wooster-appointed-started": {("94-appointed-and-start", "id:tenure-wooster-dcs")},
    "wooster-start": {("92-dates-differ", "id:tenure-wooster-dcs")},
    "lewis-length": {("97-length-and-dates", "id:tenure-lewis-dcs")},
    "lewis-interim-temporary": {("different-values", "id:tenure-lewis-dcs")},
    "directors-counted": {("counts-over-periods", "id:count-directors-five-years")},
}


class Built:
    """The project's data with their flat copy in one store, and the checks that look for candidates."""

    def __init__(self, checks: Path) -> None:
        self.dataset: Dataset = prepare(data_dir(), ontology_dir())
        self.store = ox.Store()
        self.store.extend(self.dataset.quads)
        self.store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in self.dataset.flat)
        self.checks = checks
        for path in sorted((ontology_dir() / "checks").glob("*.rq")):
            if "data/disagreements.ttl" in path.read_text(encoding="utf-8"):
                shutil.copy(path, checks)
        self.between: dict[str, set[ox.NamedNode]] = defaultdict(set)
        self.kind: dict[str, object] = {}
        self.values: dict[ox.NamedNode, dict[object, object]] = {
            SG.inspection: {}, ABOUT: {}, SG.endsTenure: {}
        }  # fmt: skip
        for quad in self.dataset.quads:
            if quad.predicate in self.values:
                self.values[quad.predicate][quad.subject] = quad.object
            if quad.graph_name == GRAPH.disagreements and isinstance(quad.subject, ox.NamedNode):
                slug = quad.subject.value.rpartition("/disagreement-")[2]
                if quad.predicate == SG.between and isinstance(quad.object, ox.NamedNode):
                    self.between[slug].add(quad.object)
                elif quad.predicate == SG.differenceKind:
                    self.kind[slug] = quad.object

    def candidates(self) -> set[tuple[str, str]]:
        """What the checks find now: the name of the check and the thing, as a CURIE."""
        return {(result.shape or "", curie(result.focus)) for result in self.results()}

    def results(self) -> list[Result]:
        return run_checks(self.store, self.checks)

    def without(self, *slugs: str) -> set[tuple[str, str]]:
        """The candidates that there are while records are taken away; the store is then as it was."""
        taken: list[ox.Quad] = []
        for slug in slugs:
            record = ID[f"disagreement-{slug}"]
            found = list(self.store.quads_for_pattern(record, None, None, None))
            assert found, slug
            taken += found
        for quad in taken:
            self.store.remove(quad)
        try:
            return self.candidates()
        finally:
            self.store.extend(taken)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The project's data, built once for this module."""
    return Built(tmp_path_factory.mktemp("checks"))


def about_dates(built: Built, slug: str) -> bool:
    """Whether two claims of a record date one thing, an inspection and its judgement, or a tenure and its length.

    That somebody was known in a post on a day does not count: all such days can be true.
    """
    dated: dict[ox.NamedNode, set[object]] = defaultdict(set)
    for claim in built.between[slug]:
        for quad in built.store.quads_for_pattern(None, None, None, claim):
            value = getattr(quad.object, "value", "")
            if quad.predicate != SG.knownOn and (value.startswith(DATES) or quad.predicate in LENGTHS):
                act = built.values[ABOUT].get(quad.subject)  # what an announcement is about
                ended = built.values[SG.endsTenure].get(act, quad.subject) if act else quad.subject
                dated[claim].add(built.values[SG.inspection].get(quad.subject, ended))
    return any(dated[one] & dated[two] for one, two in combinations(dated, 2))


def test_no_candidate_is_left_unexplained(built: Built) -> None:
    assert [f"{r.shape}: {r.focus}: {r.message}" for r in built.results()] == []


@pytest.mark.parametrize("slug", sorted(COMES_BACK))
def test_a_record_that_is_taken_away_leaves_its_candidate(built: Built, slug: str) -> None:
    assert built.without(slug) == COMES_BACK[slug]


def test_every_contradiction_arithmetic_and_date_record_is_found_by_a_rule(built: Built) -> None:
    must = {slug for slug, kind in built.kind.items() if kind in ALWAYS or about_dates(built, slug)}
    assert must <= COMES_BACK.keys()
    assert len(must) >= 10


def test_no_other_record_hides_a_candidate(built: Built) -> None:
    assert built.without(*(built.between.keys() - COMES_BACK.keys())) == set()


def test_there_are_records_of_every_kind_and_more_than_twenty(built: Built) -> None:
    assert set(built.kind.values()) == KINDS
    assert len(built.between) > 20


def test_every_record_links_live_claims_and_says_what_differs_and_why(built: Built) -> None:
    claims = {q.subject for q in built.dataset.quads if q.predicate == RDF.type and q.object == SG.Claim}
    texts: dict[str, dict[object, str]] = defaultdict(dict)
    for quad in built.dataset.quads:
        if quad.graph_name == GRAPH.disagreements and isinstance(quad.object, ox.Literal):
            assert isinstance(quad.subject, ox.NamedNode)
            slug = quad.subject.value.rpartition("/disagreement-")[2]
            texts[slug][quad.predicate] = quad.object.value
    for slug, sides in built.between.items():
        assert len(sides) >= 2, slug
        assert sides <= claims, slug
        for predicate in (RDFS.label, RDFS.comment):
            assert re.fullmatch(r"[A-Z£].*\.", texts[slug][predicate]), (slug, predicate)


def test_what_the_contradiction_touches_is_contested_and_no_person_is(built: Built) -> None:
    contested = {
        curie(t.subject.value)
        for t in built.dataset.flat
        if t.predicate == SG.contested and isinstance(t.subject, ox.NamedNode)
    }
    assert contested == {"id:lewis-contract-ended", "id:lewis-notice"}

"""Which questions are named beside one another."""

from itertools import permutations

from kg.namespaces import ID
from kg.questions.library import Question
from kg.questions.related import related


def question(slug: str, query: str, *keywords: str) -> Question:
    return Question(ID[f"question-{slug}"], slug, slug, f"PREFIX x: <urn:x:>\n{query}", keywords=keywords)


TARGET = question("target", "SELECT ?x { id:notice-1 sg:setsTarget ?x }", "75 per cent")
MET = question("met", "SELECT ?x { id:notice-1 sg:setsTarget ?t . ?x sg:population ?t }")
AUDITS = question("audits", "SELECT ?x { ?x sg:unit ?y }", "75 Per Cent")
PARTY = question("party", "SELECT ?x { ?x org:member ?y }")


def test_what_shares_more_is_nearer_and_what_shares_nothing_is_away_in_any_order() -> None:
    extra = question("extra", "SELECT ?x { ?x sg:population ?z }")
    for every in permutations((TARGET, MET, AUDITS, extra)):
        found = [other.slug for other in related(MET, every)]
        assert found[0] == "target"
        assert set(found) == {"target", "extra", "audits"}  # the latter by the group alone


def test_keywords_count_and_the_question_itself_is_not_among_them() -> None:
    found = related(TARGET, (PARTY, AUDITS, MET, TARGET), 2)
    assert {other.slug for other in found} == {"met", "audits"}

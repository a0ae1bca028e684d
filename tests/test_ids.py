"""An id depends on exactly what makes a claim that claim."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from kg.ids import mint_claim, mint_derived, ntriples_line, triple_iri

A, B, C = (NamedNode(f"urn:{letter}") for letter in "abc")
SOURCE = "https://w3id.org/scrutiny-graph/id/article-x"
TRIPLES = [Triple(A, B, C), Triple(A, B, Literal('say "yes"\n'))]
VOICES = [("urn:narrator", None, None), ("urn:speaker", "urn:post", "urn:letter")]


def test_an_id_can_be_computed_by_anybody() -> None:
    lines = (
        f"source <{SOURCE}>\n"
        "passage aa\n"
        "passage bb\n"
        '<urn:a> <urn:b> "say \\"yes\\"\\n" .\n'
        "<urn:a> <urn:b> <urn:c> .\n"
        "voice <urn:narrator> - -\n"
        "voice <urn:speaker> <urn:post> <urn:letter>\n"
    )
    expected = hashlib.sha256(lines.encode()).hexdigest()[:16]
    made = mint_claim(SOURCE, ["bb", "aa"], TRIPLES, VOICES)
    assert made.value == f"https://w3id.org/scrutiny-graph/claim/{expected}"


@given(st.permutations(["aa", "bb", "aa"]), st.permutations([*TRIPLES, TRIPLES[0]]))
def test_order_and_repeats_of_passages_and_triples_do_not_matter(
    digests: list[str], triples: list[Triple]
) -> None:
    assert mint_claim(SOURCE, digests, triples, VOICES) == mint_claim(SOURCE, ["aa", "bb"], TRIPLES, VOICES)


def test_each_part_of_the_identity_matters() -> None:
    made = [
        mint_claim(SOURCE, ["aa"], TRIPLES, VOICES),
        mint_claim(SOURCE + "y", ["aa"], TRIPLES, VOICES),
        mint_claim(SOURCE, ["ab"], TRIPLES, VOICES),
        mint_claim(SOURCE, ["aa"], TRIPLES[:1], VOICES),
        mint_claim(SOURCE, ["aa"], TRIPLES, VOICES[::-1]),
        mint_claim(SOURCE, ["aa"], TRIPLES, [VOICES[0], ("urn:speaker", None, "urn:letter")]),
        mint_claim(SOURCE, ["aa"], TRIPLES, [VOICES[0], ("urn:speaker", "urn:letter", "urn:post")]),
    ]
    assert len(set(made)) == len(made)


def test_the_lexical_form_of_a_literal_matters() -> None:
    number = NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
    one, other = (Triple(A, B, Literal(text, datatype=number)) for text in ("75.0", "75"))
    assert triple_iri(one) != triple_iri(other)


def test_a_derivation_depends_on_rule_triples_and_sources() -> None:
    made = [
        mint_derived("urn:rule", TRIPLES, ["urn:1", "urn:2"]),
        mint_derived("urn:rule-2", TRIPLES, ["urn:1", "urn:2"]),
        mint_derived("urn:rule", TRIPLES, ["urn:1"]),
        mint_derived("urn:rule", TRIPLES[:1], ["urn:1", "urn:2"]),
    ]
    assert len(set(made)) == len(made)
    assert made[0] == mint_derived("urn:rule", TRIPLES[::-1], ["urn:2", "urn:1", "urn:1"])


def test_a_triple_iri_is_the_hash_of_its_line() -> None:
    line = ntriples_line(TRIPLES[0])
    assert triple_iri(TRIPLES[0]).value.endswith(
        "/id/triple-" + hashlib.sha256(line.encode()).hexdigest()[:16]
    )

"""What is chosen for an Accept header: one table for pages and data, one for query results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.formats import RDF_FORMATS, RESULTS_FORMATS
from web.negotiation import HTML, PAGE_OFFERS, RDF_OFFERS, RESULTS_OFFERS, choose

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

PAGES = [
    # nothing in particular
    (None, "html"),
    ("", "html"),
    ("*/*", "html"),
    ("text/*", "html"),
    (CHROME, "html"),
    (FIREFOX, "html"),
    # one type
    ("text/html", "html"),
    ("application/xhtml+xml", "html"),
    ("text/turtle", "turtle"),
    ("TEXT/Turtle", "turtle"),
    ("application/x-turtle", "turtle"),
    ("application/trig", "trig"),
    ("application/n-triples", "nt"),
    ("text/plain", "nt"),
    ("application/n-quads", "nq"),
    ("application/ld+json", "jsonld"),
    ("application/json", "jsonld"),
    ("application/rdf+xml", "rdfxml"),
    ("application/xml", "rdfxml"),
    # parameters are ignored
    ("text/turtle;charset=utf-8", "turtle"),
    ("text/turtle; version=1.2", "turtle"),
    ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
    # quality, then how specific, then our order
    ("text/turtle;q=0.5, application/ld+json", "jsonld"),
    ("text/turtle;q=0.5, application/ld+json;q=0.4", "turtle"),
    ("text/turtle, */*", "turtle"),
    ("*/*, text/turtle", "turtle"),
    ("text/*, application/rdf+xml", "rdfxml"),
    ("text/html;q=0.3, text/turtle;q=0.3", "html"),
    ("application/rdf+xml, text/turtle", "turtle"),
    # refused
    ("text/html;q=0, */*", "turtle"),
    ("text/html;q=0, text/*", "turtle"),
    ("text/turtle;q=0", None),
    ("*/*;q=0", None),
    ("image/png", None),
    ("image/png, text/turtle;q=0.1", "turtle"),
    # a wildcard speaks of the type that is sent, not of what else it is called
    ("application/*", "trig"),
    ("text/turtle;q=0, application/x-turtle;q=0", None),
    # rubbish
    ("nonsense", None),
    (",,,", "html"),
    ("text/turtle;q=high", "html"),  # an entry that is malformed is left out
    ("text/turtle;q=2", "html"),
]

RESULTS = [
    (None, "json"),
    ("*/*", "json"),
    (CHROME, "html"),
    ("application/sparql-results+json", "json"),
    ("application/json", "json"),
    ("application/sparql-results+xml", "xml"),
    ("application/xml", "xml"),
    ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"),
    ("text/csv;charset=utf-8;header=present", "csv"),
    ("application/sparql-results+xml;q=0.8, application/sparql-results+json;q=0.9", "json"),
    ("text/turtle", None),
    ("application/sparql-results+json;q=0, */*;q=0.1", "xml"),
]


@pytest.mark.parametrize(("accept", "expected"), PAGES)
def test_a_page_or_its_data(accept: str | None, expected: str | None) -> None:
    chosen = choose(accept, PAGE_OFFERS)
    assert (chosen.name if chosen else None) == expected


@pytest.mark.parametrize(("accept", "expected"), RESULTS)
def test_query_results(accept: str | None, expected: str | None) -> None:
    chosen = choose(accept, (*RESULTS_OFFERS, HTML))
    assert (chosen.name if chosen else None) == expected


@given(st.text(max_size=120))
def test_any_header_has_an_answer(accept: str) -> None:
    chosen = choose(accept, PAGE_OFFERS)
    assert chosen is None or chosen in PAGE_OFFERS


@given(st.sampled_from(PAGE_OFFERS), st.floats(min_value=0.002, max_value=1))
def test_what_is_asked_for_most_is_sent(offer: object, quality: float) -> None:
    media_type = offer.media_type  # type: ignore[attr-defined]
    assert choose(f"*/*;q=0.001, {media_type};q={quality:.3f}", PAGE_OFFERS) == offer


def test_the_offers_are_those_of_the_one_table() -> None:
    assert [offer.media_type for offer in RDF_OFFERS] == [entry.media_type for entry in RDF_FORMATS]
    assert [offer.media_type for offer in RESULTS_OFFERS] == [entry.media_type for entry in RESULTS_FORMATS]
    assert all("/" in alias for offer in RDF_OFFERS for alias in offer.aliases)


def test_of_a_header_of_any_length_the_beginning_is_read() -> None:
    filler = "a/b;q=0.1," * 100_000
    assert choose("text/turtle," + filler, PAGE_OFFERS) == next(o for o in PAGE_OFFERS if o.name == "turtle")
    assert choose(filler + "text/turtle", PAGE_OFFERS) is None
    assert choose("a" * 1_000_000, PAGE_OFFERS) is None

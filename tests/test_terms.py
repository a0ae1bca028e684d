"""Terms enter query text in one way, and what enters it cannot leave its place."""

import ast
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode

from kg.errors import ParameterError, QueryError
from kg.namespaces import ID, XSD
from kg.queries import text
from kg.terms import bind, parse_iri, parse_literal, serialize_term, values_blocks

QUERY = """# a comment with VALUES ?x { 1 } and an unclosed { "
PREFIX ex: <http://example.org/#>
SELECT ?x ?y WHERE { VALUES ?x { "default } \\" {" } BIND("VALUES ?x { 3 }" AS ?z) VALUES ?y { ex:a } FILTER(1 < 2) }"""

# Characters that end or open something in SPARQL come up often.
nasty = st.text(
    st.one_of(
        st.sampled_from("\"'\\{}<>#?$\n\r\t\x00 `.;,@^&|()[]/*"), st.characters(exclude_categories=["Cs"])
    )
)
languages = st.sampled_from(["en", "en-gb", "de", "cy"])
datatypes = st.sampled_from([ID.x, NamedNode("http://example.org/type#é"), XSD.anyURI])
literals = st.one_of(
    nasty.map(Literal),
    st.builds(lambda value, tag: Literal(value, language=tag), nasty, languages),
    st.builds(lambda value, kind: Literal(value, datatype=kind), nasty, datatypes),
)


@st.composite
def iris(draw: st.DrawFn) -> NamedNode:
    try:
        return NamedNode("http://example.org/" + draw(nasty))
    except ValueError:
        assume(False)
        raise


terms = st.one_of(literals, iris())


def solutions(query: str) -> list[dict[str, object]]:
    found = ox.Store().query(query)
    names = [variable.value for variable in found.variables]
    return [dict(zip(names, row, strict=True)) for row in found]


@given(terms)
def test_a_bound_term_comes_back_as_it_went_in(term: Literal | NamedNode) -> None:
    (row,) = solutions(bind(QUERY, {"x": term}))
    assert row["x"] == term


@given(st.lists(terms, max_size=5), terms)
def test_a_term_cannot_leave_its_block(
    several: list[Literal | NamedNode], other: Literal | NamedNode
) -> None:
    bound = bind(QUERY, {"x": several, "y": other})
    rows = solutions(bound)
    assert [row["x"] for row in rows] == several
    assert all(row["y"] == other for row in rows)
    assert [block.variable for block in values_blocks(bound)] == ["x", "y"]
    assert bind(bound, {"x": Literal("back"), "y": ID.x}) == bind(QUERY, {"x": Literal("back"), "y": ID.x})


@given(nasty)
def test_an_iri_that_would_break_out_is_refused(value: str) -> None:
    assert parse_iri(f"<http://example.org/{value}> UNION") is None
    found = parse_iri(f"http://example.org/{value}")
    assert found is None or solutions(bind(QUERY, {"x": found}))[0]["x"] == found


def test_every_block_of_a_variable_is_replaced() -> None:
    query = "SELECT * { { VALUES ?x { 1 } } UNION { values $x { 2 3 } } VALUES (?x ?y) { (1 2) } }"
    assert bind(query, {"x": Literal("a")}) == (
        'SELECT * { { VALUES ?x { "a" } } UNION { VALUES ?x { "a" } } VALUES (?x ?y) { (1 2) } }'
    )


def test_strings_comments_and_names_hold_no_blocks() -> None:
    query = 'SELECT * { id:a\\#VALUES id:x . ?s ?p """VALUES ?x { 1 }""" , \'VALUES ?x { 1 }\' } # VALUES ?x { 1 }'
    assert list(values_blocks(query)) == []
    with pytest.raises(QueryError, match=r"no block VALUES \?x"):
        bind(query, {"x": ID.a})


def test_no_value_matches_nothing_and_none_matches_anything() -> None:
    assert solutions(bind("SELECT ?x { VALUES ?x { 1 } }", {"x": []})) == []
    assert solutions(bind("SELECT ?x { VALUES ?x { 1 } VALUES ?x { 2 } }", {"x": None})) == [{"x": None}]


@pytest.mark.parametrize("term", [BlankNode("b"), "text", 1, ox.Variable("v"), ox.Triple(ID.a, ID.b, ID.c)])
def test_only_iris_and_literals_are_written(term: object) -> None:
    with pytest.raises(TypeError, match="only IRIs and literals"):
        serialize_term(term)  # type: ignore[arg-type]


def test_a_block_without_end_is_an_error_with_its_place() -> None:
    with pytest.raises(QueryError) as caught:
        values_blocks('SELECT *\n{ VALUES ?x { "}" ')
    assert (caught.value.line, caught.value.column) == (2, 3)


@pytest.mark.parametrize(
    ("given_text", "datatype", "expected"),
    [
        (" 2014-06-01 ", XSD.date, "2014-06-01"),
        ("2016-02-29", XSD.date, "2016-02-29"),
        ("-4", XSD.integer, "-4"),
        ("12.5", XSD.decimal, "12.5"),
        ("Yes", XSD.boolean, "true"),
        (" as it is ", XSD.string, " as it is "),
        ("2014", XSD.gYear, "2014"),
    ],
)
def test_a_text_becomes_a_literal(given_text: str, datatype: NamedNode, expected: str) -> None:
    assert parse_literal(given_text, datatype, "field") == Literal(expected, datatype=datatype)


@pytest.mark.parametrize(
    ("given_text", "datatype", "message"),
    [
        ("1 June 2014", XSD.date, "day: '1 June 2014' is not a day; expected a date such as 2014-06-01"),
        ("20140601", XSD.date, "day: '20140601' is not a day; expected a date such as 2014-06-01"),
        ("2014-02-30", XSD.date, "day: '2014-02-30' does not exist; expected a date such as 2014-06-01"),
        ("four", XSD.integer, "day: 'four' does not fit; expected a whole number such as 4"),
        ("٤", XSD.integer, "day: '٤' does not fit; expected a whole number such as 4"),
        ("perhaps", XSD.boolean, "day: 'perhaps' is neither yes nor no; expected true or false"),
        ("\udc80", XSD.string, "day: '\\udc80' is not valid Unicode; expected text in UTF-8"),
        (
            "P1D",
            XSD.duration,
            "day: 'P1D' is of the type xsd:duration; expected a type that this tool can read",
        ),
    ],
)
def test_a_text_that_does_not_fit_says_what_would(given_text: str, datatype: NamedNode, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_literal(given_text, datatype, "day")
    assert str(caught.value) == message
    assert (caught.value.field, caught.value.given, caught.value.exit_code) == ("day", given_text, 2)


@pytest.mark.parametrize(
    "name",
    [
        "entity",
        "outgoing",
        "incoming",
        "shown",
        "facts",
        "claims",
        "claim_evidence",
        "labels",
        "questions",
        "known",
    ],
)
def test_page_queries_run_as_they_stand(name: str) -> None:
    ox.Store().query(text(name))


ROOT = Path(__file__).resolve().parent.parent
QUERY_WORDS = re.compile(
    r"\b(SELECT|ASK|CONSTRUCT|WHERE|VALUES|GRAPH|FILTER|BIND|INSERT|CLEAR|DROP|LIMIT)\b|\?\w+ "
)
MAKES_QUERIES = {
    "kg/terms.py": "the one place",
    "kg/queries.py": "LIMIT, FROM and PREFIX of stored queries: numbers, serialized terms, the table of prefixes",
    "kg/facet_query.py": "fixed patterns, one for each choice, joined before their terms are bound",
    "kg/questions/each_value.py": "one query of several, joined before their terms are bound",
    "kg/with_claims.py": "moves the patterns that a person wrote into GRAPH",
    "kg/remote/store.py": "two IRIs of ours, in a constant",
    "kg/remote/push.py": "updates, of graphs and triples that are serialized",
    "web/vocabulary.py": "a sample for a term, abbreviated by kg.terms",
    "web/entity/page.py": "a sample for a named graph, serialized by kg.terms",
}
"""Where text of a query is put together, and from what."""


def test_no_other_module_puts_values_into_query_text() -> None:
    found = set()
    for path in [*(ROOT / "kg").rglob("*.py"), *(ROOT / "web").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                fixed = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
                if "{" in fixed and QUERY_WORDS.search(fixed):
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == MAKES_QUERIES.keys()


def test_no_template_puts_values_into_query_text() -> None:
    for path in (ROOT / "web" / "templates").glob("*.html"):
        assert not re.search(r"(SELECT|ASK|CONSTRUCT|DESCRIBE|GRAPH)[^\n]*\" ~", path.read_text("utf-8")), (
            path.name
        )

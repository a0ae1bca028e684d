"""The runner itself: readers, comparison, the table of known failures; the suites only where KG_SUITES names them."""

from __future__ import annotations

import os
import textwrap
import tomllib
from pathlib import Path

import pytest

from tests.conformance.__main__ import main, unexpected
from tests.conformance.compare import by_value, difference
from tests.conformance.evaluate import Outcome
from tests.conformance.known import read_known
from tests.conformance.manifest import Test
from tests.conformance.results import XSD, Answer, Row, as_csv, blank, iri, literal, read

ROWS: list[Row] = [
    {"x": iri("http://example.org/a"), "y": literal("01", XSD + "integer")},
    {"x": blank("b"), "y": literal('tab\t"quoted"\n', "", "en-GB")},
    {"x": blank("b")},
]
IN_JSON = """{"head":{"vars":["x","y"]},"results":{"bindings":[
{"x":{"type":"uri","value":"http://example.org/a"},"y":{"type":"literal","value":"01","datatype":"%sinteger"}},
{"x":{"type":"bnode","value":"k"},"y":{"type":"literal","value":"tab\\t\\"quoted\\"\\n","xml:lang":"en-gb"}},
{"x":{"type":"bnode","value":"k"}}]}}""".replace("%s", XSD)
IN_XML = """<sparql xmlns="http://www.w3.org/2005/sparql-results#">
<head><variable name="x"/><variable name="y"/></head><results>
<result><binding name="x"><uri>http://example.org/a</uri></binding>
<binding name="y"><literal datatype="%sinteger">01</literal></binding></result>
<result><binding name="x"><bnode>k</bnode></binding>
<binding name="y"><literal xml:lang="en-GB">tab&#9;"quoted"&#10;</literal></binding></result>
<result><binding name="x"><bnode>k</bnode></binding></result></results></sparql>""".replace("%s", XSD)
IN_TSV = '?x\t?y\n<http://example.org/a>\t01\n_:k\t"tab\\t\\"quoted\\"\\n"@en-GB\n_:k\t\n'
IN_CSV = 'x,y\r\nhttp://example.org/a,01\r\n_:k,"tab\t""quoted""\n"\r\n_:k,\r\n'


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (IN_JSON, "application/sparql-results+json"),
        (IN_XML, "application/sparql-results+xml"),
        (IN_TSV, "text/tab-separated-values"),
    ],
)
def test_every_format_reads_the_same(body: str, media_type: str) -> None:
    got = read(body.encode(), media_type)
    assert difference(Answer(rows=ROWS, variables=("x", "y")), got, ordered=True) == ""


def test_csv_reads_as_what_it_can_say() -> None:
    expected = as_csv(Answer(rows=ROWS, variables=("x", "y")))
    assert difference(expected, read(IN_CSV.encode(), "text/csv"), ordered=True) == ""
    assert read(b"x\r\n\r\n", "text/csv").rows == [{}]


def test_bags_sequences_and_blank_nodes() -> None:
    a, b = {"x": literal("a")}, {"x": literal("b")}
    one, other = Answer(rows=[a, b], variables=("x",)), Answer(rows=[b, a], variables=("x",))
    assert difference(one, other) == ""
    assert "order" in difference(one, other, ordered=True)
    assert difference(one, Answer(rows=[a, a, b], variables=("x",)))
    assert difference(one, Answer(rows=[a, a, b], variables=("x",)), lax=True) == ""
    assert "variables" in difference(one, Answer(rows=[a, b], variables=("x", "y")))
    p, q = {"x": blank("p"), "y": blank("q")}, {"x": blank("q"), "y": blank("p")}
    loop, apart = [p, q], [p, {"x": blank("r"), "y": blank("s")}]
    assert difference(Answer(rows=loop, variables=("x", "y")), Answer(rows=apart, variables=("x", "y")))
    assert difference(Answer(triples=loop), Answer(triples=[q, p])) == ""
    assert "expected rows" in difference(one, Answer(boolean=True))


def test_values_are_compared_only_when_asked() -> None:
    def one(value: str, kind: str) -> Answer:
        return Answer(rows=[{"x": literal(value, XSD + kind)}], variables=("x",))

    assert difference(one("1.0", "decimal"), one("1", "decimal"))
    for a, b, kind in (
        ("1.0", "1", "decimal"),
        ("1E0", "1", "double"),
        ("1", "true", "boolean"),
        ("0.1", "1e-1", "float"),
    ):
        assert difference(by_value(one(a, kind)), by_value(one(b, kind))) == ""
    assert difference(by_value(one("1", "decimal")), by_value(one("1", "integer")))
    assert by_value(one("x", "integer")) == one("x", "integer")


def test_the_table_of_known_failures_gives_a_reason_for_each() -> None:
    known = read_known()
    assert known
    assert all(test.startswith("http") and reason.text.endswith(".") for test, reason in known.items())


def test_what_is_not_as_the_table_says_is_reported() -> None:
    known = read_known()
    listed = next(iter(known))

    def test(iri_: str) -> Test:
        return Test(iri_, "t", "s", "evaluation", Path("q.rq"))

    fine = [Outcome(test("http://x/1")), Outcome(test(listed), "p", "e")]
    assert unexpected(fine, known, complete=False) == []
    assert "FAILED" in unexpected([Outcome(test("http://x/1"), "p", "e")], known, complete=False)[0]
    assert "PASSED" in unexpected([Outcome(test(listed))], known, complete=False)[0]
    assert "OURS" in unexpected([Outcome(test(listed), "p", "")], known, complete=False)[0]
    assert len(unexpected(fine, known, complete=True)) == len(known) - 1


@pytest.fixture
def small_suite(tmp_path: Path) -> Path:
    """A suite in the shape of the W3C's, with a test that passes, one that fails, one of syntax, one update."""
    for version in ("sparql10", "sparql11"):
        (tmp_path / version / "a").mkdir(parents=True)
    folder = tmp_path / "sparql11" / "a"
    (folder / "d.ttl").write_text("<s> <p> 1 , _:b .")
    (folder / "q.rq").write_text("SELECT ?o { <s> <p> ?o }")
    (folder / "r.srj").write_text(
        '{"head":{"vars":["o"]},"results":{"bindings":[{"o":{"type":"bnode","value":"z"}},'
        f'{{"o":{{"type":"literal","value":"1","datatype":"{XSD}integer"}}}}]}}}}'
    )
    (folder / "wrong.srj").write_text('{"head":{"vars":["o"]},"results":{"bindings":[]}}')
    (folder / "bad.rq").write_text("SELECT {")
    (folder / "u.ru").write_text("DROP ALL")
    (folder / "manifest.ttl").write_text(
        textwrap.dedent("""
        @prefix mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#> .
        @prefix qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#> .
        @prefix ut: <http://www.w3.org/2009/sparql/tests/test-update#> .
        <> a mf:Manifest ; mf:entries ( <#right> <#wrong> <#bad> <#update> ) .
        <#right> a mf:QueryEvaluationTest ; mf:name "right" ; mf:action [ qt:query <q.rq> ; qt:data <d.ttl> ] ;
            mf:result <r.srj> .
        <#wrong> a mf:QueryEvaluationTest ; mf:name "wrong" ; mf:action [ qt:query <q.rq> ; qt:data <d.ttl> ] ;
            mf:result <wrong.srj> .
        <#bad> a mf:NegativeSyntaxTest11 ; mf:name "bad" ; mf:action <bad.rq> .
        <#update> a mf:UpdateEvaluationTest ; mf:name "update" ; mf:action [ ut:request <u.ru> ] .
        """)
    )
    return tmp_path


def test_a_small_suite_end_to_end(small_suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--suites", str(small_suite), "--only", "#right"]) == 0
    assert main(["--suites", str(small_suite), "--only", "sparql11/a"]) == 1
    printed = capsys.readouterr().out
    line = next(line for line in printed.splitlines()[::-1] if line.startswith("sparql11/a"))
    assert line.split() == ["sparql11/a", "2", "0", "1", "0", "1"]
    assert printed.count("FAILED") == 1
    assert "#wrong" in printed


def test_a_folder_without_suites_is_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--suites", str(tmp_path)]) == 2
    assert "sparql10" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(
    "KG_SUITES" not in os.environ, reason="KG_SUITES names no checkout of github.com/w3c/rdf-tests"
)
def test_the_suites_of_the_w3c() -> None:
    assert main(["--suites", os.environ["KG_SUITES"]]) == 0


def test_the_documentation_lists_what_is_known(root: Path) -> None:
    known = tomllib.loads((root / "tests" / "conformance" / "known.toml").read_text(encoding="utf-8"))
    text = (root / "docs" / "conformance.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    for entry in known.values():
        names = ", ".join(test.rpartition("#")[2] for test in entry["tests"])
        assert f"| {entry['reason'].replace('|', chr(92) + '|')} | {names} |" in rows
    count = sum(len(entry["tests"]) for entry in known.values())
    assert f"The {count}, by what the engine does" in text
    assert f"| {count} | 237 |" in text

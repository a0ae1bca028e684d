"""Strangers' queries: what is refused, what is stopped, what dies, and that the next query is answered all the same.

The hostile queries are real ones, few and with short limits.
"""

import contextlib
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import query_tokens
from kg.errors import (
    CallerGone,
    PoolBusy,
    QueryError,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
    SnapshotError,
)
from kg.namespaces import PREFIXES
from kg.policy import check_query, dataset_clauses, function_iris, select_order, tokens
from kg.query_errors import syntax_error
from kg.results import write_rows
from kg.workers.caller import Caller
from kg.workers.pool import Limits, NoSuitableFormat, QueryPool, QueryRequest
from tests.processes import FAR, PATIENCE, eventually

SERVICE = "<http://127.0.0.1:1/>"
SMALL = Limits(seconds=float(FAR), memory=512 << 20, rows=50, bytes=20_000)
STRICT = replace(SMALL, seconds=1.0)
SLOW_QUERY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
"""Never ends by itself."""


@pytest.fixture(scope="module")
def store_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store")
    store = ox.Store(str(path))
    lines = [f'<urn:s{n}> <urn:p{n % 7}> "{n}" .' for n in range(5000)]
    lines += [
        "<urn:a> <urn:p> <urn:o> <urn:g1> .",
        "<urn:a> <urn:p> <urn:o> <urn:g2> .",
        '<urn:b> <urn:p> "2" <urn:g2> .',
    ]
    store.bulk_load("\n".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    return path


@pytest.fixture(scope="module")
def pool(store_path: Path) -> Iterator[QueryPool]:
    with QueryPool(store_path, 2, SMALL, known_prefixes=PREFIXES) as made:
        yield made


@pytest.fixture(scope="module")
def strict(store_path: Path) -> Iterator[QueryPool]:
    with QueryPool(store_path, 2, STRICT) as made:
        yield made


def ask(pool: QueryPool, text: str, *formats: str, **more: object) -> bytes:
    return pool.run(QueryRequest(text, formats, **more)).body  # type: ignore[arg-type]


@contextmanager
def stuck(pool: QueryPool) -> Iterator[threading.Thread]:
    """Ask what never ends, until the caller leaves at the end."""
    caller = Caller()

    def run() -> None:
        with contextlib.suppress(CallerGone):
            pool.run(QueryRequest(SLOW_QUERY), caller)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert eventually(lambda: pool.load.busy)
        yield thread
    finally:
        caller.leave()
        thread.join()


def number(pool: QueryPool, text: str, **more: object) -> str:
    body = ask(pool, text, "csv", **more)
    return body.decode().splitlines()[1]


# --- policy: SERVICE


CALLS = [
    "SELECT * { SERVICE %s { ?s ?p ?o } }",
    "SELECT * { service silent %s { ?s ?p ?o } }",
    "SELECT * { SERVICE # comment\n %s { ?s ?p ?o } }",
    "ASK { FILTER EXISTS { SERVICE %s { ?s ?p ?o } } }",
    "SELECT * { { SELECT * { SERVICE ?g { ?s ?p ?o } } } }",
    "SELECT * { ?s ?p true SERVICE%s{ ?a ?b ?c } }",
    "ASK { ?s ?p trueSERVICE%s{ ?a ?b ?c } }",
    "ASK { ?s ?p 1SERVICE%s{ ?a ?b ?c } }",
    "ASK { ?s ?p 1.SERVICE%s{ ?a ?b ?c } }",
    "ASK { ?s ?p ?o.SERVICE%s{ ?a ?b ?c } }",
    "PREFIX x: <urn:x:> ASK { ?s ?p x:.SERVICE%s{ ?a ?b ?c } }",
    "PREFIX ex: <http://127.0.0.1:1/> ASK { SERVICEex:foo{ ?a ?b ?c } }",
    "PREFIX : <http://127.0.0.1:1/> ASK { SERVICE:foo{ ?a ?b ?c } }",
    "PREFIX ex: <http://127.0.0.1:1/> ASK { SERVICESILENTex:foo{ ?a ?b ?c } }",
    "ASK { SERVICESILENT%s{ ?a ?b ?c } }",
    "ASK { VALUES ?x { 1 }SERVICE%s{ ?a ?b ?c } }",
    "ASK { ?s ?p ?o FILTER(?o<'x>')SERVICE%s{ ?a ?b ?c } FILTER('a'='a') }",
    "ASK { ?s ?p ?o FILTER(?o<1)SERVICE#>\n%s{ ?a ?b ?c } }",
    "ASK { ?s ?p ?o, ?b FILTER(?o<?b)SERVICE#>\n%s{ ?a ?c ?d } }",
    "ASK { <http://a\\u0041#x> ?p ?o . SERVICE %s { ?a ?b ?c } }",
    "ASK { ?s ?p true #\rSERVICE%s{ ?a ?b ?c }\n}",
    'ASK { ?s ?p "a\\"b"SERVICE%s{ ?a ?b ?c } }',
    "ASK { ?s ?p '''it's'''SERVICE%s{ ?a ?b ?c } }",
]
MENTIONS = [
    "SELECT * { ?s ?p 'SERVICE <http://x/> { }' }",
    'SELECT * { ?s ?p """SERVICE\n<http://x/> { }""" }',
    "SELECT * { ?s ?p ?o } # SERVICE <http://x/> { }",
    "SELECT ?service { ?service ?p ?SERVICE }",
    "PREFIX service: <urn:s:> SELECT * { ?s service:x service:service }",
    "PREFIX service: <urn:s:> SELECT * { GRAPH service:x { ?s ?p ?o } }",
    "SELECT * { ?s <http://example.org/service> ?o }",
    "SELECT * { ?s a <http://example.org/service#a> . ?s ?p <urn:service> }",
    "SELECT * { VALUES ?x { <http://x/service/1> <http://x/service/2> } ?x ?p ?o }",
    "SELECT * { ?s ?p ?o FILTER(?s != <http://example.org/service/x>) }",
    "SELECT * { ?s ?p _:service }",
    "SELECT * { ?s ?p 'a'@en-service }",
]


@pytest.mark.parametrize("template", CALLS)
def test_a_call_to_another_endpoint_is_refused(template: str) -> None:
    with pytest.raises(QueryRefused, match=r"line \d+, column \d+: SERVICE is refused"):
        check_query(template.replace("%s", SERVICE))


@pytest.mark.parametrize("template", CALLS)
def test_the_engine_would_take_each_of_these_for_a_query(template: str) -> None:
    """What is refused above is what this engine parses: else the list would prove nothing."""
    text = template.replace("%s", "<http://127.0.0.1:1/>")
    with contextlib.suppress(OSError, RuntimeError):  # it tried to call
        result = ox.Store().query(text)
        assert isinstance(result, ox.QueryBoolean) or len(list(result)) < 2  # type: ignore[arg-type]


@pytest.mark.parametrize("text", MENTIONS)
def test_the_mere_word_is_no_call(text: str, pool: QueryPool) -> None:
    check_query(text)
    ask(pool, text)


@pytest.mark.parametrize(
    "text", ["LOAD <http://x/>", "# c\nINSERT DATA { <a:b> <a:b> 1 }", "PREFIX a: <b:> DELETE WHERE { }"]
)
def test_updates_are_refused_by_name(pool: QueryPool, text: str) -> None:
    with pytest.raises(QueryRefused, match="takes no updates"):
        ask(pool, text)


def test_the_text_of_a_query_has_a_limit() -> None:
    with pytest.raises(QueryTooLarge, match="at most 262144"):
        check_query("ASK {} #" + "x" * 262144)


@given(st.text())
def test_any_text_has_tokens_that_make_it_up(text: str) -> None:
    found = tokens(text)
    assert all(text[t.start : t.start + len(t.text)] == t.text for t in found)
    check_query("ASK { ?s ?p " + json.dumps(text) + " }")


HOSTILE_PIECES = [
    "<a", "'", '"', "'''", '"""', "<'x>'", "x:", "\\", "#<", "(?a<b", "service", "<<(", "a.", "'\\", "\"\"\"'\n",
    "BASE <x/>\n", "PREFIX a:<x>\n", "?a<#>", "?a<'\\'>", "?a<'#>", "?a<service:>", "service:x #\n", "f:a(",
    "FROM <x> ", "FROM NAMED a:b ", "?a<\\'>'", "'\\\n", "x:\\<", "a-", "%41", "_:a.", "1.e",
]  # fmt: skip


def judge(text: str) -> float:
    """Everything that is found out about a text, whatever comes of it; returns the seconds of processor time."""
    started = time.process_time()
    with contextlib.suppress(QueryRefused):
        check_query(text)
    function_iris(text, "http://a/b")
    dataset_clauses(text, "http://a/b")
    select_order(text, ["a"])
    syntax_error("error at 1:1: expected x", text)
    return time.process_time() - started


@pytest.mark.parametrize("before", ["service ", "SELECT * { service: ", ""])
@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_reading_a_query_does_not_go_over_its_text_again_and_again(piece: str, before: str) -> None:
    text = before + piece * (64_000 // len(piece))
    assert judge(text) < 10, "a reader that looks back over the text takes minutes"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(HOSTILE_PIECES), min_size=2, max_size=5))
def test_nor_does_any_mixture_of_such_pieces(pieces: list[str]) -> None:
    piece = "".join(pieces)
    text = "service " + piece * (32_000 // len(piece))
    assert judge(text) < 10


def test_the_server_itself_reads_no_query(pool: QueryPool, monkeypatch: pytest.MonkeyPatch) -> None:
    import kg.query_tokens

    def read(*_: object) -> None:
        raise AssertionError("read outside of a worker")

    monkeypatch.setattr(kg.query_tokens.Tokenizer, "read", read)
    for text in ("ASK {}", "SELECT * FROM <urn:g1> FROM <urn:g2> { ?s ?p ?o FILTER(<urn:f>(?s)) }"):
        ask(pool, text)
    with pytest.raises(QueryRefused):
        ask(pool, "ASK { SERVICE <urn:x> {} }")
    with pytest.raises(QueryError, match="a query begins with"):
        ask(pool, "a." * 30_000)


@given(
    st.lists(
        st.sampled_from(
            ["PREFIX", "prefix ", " ", "\n", "#c\n", "a:", "a-b.c:", ":", "é:", "a:b", "<urn:x>", "<y z>", "<\\u0041>",
             "<>", "<", ">", "BASE ", "VERSION ", "'1.2'", "SELECT", "1"]
        ),
        max_size=14,
    )
)  # fmt: skip
def test_the_short_way_to_read_a_prologue_reads_the_same(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = query_tokens.read_prologue(text, "http://example.org/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query_tokens, "_PLAIN_PREFIX", re.compile("(?!)"))
        assert query_tokens.read_prologue(text, "http://example.org/") == found


def test_functions_graphs_and_order_are_read_from_the_tokens() -> None:
    text = "BASE <http://a/> PREFIX f: <b#> SELECT * FROM <g> FROM NAMED f:h { FILTER(f:x(?z) && <y>(?a)) }"
    assert function_iris(text) == {"http://a/b#x", "http://a/y"}
    assert dataset_clauses(text).default == ("http://a/g",)
    assert dataset_clauses(text).named == ("http://a/b#h",)
    assert select_order(text, ["a", "z"]) == ["z", "a"]
    assert select_order("SELECT ?b ?a { }", ["b", "a"]) == ["b", "a"]


# --- answers


def test_rows_in_four_formats(pool: QueryPool) -> None:
    query = "SELECT ?s ?v { ?s <urn:p1> ?v } ORDER BY ?v LIMIT 2"
    rows = json.loads(ask(pool, query, "json"))["results"]["bindings"]
    assert rows[0] == {"s": {"type": "uri", "value": "urn:s1"}, "v": {"type": "literal", "value": "1"}}
    assert ask(pool, query, "csv") == b"s,v\r\nurn:s1,1\r\nurn:s1002,1002\r\n"
    assert ask(pool, query, "tsv").decode() == '?s\t?v\n<urn:s1>\t"1"\n<urn:s1002>\t"1002"\n'
    tree = ET.fromstring(ask(pool, query, "xml"))
    assert [e.text for e in tree.iter("{http://www.w3.org/2005/sparql-results#}uri")] == [
        "urn:s1",
        "urn:s1002",
    ]


def test_what_xml_cannot_hold_still_gives_xml() -> None:
    text = "a\x01\r\n\t<&>\"'\ufffe"
    made = write_rows(["x"], [[ox.Literal(text)]], "xml", 9, 9999)
    (literal,) = ET.fromstring(made.body).iter("{http://www.w3.org/2005/sparql-results#}literal")
    assert literal.text == "a\ufffd\r\n\t<&>\"'\ufffd"


@given(
    st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"]))), max_size=5),
    st.sampled_from(["json", "tsv"]),
)
def test_the_engine_reads_back_what_is_written(rows: list[tuple[str]], form: str) -> None:
    terms = [[ox.Literal(text)] for (text,) in rows]
    made = write_rows(["x"], terms, form, 100, 1 << 20)
    kind = ox.QueryResultsFormat.JSON if form == "json" else ox.QueryResultsFormat.TSV
    read = ox.parse_query_results(made.body, format=kind)
    assert isinstance(read, ox.QuerySolutions)
    assert [[row["x"]] for row in read] == terms


def test_graphs_in_all_syntaxes(pool: QueryPool) -> None:
    query = "CONSTRUCT { ?s <http://x/p> ?v } { ?s <urn:p1> ?v } ORDER BY ?v LIMIT 3"
    for name, engine in {
        "turtle": ox.RdfFormat.TURTLE,
        "trig": ox.RdfFormat.TRIG,
        "nt": ox.RdfFormat.N_TRIPLES,
        "nq": ox.RdfFormat.N_QUADS,
        "rdfxml": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }.items():
        answer = pool.run(QueryRequest(query, (name,)))
        assert (answer.form, answer.format, answer.rows) == ("graph", name, 3)
        assert len(list(ox.parse(answer.body, format=engine))) == 3


def test_prefixes_shorten_turtle_and_json_ld(pool: QueryPool) -> None:
    query = "CONSTRUCT { sg:x a sg:Claim ; rdfs:label 'x'@en } {}"
    turtle = ask(pool, query, "turtle", prefixes=PREFIXES).decode()
    assert "sg:x a sg:Claim" in turtle
    assert turtle.splitlines()[0].startswith("@prefix rdf: ")
    assert "foaf" not in turtle
    made = json.loads(ask(pool, query, "jsonld", prefixes=PREFIXES))
    assert made["@graph"] == [
        {"@id": "sg:x", "@type": ["sg:Claim"], "rdfs:label": [{"@value": "x", "@language": "en"}]}
    ]


def test_ask_and_the_format_that_fits(pool: QueryPool) -> None:
    assert ask(pool, "ASK { ?s ?p ?o }") == b'{"head":{},"boolean":true}\n'
    assert b"<boolean>false</boolean>" in ask(pool, "ASK { <urn:none> ?p ?o }", "csv", "xml")
    assert pool.run(QueryRequest("DESCRIBE <urn:s1>", ("csv", "nt"))).media_type == "application/n-triples"
    with pytest.raises(NoSuitableFormat, match="none of turtle can hold the answer"):
        ask(pool, "SELECT * { ?s ?p ?o } LIMIT 1", "turtle")


def test_select_star_comes_in_the_order_of_the_text(pool: QueryPool) -> None:
    assert pool.run(QueryRequest("SELECT * { ?z ?a ?m } LIMIT 1")).variables == ("z", "a", "m")


def test_too_many_rows_or_bytes_are_cut_off_and_said(pool: QueryPool) -> None:
    answer = pool.run(QueryRequest("SELECT * { ?s ?p ?o }"))
    assert (answer.rows, answer.truncated) == (50, True)
    assert len(json.loads(answer.body)["results"]["bindings"]) == 50
    assert pool.run(QueryRequest("SELECT * { ?s <urn:p1> ?o } LIMIT 50")).truncated is False
    wide = "SELECT (REPLACE('" + "x" * 9000 + "', 'y', 'z') AS ?long) { ?s ?p ?o } LIMIT 10"
    answer = pool.run(QueryRequest(wide, ("csv",)))
    assert (answer.rows, answer.truncated) == (2, True)
    assert len(answer.body) <= 20_000
    graph = pool.run(QueryRequest("CONSTRUCT WHERE { ?s ?p ?o }", ("nt",)))
    assert (graph.rows, graph.truncated) == (50, True)


@pytest.mark.parametrize(
    "text", ["SELECT (%s AS ?x) {}", "CONSTRUCT { <urn:s> <urn:p> ?x } { BIND(%s AS ?x) }"]
)
def test_an_answer_of_which_nothing_fits_is_an_error_not_an_empty_one(pool: QueryPool, text: str) -> None:
    with pytest.raises(QueryTooLarge, match="larger than the 20000 bytes"):
        ask(pool, text % f"'{'x' * 21_000}'")


def test_graphs_of_the_protocol_are_never_fetched(pool: QueryPool) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert number(pool, count, default_graphs=["urn:g1"]) == "1"
    assert number(pool, count, default_graphs=["http://127.0.0.1:1/x"]) == "0"
    assert number(pool, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", named_graphs=["urn:g2"]) == "2"
    assert number(pool, count, named_graphs=["urn:g2"]) == "0"
    with pytest.raises(QueryError, match="not an absolute IRI"):
        number(pool, count, default_graphs=["no iri"])


def test_several_default_graphs_are_merged_so_that_a_triple_counts_once(pool: QueryPool) -> None:
    count = "SELECT (COUNT(*) AS ?n) %s { ?s ?p ?o }"
    assert number(pool, count % "", default_graphs=["urn:g1", "urn:g2"]) == "2"
    assert number(pool, count % "FROM <urn:g1> FROM <urn:g2>") == "2"
    assert number(pool, count % "FROM <urn:g1>") == "1"
    named = (
        "SELECT (COUNT(*) AS ?n) FROM <urn:g1> FROM <urn:g2> FROM NAMED <urn:g2> { GRAPH ?g { ?s ?p ?o } }"
    )
    assert number(pool, named) == "2"


def test_relative_iris_have_a_base(pool: QueryPool) -> None:
    assert ask(pool, "SELECT (<x> AS ?i) {}", "csv", base_iri="http://b/").decode().split() == [
        "i",
        "http://b/x",
    ]


def test_an_unknown_function_is_an_error_in_the_expression_only(pool: QueryPool) -> None:
    query = "SELECT ?s (<urn:no:function>(?s) AS ?x) { ?s <urn:p1> '1' }"
    assert ask(pool, query, "csv") == b"s,x\r\nurn:s1,\r\n"
    cast = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT (xsd:integer('7') + 1 AS ?n) {}"
    assert number(pool, cast) == "8"


# --- errors in words


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("SELEC * { }", 1, 1, "a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not with “SELEC”"),
        ("", 1, 1, "there is no query"),
        ("SELECT * {\n  ?s ex:p ?o }", 2, 6, "the prefix “ex:” is not declared"),
        ("SELECT * {\n ?s ?p ?o", 1, 10, "this “{” is not closed"),
        ("SELECT * { ?s ?p (1 2] }", 1, 18, "this “(” is closed by “]”"),
        ("SELECT * { ?s ?p ?o } }", 1, 23, "this “}” closes nothing"),
        ("ASK { ?s ?p 'x }", 1, 13, "this string is not closed"),
        ("ASK { ?s <a b> ?o }", 1, 10, "this “<” begins an IRI"),
        ("SELECT * { ?s ?p ?o } LIMIT x", 1, 29, "unexpected “x”"),
        ("PREFIX x <urn:x> ASK {}", 1, 1, "this line is not complete"),
    ],
)
def test_an_error_has_a_place_and_words(
    pool: QueryPool, text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(QueryError) as caught:
        ask(pool, text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in caught.value.message


@given(st.text(alphabet="SELECTask{}()<>?.;'\"x: \n\\#"))
def test_any_message_of_the_engine_becomes_words(text: str) -> None:
    message = ""
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        try:
            ox.Store().query(text)
        except SyntaxError as error:
            message = str(error)
    assert syntax_error(message or "error at 1:1: expected one of [_]", text).message


# --- hostile queries


HOSTILE = [
    (SLOW_QUERY, QueryTimeout, "stopped after 1 seconds"),
    ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?f ?i", (QueryTooLarge, QueryTimeout), ""),
    ("SELECT * " + "{" * 20_000 + "}" * 20_000, QueryTooLarge, "nested too deeply"),
    ("ASK { FILTER(" + "!" * 60_000 + "true) }", QueryTooLarge, "nested too deeply"),
    ("SELECT * { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(700)) + " }", QueryTimeout, ""),
    ("ASK { ?s (" + "/".join(["<urn:p>"] * 3000) + ") ?o }", (QueryTimeout, QueryTooLarge), ""),
]


@pytest.mark.parametrize(
    ("text", "error", "words"), HOSTILE, ids=lambda x: x[:30] if isinstance(x, str) else None
)
def test_a_hostile_query_ends_its_worker_and_nothing_else(
    strict: QueryPool, text: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        ask(strict, text)
    assert words in str(caught.value)

    def answered() -> bool:
        with contextlib.suppress(QueryTimeout):  # on a machine that is busy
            return ask(strict, "ASK { ?s ?p ?o }") == b'{"head":{},"boolean":true}\n'
        return False

    assert eventually(answered)


def test_the_others_are_answered_while_one_is_stuck(store_path: Path) -> None:
    with QueryPool(store_path, 2, SMALL) as pool, stuck(pool) as thread:
        for _ in range(20):
            ask(pool, "ASK { ?s ?p ?o }")
        assert thread.is_alive()


def test_a_full_queue_says_when_to_come_back(store_path: Path) -> None:
    with QueryPool(store_path, 1, SMALL, queue=1) as pool:
        with stuck(pool):
            answers: list[bytes] = []
            waits = threading.Thread(target=lambda: answers.append(ask(pool, "ASK {}")))
            waits.start()
            assert eventually(lambda: pool.load.waiting == 1)
            with pytest.raises(PoolBusy) as caught:
                ask(pool, "ASK {}")
            assert 1 <= caught.value.retry_after <= float(FAR)
            assert not answers
        waits.join(PATIENCE)
        assert len(answers) == 1
        assert ask(pool, "ASK {}")


def test_who_waits_too_long_is_told(store_path: Path) -> None:
    with QueryPool(store_path, 1, SMALL, patience=0.2) as pool, stuck(pool), pytest.raises(PoolBusy):
        ask(pool, "ASK {}")


def test_many_threads_get_each_their_own_answer(pool: QueryPool) -> None:
    wrong: list[int] = []

    def run(n: int) -> None:
        query = f"SELECT ?o {{ <urn:s{n}> ?p ?o }}"
        wrong.extend(n for _ in range(10) if ask(pool, query, "csv") != f"o\r\n{n}\r\n".encode())

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_closed_pool_leaves_no_process(store_path: Path) -> None:
    pool = QueryPool(store_path, 2, SMALL)
    ask(pool, "ASK {}")
    workers = list(pool._lanes._stock._idle)
    pool.close()
    assert not any(worker.alive for worker in workers)
    with pytest.raises(PoolBusy):
        ask(pool, "ASK {}")


def test_a_worker_that_was_killed_from_outside_is_replaced(store_path: Path) -> None:
    with QueryPool(store_path, 1, SMALL) as pool:
        ask(pool, "ASK {}")
        os.kill(pool._lanes._stock._idle[0].pid, signal.SIGKILL)
        assert ask(pool, "ASK {}")


def test_a_store_that_cannot_be_opened_is_an_error_of_the_service(tmp_path: Path) -> None:
    with QueryPool(tmp_path / "none", 1, SMALL) as pool, pytest.raises(SnapshotError, match="open the store"):
        ask(pool, "ASK {}")


def test_a_worker_has_no_network_where_the_system_allows_it(store_path: Path) -> None:
    from kg.workers.worker import Worker

    worker = Worker(store_path, 1 << 30)
    try:
        worker.wait_until_ready()
        if not worker.offline:
            pytest.skip(
                "this system allows no namespaces to a process; the policy on tokens stands alone here"
            )
        links = Path(f"/proc/{worker.pid}/net/route").read_text(encoding="ascii").splitlines()
        assert len(links) <= 1, "no route leads anywhere"
    finally:
        worker.kill()

"""`kg build` and `kg query` as a person and a pipe meet them: output, messages, exit codes."""

import csv
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from tests.small import TEXTS, small_project

HOLDERS = (
    "SELECT ?who ?title { ?t org:post ?title ; org:member ?who . FILTER(?title = id:post-dcs-somerset) }"
)


def kg(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)


@pytest.fixture(scope="module")
def out(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the build of the real data, into which tests may build."""
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("out") / "built", symlinks=True))


@pytest.fixture
def ask(out: Path):  # type: ignore[no-untyped-def]
    def run(*arguments: object, stdin: str | None = None) -> Result:
        return kg("query", "--out", out, *arguments, stdin=stdin)

    return run


# --- build


def test_a_build_says_version_and_counts_in_two_lines_and_a_second_that_there_is_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KG_TEXTS", raising=False)
    kg("fmt", "--texts", TEXTS, small_project(tmp_path / "data"))
    arguments = ("build", "--data", tmp_path / "data", "--out", tmp_path / "out")
    built = kg(*arguments)
    assert (built.exit_code, built.stderr) == (0, "")
    first, second = built.stdout.splitlines()
    assert re.fullmatch(
        r"built version [0-9a-f]{16} in \d+\.\d s: 1 claim, \d+ derivations?, 0 disagreements, [\d,]+ quads",
        first,
    )
    assert second == "violations 0, warnings 0"
    version = first.split()[2]
    assert kg(*arguments).stdout.startswith(f"nothing to do, already at version {version} ")
    assert kg(*arguments, "--force").stdout.startswith(f"built version {version} ")


@pytest.mark.parametrize("missing", ["--data", "--texts", "--ontology"])
def test_a_missing_folder_is_two_and_no_traceback(out: Path, tmp_path: Path, missing: str) -> None:
    result = kg("build", "--out", out, missing, tmp_path / "none")
    assert result.exit_code == 2
    assert str(tmp_path / "none") in result.stderr
    assert "Traceback" not in result.output


def test_a_place_that_cannot_be_written_is_two(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = kg("build", "--out", tmp_path / "file")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


# --- query


def test_a_table_in_a_pipe_is_tab_separated_with_labels_beside_iris(ask) -> None:  # type: ignore[no-untyped-def]
    result = ask(HOLDERS)
    assert result.exit_code == 0
    head, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert head == ["who", "title"]
    title = "Director of children's services in Somerset <id:post-dcs-somerset>"
    assert ["Julian Wooster <id:julian-wooster>", title] in rows
    assert ask("--no-labels", HOLDERS).stdout.splitlines()[1].endswith("\tid:post-dcs-somerset")


def test_every_format_of_rows_can_be_read_back(ask) -> None:  # type: ignore[no-untyped-def]
    rows = list(csv.DictReader(io.StringIO(ask("--format", "csv", HOLDERS).stdout)))
    people = {row["who"] for row in rows}
    assert "https://w3id.org/scrutiny-graph/id/peter-lewis" in people
    found = json.loads(ask("--format", "json", HOLDERS).stdout)["results"]["bindings"]
    assert {row["who"]["value"] for row in found} == people
    for name, kind in (("xml", ox.QueryResultsFormat.XML), ("tsv", ox.QueryResultsFormat.TSV)):
        read = ox.parse_query_results(ask("--format", name, HOLDERS).stdout_bytes, format=kind)
        assert isinstance(read, ox.QuerySolutions)
        assert {row["who"].value for row in read} == people  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["turtle", "trig", "jsonld", "nt", "nq", "rdfxml"])
def test_every_format_of_a_graph_can_be_read_back(ask, name: str) -> None:  # type: ignore[no-untyped-def]
    from kg.formats import rdf_format

    query = "CONSTRUCT { ?c a sg:Council ; rdfs:label ?l } { ?c a sg:Council ; rdfs:label ?l }"
    result = ask("--format", name, query)
    assert result.exit_code == 0
    wanted = set(ox.parse(ask("--format", "nt", query).stdout_bytes, format=ox.RdfFormat.N_TRIPLES))
    assert {q.triple for q in ox.parse(result.stdout_bytes, format=rdf_format(name).engine)} == {
        q.triple for q in wanted
    }
    assert result.stdout_bytes == ask("--format", name, query).stdout_bytes


def test_a_graph_is_turtle_and_ask_is_a_word(ask) -> None:  # type: ignore[no-untyped-def]
    assert "a sg:Council" in ask("CONSTRUCT { ?c a sg:Council } { ?c a sg:Council }").stdout
    assert ask("ASK { id:ofsted a sg:Inspectorate }").stdout == "true\n"
    result = ask("ASK { id:ofsted a foaf:Person }")
    assert (result.stdout, result.exit_code) == ("false\n", 0)


def test_a_query_comes_from_a_file_or_from_standard_input(ask, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "who.rq"
    path.write_text(HOLDERS, encoding="utf-8")
    assert ask(path).stdout == ask("-", stdin=HOLDERS).stdout == ask(HOLDERS).stdout


def test_the_default_graph_counts_each_triple_once(ask) -> None:  # type: ignore[no-untyped-def]
    both = ask("SELECT (COUNT(*) AS ?n) { id:judgement-ofsted-2755542-adoption sg:grade ?g }").stdout
    assert both.splitlines()[1] == "1"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELEC * { ?s ?p ?o }", "line 1, column 1: a query begins with"),
        ("SELECT * {\n ?s ex:p ?o }", "line 2, column 5: the prefix “ex:” is not declared"),
        ("INSERT DATA { id:a id:b id:c }", "INSERT is refused"),
        ("none.rq", "neither a file nor a query"),
        ("SELECT (STRDT('a', 'b') AS ?x) {} LIMIT y", "line 1"),
    ],
)
def test_a_query_that_cannot_be_run_is_two_with_a_place(ask, query: str, message: str) -> None:  # type: ignore[no-untyped-def]
    result = ask(query)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_a_format_that_cannot_hold_the_answer_is_said(ask) -> None:  # type: ignore[no-untyped-def]
    result = ask("--format", "turtle", HOLDERS)
    assert result.exit_code == 2
    assert "cannot hold this answer; expected one of table, json, xml, csv, tsv" in result.stderr


def test_a_time_limit_is_kept(ask) -> None:  # type: ignore[no-untyped-def]
    assert "julian-wooster" in ask("--seconds", "20", HOLDERS).stdout
    result = ask("--seconds", "0.5", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert result.exit_code == 2
    assert "stopped after 0.5 seconds" in result.stderr


def test_without_a_built_graph_it_is_built_first(tmp_path: Path) -> None:
    kg("fmt", "--texts", TEXTS, small_project(tmp_path / "data"))
    result = kg("query", "--data", tmp_path / "data", "--out", tmp_path / "new", "ASK { id:gazette ?p ?o }")
    assert result.exit_code == 0
    assert result.stdout == "true\n"
    assert "nothing has been built yet" in result.stderr


def run(arguments: list[str], **more: object) -> subprocess.CompletedProcess[str]:
    code = "from kg.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        **more,  # type: ignore[call-overload]
    )


def test_a_pipe_needs_neither_rich_nor_rdflib(out: Path) -> None:
    code = (
        "import sys; from kg.cli import main; main(standalone_mode=False); "
        "assert not {'rich', 'rdflib', 'pyshacl', 'flask'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, "-c", code, "query", "--out", str(out), HOLDERS]
    subprocess.run(arguments, env=environment, check=True, capture_output=True)


def test_a_closed_pipe_is_no_traceback(out: Path) -> None:
    code = "from kg.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", code, "query", "--out", str(out), "SELECT * { ?s ?p ?o }"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.wait()
    process.stderr.close()


@pytest.mark.parametrize("columns", [60, 120])
def test_a_table_fits_the_terminal(out: Path, columns: int) -> None:
    parent, child = pty.openpty()
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "COLUMNS": str(columns),
        "TERM": "xterm",
        "NO_COLOR": "1",
    }
    code = "from kg.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "query", "--out", str(out), HOLDERS], stdout=child, env=environment
    )
    os.close(child)
    text = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        text += part
    process.wait()
    os.close(parent)
    lines = [line for line in text.decode().replace("\r", "").split("\n") if line]
    assert max(len(strip(line)) for line in lines) <= columns
    assert "rows" in lines[-1]


def strip(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)

"""Every check that crosses entities has a file that it lets pass and one that it reports, and stays fast."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.namespaces import PREFIXES
from tests.ontology_examples import CHECKS, INVALID, ONTOLOGY, VALID, check_results, expected

HEADER = re.compile(
    r"# title: \S.*[^.]\n# severity: (violation|warning)\n(# \S.*\n)+\n(PREFIX \w+: <[^>]+>\n)*\n*SELECT "
)


@pytest.mark.parametrize("path", VALID, ids=lambda p: p.stem)
def test_a_valid_example_meets_no_check(path: Path) -> None:
    assert check_results(path) == ()


@pytest.mark.parametrize("path", INVALID, ids=lambda p: p.stem)
def test_an_invalid_example_meets_exactly_the_checks_it_names(path: Path) -> None:
    wanted = {row for row in expected(path) if row[3].startswith("check ")}
    assert {row for row, _ in check_results(path)} == wanted


@pytest.mark.parametrize("check", CHECKS, ids=lambda p: p.stem)
def test_a_check_has_a_file_that_passes_and_one_that_it_reports(check: Path) -> None:
    folder = ONTOLOGY / "examples"
    assert (folder / "valid" / f"{check.stem}.trig").is_file()
    assert f"check {check.stem}" in {row[3] for row in expected(folder / "invalid" / f"{check.stem}.trig")}


@pytest.mark.parametrize("check", CHECKS, ids=lambda p: p.stem)
def test_a_check_says_what_it_is_and_runs(check: Path) -> None:
    text = check.read_text(encoding="utf-8")
    assert HEADER.match(text), "title, severity, why, prefixes, SELECT"
    for prefix, iri in re.findall(r"^PREFIX (\w+): <([^>]+)>", text, re.MULTILINE):
        assert PREFIXES[prefix] == iri
    body = re.sub(r'"[^"]*"|<[^>]*>|#.*', "", text.partition("SELECT")[2])
    used = set(re.findall(r"(?<![\w?])([a-z]+):[A-Za-z]", body))
    assert used == set(re.findall(r"^PREFIX (\w+):", text, re.MULTILINE)), "a prefix is unused or missing"
    assert "NOT EXISTS" not in body, "quadratic on the engine: write OPTIONAL with !BOUND"
    solutions = ox.Store().query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    names = {v.value for v in solutions.variables}
    assert {"focus", "message"} <= names <= {"focus", "message", "path", "value", "severity"}
    assert list(solutions) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda p: p.stem)
def test_a_message_says_what_to_do(path: Path) -> None:
    for _, message in check_results(path):
        assert re.search(r"\. [A-Z][^.]*\.?", message), message

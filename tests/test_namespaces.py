"""Namespaces are spelled once: every file that declares a prefix declares the one of kg.namespaces."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import PrefixError
from kg.namespaces import BASE, ID, PREFIXES, SG, curie, expand

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    path
    for folder in ("data", "ontology", "kg", "web", "tests", "docs")
    for suffix in ("ttl", "trig", "rq", "ru", "py", "md", "html")
    for path in (ROOT / folder).rglob(f"*.{suffix}")
    if "node_modules" not in path.parts
)
PREFIX = re.compile(r"(?i)(?:^|[\s\"'`])@?prefix\s+([A-Za-z][\w-]*)?:\s*<([^>{}\s]*)>")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_prefix_is_the_one_of_the_table(path: Path) -> None:
    strict = path.suffix in (".ttl", ".trig", ".rq", ".ru") and "tests" not in path.relative_to(ROOT).parts
    declared = PREFIX.findall(path.read_text(encoding="utf-8"))
    wrong = [(name, iri) for name, iri in declared if PREFIXES.get(name, "" if strict else iri) != iri]
    assert wrong == []


def test_there_are_files_to_compare() -> None:
    assert {path.suffix for path in FILES} >= {".ttl", ".trig", ".py"}


SOURCES = sorted([*(ROOT / "kg").rglob("*.py"), *(ROOT / "web").rglob("*.py")])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_spells_a_namespace_of_ours(path: Path) -> None:
    if path.name == "namespaces.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    docstrings = {id(node.body[0].value) for node in ast.walk(tree)
                  if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    spelled = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if BASE in node.value and not PREFIX.search(node.value)
    ]
    assert spelled == []


@given(st.sampled_from(sorted(PREFIXES)), st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_#-]{0,20}", fullmatch=True))
def test_a_curie_expands_to_what_it_was_made_from(prefix: str, local: str) -> None:
    iri = PREFIXES[prefix] + local
    assert expand(curie(iri)) == iri


@pytest.mark.parametrize(
    "iri", ["https://example.org/x", "urn:uuid:1", "http://schema.org/about", "mailto:a@b.org"]
)
def test_an_iri_of_no_namespace_stays_as_it_is(iri: str) -> None:
    assert curie(iri) == iri
    assert expand(iri) == iri
    assert expand(f"<{iri}>") == iri


@pytest.mark.parametrize("text", ["ofsted", "", "nope:x", ":x"])
def test_what_is_neither_curie_nor_iri_is_refused(text: str) -> None:
    with pytest.raises(PrefixError):
        expand(text)


def test_terms_are_named_nodes() -> None:
    assert SG.Claim == SG["Claim"]
    assert SG.Claim is SG.Claim
    assert str(ID.ofsted) == "<https://w3id.org/scrutiny-graph/id/ofsted>"
    with pytest.raises(AttributeError):
        _ = SG.__wrapped__

"""Exports: same data, same bytes, nothing lost, and from any claimed triple to its excerpt in every format."""

import hashlib
import random
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kg.build import Dataset, prepare
from kg.canonical import canonical_lines, dataset_hash, hash_lines
from kg.claims import claims_from_quads
from kg.cli import main
from kg.errors import NotFound
from kg.export import (
    EXACT,
    LICENCE,
    NAME,
    as_stored,
    export_entity,
    read_exact,
    restore,
    rewritten_by_store,
    serialize,
    with_statements,
    write_exports,
)
from kg.flat import flatten, live_quads
from kg.formats import RDF_FORMATS, RdfFormat, rdf_format
from kg.ids import triple_iri
from kg.namespaces import CLAIM, ID, PREFIXES, PROV, RDF, SG, XSD
from kg.resources import data_dir, ontology_dir
from kg.snapshot import build_lock, write_snapshot
from kg.terms import serialize_term
from tests.anyshire import CLAIMS, DERIVED, END, quads, store

ALL = [entry.name for entry in RDF_FORMATS]
GRAPHS = [entry.name for entry in RDF_FORMATS if entry.named_graphs]
TRIPLES = [entry.name for entry in RDF_FORMATS if not entry.named_graphs]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    write_exports(quads(), folder)
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of Anyshire, as `kg build` leaves it."""
    out = tmp_path_factory.mktemp("out")
    named = canonical_lines(quads())
    default = (f"{t} .\n".encode() for t in flatten(quads()))
    with build_lock(out):
        write_snapshot(out, hash_lines(named), named, default, {}, lambda to: write_exports(quads(), to))
    return out


def file(folder: Path, name: str) -> bytes:
    return (folder / f"{NAME}.{rdf_format(name).extension}").read_bytes()


def parse(content: bytes, entry: RdfFormat) -> list[Quad]:
    found = ox.parse(content, format=entry.engine)
    return [quad if isinstance(quad, Quad) else Quad(*quad) for quad in found]


def loaded(content: bytes, entry: RdfFormat) -> ox.Store:
    made = ox.Store()
    made.extend(parse(content, entry))
    return made


# --- the whole graph


@pytest.mark.parametrize("name", GRAPHS)
def test_formats_with_graphs_hold_the_same_quads(exported: Path, name: str) -> None:
    assert set(parse(file(exported, name), rdf_format(name))) == set(quads())


@pytest.mark.parametrize("name", TRIPLES)
def test_formats_without_graphs_hold_the_default_graph_and_statements(exported: Path, name: str) -> None:
    found = {quad.triple for quad in parse(file(exported, name), rdf_format(name))}
    assert found == set(with_statements(quads()))
    assert found >= set(flatten(quads()))


@pytest.mark.parametrize("name", TRIPLES)
def test_rdflib_reads_the_same_number_of_triples(exported: Path, name: str) -> None:
    graph = rdflib.Graph()
    graph.parse(data=file(exported, name), format={"rdfxml": "xml"}.get(name, name))
    assert len(graph) == len(with_statements(quads()))


def test_the_same_bytes_in_any_order(exported: Path, tmp_path: Path) -> None:
    shuffled = list(quads())
    random.Random(4).shuffle(shuffled)
    write_exports(shuffled, tmp_path)
    names = sorted(path.name for path in exported.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (exported / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_checksums_and_version_can_be_checked_by_hand(exported: Path) -> None:
    for line in (exported / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((exported / name).read_bytes()).hexdigest() == digest
    lines = file(exported, "nq").splitlines(keepends=True)
    statements = b"".join(line for line in lines if not line.startswith(b"#"))
    assert hashlib.sha256(statements).hexdigest() == dataset_hash(quads())
    assert dataset_hash(quads()).encode() in lines[2]


@pytest.mark.parametrize("name", ALL)
def test_every_download_says_its_licence(exported: Path, name: str) -> None:
    content = file(exported, name).decode()
    assert "creativecommons.org/licenses/by/4.0" in content
    assert LICENCE[-1].split(". ")[-1] in content


def test_lexical_forms_are_those_of_the_files(exported: Path) -> None:
    for name in ALL:
        durations = [
            q.object for q in parse(file(exported, name), rdf_format(name)) if q.predicate == SG.duration
        ]
        assert set(durations) == {Literal("P18M", datatype=XSD.duration)}


def test_excerpts_do_not_stand_in_the_order_of_the_text(exported: Path) -> None:
    # Claims are named by hashes, which have no order; a file sorted by them has none either.
    content = file(exported, "trig").decode()
    claims = sorted(CLAIMS.values(), key=lambda claim: claim.iri.value)
    starts = [
        content.index(f"{{\n  {claim.iri.value.replace(str(CLAIM), 'claim:')} a sg:Claim") for claim in claims
    ]
    assert starts == sorted(starts)


# --- from a triple to its excerpt

IN_GRAPHS = """GRAPH ?g { %s } GRAPH ?d { ?g sg:restsOn ?claim }
  GRAPH ?r { ?claim sg:evidence/oa:hasSelector ?x . ?x oa:exact|rdf:value ?words }"""
IN_TRIPLES = """?t rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o . VALUES (?s ?p ?o) { (%s) }
  ?t prov:wasDerivedFrom+ ?claim . ?claim sg:evidence/oa:hasSelector ?x . ?x oa:exact|rdf:value ?words"""
HEAD = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("sg", "oa", "rdf", "prov"))


def words_of(graph: ox.Store, triple: Triple, named_graphs: bool) -> set[str]:
    """Ask an export for the words that support a triple, as a reader of it would."""
    spo = " ".join(serialize_term(t) for t in (triple.subject, triple.predicate, triple.object))  # type: ignore[arg-type]
    query = f"{HEAD} SELECT ?words {{ {(IN_GRAPHS if named_graphs else IN_TRIPLES) % spo} }}"
    return {row["words"].value for row in graph.query(query)}


def expected_words(triple: Triple) -> set[str]:
    if triple == END:
        return {"announced it had ended"}
    found = set()
    for claim in CLAIMS.values():
        if triple in claim.triples and claim is not CLAIMS["withdrawn"]:
            found |= {piece.exact or piece.fragment or "" for piece in claim.evidence}
    return found


@pytest.mark.parametrize("name", ALL)
def test_from_every_claimed_or_derived_triple_to_its_words(exported: Path, name: str) -> None:
    entry = rdf_format(name)
    graph = loaded(file(exported, name), entry)
    live = [t for key, claim in CLAIMS.items() if key != "withdrawn" for t in claim.triples]
    for triple in {*live, END}:
        assert isinstance(triple.object, (NamedNode, Literal))
        stored = Triple(triple.subject, triple.predicate, _stored(triple.object))
        assert words_of(graph, stored, entry.named_graphs) == expected_words(triple)


def _stored(term: NamedNode | Literal) -> NamedNode | Literal:
    return as_stored(term) if isinstance(term, Literal) else term


@pytest.fixture(scope="session")
def real() -> Dataset:
    return prepare(data_dir(), ontology_dir())


@pytest.mark.parametrize("name", ALL)
def test_from_every_triple_of_the_real_data_to_its_words(real: Dataset, name: str) -> None:
    entry = rdf_format(name)
    words: dict[NamedNode, set[str]] = {}
    for claim in claims_from_quads(real.quads):
        words[claim.iri] = {piece.exact or piece.fragment or "" for piece in claim.evidence}
    live = live_quads(real.quads)
    rests_on = [(q.subject, q.object) for q in live if q.predicate == SG.restsOn]
    supports: dict[object, set[str]] = {}
    for graph, source in rests_on:
        if isinstance(source, NamedNode):
            supports.setdefault(graph, set()).update(words[source])
    expected: dict[Triple, set[str]] = {}
    for quad in live:
        node = isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(f"{ID}triple-")
        if quad.graph_name in supports and not node and isinstance(quad.object, (NamedNode, Literal)):
            triple = Triple(quad.subject, quad.predicate, _stored(quad.object))
            expected.setdefault(triple, set()).update(supports[quad.graph_name])
    graph = loaded(serialize(real.quads, entry), entry)
    found: dict[Triple, set[str]] = {}
    pattern = (
        IN_GRAPHS % "?s ?p ?o" if entry.named_graphs else IN_TRIPLES.replace("VALUES (?s ?p ?o) { (%s) }", "")
    )
    for row in graph.query(f"{HEAD} SELECT DISTINCT ?s ?p ?o ?words {{ {pattern} }}"):
        if not (isinstance(row["s"], NamedNode) and row["s"].value.startswith(f"{ID}triple-")):
            found.setdefault(Triple(row["s"], row["p"], row["o"]), set()).add(row["words"].value)
    assert len(expected) > 900
    assert found == expected


def test_a_withdrawn_triple_has_no_statement_node() -> None:
    (triple,) = CLAIMS["withdrawn"].triples
    assert not any(t.subject == triple_iri(triple) for t in with_statements(quads()))


def test_a_statement_node_is_linked_to_all_its_claims() -> None:
    triple = CLAIMS["grade-echo"].triples[1]
    assert triple in CLAIMS["grade-table"].triples
    found = {t.object for t in with_statements(quads()) if t.subject == triple_iri(triple)}
    assert found >= {CLAIMS["grade-echo"].iri, CLAIMS["grade-table"].iri, RDF.Statement}


# --- one thing


@pytest.mark.parametrize("name", ALL)
def test_one_thing_comes_with_its_claims_and_their_words(exported: Path, name: str) -> None:
    entry = rdf_format(name)
    content = export_entity(store(), ID["ann-example"], entry, exact=read_exact(exported))
    graph = loaded(content, entry)
    for triple in (*CLAIMS["ann-ended"].triples, *CLAIMS["ann-tenure"].triples, END):
        assert words_of(graph, triple, entry.named_graphs) == expected_words(triple)
    assert "creativecommons.org/licenses/by/4.0" in content.decode()


@pytest.mark.parametrize("name", ["turtle", "nt", "rdfxml"])
def test_the_thing_itself_comes_first(exported: Path, name: str) -> None:
    content = export_entity(store(), ID["ann-example"], name, exact=read_exact(exported))
    assert parse(content, rdf_format(name))[0].subject == ID["ann-example"]


@pytest.mark.parametrize("name", ALL)
def test_one_thing_is_written_in_the_forms_of_the_files(exported: Path, name: str) -> None:
    content = export_entity(store(), ID["inspection-anyshire-2013"], name, exact=read_exact(exported))
    durations = {q.object for q in parse(content, rdf_format(name)) if q.predicate == SG.duration}
    assert durations == {Literal("P18M", datatype=XSD.duration)}


def test_one_thing_is_part_of_the_whole(exported: Path) -> None:
    for name in (
        "ann-example",
        "bob-sample",
        "anyshire-council",
        "inspection-anyshire-2013",
        "gap-cost",
        "date-2013",
    ):
        found = parse(export_entity(store(), ID[name], "nq", exact=read_exact(exported)), rdf_format("nq"))
        assert set(found) <= set(quads()), name


def test_a_claim_and_a_derivation_can_be_exported(exported: Path) -> None:
    for iri in (CLAIMS["ann-ended"].iri, DERIVED):
        found = parse(export_entity(store(), iri, "trig"), rdf_format("trig"))
        assert {q.triple for q in found if q.graph_name == iri} == {
            q.triple for q in quads() if q.graph_name == iri
        }
    assert CLAIMS["ann-ended"].iri in {q.graph_name for q in found}, (
        "a derivation comes with what it follows from"
    )


def test_nothing_withdrawn_comes_with_a_thing() -> None:
    content = export_entity(store(), ID["bob-sample"], "nq").decode()
    assert CLAIMS["withdrawn"].iri.value not in content
    assert CLAIMS["bob-tenure"].iri.value in content


def test_an_unknown_thing_is_not_found() -> None:
    with pytest.raises(NotFound, match="id:nobody"):
        export_entity(store(), ID.nobody, "trig")


# --- forms of literals


def test_what_a_store_rewrites_is_put_back() -> None:
    forms = [
        Literal(value, datatype=kind)
        for value, kind in [
            ("75.0", XSD.decimal),
            ("P18M", XSD.duration),
            ("042", XSD.integer),
            ("x", XSD.date),
        ]
    ]
    made = [
        Quad(ID.a, SG.value, form, CLAIM.x) for form in (*forms, Literal("P18M"), Literal("a", language="en"))
    ]
    kept = ox.Store()
    kept.extend(made)
    rewritten = rewritten_by_store(made)
    assert {q.object for q in rewritten} == set(forms[:3])
    assert set(restore(kept, rewritten)) == set(made)


def test_two_forms_of_one_value_both_come_back() -> None:
    made = [Quad(ID.a, SG.value, Literal(v, datatype=XSD.decimal), CLAIM.x) for v in ("75.0", "75.00", "75")]
    kept = ox.Store()
    kept.extend(made)
    assert len(list(kept)) == 1
    assert set(restore(kept, rewritten_by_store(made))) >= set(made[:2])


def test_a_format_takes_only_what_it_can_hold() -> None:
    def triples() -> list[Triple]:
        return [Triple(ID.a, SG.p, Literal("-- & < é"))]

    content = serialize([], rdf_format("rdfxml"), ["two -- hyphens"], triples)
    assert b"two - - hyphens" in content
    assert [q.object for q in parse(content, rdf_format("rdfxml"))] == [Literal("-- & < é")]


def test_prov_leads_from_a_statement_to_the_claims_below_a_derivation(exported: Path) -> None:
    graph = loaded(file(exported, "turtle"), rdf_format("turtle"))
    node = triple_iri(END)
    rows = graph.query(f"{HEAD} SELECT ?c {{ {node} prov:wasDerivedFrom+ ?c . ?c a sg:Claim }}")
    assert [row["c"] for row in rows] == [CLAIMS["ann-ended"].iri]
    assert Quad(node, PROV.wasDerivedFrom, DERIVED) in graph


# --- the command


def run(built: Path, *arguments: str) -> tuple[int, bytes, str]:
    result = CliRunner().invoke(main, ["export", "--out", str(built), *arguments])
    return result.exit_code, result.stdout_bytes, result.stderr


def test_the_command_writes_the_whole_graph(built: Path, exported: Path, tmp_path: Path) -> None:
    assert run(built)[:2] == (0, file(exported, "trig"))
    target = tmp_path / "graph.ttl"
    assert run(built, "--output", str(target))[:2] == (0, b"")
    assert target.read_bytes() == file(exported, "turtle")


@pytest.mark.parametrize(
    "thing", ["ann-example", "id:ann-example", f"{ID}ann-example", "Ann Example", "ms example"]
)
def test_the_command_finds_a_thing_by_any_of_its_names(built: Path, thing: str) -> None:
    code, content, _ = run(built, thing, "--format", "nq")
    assert code == 0
    assert b"Scrutiny Graph: what it holds of https://w3id.org/scrutiny-graph/id/ann-example" in content
    assert set(parse(content, rdf_format("nq"))) <= set(quads())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["an-exampel"],
            2,
            "kg: an-exampel: nothing in the graph has this name; did you mean\nkg:   id:ann-example",
        ),
        (["zzzz"], 2, "kg: zzzz: nothing in the graph has this name\n"),
        (["--format", "docx"], 2, "'docx' is no RDF format: expected one of turtle, trig"),
        (["--output", "/no/such/folder/x.ttl"], 2, "/no/such/folder/x.ttl: cannot be written"),
    ],
)
def test_the_command_says_what_is_wrong(built: Path, arguments: list[str], code: int, message: str) -> None:
    found, content, errors = run(built, *arguments)
    assert (found, content) == (code, b"")
    assert message in errors


def test_the_exact_forms_are_beside_the_exports(built: Path) -> None:
    (exports,) = (built / "snapshots").glob("*/exports")
    assert [q.object for q in read_exact(exports)] == [Literal("P18M", datatype=XSD.duration)]
    assert (exports / EXACT).is_file()
    assert read_exact(built) == []


def test_a_disagreement_comes_with_the_claims_on_its_sides(exported: Path) -> None:
    found = parse(export_entity(store(), ID["disagreement-ann-end"], "nq"), rdf_format("nq"))
    assert {CLAIMS["ann-ended"].iri, CLAIMS["ann-notice"].iri} <= {q.graph_name for q in found}
    assert set(found) <= set(quads())


def test_what_a_person_says_comes_with_them() -> None:
    found = export_entity(store(), ID["inspectorate-x"], "nq").decode()
    assert "told Bob Sample that he is a fine officer" in found

"""The whole flow on the real data: reproducible, all or nothing, and with withdrawn claims out of sight."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build, count, prepare
from kg.canonical import dataset_hash
from kg.errors import KgError, Problems, SnapshotError, SourceError, UnreadableError, ValidationFailed
from kg.flat import flatten
from kg.gate import check
from kg.namespaces import PREFIXES, SG
from kg.snapshot import build_lock, open_snapshot

CLAIM_FILE = Path("claims", "bbc-32085372.trig")


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's data and ontology."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("data", "ontology"):
        shutil.copytree(root / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def built(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the build of the real data, into which tests may build."""
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("out") / "built", symlinks=True))


@pytest.fixture
def whole(project: Path, tmp_path: Path) -> Path:
    """A copy of the project that a test may spoil."""
    for name in ("data", "ontology"):
        shutil.copytree(project / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def copied(whole: Path) -> Path:
    """A copy with the claims of one article only, which is checked in a third of the time."""
    for path in [*(whole / "data" / "claims").iterdir(), *(whole / "data").glob("*.ttl")]:
        if path.name not in (CLAIM_FILE.name, "register.ttl", "articles.ttl"):
            path.unlink()
    shutil.rmtree(whole / "data" / "questions", ignore_errors=True)
    return whole


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    solutions = store.query(query, prefixes=dict(PREFIXES))
    assert isinstance(solutions, ox.QuerySolutions)
    return [tuple("" if term is None else term.value for term in row) for row in solutions]


# --- what is built


def test_the_project_has_neither_violations_nor_warnings(project: Path, texts_dir: Path | None) -> None:
    """The evidence is checked against the texts as well where KG_TEXTS names them, else against digests."""
    dataset = prepare(project / "data", project / "ontology")
    report = check(dataset, project / "ontology", project / "data", texts_dir)
    assert [r.in_words() for r in report.results if r.severity != "Info"] == []


def test_counts_are_those_of_the_graph(built: Path) -> None:
    with open_snapshot(built) as snapshot:
        counts = snapshot.manifest["counts"]
        assert ask(snapshot.store, "SELECT (COUNT(*) AS ?n) { ?c a sg:Claim }") == [(str(counts["claims"]),)]
        assert ask(snapshot.store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == [(str(counts["triples"]),)]
        assert ask(snapshot.store, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == [
            (str(counts["quads"]),)
        ]
        assert counts["claims"] > 240


def test_every_triple_of_the_default_graph_leads_to_its_graph(built: Path) -> None:
    with open_snapshot(built) as snapshot:
        default = {q.triple for q in snapshot.store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
        named = {q.triple for q in snapshot.store if not isinstance(q.graph_name, ox.DefaultGraph)}
    assert default == named


def test_a_derived_triple_leads_to_words(built: Path) -> None:
    with open_snapshot(built) as snapshot:
        rows = ask(
            snapshot.store,
            """SELECT DISTINCT ?excerpt { GRAPH ?g { id:tenure-lewis-dcs sg:end id:date-by-2014-10 }
            ?g sg:restsOn ?claim . ?claim sg:evidence/oa:hasSelector/oa:exact ?excerpt }""",
        )
        assert rows
        assert all(0 < len(excerpt.split()) <= 12 for (excerpt,) in rows)


def test_the_version_is_the_hash_of_what_can_be_downloaded(built: Path) -> None:
    with open_snapshot(built) as snapshot:
        lines = (snapshot.exports / "scrutiny-graph.nq").read_bytes()
        quads = list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))
        assert dataset_hash(q for q in quads if isinstance(q, ox.Quad)) == snapshot.version
        for file in snapshot.manifest["files"]:
            content = (snapshot.path / file["path"]).read_bytes()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])


BUILD = """
import sys
from pathlib import Path
from kg.build import build
project, out = map(Path, sys.argv[1:])
print(build(project / "data", project / "ontology", out).version)
"""


@pytest.mark.slow
def test_another_process_builds_the_same_bytes(project: Path, built: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
    }
    subprocess.run([sys.executable, "-c", BUILD, project, tmp_path / "out"], env=environment, check=True)
    with open_snapshot(built) as one, open_snapshot(tmp_path / "out") as two:
        assert one.version == two.version
        assert one.manifest == two.manifest
        names = [file["path"] for file in one.manifest["files"]]
        assert len(names) > 6
        assert [n for n in names if (one.path / n).read_bytes() != (two.path / n).read_bytes()] == []


def test_a_build_of_what_is_current_names_its_steps_and_writes_nothing(project: Path, built: Path) -> None:
    before = sorted(p.name for p in (built / "snapshots").iterdir())
    steps: list[tuple[str, int, int]] = []
    result = build(project / "data", project / "ontology", built, progress=lambda *step: steps.append(step))
    assert not result.changed
    assert result.path == (built / "current").resolve()
    assert sorted(p.name for p in (built / "snapshots").iterdir()) == before
    assert [s[0] for s in steps] == [
        "read",
        "dates",
        "rules",
        "flat copy",
        "shapes",
        "checks",
        "evidence",
        "version",
    ]
    assert [s[1] for s in steps] == sorted(s[1] for s in steps)


# --- what is refused: nothing changes


def refused(copied: Path, built: Path, error: type[KgError]) -> KgError:
    """Build into a folder that has a good snapshot; return the error after a look that the snapshot stayed."""
    before = (built / "current").resolve()
    with pytest.raises(error) as caught:
        build(copied / "data", copied / "ontology", built)
    assert (built / "current").resolve() == before
    with open_snapshot(built) as snapshot:
        assert ask(snapshot.store, "SELECT ?c { ?c a sg:Claim } LIMIT 1")
    assert not list((built / "snapshots").glob(".*"))
    return caught.value


def test_a_malformed_file_is_named_with_its_line(copied: Path, built: Path) -> None:
    edit(
        copied / "data" / "register.ttl",
        "id:julian-wooster a foaf:Person",
        "id:julian-wooster a foaf:Person ]",
    )
    error = refused(copied, built, Problems)
    assert "register.ttl:" in error.message
    assert isinstance(error, Problems)
    (problem,) = error.problems
    assert isinstance(problem, SourceError)
    assert problem.line is not None
    assert error.exit_code == 1


def test_missing_folders_are_two(copied: Path, built: Path) -> None:
    shutil.rmtree(copied / "data")
    assert refused(copied, built, UnreadableError).exit_code == 2
    shutil.copytree(copied / "ontology", copied / "data")
    shutil.rmtree(copied / "ontology" / "rules")
    assert refused(copied, built, KgError).exit_code == 2


def test_a_folder_of_texts_that_is_not_there_is_two(project: Path, built: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as caught:
        build(project / "data", project / "ontology", built, tmp_path / "none")
    assert caught.value.exit_code == 2


def test_a_text_that_is_missing_or_another_is_a_violation(copied: Path, built: Path) -> None:
    texts = copied / "texts"
    texts.mkdir()
    (texts / f"{CLAIM_FILE.stem}.txt").write_text("Another text.", encoding="utf-8")
    with pytest.raises(ValidationFailed) as caught:
        build(copied / "data", copied / "ontology", built, texts)
    messages = {r.message for r in caught.value.report.violations}
    assert any("there is no text of it in" in m for m in messages)
    assert any("the text is not the one that was read" in m for m in messages)


def test_a_second_build_at_the_same_time_is_refused(project: Path, tmp_path: Path) -> None:
    with build_lock(tmp_path), pytest.raises(SnapshotError, match="another build is running"):
        build(project / "data", project / "ontology", tmp_path)


# --- withdrawn


def test_a_withdrawn_claim_leaves_the_default_graph_and_takes_what_rests_on_it_along(whole: Path) -> None:
    before = prepare(whole / "data", whole / "ontology")
    store = before.store()
    (claim,) = {
        g for (g,) in ask(store, "SELECT ?g { GRAPH ?g { ?t sg:approximateDuration ?o } ?g a sg:Claim }")
    }
    (article,) = {g for (g,) in ask(store, f"SELECT ?g {{ GRAPH ?g {{ <{claim}> a sg:Claim }} }}")}
    path = whole / "data" / "claims" / f"{article.rpartition('/')[2]}.trig"
    local = claim.rpartition("/")[2]
    edit(path, f"claim:{local} a sg:Claim ;", f"claim:{local} a sg:Claim ; sg:withdrawn true ;")
    after = prepare(whole / "data", whole / "ontology")
    gone = {t.triple for t in before.quads} - set(after.flat)
    assert count(after)["claims"] == count(before)["claims"] - 1
    assert count(after)["withdrawn"] == 1
    names = {t.predicate for t in gone}
    assert SG.approximateDuration in names
    assert SG.start in names
    assert ask(after.store(), "SELECT ?o { GRAPH ?g { ?t sg:approximateDuration ?o } }")
    kept = ask(
        after.store(), f"SELECT ?d {{ GRAPH ?g {{ ?d sg:restsOn <{claim}> }} FILTER(?d != <{claim}>) }}"
    )
    assert kept, "derivations that rest on it keep their record in the named graph"
    assert ask(after.store(), f"SELECT ?d {{ ?d sg:restsOn <{claim}> }}") == []
    assert flatten(after.quads) == list(after.flat)

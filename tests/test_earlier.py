"""Answers of an earlier version: two snapshots of the real data, of which the newer one has withdrawn a claim."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import Literal, Quad

from kg.canonical import canonical_lines, hash_lines
from kg.changes import snapshot_quads
from kg.cli import main
from kg.flat import flatten
from kg.kept import current_path, kept_snapshots, prune
from kg.namespaces import CLAIM, GRAPH, SG, XSD
from kg.questions.answering import answer
from kg.questions.changes import compare_answers
from kg.settings import Settings
from kg.snapshot import build_lock, open_at, open_snapshot, read_manifest, write_snapshot
from tests.html_check import read_page
from web import create_app
from web.serving.earlier_states import OPEN
from web.serving.served import served, source_of

HTML = {"Accept": "text/html"}
POLICE = "The police, as represented on the Somerset safeguarding board"
WITHDRAWN = CLAIM["afd4851984c6522d"]
"""The claim that the police are represented on the board: the newer version has it withdrawn."""

STANDING = """SELECT ?who {
  GRAPH ?g { id:somerset-lscb sg:represents ?who } ?g sg:restsOn ?claim
  FILTER NOT EXISTS { ?claim sg:withdrawn true }
}"""


@pytest.fixture(scope="module")
def out(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an older version, in which the claim stands, and the newest, in which it is withdrawn."""
    folder = tmp_path_factory.mktemp("versions")
    path = current_path(built)
    assert path is not None
    quads = snapshot_quads(path)
    truth = Literal("true", datatype=XSD.boolean)
    for more in ([], [Quad(WITHDRAWN, SG.withdrawn, truth, GRAPH["chard-12869187"])]):
        state = [*quads, *more]
        default = sorted(f"{triple} .\n".encode() for triple in flatten(state))
        named = canonical_lines(state)
        with build_lock(folder):
            write_snapshot(
                folder, hash_lines(named), named, default, {"counts": read_manifest(path)["counts"]}
            )
    return folder


@pytest.fixture(scope="module")
def versions(out: Path) -> tuple[str, str]:
    """The hashes of the newest and the older version."""
    newest, older = (path.name for path in kept_snapshots(out))
    return newest, older


@pytest.fixture(scope="module")
def app(out: Path) -> Iterator[Flask]:
    app = create_app(Settings(out=out, port=8123))
    yield app
    source_of(app).close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_an_earlier_answer_is_given_again_and_says_what_is_different(
    client: FlaskClient, versions: tuple[str, str]
) -> None:
    newest, older = versions
    response = client.get(f"/questions/board-make-up?version={older[:16]}", headers=HTML)
    page = read_page(response.text)
    assert page.problems == []
    assert f"This is the answer of version {older[:12]} of the data" in page.text
    assert newest[:12] in page.text
    assert "gives a different answer: 1 row no longer there." in page.text
    assert page.text.count(POLICE) == 2
    assert response.headers["X-Data-Version"] == older
    assert response.headers["Link"].startswith('</questions/board-make-up>; rel="latest-version"')
    today = client.get("/questions/board-make-up", headers=HTML)
    assert POLICE not in read_page(today.text).text
    assert today.headers["X-Data-Version"] == newest


def test_an_answer_that_is_the_same_today_says_so(client: FlaskClient, versions: tuple[str, str]) -> None:
    query = f"day=2015-03-30&version={versions[1][:12]}"
    text = read_page(client.get(f"/questions/director-on-a-day?{query}", headers=HTML).text).text
    assert "gives the same answer." in text
    assert "Julian Wooster" in text


def test_every_form_of_the_answer_can_be_had_of_the_earlier_version(
    client: FlaskClient, versions: tuple[str, str]
) -> None:
    address = f"/questions/board-make-up?version={versions[1][:12]}"
    made = json.loads(client.get(f"{address}&format=json").text)
    assert made["version"] == versions[1]
    assert made["newest"] == {
        "version": versions[0], "answer": "a different answer: 1 row no longer there",
        "rowsAdded": 0, "rowsGone": 1, "claimsAdded": 0, "claimsGone": 1,
    }  # fmt: skip
    assert POLICE in client.get(f"{address}&format=csv").text
    assert "gives a different answer" in client.get(f"{address}&format=text").text
    links = client.get(address, headers=HTML).text
    assert f"/questions/board-make-up?version={versions[1][:16]}&amp;format=csv" in links


def test_the_permanent_link_of_todays_answer_names_its_version(
    client: FlaskClient, versions: tuple[str, str]
) -> None:
    html = client.get("/questions/director-on-a-day?day=2015-03-30", headers=HTML).text
    address = f"/questions/director-on-a-day?day=2015-03-30&version={versions[0][:16]}"
    assert address.replace("&", "&amp;") in html
    text = read_page(client.get(address, headers=HTML).text).text
    assert "that is still the newest" in text


def test_a_query_is_answered_from_the_version_that_it_names(
    client: FlaskClient, versions: tuple[str, str]
) -> None:
    ask = {"query": STANDING}
    now = client.get("/sparql", query_string={**ask, "format": "csv"})
    then = client.get("/sparql", query_string={**ask, "format": "csv", "version": versions[1]})
    assert len(then.text.splitlines()) == len(now.text.splitlines()) + 1
    assert (now.headers["X-Data-Version"], then.headers["X-Data-Version"]) == versions
    page = read_page(client.get("/sparql", query_string={**ask, "version": versions[1]}, headers=HTML).text)
    assert page.problems == []
    assert f"Answered from version {versions[1][:12]}" in page.text
    assert (
        f"The newest data, {versions[0][:12]} , gives a different answer: 1 row no longer there." in page.text
    )


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT ?x { ?x a sg:Council } ORDER BY ?x", "gives the same answer."),
        ("ASK { ?x a sg:Council }", "gives the same answer."),
        (
            f"ASK {{ {{ SELECT (COUNT(*) AS ?n) {{ {STANDING} }} }} FILTER(?n = 0) }}",
            "gives the same answer.",
        ),
        (
            "CONSTRUCT { ?x a sg:Council } WHERE { ?x a sg:Council }",
            "gives the same answer.",
        ),
    ],
)
def test_a_query_says_whether_the_newest_data_answers_the_same(
    client: FlaskClient, versions: tuple[str, str], query: str, told: str
) -> None:
    asked = {"query": query, "version": versions[1]}
    page = read_page(client.get("/sparql", query_string=asked, headers=HTML).text)
    assert page.problems == []
    assert told in page.text
    assert "may answer otherwise" not in page.text


def test_the_versions_of_sparql_itself_are_none_of_ours(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK%7B%7D&version=1.2").status_code == 200


@pytest.mark.parametrize("path", ["/questions/board-make-up?board=somerset-lscb", "/sparql?query=ASK%7B%7D"])
def test_what_is_not_there_is_told_apart(client: FlaskClient, out: Path, path: str) -> None:
    with open(out / "versions", "a", encoding="ascii") as file:
        file.write(f"{'d' * 64} 2026-01-02T03:04:05Z\n")
    gone = client.get(f"{path}&version={'d' * 12}", headers=HTML)
    assert gone.status_code == 410
    page = read_page(gone.text)
    assert page.problems == []
    assert "of 2026-01-02, was built here and is no longer kept" in page.text
    assert f'href="{path.replace("&", "&amp;")}"' in gone.text.replace("%7B", "%7B")
    plain = client.get(f"{path}&version={'d' * 12}&format=json", headers={"Accept": "application/json"})
    assert (plain.status_code, plain.mimetype) == (410, "text/plain")
    assert client.get(f"{path}&version={'e' * 12}", headers=HTML).status_code == 404
    wrong = client.get(f"{path}&version=latest", headers=HTML)
    assert wrong.status_code == 400
    assert "at least 8 digits of a version" in wrong.text


def test_few_versions_are_open_and_each_is_let_go(
    app: Flask, client: FlaskClient, versions: tuple[str, str]
) -> None:
    source = source_of(app)
    states = source.earlier._states  # type: ignore[attr-defined]
    for _ in range(3):
        assert client.get(f"/questions/board-make-up?version={versions[1]}").status_code == 200
    assert len(states) == 1 <= OPEN
    (state,) = states.values()
    assert state._users == 0
    with app.test_request_context():
        assert served().version == versions[0]
        assert served()._users == 1


def test_a_version_that_is_open_is_not_removed_under_its_readers(
    app: Flask, client: FlaskClient, out: Path, versions: tuple[str, str]
) -> None:
    assert client.get(f"/questions/board-make-up?version={versions[1]}").status_code == 200
    assert prune(out, keep=1) == []
    assert client.get(f"/questions/board-make-up?version={versions[1]}").status_code == 200


def test_the_command_line_answers_from_an_earlier_version(out: Path, versions: tuple[str, str]) -> None:
    def ask(*more: str) -> str:
        result = CliRunner().invoke(main, ["ask", "board-make-up", "--out", str(out), *more])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert POLICE not in ask()
    told = ask("--version", versions[1][:12])
    assert POLICE in told
    assert told.splitlines()[-1] == (
        f"Of version {versions[1][:12]}; the newest data, {versions[0][:12]}, gives a different answer: "
        "1 row no longer there"
    )
    assert json.loads(ask("--version", versions[1], "--format", "json"))["newest"]["rowsGone"] == 1
    missing = CliRunner().invoke(main, ["ask", "board-make-up", "--out", str(out), "--version", "e" * 12])
    assert missing.exit_code == 2


def test_answers_are_compared_by_what_they_state(out: Path) -> None:
    with open_snapshot(out) as new:
        (older,) = (path for path in kept_snapshots(out) if path != new.path)
        old = open_at(older)
        assert old is not None
        with old:
            before, after = (answer(s.store, "board-make-up") for s in (old, new))
            assert compare_answers(before, before).same
            back = compare_answers(after, before)
            assert [after.slug, len(back.added), len(back.gone)] == ["board-make-up", 1, 0]
            assert back.in_words() == "a different answer: 1 row more"

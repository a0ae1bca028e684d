"""What changed between two versions: claims by identity, replacements, honest silence; the page and the feed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg.changes import Change, compare, previous_version
from kg.namespaces import CLAIM, DCTERMS, GRAPH, ID, PROV, RDF, RDFS, SG
from kg.settings import Settings
from kg.snapshot import write_snapshot
from tests.anyshire import quads as anyshire
from tests.html_check import read_page
from web import create_app
from web.changes import FEED_ENTRIES
from web.head import COPY
from web.serving.served import source_of

RECORDS = GRAPH["echo-1"]
ATOM = "{http://www.w3.org/2005/Atom}"


def claim(name: str, sentence: str, value: str = "a") -> list[Quad]:
    iri = CLAIM[name]
    return [
        Quad(ID.thing, RDFS.comment, Literal(value), iri),
        Quad(iri, RDF.type, SG.Claim, RECORDS),
        Quad(iri, RDFS.label, Literal(sentence, language="en"), RECORDS),
        Quad(iri, PROV.hadPrimarySource, ID["article-echo-1"], RECORDS),
    ]


ONE = claim("1" * 16, "One.")
TWO = claim("2" * 16, "Two.")


def found(old: list[Quad], new: list[Quad], part: str = "claims") -> list[tuple[str, str]]:
    return [(change.kind, change.text) for change in compare(old, new).parts[part]]


def test_the_same_quads_in_another_order_are_no_change() -> None:
    changes = compare(anyshire(), list(reversed(anyshire())))
    assert not changes
    assert changes.quads == (0, 0)


def test_a_new_claim_is_added_and_one_that_is_gone_is_removed() -> None:
    assert found(ONE, [*ONE, *TWO]) == [("added", "Two.")]
    assert found([*ONE, *TWO], TWO) == [("removed", "One.")]


def test_a_replaced_claim_is_told_once_with_both_sentences() -> None:
    new = [*ONE, *TWO, Quad(CLAIM["1" * 16], DCTERMS.isReplacedBy, CLAIM["2" * 16], RECORDS)]
    (change,) = compare(ONE, new).parts["claims"]
    assert change == Change(
        "replaced", CLAIM["1" * 16], "Two.", "One.", CLAIM["2" * 16], ID["article-echo-1"]
    )


def test_a_withdrawn_claim_is_told_and_one_that_was_withdrawn_before_is_not() -> None:
    gone = Quad(CLAIM["1" * 16], SG.withdrawn, Literal(True), RECORDS)
    assert found(ONE, [*ONE, gone]) == [("withdrawn", "One.")]
    assert found([*ONE, gone], [*ONE, gone]) == []


def test_another_sentence_is_no_new_claim() -> None:
    (change,) = compare(ONE, claim("1" * 16, "One, said better.")).parts["claims"]
    assert (change.kind, change.was, change.text) == ("reworded", "One.", "One, said better.")


def test_another_reading_of_the_same_claim_is_a_changed_record() -> None:
    reading = Quad(NamedNode(f"{CLAIM['1' * 16].value}#d1"), SG.readAs, ID["date-2014"], RECORDS)
    assert found(ONE, [*ONE, reading]) == [("changed", "One.")]


def test_disagreements_gaps_and_questions_are_parts_of_their_own() -> None:
    def thing(name: str, cls: NamedNode, graph: str) -> list[Quad]:
        return [
            Quad(ID[name], RDF.type, cls, GRAPH[graph]),
            Quad(ID[name], RDFS.label, Literal(name), GRAPH[graph]),
        ]

    for part, cls in (("disagreements", SG.Disagreement), ("gaps", SG.Gap), ("questions", SG.Question)):
        assert found([], thing("x", cls, part), part) == [("added", "x")]


def test_what_follows_by_rule_is_counted_and_a_shape_is_no_thing() -> None:
    derived = Quad(ID.a, SG.end, ID.b, NamedNode("https://w3id.org/scrutiny-graph/derived/" + "d" * 16))
    shape = Quad(ID["genid-1"], RDF.type, SG.x, GRAPH.vocabulary)
    changes = compare([], [derived, shape])
    assert changes.derivations == (1, 0)
    assert changes.quads == (2, 0)
    assert not changes


# --- snapshots, page and feed


def snapshot(out: Path, version: str, quads: list[Quad], when: int) -> Path:
    out.joinpath("snapshots").mkdir(parents=True, exist_ok=True)
    lines = sorted(f"{q} .\n".encode() for q in quads)

    def exports(folder: Path) -> None:
        (folder / "scrutiny-graph.nq").write_bytes(b"".join(lines))

    flat = sorted({f"{q.triple} .\n".encode() for q in quads})
    path = write_snapshot(out, version, lines, flat, {"counts": {}}, exports)
    os.utime(path / "manifest.json", (when, when))
    return path


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    old = [*anyshire(), *ONE]
    new = [*old, *TWO, Quad(CLAIM["1" * 16], DCTERMS.isReplacedBy, CLAIM["2" * 16], RECORDS)]
    return snapshot(tmp_path, "a" * 64, old, 1_700_000_000), snapshot(tmp_path, "b" * 64, new, 1_700_086_400)


def test_the_version_before_is_another_version(two: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = two
    earlier = previous_version(new)
    assert earlier is not None
    assert (earlier.path, earlier.version) == (old, "a" * 64)
    assert previous_version(old) is None
    again = snapshot(tmp_path, "b" * 64, ONE, 1_700_172_800)  # a forced build of the same version
    assert again != new
    found = previous_version(again)
    assert found is None or found.version == "a" * 64


def test_page_and_feed_tell_of_a_replaced_claim(two: tuple[Path, Path], tmp_path: Path) -> None:
    app = create_app(Settings(out=tmp_path, port=8123))
    try:
        client = app.test_client()
        page = client.get("/changes", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert read_page(page.text).problems == []
        assert "<del>One.</del>" in page.text
        assert f'href="/claim/{"2" * 16}"' in page.text
        feed = client.get("/changes.atom")
        assert feed.content_type == "application/atom+xml; charset=utf-8"
        root = ET.fromstring(feed.text)
        assert root.tag == f"{ATOM}feed"
        assert root.findtext(f"{ATOM}updated") == "2023-11-15T22:13:20Z"
        ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
        assert len(ids) == len(set(ids)) == 2
        assert_valid_atom(root)
        assert client.get("/changes.atom", headers={"If-None-Match": feed.headers["ETag"]}).status_code == 304
    finally:
        source_of(app).close()


def assert_valid_atom(feed: ET.Element) -> None:
    """What RFC 4287 asks of a feed and of each entry: one id, title and updated, an author, links that differ."""
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, (element.tag, name)
        assert element.findtext(f"{ATOM}id", "").startswith("https://w3id.org/scrutiny-graph/")
        datetime.fromisoformat(element.findtext(f"{ATOM}updated", ""))
        links = [(link.get("rel"), link.get("type")) for link in element.findall(f"{ATOM}link")]
        assert len(links) == len(set(links))
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    order = [child.tag for child in feed]
    assert order.index(f"{ATOM}entry") == len(order) - len(ids), "metadata comes before the entries"


def test_the_feed_is_limited_leaves_minor_changes_out_and_is_xml_whatever_a_label_holds(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    new = [*anyshire(), *ONE]
    new += [q for n in range(FEED_ENTRIES + 20) for q in claim(f"{n:016x}", f"No. {n}\x0b & <b>")]
    snapshot(tmp_path, "c" * 64, new, 1_700_172_800)
    app = create_app(Settings(out=tmp_path, port=8123))
    try:
        feed = ET.fromstring(app.test_client().get("/changes.atom").text)
        app.config[COPY] = True
        copy = ET.fromstring(app.test_client().get("/changes.atom").text)
    finally:
        source_of(app).close()
    assert_valid_atom(feed)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == FEED_ENTRIES + 1
    assert f"the first {FEED_ENTRIES} follow" in (entries[0].findtext(f"{ATOM}summary") or "")
    assert {entry.find(f"{ATOM}category").get("term") for entry in entries[1:]} == {"claims"}  # type: ignore[union-attr]
    hrefs = [link.get("href", "") for link in copy.iter(f"{ATOM}link")]
    assert all(href.startswith("https://w3id.org/scrutiny-graph/") for href in hrefs)


@pytest.fixture
def alone(built: Path) -> Iterator[ox.Store]:
    app = create_app(Settings(out=built, port=8123))
    yield app.test_client()
    source_of(app).close()


def test_without_an_earlier_version_the_page_says_so(alone: object) -> None:
    page = alone.get("/changes", headers={"Accept": "text/html"})  # type: ignore[attr-defined]
    assert "no earlier version is kept on this server" in page.text
    feed = ET.fromstring(alone.get("/changes.atom").text)  # type: ignore[attr-defined]
    (entry,) = feed.iter(f"{ATOM}entry")
    assert "nothing to compare" in (entry.findtext(f"{ATOM}summary") or "")

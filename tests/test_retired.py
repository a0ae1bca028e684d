"""An address that was published goes on to answer: a redirect to what replaces it, or "gone" with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.flat import flatten
from kg.namespaces import CLAIM, DCTERMS, GRAPH, ID, PROV, RDF, RDFS, SG, SKOS
from kg.read import read_quads
from kg.resources import data_dir
from kg.settings import Settings
from kg.snapshot import build_lock, write_snapshot
from tests.anyshire import CLAIMS, quads
from web import create_app
from web.serving.served import source_of

NEW = next(claim.iri for name, claim in CLAIMS.items() if name != "withdrawn")


def retired(iri: ox.NamedNode, note: str, by: ox.NamedNode | None = None) -> list[ox.Quad]:
    graph = GRAPH.retired
    found = [
        ox.Quad(iri, RDF.type, SG.Retired, graph),
        ox.Quad(iri, RDFS.label, ox.Literal("Its old name", language="en"), graph),
        ox.Quad(iri, SKOS.historyNote, ox.Literal(note, language="en"), graph),
    ]
    return found + ([ox.Quad(iri, DCTERMS.isReplacedBy, by, graph)] if by else [])


def stub(iri: ox.NamedNode, by: ox.NamedNode) -> list[ox.Quad]:
    """What `kg fmt --published` leaves of a claim that got a new IRI."""
    graph = GRAPH.echo
    return [
        ox.Quad(iri, RDF.type, PROV.Entity, graph),
        ox.Quad(iri, RDFS.label, ox.Literal("A claim that was replaced", language="en"), graph),
        ox.Quad(iri, DCTERMS.isReplacedBy, by, graph),
    ]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    thing = next(q.subject for q in quads() if q.graph_name == GRAPH.register and q.predicate == RDF.type)
    assert isinstance(thing, ox.NamedNode)
    out = tmp_path_factory.mktemp("retired")
    everything = [
        *quads(),
        *retired(ID["merged-once"], "It was entered twice.", ID["merged-twice"]),
        *retired(ID["merged-twice"], "It was entered twice.", thing),
        *retired(ID["should-not-be"], "No source speaks of it <b>."),
        *retired(ID["round"], "Round it goes.", ID["and-round"]),
        *retired(ID["and-round"], "Round it goes.", ID["round"]),
        *stub(CLAIM["00000000000000aa"], CLAIM["00000000000000ab"]),
        *stub(CLAIM["00000000000000ab"], NEW),
        *retired(CLAIM["00000000000000ac"], "It was read into the text."),
    ]
    named = (f"{quad} .\n".encode() for quad in everything)
    default = (f"{triple} .\n".encode() for triple in flatten(everything))
    with build_lock(out):
        write_snapshot(out, "0" * 64, named, default, {"counts": {}})
    app = create_app(Settings(out=out, workers=1, access_log="none"))
    app.config["thing"] = thing.value.removeprefix(str(ID))
    yield app.test_client()
    source_of(app).close()


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/id/merged-once", "/id/THING"),
        ("/id/merged-twice", "/id/THING"),
        ("/page/merged-once", "/page/THING"),
        ("/data/merged-once.ttl", "/data/THING.ttl"),
        ("/data/merged-once", "/data/THING"),
        ("/resource?iri=id:merged-once", "/page/THING"),
        ("/claim/00000000000000aa", "/claim/CLAIM"),
        ("/claim/00000000000000aa.jsonld", "/claim/CLAIM.jsonld"),
    ],
)
def test_what_was_merged_leads_to_what_it_is_now(client: FlaskClient, address: str, target: str) -> None:
    target = target.replace("THING", client.application.config["thing"])
    target = target.replace("CLAIM", NEW.value.rpartition("/")[2])
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (301, target)
    assert client.get(target).status_code in (200, 303)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/id/should-not-be", "No source speaks of it"),
        ("/data/should-not-be.ttl", "No source speaks of it"),
        ("/claim/00000000000000ac", "It was read into the text."),
        ("/id/round", "Round it goes."),
    ],
)
def test_what_was_retired_is_gone_and_says_why(client: FlaskClient, address: str, reason: str) -> None:
    for accept in ("*/*", "text/html"):
        response = client.get(address, headers={"Accept": accept})
        assert response.status_code == 410
        assert reason in response.text
        assert "<b>" not in response.text.partition("<main")[2] or accept == "*/*"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_what_never_was_is_not_found(client: FlaskClient) -> None:
    assert client.get("/id/never-was").status_code == 404
    assert client.get("/claim/00000000000000ff").status_code == 404


def test_a_claim_that_is_there_is_shown(client: FlaskClient) -> None:
    assert client.get(f"/claim/{NEW.value.rpartition('/')[2]}").status_code == 200


def test_the_file_of_retired_things_is_read(tmp_path: Path) -> None:
    assert [
        q
        for q in read_quads(data_dir() / "retired.ttl")
        if q.predicate == RDF.type and q.object != SG.Retired
    ] == []

"""Citations: every style has the persistent IRI and the version, and is what reference managers read."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from web.cite import BASE, STYLES, Cited, cite

VERSION = "5765e9de267f2f4d52effcebb445a33d8bf864ea89ae7629d958f51373161489"
CLAIM = Cited(
    f"{BASE}claim/0d662f37494f4718",
    "The council announced that it had ended Ann Example's contract.",
    VERSION,
    "The Anyshire Echo, quoting Anyshire Council",
    "The Echo on R&D {50%} of #1_x",
)


@pytest.mark.parametrize("style", [style.name for style in STYLES])
def test_every_style_names_iri_and_version(style: str) -> None:
    text = cite(CLAIM, style)
    assert CLAIM.iri in text
    assert VERSION[:12] in text
    assert "contract" in text


def test_plain() -> None:
    assert cite(CLAIM, "plain") == (
        "The council announced that it had ended Ann Example's contract. Source: The Anyshire Echo, quoting Anyshire "
        "Council, in “The Echo on R&D {50%} of #1_x”. Scrutiny Graph, data set 5765e9de267f. "
        "https://w3id.org/scrutiny-graph/claim/0d662f37494f4718"
    )


def test_harvard_has_no_double_full_stop() -> None:
    text = cite(CLAIM, "harvard")
    assert text.startswith("Scrutiny Graph (n.d.) ‘The council announced")
    assert ".." not in text


def test_bibtex_escapes_what_tex_reads_as_markup_and_balances_its_braces() -> None:
    text = cite(CLAIM, "bibtex")
    assert text.startswith("@misc{scrutiny-graph:0d662f37494f4718-5765e9de,\n")
    assert r"R\&D \{50\%\} of \#1\_x" in text
    plain = re.sub(r"\\.", "", text)
    assert plain.count("{") == plain.count("}")


def test_csl_is_a_list_of_one_data_set() -> None:
    (entry,) = json.loads(cite(CLAIM, "csl"))
    assert (entry["type"], entry["URL"], entry["version"]) == ("dataset", CLAIM.iri, VERSION)
    assert entry["author"] == [{"literal": "Scrutiny Graph"}]


def test_pages_of_claims_derivations_and_things_offer_citations(client: FlaskClient) -> None:
    article = client.get("/articles/bbc-32085372", headers={"Accept": "text/html"}).text
    claim = re.search(r"/claim/[0-9a-f]{16}", article)
    assert claim is not None
    for path in (claim[0], "/page/ofsted", "/page/peter-lewis", "/page/vocab/sif-inadequate"):
        html = client.get(path, headers={"Accept": "text/html"}).text
        assert "BibTeX" in html, path
        assert "@misc{scrutiny-graph:" in html, path


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_citation_can_be_had_as_a_file(client: FlaskClient, style: object) -> None:
    response = client.get(f"/cite?iri=id:ofsted&style={style.name}")  # type: ignore[attr-defined]
    assert response.status_code == 200
    assert response.content_type == style.media_type  # type: ignore[attr-defined]
    assert f"{BASE}id/ofsted" in response.text


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("iri=id:nobody-at-all", 404, "says nothing"),
        ("iri=not an iri", 400, "expected an absolute IRI"),
        ("iri=id:ofsted&style=apa", 400, "expected one of plain, harvard, bibtex, csl"),
        ("iri=claim:ffffffffffffffff", 404, "no such claim"),
    ],
)
def test_what_cannot_be_cited_is_said(client: FlaskClient, query: str, status: int, says: str) -> None:
    response = client.get(f"/cite?{query}")
    assert response.status_code == status
    assert says in response.text

"""The reader's own copy of a text: shown in its place on this machine, and nowhere else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg.cli import main
from kg.curation.passages import passages_of
from kg.curation.texts import digest, split_sentences
from kg.errors import KgError
from kg.evidence import read_claims
from kg.namespaces import ID
from kg.queries import with_prefixes
from kg.record import Evidence
from kg.settings import Settings
from kg.snapshot import open_snapshot
from tests.authoring import TEXT, TEXT_PATH
from tests.conformance.server import Server
from tests.html_check import read_page
from tests.small import TEXTS, built_project
from web.own_texts import FORWARDED, check, is_loopback
from web.site import export_site

EXCERPT = "its director, left in June"
PLACE = TEXT.index(EXCERPT)
BEFORE, PASSAGE, AFTER = next(
    tuple(s.of(TEXT) for s in (before, here, after))
    for before, here, after in zip(*(split_sentences(TEXT)[n:] for n in range(3)), strict=False)
    if here.start <= PLACE < here.end
)
BODY = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_project(tmp_path_factory.mktemp("own"))[1]


@pytest.fixture(scope="module")
def claim(out: Path) -> str:
    with open_snapshot(out) as snapshot:
        query = with_prefixes("SELECT ?c { ?c a sg:Claim }")
        return next(iter(snapshot.store.query(query)))["c"].value.rpartition("/")[2]  # type: ignore[union-attr,index]


@pytest.fixture(scope="module")
def server(out: Path) -> Iterator[Server]:
    with Server(options=["--texts", str(TEXTS)], env={"KG_OUT": str(out)}) as server:
        yield server


def words(html: str) -> str:
    """The text of a page: of `<mark>`, which stands within a word's sentence, nothing is left."""
    return " ".join(read_page(re.sub("</?mark>", "", html)).text.split())


def test_a_claim_shows_its_passage_marked_between_the_sentences_around_it(server: Server, claim: str) -> None:
    reply = server.request("GET", f"/claim/{claim}", BODY)
    text = words(reply.text)
    for part in (BEFORE, PASSAGE, AFTER):
        assert " ".join(part.split()) in text
    assert f"<mark>{EXCERPT}</mark>" in reply.text
    assert reply.headers["cache-control"] == "no-store"
    assert "etag" not in reply.headers
    assert "access-control-allow-origin" not in reply.headers
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    assert "noarchive" in reply.headers["x-robots-tag"]


HEADERS_OF_OTHERS = (
    {"Host": "graph.example.org"},
    {"Host": "localhost.example.org"},
    {"Host": "127.0.0.1.example.org:80"},
    {"Host": "[::2]"},
    *({name: "for=203.0.113.1"} for name in FORWARDED),
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
)


@pytest.mark.parametrize(
    "headers", HEADERS_OF_OTHERS, ids=lambda headers: "-".join(next(iter(headers.items())))
)
def test_a_tunnel_a_proxy_or_another_site_gets_the_page_without(
    server: Server, claim: str, headers: dict[str, str]
) -> None:
    lines = {"Host": f"127.0.0.1:{server.port}", "Connection": "close", **BODY, **headers}
    request = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    reply = server.exchange(f"GET /claim/{claim} HTTP/1.1\r\n{request}\r\n".encode()).decode()
    status, text = reply.split()[1], words(reply.partition("\r\n\r\n")[2])
    assert status == "200"
    assert AFTER not in text
    assert BEFORE not in text
    assert EXCERPT in text


def test_a_link_of_another_site_leads_the_reader_to_the_passage(server: Server, claim: str) -> None:
    headers = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Host": f"localhost:{server.port}",
    }
    assert AFTER in words(server.request("GET", f"/claim/{claim}", {**BODY, **headers}).text)


def test_no_data_and_no_other_page_holds_the_text(server: Server, claim: str) -> None:
    addresses = [
        *(f"/claim/{claim}.{extension}" for extension in ("ttl", "trig", "jsonld", "nt", "nq", "rdf")),
        "/page/ann-example", "/articles/anyshire-1", "/search?q=director", "/timeline", "/", "/quality",
        f"/cite?iri=claim:{claim}", "/downloads/scrutiny-graph.trig",
    ]  # fmt: skip
    for address in addresses:
        reply = server.request("GET", address, BODY)
        assert reply.status == 200, address
        assert BEFORE not in reply.text, address
        assert AFTER not in reply.text, address
    found = server.request("GET", f"/search?q={AFTER.split()[0]}+{AFTER.split()[1]}", BODY)
    assert AFTER not in found.text


def test_without_texts_the_page_links_the_place_at_the_publisher(out: Path, claim: str) -> None:
    with Server(env={"KG_OUT": str(out)}) as server:
        reply = server.request("GET", f"/claim/{claim}", BODY)
    assert AFTER not in words(reply.text)
    assert "https://example.org/1#:~:text=its%20director%2C%20left%20in%20June" in reply.text
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("change", ["other", "missing", "binary"])
def test_another_text_is_said_to_be_another_and_not_shown(
    out: Path, claim: str, tmp_path: Path, change: str
) -> None:
    copy = tmp_path / TEXT_PATH.name
    if change == "other":
        copy.write_text("A new line.\n" + TEXT, encoding="utf-8")
    elif change == "binary":
        copy.write_bytes(b"\xff\xfe" + TEXT.encode())
    with Server(options=["--texts", str(tmp_path)], env={"KG_OUT": str(out)}) as server:
        reply = server.request("GET", f"/claim/{claim}", BODY)
    text = words(reply.text)
    assert reply.status == 200
    other = "your copy of this article is not the text that was read"
    expected = other if change == "other" else "holds no anyshire-1.txt"
    assert expected in text
    assert AFTER not in text
    assert EXCERPT in text


REFUSED = [
    (["--host", "0.0.0.0"], "--host (KG_HOST) 0.0.0.0"),
    (["--host", "::"], "--host (KG_HOST) ::"),
    (["--host", "192.0.2.1"], "192.0.2.1"),
    (["--base-url", "https://graph.example.org"], "--base-url (KG_BASE_URL) https://graph.example.org"),
    (["--base-url", "http://127.0.0.1@example.org"], "KG_BASE_URL"),
]


@pytest.mark.parametrize(
    ("options", "told"), REFUSED, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
@pytest.mark.parametrize("by_environment", [False, True], ids=["option", "environment"])
def test_any_other_host_is_refused_at_the_start(
    options: list[str], told: str, *, by_environment: bool
) -> None:
    environment = {"KG_TEXTS": str(TEXTS)} if by_environment else {}
    texts = [] if by_environment else ["--texts", str(TEXTS)]
    done = CliRunner().invoke(main, ["serve", "--port", "0", *texts, *options], env=environment)
    assert done.exit_code == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_settings_that_fit_and_that_do_not() -> None:
    for fine in (
        Settings(),
        Settings(host="0.0.0.0"),
        Settings(texts=TEXTS),
        Settings(texts=TEXTS, host="::1"),
        Settings(
            texts=TEXTS,
            host="localhost",
            base_url="http://localhost:8000",
            trusted_hosts="localhost,127.0.0.1",
        ),
    ):
        check(fine)
    with pytest.raises(KgError, match="KG_TRUSTED_HOSTS"):
        check(Settings(texts=TEXTS, trusted_hosts="localhost, .example.org"))
    with pytest.raises(KgError, match="no such folder") as caught:
        check(Settings(texts=TEXTS / "nothing"))
    assert caught.value.exit_code == 2


@given(st.text(max_size=30))
def test_no_odd_host_is_loopback(host: str) -> None:
    assert not is_loopback(host) or host.strip().lower().strip("[]").startswith(
        ("127.", "localhost", "::1", "0:", "0")
    )
    assert not is_loopback(f"{host}.example.org")
    assert not is_loopback(f"localhost:80@{host}.example.org")


def test_a_static_copy_has_no_text(out: Path, claim: str, tmp_path: Path) -> None:
    export_site(replace(Settings(out=out), texts=TEXTS), tmp_path / "site", jobs=1)
    pages = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert any(claim in path.as_posix() for path in pages)
    for path in pages:
        assert AFTER.encode() not in path.read_bytes(), path


def test_evidence_in_one_passage_is_joined_and_in_two_is_not() -> None:
    text = "First here. The cat sat on the mat. Then it left. Last here."

    def piece(exact: str, passage: str, passage_digest: str = "") -> Evidence:
        start, place = text.index(exact), text.index(passage)
        return Evidence(
            ID["article-x"], passage_digest or digest(passage), exact, "", "", start, start + len(exact), place,
            place + len(passage),
        )  # fmt: skip

    cat = "The cat sat on the mat."
    (one,) = passages_of([piece("mat", cat), piece("cat", cat)], text)
    assert one.before == "First here."
    assert one.after == "Then it left."
    assert [words for words, marked in one.pieces if marked] == ["cat", "mat"]
    assert "".join(words for words, _ in one.pieces) == cat
    first, last = passages_of([piece("Last here", "Last here."), piece("First", "First here.")], text)
    assert (first.before, first.after, last.before, last.after) == ("", cat, "Then it left.", "")
    (wrong,) = passages_of([piece("cat", cat, digest("else"))], text)
    assert (wrong.matches, wrong.pieces, wrong.before, wrong.after) == (False, (), "", "")
    assert passages_of([Evidence(ID["outcomes"], "0" * 64, fragment="row=3")], text) == ()


def test_the_real_texts_show_every_passage(built: Path, texts_dir: Path | None) -> None:
    with open_snapshot(built) as snapshot:
        query = with_prefixes("SELECT DISTINCT ?c { ?c a sg:Claim }")
        claims = read_claims(snapshot.store, [row[0] for row in snapshot.store.query(query)])  # type: ignore[union-attr,index]
    assert len(claims) > 300
    if texts_dir is None:
        return
    for claim in claims.values():
        name = claim.article.value.removeprefix(f"{ID}article-")
        if (texts_dir / f"{name}.txt").is_file():
            found = passages_of(claim.evidence, (texts_dir / f"{name}.txt").read_bytes().decode())
            assert found, claim.iri
            assert all(p.matches and any(marked for _, marked in p.pieces) for p in found), claim.iri


def test_a_folder_of_texts_is_read_not_followed(tmp_path: Path, out: Path, claim: str) -> None:
    shutil.copy(TEXT_PATH, tmp_path)
    (tmp_path / TEXT_PATH.name).rename(tmp_path / "anyshire-2.txt")
    (tmp_path / TEXT_PATH.name).mkdir()
    with Server(options=["--texts", str(tmp_path)], env={"KG_OUT": str(out)}) as server:
        reply = server.request("GET", f"/claim/{claim}", BODY)
    assert (reply.status, "holds no anyshire-1.txt" in words(reply.text)) == (200, True)

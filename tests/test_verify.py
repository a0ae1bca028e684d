"""Evidence: every excerpt and passage matches at its offsets; every sentence has a claim or a reason."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, Triple

from kg.claims import Claim, Evidence, claims_from_quads
from kg.cli import main
from kg.curation.coverage import coverage, marked
from kg.curation.excerpts import MAX_COVERED_SHARE
from kg.curation.texts import Sentence, digest, read_sentences, serialize_sentences
from kg.curation.verify import Article, Verification, verify
from kg.namespaces import ID, SG
from kg.read import parse_quads, read_claims
from kg.resources import data_dir
from tests.authoring import HEAD, HERE, NAME, SENTENCES, TEXT, TEXT_PATH, project

PATH = Path(f"{NAME}.trig")
GOLDEN = (HERE / "formatted.trig").read_text(encoding="utf-8")
CLAIMS = claims_from_quads(parse_quads(PATH, GOLDEN))
CLAIM = next(claim for claim in CLAIMS if len(claim.evidence) == 1 and "Inspectorate" in claim.label())
PIECE = CLAIM.evidence[0]
KNOWN = Article(digest(TEXT), len(TEXT), 179)


def check(claims: list[Claim], text: str | None = TEXT, known: Article = KNOWN) -> Verification:
    return verify(claims, {NAME: SENTENCES}, {} if text is None else {NAME: text}, {NAME: known})


def messages(piece: Evidence, text: str | None = TEXT) -> list[str]:
    claim = replace(CLAIM, evidence=(piece,))
    return [finding.message for finding in check([replace(claim, iri=claim.minted())], text).findings]


def test_evidence_that_matches_has_no_findings() -> None:
    found = check(CLAIMS)
    assert (found.findings, found.unchecked) == ((), ())
    assert [(one.article, one.checked, one.claims, one.evidence) for one in found.articles] == [
        (NAME, True, 4, 5)
    ]


def test_without_the_text_the_result_says_so() -> None:
    found = check(CLAIMS, None)
    assert (found.findings, found.unchecked) == ((), (NAME,))
    assert found.articles[0].covered == check(CLAIMS).articles[0].covered == 20


START, END = PIECE.start or 0, PIECE.end or 0
FROM, TO = PIECE.passage_start or 0, PIECE.passage_end or 0
EXACT = PIECE.exact or ""


@pytest.mark.parametrize("by", [-1, 1])
def test_offsets_that_are_off_by_one_are_told_with_the_right_ones(by: int) -> None:
    assert messages(replace(PIECE, start=START + by, end=END + by)) == [
        f"the offsets {START + by} to {END + by} of {EXACT!r} are wrong (off by 1): it stands at {START} to {END}"
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"exact": "there had been a failure"}, "the excerpt 'there had been a failure' is not in the text"),
        (
            {"exact": "There had been"},
            "the excerpt 'There had been' is not in the text; with other capitals it is",
        ),
        ({"exact": "poor"}, "the excerpt 'poor' is ambiguous: it stands in 3 places of the text"),
        (
            {"exact": "The Inspectorate said there had been a “failure of care”\n\nin three of the"},
            "the excerpt 'The Inspectorate said there had been a “failure of care”\\n\\nin three of the' is too lo",
        ),
        (
            {"start": 5, "end": 30},
            "the offsets 5 to 30 of 'there had been a “failure' are wrong: it stands at 362",
        ),
        (
            {"passage_end": TO - 1},
            f"the passage {FROM} to {TO - 1} is neither a sentence of data/sentences nor two",
        ),
        (
            {"passage_start": FROM + 1},
            f"the passage {FROM + 1} to {TO} is neither a sentence of data/sentences nor",
        ),
        (
            {"passage_start": 470, "passage_end": 541},
            f"the passage 470 to 541 does not hold the excerpt at {START}",
        ),
        (
            {"passage_start": 206},
            "the passage 206 to 468 is neither a sentence of data/sentences nor two adjacent",
        ),
        (
            {"passage_digest": "0" * 64},
            f"the passage {FROM} to {TO} has the digest {PIECE.passage_digest}, not 000",
        ),
        (
            {"start": None},
            "evidence needs an excerpt (oa:exact) and its offsets (oa:start, oa:end); run kg fmt",
        ),
        ({"passage_end": None}, "evidence needs the offsets of its passage (sg:passageStart, sg:passageEnd)"),
        ({"source": ID["article-other"]}, "its source is id:article-other: expected id:article-anyshire-1"),
    ],
)
def test_evidence_that_does_not_match_says_what_does(change: dict[str, object], message: str) -> None:
    found = messages(replace(PIECE, **change))[-1]  # type: ignore[arg-type]
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"end": END + 1}, "'there had been a “failure' has 25 characters, not 26"),
        (
            {"passage_digest": "0" * 64},
            f"the passage {FROM} to {TO} has the digest {PIECE.passage_digest}, not 000",
        ),
        (
            {"passage_end": TO - 1},
            f"the passage {FROM} to {TO - 1} is neither a sentence of data/sentences nor two",
        ),
        ({"exact": "x " * 13}, f"the excerpt {'x ' * 13!r} is too long: 13 words"),
        ({"start": FROM, "end": TO, "exact": "x" * (TO - FROM)}, "the excerpt 'xxx"),
    ],
)
def test_much_can_be_checked_without_the_text(change: dict[str, object], message: str) -> None:
    (found,) = messages(replace(PIECE, **change), None)  # type: ignore[arg-type]
    assert found.startswith(message)


def test_two_adjacent_sentences_are_a_passage() -> None:
    rows = [row for row in SENTENCES if row.start >= FROM][:2]
    passage = TEXT[rows[0].start : rows[1].end]
    piece = replace(PIECE, passage_end=rows[1].end, passage_digest=digest(passage))
    assert messages(piece) == messages(piece, None) == []


def test_an_id_that_does_not_fit_is_told() -> None:
    (finding,) = check([replace(CLAIM, voices=CLAIM.voices[:1])]).findings
    expected = replace(CLAIM, voices=CLAIM.voices[:1]).minted().value.rpartition("/")[2]
    assert finding.message == f"its IRI does not fit what it claims: expected claim:{expected}; run kg fmt"
    assert finding.claim == f"claim:{CLAIM.iri.value.rpartition('/')[2]}"


def test_words_repeated_outside_an_excerpt_must_be_in_the_text() -> None:
    assert messages(PIECE) == []
    readings = (replace(CLAIM.readings[0], expression="The Watchdog"),)
    worded = tuple(
        Triple(t.subject, t.predicate, Literal("failures of care")) if t.predicate == SG.wording else t
        for t in CLAIM.triples
    )
    for text, expected in (
        (
            TEXT,
            [
                "sg:expression 'The Watchdog' is not in the text",
                "sg:wording 'failures of care' is not in its passage",
            ],
        ),
        (None, []),
    ):
        claim = replace(CLAIM, readings=readings, triples=worded)
        assert [f.message for f in check([replace(claim, iri=claim.minted())], text).findings] == expected
    long = (replace(CLAIM.readings[0], expression="a " * 13 + "b"),)
    assert (
        check([replace(CLAIM, readings=long)], None)
        .findings[0]
        .message.endswith("is too long: 14 words, prefix and suffix included; at most 12")
    )


def test_a_claim_without_evidence_is_told() -> None:
    claim = replace(CLAIM, evidence=())
    assert [f.message for f in check([replace(claim, iri=claim.minted())]).findings] == [
        "a claim without evidence"
    ]


def test_excerpts_together_lay_open_at_most_the_share() -> None:
    pieces = []
    for row in SENTENCES:
        inside = TEXT[row.start : row.end].split(" ")[:-1]
        exact = " ".join(inside[:6])
        if exact and TEXT.count(exact) == 1:
            place = {"start": row.start, "end": row.start + len(exact), "passage_digest": row.sha256}
            pieces.append(replace(PIECE, exact=exact, passage_start=row.start, passage_end=row.end, **place))  # type: ignore[arg-type]
    claim = replace(CLAIM, evidence=tuple(pieces))
    claim = replace(claim, iri=claim.minted())
    for text in (TEXT, None):
        found = check([claim], text)
        (share,) = [one.share for one in found.articles]
        assert share is not None
        assert share > MAX_COVERED_SHARE
        assert [f.message for f in found.findings if f.claim is None] == [
            f"the excerpts lay open {found.articles[0].covered} of 179 words, {share:.1%}: at most 40%; shorten some"
        ]


def test_a_text_that_is_not_the_one_that_was_read_is_told() -> None:
    found = [finding.message for finding in check([], TEXT.replace("teh", "the") + " more").findings]
    assert len(found) == 4
    assert found[0].startswith("the text is not the one that was read: SHA-256 ")
    assert found[1:] == [
        f"the text has {len(TEXT) + 5} characters, expected {len(TEXT)}",
        "the text has 180 words, expected 179",
        "data/sentences: the text from 470 to 541 has another digest",
    ]


def test_an_article_without_sentences_is_told() -> None:
    found = verify(CLAIMS, {}, {}, {})
    assert [finding.message for finding in found.findings] == [
        f"there is no data/sentences/{NAME}.csv: run kg article sentences"
    ]


def test_rows_of_a_table_are_counted() -> None:
    row = Evidence(ID["ofsted-sif"], "0" * 64, fragment="row=846", row_key="ofsted-2755542/adoption")
    claim = replace(CLAIM, evidence=(row,), record=ID["x"], source=ID["ofsted-sif"])
    claim = replace(claim, iri=claim.minted())
    found = verify([claim], {}, {}, {})
    assert (found.findings, found.rows, found.articles) == ((), 1, ())
    unkeyed = replace(claim, evidence=(replace(row, row_key=None),))
    assert [f.message for f in verify([unkeyed], {}, {}, {}).findings] == [
        "evidence from a table needs sg:rowKey and sg:passageDigest"
    ]


# --- coverage


def curated(**statuses: str) -> list[Sentence]:
    """The sentences, with a status (and, but for `open` and `claims`, a reason) for those that begin so."""
    found = []
    for row in SENTENCES:
        status = next((s for begin, s in statuses.items() if TEXT[row.start :].startswith(begin)), "empty")
        found.append(
            replace(row, status=status, reason="" if status in ("open", "claims") else "Says nothing.")
        )
    return found


def test_coverage_tells_claims_from_reasons() -> None:
    (found,) = coverage(
        CLAIMS, {NAME: curated(**{"Published": "open", "Nobody": "claims", "A TEAM": "claims"})}
    )
    assert (found.total, len(found.with_claims), len(found.with_reason), len(found.open)) == (18, 6, 10, 2)
    assert [TEXT[row.start : row.end] for row in found.open] == ["Published", "Nobody could say why…"]
    assert len(found.both) == 5
    assert found.reasons() == {"empty": 10}


def test_marking_follows_the_claims() -> None:
    rows = curated(**{"Published": "claims", "A TEAM": "open", "Bob": "empty"})
    (found,) = coverage(CLAIMS, {NAME: rows})
    statuses = {TEXT[row.start :][:4]: row.status for row in marked(rows, found)}
    assert (statuses["Publ"], statuses["A TE"], statuses["Bob "]) == ("open", "claims", "empty")


# --- the command


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)), env={"KG_TEXTS": None, "KG_DATA": None})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project(tmp_path, GOLDEN)
    article = f"id:article-{NAME} a sg:Article ; sg:wordCount 179 ; sg:textDigest '{digest(TEXT)}' .\n"
    (tmp_path / "articles.ttl").write_text(HEAD + article, encoding="utf-8")
    return tmp_path


def test_the_command_says_what_was_checked(folder: Path) -> None:
    result = run("verify", "--data", folder, "--texts", TEXT_PATH.parent)
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "article\tclaims\tevidence\twords shown\ttext\n"
        f"{NAME}\t4\t5\t11.2%\tchecked\n"
        "all 5 pieces of evidence match the texts\n"
    )
    result = run("verify", "--data", folder)
    assert result.exit_code == 0
    assert result.stdout.endswith(
        "5 pieces of evidence agree with data/sentences; the texts were not checked (give --texts DIR)\n"
    )


def test_the_command_names_file_and_line(folder: Path) -> None:
    path = folder / "claims" / f"{NAME}.trig"
    path.write_text(GOLDEN.replace(f"oa:start {START}", f"oa:start {START + 1}"), encoding="utf-8")
    result = run("verify", "--data", folder, "--texts", TEXT_PATH.parent)
    iri = f"claim:{CLAIM.iri.value.rpartition('/')[2]}"
    line = GOLDEN[: GOLDEN.index(iri + " {")].count("\n") + 1
    assert result.exit_code == 1
    assert f"{path}:{line}: {iri}: the offsets {START + 1} to {END} of" in result.stderr
    assert "1 problem\n" in result.stderr
    assert run("verify", "--data", folder).exit_code == 1


def test_a_text_that_is_missing_is_exit_code_2(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run("verify", "--data", folder, "--texts", empty)
    assert result.exit_code == 2
    assert f"no text of {NAME}: not checked" in result.stderr
    assert run("verify", "--data", folder, "--texts", tmp_path / "none").exit_code == 2
    assert run("verify", "--data", tmp_path / "none").exit_code == 2


def test_coverage_is_told_without_the_texts(folder: Path) -> None:
    result = run("verify", "--data", folder, "--coverage")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1] == f"{NAME}\t18\t6\t0\t12\t"
    assert result.stderr.splitlines()[0] == f"{NAME} 0-86: no claim, no reason"
    sentences = folder / "sentences" / f"{NAME}.csv"
    sentences.write_text(
        serialize_sentences(curated(**{"A TEAM": "claims", "Nobody": "claims"})), encoding="utf-8"
    )
    result = run("verify", "--data", folder, "--coverage")
    assert result.exit_code == 1
    assert "its status is 'claims', but no claim rests on it" in result.stderr
    sentences.write_text(serialize_sentences(curated(**{"A TEAM": "claims"})), encoding="utf-8")
    result = run("verify", "--data", folder, "--coverage")
    assert result.exit_code == 0
    assert f"{NAME} 139-148 empty: Says nothing." in result.stdout
    assert f"{NAME} 312-338: has claims, and a reason for none: Says nothing." in result.stderr


def test_sentences_are_written_and_marked(tmp_path: Path) -> None:
    path = project(tmp_path, GOLDEN)
    sentences = tmp_path / "sentences" / f"{NAME}.csv"
    sentences.unlink()
    assert run("article", "sentences", "--data", tmp_path, "--check", TEXT_PATH).exit_code == 1
    assert not sentences.exists()
    made = run("article", "sentences", "--data", tmp_path, TEXT_PATH)
    assert made.output == f"{sentences}: 18 sentences, 18 open, written\n"
    assert run("article", "mark", "--data", tmp_path).output == f"{sentences}: 6 with claims, written\n"
    again = run("article", "sentences", "--data", tmp_path, "--check", TEXT_PATH)
    assert (again.exit_code, again.output) == (0, f"{sentences}: 18 sentences, 12 open, unchanged\n")
    moved = tmp_path / f"{NAME}.txt"
    moved.write_text("Before.\n" + TEXT, encoding="utf-8")
    told = run("article", "sentences", "--data", tmp_path, moved)
    assert "the 'claims' of 206 to 312 is lost" in told.stderr
    assert run("article", "mark", "--data", tmp_path, "nothing").exit_code == 2
    assert path.read_text(encoding="utf-8") == GOLDEN


# --- the real claims


def test_the_real_evidence_matches(texts_dir: Path | None) -> None:
    arguments = ["--texts", texts_dir] if texts_dir else []
    result = run("verify", *arguments)
    assert result.exit_code == 0, result.output
    assert ("match the texts" if texts_dir else "the texts were not checked") in result.stdout


def test_every_real_sentence_has_a_claim_or_a_reason() -> None:
    result = run("verify", "--coverage")
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_real_claims_have_the_ids_that_formatting_gives_them() -> None:
    for path, claims in read_claims(data_dir()).items():
        assert claims, path
        assert [claim.iri for claim in claims] == [claim.minted() for claim in claims]


def test_no_sentence_of_an_article_is_an_excerpt() -> None:
    for path, claims in read_claims(data_dir()).items():
        sentences = data_dir() / "sentences" / f"{path.stem}.csv"
        rows = read_sentences(sentences) if sentences.exists() else []
        places = [(piece.start or 0, piece.end or 0) for claim in claims for piece in claim.evidence]
        assert [row for row in rows for start, end in places if start <= row.start and row.end <= end] == []

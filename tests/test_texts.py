"""Sentences, words and excerpts: exact offsets into texts that nobody tidied."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.curation.excerpts import check_excerpt, check_length, covered_words
from kg.curation.texts import (
    Sentence,
    Span,
    digest,
    find_excerpt,
    read_sentences,
    read_text,
    sentences_of,
    serialize_sentences,
    split_sentences,
    words,
)
from kg.errors import ClaimError, SourceError, UnreadableError
from kg.resources import data_dir
from tests.authoring import SENTENCES, TEXT

SPANS = [row.span for row in SENTENCES]


def shown(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


def test_the_invented_article_is_split_as_a_reader_would() -> None:
    ends = [(" ".join(s.split()[:3]), s.split()[-1]) for s in shown(TEXT)]
    assert ends == [
        ("This article is", "exists"),
        ("Anyshire’s services ‘in", "says"),
        ("Published", "Published"),
        ("Image caption", "caption"),
        ("The town hall", "close"),
        ("A TEAM from", "June."),
        ("Bob Sample has", "over."),
        ("The Inspectorate said", "“poor”."),
        ("The council said:", "sorry."),
        ("“There is more", "do."),
        ("We will do", "Friday!”"),
        ("'More to do'", "do'"),
        ("Of the plans,", "good."),
        ("Nobody could say", "why…"),
        ("Cllr Cat Nobody,", "this?”"),
        ("She blamed cuts", "poor."),
        ("Free access to", "stories"),
        ("Sign in to", "more"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n-\n* \n", []),
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It rose by 37.5% to 12.8 points. Good.", ["It rose by 37.5% to 12.8 points.", "Good."]),
        ("Mr. Lee met Dr. Ray. They left.", ["Mr. Lee met Dr. Ray.", "They left."]),
        ("J. Smith won.", ["J. Smith won."]),
        ("They went (all of them). Then came more.", ["They went (all of them).", "Then came more."]),
        ("He said it is “good”. She agreed.", ["He said it is “good”.", "She agreed."]),
        ("He said “go.” and left.", ["He said “go.” and left."]),
        ("It was done”. Next.", ["It was done”.", "Next."]),
        ("It ended there.“Really?” he said.", ["It ended there.", "“Really?” he said."]),
        ("A heading\n\nA sentence.", ["A heading", "A sentence."]),
        ("It was called “a failure”\n\nby all.", ["It was called “a failure”\n\nby all."]),
        ("He left.\n\nand then came back.", ["He left.", "and then came back."]),
        ("They are:\none\ntwo", ["They are:", "one\ntwo"]),
        ("One\r\nTwo", ["One", "Two"]),
        ("a\u00a0b. \u00a0C\u00a0", ["a\u00a0b.", "C"]),
        ("Wait… What?", ["Wait…", "What?"]),
    ],
)
def test_quirks_of_texts(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@given(st.text("aB1 .!?…“”\"'’()-\n\u00a0\u2028é😀", max_size=60))
def test_every_word_is_in_one_sentence_and_sentences_are_trimmed(text: str) -> None:
    spans = split_sentences(text)
    assert all(span.of(text) == span.of(text).strip() != "" for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    holders = [
        sum(span.start <= word.start and word.end <= span.end for span in spans) for word in words(text)
    ]
    assert holders == [1] * len(holders)
    assert all(words(span.of(text)) for span in spans)


def test_offsets_count_code_points() -> None:
    text = "😀 é. Next."
    assert split_sentences(text) == [Span(0, 4), Span(5, 10)]


def test_a_text_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffa\r\nb\u00a0".encode())
    assert read_text(path) == "\ufeffa\r\nb\u00a0"
    path.write_bytes(b"a\n\xff")
    with pytest.raises(SourceError, match=r"a\.txt:2: not UTF-8"):
        read_text(path)
    with pytest.raises(UnreadableError) as caught:
        read_text(tmp_path / "none.txt")
    assert caught.value.exit_code == 2


def test_an_excerpt_is_found_where_it_stands_once() -> None:
    span = find_excerpt(TEXT, "failure of care")
    assert span.of(TEXT) == "failure of care"
    assert find_excerpt(TEXT, "poor", prefix="call it ").of(TEXT) == "poor"
    assert find_excerpt(TEXT, "poor", suffix="; 20").start == find_excerpt(TEXT, "were poor").start + 5


COPY = "it is: copy it exactly"
OTHER_MARKS = f"is not in the text; with other quotation marks, dashes or spaces {COPY}"


@pytest.mark.parametrize(
    ("exact", "message"),
    [
        ("no such words", "is not in the text"),
        ("", "is not in the text"),
        ("aa", "is not in the text"),
        ("'in disarray'", OTHER_MARKS),
        ("40 (57.1%)", OTHER_MARKS),
        ("a team from", f"is not in the text; with other capitals {COPY}"),
        (
            "care” in three",
            "is not in the text; with other white space it is (a line break?): copy it exactly",
        ),
        (
            "poor",
            (
                "is ambiguous: it stands in 3 places of the text; lengthen it, or add oa:prefix or oa:suffix "
                "(the words right before or after)"
            ),
        ),
    ],
)
def test_an_excerpt_that_cannot_be_found_says_why(exact: str, message: str) -> None:
    with pytest.raises(ClaimError) as caught:
        find_excerpt(TEXT, exact)
    assert caught.value.message == f"the excerpt {exact!r} {message}"


def test_places_that_overlap_are_two_places() -> None:
    with pytest.raises(ClaimError, match="2 places"):
        find_excerpt("banana", "ana")


WHOLE = "is a whole sentence, headline or caption: quote less of it"


@pytest.mark.parametrize(
    ("exact", "message"),
    [
        ("Bob Sample has taken over", WHOLE),
        ("More to do", WHOLE),
        ("The town hall of Anyshire is due to close", WHOLE),
        (
            "is more to do. We will do it by 3.30 p.m. on Friday",
            "is too long: 15 words, prefix and suffix included; at most 12",
        ),
        ("nspectorate said", "cuts the word 'Inspectorate'"),
        ("The Inspectorat", "cuts the word 'Inspectorate'"),
        ("(57.1%) were ", "has white space at an end"),
        ("…", "holds no word"),
    ],
)
def test_an_excerpt_is_short_and_never_a_whole_sentence(exact: str, message: str) -> None:
    with pytest.raises(ClaimError) as caught:
        check_excerpt(TEXT, SPANS, find_excerpt(TEXT, exact))
    assert caught.value.message == f"the excerpt {exact!r} {message}"


def test_prefix_and_suffix_count_as_words_and_as_the_sentence() -> None:
    span = find_excerpt(TEXT, "Sample has taken over")
    check_excerpt(TEXT, SPANS, span)
    with pytest.raises(ClaimError, match="whole sentence"):
        check_excerpt(TEXT, SPANS, span, Span(span.start - 4, span.end))
    with pytest.raises(ClaimError, match="13 words"):
        check_length("one two three four five six", "a b c d ", " e f g")


def test_words_laid_open_count_once() -> None:
    one = covered_words("failure of care", 10)
    assert one | covered_words("of care", 18) == one
    assert covered_words("care", 21, prefix="of ") < one


def test_sentences_survive_a_round_trip(tmp_path: Path) -> None:
    rows = [
        *SENTENCES[:-1],
        Sentence(*SENTENCES[-1].span, SENTENCES[-1].sha256, "furniture", 'a link, "more"'),
    ]
    path = tmp_path / "a.csv"
    path.write_text(serialize_sentences(rows), encoding="utf-8")
    assert read_sentences(path) == rows


def test_a_curated_status_stays_where_the_sentence_is_the_same() -> None:
    rows = [Sentence(row.start, row.end, row.sha256, "empty", "says nothing") for row in SENTENCES]
    assert sentences_of(TEXT, rows) == rows
    moved = sentences_of("New. " + TEXT, rows)
    assert {row.status for row in moved} == {"open"}


DIGEST = digest("x")


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ("start,end\n", 1, "expected the columns start,end,sha256,status,reason"),
        ("0,4\n", 2, "expected start,end,sha256,status,reason, found 0,4"),
        (f"zero,4,{DIGEST},open,\n", 2, f"expected start,end,sha256,status,reason, found zero,4,{DIGEST},open,"),
        (f"4,4,{DIGEST},open,\n", 2, "the span 4 to 4 is empty, or begins before 0, where the row before ends"),
        (
            f"0,4,{DIGEST},open,\n3,6,{DIGEST},open,\n",
            3,
            "the span 3 to 6 is empty, or begins before 4, where the row before ends",
        ),
        ("0,4,abc,open,\n", 2, "'abc' is not a SHA-256 in 64 lower-case hexadecimal digits"),
        (
            f"0,4,{DIGEST},done,\n",
            2,
            "the status 'done' is not one of open, claims, furniture, heading, caption, empty",
        ),
        (f"0,4,{DIGEST},heading, \n", 2, "the status 'heading' needs a reason in our own words"),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_names_its_line(tmp_path: Path, rows: str, line: int, message: str) -> None:
    path = tmp_path / "a.csv"
    head = "" if line == 1 else "start,end,sha256,status,reason\n"
    path.write_text(head + rows, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_sentences(path)
    assert caught.value.message == f"{path}:{line}: {message}"


FILES = sorted((data_dir() / "sentences").glob("*.csv"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_sentences_of_an_article_are_those_of_its_text(path: Path, texts_dir: Path | None) -> None:
    rows = read_sentences(path)
    assert rows
    assert set(path.read_text(encoding="utf-8")) <= set(map(chr, range(32, 127))) | {"\n", "’", "“", "”", "–"}
    if texts_dir is None:
        return
    text = read_text(texts_dir / f"{path.stem}.txt")
    assert [(row.start, row.end, row.sha256) for row in rows] == [
        (span.start, span.end, digest(span.of(text))) for span in split_sentences(text)
    ]

"""`kg article`: the sentences of a text, by offset and digest, and which of them have claims."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from tests.authoring import NAME, TEXT
from tests.small import TEXTS, small_project


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the small project, its claim completed and its sentences as a curator finds them."""
    claims = small_project(tmp_path / "data")
    assert kg("fmt", "--texts", TEXTS, claims).exit_code == 0
    return tmp_path / "data"


def kg(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def statuses(data: Path) -> list[str]:
    with open(data / "sentences" / f"{NAME}.csv", encoding="utf-8") as file:
        return [row["status"] for row in csv.DictReader(file)]


def test_sentences_are_written_once_and_hold_no_words(data: Path) -> None:
    path = data / "sentences" / f"{NAME}.csv"
    path.unlink()
    written = kg("article", "sentences", "--data", data, TEXTS / f"{NAME}.txt")
    assert (written.exit_code, written.stderr) == (0, "")
    assert written.stdout.endswith(f"{len(statuses(data))} open, written\n")
    assert not any(word in path.read_text(encoding="utf-8") for word in TEXT.split() if len(word) > 5)
    again = kg("article", "sentences", "--data", data, "--check", TEXTS / f"{NAME}.txt")
    assert (again.exit_code, again.stdout.endswith("unchanged\n")) == (0, True)


def test_a_check_of_another_text_writes_nothing_and_is_one(data: Path, tmp_path: Path) -> None:
    before = (data / "sentences" / f"{NAME}.csv").read_bytes()
    other = tmp_path / f"{NAME}.txt"
    other.write_text("Another text. It has two sentences.", encoding="utf-8")
    checked = kg("article", "sentences", "--data", data, "--check", other)
    assert (checked.exit_code, "2 sentences, 2 open, would change" in checked.stdout) == (1, True)
    assert (data / "sentences" / f"{NAME}.csv").read_bytes() == before


def test_a_status_set_by_hand_stays_and_is_told_when_its_sentence_goes(data: Path, tmp_path: Path) -> None:
    path = data / "sentences" / f"{NAME}.csv"
    lines = path.read_text(encoding="utf-8")
    path.write_text(lines.replace(",open,", ",furniture,a line of the site", 1), encoding="utf-8")
    assert "furniture" in statuses(data)
    kept = kg("article", "sentences", "--data", data, TEXTS / f"{NAME}.txt")
    assert kept.stderr == ""
    assert "furniture" in statuses(data)
    other = tmp_path / f"{NAME}.txt"
    other.write_text("Another text.", encoding="utf-8")
    assert "the 'furniture' of " in kg("article", "sentences", "--data", data, other).stderr


def test_sentences_with_claims_are_marked(data: Path) -> None:
    assert "claims" not in statuses(data)
    marked = kg("article", "mark", "--data", data, NAME)
    assert (marked.exit_code, marked.stdout.endswith("1 with claims, written\n")) == (0, True)
    assert statuses(data).count("claims") == 1
    assert kg("article", "mark", "--data", data).stdout.endswith("unchanged\n")


def test_an_article_that_is_not_there_is_named(data: Path) -> None:
    result = kg("article", "mark", "--data", data, "nowhere-1")
    assert result.exit_code == 2
    assert "nowhere-1.csv: run kg article sentences" in result.stderr

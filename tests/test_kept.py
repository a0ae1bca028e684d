"""Versions that are kept, that were here, and that never were: three answers."""

from pathlib import Path

import pytest

from kg.errors import NotFound, ParameterError, VersionGone
from kg.kept import find_version, kept_snapshots, past_versions
from kg.snapshot import build_lock, write_snapshot

A, B, C = "a" * 64, "b" * 32 + "0" * 32, "b" * 32 + "1" * 32


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder where A, B and C were built in turn and the newest two are kept."""
    for version in (A, B, C):
        with build_lock(tmp_path):
            write_snapshot(tmp_path, version, [], [], {}, keep=2)
    return tmp_path


def test_a_version_is_found_by_its_hash_or_the_beginning_of_it(out: Path) -> None:
    assert find_version(out, C).path == out / "snapshots" / C
    assert find_version(out, B[:40]).version == B
    assert len(find_version(out, C).day) == len("2026-11-22")
    assert [path.name for path in kept_snapshots(out)] == [C, B]


def test_gone_is_another_answer_than_never_built(out: Path) -> None:
    with pytest.raises(VersionGone, match=r"Version aaaaaaaaaaaa .* was built here and is no longer kept"):
        find_version(out, A[:12])
    with pytest.raises(
        NotFound, match="No version cccccccccccc of the data set was ever built here"
    ) as caught:
        find_version(out, "c" * 12)
    assert not isinstance(caught.value, VersionGone)
    assert [version for version, _ in past_versions(out)] == [A, B, C]


@pytest.mark.parametrize("text", ["", "b", "b" * 7, "B" * 12, "../" * 4, "b" * 65, f"{B}-2", "bbbbbbbb\n"])
def test_what_is_no_hash_is_told(out: Path, text: str) -> None:
    with pytest.raises(ParameterError, match="is no version of the data set; expected at least 8 digits"):
        find_version(out, text)


def test_the_beginning_of_two_versions_names_both(out: Path) -> None:
    with pytest.raises(ParameterError, match="begins several versions") as caught:
        find_version(out, "b" * 12)
    assert [version for version, _ in caught.value.near] == [B, C]


def test_a_folder_without_a_list_of_versions_knows_what_it_keeps(out: Path) -> None:
    (out / "versions").unlink()
    assert find_version(out, B).version == B
    with pytest.raises(NotFound):
        find_version(out, A)

"""Snapshots: written once, switched by one rename, readable at every moment, cleaned up afterwards."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import SnapshotError
from kg.snapshot import (
    build_lock,
    current_path,
    is_current,
    open_snapshot,
    prune,
    read_manifest,
    write_snapshot,
)

MADE = {"scrutiny-graph": "test"}


def line(name: str) -> bytes:
    return f"<urn:{name}> <urn:p> <urn:o>".encode()


def write(out: Path, version: str) -> Path:
    def exports(folder: Path) -> None:
        (folder / "graph.nq").write_bytes(line(version) + b" <urn:g> .\n")

    with build_lock(out):
        return write_snapshot(
            out,
            version,
            [line(version) + b" <urn:g> .\n"],
            [line(version) + b" .\n"],
            {"counts": {"quads": 1}, "madeWith": MADE},
            exports,
        )


def subjects(store: ox.Store) -> list[str]:
    return [q.subject.value for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())]


def snapshots(out: Path) -> list[str]:
    return sorted(p.name for p in (out / "snapshots").iterdir())


def test_a_snapshot_has_store_exports_and_manifest(tmp_path: Path) -> None:
    path = write(tmp_path, "v1")
    with open_snapshot(tmp_path) as snapshot:
        assert snapshot.path == path == tmp_path / "snapshots" / "v1"
        assert snapshot.version == "v1"
        assert subjects(snapshot.store) == ["urn:v1"]
        assert len(snapshot.store) == 2
        assert (snapshot.exports / "graph.nq").is_file()
        (file,) = snapshot.manifest["files"]
        assert file["path"] == "exports/graph.nq"
        assert file["bytes"] == len(line("v1") + b" <urn:g> .\n")
        assert len(file["sha256"]) == 64
        with pytest.raises(RuntimeError):
            snapshot.store.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.NamedNode("urn:c")))


def test_nothing_built_is_said_with_what_to_do(tmp_path: Path) -> None:
    assert current_path(tmp_path) is None
    with pytest.raises(SnapshotError, match="run kg build") as caught:
        open_snapshot(tmp_path)
    assert caught.value.exit_code == 2


def test_the_next_version_is_switched_to_and_an_open_reader_keeps_its_own(tmp_path: Path) -> None:
    write(tmp_path, "v1")
    with open_snapshot(tmp_path) as old:
        write(tmp_path, "v2")
        with open_snapshot(tmp_path) as new:
            assert subjects(new.store) == ["urn:v2"]
        assert subjects(old.store) == ["urn:v1"]
        assert (tmp_path / "current").readlink() == Path("snapshots/v2")


def test_five_are_kept_and_what_is_read_stays(tmp_path: Path) -> None:
    write(tmp_path, "v1")
    reader = open_snapshot(tmp_path)
    for n in range(2, 8):
        write(tmp_path, f"v{n}")
    assert snapshots(tmp_path) == ["v1", "v3", "v4", "v5", "v6", "v7"]
    assert subjects(reader.store) == ["urn:v1"]
    reader.close()
    prune(tmp_path)
    assert snapshots(tmp_path) == ["v3", "v4", "v5", "v6", "v7"]
    prune(tmp_path, keep=2)
    assert snapshots(tmp_path) == ["v6", "v7"]


def test_a_version_that_was_written_twice_is_kept_once(tmp_path: Path) -> None:
    for version in ("v1", "v2", "v2", "v2"):
        write(tmp_path, version)
    assert [name.partition("-")[0] for name in snapshots(tmp_path)] == ["v1", "v2"]


def test_the_current_one_is_never_removed(tmp_path: Path) -> None:
    write(tmp_path, "v1")
    write(tmp_path, "v2")
    (tmp_path / "current.new").symlink_to("snapshots/v1")
    os.replace(tmp_path / "current.new", tmp_path / "current")  # back to the older one
    assert [p.name for p in prune(tmp_path, keep=1)] == ["v2"]
    with open_snapshot(tmp_path) as snapshot:
        assert snapshot.version == "v1"


def test_a_version_written_again_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "v1")
    with open_snapshot(tmp_path) as reader:
        again = write(tmp_path, "v1")
        assert again.name == "v1-2"
        assert subjects(reader.store) == ["urn:v1"]
    with open_snapshot(tmp_path) as snapshot:
        assert (snapshot.version, snapshot.path.name) == ("v1", "v1-2")


def test_is_current_knows_version_maker_and_wholeness(tmp_path: Path) -> None:
    assert not is_current(tmp_path, "v1", MADE)
    path = write(tmp_path, "v1")
    assert is_current(tmp_path, "v1", MADE)
    assert not is_current(tmp_path, "v2", MADE)
    assert not is_current(tmp_path, "v1", {"scrutiny-graph": "next"})
    (path / "exports" / "graph.nq").unlink()
    assert not is_current(tmp_path, "v1", MADE)


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    with (
        build_lock(tmp_path),
        pytest.raises(SnapshotError, match="another build is running"),
        build_lock(tmp_path),
    ):
        pass
    with build_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SnapshotError, match="cannot be written"), build_lock(tmp_path / "file"):
        pass


@pytest.mark.parametrize("content", ["", "{", '{"format": 0, "version": "v1"}'])
def test_a_torn_or_foreign_manifest_is_no_traceback(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, "v1")
    (path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(SnapshotError, match="run kg build"):
        open_snapshot(tmp_path)
    with pytest.raises(SnapshotError):
        read_manifest(path)
    write(tmp_path, "v2")
    with open_snapshot(tmp_path) as snapshot:
        assert snapshot.version == "v2"


def test_a_failing_export_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "v1")

    def fail(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(SnapshotError, match="No space left"), build_lock(tmp_path):
        write_snapshot(tmp_path, "v2", [], [], {}, fail)
    assert snapshots(tmp_path) == ["v1"]
    with open_snapshot(tmp_path) as snapshot:
        assert snapshot.version == "v1"


KILLED = """
import os, sys, time
from pathlib import Path
import kg.snapshot as s
out, point = Path(sys.argv[1]), sys.argv[2]
def die(*_):
    print("here", flush=True)
    time.sleep(60)
if point == "store":
    s._write_store = die
elif point == "exports":
    pass
elif point == "manifest":
    s.digests = die
elif point == "flush":
    s.flush = die
elif point == "rename":
    os.rename = die
elif point == "link":
    s._switch = die
elif point == "replace":
    os.replace = die
elif point == "prune":
    s.prune = die
with s.build_lock(out):
    s.write_snapshot(out, "v2", [b"<urn:v2> <urn:p> <urn:o> <urn:g> .\\n"], [b"<urn:v2> <urn:p> <urn:o> .\\n"],
        {"madeWith": {}}, die if point == "exports" else None)
"""


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("store", "v1"),
        ("exports", "v1"),
        ("manifest", "v1"),
        ("flush", "v1"),
        ("rename", "v1"),
        ("link", "v1"),
        ("replace", "v1"),
        ("prune", "v2"),
    ],
)
def test_a_build_killed_at_any_point_leaves_a_whole_current_snapshot(
    tmp_path: Path, point: str, expected: str
) -> None:
    write(tmp_path, "v1")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), point], stdout=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"here\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    with open_snapshot(tmp_path) as snapshot:
        assert subjects(snapshot.store) == [f"urn:{expected}"]
    write(tmp_path, "v3")  # the lock is free, the next build cleans up
    with open_snapshot(tmp_path) as snapshot:
        assert snapshot.version == "v3"
    assert not [name for name in snapshots(tmp_path) if name.startswith(".")]
    assert not (tmp_path / "current.new").is_symlink()


READER = """
import sys
from pathlib import Path
from kg.snapshot import open_snapshot
seen = 0
while not Path(sys.argv[1], "stop").exists():
    with open_snapshot(Path(sys.argv[1])) as snapshot:
        (row,) = snapshot.store.query("SELECT ?s { ?s <urn:p> ?o }")
        assert row["s"].value == "urn:" + snapshot.version, (row, snapshot.version)
        seen += 1
print(seen)
"""


def test_readers_never_meet_a_gap_while_versions_change(tmp_path: Path) -> None:
    write(tmp_path, "v0")
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path)], stdout=subprocess.PIPE, env=environment()
        )
        for _ in range(2)
    ]
    try:
        for n in range(1, 13):
            write(tmp_path, f"v{n}")
            time.sleep(0.03)
        (tmp_path / "stop").touch()
        for reader in readers:
            output, _ = reader.communicate(timeout=60)
            assert reader.returncode == 0
            assert int(output) > 0
    finally:
        for reader in readers:
            with contextlib.suppress(ProcessLookupError):
                reader.kill()
            reader.wait()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

"""`python -m tests.crash`: `kill -9` at random moments of building, switching and serving; nothing may be lost.

    python -m tests.crash                  100 kills, some minutes
    python -m tests.crash --kills 5        a few (the test suite does three)

Each kill is followed by these checks: the current snapshot is whole and is one of those that were published; a server
on it (the one that runs, or a new one in place of a killed one, as systemd does) answers rightly; and the next
build succeeds, is served, and leaves nothing of the killed one behind. Invented data, one claim; loopback only.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.snapshot import open_snapshot, read_manifest
from tests.benchmarks.processes import command, tree
from tests.conformance.server import Server
from tests.processes import PATIENCE
from tests.small import TEXTS, small_project

CODE = "from kg.cli import main; main()"
ASK = (
    "SELECT ?label { <https://w3id.org/scrutiny-graph/id/ann-example>"
    " <http://www.w3.org/2000/01/rdf-schema#label> ?label }"
)


class Lost(AssertionError):
    """Something was lost, or is not served."""


def environment() -> dict[str, str]:
    """Return that of the processes that are started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


class Crashes:
    """A folder of data, a build of it, a server on that, and what is done to them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.data, self.out = folder / "data", folder / "out"
        self.random = random.Random(seed)
        self.kinds: Counter[str] = Counter()
        self.names: set[str] = set()
        self._number = 0
        claims = small_project(self.data)
        self._run("fmt", "--texts", str(TEXTS), str(claims))
        started = time.monotonic()
        self.build()
        self.seconds = time.monotonic() - started
        self._server = self._start_server()

    def close(self) -> None:
        """End the server."""
        with contextlib.suppress(OSError):
            self._server.__exit__()

    # --- building

    def change(self) -> None:
        """Give a person another name: the next build makes another version."""
        path = self.data / "register.ttl"
        old, self._number = f"Ann Example {self._number}" if self._number else "Ann Example", self._number + 1
        text = path.read_text("utf-8")
        new = f"Ann Example {self._number}"
        path.write_text(text.replace(f'"{old}"@en', f'"{new}"@en', 1), "utf-8")
        self.names.add(new)

    def build(self) -> None:
        """Change the data and build it to the end: what is served then is that."""
        self.change()
        self._run(*self._build_arguments())
        if (shown := self._current_name()) != f"Ann Example {self._number}":
            raise Lost(f"a build that succeeded published {shown!r}")
        left = [p.name for p in (self.out / "snapshots").iterdir() if p.name.startswith(".")]
        if left or (self.out / "current.new").is_symlink():
            raise Lost(f"left behind: {left}")

    def _build_arguments(self) -> list[str]:
        return ["build", "--force", "--data", str(self.data), "--out", str(self.out)]

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", CODE, *arguments],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Lost(f"kg {arguments[0]} fails: {done.stderr[-2000:]}")

    def _start_build(self) -> subprocess.Popen[bytes]:
        self.change()
        return subprocess.Popen(
            [sys.executable, "-c", CODE, *self._build_arguments()],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill_build(self) -> None:
        """Kill a build at any moment."""
        process = self._start_build()
        time.sleep(self.random.uniform(0, self.seconds * 1.05))
        self._kill_group(process)

    def kill_switch(self) -> None:
        """Kill a build at about the moment at which it writes its snapshot, gives it its name, or moves the link."""
        process = self._start_build()
        snapshots = self.out / "snapshots"
        before = {path.name for path in snapshots.iterdir()}
        wait_for = self.random.choice(("folder", "manifest", "name"))
        until = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < until:
            new = {path.name for path in snapshots.iterdir()} - before
            hidden = [name for name in new if name.startswith(".new-")]
            if (
                (wait_for == "folder" and hidden)
                or (
                    wait_for == "manifest"
                    and any((snapshots / name / "manifest.json").exists() for name in hidden)
                )
                or (wait_for == "name" and len(new) > len(hidden))
            ):
                break
        time.sleep(self.random.choice((0, 0.0005, 0.002, 0.01, 0.05, 0.3)) * self.random.random())
        self._kill_group(process)

    @staticmethod
    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    # --- serving

    def _start_server(self) -> Server:
        return Server([], env={**environment(), "KG_OUT": str(self.out), "KG_PROCESSES": "2"}).__enter__()

    def kill_serving(self) -> None:
        """Kill any process of the server: the one that was started, one that answers, the nursery, a worker."""
        victim = self.random.choice(tree(self._server.pid))
        words = command(victim)
        with contextlib.suppress(OSError):
            os.kill(victim, signal.SIGKILL)
        if victim == self._server.pid:
            below = f"{self._server.port}"
            self._server.__exit__()
            self._wait_until_gone(below)
            self._server = self._start_server()
        self.kinds["of that: " + ("the server" if "serve" in words else "a worker or the nursery")] += 1

    def _wait_until_gone(self, port: str) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            left = [
                path.parent.name
                for path in Path("/proc").glob("[0-9]*/cmdline")
                if f" {port} " in command(int(path.parent.name)) + " "
            ]
            if not left:
                return
            time.sleep(0.05)
        raise Lost(f"processes of a killed server are still there: {left}")

    # --- checks

    def check(self) -> None:
        """What is published is whole, and what is published is served."""
        name = self._current_name()
        until = time.monotonic() + PATIENCE
        problem = ""
        while time.monotonic() < until:
            try:
                reply = self._server.query(ASK, accept="text/csv", timeout=PATIENCE)
                if reply.status == 200 and reply.text.split("\r\n")[1] == name:
                    return
                problem = f"{reply.status}: {reply.text[:200]!r}"
            except (OSError, http.client.HTTPException) as error:
                problem = repr(error)
                if not Path(f"/proc/{self._server.pid}").exists():
                    break
            time.sleep(0.02)
        raise Lost(f"not served: {problem}; published is {name!r}; {self._server.output[-1000:]}")

    def _current_name(self) -> str:
        with open_snapshot(self.out) as snapshot:
            manifest = read_manifest(snapshot.path)
            for entry in manifest["files"]:
                if not (snapshot.path / entry["path"]).is_file():
                    raise Lost(f"{entry['path']} is missing")
            found = snapshot.store.query(ASK)
            assert isinstance(found, ox.QuerySolutions)
            (row,) = found
            name = str(row["label"].value)
        if name not in self.names:
            raise Lost(f"published is {name!r}, which is none of what was built")
        return name


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, check, tell; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash", description="Kill at random moments, and check."
    )
    parser.add_argument("--kills", type=int, default=100, help="[default: 100]")
    parser.add_argument("--seed", type=int, default=None, help="of the random moments  [default: the clock]")
    options = parser.parse_args(arguments)
    seed = int(time.time()) if options.seed is None else options.seed
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        crashes = Crashes(Path(folder), seed)
        try:
            for number in range(options.kills):
                kind = ("build", "switch", "serving")[number % 3]
                getattr(crashes, f"kill_{kind}")()
                crashes.kinds[kind] += 1
                crashes.check()
                if kind != "serving" or number == options.kills - 1:
                    crashes.build()
                    crashes.check()
        except Lost as error:
            print(f"LOST after {sum(crashes.kinds.values())} kills (--seed {seed}): {error}")
            return 1
        finally:
            crashes.close()
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(crashes.kinds.items()))
    print(
        f"{options.kills} kills in {time.monotonic() - started:.0f} s ({kinds}; --seed {seed}): nothing lost"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

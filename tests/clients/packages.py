"""The node packages of the clients, installed as `tests/clients/package-lock.json` says.

    python -m tests.clients.packages        exit code 0: they are there; 1: they could not be installed; 3: no node

`run.py test` calls this. Nothing is installed twice: a stamp beside the packages holds the lock file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import hatch_build

FOLDER = Path(__file__).resolve().parent
LOCK = FOLDER / "package-lock.json"
STAMP = FOLDER / "node_modules" / ".stamp"
OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")


def are_there() -> bool:
    """Whether the packages of the lock file, as it is, have been installed."""
    return STAMP.is_file() and STAMP.read_bytes() == LOCK.read_bytes()


def node() -> str:
    """Return the path of node. Raises `hatch_build.NoNode` if there is none that is new enough."""
    return (hatch_build.node_on_path() or hatch_build.node_of_wheel())[0]


def install() -> None:
    """Install the packages. Raises `NoNode`, `OSError` or `subprocess.SubprocessError` where that is not possible."""
    program, npm = hatch_build.node_on_path() or hatch_build.node_of_wheel()
    path = os.pathsep.join([str(Path(program).parent), os.environ.get("PATH", os.defpath)])
    subprocess.run(
        [*npm, "ci", *OPTIONS],
        cwd=FOLDER,
        env={**os.environ, "PATH": path, **hatch_build.NPM},
        check=True,
        timeout=600,
        stdout=subprocess.DEVNULL,
    )
    shutil.copyfile(LOCK, STAMP)


def main() -> int:
    """Install what is not there; the exit code."""
    if are_there():
        return 0
    try:
        install()
    except hatch_build.NoNode as error:
        sys.stderr.write(f"{error}\n")
        return 3
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"the packages of tests/clients were not installed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

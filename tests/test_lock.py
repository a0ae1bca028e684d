"""The lock files pin everything with hashes, name no address, and hold what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ["requirements.lock", "requirements-test.lock", "requirements-build.lock"]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def parse_lock(text: str) -> dict[str, tuple[Requirement, int]]:
    """Canonical name -> requirement and number of hashes; ValueError where a line pins nothing."""
    pins: dict[str, tuple[Requirement, int]] = {}
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    for line in filter(None, map(str.strip, joined.splitlines())):
        spec, *hashes = re.split(r"\s+(?=--hash=)", line)
        if not hashes or not all(HASH.fullmatch(h.strip()) for h in hashes):
            raise ValueError(f"no hash, or something else than a hash: {line}")
        requirement = Requirement(spec)
        if [s.operator for s in requirement.specifier] != ["=="]:
            raise ValueError(f"not pinned: {spec}")
        pins[canonicalize_name(requirement.name)] = (requirement, len(hashes))
    return pins


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_with_hashes(root: Path, name: str) -> None:
    assert parse_lock((root / name).read_text())


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_stands_in_a_lock(root: Path, name: str) -> None:
    text = (root / name).read_text()
    assert not re.findall(
        r"\w+://|--(?:extra-)?index-url|--find-links|--trusted-host|\w+\.(?:org|com|io|net)\b", text
    )


@pytest.mark.parametrize(
    "text",
    [
        "flask==3.1.3\n",
        "flask>=3 --hash=sha256:" + "0" * 64,
        "flask==3.1.3 --hash=md5:00",
        "flask @ file:///x --hash=sha256:" + "0" * 64,
    ],
)
def test_a_lock_that_pins_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no hash|not pinned"):
        parse_lock(text)


def test_what_pyproject_asks_for_is_locked(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    runtime = project["project"]["dependencies"]
    asked = {
        "requirements.lock": runtime,
        "requirements-test.lock": runtime + project["project"]["optional-dependencies"]["test"],
        "requirements-build.lock": project["dependency-groups"]["build"]
        + project["build-system"]["requires"],
    }
    for name, requirements in asked.items():
        pins = parse_lock((root / name).read_text())
        for requirement in map(Requirement, requirements):
            pin, _ = pins[canonicalize_name(requirement.name)]
            (version,) = (s.version for s in pin.specifier)
            assert requirement.specifier.contains(version), f"{name}: {pin} does not satisfy {requirement}"


def test_the_locks_agree(root: Path) -> None:
    test = parse_lock((root / "requirements-test.lock").read_text())
    for name in LOCKS:
        for project, (pin, _) in parse_lock((root / name).read_text()).items():
            assert test[project][0].specifier == pin.specifier, (
                f"{name} and requirements-test.lock differ: {project}"
            )

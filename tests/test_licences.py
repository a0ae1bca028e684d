"""No distribution that is needed at run time is under GPL or AGPL (LGPL is fine); test tools may be."""

import re
from importlib import metadata
from pathlib import Path

import pytest

from tests.test_lock import parse_lock

LICENCE_CLASSIFIER = "License :: "
COPYLEFT = re.compile(
    r"\bA?GPL|\bGNU (?:Affero )?General Public|\bAffero\b|\bA?GPLv?\d", re.IGNORECASE
)  # LGPL has no word boundary before GPL; "GNU Lesser General Public" no "GNU General"


def licence_of(name: str) -> str:
    """What the metadata of a distribution say: the expression, else the classifiers, else the free text."""
    meta = metadata.metadata(name)
    if expression := meta.get("License-Expression"):
        return expression
    classifiers = [c for c in meta.get_all("Classifier") or [] if c.startswith(LICENCE_CLASSIFIER)]
    said = [c.rsplit(" :: ", 1)[-1] for c in classifiers if c != "License :: OSI Approved"]
    free = (meta.get("License") or "").strip()
    return " AND ".join(said) or (free.splitlines()[0] if free else "")


def is_refused(licence: str) -> bool:
    """Whether a licence is GPL or AGPL and leaves no other choice ("MIT OR GPL-2.0" leaves one).

    >>> is_refused("GPL-3.0-or-later"), is_refused("LGPL-3.0-only"), is_refused("MIT OR GPL-2.0-only")
    (True, False, False)
    """
    return all(COPYLEFT.search(choice) for choice in re.split(r"\bOR\b", licence))


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("MIT", False),
        ("BSD-3-Clause", False),
        ("LGPL-3.0-or-later", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GNU Library or Lesser General Public License (LGPL)", False),
        ("MIT OR GPL-2.0-only", False),
        ("MIT AND GPL-2.0-only", True),
        ("GPL-3.0-only", True),
        ("GPLv3", True),
        ("AGPL-3.0", True),
        ("GNU General Public License v3 or later (GPLv3+)", True),
        ("GNU Affero General Public License v3", True),
    ],
)
def test_gpl_is_told_from_its_neighbours(licence: str, refused: bool) -> None:
    assert is_refused(licence) is refused


def test_runtime_distributions_have_acceptable_licences(root: Path) -> None:
    unknown, bad = [], []
    for name, (requirement, _) in parse_lock((root / "requirements.lock").read_text()).items():
        if requirement.marker and not requirement.marker.evaluate():
            continue
        licence = licence_of(name)  # PackageNotFoundError: the environment is not the lock's
        if not licence:
            unknown.append(name)
        elif is_refused(licence):
            bad.append(f"{name}: {licence}")
    assert (unknown, bad) == ([], [])

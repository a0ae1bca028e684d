"""Bad input from end to end: `kg build` and `kg verify` name file and line, exit as promised, and publish nothing.

On a project of one claim about an invented article, so that a whole build takes a second or two.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from tests.authoring import NAME, TEXT
from tests.small import TEXTS, small_project


@dataclass(frozen=True)
class Project:
    """A data folder, the folder into which it was built while it was good, and its version."""

    data: Path
    out: Path
    version: str

    @property
    def claims(self) -> Path:
        return self.data / "claims" / f"{NAME}.trig"

    def change(self, path: Path, *changes: tuple[str, str]) -> None:
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def line(self, path: Path, begin: str) -> int:
        """The number of the first line that begins so."""
        lines = path.read_text(encoding="utf-8").splitlines()
        return next(n for n, line in enumerate(lines, start=1) if line.startswith(begin))

    def build(self, *arguments: object) -> Result:
        return kg("build", "--data", self.data, "--out", self.out, *arguments)

    def still_serves(self) -> bool:
        """Whether a query on the built graph meets the version that was good."""
        asked = kg("query", "--out", self.out, "SELECT ?c { ?c a sg:Claim }", "--format", "csv")
        now = (self.out / "current").resolve().name
        return asked.exit_code == 0 and asked.stdout.count("/claim/") == 1 and now == self.version


def kg(*arguments: object) -> Result:
    environment = {name: None for name in os.environ if name.startswith("KG_")}
    return CliRunner().invoke(main, list(map(str, arguments)), env=environment)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("bad-input")
    data, out = folder / "data", folder / "out"
    claims = small_project(data)
    assert kg("fmt", "--texts", TEXTS, claims).exit_code == 0
    built = kg("build", "--data", data, "--texts", TEXTS, "--out", out)
    assert (built.exit_code, built.stderr) == (0, "")
    assert built.stdout.endswith("violations 0, warnings 0\n")
    return Project(data, out, (out / "current").resolve().name)


@pytest.fixture
def spoilt(good: Project, tmp_path: Path) -> Project:
    """The good project with its data copied, for a test to spoil; its built graph is the good one."""
    shutil.copytree(good.data, tmp_path / "data")
    return Project(tmp_path / "data", good.out, good.version)


EXACT, OFFSETS = 'oa:exact "its director, left in June"', "oa:start 285 ; oa:end 311"
LONG = "A TEAM from Othershire has been sent to Anyshire Council after Ms Ann"


def place(words: str) -> str:
    start = TEXT.index(words, 206)
    return f"oa:start {start} ; oa:end {start + len(words)}"


EVIDENCE = {
    "an excerpt that is not in the text": (
        ((EXACT, 'oa:exact "its director, left in July"'),),
        "the excerpt 'its director, left in July' is not in the text",
    ),
    "an ambiguous excerpt": (
        ((EXACT, 'oa:exact "Anyshire"'), (OFFSETS, place("Anyshire"))),
        (
            "the excerpt 'Anyshire' is ambiguous: it stands in 4 places of the text; lengthen it, or add oa:prefix or "
            "oa:suffix (the words right before or after)"
        ),
    ),
    "an excerpt that is too long": (
        ((EXACT, f'oa:exact "{LONG}"'), (OFFSETS, place(LONG))),
        f"the excerpt '{LONG}' is too long: 13 words, prefix and suffix included; at most 12",
    ),
    "offsets that are off by one": (
        ((OFFSETS, "oa:start 286 ; oa:end 312"),),
        "the offsets 286 to 312 of 'its director, left in June' are wrong (off by 1): it stands at 285 to 311",
    ),
}


@pytest.mark.parametrize("what", EVIDENCE)
def test_evidence_that_does_not_match_the_text(spoilt: Project, what: str) -> None:
    changes, message = EVIDENCE[what]
    spoilt.change(spoilt.claims, *changes)
    claim = f"{spoilt.claims}:{spoilt.line(spoilt.claims, 'claim:')}"
    result = spoilt.build("--texts", TEXTS)
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.search(
        rf"^{re.escape(claim)}: violation: claim:\w+: {re.escape(message)}$", result.stderr, re.M
    )
    assert re.search(
        r"^kg: \d violations?; nothing was published, the last good graph stays$", result.stderr, re.M
    )
    checked = kg("verify", "--data", spoilt.data, "--texts", TEXTS)
    assert checked.exit_code == 1
    assert re.search(rf"^{re.escape(claim)}: claim:\w+: {re.escape(message)}$", checked.stderr, re.M)
    assert spoilt.still_serves()


DATA = {
    "a claim without evidence": (
        ("    sg:evidence ", "    # sg:evidence "),
        "claims/anyshire-1.trig",
        (
            r"claim:\w+: sg:evidence: A claim has no evidence, or some that is no sg:Evidence\. "
            r"Give the words that support it as sg:excerpt and run kg fmt\."
        ),
    ),
    "an undeclared term": (
        ("sg:end id:date", "sg:ended id:date"),
        "claims/anyshire-1.trig",
        (
            r"sg:ended: sg:ended: A term is used that the vocabulary does not declare\. "
            r"Correct the spelling, or declare it in ontology/ .* Found claim:\w+\."
        ),
    ),
    "a date that is not EDTF": (
        ("sg:end id:date-2015-06", "sg:end id:date-2015-13"),
        "register.ttl",
        r"id:tenure-ann: 'id:date-2015-13' is not a date: there is no month 13 \(seasons are 21 to 24\)",
    ),
    "a person who is not in the register": (
        ("org:member id:ann-example", "org:member id:ann-exmaple"),
        "claims/anyshire-1.trig",
        (
            r"claim:\w+: org:member: A person or body is not in the register\. "
            r"Register it in data/register\.ttl with a type and a label\. Found id:ann-exmaple\."
        ),
    ),
}


@pytest.mark.parametrize("what", DATA)
def test_data_that_does_not_conform(spoilt: Project, what: str) -> None:
    change, name, message = DATA[what]
    spoilt.change(spoilt.claims, change)
    result = spoilt.build()
    assert (result.exit_code, result.stdout) == (1, "")
    path = re.escape(str(spoilt.data / name))
    assert re.search(rf"^{path}:\d+: violation: {message}$", result.stderr, re.M), result.stderr
    assert result.stderr.splitlines()[-1].endswith("nothing was published, the last good graph stays")
    assert spoilt.still_serves()


def test_excerpts_that_lay_open_more_than_the_share(spoilt: Project) -> None:
    path = spoilt.data / "articles.ttl"
    spoilt.change(path, ("sg:wordCount 179", "sg:wordCount 12"))
    message = "the excerpts lay open 5 of 12 words, 41.7%: at most 40%; shorten some"
    result = spoilt.build()
    assert (result.exit_code, result.stdout) == (1, "")
    place = f"{path}:{spoilt.line(path, 'id:article-')}"
    assert result.stderr.splitlines() == [
        f"{place}: violation: id:article-{NAME}: {message}",
        "kg: 1 violation; nothing was published, the last good graph stays",
    ]
    checked = kg("verify", "--data", spoilt.data)
    assert (checked.exit_code, checked.stderr.splitlines()[0]) == (1, f"{NAME}: {message}")
    assert spoilt.still_serves()


@pytest.mark.parametrize("name", ["register.ttl", "articles.ttl", f"claims/{NAME}.trig"])
def test_a_malformed_file_is_named_with_its_line(spoilt: Project, name: str) -> None:
    path = spoilt.data / name
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
    path.write_text(f"{text}id:x id:y ;; .\n", encoding="utf-8")
    message = f"kg: {path}:{text.count(chr(10)) + 1}: not {'TriG' if path.suffix == '.trig' else 'Turtle'}: "
    result = spoilt.build()
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(message)
    assert "Traceback" not in result.output
    assert spoilt.still_serves()


def test_a_folder_that_is_missing_or_no_folder_could_not_be_checked(spoilt: Project, tmp_path: Path) -> None:
    none, file = tmp_path / "none", spoilt.data / "articles.ttl"
    for arguments, message in [
        (("build", "--data", none), f"kg: {none}: no such folder of data\n"),
        (("build", "--data", file), f"kg: {file}: no such folder of data\n"),
        (("build", "--data", spoilt.data, "--texts", none), f"kg: {none}: no such folder of texts\n"),
        (("build", "--data", spoilt.data, "--ontology", none), f"kg: {none}: No such file or directory\n"),
        (
            ("build", "--data", spoilt.data, "--out", file),
            f"kg: {file}: cannot be written: Not a directory\n",
        ),
    ]:
        more = () if "--out" in arguments else ("--out", spoilt.out)
        result = kg(*arguments, *more)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", message)
    assert kg("verify", "--data", none).exit_code == 2
    assert kg("verify", "--data", spoilt.data, "--texts", none).exit_code == 2
    assert spoilt.still_serves()


@pytest.mark.parametrize("name", ["claims", "sentences", "."])
def test_a_folder_that_cannot_be_read_could_not_be_checked(spoilt: Project, name: str) -> None:
    # The superuser may read everything, unless without the privileges that make it so.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root and not shutil.which("setpriv"):
        pytest.skip("the superuser can read every folder, and there is no setpriv")
    unprivileged = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if is_root else []
    command = [*unprivileged, sys.executable, "-m", "kg", "build", "--data", spoilt.data, "--out", spoilt.out]
    (spoilt.data / name).chmod(0)
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    finally:
        (spoilt.data / name).chmod(0o755)
    assert (result.returncode, result.stdout) == (2, "")
    assert str(spoilt.data / name) in result.stderr
    assert "Traceback" not in result.stderr
    assert spoilt.still_serves()


def test_a_warning_stops_a_strict_build_only(spoilt: Project) -> None:
    register = spoilt.data / "register.ttl"
    text = register.read_text(encoding="utf-8")
    register.write_text(text + 'id:bob a foaf:Person ; rdfs:label "Bob Sample"@en .\n', encoding="utf-8")
    message = (
        "id:bob: Nothing uses this entry of the register. Write the claim that it was made for, or remove it."
    )
    line = f"{register}:{text.count(chr(10)) + 1}: warning: {message}\n"
    strict = spoilt.build("--strict")
    assert (strict.exit_code, strict.stdout) == (1, "")
    assert strict.stderr == f"{line}kg: 1 warning; nothing was published, the last good graph stays\n"
    assert spoilt.still_serves()
    loose = kg("build", "--data", spoilt.data, "--out", spoilt.data.parent / "out")
    assert (loose.exit_code, loose.stderr) == (0, line)
    assert loose.stdout.endswith("violations 0, warnings 1\n")


def test_a_good_project_is_published_again(spoilt: Project) -> None:
    assert spoilt.build("--texts", TEXTS).stdout.startswith("nothing to do, already at version ")
    assert spoilt.still_serves()


def test_a_folder_without_claims_is_no_data_and_takes_nothing_down(spoilt: Project, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    found = kg("build", "--data", empty, "--out", spoilt.out)
    assert found.exit_code == 2
    assert found.stderr == f"kg: {empty}: holds no claims (claims/*.trig), so it is not a data folder\n"
    assert spoilt.still_serves()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?a ?claim WHERE { ?a a sg:Claim", "The stored query is not SPARQL"),
        ("ASK { ?a a ?b }", "The stored query is not a SELECT query."),
    ],
)
def test_a_stored_question_that_cannot_be_asked(spoilt: Project, query: str, message: str) -> None:
    from kg.resources import data_dir

    folder = spoilt.data / "questions"
    folder.mkdir(exist_ok=True)
    shutil.copy(data_dir() / "questions" / "prefixes.ttl", folder)
    people = (data_dir() / "questions" / "people.ttl").read_text(encoding="utf-8")
    start = people.index('sh:select """') + len('sh:select """')
    spoilt_text = people[:start] + query + people[people.index('"""', start) :]
    (folder / "people.ttl").write_text(spoilt_text, encoding="utf-8")
    found = spoilt.build()
    assert found.exit_code == 1
    assert message in found.stderr
    assert spoilt.still_serves()

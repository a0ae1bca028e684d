"""The README's commands, each run as it is written there, and what their comments promise."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

import kg.cli

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line.split("  #")[0].strip() for line in README.splitlines() if line.startswith("    ")]
ADDRESS = "http://127.0.0.1:8000"

ELSEWHERE = {
    "python3 run.py": "tests/test_run.py",
    "python3 run.py test": "tests/test_run.py",
    "python3 run.py conformance --suites DIR": "tests/conformance/test_runner.py",
    "python3 run.py bench": "tests/test_run.py",
    "kg build": "tests/test_cli_build.py",
    "kg validate my.ttl": "tests/test_validate.py",
    "kg verify --texts DIR": "tests/test_verify.py",
    "kg article sentences articles/*.txt": "tests/test_article.py",
    "kg fmt --texts articles data/claims/my-article.trig": "tests/test_fmt.py",
    "kg export --site mirror/": "tests/test_site.py",
    "kg serve mine.trig more.ttl": "tests/test_serve_files.py",
}
"""Commands that take long, need a file of the reader's or do not end, and the tests that run their like."""
PROMISED = {
    "kg ask --list": "director-on-a-day",
    "kg ask director-on-a-day": "Peter Lewis",
    'kg ask director-on-a-day day="10 March 2015"': "possibly",
    "kg ask director-on-a-day day=2015-03-20 day=2014-06-01": "Julian Wooster",
    "kg ask wooster-start": "March 2015",
    "kg ask enfield-director": "Not stated",
    'kg ask said-by agent="Jill Shortland" --format json': '"notStated": false',
    "kg verify --coverage": "sentences",
    "kg export julian-wooster --format jsonld": '"@context"',
}
"""What a command prints, where its exit code says too little."""


def test_every_command_of_kg_is_in_the_readme_or_in_the_guide() -> None:
    guides = README + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert [name for name in kg.cli.COMMANDS if f"kg {name}" not in guides] == []


def test_what_is_tested_elsewhere_is_still_in_the_readme() -> None:
    assert ELSEWHERE.keys() | PROMISED.keys() <= set(COMMANDS)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("kg ") and c not in ELSEWHERE])
def test_a_command_runs_as_it_is_written(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KG_OUT", str(built))
    result = CliRunner().invoke(kg.cli.main, shlex.split(command)[1:])
    assert result.exit_code == 0, result.output
    assert PROMISED.get(command, "") in result.stdout
    assert result.stdout or list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("curl ")])
def test_what_curl_is_shown_to_ask_is_answered(live_server: str, command: str) -> None:
    assert shutil.which("curl"), "no curl: sudo apt install curl"
    arguments = shlex.split(command.replace(ADDRESS, live_server.rstrip("/")))
    done = subprocess.run([arguments[0], "-sSf", *arguments[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "/claim/" in done.stdout or "id:julian-wooster" in done.stdout


@pytest.mark.parametrize("address", sorted(set(re.findall(rf"{ADDRESS}(/[^\s`]*)`", README))))
def test_an_address_that_is_named_leads_somewhere(client: FlaskClient, address: str) -> None:
    assert client.get(address, headers={"Accept": "text/html"}).status_code == 200


def test_every_file_that_is_linked_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert "docs/model.md" in links

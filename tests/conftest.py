"""Fixtures and settings that all tests share.

Sections: paths, texts of the articles, the built graph and what serves it, browser, summary. A fixture of one module
stands in that module.
"""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import ConsoleMessage, Page

from kg.settings import Settings
from run import find_browser
from tests.processes import KG

ROOT = Path(__file__).resolve().parent.parent

# No test is timed: on a busy machine an example may take longer than hypothesis allows.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

# Playwright switches these off as well: its list is replaced by ours. New are the first two, pages that Chromium's
# address bar loads in every new window: they cost more than most pages of ours.
NO_FEATURES = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding",
    "PreconnectToSearch", "ThirdPartyStoragePartitioning",
)  # fmt: skip
# Without the background flags, Chromium looks up its maker's hosts at every start.
BROWSER_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join(NO_FEATURES),
]


# --- paths


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


# --- texts of the articles


@pytest.fixture(scope="session")
def texts_dir() -> Path | None:
    """The folder of the articles' texts that KG_TEXTS names; None when it is not set.

    The texts are never committed. A test of real evidence checks digests when this is None, and the text
    itself when it is not. A KG_TEXTS that names no folder is an error, not a silent None.
    """
    named = os.environ.get("KG_TEXTS")
    if not named:
        return None
    folder = Path(named).resolve()
    if not any(folder.glob("*.txt")):
        pytest.exit(f"KG_TEXTS={named}: no texts (*.txt) there", returncode=4)
    return folder


# --- the built graph and what serves it


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a build of the real data, made once for all tests (and all processes of pytest-xdist)."""
    from kg.build import build
    from kg.resources import data_dir, ontology_dir
    from kg.snapshot import current_path

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    out = shared / "built"
    with open(shared / "built.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if current_path(out) is None:
            build(data_dir(), ontology_dir(), out)
    return out


@contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[str]:
    """Run `kg serve` in a process of its own, on a free port; gives its address, with a slash at its end."""
    command = [sys.executable, "-c", KG, "serve", *arguments, "--port", "0"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("KG_")} | settings
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert " is at http://" in line, line
            yield line.split()[-1]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0


@pytest.fixture(scope="session")
def app(built: Path) -> Iterator[Flask]:
    """The application on the real data, in this process; a module that needs other settings has its own."""
    from web import create_app
    from web.serving.served import source_of

    app = create_app(Settings(out=built, port=8123))
    yield app
    source_of(app).close()


@pytest.fixture(scope="session")
def client(app: Flask) -> FlaskClient:
    """A client of `app`."""
    return app.test_client()


@pytest.fixture(scope="session")
def live_server(built: Path) -> Iterator[str]:
    """The address, with a slash at its end, of `kg serve` on the real data."""
    with serving("--out", str(built)) as address:
        yield address


# --- browser


@pytest.fixture(scope="session")
def base_url(live_server: str) -> str:
    """The address that the pages of all browser tests are relative to, defined here only.

    pytest-playwright reads it once a session: a second definition further down would win or lose by the order of tests.
    """
    return live_server


@pytest.fixture(scope="session", autouse=True)
def _verify_url() -> None:
    """Takes the place of pytest-base-url's check, which would start the server for tests that need none."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the browser that is there; without one the run ends red, it never skips."""
    path = find_browser(sys.executable)
    if path is None:
        pytest.exit("no browser: sudo apt install chromium, or KG_BROWSER=/path/to/chromium", returncode=4)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*BROWSER_FLAGS, *(["--no-sandbox"] if is_root else [])]
    return {**browser_type_launch_args, "executable_path": path, "args": flags}


REPORT_CSP = """addEventListener("securitypolicyviolation",
    event => console.error("CSP: " + event.violatedDirective + " " + event.blockedURI))"""


@pytest.fixture
def page(page: Page, base_url: str) -> Iterator[Page]:
    """A page with three standing checks, made when the test ends.

    Nothing is asked of another host than `base_url`, no script fails, and the content security policy stops nothing.
    """
    own = ("data:", "blob:", "about:", base_url.rstrip("/") + "/")
    wrong: list[str] = []

    def note_csp(message: ConsoleMessage) -> None:
        if message.text.startswith("CSP: "):
            wrong.append(message.text)

    page.on("request", lambda request: request.url.startswith(own) or wrong.append(f"request: {request.url}"))
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on("console", note_csp)
    page.add_init_script(REPORT_CSP)
    yield page
    assert wrong == []


# --- summary


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say whether evidence was checked against the real texts."""
    texts = os.environ.get("KG_TEXTS")
    if texts:
        terminalreporter.write_line(f"evidence: the texts of the articles were taken from {texts}")
    else:
        terminalreporter.write_line(
            "evidence: NOT checked against the real texts of the articles (KG_TEXTS is not set); digests only"
        )

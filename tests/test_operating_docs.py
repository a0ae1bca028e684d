"""The operating guide: every setting is in its table, the unit and the proxy example are what it says they are."""

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.settings import SETTINGS
from tests.conformance.server import Server, _free_port
from tests.processes import PATIENCE

ROW = re.compile(r"^\| `(KG_\w+)` \| (?:`(.*?)`)? ?\| (.+) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def guide() -> str:
    return (Path(__file__).parent.parent / "docs" / "operating.md").read_text(encoding="utf-8")


def block(guide: str, language: str) -> str:
    """Return the one code block of a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_table_has_every_setting_with_its_default_and_its_help(guide: str) -> None:
    expected = [(s.env, "" if s.default in (None, "") else str(s.default), s.help) for s in SETTINGS]
    assert ROW.findall(guide) == expected


def test_the_unit_is_one_that_systemd_takes(guide: str, tmp_path: Path) -> None:
    text = block(guide, "ini")
    settings = {s.env for s in SETTINGS}
    assert set(re.findall(r"^Environment=(\w+)=", text, re.MULTILINE)) <= settings
    assert "RestrictNamespaces=true" not in text, "query workers give up the network by a namespace"
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "scrutiny-graph.service"
    unit.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", text, flags=re.MULTILINE))
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    about_it = [line for line in (done.stdout + done.stderr).splitlines() if "scrutiny-graph" in line]
    assert about_it == []


@pytest.fixture(scope="module")
def proxied(guide: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of nginx with the guide's configuration, without TLS, before a server; and its folder."""
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    data = folder / "data.ttl"
    data.write_text("<http://a.example/s> <http://a.example/p> 1 .\n")
    port = _free_port()
    env = {"KG_BASE_URL": "https://graph.example.org", "KG_TRUSTED_HOSTS": "graph.example.org,127.0.0.1"}
    with Server([data], env=env) as server:
        site = block(guide, "nginx")
        changes = (
            (r"server 127\.0\.0\.1:8000;", f"server 127.0.0.1:{server.port};"),
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
            (r" *ssl_certificate.*\n", ""),
            (r"/var/log/nginx/", f"{folder}/"),
        )
        for pattern, replacement in changes:
            assert re.search(pattern, site), pattern
            site = re.sub(pattern, replacement, site)
        temp = "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = folder / "nginx.conf"
        config.write_text(
            f"daemon off; pid {folder}/nginx.pid; worker_processes 1;\n"
            f"events {{ worker_connections 256; }}\nhttp {{\n{temp}{site}\n}}\n"
        )
        command = [nginx, "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(config)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                _wait(port, process)
                yield f"http://127.0.0.1:{port}", folder
            finally:
                process.terminate()
                process.wait(PATIENCE)


def _wait(port: int, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            fetch(f"http://127.0.0.1:{port}/healthz")
            return
        except OSError:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            time.sleep(0.05)
    raise AssertionError("nginx does not answer")


def fetch(address: str, host: str = "graph.example.org", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Send a GET; header names come back in lower case."""
    request = urllib.request.Request(address, headers={"Host": host, **headers})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            return reply.status, {k.lower(): v for k, v in reply.headers.items()}, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def test_queries_and_errors_pass_through_the_proxy(proxied: tuple[str, Path]) -> None:
    address, folder = proxied
    status, headers, body = fetch(f"{address}/sparql?query=ASK%7B%3Fsecret%20%3Fp%201%7D", Accept="*/*")
    assert (status, body) == (200, b'{"head":{},"boolean":true}\n')
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["access-control-allow-origin"] == "*"
    status, headers, _ = fetch(f"{address}/sparql?query=ASK", Accept="*/*")
    assert status == 400
    assert headers["x-content-type-options"] == "nosniff"
    status, _, body = fetch(f"{address}/sparql", Accept="text/turtle")
    assert b"https://graph.example.org/sparql" in body
    log = (folder / "scrutiny-graph.log").read_text()
    assert "GET /sparql" in log
    assert "secret" not in log


def test_a_host_that_is_not_ours_is_refused_behind_the_proxy(proxied: tuple[str, Path]) -> None:
    assert fetch(f"{proxied[0]}/", host="evil.example")[0] == 421


def test_a_long_query_passes_and_too_long_a_one_does_not(proxied: tuple[str, Path]) -> None:
    assert fetch(f"{proxied[0]}/sparql?query=ASK%7B%7D{'%20' * 8000}", Accept="*/*")[0] == 200
    assert fetch(f"{proxied[0]}/sparql?query=ASK%7B%7D{'%20' * 30000}", Accept="*/*")[0] == 414

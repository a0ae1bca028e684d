"""How a server ends, and what keeps it from standing still: the log that nobody reads, requests that take too long."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.processes import FAR, KG, PATIENCE, alive, descendants, eventually, gone, querying
from tests.test_web_served import HEAVY, ROOT, fetch, publish, serving
from web.serving.log_writer import LogWriter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def serving_process(first: int) -> int:
    """The process that answers: the child of the first one."""
    return int(Path(f"/proc/{first}/task/{first}/children").read_text().split()[0])


def hold(address: str) -> socket.socket:
    """Send a request whose body does not come, and return when the server waits for it: it stays in flight."""
    held = socket.create_connection((urlsplit(address).hostname, urlsplit(address).port))
    held.sendall(
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"
    )
    assert held.recv(100).startswith(b"HTTP/1.1 100")
    return held


def heavy(process: int, address: str) -> threading.Thread:
    """Ask a query that takes all the time it is given, and return when it runs."""

    def ask() -> None:
        with suppress(OSError):
            fetch(f"{address}/sparql?{urlencode({'query': HEAVY})}")

    thread = threading.Thread(target=ask)
    thread.start()
    assert eventually(lambda: querying(process))
    return thread


# --- the log


def filled(pipe: int) -> None:
    """Leave no room in a pipe."""
    os.set_blocking(pipe, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(pipe, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(pipe, True)


@pytest.mark.parametrize("reader", ["asleep", "gone"])
def test_a_log_that_nobody_takes_holds_up_no_request_and_no_ending(tmp_path: Path, reader: str) -> None:
    publish(tmp_path, "Anyshire Council")
    theirs, ours = os.pipe()
    filled(ours)
    with serving("--out", str(tmp_path), log=ours) as (process, address):
        os.close(ours)
        if reader == "gone":
            os.close(theirs)
        everyone = descendants(process.pid)
        for path in ("/page/anyshire-council", f"/sparql?{urlencode({'query': 'ASK { ?s ?p ?o }'})}") * 3:
            assert fetch(address + path)[0] == 200
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert gone(everyone)
    if reader == "asleep":
        os.close(theirs)


def test_the_log_is_passed_on_in_order_and_tells_what_was_lost() -> None:
    theirs, ours = os.pipe()
    fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, 4096)
    filled(ours)
    log = LogWriter(ours, most=8000)
    for number in range(2000):
        log.write(f"line {number}\n")
    assert not log.finish(0.1)
    read = b""
    while b"were lost" not in read:
        read += os.read(theirs, 65536)
    assert log.finish(PATIENCE)
    lines = read.lstrip(b"x").decode().splitlines()
    kept = [line for line in lines if line.startswith("line ")]
    assert kept == [f"line {number}" for number in range(len(kept))]
    lost = re.fullmatch(r"(\d+) lines of the log were lost: .*", lines[-1])
    assert lost is not None
    assert len(kept) + int(lost[1]) == 2000
    log.write("é\n")
    assert log.finish(PATIENCE)
    assert os.read(theirs, 100) == "é\n".encode()


# --- the end


def test_requests_that_never_end_do_not_keep_the_server(tmp_path: Path) -> None:
    publish(tmp_path, "Anyshire Council")
    with serving("--out", str(tmp_path), KG_STOP_SECONDS="1", KG_BODY_SECONDS=FAR) as (process, address):
        everyone = descendants(process.pid)
        with hold(address):
            process.terminate()
            assert process.wait(PATIENCE) in (0, -signal.SIGALRM)
            assert gone(everyone)


def test_an_orphan_ends_though_a_request_is_in_flight(tmp_path: Path) -> None:
    publish(tmp_path, "Anyshire Council")
    with serving("--out", str(tmp_path), KG_STOP_SECONDS="1", KG_BODY_SECONDS=FAR) as (process, address):
        assert fetch(f"{address}/healthz")[0] == 200
        everyone = descendants(process.pid)
        with hold(address):
            process.kill()
            assert gone(everyone)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_that_come_many_times_end_it_all_the_same(tmp_path: Path, number: int) -> None:
    publish(tmp_path, "Anyshire Council")
    with serving("--out", str(tmp_path), KG_STOP_SECONDS=FAR) as (process, address):
        assert fetch(f"{address}/healthz")[0] == 200
        everyone = descendants(process.pid)
        server = serving_process(process.pid)
        for _ in range(100):  # one may come while another is being dealt with
            for pid in (process.pid, server):
                with suppress(ProcessLookupError):  # it has ended by then
                    os.kill(pid, number)
        assert process.wait(PATIENCE) == 0
        assert gone(everyone)


def test_with_nohup_it_outlives_its_terminal(tmp_path: Path) -> None:
    publish(tmp_path, "Anyshire Council")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with serving("--out", str(tmp_path)) as (process, address):
            everyone = descendants(process.pid)
            for pid in (process.pid, serving_process(process.pid)):
                os.kill(pid, signal.SIGHUP)
            assert fetch(f"{address}/healthz")[0] == 200
            assert all(map(alive, everyone))
            process.terminate()
            assert process.wait(PATIENCE) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_query_on_a_version_that_was_replaced_does_not_keep_the_server(tmp_path: Path) -> None:
    publish(tmp_path, "First Council")
    long = {"KG_STOP_SECONDS": FAR, "KG_QUERY_SECONDS": FAR}
    with serving("--out", str(tmp_path), **long) as (process, address):
        asking = heavy(process.pid, address)
        publish(tmp_path, "Second Council")
        assert b"Second Council" in fetch(f"{address}/page/anyshire-council", "text/html")[1]
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        asking.join(PATIENCE)
        assert not asking.is_alive()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_while_it_starts_leaves_nobody(tmp_path: Path, number: int) -> None:
    publish(tmp_path, "Anyshire Council")
    with subprocess.Popen(
        [sys.executable, "-c", KG, "serve", "--port", "0", "--out", str(tmp_path)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "KG_STOP_SECONDS": FAR},
    ) as process:  # fmt: skip
        try:
            assert eventually(lambda: len(descendants(process.pid)) > 1)
            everyone = descendants(process.pid)
            os.kill(process.pid, number)
            assert process.wait(PATIENCE) in (0, -number)
            assert gone(everyone)
        finally:
            process.kill()


def test_what_a_killed_server_had_started_ends_too(tmp_path: Path) -> None:
    publish(tmp_path, "Anyshire Council")
    with serving("--out", str(tmp_path), KG_QUERY_SECONDS=FAR) as (process, address):
        asking = heavy(process.pid, address)
        server = serving_process(process.pid)
        below = descendants(server)
        assert len(below) >= 4, "the server, the nursery and its workers"
        os.kill(server, signal.SIGKILL)
        assert gone(below)
        asking.join(PATIENCE)
        process.terminate()
        process.wait(PATIENCE)

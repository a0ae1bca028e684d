"""A real `kg serve` in a process of its own on a loopback port, and requests exactly as they are written.

Requests are made by `http.client`, not by a library that would follow, repair or retry; `exchange` sends bytes.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.processes import KG, PATIENCE


class NotServing(Exception):
    """The server ended, or did not answer in time; the text is what it printed."""


@dataclass(frozen=True)
class Reply:
    """A response: header names in lower case; headers that came twice are joined with a comma."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Server:
    """`kg serve FILE ...` (or the built graph) as a context manager; `seconds` is how long it took to answer."""

    def __init__(
        self, files: Sequence[Path] = (), *, options: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> None:
        self._files = [str(file) for file in files]
        self._options = list(options)
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("KG_")}
        self._env.update(env or {})
        self._lines: list[str] = []
        self.port = 0
        self.seconds = 0.0

    def __enter__(self) -> Server:
        started = time.perf_counter()
        self.port = _free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-c", KG, "serve", *self._files, "--port", str(self.port), *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**self._env, "KG_HOST": "127.0.0.1", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self._wait(started + PATIENCE)
        except BaseException:
            self.__exit__()
            raise
        self.seconds = time.perf_counter() - started
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    @property
    def pid(self) -> int:
        """The process that was started; a production server may have children."""
        return self._process.pid

    @property
    def base(self) -> str:
        """Address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What the server has printed so far."""
        return "".join(self._lines)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)

    def _wait(self, deadline: float) -> None:
        while time.perf_counter() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError):
                self.request("GET", "/sparql?query=ASK%7B%7D", timeout=PATIENCE)
                return
            time.sleep(0.02)
        raise NotServing(self.output or "no answer in time")

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = PATIENCE,
    ) -> Reply:
        """Send one request; the target goes out as it is. Raises `OSError` or `HTTPException` without an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            has_host = any(name.lower() == "host" for name in headers or {})
            connection.putrequest(method, target, skip_host=has_host, skip_accept_encoding=True)
            if body is not None and not any(name.lower() == "content-length" for name in headers or {}):
                connection.putheader("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            with contextlib.suppress(
                BrokenPipeError
            ):  # refused before all of it was sent: the answer is there
                connection.endheaders(body)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        joined: dict[str, str] = {}
        for name, value in response.getheaders():
            key = name.lower()
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return Reply(response.status, joined, content)

    def query(self, text: str, accept: str = "*/*", timeout: float = PATIENCE, **graphs: str) -> Reply:
        """Send a query by POST, as the protocol has it, with its text as the body."""
        target = "/sparql" + (f"?{urlencode(graphs)}" if graphs else "")
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self.request("POST", target, headers, text.encode("utf-8"), timeout)

    def exchange(self, data: bytes, timeout: float = PATIENCE) -> bytes:
        """Send bytes and return what comes back before the server closes, or until nothing comes for `timeout`."""
        parts: list[bytes] = []
        address = ("127.0.0.1", self.port)
        with socket.create_connection(address, timeout=timeout) as connection, contextlib.suppress(OSError):
            connection.sendall(data)
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

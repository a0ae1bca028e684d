"""A client that costs little: one connection that is kept, requests as they are, answers with a length."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from urllib.parse import quote

JSON = "application/sparql-results+json"


class Connection:
    """A connection to a server on this machine. Raises `OSError` if it ends or does not answer in time."""

    def __init__(self, port: int, timeout: float = 60.0) -> None:
        self._port = port
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, target: str, accept: str = JSON) -> tuple[int, bytes]:
        """Return status and body of a GET."""
        head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAccept: {accept}\r\n\r\n"
        self._socket.sendall(head.encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        start, _, body = got.partition(b"\r\n\r\n")
        lines = start.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        while len(body) < length:
            body += self._more()
        return int(start[9:12]), body

    def _more(self) -> bytes:
        part = self._socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part

    def close(self) -> None:
        """End it."""
        self._socket.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def query_target(query: str, path: str = "/sparql") -> str:
    """Return the address of a query."""
    return f"{path}?query={quote(query, safe='')}"


def alternating(works: Sequence[Callable[[], object]], times: int) -> tuple[list[float], ...]:
    """Return the seconds of several works that are done in turn, so that what the machine does meets all alike."""
    taken: tuple[list[float], ...] = tuple([] for _ in works)
    for _ in range(times):
        for work, seconds in zip(works, taken, strict=True):
            started = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - started)
    return taken


def requests_per_second(port: int, targets: Sequence[str], seconds: float, clients: int = 4) -> float:
    """Return how many answers per second some clients get together, each asking one after the other."""
    counts = [0] * clients
    until = time.perf_counter() + seconds

    def ask(number: int) -> None:
        with Connection(port) as connection:
            while time.perf_counter() < until:
                status, _ = connection.get(targets[counts[number] % len(targets)])
                if status != 200:
                    raise RuntimeError(f"status {status}")
                counts[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)

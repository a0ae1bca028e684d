"""A listener on the loopback that must never be called: the proof that nothing was fetched."""

from __future__ import annotations

import contextlib
import socket
import threading


class Canary:
    """Listens on a free port and remembers what came; answers with an empty page so that a caller goes on."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._socket.getsockname()[1])
        self.calls: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it listens, with a slash at the end."""
        return f"http://127.0.0.1:{self.port}/"

    def close(self) -> None:
        self._socket.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(0.5)
                    self.calls.append(b"connected")
                    self.calls[-1] = connection.recv(1024)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

"""Large answers, handed over as clients take them: what waits in memory is bounded, and so is how long it waits.

The server (granian) keeps all that it was given until the client has taken it, and does not say how much that is. A
few clients that take large answers slowly would fill the memory. So a large answer is counted while it waits, and is
given to the server piece by piece: the next one when the system's own queue of the connection (`SIOCOUTQ`, Linux) has
run low.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from contextlib import suppress
from stat import S_ISSOCK
from typing import Any

from web.endpoint.reply import Headers

LARGE = 256 * 1024
"""Bytes from which an answer is counted, and that are handed over at a time; the server takes a smaller one whole."""
PAUSES = (0.001, 0.05)
"""Seconds between two looks at a queue: the first time, and at most."""
TCP_CLOSE = 7
"""A state of `tcp_info` (linux/include/net/tcp_states.h)."""


class Sending:
    """The large answers of one server process: `most` bytes at once, each piece of one taken within `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._waiting = 0

    def has_room_for(self, body: bytes) -> bool:
        """Whether an answer may wait beside those that do; one that nothing waits beside always may."""
        return len(body) < LARGE or not self._waiting or self._waiting + len(body) <= self._most

    async def send(self, protocol: Any, client: str, status: int, headers: Headers, body: bytes) -> None:
        """Answer by the server's interface (RSGI) to `client` (host:port).

        A client that is too slow is cut off. Where the system does not tell of its queues, the server takes the answer
        whole, and it is not counted.
        """
        connection = connection_of(client) if len(body) >= LARGE else None
        if connection is None:
            protocol.response_bytes(status, headers, body)
            return
        self._waiting += len(body)
        try:
            with connection:
                await self._by_pieces(protocol, connection, status, headers, body)
        finally:
            self._waiting -= len(body)

    async def _by_pieces(
        self, protocol: Any, connection: socket.socket, status: int, headers: Headers, body: bytes
    ) -> None:
        if not any(name == "content-length" for name, _ in headers):
            headers = [*headers, ("content-length", str(len(body)))]
        transport = protocol.response_stream(status, headers)
        for start in range(0, len(body), LARGE):
            try:
                await transport.send_bytes(body[start : start + LARGE])
            except Exception:  # the client has gone: what the server raises is its own affair
                return
            if not await self._is_taken(connection):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                return

    async def _is_taken(self, connection: socket.socket) -> bool:
        """Wait until the client has taken nearly all that was sent; false if it has gone or takes too long."""
        until = time.monotonic() + self._seconds
        pause, most = PAUSES
        await asyncio.sleep(pause)
        while queued(connection) >= LARGE:
            if time.monotonic() > until or is_closed(connection):
                return False
            pause = min(2 * pause, most)
            await asyncio.sleep(pause)
        return True


def connection_of(client: str) -> socket.socket | None:
    """Return a copy of this process's connection with a client, given as host:port; none if it is not found."""
    host, _, port = client.rpartition(":")
    with suppress(OSError, ValueError):
        theirs = host.strip("[]"), int(port)
        for name in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                if not S_ISSOCK(os.fstat(int(name)).st_mode):
                    continue
                copy = socket.socket(fileno=os.dup(int(name)))
                with suppress(OSError):
                    if copy.getpeername()[:2] == theirs:
                        return copy
                copy.close()
    return None


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side has reset a connection (Linux): what stood in its queue stays there."""
    try:
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_CLOSE
    except (AttributeError, OSError):
        return False


def queued(connection: socket.socket) -> int:
    """Return the bytes that were sent and that the other side has not acknowledged; 0 for a connection that is gone."""
    import fcntl
    import termios

    try:
        return int.from_bytes(fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except OSError:
        return 0

"""Runs the application on granian: one process with threads, the query workers below it.

What can be wrong is found before the server starts: the port, the graph, the files. A signal ends it at once: pages in
flight finish, strangers' queries are stopped, no process stays behind.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.settings import Settings
from web.links import site_address
from web.serving.ending import (
    Wake,
    end_children_that_start,
    end_with,
    end_within,
    hang_up_is_ignored,
    ignore_signals,
    stop_on_signal,
)
from web.serving.gateway import Gateway, let_go_after
from web.serving.hygiene import check_settings, metrics_address
from web.serving.log_writer import LogWriter
from web.serving.sending import Sending

if TYPE_CHECKING:
    from kg.serve_files import FilesStore

SPARE_THREADS = 8
"""Threads for pages, beside those that may all be waiting for query workers."""
MOST_CONNECTIONS, OTHER_FILES = 7936, 256
"""Connections of a server process at once, as far as the system allows it files, and files beside those."""
RESPAWN_SECONDS = 0.1
MARGIN_SECONDS = 2
"""How much later the first process ends the others, and then itself, than they should have ended by themselves."""
LOG_SECONDS = 0.5
"""How long the end waits for the last lines of the log to be taken."""


def serve(settings: Settings, files: FilesStore | None = None, tell: Callable[[str], None] = print) -> None:
    """Serve until a signal. `tell` is called with one line when the site answers.

    Raises `KgError` (exit code 2) if the address is in use or cannot be listened on.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    check_settings(settings)
    settings = replace(settings, port=free_port(settings.host, settings.port))
    if settings.metrics:
        free_port(*metrics_address(settings))
    server = Server(
        "web.serving.server:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(
            header_read_timeout=round(settings.header_seconds * 1000), max_buffer_size=settings.header_bytes
        ),
        workers=settings.processes,
        backpressure=connections(),
        workers_kill_timeout=math.ceil(settings.stop_seconds + MARGIN_SECONDS / 2),
        respawn_failed_workers=True,  # one that was killed from outside
        respawn_interval=RESPAWN_SECONDS,
        log_level=LogLevels.error,
        process_name=None,
    )
    server.on_startup(lambda: _tell_when_ready(settings, tell))
    server.main_loop_interrupt = Wake()
    told: Callable[..., None] = server.signal_handler_interrupt

    def end(*signal_and_frame: Any) -> None:
        end_within(settings.stop_seconds + MARGIN_SECONDS)
        told(*signal_and_frame)

    server.signal_handler_interrupt = end  # type: ignore[method-assign]
    # Not a reload, which would leave nobody answering until the new process does: there is nothing to be read anew.
    server.signal_handler_reload = (lambda *_: None) if hang_up_is_ignored() else end  # type: ignore[method-assign]
    end_children_that_start()
    server.serve(target_loader=partial(application, settings, files, os.getpid()), wrap_loader=False)
    ignore_signals()


def application(settings: Settings, files: FilesStore | None = None, first: int = 0) -> Any:
    """Return the application for the server (RSGI), in the process that serves it; `first` is that which started it."""
    end_with(first)
    from multiprocessing.util import Finalize

    from kg.workers.pool import threads_for
    from web import create_app
    from web.endpoint.direct import DirectQueries
    from web.serving.metrics import metrics_of
    from web.serving.served import Files, Source, source_of
    from web.serving.warm import keep_warm

    source: Source | None = Files(settings, files) if files is not None else None
    app = create_app(settings, source)
    source = source_of(app)
    keep_warm(app, source)
    Finalize(None, source.close, exitpriority=10)
    threading.Thread(target=_warm, args=(source,), daemon=True).start()
    if settings.metrics:
        _open_metrics(settings, app, source)
    gateway = Gateway(
        app,
        threads=threads_for(settings.workers, settings.heavy_workers, settings.queue) + SPARE_THREADS,
        body_bytes=app.config["MAX_CONTENT_LENGTH"],
        body_seconds=settings.body_seconds,
        sending=Sending(settings.sending_mb * 2**20, settings.send_seconds),
        started=partial(_started, source, settings),
    )
    gateway.direct = DirectQueries(source, metrics_of(app), gateway.threads).answer
    return gateway


def _started(source: Any, settings: Settings, _loop: object) -> None:
    _log_beside_the_requests()
    stop_on_signal(source, settings.stop_seconds)

    def limit() -> None:
        for _ in range(200):  # the server opens its socket after this
            if let_go_after(settings.send_seconds, settings.port):
                return
            time.sleep(0.01)

    threading.Thread(target=limit, daemon=True).start()


def _log_beside_the_requests() -> None:
    """Let nothing that is logged from now on hold up the event loop; the server's own messages go there as well."""
    from multiprocessing.util import Finalize

    writer = LogWriter(2)
    sys.stderr = writer
    for handler in logging.getLogger("_granian").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(writer)
    Finalize(None, writer.finish, args=(LOG_SECONDS,), exitpriority=5)


def _open_metrics(settings: Settings, app: Any, source: Any) -> None:
    """Open the address of the metrics; each further server process takes the next port."""
    from web.serving.metrics import serve_metrics

    host, port = metrics_address(settings)
    for number in range(settings.processes):
        try:
            serve_metrics((host, port + number), app, source)
            return
        except OSError:
            if number == settings.processes - 1:
                raise


def connections() -> int:
    """Return how many connections a server process takes at once, after allowing it the files that these need.

    Beyond that, others wait until one is closed; so few as the server has by default can be held by anybody.
    """
    try:
        import resource
    except ImportError:  # not on this system
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    most = MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft - OTHER_FILES)
    return max(16, most)


def free_port(host: str, port: int) -> int:
    """Return the port if it can be listened on; 0 stands for any free one. Raises `KgError` if it cannot.

    Asked without SO_REUSEPORT: granian would share the port with another granian and say nothing.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
            return int(probe.getsockname()[1])
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KgError(
            f"cannot listen on {host} port {port} ({reason.lower()}): choose another one with --port",
            exit_code=2,
        ) from None


def _tell_when_ready(settings: Settings, tell: Callable[[str], None]) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104

    def wait() -> None:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection((host, settings.port), timeout=1):
                tell(f"Scrutiny Graph is at {site_address(replace(settings, host=host))}/")
                return
            time.sleep(0.05)

    threading.Thread(target=wait, daemon=True).start()


def _warm(source: Any) -> None:
    """Open the data and start the query workers before the first request asks for them."""
    with contextlib.suppress(KgError):
        state = source.current()
        try:
            _ = state.pool
        finally:
            state.give_back()

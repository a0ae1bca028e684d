"""The one table of settings: name, environment variable, default, help.

Filled at the edge by `load_settings` (command line, web factory) and passed down; nothing reads the environment
on import.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import KgError


def _about(env: str, text: str, least: float | None = None) -> dict[str, Any]:
    return {"env": env, "help": text, "least": least}


@dataclass(frozen=True)
class Settings:
    """What can be configured; the fields below are the table."""

    data: Path | None = field(
        default=None, metadata=_about("KG_DATA", "Folder of the data files; default: the project's own data.")
    )
    out: Path | None = field(default=None, metadata=_about("KG_OUT", "Folder where the built graph lives."))
    texts: Path | None = field(
        default=None,
        metadata=_about(
            "KG_TEXTS",
            "Folder of the articles' texts, to check evidence against; served on this machine only.",
        ),
    )
    endpoint: str | None = field(
        default=None, metadata=_about("KG_ENDPOINT", "Address of a SPARQL 1.1 endpoint to read instead.")
    )
    keep: int = field(
        default=5,
        metadata=_about(
            "KG_KEEP",
            "Versions of the graph that are kept, the current one included: links to answers of a version lead there.",
            1,
        ),
    )
    host: str = field(default="127.0.0.1", metadata=_about("KG_HOST", "Address that the server listens on."))
    port: int = field(default=8000, metadata=_about("KG_PORT", "Port that the server listens on.", 0))
    base_url: str | None = field(
        default=None, metadata=_about("KG_BASE_URL", "Public address of the site, when a proxy is in front.")
    )
    contact: str | None = field(
        default=None,
        metadata=_about(
            "KG_CONTACT", "Where corrections and replies are sent: an e-mail or web address, shown on /about."
        ),
    )
    people: str = field(
        default="noindex",
        metadata=_about(
            "KG_PEOPLE",
            "What search engines are told of pages about living people: noindex (to leave them out), or index.",
        ),
    )
    processes: int = field(
        default=1,
        metadata=_about("KG_PROCESSES", "Server processes, each with query workers of its own.", 1),
    )
    workers: int = field(
        default=2, metadata=_about("KG_WORKERS", "Query workers for light queries, per server process.", 1)
    )
    heavy_workers: int = field(
        default=1,
        metadata=_about(
            "KG_HEAVY_WORKERS",
            "Query workers beside those, for queries that turn out to be heavy; 0: no second lane.",
            0,
        ),
    )
    queue: int = field(
        default=16,
        metadata=_about(
            "KG_QUEUE", "Heavy queries that may wait for a worker before others are turned away.", 0
        ),
    )
    query_seconds: float = field(
        default=10.0, metadata=_about("KG_QUERY_SECONDS", "Seconds after which a query is stopped.", 0.05)
    )
    query_memory_mb: int = field(
        default=2048, metadata=_about("KG_QUERY_MEMORY_MB", "Memory of a query worker, in MiB.", 128)
    )
    query_rows: int = field(
        default=100_000, metadata=_about("KG_QUERY_ROWS", "Rows or triples of one answer.", 1)
    )
    query_bytes: int = field(
        default=32 * 1024 * 1024, metadata=_about("KG_QUERY_BYTES", "Bytes of one answer.", 1024)
    )
    query_text_bytes: int = field(
        default=64 * 1024, metadata=_about("KG_QUERY_TEXT_BYTES", "Bytes of the text of one query.", 256)
    )
    page_cache_mb: int = field(
        default=32,
        metadata=_about(
            "KG_PAGE_CACHE_MB", "MiB of whole pages kept in memory, per server process; 0: none are kept.", 0
        ),
    )
    trusted_hosts: str = field(
        default="",
        metadata=_about(
            "KG_TRUSTED_HOSTS",
            "Names that a request's Host may have, with commas; .example.org: with all below it; default: any.",
        ),
    )
    header_bytes: int = field(
        default=256 * 1024,
        metadata=_about(
            "KG_HEADER_BYTES",
            "About how many bytes a request's line and headers may have (twice as many: cut off); at least 8192.",
            8192,
        ),
    )
    header_seconds: float = field(
        default=10.0,
        metadata=_about("KG_HEADER_SECONDS", "Seconds in which a request's headers must come.", 0.1),
    )
    body_seconds: float = field(
        default=10.0, metadata=_about("KG_BODY_SECONDS", "Seconds in which a request's body must come.", 0.1)
    )
    send_seconds: float = field(
        default=30.0,
        metadata=_about(
            "KG_SEND_SECONDS",
            "Seconds in which a client takes some of an answer, 256 KiB of a large one, or is let go (Linux).",
            0.1,
        ),
    )
    sending_mb: int = field(
        default=256,
        metadata=_about(
            "KG_SENDING_MB",
            "MiB of answers above 256 KiB that clients have yet to take, per server process (Linux); then 503.",
            1,
        ),
    )
    stop_seconds: float = field(
        default=5.0,
        metadata=_about(
            "KG_STOP_SECONDS",
            "Seconds that requests in flight get when the server is told to end; then it ends for certain.",
        ),
    )
    access_log: str = field(
        default="path",
        metadata=_about(
            "KG_ACCESS_LOG",
            "What is logged of a request: none, path (no query string, no client), or full.",
        ),
    )
    metrics: str = field(
        default="",
        metadata=_about("KG_METRICS", "HOST:PORT for metrics in the format of Prometheus; default: none."),
    )


@dataclass(frozen=True)
class Setting:
    """One row of the table, for help and documentation."""

    name: str
    env: str
    default: object
    help: str
    least: float | None = None


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(f.name, f.metadata["env"], f.default, f.metadata["help"], f.metadata["least"])
    for f in dataclasses.fields(Settings)
)

_KINDS: dict[str, type] = {
    f.name: Path if "Path" in str(f.type) else int if f.type == "int" else float if f.type == "float" else str
    for f in dataclasses.fields(Settings)
}


def load_settings(environ: Mapping[str, str], **overrides: Any) -> Settings:
    """Combine defaults, an environment and explicit values; `None` among the overrides means "not given".

    An empty environment variable counts as not set. Raises `KgError` (exit code 2) for a value of the wrong
    kind, and for a number that is too small or no number.

    >>> load_settings({"KG_PORT": "9000"}).port
    9000
    >>> load_settings({"KG_PORT": "9000"}, port=9001, host=None).port
    9001
    >>> load_settings({"KG_PORT": "high"})
    Traceback (most recent call last):
    kg.errors.KgError: KG_PORT='high': expected a value of type int
    >>> load_settings({"KG_QUERY_SECONDS": "nan"})
    Traceback (most recent call last):
    kg.errors.KgError: KG_QUERY_SECONDS=nan: expected at least 0.05
    """
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(setting.env, "")
        if text:
            try:
                values[setting.name] = _KINDS[setting.name](text)
            except ValueError:
                kind = _KINDS[setting.name].__name__
                message = f"{setting.env}={text!r}: expected a value of type {kind}"
                raise KgError(message, exit_code=2) from None
    values.update({name: value for name, value in overrides.items() if value is not None})
    for setting in SETTINGS:
        value = values.get(setting.name)
        if setting.least is not None and value is not None and not setting.least <= value < math.inf:
            raise KgError(f"{setting.env}={value}: expected at least {setting.least:g}", exit_code=2)
    return Settings(**values)

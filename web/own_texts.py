"""The reader's own copy of the articles' texts (`kg serve --texts`), for this machine only.

The texts belong to their publishers. They are shown while the server listens on loopback, to a request that names a
loopback host and comes from there without a proxy between: a tunnel to the server does not publish them, a page of
another site cannot read them, and nothing keeps them. `check` refuses every other setting at the start.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Response, request
from pyoxigraph import NamedNode

from kg.curation.passages import Passage, passages_of
from kg.curation.texts import read_text
from kg.errors import KgError
from kg.evidence import ClaimView
from kg.namespaces import ID
from kg.settings import Settings

FORWARDED = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-Ip",
    "Cf-Connecting-Ip",
    "True-Client-Ip",
)
"""Headers by which a proxy or a tunnel tells that there is one."""


@dataclass(frozen=True)
class Shown:
    """What is shown of one source: its passages, or why there are none."""

    article: NamedNode
    passages: tuple[Passage, ...] = ()
    problem: str = ""

    @property
    def differs(self) -> bool:
        """Whether the reader's copy is another text than the one that was read."""
        return any(not passage.matches for passage in self.passages)


def is_loopback(host: str) -> bool:
    """Whether a host, as a setting or a Host header names it, is this machine and no other: by name, not by look-up.

    >>> [is_loopback(host) for host in ("127.0.0.1", "127.8.0.1:80", "localhost:8000", "[::1]:8000", "::1")]
    [True, True, True, True, True]
    >>> [is_loopback(host) for host in ("0.0.0.0", "::", "", "localhost.example.org", "127.0.0.1.example.org")]
    [False, False, False, False, False]
    """
    name = host.strip().lower()
    try:
        return ip_address(name).is_loopback
    except ValueError:
        pass
    name, port = _without_port(name)
    if port and not (port.isascii() and port.isdigit()):
        return False
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name.removesuffix(".") == "localhost"


def _without_port(host: str) -> tuple[str, str]:
    if host.startswith("["):
        name, bracket, rest = host[1:].partition("]")
        return (name, rest.removeprefix(":")) if bracket and rest[:1] in ("", ":") else ("", "")
    name, _, port = host.partition(":")
    return name, port


def check(settings: Settings) -> None:
    """Raise `KgError` (exit code 2) if texts are given and the server would answer for more than this machine."""
    if settings.texts is None:
        return
    if not settings.texts.is_dir():
        raise KgError(f"--texts (KG_TEXTS) {settings.texts}: no such folder", exit_code=2)
    if not is_loopback(settings.host) or not _resolves_to_loopback(settings.host):
        raise _refused("--host (KG_HOST)", settings.host)
    if settings.base_url and not is_loopback(urlsplit(settings.base_url).netloc.rpartition("@")[2]):
        raise _refused("--base-url (KG_BASE_URL)", settings.base_url)
    for name in filter(None, (part.strip() for part in settings.trusted_hosts.split(","))):
        if not is_loopback(name):
            raise _refused("KG_TRUSTED_HOSTS", name)


def _refused(setting: str, value: str) -> KgError:
    return KgError(
        f"--texts (KG_TEXTS) is refused with {setting} {value}: the articles belong to their publishers and are shown "
        "on this machine only; serve without the texts, or on 127.0.0.1, ::1 or localhost alone",
        exit_code=2,
    )


def _resolves_to_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return True  # the server will say that it cannot listen there
    return all(is_loopback(str(address[0])) for *_, address in found)


def may_be_shown(settings: Settings) -> bool:
    """Whether this request may see the texts: there are some, it is made on this machine, and by our own pages."""
    if settings.texts is None:
        return False
    return (
        is_loopback(settings.host)
        and is_loopback(request.environ.get("HTTP_HOST", ""))
        and is_loopback(request.remote_addr or "")
        and not any(name in request.headers for name in FORWARDED)
        and (
            request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
            or request.headers.get("Sec-Fetch-Mode") == "navigate"
        )
    )


def shown(claim: ClaimView, settings: Settings) -> list[Shown]:
    """Return the passages of a claim by source, from the folder of the settings; of an article only."""
    found = []
    for source in dict.fromkeys(piece.source for piece in claim.evidence if piece.passage_start is not None):
        name = source.value.removeprefix(f"{ID}article-")
        if settings.texts is None or name == source.value or not name.replace("-", "").isalnum():
            continue
        pieces = [piece for piece in claim.evidence if piece.source == source]
        try:
            text = read_text(settings.texts / f"{name}.txt")
        except KgError:
            found.append(Shown(source, problem=f"your folder of texts holds no {name}.txt that can be read"))
            continue
        found.append(Shown(source, passages_of(pieces, text)))
    return found


def for_this_machine(response: Response) -> Response:
    """Mark an answer that holds a publisher's words: it is kept nowhere, and no other site may read it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.remove("ETag")
    return response

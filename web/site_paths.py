"""Where each address of the site stands in a static copy, and the links of its pages made relative. Pure.

Every page becomes `<path>.html`, every file of data keeps its name; a link leads to the file itself, so that the copy
works from a disk as well as from any host. What only the running service can answer (search, SPARQL, forms) has no
file: its links lead to a page that says so.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from html import escape, unescape
from urllib.parse import parse_qsl, unquote, urlsplit

SERVICE_PAGE = "needs-the-service.html"
"""The page that stands for what only the running service can answer."""

SERVICE = (
    "/search",
    "/search.json",
    "/sparql",
    "/resource",
    "/cite",
    "/quality/validate",
    "/healthz",
    "/terms.json",
    "/limits",
    "/metrics",
)
"""Paths that only the running service can answer."""
KEPT_AS_NOTICE = {
    "/search": "search.html",
    "/sparql": "sparql.html",
    "/quality/validate": "quality/validate.html",
}
"""Those of them that have a file of their own, with the notice in it, so that addresses people know lead somewhere."""
ALIASES = (("/id/", "/page/"), ("/vocab/", "/page/vocab/"))
PAGED = frozenset({"section", "group", "offset", "kind", "topic"})
"""Parameters by which a page is paged or filtered and each value of which gets a file."""
RENAMED = {"/": "index.html", "/.well-known/void": "void.ttl"}
EXTENSIONS = (
    "ttl", "trig", "nt", "nq", "jsonld", "rdf", "atom", "xml", "json", "csv", "md", "txt", "svg", "css", "js", "ico",
    "png",
)  # fmt: skip
PER_THING = {
    "/data/": ("ttl", "jsonld"),
    "/claim/": ("ttl",),
    "/derived/": ("ttl",),
    "/graph/": ("trig",),
    "/ontology/": ("ttl",),
}
"""The formats in which each thing has a file: the others hold the same and would make the copy six times as large."""
_ATTRIBUTE = re.compile(r"""(\s(?:href|src|action)=)"([^"]*)\"""")
_SCRIPT = re.compile(r"<script\b[^>]*\ssrc=[^>]*>\s*</script>\s*")
_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


@lru_cache(65_536)
def file_of(address: str) -> str | None:
    """Return the file, below the folder of the copy, of an address of the site; `None` where there is none.

    >>> file_of("/"), file_of("/page/ofsted#posts"), file_of("/id/ofsted"), file_of("/claim/0d66.ttl")
    ('index.html', 'page/ofsted.html', 'page/ofsted.html', 'claim/0d66.ttl')
    >>> file_of("/claim/0d66.nq"), file_of("/graph/register.trig"), file_of("/downloads/scrutiny-graph.nq")
    (None, 'graph/register.trig', 'downloads/scrutiny-graph.nq')
    >>> file_of("/timeline?kind=posts"), file_of("/search?q=x"), file_of("/static/style.css?v=1")
    ('timeline.kind-posts.html', None, 'static/style.css')
    """
    parts = urlsplit(address)
    path = parts.path.rstrip("/") or "/"
    if path.startswith(("/static/", "/downloads/")):
        return _safe(path)
    if path in SERVICE:
        return None
    for start, target in ALIASES:
        if path.startswith(start):
            path = target + path[len(start) :]
    arguments = parse_qsl(parts.query)
    if any(name not in PAGED for name, _ in arguments):
        return None
    if path in RENAMED:
        return RENAMED[path]
    name = _safe(path)
    if name is None:
        return None
    stem, _, extension = name.rpartition(".")
    formats = next((found for start, found in PER_THING.items() if path.startswith(start)), (extension,))
    if stem and extension not in formats:
        return None
    if extension in EXTENSIONS and stem and not arguments:
        return name
    words = "".join(
        f".{key}-{re.sub(r'[^A-Za-z0-9-]+', '_', value)}" for key, value in sorted(arguments) if value
    )
    return f"{name}{words}.html"


def _safe(path: str) -> str | None:
    name = unquote(path).lstrip("/").replace(":", "-")
    plain = re.fullmatch(r"[A-Za-z0-9._/-]+", name) is not None
    return name if plain and ".." not in name.split("/") else None


def links_of(html: str, address: str) -> list[str]:
    """Return the addresses of the site that a page links to or needs, without fragments, in its order."""
    found = dict.fromkeys(
        target.partition("#")[0]
        for name, value in _ATTRIBUTE.findall(_SCRIPT.sub("", html))
        if not name.strip().startswith("action") and (target := resolve(unescape(value), address))
    )
    return [target for target in found if target]


def resolve(link: str, address: str) -> str | None:
    """Return a link of the page at `address` as an address of the site; `None` for one that leads elsewhere.

    >>> resolve("?offset=50", "/page/x?section=a"), resolve("#top", "/page/x"), resolve("https://a.example/", "/")
    ('/page/x?offset=50', None, None)
    """
    if not link or link.startswith("#") or _ABSOLUTE.match(link):
        return None
    if link.startswith("?"):
        return address.partition("?")[0] + link
    if link.startswith("/"):
        return link
    return posixpath.normpath(posixpath.join(posixpath.dirname(urlsplit(address).path), link))


_FIELDS = re.compile(r'<form class="fields[^>]*>')
NOTE = '<p class="hint">This is a copy: other values than these need the running service.</p>'
"""What a form with fields says in a copy, where it can only lead to the notice."""


def relative(html: str, address: str, own: str | None = None) -> str:
    """Return a page of the site with its links made relative to its file; scripts of ours go, forms lead to the notice.

    `own` is the file in which it is written, by default that of its address.
    """
    here = own or file_of(address) or SERVICE_PAGE

    def link(match: re.Match[str]) -> str:
        attribute, value = match[1], unescape(match[2])
        target = resolve(value, address)
        if target is None:
            return match[0]
        if attribute.strip().startswith("action"):
            return f'{attribute}"{escape(_from(here, SERVICE_PAGE))}"'
        _, hash_, fragment = value.partition("#")
        path = urlsplit(target).path.rstrip("/")
        file = file_of(target.partition("#")[0]) or KEPT_AS_NOTICE.get(path, SERVICE_PAGE)
        tail = f"#{fragment}" if hash_ and file not in (SERVICE_PAGE, *KEPT_AS_NOTICE.values()) else ""
        return f'{attribute}"{escape(_from(here, file) + tail)}"'

    return _FIELDS.sub(rf"\g<0>{NOTE}", _ATTRIBUTE.sub(link, _SCRIPT.sub("", html)))


def _from(here: str, file: str) -> str:
    return _below(posixpath.dirname(here) or ".", file)


@lru_cache(65_536)
def _below(folder: str, file: str) -> str:
    return posixpath.relpath(file, folder)

"""Where an IRI leads: pages of ours for the things of the data, the open web for http(s) and mailto, nothing else.

Data is written by others: an IRI is never put into an `href` because it is an IRI, but because one of these functions
returned an address for it.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from pyoxigraph import NamedNode

from kg.namespaces import CLAIM, DERIVED, GRAPH, ID, SG, SGV
from kg.settings import Settings

LOCAL_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*"
"""A local name that has an address: no dot, so that a suffix can follow. Spans of dates have an underscore."""
_LOCAL = re.compile(LOCAL_NAME)
_SELECTOR, _READING = re.compile(r"(e[0-9]+)[pqr]$"), re.compile(r"[di][0-9]+$")
"""Parts of a claim's record that its page shows within another: selectors in their evidence, readings in one list."""
_EXTERNAL = re.compile(r"(?:https?://[^\s/?#]|mailto:[^\s])", re.IGNORECASE)

PAGES = (
    (str(ID), "/page/"),
    (str(SGV), "/page/vocab/"),
    (str(CLAIM), "/claim/"),
    (str(DERIVED), "/derived/"),
)
DATA = ((str(ID), "/data/"), (str(SGV), "/data/vocab/"), (str(CLAIM), "/claim/"), (str(DERIVED), "/derived/"))
CITED = ((str(ID), "/id/"), (str(SGV), "/vocab/"), (str(CLAIM), "/claim/"), (str(DERIVED), "/derived/"))


RECORD = "disagreement-"
"""How the local names of records of disagreement begin; their pages are named by what follows."""


def record_page(iri: NamedNode | str) -> str:
    """Return the address where the sides of a disagreement stand beside each other.

    >>> record_page(ID["disagreement-lewis-end"])
    '/disagreements/lewis-end'
    """
    text = iri.value if isinstance(iri, NamedNode) else iri
    return f"/disagreements/{text.removeprefix(str(ID)).removeprefix(RECORD)}"


def page_of(iri: NamedNode | str) -> str:
    """Return the path of the page about an IRI; one that is not of our namespaces has the page of any resource.

    >>> page_of("https://w3id.org/scrutiny-graph/id/ofsted"), page_of("https://w3id.org/scrutiny-graph/claim/0d#v1")
    ('/page/ofsted', '/claim/0d#v1')
    >>> page_of("https://w3id.org/scrutiny-graph/claim/0d#e2p"), page_of("https://w3id.org/scrutiny-graph/claim/0d#i1")
    ('/claim/0d#e2', '/claim/0d#readings')
    >>> page_of("javascript:alert(1)")
    '/resource?iri=javascript%3Aalert%281%29'
    """
    text = iri.value if isinstance(iri, NamedNode) else iri
    for base, path in (*PAGES, (str(GRAPH), "/graph/")):
        if text.startswith(base):
            local, hash_, part = text[len(base) :].partition("#")
            if _LOCAL.fullmatch(local):
                if base == str(CLAIM):
                    part = _READING.sub("readings", _SELECTOR.sub(r"\1", part))
                return path + local + (hash_ + quote(part) if hash_ else "")
    if text.startswith(str(SG)) and _LOCAL.fullmatch(text[len(str(SG)) :]):
        return f"/ontology#{text[len(str(SG)) :]}"
    return resource_address(text)


def resource_address(iri: NamedNode | str, extension: str = "") -> str:
    """Return the address of the page, or with an extension the data, of any resource."""
    text = iri.value if isinstance(iri, NamedNode) else iri
    return "/resource?" + urlencode({"iri": text, **({"format": extension} if extension else {})})


def data_of(iri: NamedNode | str, extension: str) -> str:
    """Return the path of the data about an IRI in one format.

    >>> data_of("https://w3id.org/scrutiny-graph/vocab/stated", "ttl")
    '/data/vocab/stated.ttl'
    """
    text = iri.value if isinstance(iri, NamedNode) else iri
    for base, path in (*DATA, (str(GRAPH), "/graph/")):
        if text.startswith(base) and _LOCAL.fullmatch(text[len(base) :]):
            return f"{path}{text[len(base) :]}.{extension}"
    return resource_address(text, extension)


def thing_of(iri: NamedNode | str) -> str:
    """Return the path under which this site answers for an IRI of ours: `/id/x` for `…/id/x`; else its page."""
    text = iri.value if isinstance(iri, NamedNode) else iri
    for base, path in CITED:
        if text.startswith(base) and _LOCAL.fullmatch(text[len(base) :]):
            return path + text[len(base) :]
    return page_of(text)


def external(iri: NamedNode | str) -> str | None:
    """Return the IRI if it may be a link to the outside: http, https or mailto; else `None`.

    >>> external("https://www.bbc.co.uk/news"), external("JavaScript:alert(1)"), external("urn:x:y")
    ('https://www.bbc.co.uk/news', None, None)
    """
    text = iri.value if isinstance(iri, NamedNode) else iri
    return text if _EXTERNAL.match(text) else None


def site_address(settings: Settings) -> str:
    """Return the public address of the site, without a slash at its end: never taken from a request's Host."""
    if settings.base_url:
        return settings.base_url.rstrip("/")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}" + ("" if settings.port == 80 else f":{settings.port}")

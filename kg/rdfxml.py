"""RDF/XML as the engine writes it, made well formed and the same each time. Pure."""

from __future__ import annotations

import re
from xml.sax.saxutils import unescape

from kg.errors import NotRepresentable

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold at all."""
_NAMELESS = re.compile(rb'<[\w.-]*: xmlns:[\w.-]*="([^"]*)"')
"""What the engine writes for an IRI that no XML name can stand for."""
_ODD_BYTES = re.compile(rb"[\x00-\x08\x0b-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf]")


def well_formed(rdf_xml: bytes) -> bytes:
    r"""Return RDF/XML of the engine as XML: what XML 1.0 cannot hold is U+FFFD, a carriage return is kept by an escape.

    Raises `NotRepresentable` for a property or class that no XML name can stand for: the engine writes it without.

    >>> well_formed(b"<b>a\x01b\r</b>").decode()
    '<b>a�b&#13;</b>'
    """
    if nameless := _NAMELESS.search(rdf_xml):
        iri = unescape(nameless[1].decode("utf-8", "replace"), {"&quot;": '"', "&apos;": "'"})
        raise NotRepresentable(
            f"RDF/XML has no name for <{iri}>: a property or class has to end as an XML name does"
        )
    if not _ODD_BYTES.search(rdf_xml):
        return rdf_xml
    text = rdf_xml.decode("utf-8", "surrogatepass")
    return NOT_XML.sub("\ufffd", text).replace("\r", "&#13;").encode()


def sorted_namespaces(body: bytes) -> bytes:
    """Put the namespaces of the root element in order: the engine writes them in another one each time."""

    def ordered(match: re.Match[bytes]) -> bytes:
        return b"<rdf:RDF" + b"".join(sorted(re.findall(rb'\s+xmlns:[^=]+="[^"]*"', match[0]))) + b">"

    return re.sub(rb"<rdf:RDF[^>]*>", ordered, body, count=1)

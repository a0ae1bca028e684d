"""What is refused before a parser sees it: nothing where a document is due, and XML entities that grow without bound.

Turtle, N-Triples and their kin may be empty graphs; XML and JSON without a root are no documents. The engine's XML
parser expands entities as they are declared, each into the next: a few hundred bytes can mean gigabytes ("billion
laughs"), so the expansion is computed first.
"""

from __future__ import annotations

import re
from mmap import mmap
from pathlib import Path

from kg.errors import SourceError
from kg.formats import RdfFormat

EXPANDED_BYTES, EXPANDED_TIMES = 16 * 1024 * 1024, 40
"""What entities may expand to: this much, and this many times the length of the file.

`&xsd;` for the address of a namespace makes five bytes into some thirty.
"""

_DECLARED = re.compile(rb"""<!ENTITY\s*(?:%\s*)?(\S+)\s+(?:"([^"]*)"|'([^']*)')""")
_USED = re.compile(rb"&([^;&#\s<>\"']+);")
_ROOT = re.compile(rb"<[A-Za-z_:\x80-\xff]")


def check_document(path: Path, content: bytes | mmap, rdf_format: RdfFormat) -> None:
    """Raise `SourceError` for an RDF/XML or JSON-LD document that is empty, or whose entities expand beyond bounds."""
    if rdf_format.name == "jsonld" and not re.search(rb"\S", content):
        raise SourceError(path, None, f"empty, so not {rdf_format.label}: expected an object or an array")
    if rdf_format.name != "rdfxml":
        return
    if not _ROOT.search(content):
        what = "holds no element" if re.search(rb"\S", content) else "empty"
        raise SourceError(path, None, f"{what}, so not {rdf_format.label}: expected rdf:RDF")
    grown, most = _expanded(content), EXPANDED_BYTES + EXPANDED_TIMES * len(content)
    if grown > most:
        line = content[: content.find(b"<!ENTITY")].count(b"\n") + 1
        raise SourceError(
            path, line, f"its XML entities expand to more than {most:,} bytes: write out what they stand for"
        )


def _expanded(content: bytes | mmap) -> int:
    """Return how many bytes the entities of a document make, where declared and where used."""
    sizes: dict[bytes, int] = {}
    total = 0
    for match in _DECLARED.finditer(content):
        value = match[2] if match[2] is not None else match[3]
        size = len(value) + sum(sizes.get(name, 0) for name in _USED.findall(value))
        sizes[match[1]] = max(size, sizes.get(match[1], 0))
        total += size
    if sizes:
        total += sum(sizes.get(match[1], 0) for match in _USED.finditer(content))
    return total

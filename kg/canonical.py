"""The canonical form of a dataset and its hash, which is the version of everything that is published.

RDFC-1.0 (https://www.w3.org/TR/rdf-canon/): blank nodes are relabelled, the quads are written as canonical N-Quads
and sorted by code point; the hash is SHA-256 of that text. Computed from parsed quads, never from a store: a store
rewrites literals (`P18M` becomes `P1Y6M`), and a version must not depend on the engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyoxigraph as ox


def canonical_lines(quads: Iterable[ox.Quad]) -> list[bytes]:
    r"""Return the lines of the canonical N-Quads of a dataset: sorted, de-duplicated, each ending in a newline.

    >>> a, b = ox.NamedNode("urn:a"), ox.NamedNode("urn:b")
    >>> canonical_lines([ox.Quad(b, a, ox.Literal("x")), ox.Quad(a, b, ox.BlankNode(), a)])
    [b'<urn:a> <urn:b> _:c14n0 <urn:a> .\n', b'<urn:b> <urn:a> "x" .\n']
    """
    distinct = set(quads)
    data: Iterable[ox.Quad] = distinct
    if any(isinstance(term, ox.BlankNode) for q in distinct for term in (q.subject, q.object, q.graph_name)):
        dataset = ox.Dataset(distinct)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        data = dataset
    text = ox.serialize(data, format=ox.RdfFormat.N_QUADS) or b""
    # Bytes of UTF-8 sort as code points do. Only "\n" ends a line here: other line breaks are escaped or literal.
    return sorted(line + b"\n" for line in text.split(b"\n") if line)


def dataset_hash(quads: Iterable[ox.Quad]) -> str:
    """Return the RDFC-1.0 hash of a dataset: 64 hexadecimal digits, the same in any order and on any machine.

    >>> dataset_hash([])
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    return hash_lines(canonical_lines(quads))


def hash_lines(lines: Iterable[bytes]) -> str:
    """Return the SHA-256 of lines that `canonical_lines` made."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()

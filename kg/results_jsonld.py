"""A graph as JSON-LD with a context of prefixes: for answers of CONSTRUCT and DESCRIBE.

The engine's own writer expands everything and keeps rdf:type as a property. `kg.jsonld` has the project's context and
frames entities; here any graph must do, quickly.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from kg.errors import NotRepresentable

_STRING = "http://www.w3.org/2001/XMLSchema#string"
_LANG_STRINGS = frozenset(
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#" + name for name in ("langString", "dirLangString")
)
_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def serialize_graph(triples: Sequence[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    """Write JSON-LD with a context of prefixes, one node per subject; the engine's is expanded and has no @type."""
    lines = "\n".join(map(str, triples))
    # an absolute IRI whose scheme is also a prefix (<time:x>) would be read as a compact one
    used = {p: base for p, base in sorted(prefixes.items()) if f"<{base}" in lines and f"<{p}:" not in lines}
    longest = sorted(used.items(), key=lambda item: -len(item[1]))

    def short(iri: str) -> str:
        for prefix, base in longest:
            if iri.startswith(base) and not iri[len(base) :].startswith("//"):
                return f"{prefix}:{iri[len(base) :]}"
        return iri

    nodes: dict[str, dict[str, Any]] = {}
    for triple in triples:
        name = _identifier(triple.subject, short)
        node = nodes.setdefault(name, {"@id": name})
        if triple.predicate.value == _RDF_TYPE and isinstance(triple.object, (ox.NamedNode, ox.BlankNode)):
            node.setdefault("@type", []).append(_identifier(triple.object, short))
        else:
            node.setdefault(short(triple.predicate.value), []).append(_value(triple.object, short))
    text = json.dumps({"@context": used, "@graph": list(nodes.values())}, ensure_ascii=False, indent=1)
    return (text + "\n").encode("utf-8", "surrogatepass")


def _identifier(term: Any, short: Callable[[str], str]) -> str:
    if isinstance(term, ox.Triple):
        raise NotRepresentable("JSON-LD 1.1 has no triple terms")
    return short(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _value(term: Any, short: Callable[[str], str]) -> dict[str, str]:
    if not isinstance(term, ox.Literal):
        return {"@id": _identifier(term, short)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype.value in (_STRING, *_LANG_STRINGS):
        return {"@value": term.value}
    return {"@value": term.value, "@type": short(term.datatype.value)}

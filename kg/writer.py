"""Canonical, readable Turtle and TriG: same quads, same bytes, one change, one line.

The prefixes that are used, in alphabetical order; subjects sorted by IRI; of each subject the type first, the label
next, then the other properties; a subject that fits on a line stands on one. A claim's graph is followed by the part of
the record that describes it. Lexical forms are kept as they were parsed. Blank nodes are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from kg.errors import KgError
from kg.namespaces import CLAIM, DERIVED, OA, PREFIXES, PROV, RDF, RDFS, SG, SH, SKOS, XSD, curie

WIDTH = 110

_PREDICATES = {
    predicate.value: n
    for n, predicate in enumerate(
        (
            RDF.type, RDFS.label, SKOS.prefLabel, SKOS.altLabel, SKOS.definition, SG.assertionKind,
            PROV.hadPrimarySource, SG.position, SG.firstVoice, SG.lastVoice, SG.voice, PROV.agent, SG.capacity,
            SG.through, SG.relays, SG.evidence, SG.dateReading, SG.identityReading, OA.hasSource, OA.hasSelector,
            SG.passageStart, SG.passageEnd, SG.passageDigest, OA.prefix, OA.exact, OA.suffix, OA.start, OA.end,
            SG.expression, SG.readAs, SG.relativeTo, SG.resolvedWith, SG.basis, SG.differenceKind, SG.between,
        )
    )
}  # fmt: skip
_LAST = {SH.select.value: 1, SH.construct.value: 1, SH.ask.value: 1}
_RECORDS = (str(CLAIM), str(DERIVED))
_PARTS = {"v": 0, "e": 1, "d": 2, "i": 3}
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.#-]*[A-Za-z0-9_-])?")
_SHORT_FORMS = {
    XSD.integer.value: re.compile(r"[+-]?[0-9]+"),
    XSD.decimal.value: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD.double.value: re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+"),
    XSD.boolean.value: re.compile(r"true|false"),
}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"([0-9]+)", text) if p]


def _subject_key(iri: str) -> tuple[str, int, list[tuple[int, str]]]:
    if "#" not in iri or not iri.startswith(_RECORDS):
        return iri, -1, []
    base, _, part = iri.partition("#")
    return base, _PARTS.get(part[:1], 9) if part else -1, _natural(part)


def _character(char: str, quote: bool) -> str:
    if quote and char in _ESCAPES:
        return _ESCAPES[char]
    if (
        char != " "
        and unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cf", "Cc", "Co", "Cs")
        and char not in "\n\t"
    ):
        return f"\\u{ord(char):04X}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08X}"
    return char


def _escaped(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return "".join(_character(char, True) for char in text)


class Writer:
    """Writes terms in the shortest safe form and remembers which prefixes it used."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self._written: dict[str, str] = {}

    def iri(self, term: NamedNode) -> str:
        """Write an IRI: with a prefix where its local name is a plain one."""
        text = self._written.get(term.value)
        if text is None:
            text = self._written[term.value] = self._shortest(term)
        return text

    def _shortest(self, term: NamedNode) -> str:
        short = curie(term)
        prefix, _, local = short.partition(":")
        if short != term.value and _PLAIN_LOCAL.fullmatch(local):
            self.used.add(prefix)
            return f"{prefix}:{local}".replace("#", "\\#")
        return str(term)

    def term(self, term: object) -> str:
        """Write a node or literal; a blank node or triple term raises `KgError`."""
        if isinstance(term, NamedNode):
            return self.iri(term)
        if isinstance(term, Literal):
            return self.literal(term)
        raise KgError(f"{'a blank node' if isinstance(term, BlankNode) else term} cannot be written here")

    def literal(self, term: Literal) -> str:
        """Write a literal with its lexical form as it is."""
        short = _SHORT_FORMS.get(term.datatype.value)
        if short and short.fullmatch(term.value):
            return term.value
        text = _escaped(term.value)
        if "\n" in term.value and _long_safe(term.value):
            text = f'"""{"".join(_character(char, False) for char in term.value)}"""'
        else:
            text = f'"{text}"'
        if term.language:
            return f"{text}@{term.language}"
        return text if term.datatype == XSD.string else f"{text}^^{self.iri(term.datatype)}"

    def node(self, subject: NamedNode, pairs: Iterable[tuple[NamedNode, object]], indent: str) -> str:
        """Write all statements about one subject, on one line if they fit."""
        objects: dict[str, set[object]] = defaultdict(set)
        for predicate, value in pairs:
            objects[predicate.value].add(value)
        parts = []
        for predicate_iri in sorted(objects, key=_predicate_key):
            verb = "a" if predicate_iri == RDF.type.value else self.iri(NamedNode(predicate_iri))
            found = objects[predicate_iri]
            in_order = sorted(found, key=_object_key) if len(found) > 1 else found
            parts.append((verb, [self.term(value) for value in in_order]))
        name = self.iri(subject)
        line = f"{indent}{name} " + " ; ".join(f"{verb} {', '.join(values)}" for verb, values in parts) + " ."
        if len(line) <= WIDTH and "\n" not in line:
            return line + "\n"
        lines = []
        for n, (verb, values) in enumerate(parts):
            start = f"{indent}{name} " if n == 0 else f"{indent}  "
            text = f"{start}{verb} {', '.join(values)}"
            if len(text) > WIDTH - 2 and len(values) > 1:
                text = f"{start}{verb}\n" + ",\n".join(f"{indent}    {value}" for value in values)
            lines.append(text)
        return " ;\n".join(lines) + " .\n"


def _object_key(value: object) -> tuple[tuple[str, int, list[tuple[int, str]]], str]:
    return _subject_key(value.value) if isinstance(value, NamedNode) else ("", -1, []), str(value)


def _long_safe(value: str) -> bool:
    return '"""' not in value and not value.endswith('"') and "\\" not in value and "\r" not in value


def _predicate_key(iri: str) -> tuple[int, int, str]:
    return _LAST.get(iri, 0), _PREDICATES.get(iri, len(_PREDICATES)), iri


def serialize_trig(quads: Iterable[Quad], first: NamedNode | None = None) -> str:
    """Write quads as canonical TriG; without named graphs the result is Turtle.

    `first` is what the document is about: it comes before the other subjects.

    The default graph comes first, a subject per paragraph. Then, in order of their IRIs, each claim (or derivation):
    its graph, and the part of each record graph that describes it. Then what is left of the other graphs.
    Raises `KgError` for a blank node.
    """
    graphs: dict[str, dict[str, list[tuple[NamedNode, object]]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        graph, subject = quad.graph_name, quad.subject
        if isinstance(graph, BlankNode) or not isinstance(subject, NamedNode):
            raise KgError(f"a blank node cannot be written here: {quad}")
        name = "" if isinstance(graph, DefaultGraph) else graph.value
        graphs[name][subject.value].append((quad.predicate, quad.object))
    blocks: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for name, subjects in graphs.items():
        for subject_iri in subjects:
            about = subject_iri.partition("#")[0] if subject_iri.startswith(_RECORDS) else ""
            if name.startswith(_RECORDS):
                blocks[(name, 0, name)].append(subject_iri)
            elif name and about:
                blocks[(about, 1, name)].append(subject_iri)
            else:
                blocks[("", 0, "") if not name else ("~" + name, 0, name)].append(subject_iri)
    about_iri = first.value if first is not None else ""

    def in_order(iri: str) -> tuple[bool, object]:
        return iri != about_iri, _subject_key(iri)

    writer = Writer()
    body: list[str] = []
    for block in sorted(blocks):
        name = block[2]
        texts = [
            writer.node(NamedNode(subject_iri), graphs[name][subject_iri], "  " if name else "")
            for subject_iri in sorted(blocks[block], key=in_order)
        ]
        if not name:
            body.append("\n".join(texts))
        else:
            gap = "" if block[1] else "\n"
            body.append(gap + f"{writer.iri(NamedNode(name))} {{\n{''.join(texts)}}}\n")
    header = "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in sorted(writer.used))
    content = "".join(body)
    return header + ("" if content.startswith("\n") else "\n") + content if content else header

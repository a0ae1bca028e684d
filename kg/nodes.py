"""The properties of nodes, read one at a time, with errors that name the node and the property."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kg.errors import ClaimError
from kg.namespaces import RDF, curie

Term = NamedNode | BlankNode | Literal | Triple


def name_of(term: object) -> str:
    """Name a term in a message: as a CURIE, or for what it is."""
    if isinstance(term, NamedNode):
        return curie(term)
    return "a blank node" if isinstance(term, BlankNode) else str(term)


class Nodes:
    """What some quads say of each subject, whatever their graphs; values in their order, without repeats."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.of: dict[Term, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for quad in quads:
            values = self.of[quad.subject][quad.predicate]
            if quad.object not in values:
                values.append(quad.object)

    def all(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """Return the values of a property, none if there is none."""
        return self.of[subject].get(predicate, []) if subject in self.of else []

    def one(self, subject: Term, predicate: NamedNode) -> Term | None:
        """Return the only value. Raises `ClaimError` for more than one."""
        found = self.all(subject, predicate)
        if len(found) > 1:
            raise ClaimError(
                f"{name_of(subject)} has {len(found)} values of {name_of(predicate)}: expected one"
            )
        return found[0] if found else None

    def node(self, subject: Term, predicate: NamedNode) -> NamedNode | None:
        """Return the only value, which must be an IRI."""
        found = self.one(subject, predicate)
        if found is not None and not isinstance(found, NamedNode):
            raise ClaimError(f"{name_of(subject)}: {name_of(predicate)} is {name_of(found)}: expected an IRI")
        return found

    def need(self, subject: Term, predicate: NamedNode) -> NamedNode:
        """Return the only value, an IRI that must be there."""
        found = self.node(subject, predicate)
        if found is None:
            raise ClaimError(f"{name_of(subject)} has no {name_of(predicate)}")
        return found

    def text(self, subject: Term, predicate: NamedNode) -> str | None:
        """Return the text of the only value, which must be a literal."""
        found = self.one(subject, predicate)
        if found is not None and not isinstance(found, Literal):
            raise ClaimError(
                f"{name_of(subject)}: {name_of(predicate)} is {name_of(found)}: expected a literal"
            )
        return found.value if found is not None else None

    def number(self, subject: Term, predicate: NamedNode) -> int | None:
        """Return the only value, which must be a whole number from 0."""
        text = self.text(subject, predicate)
        if text is not None and not (text.isascii() and text.isdigit()):
            raise ClaimError(f"{name_of(subject)}: {name_of(predicate)} is {text!r}: expected a whole number")
        return int(text) if text is not None else None

    def only(self, subject: Term, allowed: Set[NamedNode], what: str) -> None:
        """Check that a subject has no property but those allowed and its type."""
        unknown = sorted(curie(p) for p in self.of.get(subject, {}) if p not in allowed and p != RDF.type)
        if unknown:
            known = ", ".join(sorted(curie(predicate) for predicate in allowed))
            raise ClaimError(f"{name_of(subject)}: {', '.join(unknown)} in {what}: expected {known}")

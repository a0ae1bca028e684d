"""Parameters of stored questions: what a person types becomes a term of the declared type, or an error that helps.

A thing can be named by its IRI, a CURIE, its slug, or by words of a label or other name that only one thing of its
class has; a day as people write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kg.errors import ParameterError, UnknownParameter
from kg.labels import labels, term_in_words
from kg.namespaces import ID, PROV, RDFS, SGV, SKOS, XSD, curie
from kg.queries import Queryable, select, value_of
from kg.questions.days import parse_day
from kg.terms import Term, parse_iri, parse_literal

SHOWN = 8
"""How many allowed values an error names."""
FEW = 12
"""Of no more concepts of a scheme than this an error names all: a near spelling is no near meaning."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question: the variable that it binds, and what may be bound.

    Either `datatype` is set or `kind`, the class of the things; `scheme` narrows concepts to one scheme, `choices` to a
    few values. Without a `default` the parameter is optional and means "any".
    """

    iri: NamedNode
    name: str
    label: str
    datatype: NamedNode | None = None
    kind: NamedNode | None = None
    scheme: NamedNode | None = None
    choices: tuple[Term, ...] = ()
    default: Term | None = None
    description: str = ""
    order: int = 0

    @property
    def short_default(self) -> str:
        """The default as a person would type it; the empty text if there is none."""
        if isinstance(self.default, NamedNode):
            return slug_of(self.default)
        return "" if self.default is None else self.default.value


def slug_of(iri: NamedNode) -> str:
    """Return the name by which a person may call a thing: the local name of `id:x`, else the CURIE."""
    short = curie(iri)
    return short.removeprefix("id:")


def allowed_values(store: Queryable, parameter: Parameter) -> dict[NamedNode, tuple[str, ...]]:
    """Return the things that a parameter can be, each with its names, the label first; empty for a datatype."""
    if parameter.datatype is not None:
        return {}
    if parameter.choices:
        named = labels(store, parameter.choices)
        return {iri: (named[iri],) for iri in sorted(named, key=lambda iri: named[iri])}
    if parameter.scheme is not None:
        rows = select(store, "concepts", scheme=parameter.scheme)
    elif parameter.kind is not None:
        rows = select(store, "members", kind=parameter.kind)
    else:
        rows = []
    found: dict[NamedNode, list[tuple[int, str]]] = {}
    for iri, prop, name in rows:
        if isinstance(iri, NamedNode):
            names = found.setdefault(iri, [])
            if isinstance(name, Literal):
                names.append((_RANK[prop], name.value))
    ordered = {iri: tuple(dict.fromkeys(name for _, name in sorted(names))) for iri, names in found.items()}
    return dict(sorted(ordered.items(), key=lambda item: (item[1][:1], item[0].value)))


def parse_value(store: Queryable, parameter: Parameter, text: str) -> Term:
    """Turn what a person typed into a term. Raises `ParameterError`, naming field, text and what is allowed."""
    if parameter.datatype is not None:
        if parameter.datatype == XSD.date:
            literal = parse_day(text, parameter.name)
        else:
            literal = parse_literal(text, parameter.datatype, parameter.name)
        if parameter.choices and literal not in parameter.choices:
            words = ", ".join(term_in_words(choice, {}) for choice in parameter.choices)
            raise ParameterError(parameter.name, text, "is not one of the choices", f"one of {words}")
        return literal
    allowed = allowed_values(store, parameter)
    wanted = text.strip()
    for iri in (parse_iri(wanted), _local(ID, wanted), _local(SGV, wanted)):
        if iri is not None and (iri in allowed or (parameter.kind is None and not parameter.choices)):
            return iri
    folded = _fold(wanted)
    hits = [iri for iri, names in allowed.items() if any(_fold(name) == folded for name in names[:1])]
    hits = hits or [iri for iri, names in allowed.items() if any(_fold(name) == folded for name in names)]
    part = _with_words(set(folded.split()), allowed)
    close = _with_words(set(folded.split()), allowed, most=2)
    hits = hits or close[: 1 if len(close) == 1 else 0]
    if len(hits) == 1:
        return hits[0]
    if hits:
        several = f"one of {_listed(hits, allowed)}"
        raise ParameterError(parameter.name, text, "names several things", several, _named(hits, allowed))
    near = part[:SHOWN] or _near(wanted, allowed)
    if parameter.scheme is not None and len(allowed) <= FEW:
        near += [iri for iri in allowed if iri not in near]
    problem = f"is no {_what(store, parameter)}" if parameter.scheme is None else "is not one of the choices"
    raise ParameterError(parameter.name, text, problem, _hint(near, allowed), _named(near, allowed))


def bind_values(
    store: Queryable, parameters: Sequence[Parameter], given: Mapping[str, str | Iterable[str]]
) -> dict[str, list[Term | None]]:
    """Return the terms of every parameter: those given, else its default, else `None` for any.

    A value is a text or several. An empty one means "any" where a parameter is optional; where it has a default, it is
    an error rather than another question than the one that was asked. Raises `ParameterError` for that, for a name that
    no parameter has, for a bad value and for a period that ends before it begins.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise UnknownParameter(name, "this question", known)
    bound: dict[str, list[Term | None]] = {}
    for name, parameter in known.items():
        value = given.get(name, ())
        texts = [value] if isinstance(value, str) else list(value)
        if parameter.default is not None and not all(text.strip() for text in texts):
            default = f"a value; without {name}= it is {parameter.short_default}"
            raise ParameterError(name, "", "is empty", default)
        terms = [parse_value(store, parameter, text) for text in texts if text.strip()]
        bound[name] = list(dict.fromkeys(terms)) or [parameter.default]
    _check_period(bound)
    return bound


def _check_period(bound: Mapping[str, Sequence[Term | None]]) -> None:
    """Raise `ParameterError` where a day `to` is before a day `from`: that nothing is found would say nothing."""
    begins, ends = (
        [term for term in bound.get(name, ()) if isinstance(term, Literal) and term.datatype == XSD.date]
        for name in ("from", "to")
    )
    if begins and ends:
        begin, end = max(begins, key=value_of), min(ends, key=value_of)
        if end.value < begin.value:
            allowed = f"{term_in_words(begin, {})} or later"
            raise ParameterError(
                "to", term_in_words(end, {}), "is before the beginning of the period", allowed
            )


def _what(store: Queryable, parameter: Parameter) -> str:
    if parameter.kind == PROV.Agent:
        return "person or body"
    return labels(store, [parameter.kind])[parameter.kind].lower() if parameter.kind else "allowed value"


def _with_words(
    words: set[str], allowed: Mapping[NamedNode, tuple[str, ...]], most: int | None = None
) -> list[NamedNode]:
    """Return the things of which a name has all of some words; with `most`, at most so many times as many."""
    found = []
    for iri, names in allowed.items():
        having = [own for own in (set(_fold(name).split()) for name in names) if words and words <= own]
        if any(most is None or len(own) <= most * len(words) for own in having):
            found.append(iri)
    return found


def _near(wanted: str, allowed: Mapping[NamedNode, tuple[str, ...]]) -> list[NamedNode]:
    """Return the things whose names read most like a text, best first."""
    from rapidfuzz import fuzz, process

    names = {iri: " ".join((*names, slug_of(iri).replace("-", " "))) for iri, names in allowed.items()}
    found = process.extract(wanted, names, scorer=fuzz.WRatio, processor=_fold, limit=SHOWN, score_cutoff=60)
    return [iri for _, _, iri in found]


def _hint(near: Sequence[NamedNode], allowed: Mapping[NamedNode, tuple[str, ...]]) -> str:
    shown = near or list(allowed)[:SHOWN]
    more = f" and {len(allowed) - len(shown)} more" if len(allowed) > len(shown) and not near else ""
    if not shown:
        return "a thing of the data, of which there is none of this kind"
    return f"one of {_listed(shown, allowed)}{more}"


def _listed(iris: Iterable[NamedNode], allowed: Mapping[NamedNode, tuple[str, ...]]) -> str:
    named = _named(iris, allowed)
    return ", ".join(f"{label} ({slug})" if label != slug else slug for slug, label in named)


def _named(
    iris: Iterable[NamedNode], allowed: Mapping[NamedNode, tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    """Return what a person would type for each thing, and its label."""
    return tuple((slug_of(iri), allowed[iri][0] if allowed[iri] else slug_of(iri)) for iri in iris)


def _local(namespace: object, text: str) -> NamedNode | None:
    if not text or any(char.isspace() for char in text):
        return None
    try:
        return NamedNode(f"{namespace}{text}")
    except ValueError:
        return None


def _fold(text: str) -> str:
    """Return the words of a name, whatever its case, its apostrophes, its hyphens, or "&" for "and"."""
    plain = re.sub("['’]", "", text.casefold()).replace("&", " and ")
    return " ".join(re.findall(r"\w+", plain))


_RANK = {SKOS.prefLabel: 0, RDFS.label: 0, SKOS.altLabel: 1}

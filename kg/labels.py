"""Words for terms: the best English label of any IRI, chains of voices and dates in words.

Labels are read in batches: one query for all IRIs of a page. An IRI without a label shows as its CURIE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.namespaces import EDTF, FOAF, ID, RDFS, SCHEMA, SG, SKOS, XSD, curie
from kg.queries import Queryable, memory_of, select, unknown

if TYPE_CHECKING:
    from kg.record import Voice

_RANK = {SKOS.prefLabel: 0, RDFS.label: 1, FOAF.name: 2, SCHEMA.name: 3, SG.edtf: 4}
_BATCH = 2000


def labels(store: Queryable, terms: Iterable[object]) -> dict[NamedNode, str]:
    """Return a label for every IRI among `terms`; other terms are passed over.

    `skos:prefLabel` before `rdfs:label` before names; English before text without a language before any. A date
    node shows in words ("summer 2013"). An IRI that has none shows as its CURIE, or as it is.
    """
    wanted = {term for term in terms if isinstance(term, NamedNode)}
    known = memory_of(store, "labels")
    missing = unknown(wanted, known)
    best: dict[NamedNode, tuple[tuple[int, int, str], str]] = {}
    for batch in _batches(missing):
        for iri, prop, label in select(store, "labels", x=batch):
            if not isinstance(label, Literal):
                continue
            words = edtf_in_words(label.value) if prop == SG.edtf else label.value
            key = (_RANK[prop], _language_rank(label.language), words)
            if iri not in best or key < best[iri][0]:
                best[iri] = (key, words)
    known.update({iri: best[iri][1] if iri in best else _unlabelled(iri) for iri in missing})
    return {iri: known[iri] for iri in wanted}


def term_in_words(term: object, names: Mapping[NamedNode, str]) -> str:
    """Return a term for a reader: the label of an IRI, a day as "1 June 2014", other literals as they are.

    >>> term_in_words(Literal("2014-06-01", datatype=XSD.date), {})
    '1 June 2014'
    >>> term_in_words(ID.ofsted, {}), term_in_words(None, {})
    ('id:ofsted', 'not stated')
    """
    if isinstance(term, NamedNode):
        return names.get(term) or _unlabelled(term)
    if not isinstance(term, Literal):
        return "not stated" if term is None else str(term)
    if term.datatype == XSD.date:
        return day_in_words(term.value)
    if term.datatype == XSD.boolean:
        return "yes" if term.value in ("true", "1") else "no"
    if term.datatype == XSD.duration:
        return duration_in_words(term.value)
    if term.datatype == EDTF.EDTF:
        return edtf_in_words(term.value)
    if term.datatype in (XSD.integer, XSD.decimal):
        return number_in_words(term.value)
    return term.value


def day_in_words(text: str) -> str:
    """Return an `xsd:date` in words; what is no plain day comes back as it is.

    >>> day_in_words("2014-06-01"), day_in_words("2014-06-01Z")
    ('1 June 2014', '2014-06-01Z')
    """
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    return text if day is None else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def number_in_words(text: str) -> str:
    """Return a number with its thousands set apart, from five digits on; years stay as they are.

    >>> number_in_words("741000"), number_in_words("2014"), number_in_words("12500.50")
    ('741,000', '2014', '12,500.50')
    """
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}" if re.fullmatch(r"[+-]?[0-9]{5,}", whole) else text


def edtf_in_words(text: str) -> str:
    """Return an EDTF expression in words, as `kg.dates` has them; one that it does not know comes back as it is."""
    from kg.dates import in_words
    from kg.errors import DateError

    try:
        return in_words(text)
    except DateError:
        return text


def duration_in_words(text: str) -> str:
    """Return an `xsd:duration` in words; whole weeks are told as weeks.

    >>> duration_in_words("P28D"), duration_in_words("P1Y6M"), duration_in_words("P6M")
    ('4 weeks', '1 year 6 months', '6 months')
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        return text
    amounts = {unit: int(value) for unit, value in found.groupdict().items() if value}
    days = amounts.get("day", 0)
    if days and days % 7 == 0 and len(amounts) == 1:
        amounts = {"week": days // 7}
    return " ".join(f"{n} {unit}{'' if n == 1 else 's'}" for unit, n in amounts.items()) or text


def voices_in_words(voices: Iterable[Voice], names: Mapping[NamedNode, str]) -> str:
    """Return a chain of voices, narrator first: "Chard & Ilminster News, quoting Patrick Flaherty".

    Further voices follow as "who quotes"; what a voice speaks through and in which capacity stand in brackets.
    """
    told = [_voice_in_words(voice, names, n > 0) for n, voice in enumerate(voices)]
    if not told:
        return "no voice"
    head, *rest = told
    return head + "".join(
        f", {'quoting' if i == 0 else 'who quotes'} {voice}" for i, voice in enumerate(rest)
    )


def column_in_words(name: str) -> str:
    """Return the heading of a column named by a variable.

    >>> column_in_words("publishedOn"), column_in_words("inAPeriodOf"), column_in_words("grade_2015")
    ('published on', 'in a period of', 'grade 2015')
    >>> column_in_words("does")
    'kind of statement'
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_", " ", name).lower()
    return _HEADINGS.get(words, words)


def _voice_in_words(voice: Voice, names: Mapping[NamedNode, str], later: bool) -> str:
    extra = [f"as {inside(term_in_words(voice.capacity, names))}"] if voice.capacity else []
    extra += [f"in {inside(term_in_words(voice.through, names))}"] if voice.through else []
    name = term_in_words(voice.agent, names)
    return (inside(name) if later else name) + (f" ({', '.join(extra)})" if extra else "")


def inside(label: str) -> str:
    """Return a label as it stands within a sentence.

    >>> inside("The council's announcement"), inside("Ofsted")
    ("the council's announcement", 'Ofsted')
    """
    first, space, rest = label.partition(" ")
    return f"{first.lower()} {rest}" if space and first in ("The", "A", "An") else label


def _unlabelled(iri: NamedNode) -> str:
    if iri.value.startswith(f"{ID}date-"):
        from kg.dates import edtf_of
        from kg.errors import DateError

        try:
            return edtf_in_words(edtf_of(iri.value))
        except DateError:
            pass
    return curie(iri)


def _language_rank(language: str | None) -> int:
    if language is None:
        return 2
    return 0 if language in ("en", "en-gb") else 1 if language.startswith("en") else 3


def _batches(items: list[NamedNode]) -> Iterator[list[NamedNode]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_HEADINGS = {
    "act": "what happened",
    "as": "speaking as",
    "basis": "how we know",
    "by": "said by",
    "counts from": "lowest grade that counts",
    "direction": "better or worse",
    "does": "kind of statement",
    "in short": "in our words",
    "of": "of what",
    "precision": "exactly or about",
    "sure": "how sure",
    "version": "what is said",
    "wording": "words of the source",
    "words": "words of the source",
}
"""Columns of stored questions whose name says too little for a heading."""
_DURATION = re.compile(r"P(?:(?P<year>\d+)Y)?(?:(?P<month>\d+)M)?(?:(?P<day>\d+)D)?")

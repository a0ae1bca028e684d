"""Terms, numbers and addresses as a template writes them: filters without state. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from kg.dates import edtf_of, is_date_iri
from kg.errors import DateError
from kg.evidence import ClaimView
from kg.formats import RDF_FORMATS, RESULTS_FORMATS
from kg.labels import day_in_words, term_in_words
from kg.namespaces import ID
from web.links import page_of

ARTICLE = f"{ID}article-"


def local(term: NamedNode | str | None) -> str:
    """Return the local name of an IRI: what follows the last slash or number sign.

    >>> local(ID.ofsted), local(None)
    ('ofsted', '')
    """
    text = "" if term is None else term.value if isinstance(term, NamedNode) else term
    return text.replace("#", "/").rpartition("/")[2]


def article_page(iri: NamedNode) -> str:
    """Return the address of an article's page; a table of the record has the page of any entity."""
    text = iri.value
    return f"/articles/{text[len(ARTICLE) :]}" if text.startswith(ARTICLE) else page_of(iri)


def words(term: object, names: Mapping[NamedNode, str] | None = None) -> str:
    """Return a term in words, by the labels in `names`."""
    return term_in_words(term, names or {})


def edtf(term: NamedNode) -> str:
    """Return the EDTF expression that a date's IRI stands for."""
    return edtf_of(term.value)


def is_date(term: object) -> bool:
    """Whether a term is the IRI of a date, and well formed."""
    if not isinstance(term, NamedNode) or not is_date_iri(term.value):
        return False
    try:
        edtf_of(term.value)
    except DateError:
        return False
    return True


def row_words(fragment: str | None) -> str:
    """Return a row of a table in words.

    >>> row_words("row=846")
    'row 846 of the table'
    """
    return f"row {(fragment or '').removeprefix('row=')} of the table"


def excerpt_words(claim: ClaimView) -> str:
    """Return the words of a claim's source, in quotation marks, or its row of a table."""
    if not claim.excerpts:
        return next((row_words(piece.fragment) for piece in claim.evidence), claim.sentence)
    return " … ".join(f"‘{words}’" if set(words) & set('"“”') else f"“{words}”" for words in claim.excerpts)


def query_string(arguments: Mapping[str, object]) -> str:
    """Return arguments as the query part of an address; empty ones are left out.

    >>> query_string({"q": "a b", "kind": ""})
    'q=a+b'
    """
    return urlencode({name: value for name, value in arguments.items() if value not in ("", None)})


def a_or_an(noun: str) -> str:
    """Return a noun with its indefinite article.

    >>> a_or_an("inspectorate"), a_or_an("person")
    ('an inspectorate', 'a person')
    """
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def lower_first(text: str) -> str:
    """Return a label inside a sentence: the first letter small unless the word is all capitals.

    >>> lower_first("Improvement notice"), lower_first("DfE number")
    ('improvement notice', 'DfE number')
    """
    word = text.partition(" ")[0]
    return text if word[1:] != word[1:].lower() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Return a text with its first letter large, the others as they are.

    >>> upper_first("change over time"), upper_first("")
    ('Change over time', '')
    """
    return text[:1].upper() + text[1:]


def this(noun: str) -> str:
    """Return "this person" for "person"."""
    return f"this {noun}"


def day_words(day: str | None) -> str:
    """Return an ISO day in words, the empty text for none."""
    return day_in_words(day) if day else ""


def grade_class(grade: NamedNode) -> str:
    """Return the class that a grade is drawn with: its local name without the scale's.

    >>> from kg.namespaces import SGV
    >>> grade_class(SGV["sif-requires-improvement"]), grade_class(SGV["unscaled-good"])
    ('requires-improvement', 'good')
    """
    return local(grade).partition("-")[2]


def format_label(name: str) -> str:
    """Return what a format is called.

    >>> format_label("rdfxml")
    'RDF/XML'
    """
    known = {f.name: f.label for f in RDF_FORMATS} | {f.name: f.label for f in RESULTS_FORMATS}
    return known[name]


def without(text: str, start: str) -> str:
    """Return a text without the words that it begins with."""
    return text.removeprefix(start).strip()


def with_format(address: str, name: str) -> str:
    """Return an address with the parameter `format`.

    >>> with_format("/questions/x?day=1", "csv"), with_format("/questions/x", "csv")
    ('/questions/x?day=1&format=csv', '/questions/x?format=csv')
    """
    return f"{address}{'&' if '?' in address else '?'}format={name}"

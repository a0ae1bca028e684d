"""How to cite a claim, a derivation or a thing: in words, Harvard-like, as BibTeX and as CSL-JSON.

Pure. Every style has the persistent IRI and the version of the data set, since a claim is cited as it stood in one
version. There is no year: the version, a hash of all statements, says more exactly which state is meant.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from kg.namespaces import BASE

AUTHOR = "Scrutiny Graph"
_KINDS = {"claim": "Claim", "derived": "Conclusion by rule", "id": "Entry", "vocab": "Concept"}


@dataclass(frozen=True)
class Cited:
    """What is cited: its IRI, the words that stand for it, the version, and, of a claim, on whose word it rests.

    `voices` is the chain in words, `source` the title of the article or table that it is read from.
    """

    iri: str
    title: str
    version: str
    voices: str = ""
    source: str = ""

    @property
    def kind(self) -> str:
        """What it is, by its IRI.

        >>> Cited(BASE + "claim/0d66", "", "").kind, Cited("urn:x", "", "").kind
        ('Claim', 'Entry')
        """
        return _KINDS.get(self.iri.removeprefix(BASE).partition("/")[0], "Entry")

    @property
    def key(self) -> str:
        """A key for bibliographies: letters, digits, hyphens and a colon.

        >>> Cited(BASE + "id/peter-lewis", "Peter Lewis", "5765e9de267f" + "0" * 52).key
        'scrutiny-graph:peter-lewis-5765e9de'
        """
        local = re.sub(r"[^A-Za-z0-9-]+", "-", self.iri.replace("#", "/").rpartition("/")[2]).strip("-")
        return f"scrutiny-graph:{local}-{self.version[:8]}"


@dataclass(frozen=True)
class Style:
    """A style of citation: its name in an address, its label, the media type and the extension of a file of it."""

    name: str
    label: str
    media_type: str
    extension: str


STYLES = (
    Style("plain", "Plain", "text/plain; charset=utf-8", "txt"),
    Style("harvard", "Harvard", "text/plain; charset=utf-8", "txt"),
    Style("bibtex", "BibTeX", "application/x-bibtex; charset=utf-8", "bib"),
    Style("csl", "CSL-JSON", "application/vnd.citationstyles.csl+json", "json"),
)


def cite(cited: Cited, style: str) -> str:
    """Return a citation in one of `STYLES`, by name. Raises `KeyError` for another name.

    >>> print(cite(Cited(BASE + "id/ofsted", "Ofsted", "5765e9de267f" + "0" * 52), "plain"))
    Ofsted. Scrutiny Graph, data set 5765e9de267f. https://w3id.org/scrutiny-graph/id/ofsted
    """
    return {"plain": _plain, "harvard": _harvard, "bibtex": _bibtex, "csl": _csl}[style](cited)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!", ".”", '."')) else f"{text}."


def _basis(cited: Cited) -> str:
    if cited.voices and cited.source:
        return f"{cited.voices}, in “{cited.source}”"
    return cited.voices or cited.source


def _plain(cited: Cited) -> str:
    basis = f" Source: {_sentence(_basis(cited))}" if _basis(cited) else ""
    return f"{_sentence(cited.title)}{basis} {AUTHOR}, data set {cited.version[:12]}. {cited.iri}"


def _harvard(cited: Cited) -> str:
    title = cited.title.rstrip(".")
    basis = f" Based on: {_basis(cited).rstrip('.')}." if _basis(cited) else ""
    return (
        f"{AUTHOR} (n.d.) ‘{title}’, {cited.kind.lower()} in {AUTHOR} [data set], version {cited.version[:12]}."
        f"{basis} Available at: {cited.iri} (Accessed: day month year)."
    )


def _bibtex(cited: Cited) -> str:
    fields = {
        "author": "{" + AUTHOR + "}",
        "title": "{" + _tex(cited.title.rstrip(".")) + "}",
        "howpublished": f"{cited.kind} in {AUTHOR}, data set",
        "version": cited.version,
        "url": cited.iri,
    }
    if _basis(cited):
        fields["note"] = "Based on: " + _tex(_basis(cited).rstrip("."))
    lines = ",\n".join(f"  {name:<12} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{cited.key},\n{lines}\n}}"


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in text)


def _csl(cited: Cited) -> str:
    entry: dict[str, object] = {
        "id": cited.key,
        "type": "dataset",
        "author": [{"literal": AUTHOR}],
        "title": cited.title.rstrip("."),
        "genre": cited.kind,
        "container-title": AUTHOR,
        "version": cited.version,
        "URL": cited.iri,
    }
    if _basis(cited):
        entry["note"] = f"Based on: {_basis(cited).rstrip('.')}"
    return json.dumps([entry], ensure_ascii=False, indent=2)

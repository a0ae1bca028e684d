"""What an address that leads nowhere may have meant: nearest names, in the form in which they were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.errors import KgError
from kg.formats import RDF_FORMATS
from kg.namespaces import CLAIM, SG, SGV, curie
from kg.questions.answering import suggest
from kg.search.finder import Hit
from web.classes import flat, tree
from web.library import all_questions
from web.links import data_of, thing_of
from web.search_index import LONGEST, hit_address, search_index
from web.serving.served import served
from web.words import article_page

MOST = 6
_FORMATS = "|".join(f.extension for f in RDF_FORMATS)
_ADDRESS = re.compile(
    r"/(?P<view>id|page|data|vocab|claim|derived|graph|browse|questions|articles|brief)"
    rf"/(?P<rest>.*?)(?:\.(?P<format>{_FORMATS}))?/?"
)
_ENDING = re.compile(r"\.[a-z0-9]{1,6}$", re.IGNORECASE)


@dataclass(frozen=True)
class Suggestion:
    """A page or a file that may be meant, and what it is about."""

    address: str
    label: str


def suggestions(path: str) -> list[Suggestion]:
    """Return what may be meant by a path that leads nowhere, likeliest first; nothing where nothing is like it."""
    if served().is_files:
        return []
    match = _ADDRESS.fullmatch(path)
    try:
        if match is None:
            return _things(_words(path.rstrip("/").rpartition("/")[2]), "", "")
        view, rest, form = match["view"], match["rest"], match["format"] or ""
        if view == "questions":
            return _questions(_words(rest))
        if view == "browse":
            return _classes(rest)
        if view == "articles":
            return _articles(_words(rest))
        if view in ("claim", "derived"):
            return _claims(rest, form)
        words = _words(rest.rpartition("/")[2])
        if view == "brief":
            councils = [hit for hit in _hits(words, ("thing",)) if hit.type == SG.Council]
            return [Suggestion(f"/brief/{_local(hit.iri)}", hit.label) for hit in councils[:MOST]]
        return _things(words, view, form, vocabulary="vocab" in (view, rest.partition("/")[0]))
    except KgError:
        return []


def lost_words(path: str) -> str:
    """Return the words of a path's last part, to search for."""
    return _words(path.rstrip("/").rpartition("/")[2])[:80]


def _words(name: str) -> str:
    return " ".join(re.split(r"[-_+\s:#]+", _ENDING.sub("", name))).strip()


def _hits(words: str, kinds: Iterable[str]) -> list[Hit]:
    found = search_index().find(words[:LONGEST])
    wanted = frozenset(kinds)
    return [hit for hit in found.hits if hit.kind in wanted] if words else []


def _things(words: str, view: str, form: str, *, vocabulary: bool = False) -> list[Suggestion]:
    kinds = ("thing", "article", "question", "term") if not view else ("thing", "article", "term")
    hits = _hits(words, kinds)
    if vocabulary:
        hits.sort(key=lambda hit: hit.iri not in SGV)
    made = []
    for hit in hits[:MOST]:
        if view == "data" or form:
            address = data_of(hit.iri, form or "ttl")
        else:
            address = thing_of(hit.iri) if view in ("id", "vocab") else hit_address(hit)
        made.append(
            Suggestion(address, f"{hit.label} ({curie(hit.iri)})" if hit.kind == "term" else hit.label)
        )
    return made


def _questions(words: str) -> list[Suggestion]:
    return [Suggestion(f"/questions/{q.slug}", q.text) for q in suggest(all_questions(), words)]


def _articles(words: str) -> list[Suggestion]:
    index = search_index()
    near = [(hit_address(hit), hit.label) for hit in _hits(words, ("article",)) if hit.type == SG.Article]
    every = [(article_page(d.iri), d.label) for d in index.of_kind("article") if d.type == SG.Article]
    return [Suggestion(address, label) for address, label in (near or every)[:MOST]]


def _claims(name: str, form: str) -> list[Suggestion]:
    """Return the claims whose names are nearest: an identifier is mistyped or cut short, never remembered."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    index = search_index()
    names = {iri: iri.value.removeprefix(str(CLAIM)) for iri in (d.iri for d in index.of_kind("claim"))}
    near = [iri for iri, local in names.items() if len(name) >= 4 and local.startswith(name)]
    if not near:
        found = process.extract(name, names, scorer=OSA.distance, score_cutoff=4, limit=MOST)
        near = [iri for _, _, iri in found]
    made = []
    for iri in near[:MOST]:
        document = index.document(iri)
        address = data_of(iri, form) if form else f"/claim/{names[iri]}"
        made.append(Suggestion(address, document.label if document is not None else names[iri]))
    return made or [Suggestion("/browse/sg:Claim", f"All {len(names):,} claims")]


def _classes(name: str) -> list[Suggestion]:
    from rapidfuzz import fuzz, process

    from kg.search.words import fold

    state = served()
    groups, rest = state.remember("tree", lambda: tree(state))
    nodes = {node.address: node for node in [*flat(node for _, nodes in groups for node in nodes), *rest]}
    wanted = fold(name.rpartition(":")[2])
    texts = {a: f"{node.label} {_local(node.iri)}".casefold() for a, node in nodes.items()}
    near = process.extract(wanted, texts, scorer=fuzz.WRatio, score_cutoff=70, limit=MOST)
    return [
        Suggestion(
            address, f"{nodes[address].label} ({curie(nodes[address].iri)}), {nodes[address].members:,}"
        )
        for _, _, address in near
    ]


def _local(iri: NamedNode) -> str:
    return re.split(r"[/#]", iri.value)[-1]

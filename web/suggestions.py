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
PLACES = {
    "/": ("Front page", "home index start main"),
    "/questions": ("Questions", "questions question faq ask answers"),
    "/timeline": ("Timeline", "timeline chronology history events"),
    "/disagreements": (
        "Where the sources disagree",
        "disagreements disagreement differences disputes conflicts",
    ),
    "/articles": ("Articles", "articles article sources source press"),
    "/browse/foaf:Person": ("People", "people person persons who"),
    "/browse/sg:Council": ("Councils", "councils council"),
    "/browse/sg:Claim": ("Claims", "claims claim evidence statements"),
    "/browse/sg:Derivation": ("What follows by rule", "derived derivations derivation rules"),
    "/browse": (
        "All that is described",
        "browse id page data graph thing things classes list all entities entity",
    ),
    "/sparql": ("SPARQL", "sparql api query endpoint console"),
    "/downloads": ("Downloads", "downloads download export dump dataset files csv"),
    "/ontology": ("Vocabulary", "ontology vocab vocabulary schema terms model"),
    "/brief": ("Scrutiny briefs", "brief briefs briefing"),
    "/quality": ("Quality", "quality validation validate shacl report"),
    "/changes": ("What changed", "changes changelog feed rss atom updates news versions"),
    "/about": ("About and method", "about contact help imprint corrections privacy method info"),
    "/accessibility": ("Accessibility", "accessibility a11y"),
    "/search": ("Search", "search find"),
    "/sitemap.xml": ("All addresses, for programs", "sitemap"),
}
"""The pages that are about no single thing, and the first part of an address by which people try to reach them."""
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
    first, _, rest = path.strip("/").partition("/")
    places = _places(first)
    if not rest and places:
        return places
    found = _of_view(path)
    if _ADDRESS.fullmatch(path) is not None:  # what is nearest within this part of the site, else all of it
        return found or places
    return [*places, *found][:MOST]


def _of_view(path: str) -> list[Suggestion]:
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
            return _articles(rest)
        if view == "derived":
            return []
        if view == "claim":
            return _claims(rest, form)
        words = _words(rest.rpartition("/")[2])
        if view == "brief":
            councils = [hit for hit in _hits(words, ("thing",)) if hit.type == SG.Council]
            return [Suggestion(f"/brief/{_local(hit.iri)}", hit.label) for hit in councils[:MOST]]
        return _things(words, view, form, vocabulary="vocab" in (view, rest.partition("/")[0]))
    except KgError:
        return []


def _places(name: str) -> list[Suggestion]:
    """Return the page that the first part of an address may mean."""
    from rapidfuzz.distance import OSA

    wanted = re.sub(r"[^a-z0-9]", "", _ENDING.sub("", name).casefold())
    slips = 1 if len(wanted) > 4 else 0
    for address, (label, words) in PLACES.items():
        if wanted and any(OSA.distance(wanted, word) <= slips for word in words.split()):
            return [Suggestion(address, label)]
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


def _articles(name: str) -> list[Suggestion]:
    from rapidfuzz import fuzz

    wanted = _words(name)
    near = [(hit.iri, hit.label) for hit in _hits(wanted, ("article",)) if hit.type == SG.Article]
    every = [(d.iri, d.label) for d in search_index().of_kind("article") if d.type == SG.Article]
    found = near or every
    found.sort(key=lambda item: -fuzz.ratio(name.lower(), _local(item[0]).removeprefix("article-")))
    return [Suggestion(article_page(iri), label) for iri, label in found[:MOST]]


def _claims(name: str, form: str) -> list[Suggestion]:
    """Return the claims whose names are nearest: an identifier is mistyped or cut short, never remembered."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    name = name.lower()
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
    return made


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

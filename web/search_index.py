"""The search index of what is served, and where its hits lead: for the search and for whatever suggests names."""

from __future__ import annotations

from pyoxigraph import NamedNode

from kg.namespaces import SGV
from kg.search.documents import kept_documents, read_documents
from kg.search.finder import Hit, SearchIndex
from web.links import record_page
from web.serving.served import served
from web.words import article_page

LONGEST = 300
"""Characters of a query that are looked at."""


def search_index() -> SearchIndex:
    """Return the search index of what is served, made once per version from what the build wrote."""
    state = served()

    def make() -> SearchIndex:
        documents = kept_documents(state.path)
        return SearchIndex(read_documents(state.store) if documents is None else documents)

    index: SearchIndex = state.remember("search", make)
    return index


def hit_address(hit: Hit) -> str:
    """Return the address of the page that a hit leads to."""
    return address_of(hit.iri, hit.kind)


def address_of(iri: NamedNode, kind: str) -> str:
    """Return the address of the page of what can be found, by its kind (`kg.search.documents.KINDS`)."""
    if kind == "question" and iri in SGV:
        return f"/questions?group={iri.value.removeprefix(f'{SGV}questions-')}"
    if kind == "question":
        return f"/questions/{iri.value.rpartition('/question-')[2]}"
    if kind == "difference":
        return record_page(iri)
    return article_page(iri)

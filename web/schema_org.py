"""Pages as schema.org data, for search engines: plain values that become JSON-LD. Pure.

A living person has name and public post, nothing else: no dates, no pictures, nothing that was said of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyoxigraph import NamedNode

from kg.formats import RDF_FORMATS
from kg.namespaces import FOAF, ORG, SCHEMA, SG
from kg.void import CC_BY, DATASET, DESCRIPTION, TITLE

Block = dict[str, Any]

SECTIONS = {
    "articles": "Articles",
    "brief": "Scrutiny briefs",
    "browse": "Browse",
    "ontology": "Vocabulary",
    "page": "Browse",
    "quality": "Quality",
    "questions": "Questions",
}
"""First part of a path to what the pages below it are listed under; `page` has no list of its own but `browse`."""

TYPES: tuple[tuple[NamedNode, str], ...] = (
    (SG.Council, "GovernmentOrganization"),
    (SG.GovernmentDepartment, "GovernmentOrganization"),
    (SG.Inspectorate, "GovernmentOrganization"),
    (SG.Publisher, "NewsMediaOrganization"),
    (SG.PoliticalParty, "PoliticalParty"),
    (SG.ProfessionalBody, "Organization"),
    (SG.Board, "Organization"),
    (SG.Service, "Organization"),
    (ORG.Organization, "Organization"),
    (SCHEMA.Place, "Place"),
)
"""Classes of ours with the type that search engines know; what is not in the table has no block of its own."""


def website(site: str) -> Block:
    """Describe the site and its search."""
    return {
        "@type": "WebSite",
        "@id": f"{site}/#site",
        "name": TITLE,
        "url": f"{site}/",
        "inLanguage": "en-GB",
        "description": DESCRIPTION,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{site}/search?q={{words}}"},
            "query-input": "required name=words",
        },
    }


def dataset(site: str, version: str, files: Iterable[tuple[str, int, str]] = ()) -> Block:
    """Describe the data set; `files` are name, size in bytes and SHA-256 of those for download."""
    block: Block = {
        "@type": "Dataset",
        "@id": DATASET.value,
        "name": TITLE,
        "description": DESCRIPTION,
        "url": f"{site}/downloads",
        "version": version,
        "license": CC_BY.value,
        "isAccessibleForFree": True,
        "inLanguage": "en-GB",
        "creator": {"@type": "Organization", "name": TITLE, "url": f"{site}/"},
        "keywords": ["children's services", "inspection", "local government", "accountability"],
    }
    types = {f.extension: f.media_type for f in RDF_FORMATS}
    found = [
        {
            "@type": "DataDownload",
            "name": name,
            "contentUrl": f"{site}/downloads/{name}",
            "encodingFormat": types[name.rpartition(".")[2]],
            "contentSize": f"{size} B",
            "sha256": digest,
        }
        for name, size, digest in files
        if name.rpartition(".")[2] in types
    ]
    return block | ({"distribution": found} if found else {})


def thing(iri: NamedNode, name: str, types: Sequence[NamedNode], posts: Sequence[str] = ()) -> Block | None:
    """Describe a body, a place or a person; `None` for anything else. `posts` are those of a person, in words.

    >>> thing(NamedNode("https://a.example/x"), "Jo Bloggs", [FOAF.Person], ["Director"])["hasOccupation"]
    [{'@type': 'Role', 'roleName': 'Director'}]
    """
    if FOAF.Person in types:
        roles = [{"@type": "Role", "roleName": post} for post in posts]
        person: Block = {"@type": "Person", "@id": iri.value, "name": name}
        return person | ({"hasOccupation": roles} if roles else {})
    kind = next((known for cls, known in TYPES if cls in types), None)
    return {"@type": kind, "@id": iri.value, "name": name} if kind else None


def news_article(page: str, iri: NamedNode, facts: Mapping[str, str | None]) -> Block:
    """Describe the page at the address `page`, which is about an article of somebody else.

    `facts` has the name in our words, the publisher's name, the address there, and the day of publication if it is one.
    """
    article: Block = {"@type": "NewsArticle", "@id": iri.value, "name": facts["name"]}
    if facts.get("publisher"):
        article["publisher"] = {"@type": "NewsMediaOrganization", "name": facts["publisher"]}
    if facts.get("address"):
        article["url"] = facts["address"]
    if facts.get("day"):
        article["datePublished"] = facts["day"]
    return {"@type": "WebPage", "url": page, "name": facts["name"], "about": article}


def defined_term(iri: str, name: str, definition: str, term_set: tuple[str, str]) -> Block:
    """Describe a term of the vocabulary, in the set (IRI and name) that it belongs to."""
    return {
        "@type": "DefinedTerm",
        "@id": iri,
        "name": name,
        "description": definition,
        "inDefinedTermSet": {"@type": "DefinedTermSet", "@id": term_set[0], "name": term_set[1]},
    }


def breadcrumbs(site: str, path: str, title: str) -> Block | None:
    """Return the way to a page from the front page, which itself has none.

    >>> [item["name"] for item in breadcrumbs("", "/page/ofsted", "Ofsted")["itemListElement"]]
    ['Scrutiny Graph', 'Browse', 'Ofsted']
    """
    if path == "/":
        return None
    first, _, rest = path.strip("/").partition("/")
    steps = [(TITLE, f"{site}/")]
    if rest and first in SECTIONS:
        steps.append((SECTIONS[first], f"{site}/{'browse' if first == 'page' else first}"))
    steps.append((title, f"{site}{path}"))
    items = [
        {"@type": "ListItem", "position": n, "name": name, "item": address}
        for n, (name, address) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def document(blocks: Sequence[Block]) -> Block:
    """Return blocks as one JSON-LD document."""
    return {"@context": "https://schema.org", "@graph": list(blocks)}

"""Classes and their members, and the search: `/browse`, `/search`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from kg.errors import NotFound, ParameterError
from kg.labels import labels
from kg.namespaces import PREFIXES, SG, curie
from kg.queries import select, text
from kg.search import Hit, SearchIndex
from kg.terms import bind, parse_iri
from web.data import whole_number
from web.entity import types_of
from web.render import article_page, page
from web.served import served

blueprint = Blueprint("browse", __name__)

PAGE = 100

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "People, bodies and places",
        ("foaf:Person", "sg:UnnamedAgent", "sg:UnnamedGroup", "sg:Council", "sg:Service", "sg:Inspectorate",
         "sg:GovernmentDepartment", "sg:Board", "sg:ProfessionalBody", "sg:PoliticalParty", "sg:Publisher",
         "sg:PopulationGroup", "org:Post", "sg:Tenure", "schema:Place"),
    ),
    (
        "What happened",
        ("sg:Inspection", "sg:BoardReview", "sg:ImprovementNotice", "sg:AdviserReview", "sg:ProgressReview",
         "sg:PeerSupport", "sg:TenureEnd", "sg:Announcement", "sg:Publication", "sg:Letter", "sg:Report",
         "sg:Accounts", "sg:Option", "sg:Event", "sg:RemitItem"),
    ),
    (
        "What was judged, found, said and counted",
        ("sg:Judgement", "sg:Finding", "sg:Recommendation", "sg:Statement", "sg:Count", "sg:Share", "sg:Money",
         "sg:Target", "sg:DerivedFigure", "sg:Lag"),
    ),
    (
        "What follows by rule",
        ("sg:Derivation", "sg:GradeChange", "sg:PostAtEvent", "sg:Chain"),
    ),
    (
        "Evidence and its record",
        ("sg:Article", "sg:RecordTable", "sg:Claim", "sg:Voice", "sg:Evidence", "sg:DateReading",
         "sg:IdentityReading", "sg:Disagreement", "sg:Gap", "sg:Question", "sg:Date"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Count:
    """A class, its label, its address below /browse, and how many members it has."""

    iri: NamedNode
    label: str
    address: str
    members: int


@blueprint.get("/browse")
def classes() -> Response:
    """List the classes with the number of their members."""
    state = served()
    rows = [
        (cls, int(n.value)) for cls, n in select(state.store, "page_classes") if isinstance(cls, NamedNode)
    ]
    names = labels(state.store, [cls for cls, _ in rows])
    counts = {curie(cls): Count(cls, names[cls], browse_address(cls), n) for cls, n in rows}
    groups = []
    for title, wanted in GROUPS:
        found = [counts.pop(name) for name in wanted if name in counts]
        if found:
            groups.append((title, found))
    rest = sorted(counts.values(), key=lambda c: (-c.members, c.label))
    return page(
        "browse.html",
        title="Browse",
        groups=groups,
        rest=rest,
        query=text("page_classes"),
    )


@blueprint.get("/browse/<path:name>")
def members(name: str) -> Response:
    """List the members of a class, a page at a time."""
    state = served()
    cls = parse_iri(name) or parse_iri(f"sg:{name}")
    offset = whole_number("offset", 0)
    total = 0
    if cls is not None:
        total = next((int(n.value) for c, n in select(state.store, "page_classes") if c == cls), 0)
    if cls is None or total == 0:
        raise NotFound(f"{name}: no class of this name has members")
    rows = select(state.store, "page_members", limit=PAGE, offset=offset, kind=cls)
    found = [row[0] for row in rows if isinstance(row[0], NamedNode)]
    names = labels(state.store, [cls, *found])
    letters = sorted(found, key=lambda iri: (names[iri].casefold(), iri.value))
    return page(
        "members.html",
        title=names[cls],
        names=names,
        cls=cls,
        members=letters,
        total=total,
        offset=offset,
        next_offset=offset + PAGE if offset + PAGE < total else None,
        previous_offset=max(0, offset - PAGE) if offset else None,
        address=browse_address(cls),
        query=bind(text("page_members"), {"kind": cls}),
        about_people=cls == NamedNode(PREFIXES["foaf"] + "Person") or cls in (SG.Tenure, SG.UnnamedAgent),
    )


KINDS = {"thing": "people, bodies, events", "claim": "claims", "question": "questions", "term": "vocabulary"}
"""What a search can be narrowed to: kind of hit, and its name on the page."""

SEARCH_PAGE = 30


@blueprint.get("/search")
def search_page() -> Response:
    """Search labels, other names, claim sentences, questions and terms; each hit says why it matched."""
    words = request.args.get("q", "").strip()[:200]
    kind = request.args.get("kind", "")
    if kind and kind not in KINDS:
        raise ParameterError(
            "kind", kind, "is nothing that can be searched for", f"one of {', '.join(KINDS)}"
        )
    offset = whole_number("offset", 0)
    index = search_index()
    hits = index.search(words, SEARCH_PAGE, offset, kind or None) if words else []
    counts = {name: index.count(words, name) for name in KINDS} if words else {}
    total = counts[kind] if kind and counts else sum(counts.values())
    classes = types_of({hit.iri for hit in hits if hit.kind == "thing"})
    return page(
        "search.html",
        title=f"Search: {words}" if words else "Search",
        names=labels(served().store, {cls for found in classes.values() for cls in found}),
        hits=hits,
        classes=classes,
        counts=counts,
        kinds=KINDS,
        kind=kind,
        total=total,
        offset=offset,
        next_offset=offset + SEARCH_PAGE if offset + SEARCH_PAGE < total else None,
        better=index.did_you_mean(words) if words and total < 3 else None,
        noindex=True,
    )


def search_index() -> SearchIndex:
    """Return the search index, made once per version."""
    state = served()
    index: SearchIndex = state.remember("search", lambda: SearchIndex.from_store(state.store))
    return index


def find(words: str, limit: int) -> list[tuple[str, str]]:
    """Return address and label of what a text may mean."""
    index = search_index()
    hits = index.search(words, limit) or index.search(index.did_you_mean(words) or "", limit)
    return [(hit_address(hit), hit.label) for hit in hits]


@blueprint.app_template_filter("hit_address")
def hit_address(hit: Hit) -> str:
    """Return the address of the page that a hit leads to."""
    if hit.kind == "question":
        return f"/questions/{hit.iri.value.rpartition('/question-')[2]}"
    return article_page(hit.iri)


def browse_address(cls: NamedNode) -> str:
    """Return the address of a class's members: `/browse/sg:Tenure`; in full where there is no prefix."""
    from urllib.parse import quote

    return f"/browse/{quote(curie(cls), safe=':/#')}"

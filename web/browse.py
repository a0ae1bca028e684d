"""Classes and their members: `/browse`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kg.errors import NotFound
from kg.labels import labels
from kg.namespaces import PREFIXES, SG, curie
from kg.queries import select, text
from kg.terms import bind, parse_iri
from web.data import whole_number
from web.render import page
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


def browse_address(cls: NamedNode) -> str:
    """Return the address of a class's members: `/browse/sg:Tenure`; in full where there is no prefix."""
    from urllib.parse import quote

    return f"/browse/{quote(curie(cls), safe=':/#')}"

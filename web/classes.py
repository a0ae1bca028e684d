"""The tree of classes with the number of their members: what `/browse` shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import NamedNode

from kg.facets import classes_of, members_of
from kg.labels import labels
from kg.namespaces import curie, expand
from kg.queries import select
from web.serving.state import Served

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "People, bodies and places",
        ("foaf:Person", "sg:UnnamedAgent", "sg:UnnamedGroup", "org:FormalOrganization", "sg:Council", "sg:Service",
         "sg:Inspectorate",
         "sg:GovernmentDepartment", "sg:Board", "sg:ProfessionalBody", "sg:PoliticalParty", "sg:Publisher",
         "sg:PopulationGroup", "org:Post", "sg:Tenure", "schema:Place"),
    ),
    (
        "What happened",
        ("sg:Event", "sg:Inspection", "sg:BoardReview", "sg:ImprovementNotice", "sg:AdviserReview", "sg:ProgressReview",
         "sg:PeerSupport", "sg:TenureEnd", "sg:Announcement", "sg:Publication", "sg:Letter", "sg:Report",
         "sg:Accounts", "sg:Option", "sg:Condition", "sg:RemitItem"),
    ),
    (
        "What was judged, found, said and counted",
        ("sg:Judgement", "sg:Finding", "sg:Recommendation", "sg:Statement", "sg:Figure", "sg:Count",
         "sg:Share", "sg:Money",
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


GLOSSES = {
    "sg:PopulationGroup": "children in care, child protection plans …",
    "sg:Tenure": "who held which post, from when to when",
    "sg:Option": "considered or threatened, and not done",
    "sg:Condition": "what had to come first",
    "sg:RemitItem": "what a notice or a review asks for",
    "sg:Judgement": "a grade for one area in one inspection",
    "sg:Finding": "what an inspector says was found",
    "sg:Statement": "what somebody said",
    "sg:Lag": "the time between two events",
    "sg:Derivation": "each with the claims that it follows from",
    "sg:GradeChange": "one inspection beside the next",
    "sg:PostAtEvent": "who was in post when it happened",
    "sg:Chain": "judgement, notice, review, next inspection",
    "sg:Claim": "what a source says, with its words",
    "sg:Voice": "whose word a claim is",
    "sg:Evidence": "the words, or the row of a table, behind a claim",
    "sg:DateReading": "what day “last October” is taken for",
    "sg:IdentityReading": "whom “the inspectors” is taken for",
    "sg:Disagreement": "how sources differ, side by side",
    "sg:Gap": "what no source states",
}
"""In a few words what a class holds whose name does not say it to everybody."""


@dataclass(frozen=True)
class Node:
    """A class, its label, its address below /browse, how many members it has with those of the classes below it."""

    iri: NamedNode
    label: str
    address: str
    members: int
    below: tuple[Node, ...] = ()

    @property
    def gloss(self) -> str:
        """What it holds, where its name does not say it to everybody."""
        return GLOSSES.get(curie(self.iri), "")


def tree(state: Served) -> tuple[list[tuple[str, list[Node]]], list[Node]]:
    """Return the classes under the headings of `GROUPS`, each above those that it includes, and all others."""
    counted = {
        cls: int(n.value) for cls, n in select(state.store, "page_classes") if isinstance(cls, NamedNode)
    }
    above = classes_of(state.store)
    for upper in {upper for several in above.values() for upper in several} & _grouped():
        counted[upper] = len(members_of(state.store, upper))
    names = labels(state.store, counted)
    groups = []
    for title, wanted in GROUPS:
        own = [NamedNode(expand(name)) for name in wanted]
        own = [cls for cls in own if cls in counted]
        if own:
            groups.append((title, _nodes(own, own, above, counted, names)))
    rest = [cls for cls in counted if cls not in _grouped()]
    rest.sort(key=lambda cls: (-counted[cls], names[cls]))
    return groups, [Node(cls, names[cls], browse_address(cls), counted[cls]) for cls in rest]


def flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """Give nodes and all below them."""
    for node in nodes:
        yield node
        yield from flat(node.below)


def browse_address(cls: NamedNode) -> str:
    """Return the address of a class's members: `/browse/sg:Tenure`; in full where there is no prefix."""
    return f"/browse/{quote(curie(cls), safe=':/#')}"


def _grouped() -> set[NamedNode]:
    return {NamedNode(expand(name)) for _, wanted in GROUPS for name in wanted}


def _nodes(
    here: Iterable[NamedNode],
    group: list[NamedNode],
    above: dict[NamedNode, frozenset[NamedNode]],
    counted: dict[NamedNode, int],
    names: dict[NamedNode, str],
    parent: NamedNode | None = None,
) -> list[Node]:
    found = []
    for cls in here:
        uppers = above.get(cls, frozenset()) & set(group)
        if (parent in uppers) if parent is not None else not uppers:
            below = tuple(_nodes(group, group, above, counted, names, cls))
            found.append(Node(cls, names[cls], browse_address(cls), counted[cls], below))
    return found

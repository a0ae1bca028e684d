"""`/about`: method, limits, corrections and the right of reply; `/accessibility`: what works for whom."""

from __future__ import annotations

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kg.evidence import ClaimView, read_claims
from kg.labels import labels
from kg.queries import select
from web.links import external
from web.pages import counts
from web.render import page
from web.serving.served import served

blueprint = Blueprint("about", __name__)


@blueprint.get("/about")
def about() -> Response:
    """Explain the method, its limits, and how to cite, correct and reply."""
    state = served()
    gaps: dict[NamedNode, tuple[str, NamedNode | None, set[NamedNode]]] = {}
    for gap, label, thing, _, asked in select(state.store, "page_gaps"):
        gaps.setdefault(gap, (label.value, thing, set()))[2].update({asked} if asked else ())
    corrected = corrections()
    terms: set[object] = {thing for _, thing, _ in gaps.values()}
    terms |= {claim.article for claim, _ in corrected}
    return page(
        "about.html",
        title="About and method",
        names=labels(state.store, terms),
        counts=counts(),
        gaps=sorted(gaps.items(), key=lambda item: item[1][0]),
        corrections=corrected,
        contact=contact(),
    )


@blueprint.get("/accessibility")
def accessibility() -> Response:
    """State how far the site conforms to WCAG 2.2, how that was tested, and where to say that something fails."""
    return page("accessibility.html", title="Accessibility statement", contact=contact())


def corrections() -> list[tuple[ClaimView, ClaimView | None]]:
    """Return the log of corrections: each claim that is withdrawn, and the claim in its place, if there is one."""
    store = served().store
    iris = [row[0] for row in select(store, "page_withdrawn")]
    found = read_claims(store, iris)
    places = read_claims(store, {c.replaced_by for c in found.values() if c.replaced_by is not None})
    ordered = sorted(found.values(), key=lambda claim: (claim.article.value, claim.sentence, claim.iri.value))
    return [(claim, places.get(claim.replaced_by) if claim.replaced_by else None) for claim in ordered]


def contact() -> tuple[str, str | None] | None:
    """Return the contact that the settings name, as words and as an address to link; `None` where none is set.

    An e-mail address becomes `mailto:`; what is neither that nor a web address is shown and not linked.
    """
    given = (served().settings.contact or "").strip()
    if not given:
        return None
    if "@" in given and ":" not in given and " " not in given:
        return given, f"mailto:{given}"
    return given.removeprefix("mailto:"), external(given)

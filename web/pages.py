"""The pages that are not about one thing: front page, timeline."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from kg.errors import ParameterError
from kg.labels import labels
from kg.namespaces import ID, SG
from kg.queries import select, text
from web.accountability import bodies_with_record, chain_figure, things_of, undated
from web.errors import refuse
from web.front import QUESTIONS, SEARCHES, Front, read_front
from web.head import public_site
from web.negotiation import HTML, PAGE_OFFERS, choose
from web.parameters import one_of
from web.render import page, redirected
from web.schema_org import Block, dataset, website
from web.serving.headers import OPEN
from web.serving.served import served
from web.timeline import KINDS, Timeline, of_kind, read_timeline, story
from web.views.choice import markup

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> Response:
    """Say what this is, tell the story, and offer a question, a search and the data.

    The IRI of the data set is this address with a fragment, so who asks for RDF is led to its description.
    """
    state = served()
    if state.is_files:
        return files_home()
    if choose(request.headers.get("Accept"), PAGE_OFFERS) not in (HTML, None):
        response = redirected("/.well-known/void", 303)
        response.headers.update(OPEN)
        return response
    line = _timeline()
    front: Front = state.remember("front", lambda: read_front(state))
    chapters = story(state.store, line)  # before the names: it adds to them
    from web.library import find_questions

    return page(
        "home.html",
        title="Scrutiny Graph: children's services, inspected and judged, with the evidence",
        description="How a council's children's services were inspected, judged and made to improve: "
        "every statement leads to the words that support it.",
        schema=_front(state.version),
        names={**line.names, **labels(state.store, [t for told in front.disputed for t in told.terms])},
        story=chapters,
        counts=counts(),
        examples=find_questions(QUESTIONS),
        front=front,
        searches=SEARCHES,
    )


def _front(version: str) -> tuple[Block, ...]:
    site = public_site()
    return (website(site), dataset(site, version)) if site else ()


def files_home() -> Response:
    """Show what the served files hold."""
    state = served()
    return page(
        "files.html",
        title="Files served as RDF",
        files=state.manifest.get("files", ()),
        graphs=state.manifest.get("graphs", ()),
        triples=state.manifest.get("triples", 0),
    )


def counts() -> dict[str, int]:
    """Return how many there are of what the front page names, by local name of the class."""
    state = served()

    def read() -> dict[str, int]:
        rows = select(state.store, "page_counts")
        return {cls.value.replace("#", "/").rpartition("/")[2]: int(n.value) for cls, n in rows}

    found: dict[str, int] = state.remember("counts", read)
    return found


@blueprint.get("/timeline")
def timeline() -> Response:
    """List what the sources date, by the first day that it can be."""
    state, line = served(), _timeline()
    errors: dict[str, ParameterError] = {}
    kinds = {**{key: title for key, (title, _) in KINDS.items()}, "known": "Known in post"}
    bodies = state.remember("bodies with a record", lambda: bodies_with_record(state.store))
    told_by = {claim.article for entry in line.entries for claim in entry.claims if claim.article in ID}
    sources = {article.value.removeprefix(f"{ID}article-"): article for article in sorted(told_by, key=str)}
    kind = _chosen("kind", kinds, "is no filter", errors)
    body = _chosen("body", dict(bodies), "has no timeline", errors)
    titles = {name: line.names[article] for name, article in sources.items()}
    source = _chosen("article", titles, "dates nothing here", errors)
    entries = of_kind(line.entries, kind) if kind else [e for e in line.entries if e.predicate != SG.knownOn]
    if body:
        things = things_of(state.store, ID[body])
        entries = [entry for entry in entries if entry.thing in things]
    if source:
        entries = [entry for entry in entries if any(c.article == sources[source] for c in entry.claims)]
    shown = body or (bodies[0][0] if bodies else "")
    chain = chain_figure(state.store, ID[shown], kind, sources.get(source)) if shown else None
    years: dict[str, list[object]] = {}
    for entry in entries:
        years.setdefault(entry.year, []).append(entry)
    asked = [ID[body]] if body else [ID[name] for name, _ in bodies]
    rest = undated(state.store, asked, kind, sources.get(source), {entry.thing for entry in entries})
    terms = {term for told in rest for claim in told.claims for term in claim.terms()}
    terms |= {term for told in rest for term in (told.thing, *told.grades)}
    return page(
        "timeline.html",
        400 if errors else 200,
        title="Timeline",
        names={**line.names, **labels(state.store, terms)},
        undated=rest,
        years=years,
        count=len(entries),
        kind=kind,
        kinds=kinds,
        body=body,
        bodies=bodies,
        source=source,
        sources=sources,
        chain=markup([chain]) if chain else None,
        query=text("page_timeline"),
        errors=errors,
        noindex=bool(errors),
    )


def _chosen(name: str, known: Mapping[str, str], wrong: str, errors: dict[str, ParameterError]) -> str:
    """Return the value of a filter, nothing for one that is not known: what is wrong with it goes to the form."""
    try:
        return one_of(name, known, wrong)
    except ParameterError as error:
        refuse(error, errors)
        return ""


def _timeline() -> Timeline:
    state = served()
    line: Timeline = state.remember("timeline", lambda: read_timeline(state.store))
    return line

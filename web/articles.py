"""The sources: `/articles`, and `/articles/X` with the claims of one by topic."""

from __future__ import annotations

import re

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from kg.dates import edtf_of, is_date_iri
from kg.errors import NotFound
from kg.evidence import ClaimView, read_claims
from kg.labels import labels
from kg.namespaces import ID, SG
from kg.queries import Row, select, text
from kg.terms import bind
from web.head import public_site
from web.links import external
from web.people import claims_are_about_people
from web.render import page
from web.schema_org import Block, news_article
from web.serving.served import served
from web.views.choice import markup
from web.views.concepts import article_figures

blueprint = Blueprint("articles", __name__)


@blueprint.get("/articles")
def articles() -> Response:
    """List the sources."""
    state = served()
    rows = select(state.store, "page_articles")
    names = labels(state.store, {term for row in rows for term in row})
    return page(
        "articles.html",
        title="Articles",
        names=names,
        articles=[row for row in rows if row[1] == SG.Article],
        tables=[row for row in rows if row[1] != SG.Article],
        query=text("page_articles"),
    )


@blueprint.get("/articles/<local:name>")
def article(name: str) -> Response:
    """Show what an article claims, by topic and in alphabetical order: never in the order of its text."""
    state = served()
    iri = ID[f"article-{name}"]
    rows = select(state.store, "page_article_claims", article=iri)
    about = next((row for row in select(state.store, "page_articles") if row[0] == iri), None)
    if about is None:
        raise NotFound(f"{name}: there is no such article")
    claims = read_claims(state.store, {row[0] for row in rows})
    groups = _by_topic(rows, claims)
    terms: set[object] = {*about, *(topic for topic in groups if isinstance(topic, NamedNode))}
    terms |= {term for claim in claims.values() for term in claim.terms()}
    names = labels(state.store, terms)
    ordered = sorted(groups.items(), key=lambda g: (isinstance(g[0], str), _topic_name(g[0], names)))
    return page(
        "article.html",
        title=names[iri],
        card=names[iri],
        description="What the article claims, in our words and by topic, each claim with a few words of the article.",
        schema=_schema(name, iri, about, names),
        about_people=claims_are_about_people(
            rows, {voice.agent for claim in claims.values() for voice in claim.voices}
        ),
        names=names,
        iri=iri,
        about=about,
        groups=(groups_shown := [(_topic_name(topic, names), topic, found) for topic, found in ordered]),
        counted=markup(article_figures(groups_shown, names)),
        total=len(claims),
        notes=[row[0].value for row in select(state.store, "page_note", x=iri)],
        query=bind(text("page_article_claims"), {"article": iri}),
    )


def _schema(name: str, iri: NamedNode, about: Row, names: dict[NamedNode, str]) -> tuple[Block, ...]:
    site = public_site()
    if site is None:
        return ()
    _, _, publisher, _, url, published, *_ = about
    expression = (
        edtf_of(published.value) if isinstance(published, NamedNode) and is_date_iri(published.value) else ""
    )
    facts = {
        "name": names[iri],
        "publisher": names[publisher] if publisher else None,
        "address": external(url.value) if url else None,
        "day": expression if re.fullmatch(r"\d{4}-\d\d-\d\d", expression) else None,
    }
    return (news_article(f"{site}/articles/{name}", iri, facts),)


BY_CLASS: tuple[tuple[str, frozenset[NamedNode]], ...] = (
    ("People in posts", frozenset({SG.Tenure, SG.TenureEnd})),
    ("Judgements", frozenset({SG.Judgement})),
    ("Figures", frozenset({SG.Count, SG.Share, SG.Money, SG.Target})),
    ("Inspections and reports", frozenset({SG.Inspection, SG.BoardReview, SG.Report, SG.Accounts, SG.Publication})),
    (
        "Interventions",
        frozenset({SG.ImprovementNotice, SG.AdviserReview, SG.ProgressReview, SG.PeerSupport, SG.Letter, SG.Option,
                   SG.RemitItem}),
    ),
    ("Bodies, groups and how they are connected", frozenset()),
)  # fmt: skip


def _by_topic(rows: list[Row], claims: dict[NamedNode, ClaimView]) -> dict[NamedNode | str, list[ClaimView]]:
    """Group claims by the topic that they name, else by what they are about; within a group by sentence."""
    topics: dict[NamedNode, set[NamedNode]] = {}
    classes: dict[NamedNode, set[NamedNode]] = {}
    for claim, topic, cls in rows:
        topics.setdefault(claim, set()).update({topic} if isinstance(topic, NamedNode) else ())
        classes.setdefault(claim, set()).update({cls} if isinstance(cls, NamedNode) else ())
    groups: dict[NamedNode | str, list[ClaimView]] = {}
    for iri, claim_view in claims.items():
        by_class = next(title for title, wanted in BY_CLASS if not wanted or wanted & classes[iri])
        topic_or_class: NamedNode | str = min(topics[iri], key=str) if topics[iri] else by_class
        groups.setdefault(topic_or_class, []).append(claim_view)
    for found in groups.values():
        found.sort(key=lambda claim: (claim.sentence.casefold(), claim.iri.value))
    return groups


def _topic_name(topic: NamedNode | str, names: dict[NamedNode, str]) -> str:
    return topic if isinstance(topic, str) else names[topic]

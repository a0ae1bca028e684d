"""What changed since the version before: `/changes`, and `/changes.atom` for feed readers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, make_response, request

from kg.changes import KINDS, PARTS, Change, Changes, Earlier, compare_snapshots, previous_version, written_at
from kg.errors import SnapshotError
from kg.labels import labels
from kg.namespaces import BASE
from kg.rdfxml import NOT_XML
from web.head import public_site
from web.links import page_of
from web.render import page
from web.serving.served import served

blueprint = Blueprint("changes", __name__)

SHOWN = 200
"""How many changes of one part and kind the page lists; the feed names the most telling parts in full."""
FEED_PARTS = ("claims", "disagreements", "gaps", "questions")
FEED_ENTRIES = 100
MINOR = frozenset({"changed"})
"""Kinds that the page folds and the feed counts only: the same claim with other notes."""
WORDS = {
    "added": "new",
    "replaced": "replaced by another",
    "withdrawn": "withdrawn",
    "removed": "no longer there",
    "reworded": "in other words",
    "changed": "with other evidence, voices or notes",
}
"""What happened, as the heading of a list has it."""


class Comparison(NamedTuple):
    """This version, the one before (`None` if none is kept), and what changed (`None` if it cannot be told)."""

    version: str
    written: float
    earlier: Earlier | None
    changes: Changes | None

    @property
    def day(self) -> str:
        """The day on which this version was written here, ISO 8601."""
        return _stamp(self.written)[:10]

    @property
    def earlier_day(self) -> str:
        """The day on which the earlier version was written here, empty without one."""
        return _stamp(self.earlier.written)[:10] if self.earlier else ""


def comparison() -> Comparison:
    """Compare what is served with the snapshot before it; done once for each version."""
    state = served()

    def read() -> Comparison:
        try:
            earlier = previous_version(state.path)
            changes = compare_snapshots(earlier.path, state.path) if earlier else None
            return Comparison(state.version, written_at(state.path), earlier, changes)
        except (SnapshotError, OSError):  # the older one went away under our hands
            return Comparison(state.version, written_at(state.path), None, None)

    found: Comparison = state.remember("changes", read)
    return found


@blueprint.get("/changes")
def changes() -> Response:
    """List what changed, part by part; say so where there is nothing to compare with."""
    found = comparison()
    listed = [change for part in found.changes.parts.values() for change in part] if found.changes else []
    sources = {change.source for change in listed if change.source}
    return page(
        "changes.html",
        title="What changed",
        names=labels(served().store, sources),
        found=found,
        groups=_groups(found.changes) if found.changes else (),
        words=WORDS,
        shown=SHOWN,
    )


def _groups(changes: Changes) -> list[tuple[str, str, list[tuple[str, list[Change]]]]]:
    """Return the parts that changed: key, heading, and for each kind of change the things."""
    return [
        (
            part,
            title,
            [(kind, of) for kind in KINDS if (of := [c for c in changes.parts[part] if c.kind == kind])],
        )
        for part, title in PARTS.items()
        if changes.parts[part]
    ]


@blueprint.get("/changes.atom")
def feed() -> Response:
    """Send the changes as Atom (RFC 4287): an entry for the version, then the most telling changes.

    Those are of `FEED_PARTS`, without the minor kinds, at most `FEED_ENTRIES`; the entry of the version counts all.
    """
    found, site = comparison(), public_site()
    updated = _stamp(found.written)
    told = _telling(found.changes) if found.changes is not None else []
    entries = [
        _entry(
            f"{BASE}#version-{found.version}",
            f"Version {found.version[:12]}",
            f"{site}/changes" if site else BASE,
            updated,
            _summary(found, len(told)),
        )
    ]
    entries += [
        _entry(
            f"{change.iri.value}#{change.kind}-{found.version[:16]}",
            f"{_noun(part)} {WORDS[change.kind]}: {change.text}",
            f"{site}{_page(change)}" if site else (change.by or change.iri).value,
            updated,
            _told(change),
            part,
        )
        for part, change in told[:FEED_ENTRIES]
    ]
    links = [("self", "application/atom+xml", "/changes.atom"), ("alternate", "text/html", "/changes")]
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">\n'
        f"<id>{BASE}#changes</id>\n<title>Scrutiny Graph: what changed</title>\n<updated>{updated}</updated>\n"
        "<author><name>Scrutiny Graph</name></author>\n"
        "<rights>Data CC BY 4.0, excerpts excluded</rights>\n"
        + "".join(
            f'<link rel="{rel}" type="{kind}" href={quoteattr(f"{site}{path}")}/>\n'
            for rel, kind, path in (links if site else ())  # a copy of no public address has none to name
        )
        + f"{''.join(entries)}</feed>\n"
    )
    response = make_response(body)
    response.content_type = "application/atom+xml; charset=utf-8"
    response.headers["X-Data-Version"] = found.version
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _telling(changes: Changes) -> list[tuple[str, Change]]:
    """Return what a reader of the feed is told one by one, with its part."""
    return [(part, c) for part in FEED_PARTS for c in changes.parts[part] if c.kind not in MINOR]


def _entry(iri: str, title: str, address: str, updated: str, summary: str, part: str = "") -> str:
    return (
        f"<entry>\n<id>{escape(iri)}</id>\n<title>{_text(title)}</title>\n<updated>{updated}</updated>\n"
        f'<link rel="alternate" href={quoteattr(address)}/>\n'
        + (f"<category term={quoteattr(part)} label={quoteattr(PARTS[part])}/>\n" if part else "")
        + f"<summary>{_text(summary)}</summary>\n</entry>\n"
    )


def _text(text: str) -> str:
    return escape(NOT_XML.sub("\ufffd", text))


def _summary(found: Comparison, telling: int) -> str:
    if found.changes is None:
        return "No earlier version is kept here, so there is nothing to compare this one with."
    told = [
        f"{PARTS[part]}: "
        + ", ".join(f"{n} {WORDS[kind]}" for kind, n in found.changes.numbers(part).items())
        for part in PARTS
        if found.changes.parts[part]
    ]
    if not told:
        return "No claim, disagreement, gap, question, thing or term is another."
    rest = f" Of {telling} entries the first {FEED_ENTRIES} follow." if telling > FEED_ENTRIES else ""
    return "; ".join(told) + "." + rest


def _told(change: Change) -> str:
    if change.was is not None:
        return f"Before: {change.was}"
    return {"removed": "It is no longer in the data."}.get(change.kind, change.text)


def _page(change: Change) -> str:
    return page_of(change.by or change.iri) if change.is_there else "/changes"


def _noun(part: str) -> str:
    return {"claims": "Claim", "disagreements": "Disagreement", "gaps": "Gap", "questions": "Question"}[part]


def _stamp(seconds: float) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"

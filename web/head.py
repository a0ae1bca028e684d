"""What stands in the head of a page: its canonical address, the card that other sites show of it, schema.org data.

Absolute addresses come from the settings, never from a request's Host. A copy as plain files that was made without a
public address has none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request

from kg.void import TITLE
from web.links import site_address
from web.schema_org import Block, breadcrumbs
from web.serving.served import served

COPY = "SITE_COPY"
"""The entry of the app's config by which it knows that a copy as plain files is being made."""
QUIET = "A page about people in their public posts: what sources say, each statement with the words that support it."
"""What a card says of a page about living people beyond the name of the site."""
INDEX = "index"


@dataclass(frozen=True)
class Head:
    """Title and description of the card; `address` and `site` are absolute, `None` where they are not known."""

    card: str
    description: str
    address: str | None
    site: str | None
    blocks: tuple[Block, ...]


def head_of(context: Mapping[str, Any], *, found: bool) -> Head:
    """Return the head of a page from what fills its template.

    `title` and `description` are shown as they are, `schema` is schema.org data. A page that is `about_people`
    has a card with neither, but for the `card` that its view gives. `found` is whether the page answers 200.
    """
    site = public_site()
    about_people = bool(context.get("about_people"))
    description = context.get("description") or ""
    if about_people:
        card, description = context.get("card") or TITLE, description or QUIET
    else:
        card = context.get("card") or str(context.get("title") or TITLE)
    blocks: tuple[Block, ...] = ()
    if site and found:
        crumbs = breadcrumbs(site, request.path, card)
        blocks = (*context.get("schema", ()), *((crumbs,) if crumbs else ()))
    return Head(card, description, _canonical(site) if found else None, site, blocks)


def public_site() -> str | None:
    """Return the public address of the site, without a slash at its end; `None` where a copy has none."""
    settings = served().settings
    if current_app.config.get(COPY) and not settings.base_url:
        return None
    return site_address(settings)


def _canonical(site: str | None) -> str | None:
    """Return the one address of what is shown: parameters in order, empty ones left out."""
    if site is None:
        return None
    given = sorted((name, value) for name, value in request.args.items() if value)
    return site + request.path + (f"?{urlencode(given)}" if given else "")


def hidden(*, about_people: bool) -> bool:
    """Whether search engines are asked to leave a page out because it is about living people: so unless it is set."""
    return about_people and served().settings.people != INDEX

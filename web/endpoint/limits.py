"""What a query may use here, and what happens at each limit: the address that a cut-off answer links to."""

from __future__ import annotations

from flask import Blueprint, Response

from web.links import site_address
from web.render import page
from web.serving.served import served

blueprint = Blueprint("limits", __name__)


@blueprint.get("/limits")
def limits() -> Response:
    """Show the limits that are in force."""
    state = served()
    return page(
        "limits.html",
        title="Limits of the SPARQL endpoint",
        settings=state.settings,
        endpoint=f"{site_address(state.settings)}/sparql",
    )

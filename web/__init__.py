"""The web application of Scrutiny Graph: `create_app(settings)` makes it.

Arrows point from here to `kg`, never back. A view reads the address, asks one function of `kg`, and fills a template;
whatever decides something about the data belongs in `kg`.
"""

from __future__ import annotations

from flask import Flask

from kg.settings import Settings
from web.serving.served import Source


def create_app(settings: Settings, source: Source | None = None) -> Flask:
    """Return the WSGI application that serves `source`.

    By default that is the store at `settings.endpoint`, or else the newest snapshot of `settings.out`.
    """
    from kg.resources import default_out
    from web import (
        about,
        articles,
        browse,
        changes,
        checking,
        citations,
        claim,
        disagreements,
        discovery,
        downloads,
        earlier,
        errors,
        linking,
        machine,
        pages,
        parameters,
        quality,
        questions,
        render,
        retired,
        search,
        terms,
        vocabulary,
    )
    from web.brief import page as brief
    from web.endpoint import graph_store, limits, sparql
    from web.entity import page as entity
    from web.serving import compression, headers, hygiene, metrics, remote_source, served

    app = Flask(__name__, static_folder="static")
    app.config["SCRUTINY"] = settings
    app.config["MAX_CONTENT_LENGTH"] = settings.query_text_bytes * 4
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
    app.url_map.strict_slashes = False
    hygiene.check_settings(settings)
    hygiene.init_app(app, settings)
    if source is None:
        source = (
            remote_source.RemoteEndpoint(settings)
            if settings.endpoint
            else served.Snapshots(settings, settings.out or default_out(settings.data))
        )
    metrics.init_app(app)
    served.init_app(app, source)
    parameters.init_app(app)
    remote_source.init_app(app)
    earlier.init_app(app)
    retired.init_app(app)
    render.init_app(app)
    brief.init_app(app)
    citations.init_app(app)
    quality.init_app(app)
    errors.init_app(app)
    headers.init_app(app)
    linking.init_app(app)
    compression.init_app(app)
    more = (limits, discovery, graph_store, about, brief, changes, checking, citations, quality)
    for module in (
        pages,
        articles,
        disagreements,
        entity,
        claim,
        browse,
        search,
        questions,
        sparql,
        terms,
        vocabulary,
        downloads,
        machine,
        *more,
    ):
        app.register_blueprint(module.blueprint)
    return app

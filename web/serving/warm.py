"""Reads ahead what most pages need, so that the first reader of a page waits no longer than the second.

Beside the requests, in a thread of its own, once for each state of the data: labels, claims, and what each derivation
rests on, as far as the store's memory holds them; and the templates are compiled.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from flask import Flask

from kg.errors import KgError
from kg.evidence import read_claims, read_derivations, read_supports
from kg.labels import labels
from kg.namespaces import CLAIM, DERIVED
from kg.queries import select
from web.serving.served import Source
from web.serving.state import Served

TEMPLATES = ("entity.html", "claim.html", "derived.html", "_macros.html", "_cite.html", "base.html")
BATCH = 200
"""How much is read between two looks at the other threads."""


def warm(app: Flask, state: Served) -> None:
    """Fill the memory of a state's store, at most to its half, so that reading ahead never empties it again."""
    for name in TEMPLATES:
        app.jinja_env.get_template(name)
    if state.is_files:
        return
    store = state.store
    things = [row[0] for row in select(store, "page_everything")]
    kinds = (
        ([thing for thing in things if thing in CLAIM], (read_claims, read_supports)),
        ([thing for thing in things if thing in DERIVED], (read_derivations, read_supports)),
        ([thing for thing in things if thing not in CLAIM and thing not in DERIVED], (labels,)),
    )
    for wanted, readers in kinds:
        for start in range(0, min(len(wanted), store.size // 2), BATCH):
            for read in readers:
                read(store, wanted[start : start + BATCH])


def keep_warm(app: Flask, source: Source) -> None:
    """Read ahead, in threads of their own, for every state of the data from now on."""

    def run(state: Served) -> None:
        with suppress(KgError):  # the request that needs it will say what is wrong
            warm(app, state)
        state.give_back()

    def begin(state: Served) -> None:
        state.take()
        threading.Thread(target=run, args=(state,), daemon=True).start()

    source.opened = begin

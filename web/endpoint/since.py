"""What the newest data answers to a query that was answered from an earlier version: the same rows, or others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import request
from pyoxigraph import NamedNode

from kg.errors import KgError
from kg.labels import labels
from web.earlier import newest
from web.endpoint.asked import Asked
from web.endpoint.results import Table, read_results
from web.serving.gateway import CALLER

SHOWN = 5
"""How many of the rows that differ are shown of each sort."""

Row = tuple[object, ...]


@dataclass(frozen=True)
class Since:
    """How the newest answer differs: rows that it has more, rows that it lacks; or why there is none to compare."""

    added: Sequence[Row] = ()
    gone: Sequence[Row] = ()
    noun: str = "row"
    says: str = ""
    why_not: str = ""
    names: Mapping[NamedNode, str] = field(default_factory=dict)

    def in_words(self) -> str:
        """Return the rest of a sentence that begins with "The newest data"."""
        if self.why_not:
            return f"gives no answer: {self.why_not}"
        if self.says:
            return self.says
        told = [
            f"{len(rows):,} {self.noun}{'' if len(rows) == 1 else 's'} {what}"
            for rows, what in ((self.added, "more"), (self.gone, "no longer there"))
            if rows
        ]
        return f"gives a different answer: {', '.join(told)}" if told else "gives the same answer"


def since(wanted: Asked, earlier: Table, *, truncated: bool) -> Since | None:
    """Ask the newest data what an earlier version was asked; `None` where the newest one has answered.

    Rows count, their order does not; an answer that is cut off (`truncated`) is not compared. Never raises a
    `KgError`: what cannot be asked any more is said.
    """
    state = newest()
    if state is None:
        return None
    try:
        answer = state.pool.run(
            wanted.to_worker(state, ["nt" if earlier.is_graph else "json"]), request.environ.get(CALLER)
        )
        now = read_results(state.store, answer.body, answer.form == "graph")
    except KgError as error:
        return Since(why_not=error.message)
    if earlier.boolean is not None:
        same = now.boolean == earlier.boolean
        return Since(says="gives the same answer" if same else f"says {'yes' if now.boolean else 'no'}")
    if truncated or answer.truncated:
        return Since(says="is not compared with it, as not all rows are here")
    before, after = Counter(earlier.found), Counter(now.found)
    added, gone = list((after - before).elements()), list((before - after).elements())
    names = labels(state.store, {term for row in (*added[:SHOWN], *gone[:SHOWN]) for term in row})
    return Since(added, gone, "triple" if earlier.is_graph else "row", names=names)

"""Classes and their members, chosen by what claims say of them: `/browse`, `/browse/sg:Claim?voice=ofsted`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, make_response, request
from pyoxigraph import NamedNode

from kg.dated import Dated, dates_in_words, read_dated, span
from kg.errors import NotFound, ParameterError, UnknownParameter
from kg.evidence import ClaimView, read_claims
from kg.facet_query import selection_query
from kg.facets import FACETS, Facets, Value, members_of, read_facets
from kg.labels import labels, term_in_words, voices_in_words
from kg.namespaces import FOAF, SG, curie
from kg.queries import select, text
from kg.terms import bind, parse_iri
from web.classes import browse_address, tree
from web.negotiation import Offer
from web.parameters import given, one_of, place_in
from web.render import page
from web.selection import SORTS, address, chips, fields, slug, terms_of, value_of
from web.serving.served import served

blueprint = Blueprint("browse", __name__)

PAGE, CLAIMS = 100, 30
"""Members on a page, and claims, each of which comes with its evidence."""
CSV, JSON = Offer("csv", "text/csv"), Offer("json", "application/json")
PRIVATE = frozenset({FOAF.Person, SG.Tenure, SG.TenureEnd, SG.UnnamedAgent, SG.PostAtEvent})
"""Classes whose lists name living people."""


@blueprint.get("/browse")
def classes() -> Response:
    """List the classes with the number of their members."""
    state = served()
    groups, rest = state.remember("tree", lambda: tree(state))
    return page("browse.html", title="Browse", groups=groups, rest=rest, query=text("page_classes"))


@blueprint.get("/browse/<path:name>")
def members(name: str) -> Response:
    """List the members of a class that fit the selection in the address, a page at a time, or send all of them."""
    cls = parse_iri(name) or parse_iri(f"sg:{name}")
    whole = _members(cls) if cls is not None else []
    if cls is None or not whole:
        raise NotFound(f"{name}: no class of this name has members")
    if served().is_files:
        return _plain(cls, whole)
    for unknown in set(request.args) - {*FACETS, "sort", "offset", "format"}:
        raise UnknownParameter(unknown, "this page", (*FACETS, "sort", "offset", "format"))
    form = one_of("format", {"csv": "CSV", "json": "JSON"}, "is no format of a selection")
    sort = one_of("sort", SORTS, "is no order here", "name")
    facets, asked = _facets(), dict[str, str]()
    chosen: dict[str, Value] = {}
    wrong: ParameterError | None = None
    for facet in FACETS:
        try:
            asked[facet] = given(facet)
            if asked[facet]:
                chosen[facet] = value_of(facets, facet, asked[facet])
            else:
                del asked[facet]
        except ParameterError as error:
            asked[facet], wrong = error.given, wrong or error
    if wrong is not None and form:
        raise wrong
    if form:
        return _download(cls, _ordered(facets.choose(whole, chosen), sort), chosen, form)
    return _page(cls, whole, facets, chosen, asked, sort, wrong)


def _members(cls: NamedNode) -> list[NamedNode]:
    state = served()
    if state.is_files:
        return [
            row[0] for row in select(state.store, "page_members", kind=cls) if isinstance(row[0], NamedNode)
        ]
    found: list[NamedNode] = state.remember(f"members {cls.value}", lambda: members_of(state.store, cls))
    return found


def _facets() -> Facets:
    state = served()
    found: Facets = state.remember("facets", lambda: read_facets(state.store))
    return found


def _page(
    cls: NamedNode,
    whole: list[NamedNode],
    facets: Facets,
    chosen: Mapping[str, Value],
    asked: Mapping[str, str],
    sort: str,
    error: ParameterError | None = None,
) -> Response:
    state, path = served(), browse_address(cls)
    kept = {name: slug(chosen[name]) if name in chosen else asked[name] for name in asked}
    size = CLAIMS if cls == SG.Claim else PAGE
    found = _ordered(facets.choose(whole, chosen), sort)
    offset = place_in(len(found))
    shown = found[offset : offset + size]
    counts = facets.counts(whole, chosen)
    claims = read_claims(state.store, shown) if cls == SG.Claim else {}
    names = labels(
        state.store,
        {
            cls,
            *shown,
            *chosen.values(),
            *terms_of(counts),
            *(t for c in claims.values() for t in c.terms()),
            *(NamedNode(date.property) for iri in shown for date in _dates(iri)),
        },
    )
    words = {
        name: term_in_words(v, names) if isinstance(v, NamedNode) else str(v) for name, v in chosen.items()
    }
    return page(
        "members.html",
        200 if error is None else 400,
        title=names[cls],
        names=names,
        cls=cls,
        claims=[claims[iri] for iri in shown if iri in claims],
        members=[
            (iri, dates_in_words(_dates(iri), names), facets.standing(iri, chosen))
            for iri in shown
            if iri not in claims
        ],
        possibly={iri for iri in shown if facets.standing(iri, chosen)},
        unsure=sum(bool(facets.standing(iri, chosen)) for iri in found) if "year" in chosen else 0,
        year=chosen.get("year"),
        by_claims=bool(chosen),
        whole=len(whole),
        total=len(found),
        offset=offset,
        size=size,
        path=path,
        kept=kept,
        fields=fields(counts, kept, words, names, error),
        chips=chips(path, kept, words, "" if sort == "name" else sort),
        sort=sort,
        sorts=SORTS,
        error=error,
        pages={
            start: address(path, kept, sort="" if sort == "name" else sort, offset=start)
            for start in (max(0, offset - size), offset + size)
        },
        downloads={
            name: address(path, kept, sort="" if sort == "name" else sort, format=name)
            for name in ("csv", "json")
        },
        query=selection_query(cls, chosen),
        noindex=bool(request.args),
        about_people=cls in PRIVATE,
    )


def _plain(cls: NamedNode, whole: list[NamedNode]) -> Response:
    """List the members of a class of RDF files: there are no claims to choose by."""
    offset = place_in(len(whole))
    names = labels(served().store, [cls, *whole])
    ordered = sorted(whole, key=lambda iri: (names[iri].casefold(), iri.value))
    path = browse_address(cls)
    return page(
        "members.html",
        title=names[cls],
        names=names,
        cls=cls,
        members=[(iri, "", "") for iri in ordered[offset : offset + PAGE]],
        whole=len(whole),
        total=len(whole),
        offset=offset,
        size=PAGE,
        path=path,
        pages={start: address(path, {}, offset=start) for start in (max(0, offset - PAGE), offset + PAGE)},
        query=bind(text("page_members"), {"kind": cls}),
    )


def _ordered(found: list[NamedNode], sort: str) -> list[NamedNode]:
    """Sort members: by name; by the first day that their dates name, what has none last."""
    names = labels(served().store, found)
    by_name = sorted(found, key=lambda iri: (names[iri].casefold(), iri.value))
    if sort == "name":
        return by_name
    dated = [iri for iri in by_name if _dates(iri)]
    dated.sort(key=lambda iri: _sort_days(*span(_dates(iri))), reverse=sort == "latest")
    return [*dated, *(iri for iri in by_name if not _dates(iri))]


def _sort_days(earliest: str, latest: str) -> tuple[str, str]:
    """What is only known to be "by" a day stands at that day in a list: none is made up for its beginning."""
    return earliest or latest, latest


def _dates(iri: NamedNode) -> tuple[Dated, ...]:
    """Return the dates of a thing or a claim, each source's beside the others'."""
    state = served()
    found: dict[NamedNode, tuple[Dated, ...]] = state.remember("dated", lambda: read_dated(state.store))
    return found.get(iri, ())


def _download(cls: NamedNode, found: list[NamedNode], chosen: Mapping[str, Value], form: str) -> Response:
    state = served()
    rows = _claim_rows(found) if cls == SG.Claim else _thing_rows(found)
    if "year" in chosen:
        facets = _facets()
        rows = [
            {**row, "in_year": facets.standing(iri, chosen) or "yes"}
            for iri, row in zip(found, rows, strict=True)
        ]
    if form == "json":
        answer = {
            "class": cls.value,
            "chosen": {name: v if isinstance(v, int) else v.value for name, v in chosen.items()},
            "version": state.version,
            "count": len(rows),
            "query": selection_query(cls, chosen),
            "members": rows,
        }
        body = json.dumps(answer, ensure_ascii=False, indent=1) + "\n"
    else:
        out = io.StringIO()
        table = [_flat(row) for row in rows]
        writer = csv.DictWriter(out, list(table[0]) if table else ["iri", "label"], lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(table)
        body = out.getvalue()
    offer = JSON if form == "json" else CSV
    response = make_response(body)
    response.content_type = offer.content_type
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Data-Version"] = state.version
    filename = f"{curie(cls).rpartition(':')[2]}-{'-'.join(slug(v) for v in chosen.values())}".strip("-")[:80]
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}.{form}"'
    if cls in PRIVATE:
        response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request)
    return response


def _claim_rows(found: list[NamedNode]) -> list[dict[str, Any]]:
    claims: dict[NamedNode, ClaimView] = read_claims(served().store, found)
    names = labels(served().store, {term for claim in claims.values() for term in claim.terms()})
    return [
        {
            "iri": iri.value,
            "label": claims[iri].sentence,
            "kind": term_in_words(claims[iri].kind, names),
            "voices": voices_in_words(claims[iri].voices, names),
            "source": term_in_words(claims[iri].article, names),
            "source_iri": claims[iri].article.value,
            "excerpts": list(claims[iri].excerpts),
            **_span(iri),
        }
        for iri in found
        if iri in claims
    ]


def _thing_rows(found: list[NamedNode]) -> list[dict[str, Any]]:
    names, facets = labels(served().store, found), _facets()
    return [
        {"iri": iri.value, "label": names[iri], "claims": len(facets.claims_of(iri)), **_span(iri)}
        for iri in found
    ]


def _span(iri: NamedNode) -> dict[str, Any]:
    dates = _dates(iri)
    earliest, latest = span(dates)
    told = [{**asdict(date), "property": curie(NamedNode(date.property))} for date in dates]
    return {"earliest": earliest, "latest": latest, "dates": told}


def _flat(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a row of JSON as one of a table: several values of a cell between separators."""
    dates = row["dates"]
    flat = {
        name: " … ".join(value) if isinstance(value, list) else value
        for name, value in row.items()
        if name != "dates"
    }
    flat["dates"] = " | ".join(date["edtf"] for date in dates)
    flat["date_properties"] = " | ".join(date["property"] for date in dates)
    return flat

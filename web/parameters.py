"""The parameters of an address, read in one place: text, one of some values, a whole number, a place in a list.

What cannot be is a `ParameterError`. A browser gets it as a form that says what is wrong beside the field, keeps what
else was given and can be sent again (`web.errors`); a program gets it as text. Bytes that are no UTF-8 are such an
error on every page, and what other sites append to links so as to follow people is left out before anybody reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus, unquote_to_bytes, urlencode

from flask import Flask, request
from werkzeug.datastructures import ImmutableMultiDict

from kg.errors import ParameterError, UnknownParameter

MOST = 10_000_000
"""The largest number that a parameter may have, unless it says otherwise."""
YES_OR_NO = {"yes": "yes", "no": "no"}
FORM = "application/x-www-form-urlencoded"
_LABELS = {
    "group": "Group", "iri": "IRI of a thing", "labels": "Labels", "limit": "At most", "offset": "Begin after number",
    "q": "Words", "query": "Query", "sort": "In order of", "style": "Style of citation", "v": "Version",
    "version": "Version of the data", "default-graph-uri": "Default graph", "named-graph-uri": "Named graph",
}  # fmt: skip
_FOLLOWING = re.compile(r"utm_\w+|(?:fb|g|dc|tw|tt|y)clid|msclkid|[gw]braid|mc_[ce]id|igshid|_g[al]")
_BEYOND_ASCII = re.compile(rb"%[89A-Fa-f]|[\x80-\xff]")


@dataclass(frozen=True)
class Field:
    """A parameter in the form of a request that cannot be answered: as it was given, and what may stand there."""

    name: str
    label: str
    value: str
    error: ParameterError | None = None
    choices: tuple[tuple[str, str], ...] = ()
    long: bool = False


def given(name: str) -> str:
    """Return a parameter without the spaces around it, the empty text where there is none.

    Raises `ParameterError` where it is given twice and not the same.
    """
    several = list(dict.fromkeys(text.strip() for text in request.values.getlist(name)))
    if len(several) > 1:
        raise ParameterError(name, " and ".join(several), "are two values", "one")
    return several[0] if several else ""


def one_of(name: str, known: Mapping[str, str], problem: str, default: str = "") -> str:
    """Return a parameter that is one of the known values (with their labels), or the default where it is not given."""
    text = given(name) or default
    if text != default and text not in known:
        raise ParameterError.not_one_of(name, text, problem, known)
    return text


def whole_number(name: str, default: int, least: int = 0, most: int = MOST) -> int:
    """Return a parameter that is a whole number from `least` to `most`."""
    text = given(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:12]) <= most:
        upper = f"to {most:,}" if most < MOST else "on"
        raise ParameterError(name, text, "does not fit", f"a whole number from {least} {upper}")
    return int(text)


def place_in(total: int) -> int:
    """Return the parameter `offset`: how many entries of a list stand before the page that is shown."""
    offset = whole_number("offset", 0)
    if offset and offset >= total:
        last = f"0 to {total - 1:,}" if total > 1 else "0: it has one page"
        raise ParameterError("offset", str(offset), "is beyond the end of the list", last)
    return offset


def fields(error: ParameterError) -> list[Field]:
    """Return what the request gives as the fields of a form, the one in `error` with what may stand there."""
    wrong, made = error.field, list[Field]()
    for name, text in (*request.args.items(multi=True), *request.form.items(multi=True)):
        if name == wrong:
            if not isinstance(error, UnknownParameter) and not any(field.error for field in made):
                made.append(_field(name, error.given if error.given in text else text, error))
        else:
            made.append(_field(name, text))
    known = isinstance(error, UnknownParameter) or any(field.error for field in made)
    return made if known else [_field(wrong, error.given, error), *made]


def _field(name: str, text: str, error: ParameterError | None = None) -> Field:
    label = _LABELS.get(name, f"{name[:1].upper()}{name[1:]}".replace("-", " "))
    choices = tuple(error.choices.items()) if error is not None else ()
    return Field(name, label, text, error, choices, "\n" in text or len(text) > 80)


def without(name: str, put: str = "") -> str:
    """Return the address of this request without a parameter, or with another value in its place."""
    rest = [(n, text) for n, text in request.args.items(multi=True) if n != name]
    rest += [(name, put)] if put else []
    return request.path + (f"?{urlencode(rest)}" if rest else "")


def check_escapes(encoded: bytes) -> None:
    """Raise `ParameterError` for what is not UTF-8 behind its percent escapes: it would be replaced silently."""
    if not _BEYOND_ASCII.search(encoded):
        return
    for pair in encoded.split(b"&"):
        name, _, text = pair.partition(b"=")
        for part in (name, text):
            try:
                unquote_to_bytes(part).decode("utf-8")
            except UnicodeDecodeError:
                shown = unquote_plus(text.decode("latin-1"), errors="replace")
                allowed = "text in UTF-8, as browsers send it"
                raise ParameterError(
                    unquote_plus(name.decode("latin-1"), errors="replace"), shown, "is not UTF-8", allowed
                ) from None


def init_app(app: Flask) -> None:
    """Look at the parameters of every request before anything else does."""

    @app.before_request
    def check_parameters() -> None:
        encoded = request.query_string
        if not encoded:
            return
        check_escapes(encoded)
        ours = [(n, text) for n, text in request.args.items(multi=True) if not _FOLLOWING.fullmatch(n)]
        if len(ours) != len(list(request.args.items(multi=True))):
            request.args = ImmutableMultiDict(ours)

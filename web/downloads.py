"""The exports of the snapshot: `/downloads` and the files themselves."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, send_file

from kg.errors import NotFound
from kg.export import EXACT
from kg.formats import RDF_FORMATS
from web.head import public_site
from web.negotiation import RDF_OFFERS
from web.pages import counts
from web.render import page
from web.schema_org import dataset
from web.serving.served import served

blueprint = Blueprint("downloads", __name__)

GRAPHS_KEPT = "all named graphs: each claim in the graph of its name"
FLAT = "the default graph, and a node per claimed triple that leads to its claims"


@dataclass(frozen=True)
class Download:
    """A file for download: its name, format in words, what it holds, size in bytes, SHA-256."""

    name: str
    label: str
    holds: str
    size: int
    sha256: str


def available() -> list[Download]:
    """Return the files of the snapshot: the formats in the order of the table, then the others."""
    files = {entry["path"].rpartition("/")[2]: entry for entry in served().manifest.get("files", ())}
    found = [
        _download(name, entry.label, GRAPHS_KEPT if entry.named_graphs else FLAT, files)
        for entry in RDF_FORMATS
        for name in sorted(files)
        if name.endswith(f".{entry.extension}") and name not in (EXACT, "void.ttl")
    ]
    known = {download.name for download in found}
    others = {
        "void.ttl": ("VoID and DCAT", "the description of the data set"),
        "SHA256SUMS": ("Checksums", "for sha256sum --check"),
        EXACT: ("N-Quads", "literals as they were written, where a store writes them in another form"),
    }
    return found + [
        _download(name, *others[name], files) for name in others if name in files and name not in known
    ]


def _download(name: str, label: str, holds: str, files: dict[str, dict[str, object]]) -> Download:
    return Download(name, label, holds, int(str(files[name]["bytes"])), str(files[name]["sha256"]))


@blueprint.get("/downloads")
def downloads() -> Response:
    """List the files with size and checksum, the licence and the version."""
    state = served()
    files = available()
    site = public_site()
    listed = [(file.name, file.size, file.sha256) for file in files]
    return page(
        "downloads.html",
        title="Downloads",
        description="The whole graph in every usual RDF format, with checksums, licence and version.",
        schema=(dataset(site, state.version, listed),) if site else (),
        files=files,
        manifest=state.manifest,
        counts=counts(),
    )


@blueprint.get("/downloads/<path:name>")
def download(name: str) -> Response:
    """Send one of the files that the manifest names; ranges and conditions are answered."""
    found = next((entry for entry in available() if entry.name == name), None)
    if found is None:
        raise NotFound(f"{name}: there is no such file")
    extension = name.rpartition(".")[2]
    media_type = next(
        (
            offer.content_type
            for offer, entry in zip(RDF_OFFERS, RDF_FORMATS, strict=True)
            if entry.extension == extension
        ),
        "text/plain; charset=utf-8",
    )
    response = send_file(
        served().path / "exports" / name,
        mimetype=media_type,
        as_attachment=True,
        download_name=name,
        etag=found.sha256[:32],
        max_age=0,
        conditional=True,
    )
    response.content_type = media_type
    response.headers["X-Data-Version"] = served().version
    return response


def human_size(size: int) -> str:
    """Return a size for people.

    >>> human_size(512), human_size(2_345_678)
    ('512 bytes', '2.3 MB')
    """
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size / 1000:.0f} kB"


@blueprint.app_template_filter("human_size")
def _human_size(size: int) -> str:
    return human_size(size)

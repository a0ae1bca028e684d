"""Reads a page as a strict reader would: what it links to, and what is wrong with its markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LANDMARKS = {"header", "nav", "main", "footer"}


@dataclass
class Document:
    """A page: its links, headings (level, text), ids, landmarks, fields without a label, and mistakes of nesting."""

    links: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    landmarks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    text: str = ""
    blocks: list[str] = field(default_factory=list)
    """What stands in script elements: schema.org data."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self.stack: list[str] = []
        self.fields: list[tuple[str, bool]] = []
        self.labelled: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        document = self.document
        if tag not in VOID:
            self.stack.append(tag)
        if "id" in found:
            document.ids.append(found["id"] or "")
        if tag in LANDMARKS:
            document.landmarks.append(tag)
        if tag == "a" and found.get("href") is not None:
            document.links.append(found["href"] or "")
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            document.headings.append((int(tag[1]), ""))
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            self.fields.append((found.get("id") or "", "aria-label" in found))
        if tag == "label":
            self.labelled.add(found.get("for") or "")
        if tag == "img" and "alt" not in found:
            document.problems.append("an image without alt")
        if "style" in found:
            document.problems.append(f"a style attribute on {tag}")
        for name in found:
            if name.startswith("on"):
                document.problems.append(f"{name} on {tag}")
        own_script = tag == "script" and (found.get("src") or "").startswith("/static/")
        own_script = own_script or (
            tag == "script" and found.get("type") == "application/ld+json"
        )  # runs nothing
        if tag in ("script", "style") and not own_script:
            document.problems.append(f"<{tag}> in the page")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.stack or self.stack[-1] != tag:
            self.document.problems.append(f"</{tag}> closes {self.stack[-1] if self.stack else 'nothing'}")
            if tag in self.stack:
                while self.stack.pop() != tag:
                    pass
            return
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] == "script":
            self.document.blocks.append(data)
            return
        self.words.append(data)
        heading = next(
            (t for t in reversed(self.stack) if len(t) == 2 and t[0] == "h" and t[1].isdigit()), None
        )
        if heading and self.document.headings:
            level, text = self.document.headings[-1]
            self.document.headings[-1] = (level, text + data)


def read_page(html: str) -> Document:
    """Parse a page and note everything that is wrong with it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.document
    found.text = " ".join(" ".join(reader.words).split())
    found.problems += [f"<{tag}> is never closed" for tag in reader.stack]
    found.problems += [
        f"the id {name!r} stands twice" for name in {i for i in found.ids if found.ids.count(i) > 1}
    ]
    found.problems += [
        f"a field without a label: {name!r}"
        for name, named in reader.fields
        if not named and name not in reader.labelled
    ]
    found.problems += [f"no <{name}>" for name in ("header", "main", "footer") if name not in found.landmarks]
    levels = [level for level, _ in found.headings]
    if levels.count(1) != 1:
        found.problems.append(f"{levels.count(1)} headings of the first level")
    found.problems += [
        f"a heading of level {after} after one of level {before}: {text.strip()!r}"
        for before, (after, text) in zip(levels, found.headings[1:], strict=False)
        if after > before + 1
    ]
    return found

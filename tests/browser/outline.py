"""What a screen reader is told of a page, in the order in which it is told, held against rules."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

LINE = re.compile(r"""^(?P<indent> *)- '?(?P<role>[a-z]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?P<rest>[^:]*)""")
LEVEL = re.compile(r"\[level=(\d)\]")
ONCE = ("banner", "main", "contentinfo")
NAMED = (
    "navigation",
    "region",
    "form",
    "img",
    "link",
    "button",
    "textbox",
    "searchbox",
    "combobox",
    "figure",
)
SAYS_NOTHING = {
    "here",
    "click here",
    "more",
    "read more",
    "link",
    "this",
    "see",
    "details",
    "open",
    "page",
    "→",
    "…",
}


class Told(NamedTuple):
    """One thing that is told: how deep it lies, its role, its name, and its level if it is a heading."""

    depth: int
    role: str
    name: str
    level: int


def told(snapshot: str) -> list[Told]:
    """Return what an accessibility snapshot of Playwright tells; text and properties are left out.

    >>> told('- main:\\n  - heading "A \\\\"b\\\\"" [level=1]\\n  - text: x\\n  - link "c":\\n    - /url: /d')
    [Told(depth=0, role='main', name='', level=0), Told(depth=1, role='heading', name='A "b"', level=1), Told(depth=1, role='link', name='c', level=0)]
    """  # noqa: E501
    found = []
    for line in snapshot.splitlines():
        match = LINE.match(line)
        if match is None or match["role"] in ("text", "paragraph", "strong", "emphasis"):
            continue
        level = LEVEL.search(match["rest"])
        name = re.sub(r"\\(.)", r"\1", match["name"] or "").strip()
        found.append(Told(len(match["indent"]) // 2, match["role"], name, int(level[1]) if level else 0))
    return found


def problems(snapshot: str) -> list[str]:
    """Return what is wrong with a page as it is told: headings, landmarks, names.

    >>> problems('- banner\\n- main:\\n  - heading "A" [level=1]\\n  - heading "B" [level=3]\\n  - link "more"')
    ['0 times contentinfo', 'a heading of level 3 after one of level 1: B', 'a link that says nothing: more']
    """
    things = told(snapshot)
    roles = Counter(thing.role for thing in things if thing.role != "main" or thing.depth == 0)
    wrong = [f"{roles[role]} times {role}" for role in ONCE if roles[role] != 1]
    headings = [thing for thing in things if thing.role == "heading"]
    if [heading.level for heading in headings].count(1) != 1 or not headings or headings[0].level != 1:
        wrong.append("not one heading of the first level, before all others")
    before = 0
    for heading in headings:
        if heading.level > before + 1:
            wrong.append(f"a heading of level {heading.level} after one of level {before}: {heading.name}")
        if not heading.name:
            wrong.append(f"a heading of level {heading.level} without words")
        before = heading.level
    wrong += [f"a {thing.role} without a name" for thing in things if thing.role in NAMED and not thing.name]
    for role in ("navigation", "region", "form", "search"):
        names = Counter(thing.name for thing in things if thing.role == role)
        wrong += [f"{number} {role}s are called {name!r}" for name, number in names.items() if number > 1]
    wrong += [
        f"a link that says nothing: {thing.name}"
        for thing in things
        if thing.role == "link" and thing.name.lower().strip(" .…→") in SAYS_NOTHING
    ]
    return wrong


TABLES = """() => [...document.querySelectorAll("table")].filter(t => t.checkVisibility()).flatMap(table => {
  const named = table.caption || table.matches("[aria-label], [aria-labelledby]")
    || table.parentElement.matches("[role=region][aria-label], [role=region][aria-labelledby], figure, details");
  const heads = [...table.querySelectorAll("th")];
  return [
    ...(named ? [] : ["a table without a name: "]), ...(heads.length ? [] : ["a table without headers: "]),
    ...(heads.every(h => h.scope) ? [] : ["a header that does not say of what: "]),
  ].map(text => text + table.textContent.trim().slice(0, 60));
})"""
"""A function of the page: tables that have no name, no headers, or headers without a scope."""

MEANING = """() => [
  ...[...document.querySelectorAll("svg.chart")].flatMap(svg => [
    ...(svg.querySelector(":scope > title")?.textContent.trim() ? [] : ["a drawing without a title"]),
    ...(svg.querySelector(":scope > desc")?.textContent.trim() ? [] : ["a drawing without a description"]),
    ...(svg.closest("figure")?.querySelector("table") ? [] : ["a drawing without its table"]),
  ]),
  ...[...document.querySelectorAll(".grade, .tag")].filter(e => !e.textContent.trim()).map(() => "a mark, no words"),
  ...document.getAnimations().map(() => "something moves"),
  ...[...document.querySelectorAll("video, audio, meta[http-equiv=refresh]")].map(() => "it plays or reloads"),
]"""
"""A function of the page: what is told by a drawing, by colour or by movement alone."""

"""The invented article of Anyshire, with drafts of claims about it, for tests of authoring."""

from pathlib import Path

from kg.curation.texts import Sentence, read_text, sentences_of
from kg.namespaces import PREFIXES

HERE = Path(__file__).resolve().parent
TEXT_PATH = HERE.parent / "texts" / "anyshire-1.txt"
NAME = "anyshire-1"
TEXT = read_text(TEXT_PATH)
SENTENCES: list[Sentence] = sentences_of(TEXT)
HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in sorted(PREFIXES.items()))
"""25 lines."""

ONE = """claim:draft-one { id:anyshire-council sg:sorry true . }
graph:anyshire-1 { claim:draft-one a sg:Claim ; rdfs:label "The council is sorry."@en ;
  sg:voices ( id:gazette id:anyshire-council ) ; sg:excerpt "accept every word" . }
"""


def draft(**changes: str) -> str:
    """The draft `ONE` with its prefixes; each change replaces `key` by its value, underscores standing for spaces."""
    text = ONE
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return HEAD + text


def project(folder: Path, claims: str) -> Path:
    """Lay out a data folder with one claim file; returns the file."""
    from kg.curation.texts import serialize_sentences

    (folder / "claims").mkdir(parents=True, exist_ok=True)
    (folder / "sentences").mkdir(exist_ok=True)
    (folder / "sentences" / f"{NAME}.csv").write_text(serialize_sentences(SENTENCES), encoding="utf-8")
    path = folder / "claims" / f"{NAME}.trig"
    path.write_text(claims, encoding="utf-8")
    return path

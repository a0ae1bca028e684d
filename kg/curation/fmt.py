"""`kg fmt`: claim files completed and sorted, register files sorted; formatting twice changes nothing.

For claims: expands the shorthand (`kg.curation.drafts`), looks every excerpt up in the text where there is one,
merges claims that are one (same source, triples and chain), mints IRIs, and says which claim got a new one. Pure:
text in, text out; the command reads and writes the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kg.claims import Claim, Evidence, claim_to_quads, claims_from_quads, normalised
from kg.curation.drafts import article_of, expand_drafts, passage_of, source_of
from kg.curation.excerpts import check_excerpt
from kg.curation.texts import Sentence, Span, digest, find_excerpt
from kg.dates import edtf_of, is_date_iri
from kg.errors import ClaimError, KgError, Problems, SourceError
from kg.formats import format_of_path
from kg.namespaces import CLAIM, DCTERMS, PROV, RDF, RDFS, SG, SGV, curie
from kg.read import line_of, parse_quads
from kg.writer import serialize_trig

__all__ = ["Formatted", "format_file", "format_source", "rename_claims", "serialize_trig"]


@dataclass(frozen=True)
class Formatted:
    """The new content of a file, the claims that got another IRI (old to new), and what a curator should know."""

    content: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def format_file(
    path: Path,
    texts: Mapping[str, str] | None = None,
    sentences: Mapping[str, Sequence[Sentence]] | None = None,
    published: bool = False,
) -> Formatted:
    """Read a file and return how it should be; see `format_source`. Writes nothing."""
    from kg.read import read_source

    return format_source(path, read_source(path), texts, sentences, published)


def format_source(
    path: Path,
    source: str,
    texts: Mapping[str, str] | None = None,
    sentences: Mapping[str, Sequence[Sentence]] | None = None,
    published: bool = False,
) -> Formatted:
    """Return the canonical form of a Turtle or TriG file.

    `texts` and `sentences` go by the name of the article; without the text of an article its claims can be sorted and
    minted, but no excerpt can be looked up. With `published`, a claim that changed leaves a stub under its old IRI
    (`dcterms:isReplacedBy`); otherwise it is renamed. Raises `SourceError` for a file that does not parse, and
    `Problems` that name file and line for each claim that breaks a rule.
    """
    quads = parse_quads(path, source)
    _check_dates(path, source, quads)
    notes = []
    if lost := _lost_comments(source):
        notes.append(f"{path}: {lost} comment lines are not kept (those above the first line of content are)")
    renamed: dict[str, str] = {}
    if format_of_path(path).named_graphs:
        try:
            expanded = expand_drafts(quads, texts or {}, sentences or {})
            claims = _located(claims_from_quads(expanded), texts or {}, sentences or {})
            claims, renamed, merged = _mint(claims)
        except (ClaimError, Problems) as error:
            raise _placed(error, path, source) from None
        notes += [f"{path}: {note}" for note in merged]
        quads = _remade(expanded, claims)
        if published:
            quads += _stubs(renamed, claims)
    if any(isinstance(node, BlankNode) for q in quads for node in (q.subject, q.object, q.graph_name)):
        raise _blank(path, source, quads)
    return Formatted(_header(source) + serialize_trig(quads), renamed, tuple(notes))


def rename_claims(source: str, renamed: Mapping[str, str]) -> str:
    """Replace IRIs of claims in the text of a file, with prefix or in full, and leave all else as it is.

    >>> rename_claims("d:x sg:between claim:draft-a, claim:draft-ab .", {str(CLAIM) + "draft-a": str(CLAIM) + "00ff"})
    'd:x sg:between claim:00ff, claim:draft-ab .'
    """
    if not renamed:
        return source
    names = "|".join(
        sorted((re.escape(old.removeprefix(str(CLAIM))) for old in renamed), key=len, reverse=True)
    )
    pattern = re.compile(rf"(?P<lead>(?<![\w:-])claim:|<{re.escape(str(CLAIM))})(?P<name>{names})(?![\w-])")
    return pattern.sub(lambda m: m["lead"] + renamed[str(CLAIM) + m["name"]].removeprefix(str(CLAIM)), source)


def _located(
    claims: Iterable[Claim], texts: Mapping[str, str], sentences: Mapping[str, Sequence[Sentence]]
) -> list[Claim]:
    """Put the evidence of each claim where its excerpt stands, where there is a text."""
    found: list[Claim] = []
    problems: list[KgError] = []
    for claim in claims:
        name = article_of(claim.record)
        text, rows = texts.get(name), sentences.get(name)
        try:
            evidence = claim.evidence
            if text is not None and rows is not None and claim.source == source_of(claim.record):
                evidence = tuple(_locate(piece, text, rows) for piece in evidence)
            found.append(normalised(replace(claim, evidence=evidence)))
        except ClaimError as error:
            problems.append(error.at(None, iri=curie(claim.iri)))
    if problems:
        raise Problems(problems)
    return found


def _locate(piece: Evidence, text: str, rows: Sequence[Sentence]) -> Evidence:
    if piece.exact is None:
        return piece
    span = find_excerpt(text, piece.exact, piece.prefix, piece.suffix)
    check_excerpt(
        text,
        [row.span for row in rows],
        span,
        Span(span.start - len(piece.prefix), span.end + len(piece.suffix)),
    )
    passage = Span(piece.passage_start or 0, piece.passage_end or 0)
    starts = {row.start: n for n, row in enumerate(rows)}
    ends = {row.end: n for n, row in enumerate(rows)}
    length = ends.get(passage.end, -9) - starts.get(passage.start, 0)
    if length not in (0, 1) or not (passage.start <= span.start and span.end <= passage.end):
        passage = passage_of(rows, span)
    return replace(
        piece,
        start=span.start,
        end=span.end,
        passage_start=passage.start,
        passage_end=passage.end,
        passage_digest=digest(passage.of(text)),
    )


def _mint(claims: Sequence[Claim]) -> tuple[list[Claim], dict[str, str], list[str]]:
    """Merge claims that are one, give each its IRI, and let readings follow the claims they refer to."""
    groups: dict[object, Claim] = {}
    member: dict[str, object] = {}
    notes: list[str] = []
    for claim in sorted(claims, key=lambda c: (bool(_is_draft(c.iri)), c.iri.value)):
        key: object = (claim.record, claim.source, claim.triples, tuple(voice.key for voice in claim.voices))
        member[claim.iri.value] = key
        first = groups.get(key)
        if not claim.triples:
            raise ClaimError("its graph is empty: a claim needs a triple", iri=curie(claim.iri))
        groups[key] = claim if first is None else _merged(first, claim, notes)
    new = {key: claim.minted() for key, claim in groups.items()}
    renamed = {old: new[key].value for old, key in member.items() if new[key].value != old}
    made = []
    for key, claim in groups.items():
        kind = claim.kind if claim.kind in (SGV.opinion, SGV.implied) else None
        readings = tuple(
            replace(r, resolved_with=tuple(NamedNode(renamed.get(c.value, c.value)) for c in r.resolved_with))
            for r in claim.readings
        )
        other = tuple(
            (p, NamedNode(renamed[o.value]) if isinstance(o, NamedNode) and o.value in renamed else o)
            for p, o in claim.other
        )
        made.append(normalised(replace(claim, iri=new[key], kind=kind, readings=readings, other=other)))
    return made, renamed, notes


def _is_draft(iri: NamedNode) -> bool:
    return re.fullmatch(r"[0-9a-f]{16}", iri.value.removeprefix(str(CLAIM))) is None


def _merged(first: Claim, second: Claim, notes: list[str]) -> Claim:
    kinds = {claim.kind for claim in (first, second)} & {SGV.opinion, SGV.implied}
    if len(kinds) == 1 and first.kind != second.kind:
        raise ClaimError(
            f"{curie(second.iri)} claims the same, but is of another kind of assertion", iri=curie(first.iri)
        )
    notes.append(f"{curie(second.iri)} merged into {curie(first.iri)}; dropped: {second.label()!r}")
    return normalised(
        replace(
            first,
            evidence=first.evidence + second.evidence,
            readings=first.readings + second.readings,
            other=first.other + tuple(pair for pair in second.other if pair[0] != RDFS.label),
        )
    )


def _remade(quads: Iterable[Quad], claims: Iterable[Claim]) -> list[Quad]:
    """Return all quads with those of claims made anew; what belongs to no claim (stubs) stays."""
    quads = list(quads)
    known = {_base(q.subject) for q in quads if q.predicate == RDF.type and q.object == SG.Claim}
    known |= {claim.iri.value for claim in claims}

    def rest(quad: Quad) -> bool:
        return _base(quad.graph_name if quad.graph_name in CLAIM else quad.subject) not in known

    return [quad for quad in quads if rest(quad)] + [
        quad for claim in claims for quad in claim_to_quads(claim)
    ]


def _base(term: object) -> str | None:
    return term.value.partition("#")[0] if isinstance(term, NamedNode) and term in CLAIM else None


def _stubs(renamed: Mapping[str, str], claims: Iterable[Claim]) -> list[Quad]:
    records = {claim.iri.value: claim.record for claim in claims}
    found = []
    for old, new in renamed.items():
        stub = NamedNode(old)
        if not _is_draft(stub):
            found.append(Quad(stub, RDF.type, PROV.Entity, records[new]))
            found.append(
                Quad(stub, RDFS.label, Literal("A claim that was replaced", language="en"), records[new])
            )
            found.append(Quad(stub, DCTERMS.isReplacedBy, NamedNode(new), records[new]))
    return found


def _placed(error: ClaimError | Problems, path: Path, source: str) -> Problems:
    """Give each error the file, and the line of its claim."""
    problems = error.problems if isinstance(error, Problems) else [error]
    return Problems(
        [
            problem.at(path, line_of(source, problem.iri)) if isinstance(problem, ClaimError) else problem
            for problem in problems
        ]
    )


def _check_dates(path: Path, source: str, quads: Iterable[Quad]) -> None:
    terms = {
        t for q in quads for t in (q.subject, q.object) if isinstance(t, NamedNode) and is_date_iri(t.value)
    }
    problems: list[KgError] = []
    for term in sorted(terms, key=lambda t: t.value):
        try:
            edtf_of(term.value)
        except KgError as error:
            problems.append(SourceError(path, line_of(source, curie(term)), error.message))
    if problems:
        raise Problems(problems)


def _blank(path: Path, source: str, quads: Iterable[Quad]) -> KgError:
    for quad in quads:
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, BlankNode | Triple):
            place = curie(quad.subject)
            message = f"a blank node is left ({curie(quad.predicate)} of {place}): give it an IRI"
            return SourceError(path, line_of(source, place), message)
    return SourceError(path, None, "a blank node is left: give it an IRI")


def _header(source: str) -> str:
    """Return the comment lines above the first line of content, with a blank line after them."""
    lines = []
    for line in source.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.rstrip() + "\n")
    return "".join(lines) + "\n" if lines else ""


def _lost_comments(source: str) -> int:
    lines = source.splitlines()
    return (
        sum(line.lstrip().startswith("#") for line in lines)
        - _header(source).rstrip("\n").count("\n")
        - bool(_header(source))
    )

"""Evidence against texts: every excerpt and passage stands where its offsets say, is short, and stands there once.

Pure: claims, texts and sentences in, findings out. Without the text of an article, what can be checked is checked (ids,
lengths, offsets against `data/sentences`, the share of words laid open), and the result names the texts that were not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal

from kg.claims import Claim, Evidence
from kg.curation.drafts import article_of, source_of
from kg.curation.excerpts import MAX_COVERED_SHARE, check_excerpt, check_length, covered_words
from kg.curation.texts import Sentence, Span, digest, find_excerpt, words
from kg.errors import ClaimError
from kg.namespaces import SG, curie


@dataclass(frozen=True)
class Article:
    """What the register says of an article's text; `None` where it says nothing."""

    sha256: str | None = None
    length: int | None = None
    word_count: int | None = None


@dataclass(frozen=True, order=True)
class Finding:
    """Something that does not hold: of an article, and of a claim (a CURIE) where it is about one."""

    article: str
    claim: str | None
    message: str


@dataclass(frozen=True)
class ArticleResult:
    """What was checked of one article; `checked` tells whether its text was there."""

    article: str
    checked: bool
    claims: int
    evidence: int
    covered: int
    words: int | None

    @property
    def share(self) -> float | None:
        """The share of the article's words that its excerpts lay open, 0.0 to 1.0."""
        return self.covered / self.words if self.words else None


@dataclass(frozen=True)
class Verification:
    """The result for all articles; `rows` counts evidence that cites tables, which is not checked here."""

    articles: tuple[ArticleResult, ...]
    findings: tuple[Finding, ...]
    rows: int = 0

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The articles whose texts were not there."""
        return tuple(result.article for result in self.articles if not result.checked)


@dataclass
class _Check:
    """The checks of one article."""

    name: str
    claims: Sequence[Claim]
    rows: Sequence[Sentence] | None
    text: str | None
    known: Article
    findings: list[Finding] = field(default_factory=list)
    rows_cited: int = 0

    def say(self, message: str, claim: Claim | None = None) -> None:
        self.findings.append(Finding(self.name, curie(claim.iri) if claim else None, message))

    def run(self) -> ArticleResult:
        if self.text is not None:
            self.source(self.text)
        if self.rows is None and any(claim.source == source_of(claim.record) for claim in self.claims):
            self.say(f"there is no data/sentences/{self.name}.csv: run kg article sentences")
        covered: set[int] = set()
        evidence = 0
        for claim in self.claims:
            if claim.iri != claim.minted():
                self.say(
                    f"its IRI does not fit what it claims: expected {curie(claim.minted())}; run kg fmt",
                    claim,
                )
            if not claim.evidence:
                self.say("a claim without evidence", claim)
            self.quotes(claim)
            for piece in claim.evidence:
                evidence += 1
                try:
                    self.piece(claim, piece)
                except ClaimError as error:
                    self.say(error.reason, claim)
                if piece.exact and piece.start is not None:
                    covered |= covered_words(piece.exact, piece.start, piece.prefix, piece.suffix)
        total = len(words(self.text)) if self.text is not None else self.known.word_count
        if total and len(covered) > MAX_COVERED_SHARE * total:
            self.say(
                f"the excerpts lay open {len(covered)} of {total} words, {len(covered) / total:.1%}: "
                f"at most {MAX_COVERED_SHARE:.0%}; shorten some"
            )
        return ArticleResult(
            self.name, self.text is not None, len(self.claims), evidence, len(covered), total
        )

    def quotes(self, claim: Claim) -> None:
        """Check the words that a claim repeats outside its excerpts: of readings, and wordings among its triples."""
        text = self.text or ""
        passages = [
            text[e.passage_start : e.passage_end] for e in claim.evidence if e.passage_end is not None
        ]
        said = [("sg:expression", reading.expression, [text], "the text") for reading in claim.readings]
        said += [
            (curie(triple.predicate), triple.object.value, passages, "its passage")
            for triple in claim.triples
            if triple.predicate in (SG.wording, SG.gradeAsWritten) and isinstance(triple.object, Literal)
        ]
        for name, quoted, places, where in said:
            try:
                check_length(quoted)
            except ClaimError as error:
                self.say(f"{name}: {error.reason}", claim)
            if self.text is not None and places and not any(quoted in place for place in places):
                self.say(f"{name} {quoted!r} is not in {where}", claim)

    def source(self, text: str) -> None:
        known = self.known
        if known.sha256 is not None and digest(text) != known.sha256:
            self.say(
                f"the text is not the one that was read: SHA-256 {digest(text)}, expected {known.sha256}"
            )
        if known.length is not None and len(text) != known.length:
            self.say(f"the text has {len(text)} characters, expected {known.length}")
        if known.word_count is not None and len(words(text)) != known.word_count:
            self.say(f"the text has {len(words(text))} words, expected {known.word_count}")
        for row in self.rows or ():
            if row.end > len(text) or digest(row.span.of(text)) != row.sha256:
                self.say(f"data/sentences: the text from {row.start} to {row.end} has another digest")

    def piece(self, claim: Claim, piece: Evidence) -> None:
        if piece.fragment is not None:
            self.rows_cited += 1
            if piece.row_key is None or not piece.passage_digest:
                raise ClaimError("evidence from a table needs sg:rowKey and sg:passageDigest")
            return
        if piece.exact is None or piece.start is None or piece.end is None:
            raise ClaimError(
                "evidence needs an excerpt (oa:exact) and its offsets (oa:start, oa:end); run kg fmt"
            )
        if piece.passage_start is None or piece.passage_end is None:
            raise ClaimError(
                "evidence needs the offsets of its passage (sg:passageStart, sg:passageEnd); run kg fmt"
            )
        if claim.source != source_of(claim.record) or piece.source != claim.source:
            raise ClaimError(
                f"its source is {curie(piece.source)}: expected {curie(source_of(claim.record))}"
            )
        check_length(piece.exact, piece.prefix, piece.suffix)
        span = Span(piece.start, piece.end)
        passage = Span(piece.passage_start, piece.passage_end)
        if self.text is not None:
            span = self.excerpt(piece, span, self.text)
        elif span.end - span.start != len(piece.exact):
            raise ClaimError(
                f"{piece.exact!r} has {len(piece.exact)} characters, not {span.end - span.start}"
            )
        self.passage(piece, span, passage)

    def excerpt(self, piece: Evidence, span: Span, text: str) -> Span:
        assert piece.exact is not None
        found = find_excerpt(text, piece.exact, piece.prefix, piece.suffix)
        if found != span:
            off = f" (off by {abs(found.start - span.start)})" if abs(found.start - span.start) < 10 else ""
            raise ClaimError(
                f"the offsets {span.start} to {span.end} of {piece.exact!r} are wrong{off}: "
                f"it stands at {found.start} to {found.end}"
            )
        quoted = Span(span.start - len(piece.prefix), span.end + len(piece.suffix))
        check_excerpt(text, [row.span for row in self.rows or ()], span, quoted)
        return found

    def passage(self, piece: Evidence, span: Span, passage: Span) -> None:
        place = f"the passage {passage.start} to {passage.end}"
        if not passage.start <= span.start < span.end <= passage.end:
            raise ClaimError(f"{place} does not hold the excerpt at {span.start} to {span.end}")
        inside = [row for row in self.rows or () if passage.start <= row.start and row.end <= passage.end]
        whole = inside and (inside[0].start, inside[-1].end) == passage and len(inside) <= 2
        if self.rows is not None and not whole:
            raise ClaimError(
                f"{place} is neither a sentence of data/sentences nor two adjacent ones; run kg fmt"
            )
        if any(span.start <= row.start and row.end <= span.end for row in inside):
            raise ClaimError(
                f"the excerpt {piece.exact!r} is a whole sentence, headline or caption: quote less of it"
            )
        if self.text is not None:
            expected = digest(passage.of(self.text))
        elif len(inside) == 1:
            expected = inside[0].sha256
        else:
            return
        if piece.passage_digest != expected:
            raise ClaimError(f"{place} has the digest {expected}, not {piece.passage_digest}")


def verify(
    claims: Iterable[Claim],
    sentences: Mapping[str, Sequence[Sentence]],
    texts: Mapping[str, str],
    articles: Mapping[str, Article],
) -> Verification:
    """Check the evidence of claims, article by article; mappings go by the name of the article. Raises nothing."""
    by_article: dict[str, list[Claim]] = {name: [] for name in (*sentences, *texts, *articles)}
    for claim in claims:
        by_article.setdefault(article_of(claim.record), []).append(claim)
    results: list[ArticleResult] = []
    findings: list[Finding] = []
    rows = 0
    for name in sorted(by_article):
        check = _Check(
            name, by_article[name], sentences.get(name), texts.get(name), articles.get(name, Article())
        )
        result = check.run()
        if name in sentences or name in articles or check.rows_cited < result.evidence:
            results.append(result)
        findings += check.findings
        rows += check.rows_cited
    return Verification(tuple(results), tuple(findings), rows)

"""What curators write, expanded: `sg:voices`, `sg:excerpt` and readings in brackets become full records.

The shorthand of a record in `graph:<article>`, beside a claim graph with any name `claim:draft-...`:

    sg:voices ( id:bbc-news [ prov:agent id:ofsted ; sg:through id:report-2015 ] )     in order, narrator first
    sg:excerpt "rated again" , [ oa:exact "poor" ; oa:prefix "was " ; oa:suffix " by" ; sg:passage 2 ]
    sg:dateReading [ sg:expression "in May" ; sg:readAs id:date-2015-05 ; sg:relativeTo id:article-x ; sg:basis ... ]
    sg:identityReading [ sg:expression "the watchdog" ; sg:readAs id:ofsted ; sg:resolvedWith claim:... ]

`sg:passage` 2 takes the next sentence into the passage, -2 the one before; otherwise it is the sentence, or the two
adjacent ones, that the excerpt stands in. Nothing here mints: the parts get names that `kg.claims` numbers again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from kg.curation.excerpts import check_excerpt
from kg.curation.texts import Sentence, Span, digest, find_excerpt
from kg.errors import ClaimError, KgError, Problems
from kg.namespaces import CLAIM, GRAPH, ID, OA, PROV, RDF, SG, XSD, curie
from kg.nodes import name_of

SHORTHAND = (SG.voices, SG.excerpt)
_VOICE = {PROV.agent, SG.capacity, SG.through, RDF.type}
_EXCERPT = {OA.exact, OA.prefix, OA.suffix, SG.passage, RDF.type}
_READING = {SG.expression, SG.readAs, SG.relativeTo, SG.resolvedWith, SG.basis, RDF.type}

Properties = dict[NamedNode, list[object]]


def article_of(graph: NamedNode) -> str:
    """Return the name of the article whose records a graph holds: `bbc-1` for `graph:bbc-1`."""
    return graph.value.removeprefix(str(GRAPH))


def source_of(graph: NamedNode) -> NamedNode:
    """Return the source that the records of a graph are about: `id:article-bbc-1` for `graph:bbc-1`."""
    return ID["article-" + article_of(graph)]


def passage_of(sentences: Sequence[Sentence], span: Span, extra: int = 1) -> Span:
    """Return the passage that holds `span`: one sentence, or two adjacent ones where it reaches over both.

    `extra` 2 adds the sentence after, -2 the one before. Raises `ClaimError` where the span lies outside all sentences
    or the passage would have more than two.
    """
    rows = [n for n, row in enumerate(sentences) if row.start < span.end and span.start < row.end]
    if not rows or sentences[rows[0]].start > span.start or sentences[rows[-1]].end < span.end:
        raise ClaimError(
            f"the excerpt at {span.start} to {span.end} is not inside the sentences of data/sentences"
        )
    first, last = rows[0], rows[-1]
    if extra == 2 and first == last:
        last += 1
    elif extra == -2 and first == last:
        first -= 1
    elif extra not in (1, 2, -2):
        raise ClaimError(
            f"sg:passage {extra}: expected 2 (with the next sentence) or -2 (with the one before)"
        )
    if first < 0 or last >= len(sentences):
        raise ClaimError("sg:passage: there is no such sentence beside this one")
    if last - first > 1:
        raise ClaimError(f"the excerpt reaches over {last - first + 1} sentences: at most two")
    return Span(sentences[first].start, sentences[last].end)


def expand_drafts(
    quads: Iterable[Quad], texts: Mapping[str, str], sentences: Mapping[str, Sequence[Sentence]]
) -> list[Quad]:
    """Replace all shorthand by full records; quads without shorthand come back as they are, in order.

    `texts` and `sentences` go by the name of the article. Raises `Problems`: one `ClaimError`, with the claim's CURIE,
    for each claim whose shorthand cannot be expanded.
    """
    given = list(quads)
    about: dict[object, Properties] = defaultdict(lambda: defaultdict(list))
    for quad in given:
        about[quad.subject][quad.predicate].append(quad.object)
    claims = {q.subject: q.graph_name for q in given if q.predicate == RDF.type and q.object == SG.Claim}
    claims |= {q.subject: q.graph_name for q in given if q.predicate in SHORTHAND}
    made: list[Quad] = []
    gone: set[object] = set()
    problems: list[KgError] = []
    for iri, graph in claims.items():
        if not isinstance(iri, NamedNode) or not isinstance(graph, NamedNode) or iri not in CLAIM:
            problems.append(
                ClaimError("a claim needs an IRI claim:... and a record in graph:<article>", iri=str(iri))
            )
            continue
        try:
            draft = _Draft(iri, graph, about, gone)
            draft.expand(texts.get(article_of(graph)), sentences.get(article_of(graph)))
            made += draft.made
        except ClaimError as error:
            problems.append(error.at(None, iri=curie(iri)))
    if problems:
        raise Problems(problems)
    dropped = {*SHORTHAND}
    kept = [
        quad
        for quad in given
        if quad.subject not in gone and quad.object not in gone and quad.predicate not in dropped
    ]
    return kept + made


class _Draft:
    def __init__(
        self, iri: NamedNode, graph: NamedNode, about: Mapping[object, Properties], gone: set[object]
    ) -> None:
        self.iri, self.graph, self.about, self.gone = iri, graph, about, gone
        self.made: list[Quad] = []

    def say(self, subject: NamedNode, predicate: NamedNode, value: object) -> None:
        assert isinstance(value, NamedNode | Literal)
        self.made.append(Quad(subject, predicate, value, self.graph))

    def part(self, name: str) -> NamedNode:
        return NamedNode(f"{self.iri.value}#{name}")

    def properties(self, node: object, allowed: set[NamedNode], what: str) -> Properties:
        """Return the properties of a bracket, which is used up; refuse those that have no meaning there."""
        found = self.about[node]
        unknown = [curie(predicate) for predicate in found if predicate not in allowed]
        if unknown:
            known = ", ".join(sorted(curie(predicate) for predicate in allowed - {RDF.type}))
            raise ClaimError(f"{', '.join(sorted(unknown))} in {what}: expected {known}")
        self.gone.add(node)
        return found

    def expand(self, text: str | None, sentences: Sequence[Sentence] | None) -> None:
        own = self.about[self.iri]
        if PROV.hadPrimarySource not in own:
            self.say(self.iri, PROV.hadPrimarySource, source_of(self.graph))
        if SG.voices in own:
            self.gone.update(own.get(SG.voice, []))
            self.voices(own[SG.voices])
        elif SG.voice not in own:
            raise ClaimError("no sg:voices: whose word is it?")
        excerpts = own.get(SG.excerpt, [])
        if not excerpts and SG.evidence not in own:
            raise ClaimError("no sg:excerpt: a claim needs evidence")
        if excerpts and (text is None or sentences is None):
            missing = "text" if text is None else "file in data/sentences"
            raise ClaimError(
                f"its excerpts cannot be looked up: no {missing} of {article_of(self.graph)} "
                f"({'give --texts DIR' if text is None else 'run kg article sentences'})"
            )
        for n, excerpt in enumerate(excerpts, start=1):
            assert text is not None
            assert sentences is not None
            self.excerpt(n, excerpt, text, sentences)
        for predicate, kind in ((SG.dateReading, SG.DateReading), (SG.identityReading, SG.IdentityReading)):
            for n, node in enumerate(own.get(predicate, []), start=1):
                if isinstance(node, BlankNode):
                    self.reading(predicate, kind, n, node)

    def voices(self, lists: list[object]) -> None:
        if len(lists) > 1 or not isinstance(lists[0], BlankNode):
            raise ClaimError("sg:voices: expected one list, narrator first: ( id:bbc-news id:ofsted )")
        position = 0
        rest: object = lists[0]
        while rest != RDF.nil:
            if not isinstance(rest, BlankNode) or rest in self.gone or RDF.first not in self.about[rest]:
                raise ClaimError("sg:voices: the list is broken")
            cell = self.properties(rest, {RDF.first, RDF.rest}, "a list")
            position += 1
            node = self.part(f"nv{position}")
            self.say(self.iri, SG.voice, node)
            self.say(node, SG.position, Literal(str(position), datatype=XSD.integer))
            self.voice(node, cell[RDF.first][0])
            rest = cell[RDF.rest][0]
        if not position:
            raise ClaimError("sg:voices: the list is empty")

    def voice(self, node: NamedNode, entry: object) -> None:
        if isinstance(entry, NamedNode):
            self.say(node, PROV.agent, entry)
            return
        if not isinstance(entry, BlankNode):
            raise ClaimError(
                f"sg:voices: {name_of(entry)} is no voice: expected an IRI or [ prov:agent ... ]"
            )
        found = self.properties(entry, _VOICE, "a voice")
        if len(found.get(PROV.agent, [])) != 1 or any(len(values) > 1 for values in found.values()):
            raise ClaimError(
                "sg:voices: a voice in brackets needs one prov:agent, and one value of each property"
            )
        for predicate, values in found.items():
            if not isinstance(values[0], NamedNode):
                raise ClaimError(f"sg:voices: {curie(predicate)} is {name_of(values[0])}: expected an IRI")
            self.say(node, predicate, values[0])

    def excerpt(self, n: int, entry: object, text: str, sentences: Sequence[Sentence]) -> None:
        exact, prefix, suffix, extra = "", "", "", 1
        if isinstance(entry, Literal):
            exact = entry.value
        elif isinstance(entry, BlankNode):
            found = self.properties(entry, _EXCERPT, "an excerpt")
            values = {p: v[0].value for p, v in found.items() if len(v) == 1 and isinstance(v[0], Literal)}
            if len(values) != len(found) or OA.exact not in values:
                raise ClaimError("sg:excerpt: expected one literal oa:exact, and one value of each property")
            exact, prefix, suffix = (values.get(p, "") for p in (OA.exact, OA.prefix, OA.suffix))
            extra = (
                int(values.get(SG.passage, "1")) if values.get(SG.passage, "1").lstrip("+-").isdigit() else 0
            )
        else:
            raise ClaimError(
                f"sg:excerpt: {name_of(entry)} is no excerpt: expected a literal or [ oa:exact ... ]"
            )
        span = find_excerpt(text, exact, prefix, suffix)
        quoted = Span(span.start - len(prefix), span.end + len(suffix))
        check_excerpt(text, [row.span for row in sentences], span, quoted)
        passage = passage_of(sentences, span, extra)
        node, quote, position = (self.part(f"ne{n}{letter}") for letter in ("", "q", "p"))
        self.say(self.iri, SG.evidence, node)
        self.say(node, OA.hasSource, source_of(self.graph))
        self.say(node, SG.passageStart, _integer(passage.start))
        self.say(node, SG.passageEnd, _integer(passage.end))
        self.say(node, SG.passageDigest, Literal(digest(passage.of(text))))
        self.say(node, OA.hasSelector, quote)
        self.say(quote, RDF.type, OA.TextQuoteSelector)
        for predicate, value in ((OA.exact, exact), (OA.prefix, prefix), (OA.suffix, suffix)):
            if value:
                self.say(quote, predicate, Literal(value))
        self.say(node, OA.hasSelector, position)
        self.say(position, RDF.type, OA.TextPositionSelector)
        self.say(position, OA.start, _integer(span.start))
        self.say(position, OA.end, _integer(span.end))

    def reading(self, predicate: NamedNode, kind: NamedNode, n: int, entry: BlankNode) -> None:
        found = self.properties(entry, _READING, f"a reading ({curie(predicate)})")
        if SG.expression not in found or SG.readAs not in found:
            raise ClaimError(f"{curie(predicate)}: a reading needs sg:expression and sg:readAs")
        node = self.part(f"nd{n}" if kind == SG.DateReading else f"ni{n}")
        self.say(self.iri, predicate, node)
        for name, values in found.items():
            for value in values:
                self.say(node, name, value)


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)

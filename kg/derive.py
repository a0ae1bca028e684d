"""What follows by rule: runs `ontology/rules/*.rq` and writes each conclusion with what it follows from.

A rule is a SPARQL CONSTRUCT over the named graphs and their flat copy. Its template describes conclusions:

    ?d a sg:Derivation ; rdfs:label ?sentence ;
      prov:wasDerivedFrom [ rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ] ;
      sg:concludes [ rdf:subject ?x ; rdf:predicate ?y ; rdf:object ?z ] .

`?d` is any IRI that is the same for one conclusion and different for two (a hash of the inputs). It is derived from
premises: triples, for which the engine finds all claims and earlier derivations that state them (what only the register
or the vocabulary says needs no source), or, where a rule speaks of claims themselves, from their IRIs. As in any
CONSTRUCT, a triple with an unbound variable is left out. The engine mints `derived:<hash>` from rule, triples and
sources, writes the triples into a graph of that name and the record into `graph:derived`. Rules run in the order of
their file names and see the conclusions of those before; dates that a rule makes up are expanded before the next runs.

What the engine does quickly decides how rules are written (measured on a country of 150 councils): premises are bound
already or fetched by OPTIONAL, since a UNION is evaluated anew for each row; an OPTIONAL begins with a variable that is
certainly bound, since one that may be unbound (after another OPTIONAL, or a BIND) is looked for among all triples; and
instead of NOT EXISTS, which is quadratic, there is OPTIONAL with !BOUND.

Conclusions are drawn from live claims. What would follow from withdrawn ones as well is kept in its named graphs, so
that an address once given out still answers, and stays out of the default graph (`kg.flat`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from kg.dates import date_quads, is_date_iri
from kg.errors import KgError, SourceError, UnreadableError
from kg.flat import live_quads, withdrawn_claims, withdrawn_derivations
from kg.ids import mint_derived
from kg.namespaces import GRAPH, PROV, RDF, RDFS, SG, SGV
from kg.publishers import publisher_counts

Progress = Callable[[str, int, int], None]
"""Called with the name of a rule, how many are done and how many there are."""

_FILE_NAME = re.compile(r"\d\d-([a-z0-9-]+)\.rq")
_ERROR_AT = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """A rule file: its name (`03-known-on.rq` is `known-on`), its path and its text."""

    name: str
    path: Path
    text: str

    @property
    def iri(self) -> ox.NamedNode:
        """The concept that stands for the rule, for example `sgv:rule-known-on`."""
        return SGV[f"rule-{self.name}"]


@dataclass(frozen=True)
class Conclusion:
    """What one application of a rule yields: a sentence, triples, and the graphs that they follow from."""

    rule: ox.NamedNode
    sentence: str
    triples: frozenset[ox.Triple]
    sources: frozenset[str]

    @property
    def iri(self) -> ox.NamedNode:
        """The IRI of the derivation, which is also the name of its graph."""
        return mint_derived(self.rule.value, self.triples, self.sources)


@dataclass
class _Facts:
    """The store that rules run on, what each graph rests on, and what has been concluded."""

    store: ox.Store
    rests_on: dict[str, frozenset[str]]
    known_dates: set[str]
    quads: list[ox.Quad] = field(default_factory=list)
    stated: dict[ox.Triple, list[str]] = field(default_factory=dict)

    def load(self, quads: Iterable[ox.Quad]) -> None:
        """Put a dataset and its flat copy into the store, and index what claims state.

        The index is made of what the store gives back, which is what rules see: it rewrites literals.
        """
        self.store.extend(quads)
        self.index(self.store)
        self.store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)

    def add(self, quads: Iterable[ox.Quad]) -> None:
        """Add what follows, and keep it for the result."""
        new = list(quads)
        self.quads.extend(new)
        self.index(new)
        self.store.extend(new)
        self.store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in new)

    def index(self, quads: Iterable[ox.Quad]) -> None:
        """Remember which claims and derivations state a triple."""
        for quad in quads:
            graph = _value(quad.graph_name)
            if graph in self.rests_on:
                self.stated.setdefault(quad.triple, []).append(graph)


def read_rules(rules_dir: Path) -> list[Rule]:
    """Read the rule files of a folder, in the order in which they run.

    Raises `UnreadableError` for a missing folder and `SourceError` for a file that is not named `NN-name.rq`.
    """
    if not rules_dir.is_dir():
        raise UnreadableError(rules_dir, None, "no such folder of rules")
    rules = []
    for path in sorted(rules_dir.glob("*.rq")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise SourceError(path, None, "expected a name such as 03-known-on.rq")
        rules.append(Rule(match[1], path, path.read_text(encoding="utf-8")))
    return rules


def derive(quads: Collection[ox.Quad], rules_dir: Path, progress: Progress | None = None) -> list[ox.Quad]:
    """Return what follows from a dataset of named graphs, sorted.

    The result holds one graph per derivation; in `graph:derived` their records and `sg:restsOn` of every claim and
    derivation; in `graph:dates` the dates that rules made. `quads` is to hold `graph:dates` already. Raises
    `SourceError` for a rule that cannot run and `KgError` for one whose conclusions are not complete.
    """
    rules = read_rules(rules_dir)
    facts = _run(live_quads(quads), rules, progress)
    derived = list(facts.quads)
    withdrawn = withdrawn_claims(quads)
    if withdrawn:
        everything = _run(quads, rules, None)
        hidden = withdrawn_derivations(everything.quads, withdrawn)
        kept = hidden | withdrawn
        derived += [
            q
            for q in everything.quads
            if _value(q.graph_name) in hidden
            or (q.graph_name == GRAPH.derived and _value(q.subject) in kept)
            or q.graph_name == GRAPH.dates
        ]
    return sorted(set(derived), key=str)


def _run(quads: Collection[ox.Quad], rules: list[Rule], progress: Progress | None) -> _Facts:
    claims = sorted({_value(q.subject) for q in quads if q.object == SG.Claim and q.predicate == RDF.type})
    facts = _Facts(
        ox.Store(),
        {claim: frozenset({claim}) for claim in claims},
        {iri for q in quads for iri in (_value(q.subject), _value(q.object)) if is_date_iri(iri)},
    )
    facts.load(quads)
    facts.add(_rests_on_quads(facts, claims))
    steps: list[tuple[str, Callable[[], list[Conclusion]]]] = [
        *((rule.name, partial(apply_rule, rule, facts.store, facts.stated)) for rule in rules),
        ("publishers", partial(_publishers, quads)),
    ]
    for done, (name, conclude) in enumerate(steps):
        if progress is not None:
            progress(name, done, len(steps))
        _record(facts, conclude())
    return facts


def apply_rule(rule: Rule, store: ox.Store, stated: Mapping[ox.Triple, Sequence[str]]) -> list[Conclusion]:
    """Run one rule on a store and return its conclusions, sorted by sentence and IRI.

    `stated` tells in which claims and derivations a triple stands. A conclusion of which no premise stands in any is
    not drawn: it would lead to nobody's words.
    """
    try:
        result = store.query(rule.text)
    except SyntaxError as error:
        match = _ERROR_AT.match(str(error))
        line, reason = (int(match[1]), match[3]) if match else (None, str(error))
        raise SourceError(rule.path, line, reason, exit_code=2) from None
    if not isinstance(result, ox.QueryTriples):
        raise SourceError(rule.path, None, "a rule is a CONSTRUCT query", exit_code=2)
    about: dict[object, list[ox.Triple]] = {}
    for triple in result:
        about.setdefault(triple.subject, []).append(triple)
    derivations = (
        triples
        for triples in about.values()
        if any(t.predicate == RDF.type and t.object == SG.Derivation for t in triples)
    )
    found = {_conclusion(rule, triples, about, stated) for triples in derivations}
    return sorted((c for c in found if c is not None), key=lambda c: (c.sentence, c.iri.value))


def _conclusion(
    rule: Rule,
    triples: list[ox.Triple],
    about: dict[object, list[ox.Triple]],
    stated: Mapping[ox.Triple, Sequence[str]],
) -> Conclusion | None:
    def objects(predicate: ox.NamedNode) -> list[object]:
        return [t.object for t in triples if t.predicate == predicate]

    sentences = sorted(_value(o) for o in objects(RDFS.label))
    reified = (_reified(about.get(node, [])) for node in objects(SG.concludes))
    concluded = {triple for triple in reified if triple is not None}
    named = {_value(o) for o in objects(PROV.wasDerivedFrom) if isinstance(o, ox.NamedNode)}
    premises = [
        _reified(about.get(o, [])) for o in objects(PROV.wasDerivedFrom) if isinstance(o, ox.BlankNode)
    ]
    sources = named.union(*(stated.get(premise, ()) for premise in premises if premise is not None))
    if not sentences or not concluded or not (named or premises):
        lacking = "a sentence" if not sentences else "a triple" if not concluded else "a premise"
        raise SourceError(rule.path, None, f"a conclusion without {lacking}", exit_code=2)
    if not sources:
        return None
    return Conclusion(rule.iri, sentences[0], frozenset(concluded), frozenset(sources))


def _reified(triples: list[ox.Triple]) -> ox.Triple | None:
    """Return the triple that a node describes, `None` if a variable was unbound: then it is left out."""
    parts = {t.predicate: t.object for t in triples}
    subject, predicate, value = parts.get(RDF.subject), parts.get(RDF.predicate), parts.get(RDF.object)
    if not isinstance(subject, ox.NamedNode) or not isinstance(predicate, ox.NamedNode) or value is None:
        return None
    return ox.Triple(subject, predicate, value)


def _publishers(quads: Collection[ox.Quad]) -> list[Conclusion]:
    return [
        Conclusion(SGV["rule-publishers"], sentence, triples, sources)
        for sentence, triples, sources in publisher_counts(quads)
    ]


def _record(facts: _Facts, conclusions: list[Conclusion]) -> None:
    """Write conclusions, their records and the dates that they bring into the facts."""
    new: list[ox.Quad] = []
    dates: set[str] = set()
    for conclusion in conclusions:
        iri = conclusion.iri
        if iri.value in facts.rests_on:
            continue
        unknown = sorted(conclusion.sources - facts.rests_on.keys())
        if unknown:
            name = conclusion.rule.value
            raise KgError(f"{name}: {unknown[0]} is neither a claim nor an earlier derivation", exit_code=2)
        facts.rests_on[iri.value] = frozenset().union(*(facts.rests_on[s] for s in conclusion.sources))
        for triple in conclusion.triples:
            new.append(ox.Quad(triple.subject, triple.predicate, triple.object, iri))
            dates.update(v for v in map(_value, (triple.subject, triple.object)) if is_date_iri(v))
        record: list[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]] = [
            (RDF.type, SG.Derivation),
            (SG.byRule, conclusion.rule),
            (RDFS.label, ox.Literal(conclusion.sentence, language="en")),
            *((PROV.wasDerivedFrom, ox.NamedNode(source)) for source in sorted(conclusion.sources)),
        ]
        new += [ox.Quad(iri, predicate, value, GRAPH.derived) for predicate, value in record]
        new += _rests_on_quads(facts, [iri.value])
    facts.add([*new, *date_quads(dates - facts.known_dates)])
    facts.known_dates |= dates


def _rests_on_quads(facts: _Facts, iris: Iterable[str]) -> list[ox.Quad]:
    return [
        ox.Quad(ox.NamedNode(iri), SG.restsOn, ox.NamedNode(claim), GRAPH.derived)
        for iri in iris
        for claim in sorted(facts.rests_on[iri])
    ]


def _value(term: object) -> str:
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else ""

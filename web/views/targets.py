"""The target of an intervention: how much of what, by when, and whether it was met, as far as a source says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.namespaces import SCHEMA, SG
from kg.queries import select
from web.entity.facts import Facts, Known

UNSCALED = " (scale not stated)"


@dataclass(frozen=True)
class Gap:
    """What was looked for in sources and not found: about which thing, which property, in a sentence."""

    iri: NamedNode
    thing: NamedNode
    missing: NamedNode
    sentence: str
    asked: int


@dataclass(frozen=True)
class Target:
    """A target that was read: what it is in words, and the statements behind that, its deadline and its result."""

    iri: NamedNode
    words: str
    set_by: tuple[Known, ...]
    known: tuple[Known, ...]
    due: tuple[Known, ...]
    reached: tuple[Known, ...]
    counted: tuple[NamedNode, ...]

    @property
    def things(self) -> tuple[NamedNode, ...]:
        """The target and the cases that it counts."""
        return (self.iri, *self.counted)


def targets_of(facts: Facts, intervention: NamedNode) -> list[Target]:
    """Return the targets that an intervention, read before, sets."""
    found = facts.objects(intervention, SG.setsTarget)
    facts.read(found)
    setting = facts.all(intervention, SG.setsTarget)
    return [_target(facts, target, [k for k in setting if k.object == target]) for target in found]


def _target(facts: Facts, target: NamedNode, setting: list[Known]) -> Target:
    counted, grades = facts.objects(target, SG.population), facts.objects(target, SG.threshold)
    facts.want([target, *counted, *grades])
    words = facts.figure(target) or facts.name(target)
    least = " or ".join(facts.name(grade).removesuffix(UNSCALED) for grade in grades)
    told = facts.all(target, SCHEMA.value, SG.threshold)
    shares = [s for s in facts.pointing(counted, (SG.population,)) if SG.Share in facts.classes(s)]
    findings = facts.pointing([target], (SCHEMA.about,))
    facts.read([*shares, *findings])
    reached = [k for s in shares for k in facts.all(s, SCHEMA.value)]
    reached += [k for f in findings for k in facts.all(f, SG.direction)]
    return Target(
        target,
        f"{words}, {least} or better" if least else words,
        tuple(setting),
        tuple(told),
        tuple(facts.all(target, SG.due)),
        tuple(reached),
        tuple(counted),
    )


def reached_in_words(facts: Facts, known: Known) -> str:
    """Return in words what a source says was reached: a share of the cases, or a finding on the target."""
    return facts.figure(known.subject) or facts.name(known.object)


def gaps_about(facts: Facts, things: Iterable[NamedNode]) -> list[Gap]:
    """Return what no source states about some things, a gap for each property that it names as missing."""
    wanted = sorted(set(things), key=str)
    rows = select(facts.store, "view_gaps", thing=wanted) if wanted else ()
    return [
        Gap(gap, thing, missing, sentence.value, int(asked.value))
        for gap, thing, missing, sentence, asked in rows
    ]


def gaps_of(facts: Facts, intervention: NamedNode, targets: Iterable[Target]) -> list[Gap]:
    """Return what no source states of an intervention: of itself, its targets and their cases, what it requires."""
    counted = {thing for target in targets for thing in target.counted}
    about = [intervention, *facts.objects(intervention, SG.requires), *(t.iri for t in targets), *counted]
    found = gaps_about(facts, about)
    return [g for g in found if g.thing not in counted or g.missing == SCHEMA.value]

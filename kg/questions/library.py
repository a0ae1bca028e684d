"""The stored questions: `data/questions/`, read into `graph:questions`.

Each is a `sg:Question` and a `sh:SPARQLExecutable`, so that query editors pick it up: a SELECT query that runs as it
stands, and parameters that are the variables of its VALUES blocks. `kg.questions.answering` answers them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from kg.errors import NotFound
from kg.labels import labels
from kg.namespaces import ID, PREFIXES, RDF, RDFS, SCHEMA, SG, SGV, SH, SKOS, XSD
from kg.queries import Queryable, select, value_of
from kg.questions.parameters import Parameter
from kg.terms import Term
from kg.writer import serialize_trig

_QUESTION = ID["question-"].value

GROUPS = tuple(
    SGV[f"questions-{name}"]
    for name in ("people", "inspections", "interventions", "voices", "numbers", "evidence")
)
"""The groups of questions in the order in which people ask: first who and what, at the end about the evidence."""

Properties = dict[NamedNode, list[Term]]


@dataclass(frozen=True)
class Question:
    """A stored question: `slug` is its name, `text` what is asked, `query` the SELECT query with its defaults.

    `general` is the text with other values: names of parameters in braces stand for them. `expects` are the columns
    whose empty cells mean "not stated".
    """

    iri: NamedNode
    slug: str
    text: str
    query: str
    help: str = ""
    parameters: tuple[Parameter, ...] = ()
    group: NamedNode | None = None
    group_label: str = ""
    keywords: tuple[str, ...] = ()
    asks: str | None = None
    answers_from: tuple[NamedNode, ...] = ()
    general: str = ""
    expects: tuple[str, ...] = ()


def list_questions(store: Queryable) -> list[Question]:
    """Return all questions, by group (in the order of `GROUPS`, then of the label) and then by text."""
    described = _properties(select(store, "questions"))
    parameters = {
        iri: _parameter(iri, known) for iri, known in _properties(select(store, "parameters")).items()
    }
    groups = {
        term
        for known in described.values()
        for term in known.get(SG.group, ())
        if isinstance(term, NamedNode)
    }
    names = labels(store, groups)
    found = [_question(iri, known, parameters, names) for iri, known in described.items()]
    return sorted(found, key=lambda q: (_place(q.group), q.group_label, q.text, q.slug))


def _place(group: NamedNode | None) -> int:
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)


def find_question(store: Queryable, slug: str) -> Question:
    """Return the question of this name. Raises `NotFound`, with the names that are like it."""
    questions = list_questions(store)
    wanted = slug.removeprefix(_QUESTION).removeprefix("id:").removeprefix("question-")
    for question in questions:
        if question.slug == wanted:
            return question
    near = suggest(questions, slug)
    hint = f"did you mean {', '.join(q.slug for q in near)}?" if near else "kg ask --list names them all"
    raise NotFound(f"no question is called {slug!r}; {hint}")


def suggest(questions: Iterable[Question], text: str, limit: int = 5) -> list[Question]:
    """Return the questions whose slug, text or keywords are most like `text`, best first."""
    from rapidfuzz import fuzz
    from rapidfuzz.utils import default_process

    wanted = default_process(text)

    def likeness(question: Question) -> float:
        # A name that is nearly right comes before a question that has a word in common.
        texts = (default_process(t) for t in (question.text, *question.keywords))
        slug = fuzz.ratio(wanted, default_process(question.slug))
        return max(slug, *(0.8 * fuzz.token_set_ratio(wanted, t) for t in texts))

    scored = sorted(((likeness(q), q) for q in questions), key=lambda item: (-item[0], item[1].slug))
    return [question for score, question in scored[:limit] if score >= 60]


def prefixes_file() -> str:
    """Return `data/questions/prefixes.ttl`: the project's prefixes as SHACL declares them, for query editors."""
    shared = ID["question-prefixes"]
    quads = [Quad(shared, RDFS.label, Literal("The prefixes of the stored questions", language="en"))]
    for prefix, namespace in PREFIXES.items():
        node = ID[f"prefix-{prefix}"]
        quads += [
            Quad(shared, SH.declare, node),
            Quad(node, RDF.type, SH.PrefixDeclaration),
            Quad(node, SH.prefix, Literal(prefix)),
            Quad(node, SH.namespace, Literal(namespace, datatype=XSD.anyURI)),
        ]
    return serialize_trig(quads)


def _properties(rows: Iterable[tuple[NamedNode, NamedNode, Term]]) -> dict[NamedNode, Properties]:
    found: dict[NamedNode, Properties] = defaultdict(lambda: defaultdict(list))
    for subject, prop, value in rows:
        found[subject][prop].append(value)
    return found


def _texts(known: Properties, prop: NamedNode) -> list[str]:
    return sorted(value_of(term) for term in known.get(prop, ()))


def _text(known: Properties, prop: NamedNode) -> str:
    return next(iter(_texts(known, prop)), "")


def _iris(known: Properties, prop: NamedNode) -> list[NamedNode]:
    return sorted((term for term in known.get(prop, ()) if isinstance(term, NamedNode)), key=str)


def _iri(known: Properties, prop: NamedNode) -> NamedNode | None:
    return next(iter(_iris(known, prop)), None)


def _question(
    iri: NamedNode,
    known: Properties,
    parameters: Mapping[NamedNode, Parameter],
    names: Mapping[NamedNode, str],
) -> Question:
    group = _iri(known, SG.group)
    own = [parameters[p] for p in _iris(known, SG.parameter) if p in parameters]
    return Question(
        iri,
        iri.value.removeprefix(_QUESTION),
        _text(known, RDFS.label),
        _text(known, SH.select).strip() + "\n",
        _text(known, RDFS.comment),
        tuple(sorted(own, key=lambda p: (p.order, p.name))),
        group,
        names.get(group, "") if group else "",
        tuple(_texts(known, SCHEMA.keywords)),
        _text(known, SG.asks) or None,
        tuple(_iris(known, SG.answersFrom)),
        _text(known, SG.generalText),
        tuple(_texts(known, SG.expects)),
    )


def _parameter(iri: NamedNode, known: Properties) -> Parameter:
    order = _text(known, SH.order)
    return Parameter(
        iri,
        _text(known, SG.parameterName),
        _text(known, RDFS.label) or _text(known, SG.parameterName),
        _iri(known, SH.datatype),
        _iri(known, SH["class"]),
        _iri(known, SKOS.inScheme),
        tuple(sorted(known.get(SG.choice, ()), key=str)),
        next(iter(sorted(known.get(SH.defaultValue, ()), key=str)), None),
        _text(known, SH.description),
        int(order) if order.isdigit() else 0,
    )

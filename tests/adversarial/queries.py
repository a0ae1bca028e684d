"""The hostile queries: what each is for, its text, and the statuses that are right for it.

Sizes are those at which the engine alone dies or does not end, kept below the limit of the query's text where that is
possible, so that it is not the limit of the text alone that is tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PREFIX = "PREFIX x: <http://example.org/>\n"
SPENT = frozenset({413, 504})
"""The limit of memory or nesting, or of time: which of the two comes first depends on the machine."""
ANY = frozenset({200, 400, 413, 504})
"""Where the engine may improve: an answer is right as well."""


@dataclass(frozen=True)
class Hostile:
    """A query and the statuses that are right; `200` means a full answer, or one that says that it is cut."""

    name: str
    text: str
    statuses: frozenset[int]


def heavy() -> Iterator[Hostile]:
    """Short queries that need more time or memory than there is."""
    cross = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
    yield Hostile("cross product, sorted", f"SELECT * {{ {cross} }} ORDER BY ?c ?f ?i", SPENT)
    yield Hostile(
        "cross product, sorted, one row", f"SELECT * {{ {cross} }} ORDER BY ?c ?f ?i LIMIT 1", SPENT
    )
    yield Hostile(
        "cross product, grouped", f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {cross} }} GROUP BY ?a ?d ?g", SPENT
    )
    yield Hostile("cross product, distinct", f"SELECT DISTINCT * {{ {cross} }} OFFSET 99999999", SPENT)
    yield Hostile("cross product, counted", f"SELECT (COUNT(*) AS ?n) {{ {cross} }}", SPENT)
    yield Hostile("cross product, concatenated", f"SELECT (GROUP_CONCAT(STR(?c)) AS ?n) {{ {cross} }}", SPENT)
    yield Hostile("cross product, constructed", f"CONSTRUCT {{ ?a ?e ?i }} {{ {cross} }}", SPENT | {200})
    yield Hostile("cross product, all rows", f"SELECT * {{ {cross} }}", SPENT | {200})
    yield Hostile("a filter that no row passes", f"ASK {{ {cross} FILTER(?c = ?i && ?c != ?i) }}", SPENT)
    yield Hostile(
        "optional cross product",
        f"ASK {{ OPTIONAL {{ {cross} FILTER(STR(?c) = CONCAT(STR(?f), '!')) }} FILTER BOUND(?a) }}",
        SPENT,
    )
    yield Hostile("minus", f"ASK {{ {cross} MINUS {{ ?a ?b ?c . ?d ?e ?f }} }}", SPENT)
    yield Hostile(
        "quadratic not exists",
        f"ASK {{ {cross} FILTER NOT EXISTS {{ ?a ?b ?c2 FILTER(STR(?c) <= STR(?c2)) }} }}",
        SPENT | {200},
    )
    yield Hostile(
        "path of everything", f"{PREFIX}SELECT (COUNT(*) AS ?n) {{ ?s (x:p|!x:p|^x:p|!^x:p)* ?o }}", SPENT
    )
    doubling = "".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})\n" for n in range(40))
    yield Hostile(
        "doubling text",
        f"SELECT (STRLEN(?v40) AS ?n) {{ BIND('0123456789abcdef' AS ?v0) {doubling} }}",
        SPENT,
    )
    growth = "".join(f"BIND(REPLACE(?v{n}, '.', '$0$0$0$0$0$0$0$0') AS ?v{n + 1})\n" for n in range(12))
    yield Hostile(
        "growing by REPLACE", f"SELECT (STRLEN(?v12) AS ?n) {{ BIND('0123456789' AS ?v0) {growth} }}", SPENT
    )
    encoded = "".join(f"BIND(ENCODE_FOR_URI(CONCAT(?v{n}, '%', ?v{n})) AS ?v{n + 1})\n" for n in range(40))
    yield Hostile(
        "growing by ENCODE_FOR_URI", f"SELECT (STRLEN(?v40) AS ?n) {{ BIND('%' AS ?v0) {encoded} }}", SPENT
    )
    terms = "".join(f"BIND(TRIPLE(<urn:a>, <urn:b>, ?v{n}) AS ?v{n + 1})\n" for n in range(900))
    yield Hostile("a term in a term in a term", f"SELECT ?v900 {{ BIND(1 AS ?v0) {terms} }}", SPENT)
    values = " ".join(f"({n})" for n in range(900))
    yield Hostile(
        "product of VALUES",
        "SELECT (SUM(?a * ?b * ?c) AS ?n) { "
        + " ".join(f"VALUES (?{v}) {{ {values} }}" for v in "abc")
        + " }",
        SPENT,
    )


def harmless() -> Iterator[Hostile]:
    """What other engines fall over, and this one answers."""
    fine = frozenset({200})
    yield Hostile("regex that backtracks", f"ASK {{ FILTER(!REGEX('{'a' * 40}!', '^(a+)+$')) }}", fine)
    yield Hostile(
        "regex that is big", "ASK { FILTER(!REGEX('aaa', '^(a{1,1000}){1,1000}$')) }", frozenset({200, 400})
    )
    yield Hostile("regex that is none", "ASK { FILTER(REGEX('a', '(')) }", fine)
    yield Hostile("division by zero", "SELECT (1/0 AS ?x) {}", fine)
    yield Hostile("number without end", f"SELECT ({'9' * 5000} AS ?x) {{}}", fine)
    yield Hostile("unknown function", "SELECT (<urn:f>(1) AS ?x) {}", fine)
    yield Hostile(
        "huge limit", "SELECT * { ?s ?p ?o } LIMIT 99999999999999999999999999", frozenset({200, 400})
    )
    yield Hostile("negative limit", "SELECT * { ?s ?p ?o } LIMIT -1", frozenset({400}))
    yield Hostile("control characters", r"SELECT ('\u0001\u000B\uFFFE' AS ?x) {}", frozenset({200, 400}))
    yield Hostile("half a character", r"SELECT ('\uD800' AS ?x) {}", frozenset({400}))
    yield Hostile("NUL", "ASK { FILTER('a\0b' = 'a') }", frozenset({200, 400}))
    yield Hostile("nothing", "", frozenset({400}))
    yield Hostile("a comment", "# ASK {}", frozenset({400}))
    yield Hostile("byte order mark", "\ufeffASK {}", frozenset({200, 400}))


def nested() -> Iterator[Hostile]:
    """Nesting and chains: stack overflows of the parser or the optimizer, and plans that take for ever."""
    for name, text in _nested():
        yield Hostile(name, PREFIX + text, ANY | {403} if "SERVICE" in text else ANY)


def _around(before: str, inside: str, after: str, count: int) -> str:
    return before * count + inside + after * count


def _nested() -> Iterator[tuple[str, str]]:
    yield "groups", "ASK " + _around("{", "", "}", 20000)
    yield "groups, never closed", "ASK " + "{" * 50000
    yield "brackets", f"ASK {{ FILTER({_around('(', '1', ')', 20000)}) }}"
    yield "negations", f"ASK {{ FILTER({'!' * 50000}true) }}"
    yield "minus signs", f"ASK {{ FILTER({'- ' * 25000}1 = 1) }}"
    yield "optionals", f"ASK {{ {_around('OPTIONAL {', '?s ?p ?o', '}', 5000)} }}"
    yield "graphs", f"ASK {{ {_around('GRAPH ?g {', '?s ?p ?o', '}', 4500)} }}"
    yield "minuses", f"ASK {{ ?s ?p ?o {_around('MINUS { ?s ?p ?o ', '', '}', 3200)} }}"
    yield "not exists", f"ASK {{ {_around('FILTER NOT EXISTS {', '?s ?p ?o', '}', 2500)} }}"
    yield "exists in brackets", f"ASK {{ {_around('FILTER(EXISTS {', '?s ?p ?o', '})', 2500)} }}"
    yield "sub-selects", "SELECT * " + _around("{ SELECT * ", "{ ?s ?p ?o }", "}", 4000)
    yield "IF", f"SELECT ({_around('IF(true,', '1', ',2)', 4500)} AS ?x) {{}}"
    yield "COALESCE", f"SELECT ({_around('COALESCE(', '1', ')', 5000)} AS ?x) {{}}"
    yield "function calls", f"SELECT ({_around('x:f(', '1', ')', 9000)} AS ?x) {{}}"
    yield "casts", f"SELECT ({_around('STR(', '1', ')', 9000)} AS ?x) {{}}"
    yield "IN", f"ASK {{ FILTER({_around('1 IN (', '1', ')', 6000)}) }}"
    yield "aggregates", f"SELECT ({_around('SUM(', '1', ')', 9000)} AS ?x) {{}}"
    yield "sums", f"ASK {{ FILTER({'1+' * 28000}1 > 0) }}"
    yield "disjunctions", f"ASK {{ FILTER({'?a||' * 14000}true) }}"
    yield "comparisons", f"ASK {{ FILTER({'(1=1)&&' * 8000}true) }}"
    yield "unions", f"ASK {{ {'{} UNION ' * 6500}{{}} }}"
    yield "binds", "ASK { " + " ".join(f"BIND(1 AS ?v{n})" for n in range(3500)) + " }"
    yield "filters", "ASK { ?s ?p ?o " + "FILTER(?s = ?p)" * 4000 + " }"
    yield "optionals in a row", "ASK { " + "OPTIONAL { ?s ?p ?o } " * 2700 + "}"
    yield "blank nodes", f"ASK {{ ?s ?p {_around('[ x:p ', '1', ' ]', 8000)} }}"
    yield "lists", f"ASK {{ ?s ?p {_around('(', '1', ')', 400)} }}"
    yield "a long list", f"ASK {{ ?s ?p ({' 1' * 20000}) }}"
    yield "triple terms", f"ASK {{ ?s ?p {_around('<<( x:s x:p ', '1', ' )>>', 3500)} }}"
    yield "reifiers", f"ASK {{ {_around('<< ', 'x:s x:p x:o', ' >> x:p x:o', 3000)} }}"
    yield "annotations", f"ASK {{ ?s ?p ?o {_around('{| ?p ?o ', '', ' |}', 4500)} }}"
    yield "patterns", "ASK { " + " ".join(f"?a{n} x:p ?a{n + 1} ." for n in range(600)) + " }"
    yield "patterns of a star", "ASK { " + " ".join(f"?a ?p{n} ?o{n} ." for n in range(1500)) + " }"
    yield "patterns without a join", "ASK { " + " ".join(f"?a{n} ?p{n} ?o{n} ." for n in range(400)) + " }"
    yield "path of steps", f"ASK {{ ?s {'x:p/' * 10000}x:p ?o }}"
    yield "path of alternatives", f"ASK {{ ?s {'x:p|' * 10000}x:p ?o }}"
    yield "path of inverses", f"ASK {{ ?s {'^' * 50000}x:p ?o }}"
    yield "path of brackets", f"ASK {{ ?s {_around('(', 'x:p', ')*', 15000)} ?o }}"
    yield "path of optional steps", f"ASK {{ ?s {'x:p?/' * 400}x:p ?o }}"
    yield "negated path", f"ASK {{ ?s !({'x:p|' * 10000}x:p) ?o }}"
    yield "rows of VALUES", "ASK { VALUES ?x { " + "1 " * 30000 + "} }"
    yield "columns of VALUES", "ASK { VALUES (" + " ".join(f"?v{n}" for n in range(8000)) + ") {} }"
    yield "variables", "SELECT " + " ".join(f"(1 AS ?v{n})" for n in range(3500)) + " {}"
    yield "prefixes", "".join(f"PREFIX p{n}: <urn:>\n" for n in range(3000)) + "ASK {}"
    yield "bases", "BASE <x/>\n" * 6000 + "ASK {}"
    yield "dotted words", "ASK { " + "a." * 25000 + " }"
    yield "open quotes", "ASK { " + "'\\" * 25000
    yield "open long quotes", "ASK { " + '"""\'\n' * 12000
    yield "comparisons that look like IRIs", "ASK { " + "FILTER(?a<?b SERVICE" * 2500 + " }"
    yield "graphs of FROM", "SELECT * " + " ".join(f"FROM <urn:g:{n}>" for n in range(3000)) + " { ?s ?p ?o }"
    yield "sort keys", "SELECT * { ?s ?p ?o } ORDER BY " + "?s " * 15000
    yield "group keys", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY " + "?s " * 15000
    yield "having", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } HAVING " + "(1=1)" * 10000
    yield "template", "CONSTRUCT { " + "?s ?p ?o . " * 5000 + "} WHERE { ?s ?p ?o }"
    yield "a long IRI", f"ASK {{ <http://example.org/{'a' * 60000}> ?p ?o }}"
    yield "a long name", f"ASK {{ ?{'a' * 60000} ?p ?o }}"
    yield "a long comment", "ASK {} #" + "x" * 60000
    yield "a long text", f"ASK {{ FILTER('{'x' * 60000}' = '') }}"


def federated(address: str) -> Iterator[tuple[str, str]]:
    """Every spelling of SERVICE that the engine, or another, takes for a call of `address`."""
    call = f"<{address}>"
    yield "plain", f"SELECT * {{ SERVICE {call} {{ ?s ?p ?o }} }}"
    yield "lower case", f"SELECT * {{ service {call} {{ ?s ?p ?o }} }}"
    yield "mixed case", f"SELECT * {{ sErViCe {call} {{ ?s ?p ?o }} }}"
    yield "silent", f"SELECT * {{ SERVICE SILENT {call} {{ ?s ?p ?o }} }}"
    yield "silent, no blank", f"SELECT * {{ SERVICESILENT{call}{{ ?s ?p ?o }} }}"
    yield "no blank", f"SELECT * {{ SERVICE{call}{{ ?s ?p ?o }} }}"
    yield "comment between", f"SELECT * {{ SERVICE # {{\n {call} # }}\r {{ ?s ?p ?o }} }}"
    yield "after a comment with a carriage return", f"SELECT * {{ # no\rSERVICE {call} {{ ?s ?p ?o }} }}"
    yield "after a word", f"SELECT * {{ FILTER(true)SERVICE{call}{{ ?s ?p ?o }} }}"
    yield "after a number", f"SELECT * {{ BIND(1 AS ?x)SERVICE{call}{{ ?s ?p ?o }} }}"
    yield "glued to a triple", f"SELECT * {{ ?a ?b true.SERVICE{call}{{ ?s ?p ?o }} }}"
    yield "prefixed name", f"PREFIX e: {call} SELECT * {{ SERVICE e: {{ ?s ?p ?o }} }}"
    yield "prefixed name, no blank", f"PREFIX e: {call} SELECT * {{ SERVICE e:{{ ?s ?p ?o }} }}"
    yield "prefix called SERVICE", f"PREFIX SERVICE: {call} SELECT * {{ SERVICE SERVICE: {{ ?s ?p ?o }} }}"
    yield "base", f"BASE {call} SELECT * {{ SERVICE <> {{ ?s ?p ?o }} }}"
    yield (
        "escape in the IRI",
        f"SELECT * {{ SERVICE <{address.replace('h', chr(92) + 'u0068', 1)}> {{ ?s ?p ?o }} }}",
    )
    yield "variable", f"SELECT * {{ BIND({call} AS ?e) SERVICE ?e {{ ?s ?p ?o }} }}"
    yield "variable of VALUES", f"SELECT * {{ VALUES ?e {{ {call} }} SERVICE SILENT ?e {{ ?s ?p ?o }} }}"
    yield "in EXISTS", f"ASK {{ FILTER EXISTS {{ SERVICE {call} {{ ?s ?p ?o }} }} }}"
    yield "in NOT EXISTS", f"ASK {{ FILTER(!NOT EXISTS {{ SERVICE SILENT {call} {{ ?s ?p ?o }} }}) }}"
    yield "in a sub-select", f"SELECT * {{ {{ SELECT * {{ SERVICE {call} {{ ?s ?p ?o }} }} }} }}"
    yield "in OPTIONAL", f"SELECT * {{ OPTIONAL {{ SERVICE {call} {{ ?s ?p ?o }} }} }}"
    yield "in MINUS", f"SELECT * {{ ?s ?p ?o MINUS {{ SERVICE {call} {{ ?s ?p ?o }} }} }}"
    yield "in UNION", f"SELECT * {{ {{}} UNION {{ SERVICE {call} {{ ?s ?p ?o }} }} }}"
    yield "in GRAPH", f"SELECT * {{ GRAPH ?g {{ SERVICE {call} {{ ?s ?p ?o }} }} }}"
    yield "in an expression of SELECT", f"SELECT (EXISTS {{ SERVICE {call} {{ ?s ?p ?o }} }} AS ?x) {{}}"
    yield "in ORDER BY", f"SELECT * {{}} ORDER BY (EXISTS {{ SERVICE {call} {{ ?s ?p ?o }} }})"
    yield "in HAVING", f"SELECT (1 AS ?x) {{}} HAVING (EXISTS {{ SERVICE {call} {{ ?s ?p ?o }} }})"
    yield "in CONSTRUCT", f"CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE {call} {{ ?s ?p ?o }} }}"
    yield "in DESCRIBE", f"DESCRIBE ?s {{ SERVICE {call} {{ ?s ?p ?o }} }}"
    yield "behind what looks like an IRI", f"SELECT * {{ FILTER(?a<'x>')SERVICE {call} {{ ?s ?p ?o }} }}"
    yield "behind a text with a quote", f"SELECT * {{ FILTER('\\'' != \"'\") SERVICE {call} {{ ?s ?p ?o }} }}"
    yield (
        "behind a long text",
        f"SELECT * {{ FILTER('''a''b''' != \"\"\"'''\"\"\") SERVICE {call} {{ ?s ?p ?o }} }}",
    )
    yield (
        "behind a name with an escape",
        f"PREFIX x: <urn:x> SELECT * {{ x:a\\'b ?p ?o . SERVICE {call} {{ ?s ?p ?o }} }}",
    )
    yield "tab and form", f"SELECT*{{\tSERVICE\t{call}\r\n{{}}}}"


def not_federated() -> Iterator[tuple[str, str]]:
    """Queries that only look like a call of another endpoint; they are answered."""
    yield "text", "ASK { FILTER('SERVICE <http://x> {}' != '') }"
    yield "long text", 'ASK { FILTER("""SERVICE <http://x> { """ != "") }'
    yield "comment", "ASK { } # SERVICE <http://x> { }"
    yield "variable", "ASK { OPTIONAL { ?service ?SERVICE $Service } }"
    yield "IRI", "ASK { OPTIONAL { <http://x/SERVICE> <urn:service> ?o } }"
    yield "prefix", "PREFIX service: <urn:x> ASK { OPTIONAL { service:a service:SERVICE service: } }"
    yield "language", "ASK { FILTER(LANG('x'@service) != '') }"
    yield "local name", "PREFIX x: <urn:x> ASK { OPTIONAL { x:SERVICE ?p ?o } }"
    yield "blank node", "ASK { OPTIONAL { _:SERVICE ?p ?o } }"


UPDATES = (
    "INSERT DATA { <urn:evil> <urn:p> <urn:o> }",
    "insert data{<urn:evil><urn:p><urn:o>}",
    "PREFIX x: <urn:x> # c\nINSERT DATA { <urn:evil> <urn:p> <urn:o> }",
    "BASE <urn:x> DELETE WHERE { ?s ?p ?o }",
    "DELETE { ?s ?p ?o } INSERT { <urn:evil> ?p ?o } WHERE { ?s ?p ?o }",
    "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "CLEAR ALL",
    "CLEAR SILENT DEFAULT",
    "DROP ALL",
    "DROP SILENT GRAPH <urn:g>",
    "CREATE GRAPH <urn:g2>",
    "COPY DEFAULT TO <urn:g2>",
    "MOVE DEFAULT TO <urn:g2>",
    "ADD DEFAULT TO <urn:g2>",
    "LOAD <file:///etc/passwd>",
    "LOAD SILENT <{address}>",
    "LOAD <{address}> INTO GRAPH <urn:g2>",
    "ASK {{}} ; DROP ALL",
)
"""Updates; `{address}` stands for a listener that must not be called (and `{{` for a brace where it occurs)."""

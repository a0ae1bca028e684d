"""Drafts become records; formatting is canonical, stable, and keeps what was written."""

import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from kg.claims import claim_to_quads, claims_from_quads
from kg.cli import main
from kg.curation.fmt import format_source, rename_claims, serialize_trig
from kg.errors import KgError, Problems, SourceError
from kg.namespaces import CLAIM, GRAPH, ID, RDFS, SG, XSD
from kg.read import data_files, parse_quads, read_source
from kg.resources import data_dir
from tests.authoring import HEAD, HERE, NAME, SENTENCES, TEXT, TEXT_PATH, draft, project

PATH = Path(f"{NAME}.trig")
LINE = HEAD.count("\n") + 1
"""The line on which `draft()` begins."""

DRAFTS = (HERE / "drafts.trig").read_text(encoding="utf-8")
GOLDEN = HERE / "formatted.trig"


def formatted(source: str, published: bool = False) -> str:
    return format_source(PATH, source, {NAME: TEXT}, {NAME: SENTENCES}, published).content


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["fmt", *map(str, arguments)], env={"KG_TEXTS": None})


def test_drafts_become_the_golden_file() -> None:
    assert formatted(DRAFTS) == GOLDEN.read_text(encoding="utf-8")


def test_formatting_twice_changes_nothing() -> None:
    once = formatted(DRAFTS)
    assert formatted(once) == once
    assert format_source(PATH, once).content == once


def test_the_order_of_the_file_does_not_matter() -> None:
    once = formatted(DRAFTS)
    blocks = once.split("\n\n")
    for seed in range(5):
        shuffled = [blocks[0], blocks[1], *random.Random(seed).sample(blocks[2:], len(blocks) - 2)]
        assert formatted("\n\n".join(shuffled)) == once


def test_claims_are_not_in_the_order_of_the_text() -> None:
    claims = claims_from_quads(parse_quads(PATH, formatted(DRAFTS)))
    starts = [claim.evidence[0].start or 0 for claim in claims]
    assert starts != sorted(starts)


def test_a_claim_survives_the_way_to_quads_and_back() -> None:
    quads = parse_quads(PATH, formatted(DRAFTS))
    claims = claims_from_quads(quads)
    assert len(claims) == 4
    assert {quad for claim in claims for quad in claim_to_quads(claim)} == set(quads)
    assert all(claim.iri == claim.minted() for claim in claims)


def test_the_same_claim_in_two_places_is_one_with_two_pieces_of_evidence() -> None:
    made = format_source(PATH, DRAFTS, {NAME: TEXT}, {NAME: SENTENCES})
    assert made.renamed[str(CLAIM) + "draft-left"] == made.renamed[str(CLAIM) + "draft-left-too"]
    (note,) = (note for note in made.notes if "merged" in note)
    assert (
        note
        == f"{NAME}.trig: claim:draft-left-too merged into claim:draft-left; dropped: 'Another sentence for the same.'"
    )
    (claim,) = (c for c in claims_from_quads(parse_quads(PATH, made.content)) if len(c.evidence) == 2)
    assert claim.label() == "Ann Example left as director in June 2015."


def test_a_claim_is_the_same_whatever_its_draft_was_called() -> None:
    other = draft().replace("draft-one", "draft-other")
    assert formatted(other) == formatted(draft())


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ('sg:excerpt "accept every word"', 'sg:excerpt "every word of teh report"', False),
        ("The council is sorry.", "Sorry, says the council.", False),
        ("a sg:Claim ;", "a sg:Claim ; sg:assertionKind sgv:opinion ;", False),
        ("sg:sorry true", "sg:sorry false", True),
        ("id:gazette id:anyshire-council", "id:gazette", True),
        ("id:anyshire-council )", "[ prov:agent id:anyshire-council ; sg:through id:letter ] )", True),
        ('sg:excerpt "accept every word"', 'sg:excerpt "Sample has taken"', True),
    ],
)
def test_an_id_changes_with_what_makes_the_claim_and_with_nothing_else(
    old: str, new: str, changes: bool
) -> None:
    def iri(source: str) -> NamedNode:
        return claims_from_quads(parse_quads(PATH, formatted(source)))[0].iri

    assert (iri(draft(**{old: new})) != iri(draft())) == changes


def test_the_kind_follows_the_chain_unless_a_reader_set_it() -> None:
    def kind(source: str) -> str:
        return str(claims_from_quads(parse_quads(PATH, formatted(source)))[0].kind).rpartition("/")[2][:-1]

    assert kind(draft()) == "reported"
    assert kind(draft(**{"id:gazette id:anyshire-council": "id:gazette"})) == "stated"
    assert kind(draft(**{"a sg:Claim ;": "a sg:Claim ; sg:assertionKind sgv:implied ;"})) == "implied"
    once = formatted(draft())
    again = once.replace(
        "sg:assertionKind sgv:reported ;", "sg:assertionKind sgv:reported ; sg:voices ( id:gazette ) ;"
    )
    assert kind(again) == "stated"


def test_a_passage_is_the_sentence_or_two_adjacent_ones() -> None:
    def passage(excerpt: str) -> tuple[int | None, int | None]:
        source = draft(**{'"accept every word"': excerpt})
        piece = claims_from_quads(parse_quads(PATH, formatted(source)))[0].evidence[0]
        return piece.passage_start, piece.passage_end

    rows = {TEXT[row.start :][:9]: row for row in SENTENCES}
    said, more = rows["The counc"], rows["“There is"]
    assert passage('"accept every word"') == said.span
    assert passage('[ oa:exact "accept every word" ; sg:passage 2 ]') == (said.start, more.end)
    assert passage('[ oa:exact "There is more" ; sg:passage -2 ]') == (said.start, more.end)
    assert passage('"we are sorry.\\n\\n“There"') == (said.start, more.end)
    once = formatted(draft(**{'"accept every word"': '[ oa:exact "accept every word" ; sg:passage 2 ]'}))
    assert formatted(once) == once


EXCERPT = '"accept every word"'
VOICES = "( id:gazette id:anyshire-council )"
AFTER = "\n" * 4


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (EXCERPT, '"accept no word"', "the excerpt 'accept no word' is not in the text"),
        (
            EXCERPT,
            '"more"',
            (
                "the excerpt 'more' is ambiguous: it stands in 2 places of the text; lengthen it, or add oa:prefix or "
                "oa:suffix (the words right before or after)"
            ),
        ),
        (
            EXCERPT,
            '"council said: “We accept every word of teh report and we are sorry"',
            "the excerpt 'council said: “We accept every word of teh report and we are sorry' is too long: 13 words",
        ),
        (
            EXCERPT,
            '[ oa:exact "council said" ; oa:suffix ": “We accept every word of teh report and we are sorry" ]',
            "the excerpt 'council said' is too long: 13 words, prefix and suffix included; at most 12",
        ),
        (
            EXCERPT,
            '"Bob Sample has taken over"',
            "the excerpt 'Bob Sample has taken over' is a whole sentence, headline or caption: quote less of it",
        ),
        (
            EXCERPT,
            '[ oa:exact "every word" ; oa:sufix "of" ]',
            "oa:sufix in an excerpt: expected oa:exact, oa:prefix, oa:suffix, sg:passage",
        ),
        (
            EXCERPT,
            '[ oa:prefix "every" ]',
            "sg:excerpt: expected one literal oa:exact, and one value of each property",
        ),
        (EXCERPT, "id:x", "sg:excerpt: id:x is no excerpt: expected a literal or [ oa:exact ... ]"),
        (
            EXCERPT,
            '[ oa:exact "every word" ; sg:passage 3 ]',
            "sg:passage 3: expected 2 (with the next sentence) or -2 (with the one before)",
        ),
        (f" ; sg:excerpt {EXCERPT}", "", "no sg:excerpt: a claim needs evidence"),
        (f"sg:voices {VOICES} ; ", "", "no sg:voices: whose word is it?"),
        (VOICES, "id:gazette", "sg:voices: expected one list, narrator first: ( id:bbc-news id:ofsted )"),
        (VOICES, "()", "sg:voices: expected one list, narrator first: ( id:bbc-news id:ofsted )"),
        (
            VOICES,
            '( id:gazette "the council" )',
            'sg:voices: "the council" is no voice: expected an IRI or [ prov:agent ... ]',
        ),
        (
            VOICES,
            "( id:gazette [ prov:agent id:x ; sg:trough id:y ] )",
            "sg:trough in a voice: expected prov:agent, sg:capacity, sg:through",
        ),
        (
            VOICES,
            "( id:gazette [ sg:through id:y ] )",
            "sg:voices: a voice in brackets needs one prov:agent, and one value of each property",
        ),
        (
            "a sg:Claim ;",
            'a sg:Claim ; sg:dateReading [ sg:expression "in June" ] ;',
            "sg:dateReading: a reading needs sg:expression and sg:readAs",
        ),
        (
            "a sg:Claim ;",
            'a sg:Claim ; sg:identityReading [ sg:expression "it" ; sg:readas id:x ] ;',
            (
                "sg:readas in a reading (sg:identityReading): "
                "expected sg:basis, sg:expression, sg:readAs, sg:relativeTo, sg:resolvedWith"
            ),
        ),
        ("id:anyshire-council sg:sorry true .", "", "its graph is empty: a claim needs a triple"),
    ],
)
def test_a_draft_that_breaks_a_rule_names_file_line_and_claim(old: str, new: str, message: str) -> None:
    with pytest.raises(Problems) as caught:
        formatted(draft(**{old: new}))
    assert caught.value.message.startswith(f"{NAME}.trig:{LINE}: claim:draft-one: {message}")
    assert caught.value.exit_code == 1


def test_a_blank_node_that_is_left_is_refused() -> None:
    with pytest.raises(KgError) as caught:
        formatted(
            draft(**{"id:anyshire-council sg:sorry true": "id:anyshire-council sg:sorry [ sg:very true ]"})
        )
    assert caught.value.message == (
        f"{NAME}.trig:{LINE}: a blank node is left (sg:sorry of id:anyshire-council): give it an IRI"
    )
    with pytest.raises(SourceError) as left:
        format_source(Path("register.ttl"), HEAD + "id:x sg:p [ sg:q 1 ] .")
    assert left.value.message == f"register.ttl:{LINE}: a blank node is left (sg:p of id:x): give it an IRI"


def test_a_date_that_is_not_edtf_is_refused() -> None:
    with pytest.raises(Problems) as caught:
        formatted(draft(**{"sg:sorry true": "sg:time id:date-2015-13"}))
    assert caught.value.message == (
        f"{NAME}.trig:{LINE}: 'id:date-2015-13' is not a date: there is no month 13 (seasons are 21 to 24)"
    )


def test_all_broken_drafts_are_told_at_once() -> None:
    second = draft(**{EXCERPT: '"no such"'}).removeprefix(HEAD).replace("draft-one", "draft-two")
    with pytest.raises(Problems) as caught:
        formatted(draft(**{EXCERPT: '"none such"'}) + second)
    places = [problem.message.split(": the excerpt")[0] for problem in caught.value.problems]
    assert places == [f"{NAME}.trig:{LINE}: claim:draft-one", f"{NAME}.trig:{LINE + 3}: claim:draft-two"]


def test_without_the_text_no_excerpt_is_looked_up() -> None:
    with pytest.raises(Problems) as caught:
        format_source(PATH, draft(), {}, {NAME: SENTENCES})
    assert caught.value.message == (
        f"{NAME}.trig:{LINE}: claim:draft-one: its excerpts cannot be looked up: "
        f"no text of {NAME} (give --texts DIR)"
    )
    with pytest.raises(
        Problems, match=r"no file in data/sentences of anyshire-1 \(run kg article sentences\)"
    ):
        format_source(PATH, draft(), {NAME: TEXT}, {})


def test_a_property_that_a_record_does_not_have_is_told_not_dropped() -> None:
    once = formatted(draft())
    with pytest.raises(Problems, match=r"sg:mood in a voice: expected prov:agent, sg:capacity"):
        formatted(once.replace("sg:position 1 ;", "sg:position 1 ; sg:mood id:x ;"))
    noted = once.replace("a sg:Claim ;", 'a sg:Claim ; rdfs:comment "A note."@en ;')
    assert 'rdfs:comment "A note."@en' in formatted(noted)


def test_offsets_that_drifted_are_put_right() -> None:
    once = formatted(draft())
    start = TEXT.index("accept every word")
    assert formatted(once.replace(f"oa:start {start}", f"oa:start {start + 1}")) == once
    longer = formatted(once.replace('oa:exact "accept every word"', 'oa:exact "accept every word of"'))
    assert f"oa:end {start + len('accept every word of')}" in longer


def test_a_changed_claim_is_renamed_before_and_kept_as_a_stub_after_a_release() -> None:
    once = formatted(draft())
    (old,) = (claim.iri for claim in claims_from_quads(parse_quads(PATH, once)))
    changed = once.replace("sg:sorry true", "sg:sorry false")
    made = format_source(PATH, changed, {NAME: TEXT}, {NAME: SENTENCES})
    new = made.renamed[old.value]
    assert old.value.rpartition("/")[2] not in made.content
    kept = format_source(PATH, changed, {NAME: TEXT}, {NAME: SENTENCES}, published=True)
    quads = parse_quads(PATH, kept.content)
    assert [
        quad.object.value for quad in quads if quad.subject == old and "Replaced" in quad.predicate.value
    ] == [new]  # type: ignore[union-attr]
    assert formatted(kept.content, published=True) == kept.content
    assert [claim.iri.value for claim in claims_from_quads(quads)] == [new]


def test_a_claim_that_is_changed_back_is_no_stub_any_more() -> None:
    once = formatted(draft())
    changed = formatted(once.replace("sg:sorry true", "sg:sorry false"), published=True)
    back = formatted(changed.replace("sg:sorry false", "sg:sorry true"), published=True)
    quads = parse_quads(PATH, back)
    (claim,) = claims_from_quads(quads)
    assert [claim.iri] == [made.iri for made in claims_from_quads(parse_quads(PATH, once))]
    assert [q.object for q in quads if "isReplacedBy" in q.predicate.value] == [claim.iri]
    assert not any(q.predicate.value.endswith("isReplacedBy") for q in quads if q.subject == claim.iri)


def test_the_command_keeps_a_stub_and_lets_notes_follow(tmp_path: Path) -> None:
    path = project(tmp_path, formatted(draft()).replace("sg:sorry true", "sg:sorry false"))
    (old,) = (claim.iri for claim in claims_from_quads(parse_quads(path, formatted(draft()))))
    note = tmp_path / "gaps.ttl"
    note.write_text(HEAD + f"id:gap-a a sg:Gap ; sg:about <{old.value}> .\n", encoding="utf-8")
    assert run("--published", "--texts", TEXT_PATH.parent, path).exit_code == 0
    quads = parse_quads(path, path.read_text(encoding="utf-8"))
    (new,) = (claim.iri for claim in claims_from_quads(quads))
    assert [q.object for q in quads if q.subject == old and "Replaced" in q.predicate.value] == [new]
    assert f"sg:about <{new.value}>" in note.read_text(encoding="utf-8")


def test_readings_follow_the_claims_that_they_refer_to() -> None:
    claims = claims_from_quads(parse_quads(PATH, formatted(DRAFTS)))
    (resolved,) = (c for claim in claims for reading in claim.readings for c in reading.resolved_with)
    assert resolved in [claim.iri for claim in claims]


def test_renaming_touches_whole_names_only() -> None:
    base = str(CLAIM)
    text = f"x:claim:aa claim:aa, claim:aa-b claim:aab <{base}aa> <{base}aa#v1> claim:aa\\#v1 id:aa"
    assert rename_claims(text, {f"{base}aa": f"{base}0f"}) == (
        f"x:claim:aa claim:0f, claim:aa-b claim:aab <{base}0f> <{base}0f#v1> claim:0f\\#v1 id:aa"
    )
    assert rename_claims(text, {}) == text


def test_the_command_formats_files_and_what_refers_to_them(tmp_path: Path) -> None:
    path = project(tmp_path, DRAFTS)
    note = "id:disagreement-a a sg:Disagreement ; sg:between claim:draft-left , claim:draft-poor .\n"
    (tmp_path / "disagreements.ttl").write_text(HEAD + note, encoding="utf-8")
    checked = run("--check", "--texts", TEXT_PATH.parent, path)
    assert (checked.exit_code, path.read_text(encoding="utf-8")) == (1, DRAFTS)
    assert f"{path}: would change" in checked.output
    done = run("--texts", TEXT_PATH.parent, path)
    assert done.exit_code == 0, done.output
    assert path.read_text(encoding="utf-8") == GOLDEN.read_text(encoding="utf-8")
    between = (tmp_path / "disagreements.ttl").read_text(encoding="utf-8")
    assert "draft-" not in between
    assert between.count(" , claim:") == 1
    again = run("--check", "--texts", TEXT_PATH.parent, path)
    assert (again.exit_code, again.output) == (0, "")
    assert run("--check", path).exit_code == 0


def test_the_command_writes_nothing_when_one_file_is_wrong(tmp_path: Path) -> None:
    path = project(tmp_path, DRAFTS)
    bad = tmp_path / "gaps.ttl"
    bad.write_text("id:x", encoding="utf-8")
    result = run("--texts", TEXT_PATH.parent, path, bad)
    assert result.exit_code == 1
    assert f"kg: {bad}:1: not Turtle: The prefix id: has not been declared" in result.output
    assert path.read_text(encoding="utf-8") == DRAFTS


@pytest.mark.parametrize("arguments", [["none.trig"], ["--texts", "none", str(HERE / "drafts.trig")]])
def test_what_is_missing_is_exit_code_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "No such file or directory" in result.output or "no such folder" in result.output


def test_a_register_is_sorted_type_and_label_first() -> None:
    source = (
        HEAD
        + 'id:b10 rdfs:label "B10"@en ; schema:value 2 ; a sg:X .\nid:b9 a sg:Y, sg:X ; rdfs:label "B9"@en .'
    )
    body = format_source(Path("register.ttl"), source).content.partition("\n\n")[2]
    assert body == (
        'id:b10 a sg:X ; rdfs:label "B10"@en ; schema:value 2 .\n\nid:b9 a sg:X, sg:Y ; rdfs:label "B9"@en .\n'
    )


def test_the_comment_at_the_head_of_a_file_stays() -> None:
    made = format_source(
        Path("gaps.ttl"), "# What this is.\n# Two lines.\n" + HEAD + "# lost\nid:a sg:p id:b ."
    )
    assert made.content.startswith("# What this is.\n# Two lines.\n\n@prefix id:")
    assert made.notes == (
        "gaps.ttl: 1 comment lines are not kept (those above the first line of content are)",
    )


texts = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=20)
iris = st.one_of(
    st.from_regex(r"[A-Za-z0-9_.~!$&'()*+,;=@/-]{1,8}(#[a-z.?/]{0,3})?", fullmatch=True).map(
        lambda name: ID[name]
    ),
    st.sampled_from(
        [SG.Claim, RDFS.label, NamedNode("https://example.org/ü?a=1#b"), CLAIM["aa#v1"], CLAIM["aa#v10"]]
    ),
)
literals = (
    texts.map(Literal)
    | texts.map(lambda text: Literal(text, language="en-gb"))
    | st.tuples(texts, st.sampled_from([XSD.integer, XSD.decimal, XSD.double, XSD.boolean, XSD.date])).map(
        lambda pair: Literal(pair[0], datatype=pair[1])
    )
    | st.sampled_from(
        [Literal(text, datatype=XSD.decimal) for text in ("75.0", ".5", "-1.50", "7.", "7")]
        + [Literal(text, datatype=XSD.integer) for text in ("042", "+1", "-0")]
        + [Literal(text, datatype=XSD.double) for text in ("1.0E6", "1e", ".e3")]
        + [
            Literal("P18M", datatype=XSD.duration),
            Literal('a\n"""\\', language="en"),
            Literal("SELECT *\n{ }\n"),
        ]
    )
)
graphs = st.sampled_from([None, GRAPH.x, CLAIM.aa, CLAIM.bb])
quads = st.builds(
    lambda s, p, o, g: Quad(s, p, o, g) if g else Quad(s, p, o), iris, iris, iris | literals, graphs
)


@given(st.lists(quads, max_size=12), st.randoms())
def test_what_is_written_reads_back_and_does_not_depend_on_order(
    found: list[Quad], order: random.Random
) -> None:
    text = serialize_trig(found)
    assert {Quad(*quad) for quad in parse(text, format=RdfFormat.TRIG)} == set(found)
    shuffled = found[:]
    order.shuffle(shuffled)
    assert serialize_trig(shuffled) == text
    assert all(char.isprintable() or char == "\n" for char in text)


def test_a_blank_node_cannot_be_written() -> None:
    with pytest.raises(KgError, match="a blank node cannot be written here"):
        serialize_trig([Quad(ID.a, SG.p, BlankNode("x"))])


FILES = [path for path in data_files(data_dir()) if path.parent.name != "questions"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_data_is_formatted(path: Path, texts_dir: Path | None) -> None:
    texts = {} if texts_dir is None else {text.stem: text for text in texts_dir.glob("*.txt")}
    arguments = ["--texts", texts_dir] if path.suffix == ".trig" and path.stem in texts else []
    assert run("--check", *arguments, path).output == ""
    lines = read_source(path).splitlines()
    empty = all(
        not line or line.startswith("#") for line in lines
    )  # retired.ttl, as long as nothing is retired
    assert path.suffix == ".trig" or empty or lines[-1].endswith(".")

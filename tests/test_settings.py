"""Settings, formats and the places of the project's own files: small tables that everything asks."""

from pathlib import Path

import pyoxigraph
import pytest

from kg.errors import KgError, NotFound
from kg.formats import RDF_FORMATS, RESULTS_FORMATS, format_of_path, rdf_format, results_format
from kg.resources import checkout_root, data_dir, default_out, ontology_dir
from kg.settings import SETTINGS, load_settings


def test_explicit_values_win_over_the_environment_and_it_over_defaults() -> None:
    assert load_settings({}).workers == 2
    assert load_settings({"KG_WORKERS": "3"}).workers == 3
    assert load_settings({"KG_WORKERS": "3"}, workers=4, out=None).workers == 4
    assert load_settings({"KG_WORKERS": ""}).workers == 2


def test_values_have_their_kinds() -> None:
    made = load_settings(
        {"KG_TEXTS": "a/b", "KG_QUERY_SECONDS": "2.5", "KG_ENDPOINT": "http://x/", "OTHER": "1"}
    )
    assert (made.texts, made.query_seconds, made.endpoint) == (Path("a/b"), 2.5, "http://x/")


def test_a_value_of_the_wrong_kind_names_its_variable() -> None:
    with pytest.raises(KgError) as caught:
        load_settings({"KG_QUERY_ROWS": "many"})
    assert caught.value.message == "KG_QUERY_ROWS='many': expected a value of type int"
    assert caught.value.exit_code == 2


def test_every_setting_has_a_variable_and_a_help() -> None:
    assert len({setting.env for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.env.startswith("KG_") and setting.help.endswith(".") for setting in SETTINGS)


@pytest.mark.parametrize("entry", RDF_FORMATS, ids=lambda entry: entry.name)
def test_a_format_is_the_one_that_the_engine_means(entry: object) -> None:
    assert entry.engine == pyoxigraph.RdfFormat.from_media_type(entry.media_type)  # type: ignore[attr-defined]
    assert entry.engine == pyoxigraph.RdfFormat.from_extension(entry.extension)  # type: ignore[attr-defined]
    if entry.name != "jsonld":  # type: ignore[attr-defined]
        assert entry.engine.supports_datasets == entry.named_graphs  # type: ignore[attr-defined]


@pytest.mark.parametrize("entry", RESULTS_FORMATS, ids=lambda entry: entry.name)
def test_a_results_format_is_the_one_that_the_engine_means(entry: object) -> None:
    assert entry.engine == pyoxigraph.QueryResultsFormat.from_media_type(entry.media_type)  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", [RDF_FORMATS, RESULTS_FORMATS])
def test_no_name_means_two_formats(table: tuple[object, ...]) -> None:
    names = [n for f in table for n in {f.name, f.extension, f.media_type, *f.aliases}]  # type: ignore[attr-defined]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "found"),
    [("ttl", "turtle"), (".TRIG", "trig"), ("text/turtle; charset=utf-8", "turtle"), ("json-ld", "jsonld")],
)
def test_a_format_is_found_by_any_of_its_names(name: str, found: str) -> None:
    assert rdf_format(name).name == found


def test_what_is_no_format_is_told_with_what_is() -> None:
    with pytest.raises(
        NotFound, match="'xlsx' is no format of query results: expected one of json, xml, csv, tsv"
    ):
        results_format("xlsx")
    with pytest.raises(NotFound, match="'exe' is no RDF format"):
        format_of_path("a/b.exe")


def test_the_files_of_a_checkout_are_found(root: Path, tmp_path: Path) -> None:
    assert checkout_root() == root
    assert (ontology_dir(), data_dir()) == (root / "ontology", root / "data")
    assert default_out(environ={}) == root / "build"
    assert default_out(environ={"KG_OUT": "x"}) == Path("x")
    assert default_out(tmp_path, environ={}) == root / "build"
    (tmp_path / "pyproject.toml").touch()
    assert default_out(tmp_path / "data", environ={}) == tmp_path.resolve() / "build"


@pytest.mark.parametrize(
    ("name", "text"),
    [("KG_QUERY_SECONDS", "nan"), ("KG_QUERY_SECONDS", "inf"), ("KG_QUERY_SECONDS", "-1"), ("KG_QUERY_ROWS", "0"),
     ("KG_QUERY_MEMORY_MB", "1"), ("KG_KEEP", "0"), ("KG_WORKERS", "0"), ("KG_HEADER_BYTES", "100")],
)  # fmt: skip
def test_a_number_that_makes_no_sense_is_refused(name: str, text: str) -> None:
    with pytest.raises(KgError, match=f"{name}=.*expected at least"):
        load_settings({name: text})

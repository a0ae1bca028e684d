"""Metrics are counted, are in the format that Prometheus reads, and are not on the site."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from kg.errors import (
    CallerGone,
    KgError,
    NotRepresentable,
    PoolBusy,
    QueryError,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
)
from kg.settings import Settings
from kg.workers.pool import NoSuitableFormat
from tests.conformance.server import Server, _free_port
from tests.processes import PATIENCE, eventually
from web.serving.hygiene import check_settings, metrics_address
from web.serving.metrics import BUCKETS, OUTCOMES, Histogram, Metrics

SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+]+')
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"


def test_buckets_include_the_smaller_ones() -> None:
    histogram = Histogram()
    for seconds in (0.001, 0.005, 0.3, 99.0):
        histogram.observe(seconds)
    lines = list(histogram.lines("x"))
    assert lines[0] == 'x_bucket{le="0.005"} 2'
    assert lines[len(BUCKETS)] == 'x_bucket{le="+Inf"} 4'
    assert lines[-1] == "x_count 4"


def test_every_line_is_a_comment_or_a_sample() -> None:
    metrics = Metrics()
    metrics.count_request("GET", 200, 0.01)
    metrics.count_request('X"\n', 405, 0.01)
    metrics.count_query("answered", 0.02)
    lines = metrics.text().splitlines()
    assert 'kg_requests_total{method="other",status="405"} 1' in lines
    described = set()
    for line in lines:
        if line.startswith("# TYPE "):
            described.add(line.split()[2])
        elif not line.startswith("# HELP "):
            assert SAMPLE.fullmatch(line), line
            name = re.sub(r"_(bucket|sum|count)$", "", re.split(r"[{ ]", line)[0])
            assert name in described


def test_each_way_a_query_can_end_has_a_name_of_its_own() -> None:
    kinds = {QueryError, QueryRefused, QueryTimeout, QueryTooLarge, PoolBusy, CallerGone}
    no_format = {NoSuitableFormat, NotRepresentable}
    assert {kind for kind, _ in OUTCOMES} == kinds | no_format
    assert len({name for _, name in OUTCOMES}) == len(kinds) + 1


@pytest.mark.parametrize("given", ["9464", ":9464", "127.0.0.1:", "127.0.0.1:high", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(KgError, match="KG_METRICS") as caught:
        check_settings(Settings(metrics=given))
    assert caught.value.exit_code == 2


def test_an_address_may_be_of_either_family() -> None:
    assert metrics_address(Settings(metrics="127.0.0.1:9464")) == ("127.0.0.1", 9464)
    assert metrics_address(Settings(metrics="[::1]:9464")) == ("::1", 9464)


def test_a_server_tells_what_it_did_at_an_address_of_its_own(tmp_path: Path) -> None:
    data = tmp_path / "data.ttl"
    data.write_text("".join(f"<urn:s{n}> <urn:p> {n} .\n" for n in range(300)))
    port = _free_port()
    env = {"KG_METRICS": f"127.0.0.1:{port}", "KG_WORKERS": "1", "KG_QUERY_SECONDS": "2"}
    with Server([data], env=env) as server:
        assert server.query("ASK {").status == 400
        assert server.query("ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }").status == 403
        assert server.query(HEAVY).status == 504
        assert eventually(lambda: server.query("ASK {}").status == 200)  # at last, with so short a limit
        assert server.request("GET", "/metrics").status == 404
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as reply:
            assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            text = reply.read().decode()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE)
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    for outcome in ("malformed", "refused"):
        assert values[f'kg_queries_total{{outcome="{outcome}"}}'] == "1"
    for outcome in ("timeout", "answered"):
        assert int(values[f'kg_queries_total{{outcome="{outcome}"}}']) >= 1
    assert int(values["kg_query_workers_replaced_total"]) >= 1
    assert values["kg_query_workers"] == "2", "one of each lane"
    assert any(name.startswith("kg_snapshot_info{") for name in values)

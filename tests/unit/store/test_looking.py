"""A run looked at closely: all of it counted, a bounded part of it read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.domain.run_look import PhaseCount, RunLook
from advisor.domain.timing import Phase, RequestTiming, Sample
from advisor.errors import UnknownNameError
from advisor.store import open_store
from tests.runs import profiled
from tests.unit.store.filled import CELLS, RECORD, SERVER, result_of

REQUESTS = 100
TIMINGS = tuple(
    RequestTiming(
        i, Phase.WARMUP if i < 10 else Phase.MEASURED, i / 7, i / 7, i / 7 + 0.05, i / 7 + 3.0, 800, 0, 300, 300, 300
    )
    for i in range(REQUESTS)
)
POWER = 'gpu_power_w{gpu="0"}'
SAMPLES = tuple(
    Sample(at_s / 2, name, 300.0 + at_s)
    for at_s in range(50)
    for name in (POWER, "vllm:kv_cache_usage_perc", "gpu_power_watched", "vllm:other")
)


def looked(url: str, *, metrics: tuple[str, ...] = (), most: int = 1000) -> RunLook:
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
        store.add_result(replace(result_of(CELLS[0], "attempt-1"), timings=TIMINGS, samples=SAMPLES), accept=True)
        store.add_result(result_of(CELLS[1], "attempt-2"), accept=True)
        return store.look("attempt-1", metrics=metrics, most=most)


def test_a_run_is_read_whole_where_it_is_small(url: str) -> None:
    look = looked(url)
    assert (look.run.id, look.every, look.timings) == ("attempt-1", 1, TIMINGS)
    assert look.server == SERVER


def test_of_a_long_run_every_so_manieth_request_is_read_and_all_are_counted(url: str) -> None:
    look = looked(url, most=30)
    assert (look.every, len(look.timings), look.requests) == (4, 25, REQUESTS)
    assert [timing.index for timing in look.timings][:3] == [0, 4, 8]
    assert set(look.counts) == {PhaseCount(Phase.WARMUP, "", 10), PhaseCount(Phase.MEASURED, "", 90)}


def test_readings_are_those_of_the_metrics_that_were_asked_for_thinned_each_alike(url: str) -> None:
    look = looked(url, metrics=("gpu_power_w", "vllm:kv_cache_usage_perc"), most=20)
    assert {sample.name for sample in look.samples} == {POWER, "vllm:kv_cache_usage_perc"}
    assert (look.thinned, len(look.samples)) == (3, 34)
    assert [sample.at_s for sample in look.samples if sample.name == POWER][:3] == [0.0, 1.5, 3.0]


def test_failures_are_counted_by_what_went_wrong(url: str) -> None:
    looked(url)
    with open_store(url) as store:
        counts = store.look("attempt-2", metrics=(), most=10).counts
    assert PhaseCount(Phase.MEASURED, "http_500", 1) in counts


def test_an_imported_run_has_no_requests_no_readings_and_no_server(url: str) -> None:
    with open_store(url) as store:
        store.add_runs(RECORD, [profiled("imported")])
        look = store.look("imported", metrics=("gpu_power_w",), most=10)
    assert (look.requests, look.timings, look.samples, look.server) == (0, (), (), None)


def test_an_unknown_run_is_named_as_such(url: str) -> None:
    with open_store(url) as store, pytest.raises(UnknownNameError):
        store.look("nothing", metrics=(), most=10)

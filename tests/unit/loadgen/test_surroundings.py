"""What a run tells beside speed: other clients, canvases of another length, replies cut short, connections."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.domain.campaign import Lengths
from advisor.domain.load import ClosedLoad, OpenLoad, TraceLoad
from advisor.domain.model import Content
from advisor.domain.workload import Workload
from advisor.loadgen import Asks
from advisor.loadgen.exchange import Exchange
from tests.null_server import Habits
from tests.unit.loadgen.running import CANVASES, PROMPTS, QUICK, rules, run, workload


@pytest.mark.servers
@pytest.mark.parametrize("load", [ClosedLoad(concurrency=3), OpenLoad(rate_rps=200.0)], ids=lambda load: load.kind)
def test_requests_of_other_clients_are_seen_in_the_counter_of_the_server(load: ClosedLoad | OpenLoad) -> None:
    shared = run(replace(QUICK, foreign=2), load)
    assert shared.measured.figures.foreign_requests == 2 * len(shared.measured.timings)
    assert run(QUICK, load).measured.figures.foreign_requests == 0


def test_a_server_without_counters_tells_of_no_other_clients_and_of_none_missing() -> None:
    assert run(replace(QUICK, metrics=False)).measured.figures.foreign_requests is None


def test_requests_that_fail_are_none_of_other_clients() -> None:
    seen = run(replace(QUICK, every={4: "http_500"}))
    assert seen.measured.figures.failures
    assert seen.measured.figures.foreign_requests == 0


@pytest.mark.servers
def test_canvases_are_as_long_as_the_counters_say() -> None:
    for tokens in (32, 64):
        canvas = run(replace(CANVASES, canvas=tokens), asked=workload(output=70.0)).measured.figures.canvas
        assert canvas is not None
        assert canvas.length_tokens == tokens


@pytest.mark.servers
def test_replies_that_the_model_ends_are_shorter_than_asked() -> None:
    habits = Habits(first_s=0.002, gap_s=0.0005, stops_after=9, heeds_eos=False)
    figures = run(habits, by=rules(requests=10), target={"lengths": Lengths.NATURAL}).measured.figures
    assert (figures.completed, figures.asked_tokens_mean, figures.output_tokens_mean) == (10, 12.0, 9.0)
    assert run(QUICK).measured.figures.asked_tokens_mean == 12.0


def test_the_wait_for_a_connection_is_from_when_we_came_to_it_until_the_bytes_left() -> None:
    exchange = Exchange(0, b"", asked_tokens=1, forced=False, ended=lambda _: None)
    assert exchange.connecting_s == 0.0
    exchange.due_s, exchange.begun_s, exchange.sent_s = 1.0, 1.5, 1.75
    assert exchange.connecting_s == 0.25
    assert run(QUICK).measured.figures.connecting_p95_ms is not None


def test_the_longest_request_is_known_before_it_is_sent() -> None:
    trace = Workload(name="t", content=Content.CHAT, pairs=((30, 4), (500, 60), (20, 900)), arrival_s=(0.0, 1.0, 2.0))
    replayed = Asks(trace, PROMPTS)
    assert [replayed.longest_tokens(TraceLoad(), sent) for sent in (0, 1, 2, 3)] == [None, 34, 560, 920]
    drawn = Asks(workload(output=50.0, cv=1.0), PROMPTS, seed=3)
    load = ClosedLoad(concurrency=2)
    ask = drawn.of(load)
    longest = drawn.longest_tokens(load, 100)
    assert longest is not None
    assert longest == 40 + max(ask(place).max_tokens for place in range(100))

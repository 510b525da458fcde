"""A run: exact counts, phases, figures, and nothing left behind."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.load import ClosedLoad, OpenLoad, RampLoad, TraceLoad
from advisor.domain.model import Content
from advisor.domain.run_figures import StopReason
from advisor.domain.timing import Phase
from advisor.domain.workload import Workload
from advisor.errors import InputError
from advisor.loadgen import Prompts
from tests.null_server import Habits
from tests.unit.loadgen.running import CANVASES, QUICK, rules, run, workload

if TYPE_CHECKING:
    from advisor.domain.load import Load
    from advisor.loadgen import Progress

POISSON = OpenLoad(rate_rps=200.0)
LOADS = [pytest.param(ClosedLoad(concurrency=1), marks=pytest.mark.servers), ClosedLoad(concurrency=7), POISSON]


def traced(**fields: Any) -> Workload:
    return Workload.model_validate({"name": "t", "content": Content.CHAT, **fields})


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.label)
@pytest.mark.parametrize("habits", [QUICK, CANVASES], ids=["autoregressive", "block diffusion"])
def test_exactly_as_many_requests_are_measured_as_were_asked_for(habits: Habits, load: Load) -> None:
    seen = run(habits, load, by=rules(requests=25), asked=workload(output=70.0, cv=0.6))
    figures = seen.measured.figures
    assert (figures.requests, figures.completed, len(seen.timings())) == (25, 25, 25)
    assert figures.truncated_start_requests == 0
    assert figures.stopped_by is StopReason.COUNT


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.label)
def test_tokens_are_exactly_those_that_the_server_counted(load: Load) -> None:
    seen = run(QUICK, load, asked=workload(cv=0.8))
    timings = seen.measured.timings
    assert [timing.output_tokens for timing in timings] == [timing.asked_tokens for timing in timings]
    assert sum(body["max_tokens"] for body in seen.server.bodies) == sum(timing.output_tokens for timing in timings)
    assert seen.measured.figures.output_tokens_total == sum(timing.output_tokens for timing in seen.timings())
    assert len(timings) == seen.server.asked


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.label)
def test_nothing_is_left_running_behind(load: Load) -> None:
    seen = run(Habits(first_s=0.02, gap_s=0.003), load)
    assert seen.server.running == 0
    assert seen.server.aborted == 0


def test_a_closed_loop_has_never_more_in_flight_and_keeps_the_load_up_until_the_last_measured_one_is_done() -> None:
    seen = run(Habits(first_s=0.02, gap_s=0.002), ClosedLoad(concurrency=5), by=rules(requests=12))
    assert seen.server.most_running == 5
    assert seen.measured.figures.in_flight_mean == pytest.approx(5.0, rel=0.05)
    last_s = max(timing.last_s or 0.0 for timing in seen.timings())
    drained = seen.timings(Phase.DRAIN)
    assert drained
    assert all(timing.sent_s <= last_s for timing in drained)


def test_each_stream_is_warmed_up_first() -> None:
    seen = run(QUICK, ClosedLoad(concurrency=4), by=rules(warmup_requests_per_stream=2))
    warm = seen.timings(Phase.WARMUP)
    assert len(warm) >= 8
    assert max(timing.sent_s for timing in warm) <= min(timing.sent_s for timing in seen.timings())
    assert sorted(timing.asked_tokens for timing in warm)[:4] == [3, 6, 9, 12]  # staggered starts


def test_without_warm_up_every_request_counts() -> None:
    seen = run(QUICK, ClosedLoad(concurrency=3), by=rules(requests=9, warmup_requests_per_stream=0))
    assert seen.timings(Phase.WARMUP) == []
    assert [timing.index for timing in seen.timings()] == list(range(9))


def test_of_block_diffusion_canvases_steps_and_fill_are_exact() -> None:
    seen = run(CANVASES, by=rules(requests=16), asked=workload(output=70.0))
    canvas = seen.measured.figures.canvas
    assert canvas is not None
    assert canvas.canvases == 16 * 3
    assert canvas.committed_tokens == 16 * 3 * 32
    assert canvas.denoising_steps == 16 * 3 * 8
    assert canvas.steps_per_canvas == 8.0
    assert canvas.tokens_per_canvas == pytest.approx(70 / 3)
    assert canvas.fill_share == pytest.approx(70 / 96)
    assert {timing.events for timing in seen.timings()} == {3}


@pytest.mark.servers
def test_time_per_token_after_the_first_is_told_of_one_by_one_decoding_alone() -> None:
    diffusion, autoregressive = run(CANVASES).measured.figures, run(QUICK).measured.figures
    assert diffusion.tpot_ms is None
    assert autoregressive.tpot_ms is not None
    assert autoregressive.canvas is None
    assert diffusion.ntpot_ms is not None
    assert run(QUICK, asked=workload(output=1.0)).measured.figures.tpot_ms is None


@pytest.mark.servers
def test_latency_is_never_less_than_what_the_server_took() -> None:
    habits = Habits(first_s=0.02, gap_s=0.004)
    for timing in run(habits, asked=workload(output=6.0)).timings():
        assert timing.first_s is not None
        assert timing.last_s is not None
        assert timing.first_s - timing.intended_s >= habits.first_s - 0.001
        assert timing.last_s - timing.intended_s >= habits.first_s + 5 * habits.gap_s - 0.001


@pytest.mark.servers
def test_a_frozen_server_delays_every_arrival_of_an_open_load() -> None:
    """An arrival in the middle of the freeze waits for half of it, though a client that waits would not have sent it."""
    frozen = Habits(first_s=0.002, gap_s=0.0, frozen_s=(0.1, 0.6))
    load = OpenLoad(rate_rps=100.0, burstiness=0.0)
    by = rules(requests=70, warmup_requests_per_stream=0)
    sent, capped = run(frozen, load, by=by), run(frozen, load.model_copy(update={"max_in_flight": 2}), by=by)
    for seen in (sent, capped):
        waits_s = [(timing.last_s or 0.0) - timing.intended_s for timing in seen.timings()]
        assert sum(wait_s > 0.1 for wait_s in waits_s) >= 35  # of 50 arrivals while nothing moves, 40 wait so long
        assert seen.measured.figures.e2e_s is not None
        assert seen.measured.figures.e2e_s.mean >= 0.12
    assert sent.measured.figures.held_back_requests == 0
    assert capped.measured.figures.held_back_requests >= 35
    assert capped.server.most_running <= 2


@pytest.mark.servers
def test_what_a_cap_holds_back_is_no_lateness_of_ours() -> None:
    load = OpenLoad(rate_rps=400.0, burstiness=0.0, max_in_flight=1)
    seen = run(Habits(first_s=0.02, gap_s=0.0), load, by=rules(requests=20, warmup_requests_per_stream=0))
    held_ms = max(timing.sent_s - timing.intended_s for timing in seen.timings()) * 1e3
    assert held_ms > 150.0
    assert seen.measured.figures.lateness_p99_ms is not None
    assert seen.measured.figures.lateness_p99_ms < held_ms / 2.0


@pytest.mark.servers
def test_the_same_seed_asks_the_same_and_another_one_does_not() -> None:
    first, again, other = (run(QUICK, POISSON, seed=seed, asked=workload(cv=0.5)) for seed in (3, 3, 4))

    def asked(seen: Any) -> list[tuple[str, int]]:
        bodies = sorted(seen.server.bodies, key=lambda body: str(body["messages"]))
        return [(body["messages"][0]["content"], body["max_tokens"]) for body in bodies][:20]

    def due_s(seen: Any) -> list[float]:
        timings = seen.measured.timings
        return [timing.intended_s - timings[0].intended_s for timing in timings[:20]]

    assert {prompt for prompt, _ in asked(first)} & {prompt for prompt, _ in asked(other)} == set()
    assert due_s(first) == pytest.approx(due_s(again))
    assert due_s(first) != pytest.approx(due_s(other))
    lengths = [[timing.asked_tokens for timing in seen.measured.timings[:20]] for seen in (first, again)]
    assert lengths[0] == lengths[1]


def test_a_precise_run_ends_early() -> None:
    by = rules(requests=None, min_requests=40, max_requests=5000, half_width_share=0.5)
    figures = run(QUICK, by=by).measured.figures
    assert figures.stopped_by is StopReason.PRECISE
    assert 40 <= figures.requests + figures.truncated_start_requests < 5000
    assert figures.e2e_half_width_share is not None
    assert figures.throughput_half_width_share is not None


@pytest.mark.servers
def test_time_ends_a_run_that_has_its_least_requests() -> None:
    by = rules(requests=None, min_requests=8, max_s=0.3, half_width_share=1e-9)
    figures = run(QUICK, by=by).measured.figures
    assert figures.stopped_by is StopReason.TIME
    assert figures.requests + figures.truncated_start_requests >= 8


@pytest.mark.servers
def test_a_run_that_is_halted_lets_what_is_in_flight_end() -> None:
    slow = Habits(first_s=0.3, gap_s=0.001)
    seen = run(slow, by=rules(warmup_requests_per_stream=0), halt_if=lambda server: server.asked >= 4)
    assert seen.measured.figures.stopped_by is StopReason.HALTED
    assert seen.measured.figures.completed == 4
    assert seen.server.asked == 4
    assert seen.server.aborted == 0


@pytest.mark.servers
def test_a_trace_is_replayed_and_then_the_run_ends() -> None:
    trace = traced(pairs=tuple((30, n) for n in range(1, 21)), arrival_s=tuple(n / 50 for n in range(20)))
    seen = run(QUICK, TraceLoad(), by=rules(requests=None), asked=trace)
    assert seen.measured.figures.stopped_by is StopReason.TRACE_ENDED
    assert [timing.asked_tokens for timing in seen.measured.timings] == list(range(1, 21))
    gaps_s = [timing.intended_s - seen.measured.timings[0].intended_s for timing in seen.measured.timings]
    assert gaps_s == pytest.approx([n / 50 for n in range(20)])


def test_a_trace_that_the_workload_has_not_is_refused() -> None:
    with pytest.raises(InputError, match="no times of arrival"):
        run(QUICK, TraceLoad())


@pytest.mark.servers
def test_a_ramp_is_measured_from_its_first_request_to_its_end() -> None:
    seen = run(QUICK, RampLoad(from_rps=10.0, to_rps=90.0, duration_s=0.8, burstiness=0.0), by=rules(requests=None))
    assert seen.measured.figures.requests == pytest.approx(40, abs=1)
    assert seen.measured.figures.stopped_by is StopReason.TIME
    assert seen.measured.figures.e2e_half_width_share is None


@pytest.mark.servers
def test_whoever_watches_is_told_how_far_a_run_has_come() -> None:
    told: list[Progress] = []
    run(Habits(first_s=0.1, gap_s=0.0), by=rules(requests=16), watch=told.append)
    assert told[-1].completed == 16
    assert told[-1].in_flight == 0
    assert [news.completed for news in told] == sorted(news.completed for news in told)
    assert {news.target for news in told} == {16}


@pytest.mark.servers
def test_the_engine_is_read_during_a_run_and_one_without_metrics_is_not_asked_again() -> None:
    names = {sample.name.partition("{")[0] for sample in run(QUICK).measured.samples}
    assert "vllm:num_requests_running" in names
    bare = run(replace(QUICK, metrics=False)).measured
    assert bare.samples == ()
    assert bare.figures.preemptions is None
    assert bare.figures.engine_queue_mean is None


@pytest.mark.servers
def test_the_collector_rests_during_a_run_and_works_again_after_it() -> None:
    at_work: list[bool] = []

    def look(_server: object) -> bool:
        at_work.append(gc.isenabled())
        return False

    run(Habits(first_s=0.1), halt_if=look)
    assert at_work
    assert not any(at_work)
    assert gc.isenabled()


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.label)
def test_an_error_of_our_own_ends_a_run_and_is_not_swallowed(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    composed = Prompts.compose

    def fail_at_last(self: Prompts, place: int, words: int, **how: Any) -> str:
        if place == 9:
            raise ZeroDivisionError
        return composed(self, place, words, **how)

    monkeypatch.setattr(Prompts, "compose", fail_at_last)
    monkeypatch.setattr("advisor.loadgen.stock.MOST_BYTES", 1)  # prompts are made as the run goes on
    with pytest.raises(ZeroDivisionError):
        run(QUICK, load)


@pytest.mark.parametrize(
    "habits",
    [
        Habits(usage="last"),
        Habits(newline="\r\n"),
        Habits(space=""),
        Habits(comments=True),
        Habits(chunked=False),
        Habits(delta="reasoning_content"),
    ],
    ids=["usage in the last event", "CRLF", "no space", "comments", "HTTP/1.0", "thinking"],
)
def test_answers_of_other_servers_are_understood(habits: Habits) -> None:
    figures = run(habits, by=rules(requests=8)).measured.figures
    assert (figures.completed, figures.failures, figures.output_tokens_mean) == (8, {}, 12.0)


def test_plain_completions_are_measured_too() -> None:
    figures = run(QUICK, by=rules(requests=8), target={"chat": False}).measured.figures
    assert (figures.completed, figures.output_tokens_mean) == (8, 12.0)

"""Every way in which a request fails is counted under its own name, and nothing else is."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.run_figures import StopReason
from advisor.domain.timing import Failure, Phase
from advisor.loadgen import Asks, Target, measure
from tests.null_server import Habits
from tests.unit.loadgen.running import CANVASES, PROMPTS, QUICK, Seen, rules, run, workload

NAMES = {
    "http_500": "http_500",
    "http_429": "http_429",
    "reset": Failure.RESET,
    "close": Failure.CLOSED,
    "cut": Failure.TRUNCATED,
    "truncate": Failure.TRUNCATED,
    "malformed": Failure.MALFORMED,
    "error_event": Failure.ERROR_EVENT,
    "empty_choices": Failure.EMPTY_CHOICES,
    "no_usage": Failure.NO_USAGE,
}


@pytest.mark.parametrize(
    "habits", [pytest.param(QUICK, marks=pytest.mark.servers), CANVASES], ids=["autoregressive", "block diffusion"]
)
@pytest.mark.parametrize(("fault", "name"), NAMES.items())
def test_each_fault_is_counted_under_its_own_name(fault: str, name: str, habits: Habits) -> None:
    seen = run(
        replace(habits, every={4: fault}),
        by=rules(requests=20, warmup_requests_per_stream=0),
        asked=workload(output=70.0),
    )
    faulty = [place for place in range(20) if place % 4 == 3]
    assert seen.measured.figures.failures == {name: len(faulty)}
    assert seen.measured.figures.completed == 15
    assert seen.measured.figures.requests == 20
    assert [timing.failure for timing in seen.timings() if timing.failure] == [name] * 5


@pytest.mark.servers
def test_several_faults_are_told_apart() -> None:
    faults = dict(enumerate(NAMES, start=2))
    seen = run(Habits(first_s=0.002, gap_s=0.0005, faults=faults), by=rules(requests=30, warmup_requests_per_stream=0))
    expected: dict[str, int] = {}
    for name in NAMES.values():
        expected[str(name)] = expected.get(str(name), 0) + 1
    assert seen.measured.figures.failures == expected


def test_a_stalled_request_is_given_up_and_its_connection_closed() -> None:
    seen = run(replace(QUICK, faults={2: "stall", 5: "stall"}), by=rules(stall_s=0.3, warmup_requests_per_stream=0))
    assert seen.measured.figures.failures == {Failure.STALLED: 2}
    assert seen.server.aborted == 2
    assert seen.server.running == 0


@pytest.mark.servers
def test_a_server_that_answers_nothing_at_all_has_stalled_and_ends_the_run() -> None:
    seen = run(replace(QUICK, every={1: "stall"}, first_s=60.0), by=rules(stall_s=0.1))
    assert set(seen.measured.figures.failures) <= {Failure.STALLED}
    assert {timing.failure for timing in seen.measured.timings} == {Failure.STALLED}
    assert seen.measured.figures.stopped_by is StopReason.HALTED


@pytest.mark.servers
def test_a_server_that_is_only_slow_has_not_stalled() -> None:
    slow = Habits(first_s=0.1, gap_s=0.1)
    seen = run(slow, by=rules(requests=4, stall_s=0.5, warmup_requests_per_stream=0), asked=workload(output=8.0))
    assert seen.measured.figures.failures == {}


@pytest.mark.servers
def test_a_refused_connection_is_counted_and_a_dead_server_ends_the_run() -> None:
    async def refused() -> Seen:
        gone = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        port = gone.sockets[0].getsockname()[1]
        gone.close()
        await gone.wait_closed()
        asks = Asks(workload(), PROMPTS)
        load = ClosedLoad(concurrency=4)
        return Seen(await measure(Target(f"http://127.0.0.1:{port}", "m"), load, asks, rules(requests=5000)), None)  # type: ignore[arg-type]

    figures = asyncio.run(refused()).measured.figures
    assert set(figures.failures) == {Failure.REFUSED}
    assert figures.stopped_by is StopReason.HALTED
    assert figures.requests < 200


@pytest.mark.servers
def test_a_server_that_fails_every_request_ends_the_run() -> None:
    seen = run(replace(QUICK, every={1: "http_503"}), by=rules(requests=None, max_requests=5000))
    assert seen.measured.figures.stopped_by is StopReason.HALTED
    assert seen.measured.figures.completed == 0
    assert seen.measured.figures.ttft_ms is None
    assert seen.server.asked < 200


@pytest.mark.servers
def test_failures_that_follow_each_other_are_paused_and_do_not_spin() -> None:
    seen = run(replace(QUICK, every={1: "http_503"}), by=rules(requests=5000))
    sent_s = [timing.sent_s for timing in seen.measured.timings]
    assert len(sent_s) < 60
    assert max(sent_s) - min(sent_s) >= 0.05 + 0.1 + 0.2  # four streams, of which one has failed five times


def test_a_run_ends_at_once_when_the_server_is_said_to_be_gone() -> None:
    slow = Habits(first_s=30.0)
    seen = run(slow, by=rules(warmup_requests_per_stream=0), alive_if=lambda server: server.running < 4)
    assert seen.measured.figures.stopped_by is StopReason.HALTED
    assert seen.measured.figures.failures == {Failure.CLOSED: 4}
    assert seen.server.running == 0


def test_a_failed_request_of_an_open_load_is_not_sent_again() -> None:
    load = OpenLoad(rate_rps=200.0, burstiness=0.0)
    seen = run(replace(QUICK, every={4: "http_500"}), load, by=rules(requests=40, warmup_requests_per_stream=0))
    drained = len(seen.timings(Phase.DRAIN))
    assert seen.measured.figures.failures == {"http_500": 10}
    assert seen.server.asked == 40 + drained

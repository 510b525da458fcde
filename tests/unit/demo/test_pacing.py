"""Iterations end on time, on a clock that the test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from advisor.demo.pacing import MOST_LAG_S, Pacer
from advisor.demo.scheduler import Scheduler
from tests.unit.demo.engines import PREFILL_S, STEP_S, engine, wish

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from advisor.demo.scheduler import Written


class Clock:
    """An event loop's clock and timers: time passes when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.timers: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def time(self) -> float:
        return self.now_s

    def call_at(self, when_s: float, call: Callable[..., None], *arguments: Any) -> Clock:
        self.timers.append((when_s, call, arguments))
        return self

    def cancel(self) -> None:
        self.timers.clear()

    def pass_to_next(self, *, late_s: float = 0.0) -> None:
        """Let the next timer run, as late as it says."""
        when_s, call, arguments = self.timers.pop(0)
        self.now_s = max(when_s + late_s, self.now_s)
        call(*arguments)


class Stage:
    """A pacer on such a clock, and what it delivered."""

    def __init__(self, scheduler: Scheduler | None = None, *, speed: float = 1.0) -> None:
        self.clock, self.scheduler = Clock(), scheduler or Scheduler(engine())
        self.delivered: list[tuple[float, int]] = []
        self.failures: list[Exception] = []
        loop = cast("asyncio.AbstractEventLoop", self.clock)
        self.pacer = Pacer(self.scheduler, loop, speed=speed, deliver=self._deliver, failed=self.failures.append)

    def _deliver(self, written: Sequence[Written]) -> None:
        self.delivered += [(self.clock.now_s - 100.0, part.tokens) for part in written]

    def ask(self, reply: int) -> None:
        self.scheduler.submit(wish(prompt=1, reply=reply))
        self.pacer.wake()


def test_each_iteration_ends_when_its_time_is_over() -> None:
    stage = Stage()
    stage.ask(reply=3)
    for _ in range(3):
        stage.clock.pass_to_next()
    assert [when for when, _ in stage.delivered] == pytest.approx([PREFILL_S + k * STEP_S for k in (1, 2, 3)])
    assert stage.clock.timers == []


def test_a_little_lateness_does_not_add_up() -> None:
    stage = Stage()
    stage.ask(reply=50)
    for _ in range(49):
        stage.clock.pass_to_next(late_s=0.004)
    stage.clock.pass_to_next()
    assert stage.delivered[-1][0] == pytest.approx(PREFILL_S + 50 * STEP_S)
    assert stage.pacer.late_s == pytest.approx(0.004)
    assert stage.pacer.lost_s == 0.0


def test_a_long_stop_is_counted_and_not_made_up_for() -> None:
    stage, stop_s = Stage(), 5 * MOST_LAG_S
    stage.ask(reply=3)
    stage.clock.pass_to_next(late_s=stop_s)
    stage.clock.pass_to_next()
    assert stage.delivered[1][0] == pytest.approx(PREFILL_S + 2 * STEP_S + stop_s)
    assert stage.pacer.lost_s == pytest.approx(stop_s)


def test_speed_shortens_every_iteration() -> None:
    stage = Stage(speed=10.0)
    stage.ask(reply=2)
    stage.clock.pass_to_next()
    stage.clock.pass_to_next()
    assert stage.delivered[-1][0] == pytest.approx((PREFILL_S + 2 * STEP_S) / 10.0)


def test_one_that_comes_in_between_joins_the_next_iteration() -> None:
    stage = Stage()
    stage.ask(reply=2)
    stage.ask(reply=1)
    assert len(stage.clock.timers) == 1
    stage.clock.pass_to_next()
    stage.clock.pass_to_next()
    assert [tokens for _, tokens in stage.delivered] == [1, 1, 1]


def test_an_idle_engine_wakes_for_the_next_request() -> None:
    stage = Stage()
    stage.ask(reply=1)
    stage.clock.pass_to_next()
    stage.clock.now_s += 10.0
    stage.ask(reply=1)
    stage.clock.pass_to_next()
    assert stage.delivered[-1][0] - stage.delivered[0][0] == pytest.approx(10.0 + PREFILL_S + STEP_S)


class Broken(Scheduler):
    """A core that fails in its third iteration."""

    def finish(self) -> list[Written]:
        if self.tally.iterations == 2:
            raise RuntimeError("the core is broken")
        return super().finish()


def test_a_core_that_fails_is_reported_and_goes_no_further() -> None:
    stage = Stage(Broken(engine()))
    stage.ask(reply=10)
    for _ in range(3):
        stage.clock.pass_to_next()
    assert [str(problem) for problem in stage.failures] == ["the core is broken"]
    assert stage.clock.timers == []

"""What goes on beside the requests of a run: its end, stalls, a dead server, progress, the engine's metrics, our own lag."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

from advisor.domain.run_figures import StopReason
from advisor.domain.timing import Failure, Phase, Sample
from advisor.loadgen.course import Progress
from advisor.loadgen.ledger import successes
from advisor.loadgen.precision import precision_so_far
from advisor.loadgen.scraping import read_metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.campaign import RunRules
    from advisor.loadgen.client import Client
    from advisor.loadgen.driving import Drive

TICK_S = 0.1
TELL_S = 0.25
SCRAPE_S = 2.0
WITHIN_S = 5.0
GROWTH = 1.1
"""Precision is looked at again when there are a tenth more requests: often enough, and cheap."""


class Watcher:
    """Looks after a run a few times a second."""

    def __init__(
        self,
        drive: Drive,
        rules: RunRules,
        *,
        offered: bool,
        watch: Callable[[Progress], None] | None,
        halt: Callable[[], bool] | None,
        alive: Callable[[], bool] | None,
    ) -> None:
        self._drive, self._rules, self._offered = drive, rules, offered
        self._watch, self._halt, self._alive = watch, halt, alive
        self._start_s = perf_counter()
        self._told_s = 0.0
        self._looked_at = 0
        self._half_width: float | None = None
        self.lags_s: list[float] = []

    async def run(self) -> None:
        """Look after the run until it is done."""
        while not self._drive.done.done():
            due_s = perf_counter() + TICK_S
            await asyncio.wait([self._drive.done], timeout=TICK_S)
            now_s = perf_counter()
            if not self._drive.done.done():
                self.lags_s.append(max(now_s - due_s, 0.0))
                self._look(now_s)
        self._tell(perf_counter())
        self._drive.done.result()  # raises what went wrong in a callback

    def _look(self, now_s: float) -> None:
        drive, course = self._drive, self._drive.course
        drive.abandon_stalled(now_s, stall_s=self._rules.stall_s)
        if self._halt is not None and self._halt():
            self._stop_sending(now_s)
        if self._alive is not None and not self._alive():
            self._stop_sending(now_s)
            drive.abandon(Failure.CLOSED, "the server is gone")
        elif course.is_dead:
            self._stop_sending(now_s)
            stalled = course.last_failure == Failure.STALLED
            drive.abandon(Failure.STALLED if stalled else Failure.TIMED_OUT, "given up: every request before it failed")
        if course.phase is Phase.MEASURED:
            self._end_when_enough(now_s)
        elif course.phase is Phase.DRAIN:
            self._end_drain(now_s)
        drive.settle()
        if now_s - self._told_s >= TELL_S:
            self._tell(now_s)

    def _stop_sending(self, now_s: float) -> None:
        self._drive.course.stop(StopReason.HALTED, now_s, silent=True)
        self._drive.drop_held()

    def _end_when_enough(self, now_s: float) -> None:
        drive, course = self._drive, self._drive.course
        if course.out_of_time(now_s):
            course.stop(StopReason.TIME, now_s)
        elif course.has_enough() and course.completed >= GROWTH * self._looked_at:
            self._looked_at = course.completed
            found = precision_so_far(drive.ended, drive.in_flight, now_s=now_s)
            self._half_width = found.widest(offered=self._offered)
            if self._half_width is not None and self._half_width <= self._rules.half_width_share:
                course.stop(StopReason.PRECISE, now_s)

    def _end_drain(self, now_s: float) -> None:
        """Stop an offered load that outruns the server, and what does not end at all."""
        drive, course = self._drive, self._drive.course
        drained_s = now_s - course.stopped_s
        if self._offered and not course.silent:
            done = successes(drive.ended)
            if drained_s > (float(done.e2e_s.max()) if done.size else 0.0):
                course.stop(StopReason.TIME, now_s, silent=True)
        if drained_s > max(self._rules.max_s, self._rules.stall_s):
            course.stop(StopReason.TIME, now_s, silent=True)
            drive.drop_held()
            drive.abandon(Failure.TIMED_OUT, f"not ended {drained_s:.0f} s after the run")

    def _tell(self, now_s: float) -> None:
        self._told_s = now_s
        if self._watch is None:
            return
        course = self._drive.course
        self._watch(
            Progress(
                phase=course.phase,
                completed=course.completed,
                failed=course.failed,
                in_flight=len(self._drive.in_flight),
                target=course.target,
                elapsed_s=now_s - self._start_s,
                half_width_share=self._half_width,
            )
        )


class Scraper:
    """Reads the engine's metrics before a run, every two seconds in it, at the edges of its measured part, and after it."""

    def __init__(self, client: Client, path: str, *, origin_s: float) -> None:
        self._client, self._path, self._origin_s = client, path, origin_s
        self._there = True
        self.samples: list[Sample] = []

    async def read(self) -> None:
        """Read once; a server that has no metrics is not asked again."""
        if not self._there:
            return
        answer = await self._client.fetch(self._path, within_s=WITHIN_S)
        found = read_metrics(answer.body, at_s=perf_counter() - self._origin_s) if answer.status == 200 else ()
        self._there = bool(found) or (answer.status == 0 and bool(self.samples))
        self.samples.extend(found)

    async def run(self, drive: Drive) -> None:
        """Read until the run is done."""
        phase, next_s = drive.course.phase, 0.0
        while not drive.done.done():
            now_s = perf_counter()
            if now_s >= next_s or drive.course.phase is not phase:
                phase, next_s = drive.course.phase, now_s + SCRAPE_S
                await self.read()
            await asyncio.wait([drive.done], timeout=TICK_S)

"""The course of a run: which phase the next request belongs to, and when there are enough.

A request belongs to the phase in which it began. Warm-up comes first; then requests are measured; once enough have begun, others
keep the load up until the last measured one has ended, because it would otherwise see an emptier server than the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.run_figures import StopReason
from advisor.domain.timing import Phase

if TYPE_CHECKING:
    from advisor.domain.campaign import RunRules
    from advisor.loadgen.exchange import Exchange

LEAST_FAILURES_IN_A_ROW = 20

WARM_LIVES = 3.0
"""Mean end-to-end times after which an open load counts as having filled an empty server (assumed).

Of what will be in flight ``1 - e^(-t/T)`` then is, T the mean of exponential times: 95 % (the M/G/inf queue from empty).
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come. `target` is the number of requests that it will not exceed."""

    phase: Phase
    completed: int
    failed: int
    in_flight: int
    target: int
    elapsed_s: float
    half_width_share: float | None = None


class Course:
    """Counts what begins and ends, and tells the phase of the next request.

    `streams` is the number of requests in flight in a closed loop, 1 otherwise. With `fills_up_to_s` warm-up also lasts
    three mean end-to-end times of the requests that have ended so far, though no longer than that [s]: an open load finds
    the server empty, and it takes the lives of a few requests to fill it.
    """

    def __init__(self, rules: RunRules, *, streams: int, fills_up_to_s: float = 0.0) -> None:
        self._rules = rules
        self._fills_up_to_s = fills_up_to_s
        self._lived_s = 0.0
        self._lived = 0
        self._streams = streams
        self.start_s = 0.0
        self.target = rules.requests or rules.max_requests
        self.phase = Phase.WARMUP
        self.measured_from_s: float | None = None
        self.stopped_by: StopReason | None = None
        self.stopped_s = 0.0
        self.begun = 0
        self.completed = self.failed = self.failures_in_a_row = 0
        self.last_failure = ""
        self.silent = False
        self._open = 0
        self._warm = [0] * streams

    def next_phase(self, now_s: float) -> Phase | None:
        """Return the phase of a request that is due now, which begins it; None if none is wanted any more."""
        if not self.wants_more:
            return None
        if self.phase is Phase.WARMUP and self._is_warm(now_s):
            self.phase, self.measured_from_s = Phase.MEASURED, now_s
        phase = self.phase
        if phase is Phase.MEASURED:
            self.begun += 1
            self._open += 1
            if self.begun >= self.target:
                self.stop(StopReason.COUNT, now_s)
        return phase

    @property
    def wants_more(self) -> bool:
        """Whether another request is wanted."""
        return not self.silent and (self.phase is not Phase.DRAIN or self._open > 0)

    def end(self, exchange: Exchange) -> None:
        """Say that a request has ended."""
        self.last_failure = exchange.failure or self.last_failure
        self.failures_in_a_row = self.failures_in_a_row + 1 if exchange.failure else 0
        self._warm[exchange.stream % self._streams] += 1
        if not exchange.failure and exchange.over_s is not None:
            self._lived += 1
            self._lived_s += exchange.over_s - exchange.intended_s
        if exchange.phase is Phase.MEASURED:
            self._open -= 1
            self.completed += not exchange.failure
            self.failed += bool(exchange.failure)

    def stop(self, reason: StopReason, now_s: float, *, silent: bool = False) -> None:
        """Measure no more requests than have begun; `silent` sends no others either."""
        if self.stopped_by is None:
            self.stopped_by, self.stopped_s = reason, now_s
        self.phase = Phase.DRAIN
        self.silent = self.silent or silent

    @property
    def is_dead(self) -> bool:
        """Whether so many requests have failed in a row that the server can be taken for dead."""
        return self.failures_in_a_row >= max(LEAST_FAILURES_IN_A_ROW, 2 * self._streams)

    @property
    def measured_all(self) -> bool:
        """Whether no more requests are to be measured and all have ended."""
        return self.phase is Phase.DRAIN and self._open == 0

    def has_enough(self) -> bool:
        """Say whether as many have ended as must before time or precision may end a run; never if the count is fixed."""
        return self._rules.requests is None and self.completed + self.failed >= self._rules.min_requests

    def out_of_time(self, now_s: float) -> bool:
        """Say whether the measured part has lasted as long as it may."""
        started_s = self.measured_from_s
        return started_s is not None and now_s - started_s >= self._rules.max_s and self.has_enough()

    def _is_warm(self, now_s: float) -> bool:
        rules = self._rules
        waited = now_s - self.start_s >= max(rules.warmup_s, self._fills_s())
        return waited and min(self._warm) >= rules.warmup_requests_per_stream

    def _fills_s(self) -> float:
        """Return how long the server fills, as far as seen: as long as may be until a request ends; failures do not fill it."""
        if not any(self._warm):
            return self._fills_up_to_s
        return min(WARM_LIVES * self._lived_s / max(self._lived, 1), self._fills_up_to_s)

"""Whether a simulated fleet keeps its limits: attainment with an interval, decided as soon as the interval allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.slo import Metric, Objective
from advisor.queueing.simulate import Z_99, Share, batch_means, interval
from advisor.usecases.replaying import MOST_REPLICAS_SIMULATED, Replay, Served

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.usecases.serving import Load

    FloatArray = NDArray[np.float64]

BATCHES = 40
"""Batches of the first run."""
LEAST_REQUESTS = 4_000
REQUESTS_PER_PRESENT = 60
"""Requests of the first run for each one that is in the fleet: it lasts sixty mean sojourns, many times the memory of a fleet."""
MOST_RUNS = 6
MOST_REQUESTS = 120_000
GROWTH = (1, 1, 2, 4, 8, 16, 32, 64)
"""Length of each run over that of the first."""
LEAST_RUNS = 2
"""Runs before a fleet passes: one that happens to be quiet must not decide."""
LOOKS = 1.28
"""How much wider than 99 % an interval must clear its target: several looks at growing samples (3.29 over 2.576 deviations)."""
RELAXATIONS = 50.0
"""First run in units of ``(Ca2 + C2) / (1 - load)^2`` requests, in which a queue forgets its past under heavy load."""
SEED_STRIDE = 7919
"""Runs of one judgment differ in their seed by this, judgments of fleets of other sizes share seeds."""


@dataclass(frozen=True)
class Criterion:
    """One thing that is asked of a run: a share of requests within limits, or a mean within its limit."""

    limits: tuple[Objective, ...]
    target: float | None

    @property
    def words(self) -> str:
        """The objective as people write it; several are joined, and then their share is `target`."""
        if len(self.limits) == 1:
            return str(self.limits[0])
        return " and ".join(limit.limit_in_words for limit in self.limits)

    def margins(self, served: Served, *, diffuses: bool) -> FloatArray:
        """Return a number per request whose mean is to be at least `bar`: 1 where limits are kept, or what a mean leaves."""
        figures = [figure_s(served, limit.metric, diffuses=diffuses) / limit.limit_s for limit in self.limits]
        if self.target is None:
            return np.asarray(1.0 - figures[0], dtype=np.float64)
        return np.asarray(np.max(figures, axis=0) <= 1.0, dtype=np.float64)

    @property
    def bar(self) -> float:
        """What the mean of the margins has to reach."""
        return 0.0 if self.target is None else self.target


def figure_s(served: Served, metric: Metric, *, diffuses: bool) -> FloatArray:
    """Return the latency of each request [s]; TPOT of a block-diffusion model is judged as NTPOT."""
    outcome = served.outcome
    if metric is Metric.E2E:
        return outcome.e2e_s
    if metric is Metric.TTFT:
        return outcome.ttft_s
    if metric is Metric.TPOT and not diffuses:
        return (outcome.dones_s - outcome.firsts_s) / np.maximum(served.tokens - 1.0, 1.0)
    return outcome.e2e_s / served.tokens


def criteria(slo: Sequence[Objective], *, attainment: float | None) -> tuple[Criterion, ...]:
    """Return what is asked: each objective by itself, or a share of requests that keep all of them at once."""
    if attainment is None:
        return tuple(Criterion((limit,), limit.percentile) for limit in slo)
    return (Criterion(tuple(slo), attainment),)


@dataclass(frozen=True)
class Verdict:
    """How a fleet fared on one criterion. `share` is the share of requests within the limits, for people to read."""

    criterion: Criterion
    margin: Share
    share: Share

    @property
    def passes(self) -> bool:
        """Whether the whole interval keeps what is asked, widened for several looks."""
        return self._widened.above(self.criterion.bar)

    @property
    def fails(self) -> bool:
        """Whether the whole interval misses it."""
        return self._widened.below(self.criterion.bar)

    @property
    def _widened(self) -> Share:
        at = self.margin
        return Share(at.value, at.value - LOOKS * (at.value - at.low), at.value + LOOKS * (at.high - at.value))


@dataclass(frozen=True)
class Judgment:
    """All runs of a fleet of one size."""

    runs: tuple[Served, ...]
    verdicts: tuple[Verdict, ...]
    exact: bool

    @property
    def passes(self) -> bool:
        """Whether it keeps everything for sure. A replayed trace has no chance in it: its own share counts."""
        if self.exact:
            return self.likely
        return all(verdict.passes for verdict in self.verdicts)

    @property
    def fails(self) -> bool:
        """Whether it misses something for sure."""
        if self.exact:
            return not self.passes
        return any(verdict.fails for verdict in self.verdicts)

    @property
    def likely(self) -> bool:
        """Whether it keeps everything as far as the middle of the intervals tells."""
        return all(v.margin.value >= v.criterion.bar for v in self.verdicts)

    @property
    def tightest(self) -> Verdict:
        """The criterion with the least room between its interval and what is asked."""
        return min(self.verdicts, key=lambda v: v.margin.low - v.criterion.bar)

    @property
    def requests(self) -> int:
        """Requests counted."""
        return sum(run.tokens.size for run in self.runs)

    def quantile_s(self, p: float) -> float:
        """Return a percentile of the end-to-end time."""
        return float(np.quantile(self.e2e_s, p))

    @cached_property
    def e2e_s(self) -> FloatArray:
        """End-to-end times of all runs."""
        return np.concatenate([run.outcome.e2e_s for run in self.runs])

    @cached_property
    def ttft_s(self) -> FloatArray:
        """Times to first text of all runs."""
        return np.concatenate([run.outcome.ttft_s for run in self.runs])

    @cached_property
    def tokens(self) -> FloatArray:
        """Output tokens of all requests."""
        return np.concatenate([run.tokens for run in self.runs])


@dataclass
class Effort:
    """Requests that may still be simulated for one question, and for one plan of it.

    Once they are spent, every judgment makes do with two runs. That happens where attainment hardly depends on the size of a
    fleet, so that many sizes are ties.
    """

    left: int = 2_500_000
    of_a_plan: int = 400_000

    def most_runs(self, wanted: int, *, spent: int) -> int:
        """Return how many runs a judgment of a plan may take that has spent so many requests."""
        return wanted if self.left > 0 and spent < self.of_a_plan else min(wanted, LEAST_RUNS)


@dataclass(frozen=True)
class Trials:
    """Simulated fleets of one serving deployment, of any size and at any rate, each judged once.

    `patient` trials go on to the last run, or to `most_requests`, however clear the case is.
    """

    replay: Replay
    asked: tuple[Criterion, ...]
    seed: int
    patient: bool = False
    most_requests: int = MOST_REQUESTS
    effort: Effort = field(default_factory=Effort)
    judged: dict[tuple[int, float, int], Judgment] = field(default_factory=dict, repr=False)

    def at(self, replicas: int, rate_rps: float, *, most_runs: int = MOST_RUNS) -> Judgment:
        """Return how a fleet fares: runs grow until the intervals tell whether it keeps what is asked.

        Raises
        ------
        Unstable
            If the rate reaches what the replicas can complete.
        """
        key, short = (replicas, rate_rps, most_runs), self.judged.get((replicas, rate_rps, LEAST_RUNS))
        if short is not None and most_runs >= LEAST_RUNS and (short.passes or short.fails) and not self.patient:
            return short
        if key not in self.judged:
            spent = sum(judgment.requests for judgment in self.judged.values())
            self.judged[key] = self._judge(replicas, rate_rps, most_runs=self.effort.most_runs(most_runs, spent=spent))
            self.effort.left -= self.judged[key].requests
        return self.judged[key]

    @cached_property
    def hopeless(self) -> bool:
        """Whether requests miss something even with a replica for themselves: exact, each request counts once."""
        served, diffuses = self.replay.alone(), self.replay.serving.curve.deployment.diffuses
        return any(c.margins(served, diffuses=diffuses).mean() < c.bar for c in self.asked)

    def _judge(self, replicas: int, rate_rps: float, *, most_runs: int) -> Judgment:
        load = self.replay.serving.predict(rate_rps, replicas=replicas)
        present = load.in_system * min(replicas, MOST_REPLICAS_SIMULATED)
        requests = max(LEAST_REQUESTS, int(REQUESTS_PER_PRESENT * present), self._memory(load))
        runs: list[Served] = []
        while True:
            judgment = self._judged(self._more(runs, load, rate_rps, replicas=replicas, requests=requests))
            told = judgment.exact or judgment.fails or (judgment.passes and len(runs) >= LEAST_RUNS)
            if (told and not self.patient) or len(runs) >= most_runs or judgment.requests >= self.most_requests:
                return judgment

    def _memory(self, load: Load) -> int:
        """Return how many requests a first run must have at least, so that it outlasts the memory of the queue."""
        free = 1.0 - load.state.utilization
        return int(min(RELAXATIONS * (load.arrival_scv + self.replay.serving.work_scv) / free**2, MOST_REQUESTS / 2))

    def _more(
        self, runs: list[Served], load: Load, rate_rps: float, *, replicas: int, requests: int
    ) -> Sequence[Served]:
        """Add a run, later ones longer: seeds differ by run, fleets of other sizes share them."""
        runs.append(
            self.replay.run(
                rate_rps,
                replicas=replicas,
                requests=min(requests * GROWTH[len(runs)], self.most_requests),
                seed=self.seed + len(runs) * SEED_STRIDE,
                present=min(load.in_system, float(self.replay.serving.slots)),
            )
        )
        return runs

    def _judged(self, runs: Sequence[Served]) -> Judgment:
        serving = self.replay.serving
        diffuses = serving.curve.deployment.diffuses
        verdicts = tuple(verdict_of(criterion, runs, diffuses=diffuses) for criterion in self.asked)
        return Judgment(tuple(runs), verdicts, exact=serving.arriving.replays)


def verdict_of(criterion: Criterion, runs: Sequence[Served], *, diffuses: bool) -> Verdict:
    """Return how some runs fared on a criterion."""
    margins = [criterion.margins(run, diffuses=diffuses) for run in runs]
    if criterion.target is None:
        kept = [(values >= 0.0).astype(np.float64) for values in margins]
        return Verdict(criterion, _interval(margins), _share(kept))
    share = _share(margins)
    return Verdict(criterion, share, share)


def _share(kept: Sequence[FloatArray]) -> Share:
    return _no_surer(_interval(kept), requests=sum(run.size for run in kept))


def _interval(values: Sequence[FloatArray]) -> Share:
    """Return the mean over all runs with its interval, from batches of one length."""
    size = max(min(run.size for run in values) // BATCHES, 1)
    return interval(np.concatenate([batch_means(run, batches=max(run.size // size, 1)) for run in values]))


RARE = 4.6
"""Misses that a sample without any is still compatible with, at 99 %: -ln(0.01)."""


def _no_surer(share: Share, *, requests: int) -> Share:
    """Return a share no surer than independent requests allow: many batches without a miss look like certainty."""
    p = min(share.value, 1.0 - 1.0 / requests)
    half = Z_99 * sqrt(p * (1.0 - p) / requests)
    low = min(share.low, share.value - half, 1.0 - RARE / requests)
    return Share(share.value, max(low, 0.0), min(max(share.high, share.value + half), 1.0))

"""Replicas of one deployment under open-loop load: latencies at a rate, and whether objectives hold.

Composes a curve (physics and evidence) with queueing. `Serving.predict` answers the direction from rate to latency,
`Serving.capacity_rps` and `Serving.replicas` the inverse one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.slo import Metric, Objective
from advisor.queueing import (
    MAX_LOAD,
    Law,
    Limit,
    SizeBins,
    Station,
    Stationary,
    Unstable,
    capacity,
    partial_law,
    pool,
    prefill_law,
    replicas_needed,
    size_bins,
    sojourn_law,
    solve,
    squared_cv,
)
from advisor.usecases.curves import GRID

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from advisor.usecases.curves import Curve

    FloatArray = NDArray[np.float64]

MOST_REPLICAS = 4096
NO_LOAD = 1e-9

EASING = 1.5
"""Share by which a tail is widened in a bound: binned requests have a lighter tail than the requests themselves."""


@dataclass(frozen=True)
class Load:
    """A fleet at one arrival rate: the solved queue, and the laws of each latency, worked out when asked for."""

    curve: Curve
    replicas: int
    state: Stationary

    @cached_property
    def in_service(self) -> float:
        """Requests in service per replica, on average."""
        return max((self.state.mean_in_system - self.state.mean_waiting) / self.replicas, 1.0)

    @property
    def prefill_share(self) -> float:
        """Share of each replica's time that prompts take."""
        own_s = float(self.curve.own_prefill_s(self.in_service).mean())
        return self.state.arrival_rps / self.replicas * own_s

    @cached_property
    def _work_s(self) -> FloatArray:
        return self.curve.request_work_s(self.in_service)

    @cached_property
    def _bins(self) -> SizeBins:
        return size_bins(self._work_s)

    @cached_property
    def _sizes(self) -> FloatArray:
        binned = self._bins.average(self._work_s)
        return np.asarray(binned / binned.mean(), dtype=np.float64)

    @cached_property
    def _tokens(self) -> FloatArray:
        return self._bins.average(self.curve.work.output_tokens)

    @cached_property
    def e2e(self) -> Law:
        """Arrival to last token."""
        return sojourn_law(self.state, sizes=self._sizes)

    @cached_property
    def ttft(self) -> Law:
        """Arrival to first token, or to first canvas."""
        if self.curve.deployment.diffuses:
            return partial_law(self.state, sizes=self._sizes, fractions=self._first_share)
        prompts = self.curve.work.prompt_tokens
        return prefill_law(
            self.state,
            step_s=self.curve.at(self.curve.step_s, self.in_service),
            prefill_s_per_token=self.curve.at(self.curve.prefill_s_per_token, self.in_service),
            input_tokens=size_bins(prompts).average(prompts),
            replicas=self.replicas,
        )

    @cached_property
    def _turns_s(self) -> FloatArray:
        """Time that the binned requests write, prefill of their own prompt aside."""
        return self._bins.average(self.curve.turns_s(self.in_service))

    @property
    def _turns_share(self) -> FloatArray:
        return self._turns_s / self._bins.average(self._work_s)

    @property
    def _first_share(self) -> FloatArray:
        """Share of the work that is done when the first text shows: the own prompt and the first canvas."""
        own_s = self._bins.average(self._work_s) - self._turns_s
        first_s = self._bins.average(self.curve.work.first_turn_share * self.curve.turns_s(self.in_service))
        return np.minimum((own_s + first_s) / self._bins.average(self._work_s), 1.0)

    @cached_property
    def decode(self) -> Law:
        """First token to last token: decoding alone, no wait for a slot and no prefill."""
        share = self._turns_share
        return Law(self.e2e.means_s * share, self.e2e.variances_s2 * share**2, 0.0, 0.0)

    @cached_property
    def _by_token(self) -> SizeBins:
        """Bins by time per token: in bins by work, short replies to long prompts would vanish among others."""
        return size_bins(self._work_s / self.curve.work.output_tokens)

    def _per_token_law(self, *, decoding: bool) -> Law:
        work_s = self._by_token.average(self._work_s)
        law = sojourn_law(self.state, sizes=work_s / work_s.mean())
        if not decoding:
            return law
        share = self._by_token.average(self.curve.turns_s(self.in_service)) / work_s
        return Law(law.means_s * share, law.variances_s2 * share**2, 0.0, 0.0)

    def mean_per_token_s(self, law: Law) -> float:
        """Return the mean over requests of a time divided by the request's own output tokens [s]."""
        wait_s = law.wait_probability * law.wait_given_wait_s
        return float(((law.means_s + wait_s) / self._tokens).mean())

    def meets(self, objective: Objective) -> bool:
        """Return whether an objective holds. TPOT of a block-diffusion model is judged as NTPOT."""
        if objective.metric is Metric.E2E:
            return Limit(statistic=objective.percentile, limit_s=objective.limit_s).met_by(self.e2e)
        if objective.metric is Metric.TTFT:
            return Limit(statistic=objective.percentile, limit_s=objective.limit_s).met_by(self.ttft)
        per_token = objective.metric is Metric.TPOT and not self.curve.deployment.diffuses
        if objective.percentile is None:
            return self.mean_per_token_s(self.decode if per_token else self.e2e) <= objective.limit_s
        limits_s = self._by_token.average(self.curve.work.output_tokens) * objective.limit_s
        return self._per_token_law(decoding=per_token).cdf_each(limits_s) >= objective.percentile


@dataclass(frozen=True)
class Serving:
    """A deployment with its slots: one replica's station, and any number of them behind least-outstanding routing."""

    curve: Curve
    slots: int

    @cached_property
    def station(self) -> Station:
        """One replica."""
        return Station(self.curve.rates_rps[: self.slots])

    @cached_property
    def work_scv(self) -> float:
        """Squared coefficient of variation of the requests' work."""
        return squared_cv(self.curve.request_work_s(self.slots / 2.0))

    @cached_property
    def _pooled(self) -> Callable[[int], Station]:
        return lru_cache(maxsize=64)(lambda replicas: pool(self.station, replicas=replicas))

    def predict(self, rate_rps: float, *, replicas: int) -> Load:
        """Return the fleet at a rate.

        Raises
        ------
        Unstable
            If the rate reaches what the replicas can complete.
        """
        station = self._pooled(replicas)
        least_rps = NO_LOAD * station.saturation_rps  # below it waits vanish in rounding
        state = solve(station, arrival_rps=max(rate_rps, least_rps), work_scv=self.work_scv)
        return Load(self.curve, replicas, state)

    def meets(self, slo: Sequence[Objective], rate_rps: float, *, replicas: int) -> bool:
        """Return whether all objectives hold at a rate; an overloaded fleet meets none."""
        try:
            load = self.predict(rate_rps, replicas=replicas)
            return all(load.meets(objective) for objective in slo)
        except Unstable:
            return False

    def replicas(self, slo: Sequence[Objective], rate_rps: float, *, most: int = MOST_REPLICAS) -> int | None:
        """Return the fewest replicas that keep all objectives at a rate, or None."""
        return replicas_needed(
            arrival_rps=rate_rps,
            saturation_rps=MAX_LOAD * self.station.saturation_rps,
            meets=lambda count: self.meets(slo, rate_rps, replicas=count),
            most=most,
        )

    def capacity_rps(self, slo: Sequence[Objective], *, replicas: int) -> float:
        """Return the largest rate at which the replicas keep all objectives; 0 if none."""
        return capacity(self._pooled(replicas), meets=lambda rate: self.meets(slo, rate, replicas=replicas))


def most_in_service(curve: Curve, slo: Sequence[Objective]) -> float:
    """Return how many requests a replica may have in service before an objective breaks without any fluctuation.

    In a large fleet every replica always has about as many, and requests take their work's time. Fluctuations only
    make latencies longer, so no fleet keeps more in service on average. TTFT sets no such limit here.
    """
    limits = [_most_for(curve, objective) for objective in slo if objective.metric is not Metric.TTFT]
    return max(min(limits, default=float(GRID[-1])), 1.0)


def _most_for(curve: Curve, objective: Objective) -> float:
    decoding = objective.metric is Metric.TPOT and not curve.deployment.diffuses
    figure_s = curve.grid_turns_s if decoding else curve.grid_work_s
    if objective.metric is not Metric.E2E:
        figure_s = figure_s / curve.work.output_tokens
    eased = None if objective.percentile is None else 1.0 - EASING * (1.0 - objective.percentile)
    if eased is not None and eased <= 0.0:
        return float(GRID[-1])
    shown_s = np.maximum.accumulate(_statistic(figure_s, objective.model_copy(update={"percentile": eased})))
    return float(np.interp(objective.limit_s, shown_s, GRID))


def _statistic(values: FloatArray, objective: Objective) -> FloatArray:
    """Return mean or percentile along the last axis. np.quantile would load numpy.ma: 15 ms for nothing."""
    if objective.percentile is None:
        return np.asarray(values.mean(axis=1), dtype=np.float64)
    rank = ceil(objective.percentile * values.shape[1]) - 1
    return np.asarray(np.partition(values, rank, axis=1)[:, rank], dtype=np.float64)


def idle_latency_s(curves: Sequence[Curve], objective: Objective) -> FloatArray:
    """Return the statistic of an objective on idle replicas [s], one per curve: no load makes it better.

    One vectorized call for all deployments of a contender; what fails here needs no sizing.
    """
    work = curves[0].work
    turn_s = np.array([c.turn_s[0] for c in curves])[:, None]
    prompt_s = np.array([c.prefill_s_per_token[0] for c in curves])[:, None] * work.prompt_tokens
    step_s = np.array([c.step_s[0] for c in curves])[:, None]
    total_s = work.turns * turn_s + prompt_s
    diffuses = curves[0].deployment.diffuses
    first_s = work.first_turn_share * work.turns * turn_s if diffuses else step_s
    per_token_s = total_s / work.output_tokens
    figures = {
        Metric.E2E: total_s,
        Metric.NTPOT: per_token_s,
        Metric.TPOT: per_token_s if diffuses else turn_s + np.zeros_like(total_s),
        Metric.TTFT: prompt_s + first_s,
    }
    return _statistic(figures[objective.metric], objective)

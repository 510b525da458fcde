"""Replicas of one deployment under open-loop load: latencies at a rate, and whether objectives hold.

Composes a curve (physics and evidence) with queueing. `Serving.predict` answers the direction from rate to latency,
`Serving.capacity_rps` and `Serving.replicas` the inverse one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.slo import Metric, Objective
from advisor.queueing import (
    MAX_LOAD,
    FleetState,
    Law,
    Limit,
    SizeBins,
    Station,
    Stationary,
    Traffic,
    Unstable,
    admission_delay_s,
    capacity,
    fleet_state,
    partial_law,
    pool,
    prefill_law,
    replicas_needed,
    size_bins,
    sojourn_law,
    squared_cv,
    weaknesses,
)
from advisor.usecases.arriving import POISSON, Arriving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from advisor.usecases.curves import Curve

    FloatArray = NDArray[np.float64]

MOST_REPLICAS = 4096
NO_LOAD = 1e-9


@dataclass(frozen=True)
class Load:
    """A fleet at one arrival rate: the solved queue, and the laws of each latency, worked out when asked for.

    `fleet` is the station that stands for it and how many replicas that covers, `slots` those of one replica, `arrival_scv`
    the burstiness it was solved with.
    """

    curve: Curve
    fleet: FleetState
    slots: int
    arrival_scv: float = 1.0

    @property
    def state(self) -> Stationary:
        """The solved station: one replica, or all of them as one."""
        return self.fleet.state

    @property
    def in_system(self) -> float:
        """Requests in service and waiting per replica, on average."""
        return self.state.mean_in_system / self.fleet.replicas

    @cached_property
    def in_service(self) -> float:
        """Requests in service per replica, on average, at least one."""
        return max((self.state.mean_in_system - self.state.mean_waiting) / self.fleet.replicas, 1.0)

    @property
    def prefill_share(self) -> float:
        """Share of each replica's time that prompts take."""
        own_s = float(self.curve.own_prefill_s(self.in_service).mean())
        return self.state.arrival_rps / self.fleet.replicas * own_s

    def weaknesses(self, limits: Iterable[Objective]) -> tuple[str, ...]:
        """Return why formulas must not be trusted here, nothing where they may be."""
        return tuple(
            weaknesses(
                load=self.state.utilization,
                arrival_scv=self.arrival_scv,
                prefill_share=self.prefill_share,
                first_token=any(limit.metric is Metric.TTFT for limit in limits),
                slots=self.slots,
            )
        )

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
        return self._admitted(sojourn_law(self.state, sizes=self._sizes))

    def _admitted(self, law: Law) -> Law:
        """Return a law after the wait for the end of the iteration under way, for those that join others."""
        mean_s, second_s2 = admission_delay_s(
            step_s=self.curve.at(self.curve.step_s, self.in_service),
            rate_rps=self.state.arrival_rps / self.fleet.replicas,
            prompts_s=self.curve.own_prefill_s(self.in_service),
        )
        share = self.state.join_probability
        return law.delayed(mean_s=share * mean_s, second_s2=share * second_s2)

    @cached_property
    def ttft(self) -> Law:
        """Arrival to first token, or to first canvas, as the user's own open-loop runs correct it."""
        return self._first_text.scaled(self.curve.ttft_factor)

    @property
    def _first_text(self) -> Law:
        if self.curve.deployment.diffuses:
            return self._admitted(partial_law(self.state, sizes=self._sizes, fractions=self._first_share))
        prompts = self.curve.work.prompt_tokens
        return prefill_law(
            self.state,
            step_s=self.curve.at(self.curve.step_s, self.in_service),
            prefill_s_per_token=self.curve.at(self.curve.prefill_s_per_token, self.in_service),
            input_tokens=size_bins(prompts).average(prompts),
            replicas=self.fleet.replicas,
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
        share, law = self._turns_share, sojourn_law(self.state, sizes=self._sizes)
        return Law(law.means_s * share, law.variances_s2 * share**2, 0.0, 0.0)

    @cached_property
    def _by_token(self) -> SizeBins:
        """Bins by time per token: in bins by work, short replies to long prompts would vanish among others."""
        return size_bins(self._work_s / self.curve.work.output_tokens)

    def _per_token_law(self, *, decoding: bool) -> Law:
        work_s = self._by_token.average(self._work_s)
        law = sojourn_law(self.state, sizes=work_s / work_s.mean())
        if not decoding:
            return self._admitted(law)
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
    """A deployment with its slots: one replica's station, and any number of them behind a router."""

    curve: Curve
    slots: int
    arriving: Arriving = POISSON

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

    @property
    def log_sd(self) -> float:
        """Spread of the speed with every slot busy: standard deviation of its logarithm."""
        return self.curve.grounds.log_sd_at(self.slots)

    @property
    def secure_share(self) -> float:
        """Share of saturation that may be used: what is left should the speed be at the low end of its interval."""
        return secure_share(self.log_sd)

    def predict(self, rate_rps: float, *, replicas: int) -> Load:
        """Return the fleet at a rate.

        Raises
        ------
        Unstable
            If the rate reaches what the replicas can complete.
        """
        rate_rps = max(rate_rps, NO_LOAD * self.station.saturation_rps * replicas)  # below it waits vanish in rounding
        if not self.arriving.replays:
            return self._load(rate_rps, replicas, self.arriving.scv)
        load = self._load(rate_rps, replicas, 1.0)
        for _ in range(2):  # bursts lengthen the sojourn, and with it the window in which bursts count
            load = self._load(rate_rps, replicas, self.arriving.scv_over(rate_rps * load.e2e.mean()))
        return load

    def _load(self, rate_rps: float, replicas: int, scv: float) -> Load:
        traffic = Traffic(arrival_rps=rate_rps, work_scv=self.work_scv, arrival_scv=scv)
        fleet = fleet_state(self._pooled, traffic, replicas=replicas, routing=self.arriving.routing)
        return Load(self.curve, fleet, self.slots, scv)

    def meets(self, slo: Sequence[Objective], rate_rps: float, *, replicas: int) -> bool:
        """Return whether all objectives hold at a rate; an overloaded fleet meets none."""
        try:
            load = self.predict(rate_rps, replicas=replicas)
            return all(load.meets(objective) for objective in slo)
        except Unstable:
            return False

    def replicas(self, slo: Sequence[Objective], rate_rps: float, *, most: int = MOST_REPLICAS) -> int | None:
        """Return the fewest replicas that keep all objectives at a rate and the interval below saturation, or None."""
        return replicas_needed(
            arrival_rps=rate_rps,
            saturation_rps=self.secure_share * self.station.saturation_rps,
            meets=lambda count: self.meets(slo, rate_rps, replicas=count),
            most=most,
        )

    def capacity_rps(self, slo: Sequence[Objective], *, replicas: int) -> float:
        """Return the largest rate at which the replicas keep all objectives and their interval; 0 if none."""
        return capacity(
            self._pooled(replicas),
            meets=lambda rate: self.meets(slo, rate, replicas=replicas),
            max_load=self.secure_share,
        )


Z_80 = 1.2815515655446004
"""90th percentile of the standard normal law: minus and plus so many standard deviations enclose 80 %."""


def secure_share(log_sd: float) -> float:
    """Return the share of saturation that may be used, given the spread of the speed (standard deviation of its log).

    The interval of 80 % then ends below saturation: with one chance in ten the fleet is slower than that.
    """
    return min(exp(-Z_80 * log_sd), MAX_LOAD)

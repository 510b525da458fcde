"""How many replicas a plan needs, were its deployment faster or slower than estimated.

All times of a deployment that is `phi` times as fast are divided by `phi`. It keeps a limit at a rate exactly where the one
as estimated keeps `phi` times that limit at the rate divided by `phi`: sizing needs no new curve (methods section 3.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, exp
from typing import TYPE_CHECKING

import numpy as np

from advisor.evidence.anchors import RUN_LOG_SD
from advisor.queueing import Unstable, replicas_needed
from advisor.usecases.serving import MOST_REPLICAS, secure_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.domain.slo import Objective
    from advisor.usecases.plans import Plan

    FloatArray = NDArray[np.float64]

STEP = 0.02
"""Width of log speed to which the moment is known at which a replica more is needed: a tenth of a usual spread."""

ALIKE_SHARE = 0.1
"""Difference between neighbouring fleets up to which those between are interpolated, as powers of the speed."""

ENDS = (0.005, 0.995)
"""Quantiles of the draws between which sizes are worked out; beyond them stands that of the nearest end."""

KNOWN_SHARE = secure_share(RUN_LOG_SD)
"""Share of saturation that is used once a speed was measured: its scatter stays."""


@dataclass(frozen=True, eq=False)
class Needs:
    """Replicas needed by log speed factor, spares not counted: shape ``(levels,)`` each, by rising factor.

    Infinite where no number of replicas keeps the objectives.
    """

    log_factors: FloatArray
    replicas: FloatArray

    def at(self, log_factors: FloatArray) -> FloatArray:
        """Return whole replicas at some log factors; outside the known range those of its nearest end."""
        nearest = np.searchsorted(self.log_factors, log_factors, side="right") - 1
        low = np.clip(nearest, 0, self.log_factors.size - 2)
        left, right = self.replicas[low], self.replicas[low + 1]
        width = self.log_factors[low + 1] - self.log_factors[low]
        share = np.clip((log_factors - self.log_factors[low]) / width, 0.0, 1.0)
        with np.errstate(invalid="ignore"):
            between = np.rint(np.exp((1.0 - share) * np.log(left) + share * np.log(right)))
        return np.asarray(np.where(np.isfinite(left) & np.isfinite(right), between, np.where(share < 1.0, left, right)))


Matters = Callable[[float, float, float], bool]
"""Whether it matters how many replicas are needed between two log factors, where it is at least so many."""


def always(low: float, high: float, fewest: float) -> bool:  # noqa: ARG001 - one answer for all
    """Say that it matters."""
    return True


def needs_of(sizing: Sizing, log_factors: FloatArray, *, matters: Matters = always) -> Needs:
    """Return what a plan needs at the log speed factors of some draws, and between them.

    The size that the simulation settled on differs from that by formula by some replicas; the difference stays. Where it does
    not matter how many there are, no more is known than that there are at least as many as at the upper factor.
    """
    low, high = log_range(log_factors)
    points = {high: sizing.at_best(high)}

    def split(low: float, high: float) -> None:
        """Size between two factors until neighbours hardly differ, or lie so near that it does not matter."""
        most, least = points[low], points[high]
        alike = most == least or (np.isfinite(most) and most - least <= ALIKE_SHARE * most)
        if alike or high - low <= STEP or not matters(low, high, sizing.settled(least)):
            return
        middle = (low + high) / 2.0
        points[middle] = sizing.needed(middle, least=least, most=most)
        split(low, middle)
        split(middle, high)

    points[low] = sizing.needed(low)
    split(low, high)
    known = sorted(points)
    return Needs(np.array(known), np.array([sizing.settled(points[x]) for x in known]))


@dataclass(frozen=True, eq=False)
class Sizing:
    """The fewest replicas of a plan by formula, spares not counted, were its deployment faster or slower.

    `shift` is what the simulation added to the size by formula.
    """

    plan: Plan
    shift: float = 0.0
    _at_best: dict[float, float] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, plan: Plan) -> Sizing:
        """Return the sizing of a plan that is as large as it is."""
        if plan.trials is None:
            return cls(plan)
        by_formula = cls(plan).needed(0.0, usable_share=plan.serving.secure_share)
        return cls(plan, plan.needed - by_formula if np.isfinite(by_formula) else 0.0)

    def needed(
        self, log_factor: float, *, least: float = 1.0, most: float = np.inf, usable_share: float = KNOWN_SHARE
    ) -> float:
        """Return the fewest replicas between two bounds that hold for sure, infinite if none do."""
        factor, serving = exp(log_factor), self.plan.serving
        rate_rps = self.plan.rate_rps / factor
        limits = tuple(scaled(limit, factor) for limit in self.plan.question.limits)

        def meets(count: int) -> bool:
            return serving.meets(limits, rate_rps, replicas=count)

        stable = ceil(rate_rps / (usable_share * serving.station.saturation_rps))
        low = max(int(least), stable, 1)
        if meets(low):
            return float(low) if low <= self._most else np.inf
        if not np.isfinite(most):
            return self._search(rate_rps, usable_share, meets)
        return float(_bisected(low, int(most), meets))

    def settled(self, by_formula: float) -> float:
        """Return the replicas that the simulation makes of a number by formula."""
        return max(by_formula + self.shift, 1.0)

    def at_best(self, log_factor: float) -> float:
        """Return the fewest replicas of a deployment that is no slower than estimated: no more than planned."""
        if log_factor not in self._at_best:
            self._at_best[log_factor] = self.needed(log_factor, most=max(self.plan.needed - self.shift, 1.0))
        return self._at_best[log_factor]

    def _search(self, rate_rps: float, usable_share: float, meets: Callable[[int], bool]) -> float:
        found = replicas_needed(
            arrival_rps=rate_rps,
            saturation_rps=usable_share * self.plan.serving.station.saturation_rps,
            meets=meets,
            most=self._most,
        )
        return np.inf if found is None else float(found)

    @property
    def _most(self) -> int:
        gpus, plan = self.plan.question.max_gpus, self.plan
        return MOST_REPLICAS if gpus is None else max(gpus // plan.deployment.tensor_parallel - plan.spares, 1)


def _bisected(broken: int, enough: int, meets: Callable[[int], bool]) -> int:
    """Return the fewest replicas that do, between some that do not and some that do."""
    while enough - broken > 1:
        middle = (broken + enough) // 2
        broken, enough = (broken, middle) if meets(middle) else (middle, enough)
    return enough


def scaled(limit: Objective, factor: float) -> Objective:
    """Return a limit times a factor."""
    return limit.model_copy(update={"limit_s": limit.limit_s * factor})


def e2e_p95_s(plan: Plan, log_factor: float) -> float | None:
    """Return the plan's e2e p95 as planned, were it faster or slower; None where its load would exceed saturation."""
    factor = exp(log_factor)
    try:
        load = plan.serving.predict(plan.question.peak_qps / factor, replicas=plan.replicas)
    except Unstable:
        return None
    nominal = plan.load.e2e.quantile(0.95)
    return plan.e2e_p95_s / nominal * load.e2e.quantile(0.95) / factor


def log_range(log_factors: FloatArray) -> tuple[float, float]:
    """Return the log factors between which nearly all draws lie, the estimate itself included."""
    low, high = np.quantile(log_factors, ENDS).tolist()
    return min(low, 0.0) - STEP, max(high, 0.0) + STEP

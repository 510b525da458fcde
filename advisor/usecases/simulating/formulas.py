"""What the queueing formulas say of a simulated load, beside what the simulation says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.simulation import ByFormula
from advisor.usecases.simulating.offered import load_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.domain.simulation import SimulationQuestion
    from advisor.usecases.serving import Load, Serving

    FloatArray = NDArray[np.float64]

MS = 1e3
HALVINGS = 40


@dataclass(frozen=True)
class Mixture:
    """Loads that the fleet has in turn, each for a share of the requests."""

    parts: tuple[tuple[float, Load], ...]

    def mean_s(self) -> float:
        """Return the mean end-to-end time over all requests."""
        return sum(share * load.e2e.mean() for share, load in self.parts)

    def quantile_s(self, p: float) -> float:
        """Return a percentile of the end-to-end time over all requests, by bisection between those of the parts."""
        each_s = [load.e2e.quantile(p) for _, load in self.parts]
        low_s, high_s = min(each_s), max(each_s)
        for _ in range(HALVINGS if high_s > low_s else 0):
            middle_s = (low_s + high_s) / 2.0
            within = sum(share * load.e2e.cdf(middle_s) for share, load in self.parts)
            low_s, high_s = (middle_s, high_s) if within < p else (low_s, middle_s)
        return high_s


def mixture(question: SimulationQuestion, serving: Serving, rate_rps: float) -> Mixture | None:
    """Return the load of each hour, or the one load of a constant rate; None where the fleet is overloaded in one."""
    shares = Counter(question.daily.shares_of_mean if question.daily else (1.0,))
    busy = [
        (share * count, load_at(serving, rate_rps * share, replicas=question.replicas))
        for share, count in shares.items()
    ]
    total = sum(weight for weight, _ in busy)
    parts = tuple((weight / total, load) for weight, load in busy if load is not None and weight)
    return Mixture(parts) if len(parts) == sum(1 for weight, _ in busy if weight) else None


def by_formula(question: SimulationQuestion, mixed: Mixture, *, e2e_s: FloatArray) -> ByFormula:
    """Return the formulas' figures beside those of simulated requests."""
    said_s = np.array([mixed.mean_s(), mixed.quantile_s(0.95), mixed.quantile_s(0.99)])
    seen_s = np.array([e2e_s.mean(), *np.quantile(e2e_s, (0.95, 0.99))])
    mean_ms, p95_ms, p99_ms = (said_s * MS).tolist()
    mean_off, p95_off, p99_off = (said_s / seen_s - 1.0).tolist()
    return ByFormula(
        e2e_mean_ms=mean_ms,
        e2e_p95_ms=p95_ms,
        e2e_p99_ms=p99_ms,
        mean_off_share=mean_off,
        p95_off_share=p95_off,
        p99_off_share=p99_off,
        weak_because=_weaknesses(question, mixed),
    )


def _weaknesses(question: SimulationQuestion, mixed: Mixture) -> tuple[str, ...]:
    busiest = max((load for _, load in mixed.parts), key=lambda load: load.state.utilization)
    return busiest.weaknesses(question.slo)

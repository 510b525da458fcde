"""What an open-loop run of the user says about a prediction: measured over predicted, at the rate of that run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.prediction import Percentiles
from advisor.queueing import VALID_LOAD
from advisor.usecases.predicting.open_loop import Arrivals, Times

if TYPE_CHECKING:
    from advisor.domain.server_profile import Run
    from advisor.usecases.predicting.open_loop import OpenLoop

MS_PER_S = 1e3
PLAUSIBLE = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class Factor:
    """Measured over predicted, of the mean and of the 95th percentile; None: not measured."""

    mean: float | None = None
    p95: float | None = None

    def applied(self, to: Percentiles) -> Percentiles:
        """Return statistics corrected: the mean and p50 by the factor of the mean, p95 and p99 by that of p95.

        Where one was not measured the other stands in for it. Percentiles stay in order.
        """
        middle, tail = self.mean or self.p95 or 1.0, self.p95 or self.mean or 1.0
        p50 = to.p50 * middle
        p95 = max(to.p95 * tail, p50)
        return Percentiles(mean=to.mean * middle, p50=p50, p95=p95, p99=max(to.p99 * tail, p95))

    @property
    def odd(self) -> bool:
        """Whether one is below a half or above two."""
        low, high = PLAUSIBLE
        return any(factor is not None and not low <= factor <= high for factor in (self.mean, self.p95))

    @property
    def in_words(self) -> str:
        """``mean x1.21, p95 x1.10``."""
        named = (("mean", self.mean), ("p95", self.p95))
        return ", ".join(f"{name} x{factor:.3g}" for name, factor in named if factor is not None)


@dataclass(frozen=True, slots=True)
class Anchor:
    """An open-loop run with what it does to TTFT and e2e. `load` is its rate over saturation."""

    run: Run
    load: float
    ttft: Factor
    e2e: Factor

    def applied(self, to: Times) -> Times:
        """Return latencies corrected by this run."""
        return Times(self.ttft.applied(to.ttft_s) if to.ttft_s else None, self.e2e.applied(to.e2e_s))

    @property
    def weak(self) -> bool:
        """Whether the run was so loaded that the formulas it is compared with were not validated."""
        return self.load > VALID_LOAD

    @property
    def odd(self) -> bool:
        """Whether the run hardly describes the server of the profile."""
        return self.ttft.odd or self.e2e.odd

    @property
    def note(self) -> str:
        """What the run changed, as a sentence."""
        changed = [
            f"{name} {factor.in_words}" for name, factor in (("TTFT", self.ttft), ("e2e", self.e2e)) if factor.in_words
        ]
        return f"anchor at {self.run.request_rate_rps:g} requests/s to one replica: {'; '.join(changed)}"


def nearest(anchors: tuple[Run, ...], *, rate_rps: float, below_rps: float) -> Run | None:
    """Return the anchor to use at a rate per replica: the closest at or below it, else the closest above.

    Only anchors below ``below_rps``, the saturation rate, count.
    """
    usable = [run for run in anchors if run.request_rate_rps < below_rps]
    lower = [run for run in usable if run.request_rate_rps <= rate_rps]
    if lower:
        return max(lower, key=lambda run: run.request_rate_rps)
    return min(usable, key=lambda run: run.request_rate_rps, default=None)


def anchored(open_loop: OpenLoop, run: Run) -> Anchor:
    """Return what a run says: it was offered at random moments to one replica.

    Raises
    ------
    Unstable
        If its rate reaches saturation.
    """
    fleet = open_loop.fleet(Arrivals(rate_rps=run.request_rate_rps))
    times = open_loop.by_formula(fleet)
    ttft_s = times.ttft_s
    return Anchor(
        run,
        load=fleet.state.utilization,
        ttft=_factor(_seconds(run.ttft_mean_ms), _seconds(run.ttft_p95_ms), ttft_s) if ttft_s else Factor(),
        e2e=_factor(run.e2e_mean_s, run.e2e_p95_s, times.e2e_s),
    )


def _factor(mean_s: float | None, p95_s: float | None, predicted_s: Percentiles) -> Factor:
    return Factor(mean_s and mean_s / predicted_s.mean, p95_s and p95_s / predicted_s.p95)


def _seconds(figure_ms: float | None) -> float | None:
    return figure_ms and figure_ms / MS_PER_S

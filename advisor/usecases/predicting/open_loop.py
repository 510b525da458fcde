"""An open loop in front of a profiled server: what the formulas say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.prediction import Percentiles
from advisor.domain.routing import Routing
from advisor.queueing import FleetState, Law, Traffic, fleet_state, sojourn_law

if TYPE_CHECKING:
    from advisor.usecases.predicting.closed_loop import ClosedLoop
    from advisor.usecases.predicting.first_token import FirstToken

LEAST_LOAD = 1e-9
PERCENTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What arrives, and where it is sent. `scv` is the squared variation of the gaps."""

    rate_rps: float
    scv: float = 1.0
    replicas: int = 1
    routing: Routing = Routing.LEAST_OUTSTANDING


@dataclass(frozen=True, slots=True)
class Times:
    """Statistics of the latencies of one open loop [s]; None: not known."""

    ttft_s: Percentiles | None
    e2e_s: Percentiles


@dataclass(frozen=True)
class OpenLoop:
    """A profiled server under open-loop load. `first` is how its first token comes about; None: not known."""

    loop: ClosedLoop
    first: FirstToken | None

    def fleet(self, arrivals: Arrivals) -> FleetState:
        """Return the steady state.

        Raises
        ------
        Unstable
            If arrivals reach what the replicas complete.
        """
        least_rps = LEAST_LOAD * arrivals.replicas * self.loop.station.saturation_rps  # below, waits vanish in rounding
        traffic = Traffic(
            arrival_rps=max(arrivals.rate_rps, least_rps), work_scv=self.loop.work_scv, arrival_scv=arrivals.scv
        )
        return fleet_state(self.loop.pooled, traffic, replicas=arrivals.replicas, routing=arrivals.routing)

    def by_formula(self, fleet: FleetState) -> Times:
        """Return the statistics that the formulas give in a steady state.

        Raises
        ------
        Unstable
            If prompts alone take all of the time.
        """
        e2e = sojourn_law(fleet.state, sizes=self.loop.sizes)
        return Times(_statistics(self.first.law(fleet)) if self.first else None, _statistics(e2e))


def _statistics(law: Law) -> Percentiles:
    p50, p95, p99 = (law.quantile(p) for p in PERCENTILES)
    return Percentiles(mean=law.mean(), p50=p50, p95=p95, p99=p99)

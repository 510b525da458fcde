"""Plans: a deployment with slots, sized for a load and rented with an offer. Figures are worked out when asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from advisor.cost import Fleet, cheapest_fleet
from advisor.queueing import MAX_LOAD

if TYPE_CHECKING:
    from advisor.domain.deployment import Deployment
    from advisor.domain.offer import Offer
    from advisor.domain.question import Question
    from advisor.usecases.judging import Judgment, Trials
    from advisor.usecases.serving import Load, Serving


@dataclass(frozen=True, eq=False)
class Plan:
    """A sized and rented deployment. Figures are worked out when asked for.

    `replicas` include `spares`: the rest keeps the objectives. `offers` are those that it may be rented with. `trials` are its
    simulations, None where none are wanted.
    """

    serving: Serving
    deployment: Deployment
    replicas: int
    fleet: Fleet
    question: Question
    spares: int = 0
    offers: tuple[Offer, ...] = ()
    trials: Trials | None = None

    @property
    def needed(self) -> int:
        """Replicas that keep the objectives."""
        return self.replicas - self.spares

    @property
    def rate_rps(self) -> float:
        """Rate to size for: that of the busiest hour, enlarged by the headroom to keep."""
        return sizing_rate_rps(self.question)

    @property
    def usd(self) -> float:
        """Price per hour, for ordering."""
        return float(self.fleet.usd_per_hour)

    @property
    def gpus(self) -> int:
        """GPUs used."""
        return self.replicas * self.deployment.tensor_parallel

    @cached_property
    def load(self) -> Load:
        """The whole fleet at the asked rate, that of the busiest hour."""
        return self.serving.predict(self.question.peak_qps, replicas=self.replicas)

    @cached_property
    def weaknesses(self) -> tuple[str, ...]:
        """Why formulas must not be trusted at this load, nothing where they may be."""
        return self.load.weaknesses(self.question.slo)

    @cached_property
    def simulated(self) -> Judgment | None:
        """Runs that the latencies come from, where the formulas are weak; else nothing."""
        if self.trials is None or not self.weaknesses:
            return None
        return self.trials.at(self.replicas, self.question.peak_qps)

    @cached_property
    def e2e_p95_s(self) -> float:
        """95th percentile of end-to-end time at the asked rate."""
        return self.load.e2e.quantile(0.95) if self.simulated is None else self.simulated.quantile_s(0.95)

    @cached_property
    def one_down_e2e_p95_s(self) -> float | None:
        """The same with one replica down; None where the others cannot carry the load."""
        rate_rps, left = self.question.peak_qps, self.replicas - 1
        if rate_rps >= left * self.serving.station.saturation_rps * MAX_LOAD:
            return None
        load = self.serving.predict(rate_rps, replicas=left)
        if self.trials is None or not load.weaknesses(self.question.slo):
            return load.e2e.quantile(0.95)
        return self.trials.at(left, rate_rps, most_runs=1).quantile_s(0.95)

    @cached_property
    def capacity_rps(self) -> float:
        """Largest rate at which the fleet keeps all objectives."""
        return self.serving.capacity_rps(self.question.limits, replicas=self.replicas)

    @property
    def headroom(self) -> float:
        """Share of that capacity which the asked rate leaves; 0 where only the simulation finds the capacity sufficient."""
        return max(1.0 - self.question.peak_qps / self.capacity_rps, 0.0) if self.capacity_rps else 0.0

    @property
    def saturation_rps(self) -> float:
        """Rate beyond which queues grow without end."""
        return self.serving.station.saturation_rps * self.replicas

    def resized(self, needed: int, *, spares: int) -> Plan:
        """Return the same deployment with another number of replicas, rented anew.

        Raises
        ------
        ValueError
            If no offer holds a replica, which a plan rules out.
        """
        replicas, gpus = needed + spares, self.deployment.tensor_parallel
        fleet = cheapest_fleet(self.offers, replicas=replicas, gpus_per_replica=gpus)
        if fleet is None:
            raise ValueError("a plan can be rented in any number, or in none")
        return replace(self, replicas=replicas, spares=spares, fleet=fleet)


def sizing_rate_rps(question: Question) -> float:
    """Return the rate to size for: that of the busiest hour, enlarged by the headroom to keep."""
    return question.peak_qps / (1.0 - question.headroom)


def seconds(value_s: float) -> str:
    """Return a latency in the unit people read it in."""
    return f"{value_s:.2f} s" if value_s >= 1 else f"{value_s * 1e3:.3g} ms"

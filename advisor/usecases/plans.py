"""Plans: a deployment with slots, sized for a load and rented with an offer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from math import ceil, inf
from typing import TYPE_CHECKING

from advisor.cost import Fleet, cheapest_fleet, rent
from advisor.domain.answer import Rejected
from advisor.planning.ranking import TIE_SHARE
from advisor.planning.search import Option
from advisor.queueing import MAX_LOAD
from advisor.usecases.deployments import slots_on_offer, token_budget
from advisor.usecases.serving import MOST_REPLICAS, Load, Serving, idle_latency_s, most_in_service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from advisor.cost import PriceBook
    from advisor.domain.deployment import Deployment
    from advisor.domain.offer import Offer
    from advisor.domain.question import Question
    from advisor.usecases.curves import Curve
    from advisor.usecases.deployments import Fitting


@dataclass(frozen=True)
class Plan:
    """A sized and rented deployment. Figures are worked out when asked for."""

    serving: Serving
    deployment: Deployment
    replicas: int
    fleet: Fleet
    question: Question

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
        """The fleet at the asked rate."""
        return self.serving.predict(self.question.qps, replicas=self.replicas)

    @cached_property
    def e2e_p95_s(self) -> float:
        """95th percentile of end-to-end time at the asked rate."""
        return self.load.e2e.quantile(0.95)

    @cached_property
    def capacity_rps(self) -> float:
        """Largest rate at which the fleet keeps all objectives."""
        return self.serving.capacity_rps(self.question.slo, replicas=self.replicas)

    @property
    def headroom(self) -> float:
        """Share of that capacity which the asked rate leaves."""
        return max(1.0 - self.question.qps / self.capacity_rps, 0.0)

    @property
    def saturation_rps(self) -> float:
        """Rate beyond which queues grow without end."""
        return self.serving.station.saturation_rps * self.replicas


BOUND_MARGIN = 1.25
"""How far a bound from a fleet without fluctuations is relaxed, so that it stays below what sizing finds."""


@dataclass(frozen=True)
class Planner:
    """Turns the curves of a contender into options, and remembers why others dropped out.

    `cheapest_usd` holds the best price so far of each layout, so that what cannot beat it is not sized.
    """

    question: Question
    book: PriceBook
    rejected: list[Rejected]
    cheapest_usd: dict[tuple[str, str, int, str], float] = field(default_factory=dict)

    def options(self, fitting: Sequence[Fitting], curves: Sequence[Curve]) -> Iterator[Option[Plan]]:
        """Yield an option per deployment, slots and price basis, each with a lower bound of its price."""
        for item, curve, reason in zip(fitting, curves, self._too_slow(curves), strict=True):
            if reason:
                self._reject(item.deployment, "latency", reason)
                continue
            offers = self._rentable(item.deployment)
            if offers:
                yield from self._sized(item, curve, offers)

    def _too_slow(self, curves: Sequence[Curve]) -> list[str]:
        """Return per curve which objective fails on an idle replica, or nothing."""
        reasons = [""] * len(curves)
        for objective in self.question.slo:
            for i, idle_s in enumerate(idle_latency_s(curves, objective)):
                if not reasons[i] and idle_s > objective.limit_s:
                    reasons[i] = f"{objective.metric} {objective.statistic} is {seconds(idle_s)} even without load"
        return reasons

    def _rentable(self, deployment: Deployment) -> list[Shelf]:
        offers = self.book.offers(deployment.gpu.name)
        shelves = self.shelves(deployment.gpu.name, deployment.tensor_parallel)
        if not offers:
            self._reject(deployment, "price", f"no usable offer: {self.book.why_none(deployment.gpu.name)}")
        elif not shelves:
            self._reject(deployment, "shape", f"no offer has {deployment.tensor_parallel} GPUs in one shape")
        return shelves

    @cached_property
    def shelves(self) -> Callable[[str, int], list[Shelf]]:
        """Offers of a GPU whose shapes hold a replica, by price basis; worked out once per GPU and layout."""
        return cache(lambda gpu, gpus: shelves_of(self.book.offers(gpu), gpus_per_replica=gpus))

    def _sized(self, item: Fitting, curve: Curve, shelves: Sequence[Shelf]) -> Iterator[Option[Plan]]:
        offered = slots_on_offer(item.deployment, item.memory)
        for slots, top_rps in zip(offered, curve.top_rates_rps(offered), strict=True):
            least = max(ceil(self._rate_rps / (MAX_LOAD * top_rps)), 1)
            for shelf in shelves:
                floor_usd = shelf.least_usd(least)
                yield Option(floor_usd, partial(self._settle, item, curve, slots, shelf, floor_usd))

    @property
    def _rate_rps(self) -> float:
        """Rate to size for: the asked one, enlarged by the headroom to keep."""
        return self.question.qps / (1.0 - self.question.headroom)

    def _settle(self, item: Fitting, curve: Curve, slots: int, shelf: Shelf, floor_usd: float) -> Option[Plan] | None:
        """Return the option with the bound that the objectives set, which costs a tenth of sizing it."""
        if self._beaten(curve, shelf, floor_usd):
            return None
        busy = min(most_in_service(curve, self.question.slo), float(slots))
        least = max(ceil(self._rate_rps / curve.at(curve.grid_rates_rps, busy) / BOUND_MARGIN), 1)
        better_usd = max(shelf.least_usd(least), floor_usd)
        return Option(better_usd, partial(self._lead, item, curve, slots, shelf, better_usd))

    def _lead(self, item: Fitting, curve: Curve, slots: int, shelf: Shelf, floor_usd: float) -> Plan | None:
        """Size an option, unless its layout has a cheaper plan already."""
        if self._beaten(curve, shelf, floor_usd):
            return None
        plan = self._size(item, curve, slots, shelf)
        if plan is not None:
            layout = _layout(curve.deployment, shelf)
            self.cheapest_usd[layout] = min(plan.usd, self.cheapest_usd.get(layout, inf))
        return plan

    def _beaten(self, curve: Curve, shelf: Shelf, floor_usd: float) -> bool:
        return floor_usd > self.cheapest_usd.get(_layout(curve.deployment, shelf), inf) * (1 + TIE_SHARE)

    def _size(self, item: Fitting, curve: Curve, slots: int, shelf: Shelf) -> Plan | None:
        serving, gpus = Serving(curve, slots), item.deployment.tensor_parallel
        most = (self.question.max_gpus or MOST_REPLICAS) // gpus
        replicas = serving.replicas(self.question.slo, self._rate_rps, most=most) if most else None
        if replicas is None:
            within = (
                f"within {self.question.max_gpus} GPU(s)"
                if self.question.max_gpus
                else f"with {MOST_REPLICAS} replicas"
            )
            self._reject(item.deployment, "capacity", f"does not keep the objectives {within}")
            return None
        fleet = cheapest_fleet(shelf.offers, replicas=replicas, gpus_per_replica=gpus)
        budget = token_budget(item.deployment, slots)
        deployment = replace(item.deployment, max_num_seqs=slots, max_num_batched_tokens=budget)
        return Plan(serving, deployment, replicas, fleet, self.question) if fleet else None

    def _reject(self, deployment: Deployment, constraint: str, reason: str) -> None:
        gpus = deployment.tensor_parallel
        layout = deployment.gpu.name if gpus == 1 else f"{gpus}x {deployment.gpu.name}"
        self.rejected.append(
            Rejected(
                deployment=f"{deployment.contender} {deployment.checkpoint.precision} on {layout}",
                contender=deployment.contender,
                constraint=constraint,
                reason=reason,
            )
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """Offers of one price basis whose shapes hold a replica, with replicas per shape and price as plain numbers."""

    basis: str
    offers: tuple[Offer, ...]
    shapes: tuple[tuple[int, float], ...]

    def least_usd(self, replicas: int) -> float:
        """Return the price per hour of the cheapest way to rent that many replicas."""
        return min([usd * -(-replicas // held) for held, usd in self.shapes])


def _layout(deployment: Deployment, shelf: Shelf) -> tuple[str, str, int, str]:
    return (deployment.contender, deployment.gpu.name, deployment.tensor_parallel, shelf.basis)


def shelves_of(offers: Iterable[Offer], *, gpus_per_replica: int) -> list[Shelf]:
    """Return offers that hold a replica, grouped by price basis."""
    groups: dict[str, list[tuple[Offer, int, float]]] = {}
    for offer in offers:
        one = rent(offer, replicas=1, gpus_per_replica=gpus_per_replica)
        if one is not None:
            held = 1 if one.gpus_paid == gpus_per_replica else offer.gpu_count // gpus_per_replica
            groups.setdefault(offer.price_basis, []).append((offer, held, float(one.usd_per_hour)))
    return [
        Shelf(basis, tuple(offer for offer, _, _ in group), tuple((held, usd) for _, held, usd in group))
        for basis, group in groups.items()
    ]


def seconds(value_s: float) -> str:
    """Return a latency in the unit people read it in."""
    return f"{value_s:.2f} s" if value_s >= 1 else f"{value_s * 1e3:.3g} ms"

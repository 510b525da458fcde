"""From curves to plans: which deployments are sized at all, with which slots and offers, and what the simulation makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from math import ceil, inf
from typing import TYPE_CHECKING

from advisor.cost import cheapest_fleet, rent
from advisor.domain.answer import Rejected
from advisor.planning.ranking import TIE_SHARE
from advisor.planning.search import Option
from advisor.usecases.bounds import idle_latency_s, most_in_service
from advisor.usecases.deployments import slots_on_offer, token_budget
from advisor.usecases.plans import Plan, seconds, sizing_rate_rps
from advisor.usecases.serving import MOST_REPLICAS, Serving, secure_share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from advisor.cost import PriceBook
    from advisor.domain.deployment import Deployment
    from advisor.domain.offer import Offer
    from advisor.domain.question import Question
    from advisor.usecases.arriving import Arriving
    from advisor.usecases.curves import Curve
    from advisor.usecases.deployments import Fitting
    from advisor.usecases.judging import Effort
    from advisor.usecases.sparing import Spares


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
    arriving: Arriving
    spares: Spares
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
        for objective in self.question.limits:
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
            usable_rps = secure_share(curve.grounds.log_sd_at(slots)) * top_rps
            least = max(ceil(self._rate_rps / usable_rps), 1)
            for shelf in shelves:
                floor_usd = shelf.least_usd(least)
                yield Option(floor_usd, partial(self._settle, item, curve, slots, shelf, floor_usd))

    @cached_property
    def _rate_rps(self) -> float:
        return sizing_rate_rps(self.question)

    def _settle(self, item: Fitting, curve: Curve, slots: int, shelf: Shelf, floor_usd: float) -> Option[Plan] | None:
        """Return the option with the bound that the objectives set, which costs a tenth of sizing it."""
        if self._beaten(curve, shelf, floor_usd):
            return None
        busy = min(most_in_service(curve, self.question.limits), float(slots))
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
        budget = token_budget(item.deployment, slots)
        deployment = replace(item.deployment, max_num_seqs=slots, max_num_batched_tokens=budget)
        serving = Serving(curve, slots, self.arriving)
        most = self._most_needed(deployment, shelf.basis)
        needed = serving.replicas(self.question.limits, self._rate_rps, most=most) if most else None
        if needed is None:
            self._too_few(item.deployment)
            return None
        spares = self.spares.beside(needed, shelf.basis)
        fleet = cheapest_fleet(shelf.offers, replicas=needed + spares, gpus_per_replica=deployment.tensor_parallel)
        plan = partial(Plan, serving, deployment, needed + spares, question=self.question)
        return plan(fleet=fleet, spares=spares, offers=shelf.offers) if fleet else None

    def _too_few(self, deployment: Deployment) -> None:
        most = self.question.max_gpus
        within = f"within {most} GPU(s)" if most else f"with {MOST_REPLICAS} replicas"
        self._reject(deployment, "capacity", f"does not keep the objectives {within}")

    def confirmed(self, plan: Plan) -> Plan | None:
        """Return a plan of the size that the simulation confirms; None where no allowed size does."""
        from advisor.usecases import confirming  # noqa: PLC0415 - loaded only where simulations are wanted

        if not self.question.simulate:
            return plan
        basis = plan.fleet.offer.price_basis
        most = self._most_needed(plan.deployment, basis)
        found = confirming.smallest(
            plan, most=most, spares=lambda needed: self.spares.beside(needed, basis), effort=self._effort
        )
        if found is None:
            self._reject(
                plan.deployment, "simulation", "does not keep the objectives in simulation, however many replicas"
            )
        return found

    @cached_property
    def _effort(self) -> Effort:
        from advisor.usecases.judging import Effort  # noqa: PLC0415 - loaded only where simulations are wanted

        return Effort()

    def _most_needed(self, deployment: Deployment, basis: str) -> int:
        """Return how many replicas may be needed at most, spares not counted."""
        if self.question.max_gpus is None:
            return MOST_REPLICAS
        return self.spares.most_needed(self.question.max_gpus // deployment.tensor_parallel, basis)

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

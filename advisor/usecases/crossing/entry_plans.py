"""What the points of an axis rest on: plans of their cheapest entries, with sources, basis and warnings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.cost import cheapest_fleet
from advisor.cost.book import AGING_DAYS
from advisor.domain.answer import Caution, CitedSource
from advisor.domain.crossover import CostPoint
from advisor.domain.offer import Seller
from advisor.usecases.candidates import basis_of, sources_of
from advisor.usecases.cautions import outside_validity
from advisor.usecases.crossing.axes import Renewed
from advisor.usecases.crossing.draws import BUSY
from advisor.usecases.deployments import token_budget
from advisor.usecases.own_cautions import own_cautions, simulated_evidence
from advisor.usecases.plans import Plan, sizing_rate_rps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from advisor.domain.basis import Basis
    from advisor.domain.question import Question
    from advisor.usecases.crossing.costs import Standing
    from advisor.usecases.crossing.points import Points

CENT = Decimal("0.01")


def plan_of(standing: Standing, question: Question) -> Plan:
    """Return the plan that an entry stands for, as `recommend` would make it.

    Raises
    ------
    ValueError
        If no offer of its shelf holds a replica, which an entry rules out.
    """
    lot, shelf = standing.lot, standing.shelf
    deployment = replace(
        lot.deployment, max_num_seqs=lot.slots, max_num_batched_tokens=token_budget(lot.deployment, lot.slots)
    )
    fleet = cheapest_fleet(shelf.offers, replicas=standing.replicas, gpus_per_replica=deployment.tensor_parallel)
    if fleet is None:
        raise ValueError("an entry can be rented in any number, or in none")
    spares = standing.replicas - standing.needed
    return Plan(lot.serving, deployment, standing.replicas, fleet, question, spares=spares, offers=shelf.offers)


def asked_for(standing: Standing, question: Question) -> Question:
    """Return a question at a rate that an entry carries with its replicas: that asked for, where it is not more."""
    lot = standing.lot
    most_rps = BUSY * standing.needed * lot.serving.station.saturation_rps
    return question.model_copy(update={"qps": min(question.qps, question.qps * most_rps / sizing_rate_rps(question))})


def cost_point(value: float, standing: Standing, question: Question) -> CostPoint:
    """Return the cheapest plan of a contender at a value of an axis, for a reader."""
    plan = plan_of(standing, question)
    offer = plan.fleet.offer
    return CostPoint(
        value=value,
        contender=standing.contender,
        usd_per_hour=plan.fleet.usd_per_hour.quantize(CENT),
        gpu=plan.deployment.gpu.name,
        plan=plan.deployment.label,
        replicas=plan.replicas,
        price_basis=offer.price_basis,
        provider=offer.provider,
        as_of=offer.as_of,
    )


def weakest_basis(plans: Sequence[Plan]) -> Basis:
    """Return the weakest basis of the speeds of some plans."""
    found = basis_of(plans[0])
    for plan in plans[1:]:
        other = basis_of(plan)
        found = other if other.weaker_than(found) else found
    return found


def sources_behind(plans: Iterable[Plan]) -> tuple[CitedSource, ...]:
    """Return what some plans rest on, each once."""
    found = {(s.kind, s.title, s.url): s for plan in plans for s in sources_of(plan)}
    return tuple(found.values())


def warnings_of(points: Points, plans: Sequence[Plan]) -> tuple[Caution, ...]:
    """Return what must be known of some plans along an axis, each once."""
    evidence = points.market.evidence
    spoken = {plan.deployment.layout: plan.serving.curve for plan in plans}
    found = [
        *simulated_evidence(spoken),
        *_aged(plans, points.market.question),
        *_counted_singly(points),
        *(caution for plan in plans for caution in outside_validity(plan.deployment, evidence)),
        *own_cautions(evidence, spoken),
    ]
    return tuple({(c.code, c.message): c for c in found}.values())


def _aged(plans: Iterable[Plan], question: Question) -> Iterator[Caution]:
    offers = {plan.fleet.offer for plan in plans if plan.fleet.offer.seller is not Seller.OWN}
    aged = [offer for offer in offers if (question.today - offer.as_of).days > AGING_DAYS]
    if aged:
        oldest = min(offer.as_of for offer in aged)
        yield Caution(
            code="stale_price",
            message=f"prices of {len(aged)} of {len(offers)} offers are more than {AGING_DAYS} days old, the oldest of {oldest}",
        )


def _counted_singly(points: Points) -> Iterator[Caution]:
    if points.bound.renews is Renewed.PRICES:
        yield Caution(
            code="own_price",
            message=f"the prices of {points.bound.gpu} along the axis stand for all its offers, as --gpu-cost does: GPUs are "
            "paid singly",
        )

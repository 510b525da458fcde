"""What may be measured for a question: deployments that were drawn, whether they are measured, and what measuring takes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from advisor.cost import cheapest_fleet
from advisor.domain.basis import Basis
from advisor.usecases.candidates import basis_of
from advisor.usecases.grounding.evidence import cell_of
from advisor.usecases.measuring_next.campaign import campaign_of, expected_s

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from advisor.domain.campaign import Campaign, ServerKind
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.outlooks import Outlooks
    from advisor.usecases.plans import Plan

S_PER_HOUR = 3600.0
OBSERVED = frozenset({Basis.MEASURED, Basis.SIMULATED})
"""How a speed is known that another campaign of the same kind would only show again."""


@dataclass(frozen=True, eq=False)
class Measurable:
    """A deployment that may be measured, as one of its plans has it. `option` is the place of that plan in the draws."""

    option: int
    plan: Plan
    shipped: Shipped
    startup_s: float
    server: ServerKind

    @cached_property
    def campaign(self) -> Campaign:
        """The campaign that measures it."""
        return campaign_of(self.plan, self.shipped, server=self.server)

    @cached_property
    def hours(self) -> float:
        """Hours that this takes, the start of the server included."""
        return expected_s(self.plan, self.campaign, startup_s=self.startup_s) / S_PER_HOUR

    @property
    def gpu_hours(self) -> float:
        """The same times the GPUs that it needs."""
        return self.hours * self.plan.deployment.tensor_parallel

    @cached_property
    def usd_per_hour(self) -> Decimal:
        """Price of the cheapest shape that holds one replica."""
        fleet = cheapest_fleet(self.plan.offers, replicas=1, gpus_per_replica=self.plan.deployment.tensor_parallel)
        return (fleet or self.plan.fleet).usd_per_hour

    @property
    def cost_usd(self) -> Decimal:
        """Price of the hours."""
        return self.usd_per_hour * Decimal(repr(self.hours))


def measurable(
    outlooks: Outlooks, shipped: Shipped, *, startup_s: float, server: ServerKind, tried: Collection[str] = ()
) -> list[Measurable]:
    """Return the deployments that may be measured, each once, in the order of their plans.

    Left out are those whose speed at their load is measured, and those whose layout was `tried` in vain.
    """
    plans = dict(_first_of_each(outlooks))
    return [
        Measurable(option, plan, shipped, startup_s, server)
        for option, plan in plans.items()
        if not is_observed(plan) and plan.deployment.layout not in tried
    ]


def observed(outlooks: Outlooks) -> tuple[str, ...]:
    """Return the layouts that are measured already."""
    return tuple(plan.deployment.layout for _, plan in _first_of_each(outlooks) if is_observed(plan))


def is_observed(plan: Plan) -> bool:
    """Return whether the speed of a plan at its load comes from fresh runs of the user on the engine version in question."""
    fresh = any(run.rank == 0 for run in plan.serving.curve.grounds.own_runs)
    return fresh and basis_of(plan) in OBSERVED


def _first_of_each(outlooks: Outlooks) -> Iterator[tuple[int, Plan]]:
    """Yield the first plan of each deployment, slots and offers aside, with its place."""
    seen = set()
    for option, plan in enumerate(outlooks.plans):
        cell = cell_of(plan.deployment)
        if cell not in seen:
            seen.add(cell)
            yield option, plan

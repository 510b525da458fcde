"""What the price of one GPU type does to an answer: the flips between contenders, and until when that GPU is the cheapest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.crossover import CostPoint, Crossover, Scope
from advisor.domain.price_book import PriceEffect, Stay
from advisor.usecases.crossing.axes import PRICE
from advisor.usecases.crossing.crossover import crossover

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from advisor.domain.question import Question


def price_effect(
    question: Question,
    gpu: str,
    *,
    profiles: Path | None,
    database: str | None,
    allow_simulated: bool = False,
) -> PriceEffect:
    """Return what the price of a GPU-hour of a type does to the answer, from a quarter of today's price to four times it.

    Nothing is drawn or simulated. A price on the axis stands for all offers of the GPU, as ``--gpu-cost`` does.

    Raises
    ------
    InputError
        If no deployment of the question runs on such a GPU, or none of them can be rented.
    InfeasibleError
        If nothing meets the objectives at any price.
    """
    found = crossover(
        question.model_copy(update={"simulate": False, "draws": 0}),
        f"{PRICE}:{gpu}",
        scopes=(Scope.OVERALL,),
        profiles=profiles,
        database=database,
        allow_simulated=allow_simulated,
    )
    return PriceEffect(crossover=found, stay=stay_on(found, gpu))


def stay_on(found: Crossover, gpu: str) -> Stay:
    """Return until when the cheapest plan is on a GPU.

    Plans on it cost in proportion to its price, all others do not: so its cheapest plan always has the same GPUs, and it
    loses the lead once, where that many of them cost as much as the cheapest plan elsewhere.
    """
    costs = [cost for scope in found.scopes for cost in scope.costs]
    leading = [_cheapest(costs, value) for value in sorted({cost.value for cost in costs})]
    on_it, elsewhere = [c for c in leading if c.gpu == gpu], [c for c in leading if c.gpu != gpu]
    then = elsewhere[-1] if elsewhere else None
    if not on_it or then is None:
        return Stay(gpu=gpu, at_low=bool(on_it), until_usd=None, then=then)
    gpus = round(float(on_it[-1].usd_per_hour) / on_it[-1].value)
    return Stay(gpu=gpu, at_low=True, until_usd=float(then.usd_per_hour) / gpus, then=then)


def _cheapest(costs: Sequence[CostPoint], value: float) -> CostPoint:
    return min((cost for cost in costs if cost.value == value), key=lambda cost: cost.usd_per_hour)

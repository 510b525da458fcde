"""Hand-made effects of a price on an answer. Every number is invented: nothing here is evidence."""

from __future__ import annotations

from decimal import Decimal

from advisor.domain.crossover import Axis, CostPoint, Crossover, Scope, ScopeLine
from advisor.domain.price_book import PriceEffect, Stay
from tests.samples.crossovers import CROSSOVER

GPU, OTHER = "a-gpu", "other-gpu"
AXIS = Axis(name=f"price:{GPU}", title=f"price per GPU-hour of {GPU}", unit="USD", low=1.0, high=8.0, asked_value=2.0)


def cost(price: float, usd: str, *, gpu: str, contender: str = "a") -> CostPoint:
    """Return the cheapest plan of a contender at a price."""
    example = CROSSOVER.scopes[0].costs[0]
    told = {"value": price, "usd_per_hour": Decimal(usd), "gpu": gpu, "contender": contender, "plan": f"on {gpu}"}
    return example.model_copy(update=told)


def crossing(*costs: CostPoint) -> Crossover:
    """Return an answer with such costs along the axis of a price."""
    scope = ScopeLine(scope=Scope.OVERALL, name="all", stretches=(), flips=(), costs=costs)
    return CROSSOVER.model_copy(update={"axis": AXIS, "scopes": (scope,)})


COSTS = (
    cost(1.0, "3.00", gpu=GPU),
    cost(1.0, "9.00", gpu=GPU, contender="b"),
    cost(3.0, "9.00", gpu=GPU),
    cost(3.0, "20.00", gpu=OTHER, contender="b"),
    cost(8.0, "12.00", gpu=OTHER),
    cost(8.0, "20.00", gpu=OTHER, contender="b"),
)
"""Three GPUs at the price of the axis, until twelve dollars buy a plan elsewhere."""

EFFECT = PriceEffect(crossover=crossing(*COSTS), stay=Stay(gpu=GPU, at_low=True, until_usd=4.0, then=COSTS[4]))

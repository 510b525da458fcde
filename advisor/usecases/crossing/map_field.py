"""What competes at a place of a map: two axes applied one after the other, as far as each of them changes something."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from advisor.usecases.crossing.axes import Renewed
from advisor.usecases.crossing.costs import Stalls, lots_of, own_shelves, stalls_of
from advisor.usecases.crossing.points import rentable
from advisor.usecases.market import Market
from advisor.usecases.plans import sizing_rate_rps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.domain.question import Question
    from advisor.usecases.crossing.axes import Bound
    from advisor.usecases.crossing.costs import Lot, OwnShelves, Standing
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.planner import Shelf

    FloatArray = NDArray[np.float64]


@dataclass(eq=False)
class Fields:
    """The markets of two axes. At most one of them changes curves or limits; a value of that one is a node."""

    bound: tuple[Bound, ...]
    market: Market
    shipped: Shipped
    hints: dict[object, int] = field(default_factory=dict)
    _lots: dict[float, tuple[list[Lot], Market]] = field(default_factory=dict)

    @cached_property
    def shaping(self) -> Bound | None:
        """The axis that changes curves or limits."""
        return next((bound for bound in self.bound if bound.renews >= Renewed.LIMITS), None)

    @cached_property
    def _rates(self) -> list[Bound]:
        return [bound for bound in self.bound if bound.renews is Renewed.RATE]

    @cached_property
    def _priced(self) -> list[Bound]:
        return [bound for bound in self.bound if bound.renews is Renewed.PRICES]

    def stalls(self, node: float, *, own: OwnShelves | None = None) -> Stalls:
        """Return what competes at a node; `own` are shelves at other prices."""
        if node not in self._lots:
            self._lots[node] = self._made(node)
        lots, market = self._lots[node]
        return stalls_of(market, lots, own=own or self._own([bound.axis.low for bound in self._priced]))

    def _made(self, node: float) -> tuple[list[Lot], Market]:
        question, shipped, market = self.market.question, self.shipped, self.market
        if self.shaping is not None:
            question, shipped = self.shaping.applied((question, shipped), node)
            if self.shaping.renews is Renewed.CURVES:
                narrowed = question.model_copy(update={"gpus": rentable(market)})
                market = Market.of(narrowed, shipped, base=market)
        priced = frozenset(bound.gpu for bound in self._priced if bound.gpu)
        return lots_of(market, question.limits, hints=self.hints, priced=priced), market

    def _own(self, prices: list[float]) -> OwnShelves:
        """Return the shelves at some prices of the axes that are prices."""
        today = self.market.question.today
        own: dict[tuple[str, int], Sequence[Shelf]] = {}
        for bound, price in zip(self._priced, prices, strict=True):
            own |= own_shelves(bound.gpu or "", Decimal(repr(price)), today=today)
        return own

    def coarse(self, node: float, count: int, *, prices_count: int) -> Iterator[tuple[Stalls, float]]:
        """Yield what competes at a node at a few values of the rate and of prices, with the rate to size for."""
        rates = self._values(self._rates, count) or [()]
        prices = self._values(self._priced, prices_count) or [()]
        for price in prices:
            stalls = self.stalls(node, own=self._own(list(price)))
            for rate in reversed(rates):  # the largest fleet first: it bounds the others
                yield stalls, sizing_rate_rps(self._at_rate(*rate))

    @staticmethod
    def _values(bound: list[Bound], count: int) -> list[tuple[float, ...]]:
        """Return all combinations of so many values of each of some axes."""
        return list(product(*(np.geomspace(one.axis.low, one.axis.high, count).tolist() for one in bound)))

    def _at_rate(self, *rate: float) -> Question:
        question = self.market.question
        return question.model_copy(update={"qps": rate[0]}) if rate else question

    def rates_rps(self, across: FloatArray, up: FloatArray) -> FloatArray:
        """Return the rate to size for at some points."""
        per_qps = sizing_rate_rps(self.market.question) / self.market.question.qps
        for bound, values in zip(self.bound, (across, up), strict=True):
            if bound.renews is Renewed.RATE:
                return values * per_qps
        return np.full(across.shape, sizing_rate_rps(self.market.question))

    def prices(self, standing: Standing, needed: FloatArray, across: FloatArray, up: FloatArray) -> FloatArray:
        """Return the price per hour of an entry with so many replicas needed at each point."""
        lot = standing.lot
        alone = Stalls((lot,), (standing.shelf,), self.market.question.max_gpus, self.market.planner.spares)
        offered = {k: alone.offered(0, int(k)) if np.isfinite(k) else None for k in set(needed.ravel().tolist())}
        for bound, values in zip(self.bound, (across, up), strict=True):
            if bound.renews is Renewed.PRICES and bound.gpu == lot.deployment.gpu.name:
                gpus = {
                    k: one.replicas * lot.deployment.tensor_parallel if one else np.inf for k, one in offered.items()
                }
                return _looked_up(needed, gpus) * values
        return _looked_up(needed, {k: one.usd if one else np.inf for k, one in offered.items()})


def _looked_up(keys: FloatArray, figures: Mapping[float, float]) -> FloatArray:
    """Return the figure that stands under each key; shape of the keys."""
    known, places = np.unique(keys, return_inverse=True)
    found = np.array([figures[key] for key in known.tolist()])
    return np.asarray(found[places].reshape(keys.shape), dtype=np.float64)

"""What each contender costs at a point of an axis, by formula: as `recommend --no-simulate` finds it, many times over.

The search is that of `recommend`: the option with the lowest bound of its price comes first. Curves, bounds and sizes stay
from one rate or price to the next.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from advisor.cost.book import own_offer
from advisor.planning.ranking import TIE_SHARE
from advisor.usecases.bounds import idle_latency_s, most_in_service
from advisor.usecases.crossing.sizing import Sizer
from advisor.usecases.deployments import TENSOR_PARALLEL, slots_on_offer
from advisor.usecases.planner import BOUND_MARGIN, shelves_of
from advisor.usecases.serving import MOST_REPLICAS, Serving, secure_share

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from numpy.typing import NDArray

    from advisor.domain.deployment import Deployment
    from advisor.domain.slo import Objective
    from advisor.usecases.curves import Curve
    from advisor.usecases.market import Market
    from advisor.usecases.planner import Shelf
    from advisor.usecases.sparing import Spares

    FloatArray = NDArray[np.float64]
    LotKey = tuple[str, str, str, int, int]
    OwnShelves = Mapping[tuple[str, int], Sequence[Shelf]]


@dataclass(eq=False)
class Lot:
    """A deployment with its slots. `usable_rps` is what one replica may be asked for at most, `busy` how many it may serve."""

    deployment: Deployment
    curve: Curve
    slots: int
    usable_rps: float
    busy: Callable[[], float]
    limits: tuple[Objective, ...]
    serving: Serving
    hints: dict[object, int]

    @cached_property
    def key(self) -> LotKey:
        """What names the same lot at another value of an axis."""
        deployment = self.deployment
        return (
            deployment.contender,
            deployment.checkpoint.name,
            deployment.gpu.name,
            deployment.tensor_parallel,
            self.slots,
        )

    @cached_property
    def sizer(self) -> Sizer:
        """The sizes of this lot."""
        return Sizer(self.serving, self.limits, self.serving.secure_share, self.key, self.hints)

    @cached_property
    def bound_rps(self) -> float:
        """A bound from above of what one replica carries within the limits."""
        busy = min(self.busy(), float(self.slots))
        return min(self.usable_rps, self.curve.at(self.curve.grid_rates_rps, busy) * BOUND_MARGIN)


class Standing(NamedTuple):
    """The cheapest way to serve a rate: a lot, the replicas that it needs and those it has, its shelf and its price."""

    lot: Lot
    shelf: Shelf
    needed: int
    replicas: int
    usd: float

    @property
    def contender(self) -> str:
        """What competes."""
        return self.lot.deployment.contender


@dataclass(frozen=True, eq=False)
class Stalls:
    """Lots with the shelves that they can be rented from, one entry per lot and shelf; any part of them competes.

    `max_gpus` and `spares` are those of the question.
    """

    lots: tuple[Lot, ...]
    shelves: tuple[Shelf, ...]
    max_gpus: int | None
    spares: Spares

    def part(self, wanted: Callable[[Lot, Shelf], bool]) -> Stalls:
        """Return the entries that are wanted."""
        pairs = [pair for pair in zip(self.lots, self.shelves, strict=True) if wanted(*pair)]
        return replace(self, lots=tuple(lot for lot, _ in pairs), shelves=tuple(shelf for _, shelf in pairs))

    def split(self, key: Callable[[Lot, Shelf], str]) -> dict[str, Stalls]:
        """Return the entries by a key."""
        groups: dict[str, list[tuple[Lot, Shelf]]] = {}
        for pair in zip(self.lots, self.shelves, strict=True):
            groups.setdefault(key(*pair), []).append(pair)
        return {
            name: replace(self, lots=tuple(lot for lot, _ in pairs), shelves=tuple(shelf for _, shelf in pairs))
            for name, pairs in groups.items()
        }

    def cheapest(self, rate_rps: float) -> Standing | None:
        """Return the cheapest entry at a rate to size for [requests/s]; None where none keeps the limits."""
        return next(self.by_price(rate_rps), None)

    def leading(self, rate_rps: float, *, reach_share: float = TIE_SHARE) -> dict[str, Standing]:
        """Return the cheapest entry of each contender within reach of the cheapest of all, cheapest first, at a rate to size for.

        Contenders that are out of reach by their bounds are not sized.
        """
        found: dict[str, Standing] = {}

        def most_usd() -> float:
            return min((standing.usd for standing in found.values()), default=np.inf) * (1 + reach_share)

        for standing in self.by_price(rate_rps, skipped=found, most_usd=most_usd):
            found[standing.contender] = standing
        return found

    def by_price(
        self, rate_rps: float, *, skipped: Container[str] = (), most_usd: Callable[[], float] = lambda: np.inf
    ) -> Iterator[Standing]:
        """Yield entries by rising price, each sized when nothing left can be cheaper by its bound.

        It ends beyond a highest price. Entries of contenders that are to be skipped by then are not sized.
        """
        floors = self._floors(rate_rps)
        queue: list[tuple[float, int, Standing | None]] = [(usd, i, None) for i, usd in enumerate(floors.tolist())]
        heapq.heapify(queue)
        bounded: set[int] = set()
        while queue:
            floor_usd, i, standing = heapq.heappop(queue)
            if floor_usd > most_usd():
                return
            if self.lots[i].deployment.contender in skipped:
                continue
            if standing is not None:
                yield standing
                continue
            if i not in bounded:
                bounded.add(i)
                least = max(ceil(rate_rps / self.lots[i].bound_rps), self.lots[i].sizer.least(rate_rps))
                heapq.heappush(queue, (max(floor_usd, self.shelves[i].least_usd(least)), i, None))
                continue
            sized = self._sized(i, rate_rps)
            if sized is not None:
                heapq.heappush(queue, (sized.usd, i, sized))

    def _sized(self, i: int, rate_rps: float) -> Standing | None:
        lot = self.lots[i]
        needed = lot.sizer.needed(rate_rps)
        return None if needed is None else self.offered(i, needed)

    def offered(self, i: int, needed: int) -> Standing | None:
        """Return what an entry costs with so many replicas needed; None where that many GPUs are not allowed."""
        lot, shelf = self.lots[i], self.shelves[i]
        if needed > self._most(lot.deployment, shelf.basis):
            return None
        replicas = needed + self.spares.beside(needed, shelf.basis)
        return Standing(lot, shelf, needed, replicas, shelf.least_usd(replicas))

    def _most(self, deployment: Deployment, basis: str) -> int:
        if self.max_gpus is None:
            return MOST_REPLICAS
        return self.spares.most_needed(self.max_gpus // deployment.tensor_parallel, basis)

    def _floors(self, rate_rps: float) -> FloatArray:
        """Return a lower bound of the price of each entry; shape (entries,)."""
        if not self.lots:
            return np.zeros(0)
        least = np.maximum(np.ceil(rate_rps / self._usable_rps), 1.0)
        starts, held, usd = self._shapes
        lengths = np.diff(np.append(starts, held.size))
        prices = usd * np.ceil(np.repeat(least, lengths) / held)
        return np.asarray(np.minimum.reduceat(prices, starts), dtype=np.float64)

    @cached_property
    def _usable_rps(self) -> FloatArray:
        return np.array([lot.usable_rps for lot in self.lots])

    @cached_property
    def _shapes(self) -> tuple[NDArray[np.intp], FloatArray, FloatArray]:
        """Where the shapes of each entry start, and of each shape how many replicas it holds and its price per hour."""
        counts = [len(shelf.shapes) for shelf in self.shelves]
        shapes = np.array([shape for shelf in self.shelves for shape in shelf.shapes])
        return np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.intp), shapes[:, 0], shapes[:, 1]


def lots_of(
    market: Market, limits: tuple[Objective, ...], *, hints: dict[object, int], priced: Container[str] = ()
) -> list[Lot]:
    """Return all that could be sized within some limits: deployments that keep them on an idle replica, with each slots.

    A deployment that no offer holds is left out, unless its GPU is among those that are to be `priced`.
    `hints` hold sizes found earlier.
    """
    found: list[Lot] = []
    for name, fitting in market.fitting.items():
        kept = [
            (item, curve)
            for item, curve in zip(fitting, market.curves[name], strict=True)
            if item.deployment.gpu.name in priced or _shelves(market, item.deployment, {})
        ]
        curves = [curve for _, curve in kept]
        for (item, curve), slow in zip(kept, _too_slow(curves, limits), strict=True):
            if not slow:
                offered = slots_on_offer(item.deployment, item.memory)
                found += _lots(item.deployment, curve, offered, limits, market, hints)
    return found


def _lots(
    deployment: Deployment,
    curve: Curve,
    offered: Sequence[int],
    limits: tuple[Objective, ...],
    market: Market,
    hints: dict[object, int],
) -> Iterable[Lot]:
    busy = _Once(lambda: most_in_service(curve, limits))
    for slots, top_rps in zip(offered, curve.top_rates_rps(offered), strict=True):
        yield Lot(
            deployment=deployment,
            curve=curve,
            slots=slots,
            usable_rps=secure_share(curve.grounds.log_sd_at(slots)) * top_rps,
            busy=busy,
            limits=limits,
            serving=Serving(curve, slots, market.planner.arriving),
            hints=hints,
        )


def _too_slow(curves: Sequence[Curve], limits: Sequence[Objective]) -> list[bool]:
    slow = np.zeros(len(curves), dtype=bool)
    for limit in limits if curves else ():
        slow |= idle_latency_s(curves, limit) > limit.limit_s
    return slow.tolist()


@dataclass
class _Once:
    """A figure that several lots share, worked out when the first of them asks."""

    work_out: Callable[[], float]
    known: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        if not self.known:
            self.known.append(self.work_out())
        return self.known[0]


def stalls_of(market: Market, lots: Iterable[Lot], *, own: OwnShelves | None = None) -> Stalls:
    """Return lots with the shelves of a market; `own` replaces those of a GPU type and tensor-parallel size."""
    pairs = [(lot, shelf) for lot in lots for shelf in _shelves(market, lot.deployment, own or {})]
    question = market.question
    return Stalls(
        tuple(lot for lot, _ in pairs),
        tuple(shelf for _, shelf in pairs),
        question.max_gpus,
        market.planner.spares,
    )


def _shelves(market: Market, deployment: Deployment, own: OwnShelves) -> Sequence[Shelf]:
    place = (deployment.gpu.name, deployment.tensor_parallel)
    return own[place] if place in own else market.planner.shelves(*place)


def own_shelves(gpu: str, usd_per_hour: Decimal, *, today: date) -> OwnShelves:
    """Return the shelves of a GPU type at an own price per GPU-hour, of which single GPUs are paid."""
    offer = own_offer(gpu, usd_per_hour, today=today)
    return {(gpu, gpus): shelves_of([offer], gpus_per_replica=gpus) for gpus in TENSOR_PARALLEL}

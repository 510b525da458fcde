"""How sure a flip is: where it lies in many draws of all speeds at once.

A deployment that is phi times as fast needs at a rate what the one as estimated needs at the rate over phi, with limits
times phi (methods section 3.3). Sizes are worked out at a few values of phi and of the axis; draws lie between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from math import ceil, exp
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from advisor.evidence import Place
from advisor.planning.flips import flips_in_draws
from advisor.usecases.crossing.sizing import Sizer
from advisor.usecases.grounding.evidence import cell_of
from advisor.usecases.grounding.grounds import batched_share
from advisor.usecases.needing import KNOWN_SHARE, Needs, log_range, scaled
from advisor.usecases.serving import MOST_REPLICAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.planning.flips import Flip
    from advisor.usecases.crossing.costs import Lot, LotKey, Standing
    from advisor.usecases.crossing.points import Field, Part, Points
    from advisor.usecases.grounding.evidence import Evidence

    FloatArray = NDArray[np.float64]

BEYOND = 8
"""Times the replicas as estimated beyond which a draw counts as not to be had: so dear, nothing is cheapest (a choice)."""

BUSY = 0.9
"""Share of saturation at which an entry is looked at where the rate would take more replicas."""


class Drawn(NamedTuple):
    """Where a flip lies in draws that have it, and the share of those that have none."""

    p05: float | None
    p50: float | None
    p95: float | None
    none_share: float


@dataclass(frozen=True, eq=False)
class Draws:
    """Costs of each contender at some values of an axis in each draw; `costs` are ``(values, draws)`` each."""

    values: FloatArray
    costs: Mapping[str, FloatArray]

    def of(self, flip: Flip, *, within: tuple[float, float]) -> Drawn:
        """Return where a flip lies in the draws, looked for in a part of the axis."""
        found = flips_in_draws(self.costs[flip.below], self.costs[flip.above], self.values, ends=within)
        there = found[np.isfinite(found)]
        if not there.size:
            return Drawn(None, None, None, 1.0)
        p05, p50, p95 = np.quantile(there, (0.05, 0.5, 0.95)).tolist()
        return Drawn(p05, p50, p95, float(np.mean(~np.isfinite(found))))

    def spread(self, name: str) -> list[tuple[float | None, float | None]]:
        """Return the 5th and 95th percentile of what a contender costs at each value; None where it cannot be had then."""
        ends = np.quantile(self.costs[name], (0.05, 0.95), axis=1, method="inverted_cdf").T.tolist()
        return [(_finite(low), _finite(high)) for low, high in ends]


def _finite(usd: float) -> float | None:
    return usd if np.isfinite(usd) else None


@dataclass(frozen=True)
class Effort:
    """How finely draws are sized: values of the axis beside each flip, speed factors, and layouts at each place.

    Layouts that cost more than `reach` times the cheapest of their contender are not drawn. `checkpoints` says whether those of
    one layout count apart: at a low load a slow one costs as much as a fast one, and fails where that does not.
    """

    beside: int
    nodes: int
    layouts: int
    reach: float
    checkpoints: bool = False


USUAL = Effort(beside=4, nodes=5, layouts=3, reach=1.25)


def draws_of(points: Points, part: Part, flips: Sequence[Flip], grid: Sequence[float], effort: Effort = USUAL) -> Draws:
    """Return the costs of the contenders of some flips in as many draws as the question asks for.

    They are those at the values of a grid that lie beside the flips, and at its ends. Layouts that are cheapest at a flip are
    looked at everywhere, those that are cheapest at a value beside it as well.
    """
    values = _values(flips, grid, effort)
    entries: list[Entry] = []
    for name in _names(flips):
        entries += _merged(
            chain(
                (
                    (standing, range(len(values)))
                    for flip in flips
                    if name in (flip.below, flip.above)
                    for standing in _layouts(points.field(flip.value, part), part, name, effort)
                ),
                (
                    (standing, range(max(i - 1, 0), min(i + 2, len(values))))
                    for i, value in enumerate(values)
                    if (standing := points.cheapest(value, part, name)) is not None
                ),
            )
        )
    return _drawn(points, part, entries, values, effort)


BANDED = Effort(beside=0, nodes=9, layouts=4, reach=2.5, checkpoints=True)
"""Half the nodes and layouts save 0.1 s, and put ends 20 to 30 % off on average instead of 5 to 10 %.

The reach is that of the rivals in `recommend`: where a single GPU turns out too slow for a limit, two of them are what it takes.
"""


def bands_of(points: Points, part: Part, values: Sequence[float], effort: Effort = BANDED) -> Draws:
    """Return the costs of every contender at some values in each draw, those of its cheapest layouts at each value."""
    names = sorted({name for value in values for name in points.standings(value, part)})
    if not names:
        return Draws(np.array(values), {})
    entries = [
        entry
        for name in names
        for entry in _merged(
            (standing, (i,))
            for i, value in enumerate(values)
            for standing in _layouts(points.field(value, part), part, name, effort)
        )
    ]
    return _drawn(points, part, entries, values, effort)


def _drawn(points: Points, part: Part, entries: Sequence[Entry], values: Sequence[float], effort: Effort) -> Draws:
    """Return the costs of the contenders of some entries, in each draw those of the cheapest."""
    question, evidence = points.market.question, points.market.evidence
    places = [place_of(entry.standing, question.peak_qps, evidence) for entry in entries]
    speeds = evidence.draw(places, draws=question.draws, seed=question.seed)
    costs: dict[str, list[FloatArray]] = {}
    for entry, row in zip(entries, speeds, strict=True):
        costs.setdefault(entry.standing.contender, []).append(_costs(entry, row, points, part, values, effort))
    return Draws(np.array(values), {name: np.min(rows, axis=0) for name, rows in costs.items()})


def _names(flips: Sequence[Flip]) -> list[str]:
    return sorted({name for flip in flips for name in (flip.below, flip.above)})


def _values(flips: Sequence[Flip], grid: Sequence[float], effort: Effort) -> list[float]:
    """Return the values of a grid next to the flips, and its ends."""
    kept = {0, len(grid) - 1}
    for flip in flips:
        first, last = int(np.searchsorted(grid, flip.low)), int(np.searchsorted(grid, flip.high))
        kept |= set(range(max(first - effort.beside, 0), min(last + effort.beside, len(grid))))
    return [grid[i] for i in sorted(kept)]


class Entry(NamedTuple):
    """An entry that is drawn, and at which values, by their places."""

    standing: Standing
    at: frozenset[int]


def _merged(looked_at: Iterable[tuple[Standing, Iterable[int]]]) -> list[Entry]:
    """Return each entry once, with all values that it is looked at."""
    found: dict[tuple[LotKey, str], tuple[Standing, set[int]]] = {}
    for standing, places in looked_at:
        found.setdefault((standing.lot.key, str(standing.shelf.basis)), (standing, set()))[1].update(places)
    return [Entry(standing, frozenset(places)) for standing, places in found.values()]


def _layouts(at: Field, part: Part, name: str, effort: Effort) -> Iterator[Standing]:
    """Yield the cheapest entries of a contender, one of each layout."""
    seen: set[tuple[str, int, str, str]] = set()
    stalls = at.contenders(part).get(name)
    cheapest = np.inf
    for standing in stalls.by_price(at.rate_rps) if stalls else ():
        cheapest = min(cheapest, standing.usd)
        if standing.usd > effort.reach * cheapest:
            return
        deployment = standing.lot.deployment
        checkpoint = deployment.checkpoint.name if effort.checkpoints else ""
        layout = (deployment.gpu.name, deployment.tensor_parallel, str(standing.shelf.basis), checkpoint)
        if layout not in seen:
            seen.add(layout)
            yield standing
            if len(seen) == effort.layouts:
                return


def place_of(standing: Standing, rate_rps: float, evidence: Evidence) -> Place:
    """Return where the speed of an entry belongs, at a rate [requests/s] or at what it carries at most."""
    lot = standing.lot
    rate_rps = min(BUSY * standing.needed * lot.serving.station.saturation_rps, rate_rps)
    in_service = lot.serving.predict(rate_rps, replicas=standing.replicas).in_service
    cell = cell_of(lot.deployment)
    return Place(
        cell,
        batched_share=float(batched_share(np.array(in_service))),
        log_sd=lot.curve.grounds.log_sd_at(in_service),
        alone=evidence.stands_apart(cell),
    )


def _costs(
    entry: Entry, speeds: FloatArray, points: Points, part: Part, values: Sequence[float], effort: Effort
) -> FloatArray:
    """Return what an entry costs at each value in each draw, infinite where it is not looked at; ``(values, draws)``."""
    nodes = np.linspace(*log_range(speeds), effort.nodes)
    sized = _Sized(points, nodes.tolist())
    costs = np.full((len(values), speeds.size), np.inf)
    for i in sorted(entry.at, reverse=True):  # the largest fleet first: it bounds the others
        costs[i] = sized.costs(entry.standing, points.field(values[i], part), speeds)
    return costs


@dataclass(eq=False)
class _Sized:
    """Sizes of an entry at a few log speed factors; what one value of the axis found serves the next."""

    points: Points
    nodes: list[float]
    sizers: dict[tuple[int, float], Sizer] = field(default_factory=dict)

    def costs(self, standing: Standing, at: Field, speeds: FloatArray) -> FloatArray:
        """Return what the entry costs at one value of the axis; shape ``(draws,)``."""
        basis = str(standing.shelf.basis)
        i = at.place_of(standing.lot.key, basis)
        if i is None:
            return np.full(speeds.shape, np.inf)
        lot = at.stalls.lots[i]
        most = _most(lot, at.rate_rps)
        known = np.array([self._needed(lot, node, at.rate_rps, most=most) for node in self.nodes])
        needed = Needs(np.array(self.nodes), known).at(speeds)
        prices = {k: self._price(at, i, k) for k in set(needed.tolist())}
        return np.array([prices[k] for k in needed.tolist()])

    def _needed(self, lot: Lot, node: float, rate_rps: float, *, most: int) -> float:
        key = (id(lot), node)
        if key not in self.sizers:
            limits = tuple(scaled(limit, exp(node)) for limit in lot.limits)
            sizer = Sizer(lot.serving, limits, KNOWN_SHARE, (lot.key, node), self.points.hints)
            self.sizers[key] = sizer
        found = self.sizers[key].needed(rate_rps / exp(node), most=most)
        return np.inf if found is None else float(found)

    @staticmethod
    def _price(at: Field, i: int, needed: float) -> float:
        offered = at.stalls.offered(i, int(needed)) if np.isfinite(needed) else None
        return offered.usd if offered else np.inf


def _most(lot: Lot, rate_rps: float) -> int:
    """Return how many replicas are looked for at most: many times those as estimated, or those that are just stable."""
    as_estimated = lot.sizer.needed(rate_rps) or ceil(rate_rps / lot.usable_rps)
    return min(BEYOND * as_estimated + BEYOND, MOST_REPLICAS)

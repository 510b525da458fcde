"""How much each entry of a map carries: exact at a few values of the axes and fleets, powers of them between.

Curves change slowly along an axis; whole replicas do not. So what is interpolated is the rate that a fleet of each size
carries per replica, and replicas and prices are whole at every point.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from advisor.usecases.crossing.costs import Lot

    FloatArray = NDArray[np.float64]
    Keeps = Callable[[float], bool]

FLEETS = np.array([1, 2, 4, 16, 128], dtype=np.float64)
"""Fleets whose capacity is worked out; per replica it changes little between them, and hardly beyond."""

MOST_WHOLE = 512
"""Fleets up to which capacity is looked up size by size; larger ones carry per replica what the largest known one does."""

PRECISION = 1.006
"""Ratio to which a capacity is narrowed down: far less than one replica of a fleet that is not larger than all known."""

FIRST_STEP = 1.012
USUAL_SHARE = 0.7
LEAST_SHARE = 1e-4


@dataclass
class Capacities:
    """Capacities per replica of lots.

    The last one found of a deployment and a fleet is where the search for the next begins, moved as that of the fleet before.
    """

    hints: dict[tuple[object, float], float]

    def per_replica(self, lot: Lot, *, most_rps: float) -> FloatArray:
        """Return the log of the rate per replica that each of `FLEETS` carries, -inf where it carries nothing.

        Fleets far larger than a rate of `most_rps` needs carry what the last one does.
        """
        found = np.full(FLEETS.shape, -np.inf)
        top_rps = lot.serving.secure_share * lot.serving.station.saturation_rps
        last, trend = -np.inf, 1.0
        for i, replicas in enumerate(FLEETS.tolist()):
            hint = self.hints.get((lot.key, replicas))
            last = self._capacity(
                lot, int(replicas), top_rps, guess_rps=hint * trend if hint else USUAL_SHARE * top_rps
            )
            found[i] = last
            trend = float(np.exp(last)) / hint if hint and np.isfinite(last) else 1.0
            if np.isfinite(last) and replicas * np.exp(last) >= 2.0 * most_rps:
                found[i:] = last
                break
        return found

    def _capacity(self, lot: Lot, replicas: int, top_rps: float, *, guess_rps: float) -> float:
        def keeps(per_replica_rps: float) -> bool:
            return lot.serving.meets(lot.limits, per_replica_rps * replicas, replicas=replicas)

        if keeps(top_rps):
            return float(np.log(top_rps))
        low, high = self._bracket(keeps, guess_rps, top_rps)
        if low <= 0.0:
            return -np.inf
        while high / low > PRECISION:
            middle = sqrt(low * high)
            low, high = (middle, high) if keeps(middle) else (low, middle)
        self.hints[lot.key, float(replicas)] = low
        return float(np.log(low))

    @staticmethod
    def _bracket(keeps: Keeps, guess_rps: float, top_rps: float) -> tuple[float, float]:
        """Return a rate that is kept and one that is not, around a guess; 0 for the first where none is."""
        at, step = min(guess_rps, top_rps / FIRST_STEP), FIRST_STEP
        if keeps(at):
            high = min(at * step, top_rps)
            while high < top_rps and keeps(high):
                at, step = high, step * step
                high = min(at * step, top_rps)
            return at, high
        high = at
        while at > LEAST_SHARE * top_rps:
            at, step = at / step, step * step
            if keeps(at):
                return at, high
            high = at
        return 0.0, high


def whole_replicas(log_per_replica: FloatArray, rates_rps: FloatArray) -> FloatArray:
    """Return the fewest replicas that carry some rates, given the log capacity per replica of `FLEETS`; shape of the rates.

    Infinite where no fleet carries anything.
    """
    if not np.isfinite(log_per_replica).any():
        return np.full(rates_rps.shape, np.inf)
    sizes = np.arange(1, MOST_WHOLE + 1, dtype=np.float64)
    known = np.isfinite(log_per_replica)
    per_replica = np.interp(np.log(sizes), np.log(FLEETS[known]), log_per_replica[known])
    per_replica[sizes < FLEETS[known][0]] = -np.inf
    carried = np.maximum.accumulate(sizes * np.exp(per_replica))
    needed = np.searchsorted(carried, rates_rps, side="left") + 1.0
    beyond = np.ceil(rates_rps / np.exp(per_replica[-1]))
    return np.asarray(np.where(needed > MOST_WHOLE, beyond, needed), dtype=np.float64)

"""The fewest replicas at many rates: what one sizing learned spares most of the work of the next.

More replicas keep what fewer keep, and a lower rate is kept where a higher one is. Sizing as `Serving.replicas` does it
assumes the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, inf
from typing import TYPE_CHECKING

from advisor.usecases.serving import MOST_REPLICAS

if TYPE_CHECKING:
    from advisor.domain.slo import Objective
    from advisor.usecases.serving import Serving

SCALE_MARGIN = 1.01
"""What a small fleet may carry per replica over a large one: rounding, where none should (a margin of the search)."""


@dataclass(eq=False)
class Sizer:
    """One deployment with its slots under fixed limits. It remembers up to which rate each fleet kept them.

    `usable_share` is the share of saturation that may be used. `hints` hold the last size found under a key: that of the same
    deployment at a neighbouring value is where the search starts.
    """

    serving: Serving
    limits: tuple[Objective, ...]
    usable_share: float
    key: object = None
    hints: dict[object, int] = field(default_factory=dict)
    _kept_rps: dict[int, float] = field(default_factory=dict)
    _broken_rps: dict[int, float] = field(default_factory=dict)

    def needed(self, rate_rps: float, *, most: int = MOST_REPLICAS) -> int | None:
        """Return the fewest replicas, `most` at most, that keep the limits at a rate [requests/s]; None where none do."""
        low = int(rate_rps // (self.usable_share * self.serving.station.saturation_rps))
        low = max([low, *(k for k, rate in self._broken_rps.items() if rate <= rate_rps)])
        high = min([most + 1, *(k for k, rate in self._kept_rps.items() if rate >= rate_rps)])
        found = self._search(low, high, rate_rps)
        self.hints[self.key] = found
        return found if found <= most else None

    def least(self, rate_rps: float) -> int:
        """Return a bound from below of what is needed: a small fleet carries no more per replica than a large one.

        A fleet of k that broke at some rate carries at most a k-th of it per replica, with `SCALE_MARGIN`; fewer do not carry
        more. So either more than k are needed, or as many as that takes.
        """
        bounds = (min(ceil(rate_rps * k / rate / SCALE_MARGIN), k + 1) for k, rate in self._broken_rps.items())
        return max(bounds, default=1)

    def _search(self, low: int, high: int, rate_rps: float) -> int:
        """Return the fewest replicas above `low`, which break the limits, up to `high`, which keep them or are too many.

        It starts where a known fleet would have to be, doubles its steps until it has passed the answer, and bisects.
        """
        start_low, start_high = low, high
        at, step = self._guess(rate_rps, low + 1), 1
        while high - low > 1:
            at = min(max(at, low + 1), high - 1)
            if self._keeps(at, rate_rps):
                high, at = at, at - step
            else:
                low, at = at, at + step
            step *= 2
            if low > start_low and high < start_high:
                at = (low + high) // 2
        return high

    def _guess(self, rate_rps: float, least: int) -> int:
        near = min(self._kept_rps, key=lambda k: abs(self._kept_rps[k] - rate_rps), default=None)
        if near is None:
            return max(self.hints.get(self.key, least), least)
        return max(ceil(near * rate_rps / self._kept_rps[near]), least)

    def _keeps(self, replicas: int, rate_rps: float) -> bool:
        kept = self.serving.meets(self.limits, rate_rps, replicas=replicas)
        if kept:
            self._kept_rps[replicas] = max(self._kept_rps.get(replicas, 0.0), rate_rps)
        else:
            self._broken_rps[replicas] = min(self._broken_rps.get(replicas, inf), rate_rps)
        return kept

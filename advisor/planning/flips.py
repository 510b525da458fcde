"""Where along an axis another option becomes the cheapest: stretches, flips, and where a flip lies in each draw.

Knows prices of named options at points of an axis. Refuses to know what the axis is or where prices come from. All axes
are positive and looked at in logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from math import isfinite, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from advisor.planning.ranking import TIE_SHARE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

Leaders = tuple[str, ...]

SHORT_SHARE = 1.0 / 16.0
"""Part of the range (in logarithms) below which a stretch is short: several short ones are told as one (a choice)."""

NARROW_SHARE = 1e-3
"""Part of the range to which the point is narrowed down at which leaders change."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an axis, `low` included and `high` not, with those that lead there: one, several that tie, or none.

    `alternates` says that the leaders take turns, as whole replicas make them do.
    """

    low: float
    high: float
    leaders: Leaders
    alternates: bool = False

    @property
    def leader(self) -> str | None:
        """The one that leads alone; None in a tie, where leaders take turns, and where nothing is feasible."""
        return self.leaders[0] if len(self.leaders) == 1 and not self.alternates else None


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of the leader: from one that leads alone below `low` to another that does from `high` on.

    Between them they tie or take turns; the two are equal where the change is sharp.
    """

    low: float
    high: float
    below: str
    above: str

    @property
    def value(self) -> float:
        """Where the flip is said to be: the middle of its range, in logarithms."""
        return sqrt(self.low * self.high)


def leaders_of(costs: Mapping[str, float]) -> Leaders:
    """Return the names whose cost ties with the least, by name; none where no cost is finite."""
    least = min(costs.values(), default=np.inf)
    return tuple(sorted(name for name, cost in costs.items() if isfinite(cost) and cost <= least * (1 + TIE_SHARE)))


def stretches(
    leaders_at: Callable[[float], Leaders], values: Sequence[float], *, narrow_share: float = NARROW_SHARE
) -> list[Stretch]:
    """Return the stretches of equal leaders between the first and the last of some values.

    Where neighbours differ, the change between them is narrowed down by bisection; a stretch that begins and
    ends between two neighbours with equal leaders is not seen.

    Parameters
    ----------
    leaders_at
        Who leads at a value of the axis.
    values
        Rising positive values of the axis, two at least.
    narrow_share
        Part of the range, in logarithms, to which a change is narrowed down.
    """
    ratio = (values[-1] / values[0]) ** narrow_share
    known = {value: leaders_at(value) for value in values}
    starts = [(values[0], known[values[0]])]
    for low, high in pairwise(values):
        starts += _changes(low, high, known[low], known[high], leaders_at, ratio=ratio)
    kept = [next(group) for _, group in groupby(starts, key=lambda start: start[1])]
    ends = [value for value, _ in kept[1:]] + [values[-1]]
    return [Stretch(low, high, leaders) for (low, leaders), high in zip(kept, ends, strict=True)]


def _changes(
    low: float, high: float, first: Leaders, last: Leaders, leaders_at: Callable[[float], Leaders], *, ratio: float
) -> list[tuple[float, Leaders]]:
    """Return where leaders change between two values, and to whom; what lies within a ratio is one change."""
    if first == last:
        return []
    if high / low <= ratio:
        return [(high, last)]
    middle = sqrt(low * high)
    between = leaders_at(middle)
    return [
        *_changes(low, middle, first, between, leaders_at, ratio=ratio),
        *_changes(middle, high, between, last, leaders_at, ratio=ratio),
    ]


def condensed(found: Sequence[Stretch], *, short_share: float = SHORT_SHARE) -> list[Stretch]:
    """Return stretches with several short ones in a row told as one in which the leaders take turns.

    A single short one stays as it is, and so do those at an end of the axis, of which the rest is not seen.
    """
    if not found:
        return []
    short = short_share * log(found[-1].high / found[0].low)
    last = len(found) - 1
    marked = [(0 < i < last and log(s.high / s.low) < short, s) for i, s in enumerate(found)]
    told: list[Stretch] = []
    for is_short, group in groupby(marked, key=lambda pair: pair[0]):
        members = [stretch for _, stretch in group]
        told += [_one(members)] if is_short and len(members) > 1 else members
    return told


def _one(members: Sequence[Stretch]) -> Stretch:
    names = sorted({name for member in members for name in member.leaders})
    return Stretch(members[0].low, members[-1].high, tuple(names), alternates=len(names) > 1)


def flips_of(told: Sequence[Stretch]) -> list[Flip]:
    """Return the changes from one sole leader to another; ties and turns between them are the range of the flip."""
    sole = [stretch for stretch in told if stretch.leader is not None]
    return [
        Flip(left.high, right.low, left.leader, right.leader)
        for left, right in pairwise(sole)
        if left.leader is not None and right.leader is not None and left.leader != right.leader
    ]


def flips_in_draws(
    below_costs: FloatArray, above_costs: FloatArray, values: FloatArray, *, ends: tuple[float, float]
) -> FloatArray:
    """Return where one option stops being the cheaper of two and the other starts, in each draw; shape ``(draws,)``.

    It is the cut of the axis that agrees with most of its points, so that whole replicas, which make the two take turns,
    do not move it. NaN where one of them is the cheaper everywhere.

    Parameters
    ----------
    below_costs, above_costs
        Costs of the option that is to be the cheaper one below, and of the other; shape ``(values, draws)``, infinite where
        it cannot do it.
    values
        Rising positive values of the axis; shape ``(values,)``.
    ends
        Part of the axis that is looked at: a second flip of the same two lies outside.
    """
    inside = (values >= ends[0]) & (values <= ends[1])
    values, first, second = values[inside], below_costs[inside], above_costs[inside]
    with np.errstate(invalid="ignore", divide="ignore"):
        log_ratios = np.log(second) - np.log(first)
    log_ratios = np.where(np.isnan(log_ratios), 0.0, log_ratios)
    none = np.zeros((1, log_ratios.shape[1]))
    right_below = np.concatenate([none, np.cumsum(log_ratios > 0.0, axis=0)])
    right_above = np.sum(log_ratios < 0.0, axis=0) - np.concatenate([none, np.cumsum(log_ratios < 0.0, axis=0)])
    cut = np.argmax(right_below + right_above, axis=0)
    sharp = (cut > 0) & (cut < values.size)
    return np.asarray(np.where(sharp, _between(log_ratios, np.log(values), cut), np.nan), dtype=np.float64)


def _between(log_ratios: FloatArray, log_t: FloatArray, cut: NDArray[np.intp]) -> FloatArray:
    """Return the value at which the lead is gone, between the points on both sides of each cut."""
    right = np.clip(cut, 1, log_t.size - 1)
    draws = np.arange(log_ratios.shape[1])
    before, after = np.clip(log_ratios[right - 1, draws], 0.0, 1.0), np.clip(-log_ratios[right, draws], 0.0, 1.0)
    total = before + after
    share = np.where(total > 0.0, before / np.where(total > 0.0, total, 1.0), 0.5)
    return np.asarray(np.exp(log_t[right - 1] + share * (log_t[right] - log_t[right - 1])))

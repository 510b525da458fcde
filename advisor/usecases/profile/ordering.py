"""In which order cells are measured: the most informative first, so that a campaign cut short has still told the most."""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from advisor.domain.load import ClosedLoad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.load import Load


def informative_first(loads: Sequence[Load]) -> list[Load]:
    """Return loads in measuring order: one stream, saturation, one open-loop run, then whatever splits the widest gap.

    A closed-loop curve is known best from its two ends and a point about the square root of the slots (methods section
    3); one open-loop run anchors the time to first token. Others keep their order.
    """
    closed = {load.concurrency: load for load in loads if isinstance(load, ClosedLoad)}
    others = [load for load in loads if not isinstance(load, ClosedLoad)]
    levels = [closed[level] for level in bisecting(list(closed))]
    return [*levels[:3], *others[:1], *levels[3:], *others[1:]]


def bisecting(levels: Sequence[int]) -> list[int]:
    """Return levels ordered: the lowest, the highest, then each time the one nearest the middle of the widest gap.

    Gaps are measured in the logarithm. Repeated levels come once.
    """
    left = sorted(set(levels))
    taken = [left.pop(0)] if left else []
    if left:
        taken.append(left.pop())
    while left:
        low, high = max(pairwise(sorted(taken)), key=lambda gap: _gap(gap, left))
        middle = (log(low) + log(high)) / 2.0
        inside = [level for level in left if low < level < high]
        best = min(inside, key=lambda level: (abs(log(level) - middle), level))
        taken.append(best)
        left.remove(best)
    return taken


def _gap(gap: tuple[int, int], left: Sequence[int]) -> float:
    """Return the width of a gap that still has a level in it, else less than any width."""
    low, high = gap
    return log(high / low) if any(low < level < high for level in left) else -1.0

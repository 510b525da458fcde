"""What several runs say together: whether repeats agree, and whether throughput still grows at the highest load."""

from __future__ import annotations

from math import sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from advisor.evidence.anchors import RUN_LOG_SD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SATURATED_GAIN = 0.05
"""Gain of throughput from the last level but one to the last below which a server counts as saturated."""

REPEATS_AGREE = 0.056
"""Coefficient of variation that nine in ten repeated cells stay below."""

LEAST_LOG_SD = 0.03
"""Spread that the mean of three repeats is left with; more of them do not lower it."""


def not_saturated(rates: Mapping[int, float]) -> str:
    """Return in words that throughput still grows at the highest level; nothing where it does not.

    Parameters
    ----------
    rates
        Throughput by requests in flight, of one deployment and workload.

    References
    ----------
    Methods section 1.6.
    """
    if len(rates) < 2:
        return f"one level alone ({next(iter(rates))} in flight) does not show where throughput ends" if rates else ""
    before, last = sorted(rates)[-2:]
    gain = rates[last] / rates[before] - 1.0
    return (
        f"throughput still grew by {gain:.0%} from {before} to {last} in flight: what more would give was not measured"
        if gain >= SATURATED_GAIN
        else ""
    )


def disagreement(values: Sequence[float]) -> str:
    """Return in words that repeats of one cell differ more than repeats usually do; nothing where they do not."""
    spread = variation(values)
    return f"{len(values)} repeats differ by {spread:.1%} (standard deviation)" if spread > REPEATS_AGREE else ""


def variation(values: Sequence[float]) -> float:
    """Return the coefficient of variation of positive values; 0 for a single one."""
    return stdev(values) / fmean(values) if len(values) > 1 else 0.0


def pooled_log_sd(values: Sequence[float]) -> float:
    """Return the spread of the mean of repeats: 0.05 for one, 0.03 for three or more, or what they show where that is more.

    References
    ----------
    Methods section 3, item 1.
    """
    return max(max(RUN_LOG_SD, variation(values)) / sqrt(len(values)), LEAST_LOG_SD)

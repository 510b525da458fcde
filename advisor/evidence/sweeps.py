"""What several runs say together: whether repeats agree, and whether throughput still grows at the highest load."""

from __future__ import annotations

from math import hypot, sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from advisor.evidence.anchors import RUN_LOG_SD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SATURATED_GAIN = 0.05
"""Gain of throughput from the last level but one to the last below which a server counts as saturated."""

REPEATS_AGREE = 0.056
"""Coefficient of variation that nine in ten repeated cells stay below."""

HALF_WIDTH_IN_SDS = 2.262
"""Half a 95 % interval over the standard error behind it: Student's t for the ten slices that a run is cut into.

A short run is cut into fewer, whose t is larger: the error behind its half width is then taken up to 1.4 times too large.
"""

LEAST_LOG_SD = 0.03
"""Spread that the mean of three repeats is left with; more of them do not lower it."""

ENGINE_LOG_SD = 0.10
"""What another engine may differ by where nobody told which one ran (assumed, as much as another version of one)."""


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


def pooled_log_sd(values: Sequence[float], *, half_width_shares: Sequence[float] = ()) -> float:
    """Return the spread of the mean of repeats: 0.05 for one, 0.03 for three or more, or what they show where that is more.

    They show it by their differences, and each by its own 95 % interval: `half_width_shares` are half widths over the
    figure, 0 where a run has none.

    References
    ----------
    Methods section 3, item 1.
    """
    errors = [share / HALF_WIDTH_IN_SDS for share in half_width_shares]
    within = sqrt(fmean(error**2 for error in errors)) if errors else 0.0
    return max(max(RUN_LOG_SD, variation(values), within) / sqrt(len(values)), LEAST_LOG_SD)


def doubted_log_sd(log_sd: float, *, engine_told: bool) -> float:
    """Return the spread of a mean, widened where nobody told which engine ran.

    An unknown version of a known engine is not doubted here: it counts as any version would.
    """
    return log_sd if engine_told else hypot(log_sd, ENGINE_LOG_SD)

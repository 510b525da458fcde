"""A figure between measured concurrencies: a fitted curve, bent so that it passes through every measured point.

What was measured stands; the form of the curve only fills the gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.evidence.curve import LEVELS_NEEDED, StepCurve, fit_curve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LevelCurve:
    """A positive figure by concurrency. Below the lowest measured level the fit goes on; above the highest nothing is known.

    Attributes
    ----------
    fitted
        The curve through the points, from one request in flight on.
    log_counts
        Logarithms of the measured concurrencies; shape ``(levels,)``.
    ratios
        Measured over fitted at each; shape ``(levels,)``.
    """

    fitted: StepCurve
    log_counts: FloatArray
    ratios: FloatArray

    def at(self, concurrency: ArrayLike) -> FloatArray:
        """Return the figure at some concurrencies; beyond the highest measured one, what it is there."""
        c = np.asarray(concurrency, dtype=np.float64)
        return np.asarray(self.fitted.cycle_s(c) * np.interp(np.log(c), self.log_counts, self.ratios), dtype=np.float64)


def level_curve(concurrency: ArrayLike, values: ArrayLike) -> LevelCurve:
    """Return the curve ``a + b c + d sqrt(c)`` with non-negative coefficients, times the interpolated residual ratio.

    The ratio is linear in the logarithm of concurrency. Two points make a straight line, one a constant.

    Parameters
    ----------
    concurrency
        Distinct positive levels, ascending; shape ``(levels,)``.
    values
        Positive figures that do not fall with concurrency, such as time per request c/X; shape ``(levels,)``.

    Raises
    ------
    ValueError
        If a value is not positive.

    References
    ----------
    Methods section 3, experiment F: the form of the curve, 1.8 % median error between three known points.
    """
    c, y = np.asarray(concurrency, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if not (c.size and c.min() > 0 and y.min() > 0):
        raise ValueError("a curve needs positive figures at positive concurrencies")
    fit = fit_curve(c, c / y) if c.size >= LEVELS_NEEDED else _straight(c, y)
    fitted = replace(fit, lowest=min(1.0, fit.lowest))
    return LevelCurve(fitted, np.log(c), y / fitted.cycle_s(c))


def _straight(counts: FloatArray, values: FloatArray) -> StepCurve:
    """Return the line through two points; where it would fall or start below zero, the nearest that does not."""
    low, high = float(counts[0]), float(counts[-1])
    slope = max(float(values[-1] - values[0]) / (high - low), 0.0) if counts.size > 1 else 0.0
    start = float(values[0]) - slope * low
    return (
        StepCurve(start, slope, 0.0, low, high)
        if start >= 0
        else StepCurve(0.0, float(values[0]) / low, 0.0, low, high)
    )

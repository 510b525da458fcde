"""How much requests differ, read off a percentile over a mean: gamma laws with mean 1.

Knows the incomplete gamma function as its series. Refuses to know what differs.
"""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

LEAST_SCV = 1e-3
"""Squared coefficient of variation below which everybody counts as alike."""
LEAST_P95 = 1.0526
"""95th percentile over the mean at that variation."""
MOST_SCV = 4.0
"""Largest squared coefficient of variation read off a percentile: further up, p95 over mean hardly grows."""
MOST_P95 = 4.8404
"""95th percentile over the mean at that variation."""
LEAST_VALUE = 1e-3
GRID_POINTS = 2000
PRECISION = 1e-6


def gamma_share(sizes: FloatArray, *, scv: float) -> FloatArray:
    """Return P(T <= t) at positive sizes t for a gamma law with mean 1 and squared coefficient of variation ``scv`` > 0.

    ``P(a, x) = x^a e^-x / Gamma(a+1) (1 + x/(a+1) + x^2/((a+1)(a+2)) + ...)`` with a = 1/scv, x = a t.

    References
    ----------
    Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, formula 6.5.29.
    """
    a = 1.0 / scv
    x = a * sizes
    term = np.exp(a * np.log(x) - x - lgamma(a + 1.0))
    total = term.copy()
    step = 0
    while float(term.max()) > 1e-14 or step < x.max() - a:  # terms rise before they fall
        step += 1
        term *= x / (a + step)
        total += term
    return np.minimum(total, 1.0)


def gamma_lattice(scv: float, *, points: int) -> FloatArray:
    """Return equally likely values of a gamma law with mean 1, ascending; all 1 where they hardly differ.

    The middle quantile of each of ``points`` equal shares, scaled so that the mean is exact; shape ``(points,)``.
    """
    if scv < LEAST_SCV:
        return np.ones(points)
    grid = np.geomspace(LEAST_VALUE, 1.0 + 12.0 * max(scv, scv**0.5), GRID_POINTS)
    shares = (np.arange(points) + 0.5) / points
    values = np.interp(shares, gamma_share(grid, scv=scv), grid)
    return np.asarray(values / values.mean(), dtype=np.float64)


def scv_of_p95(ratio: float) -> float:
    """Return the squared coefficient of variation of the gamma law with this ratio of p95 to its mean, by bisection.

    1 stands for a constant, 3.0 for an exponential law; at most `MOST_SCV`.
    """
    if not LEAST_P95 < ratio < MOST_P95:
        return 0.0 if ratio <= LEAST_P95 else MOST_SCV
    low, high, at = LEAST_SCV, MOST_SCV, np.array([ratio])
    while high - low > PRECISION * high:
        middle = (low + high) / 2.0
        low, high = (middle, high) if gamma_share(at, scv=middle)[0] > 0.95 else (low, middle)
    return high

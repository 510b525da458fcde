"""How sure a figure of one run is: 95 % half widths by non-overlapping batches in time order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

BATCHES = 10
LEAST_PER_BATCH = 2
CONFIDENCE = 0.95


def median_half_width_share(values: FloatArray) -> float | None:
    """Return the half width of the median's interval as a share of the median; None where there are too few values.

    The values, in time order, are cut into ten batches of equal size (a remainder at the start is left out), whose medians
    count as independent.

    References
    ----------
    Schmeiser, "Batch size effects in the analysis of simulation output", Operations Research 30, 1982: beyond 10 to 30
    batches little is gained, and fewer, longer ones are nearer to independence.
    """
    size = values.size // BATCHES
    if size < LEAST_PER_BATCH:
        return None
    batches = values[values.size - size * BATCHES :].reshape(BATCHES, size)
    return half_width_share(np.median(batches, axis=1))


def half_width_share(batches: FloatArray) -> float | None:
    """Return the 95 % half width of the mean of independent batches (Student's t) as a share of it; None for a mean of 0."""
    mean = float(np.mean(batches))
    if not mean > 0:
        return None
    t = float(stdtrit(batches.size - 1, (1.0 + CONFIDENCE) / 2.0))
    return t * float(np.std(batches, ddof=1)) / float(np.sqrt(batches.size)) / mean


def rising_p(times_s: FloatArray, values: FloatArray) -> float | None:
    """Return the one-sided significance of a rise over time: small where the values rise; None where there are too few.

    A straight line through the means of ten batches, and Student's t of its slope: single values are too much alike from one
    to the next to count as independent.
    """
    size = values.size // BATCHES
    if size < LEAST_PER_BATCH:
        return None
    x, y = (part[: size * BATCHES].reshape(BATCHES, size).mean(axis=1) for part in (times_s, values))
    x, y = x - x.mean(), y - y.mean()
    if not (x @ x > 0 and y @ y > 0):
        return 1.0
    slope = float(x @ y) / float(x @ x)
    residual = y - slope * x
    error = float(np.sqrt(residual @ residual / (BATCHES - 2) / (x @ x)))
    return float(stdtr(BATCHES - 2, -slope / error)) if error > 0 else float(slope <= 0)

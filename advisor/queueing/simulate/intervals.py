"""How sure a simulated share is: batch means of requests in order of arrival.

Knows batches and Student's t. Refuses to know what a batch is the share of.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from advisor.queueing.station import FloatArray

T_99 = (0.0, 63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947)
"""Student's t that leaves 0.5 % on each side, by degrees of freedom."""
Z_99 = 2.576
BEYOND_TABLE = 2.15
"""``t = z (1 + 2.15 / freedom)`` beyond the table, 0.4 % too wide at most."""


@dataclass(frozen=True, slots=True)
class Share:
    """A mean over requests with the 99 % interval of its long-run value."""

    value: float
    low: float
    high: float

    def above(self, target: float) -> bool:
        """Return whether the whole interval keeps a target."""
        return self.low >= target

    def below(self, target: float) -> bool:
        """Return whether the whole interval misses a target."""
        return self.high < target


def batch_means(values: FloatArray, *, batches: int) -> FloatArray:
    """Return the means of equal batches of values in order; the few that are left over at the start are dropped."""
    size = values.size // batches
    return np.asarray(values[values.size - size * batches :].reshape(batches, size).mean(axis=1), dtype=np.float64)


def interval(means: FloatArray) -> Share:
    """Return the mean of batch means with its 99 % interval.

    Batches that resemble their neighbors are worth less than independent ones. Their number is divided by the sum of
    the autocorrelations, taken in pairs of lags as long as the pairs stay positive: short batches then do no harm.

    Raises
    ------
    ValueError
        If there are fewer than two batches.

    References
    ----------
    Law, "Simulation Modeling and Analysis", 5th edition, 2015, section 9.5.3, for batch means; Geyer, "Practical Markov
    chain Monte Carlo", Statistical Science 7, 1992, section 3.3, for where to stop the sum.
    """
    if means.size < 2:
        raise ValueError("an interval needs two batches")
    mean = float(means.mean())
    worth = means.size / _alike(means - mean)
    half = _student(worth - 1.0) * sqrt(float(means.var(ddof=1)) / worth)
    return Share(mean, mean - half, mean + half)


def _alike(excess: FloatArray) -> float:
    """Return how many batches in a row are worth one independent one, at least 1."""
    products = np.correlate(excess, excess, mode="full")[excess.size - 1 :]
    if not products[0] > 0:
        return 1.0
    lags = products[: excess.size // 2 * 2] / products[0]
    pairs = lags[0::2] + lags[1::2]
    positive = pairs.size if pairs.min() > 0 else int((pairs <= 0).argmax())
    return float(np.clip(2.0 * pairs[:positive].sum() - 1.0, 1.0, excess.size / 2.0))


def _student(freedom: float) -> float:
    """Return Student's t, between the whole degrees of freedom of the table along a straight line."""
    if freedom >= len(T_99) - 1:
        return Z_99 * (1.0 + BEYOND_TABLE / freedom)
    return float(np.interp(freedom, np.arange(1, len(T_99)), T_99[1:]))

"""Many requests in few points: equal-weight bins of requests sorted by work.

Knows sorting and averaging. Refuses to know what is averaged.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from advisor.queueing.station import FloatArray

DEFAULT_POINTS = 150  # puts p95 and p99 in the middle of a bin; at 120, p99 came out 4 % low for heavy-tailed work


@dataclass(frozen=True, slots=True, eq=False)
class SizeBins:
    """An order of requests by work, cut into equal-weight bins.

    Attributes
    ----------
    order
        Indices of the requests from smallest to largest work; shape ``(requests,)``.
    points
        Number of bins, at most the number of requests.
    """

    order: NDArray[np.intp]
    points: int

    def average(self, values: ArrayLike) -> FloatArray:
        """Return the mean of a per-request quantity in each bin; shape ``(points,)``; keeps the overall mean.

        A request on the edge of two bins counts in both, by parts. Use the same bins for work and tokens, so that
        they stay side by side.

        Raises
        ------
        ValueError
            If there is not one value per request.
        """
        array = np.asarray(values, dtype=np.float64)
        if array.shape != self.order.shape:
            raise ValueError(f"expected {self.order.size} values, one per request")
        ordered = array[self.order]
        cumulated = np.concatenate(([0.0], ordered.cumsum()))
        before, share = _edges(array.size, self.points)
        at_edges = np.append(cumulated[before] + share * ordered[before], cumulated[-1])
        return np.diff(at_edges) * (self.points / array.size)


@lru_cache(maxsize=64)
def _edges(size: int, points: int) -> tuple[NDArray[np.intp], FloatArray]:
    """Return how many requests lie before each bin, and which share of the next one does; shape ``(points,)`` each."""
    edges = np.linspace(0.0, size, points + 1)[:-1]
    before = edges.astype(np.intp)
    return before, edges - before


def size_bins(work: ArrayLike, *, points: int = DEFAULT_POINTS) -> SizeBins:
    """Return equal-weight bins of requests sorted by ``work``; never more bins than requests.

    Raises
    ------
    ValueError
        If work is not a non-empty vector of positive finite numbers, or ``points`` is below 1.
    """
    array = np.asarray(work, dtype=np.float64)
    if array.ndim != 1 or array.size == 0 or points < 1:
        raise ValueError("work must be a non-empty vector, points at least 1")
    if not (np.isfinite(array).all() and (array > 0).all()):
        raise ValueError("work must be positive and finite")
    return SizeBins(order=np.argsort(array, kind="stable"), points=min(points, array.size))


def sample_sizes(work: ArrayLike, *, points: int = DEFAULT_POINTS) -> FloatArray:
    """Return sorted relative sizes with mean 1 that stand for any number of raw work values.

    Raises
    ------
    ValueError
        As :func:`size_bins`.
    """
    means = size_bins(work, points=points).average(work)
    sizes: FloatArray = means / means.mean()
    return sizes


def squared_cv(work: ArrayLike) -> float:
    """Return the squared coefficient of variation of raw work: the ``work_scv`` of :func:`advisor.queueing.solve`.

    Take it from the raw values, not from bins, which have lost the spread inside the largest bin.
    """
    array = np.asarray(work, dtype=np.float64)
    return float(array.var() / array.mean() ** 2)

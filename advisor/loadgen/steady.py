"""Where a run becomes steady: the MSER-5 rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 5


def truncation(values: NDArray[np.float64]) -> int:
    """Return how many values at the start of a run are to be left out as not yet steady: a multiple of five.

    The cut ``d`` of batches of five minimizes the squared standard error of what it leaves, ``sum (x - mean)^2 / (m - d)^2``
    over the m - d batches kept. Cuts beyond half of the run are not considered; a least value there means that the run never
    became steady, or that the rule sees nothing, and nothing is cut.

    References
    ----------
    White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69, 1997; White, Cobb and
    Spratt, "A comparison of five steady-state truncation heuristics for simulation", Winter Simulation Conference 2000.
    """
    batches = values[: values.size // BATCH * BATCH].reshape(-1, BATCH).mean(axis=1)
    if batches.size < 2:
        return 0
    kept = np.arange(batches.size, 0, -1)
    sums, squares = (np.cumsum(x[::-1])[::-1] for x in (batches - batches.mean(), (batches - batches.mean()) ** 2))
    errors = np.maximum(squares - sums**2 / kept, 0.0) / kept**2
    best = int(np.argmin(errors[: max(batches.size - 1, 1)]))
    return best * BATCH if best <= batches.size // 2 else 0

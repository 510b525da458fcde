"""How fast a server was while the load was on in full: requests and tokens per second, in flight.

A window seldom begins and ends with a request, and counting those that end in it favors neither edge only by luck. Here each
request counts with the share of its life that lies in the window: half of it inside, half of its tokens. In a closed loop
of c streams and requests that all take e2e and bring n tokens this gives exactly ``c n / e2e``, wherever the window lies. In
general it is the rate law of stationary processes, rate = mean of what is produced per unit of time in flight (Little's law
with tokens for a cost; Brumelle, "On the relation between customer and time averages in queues", Journal of Applied
Probability 8, 1971).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """Requests of any phase: when each began and ended, and the tokens that it brought (0 if it failed)."""

    starts_s: FloatArray
    ends_s: FloatArray
    tokens: FloatArray
    completed: FloatArray

    def inside_s(self, low_s: float, high_s: float) -> FloatArray:
        """Return for how long each was in flight within a window."""
        inside_s: FloatArray = np.minimum(self.ends_s, high_s) - np.maximum(self.starts_s, low_s)
        return np.maximum(inside_s, 0.0)

    def mean_life_s(self, low_s: float, high_s: float) -> float:
        """Return the mean life of those that were completed and in flight within a window; 0 of none."""
        counted = (self.completed > 0) & (self.inside_s(low_s, high_s) > 0)
        return float((self.ends_s - self.starts_s)[counted].mean()) if counted.any() else 0.0

    def shares(self, low_s: float, high_s: float) -> FloatArray:
        """Return the share of each life that lies within a window."""
        lives = np.maximum(self.ends_s - self.starts_s, 1e-9)
        return np.minimum(self.inside_s(low_s, high_s) / lives, 1.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """Rates over a window."""

    request_rps: float
    output_tok_s: float
    in_flight: float


def pace(lives: Lives, low_s: float, high_s: float) -> Pace:
    """Return the rates over a window that is not empty."""
    shares, span_s = lives.shares(low_s, high_s), high_s - low_s
    return Pace(
        float(shares @ lives.completed) / span_s,
        float(shares @ lives.tokens) / span_s,
        float(lives.inside_s(low_s, high_s).sum()) / span_s,
    )


def token_rates(lives: Lives, low_s: float, high_s: float, *, slices: int) -> FloatArray:
    """Return tokens per second in equal slices of a window."""
    edges = np.linspace(low_s, high_s, slices + 1)
    pairs = pairwise(edges.tolist())
    return np.array([pace(lives, low, high).output_tok_s for low, high in pairs])

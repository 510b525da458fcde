"""Laws of the time between arrivals, as phase-type laws: the first moments of a gamma law in a few exponential phases.

Knows moments and phases. Refuses to know what arrives.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from advisor.queueing.station import FloatArray

MOST_PHASES = 10
"""Erlang phases at most: below a squared variation of 0.1 a smoother stream changes latencies by less than 1 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Times between arrivals with mean 1, as the time that a chain of phases takes to end.

    Attributes
    ----------
    starts
        Probability to begin in each phase; shape ``(phases,)``.
    leaves
        Rates of leaving each phase for the next one or for the end, as the matrix ``-D0``; shape ``(phases, phases)``.
    ends
        Rate at which each phase ends the gap; shape ``(phases,)``.
    """

    starts: FloatArray
    leaves: FloatArray
    ends: FloatArray

    def transform(self, rate: float) -> float:
        """Return E[exp(-rate T)] for a gap T of mean 1."""
        phases = np.eye(self.starts.size)
        return float(self.starts @ np.linalg.solve(self.leaves + rate * phases, self.ends))


def gaps_of(scv: float) -> Gaps:
    """Return a phase-type law with mean 1 and this squared coefficient of variation.

    Above 1 two exponentials mixed so that three moments are those of the gamma law; below 1 a mixture of two Erlang laws
    with neighboring numbers of phases, which matches two moments.

    Raises
    ------
    ValueError
        If the squared coefficient of variation is negative.

    References
    ----------
    Whitt, "Approximating a point process by a renewal process, I", Operations Research 30, 1982, section 3, for the
    three-moment fit; Tijms, "Stochastic Models", 1994, appendix B, for the Erlang mixture.
    """
    if not scv >= 0:
        raise ValueError(f"a squared coefficient of variation is not negative: {scv}")
    if scv > 1.0:
        return _mixed(scv)
    return _erlang(max(scv, 1.0 / MOST_PHASES))


def _mixed(scv: float) -> Gaps:
    """Return two exponentials with the first three moments of a gamma law: 1, 1 + c2, (1 + c2)(1 + 2 c2).

    For these moments Whitt's formula has the factor c2 - 1 above and below; cancelled, it holds close to 1 as well.
    """
    over = scv - 1.0
    middle, root = 4.0 + 2.0 * over, sqrt(4.0 * over**2 + 10.0 * over + 4.0)
    long, short = (middle + root) / 6.0, (middle - root) / 6.0
    share = (1.0 - short) / (long - short)
    rates = np.array([1.0 / long, 1.0 / short])
    return Gaps(starts=np.array([share, 1.0 - share]), leaves=np.diag(rates), ends=rates)


def _erlang(scv: float) -> Gaps:
    """Return k phases in a row of which the first is skipped with some probability; 1/k <= c2 <= 1/(k-1)."""
    phases = max(ceil(1.0 / scv - 1e-9), 1)
    skip = (phases * scv - sqrt(max(phases * (1.0 + scv) - phases**2 * scv, 0.0))) / (1.0 + scv)
    rate = phases - skip
    starts, ends = np.zeros(phases), np.zeros(phases)
    starts[0], ends[-1] = 1.0 - skip, rate
    if phases > 1:
        starts[1] = skip
    return Gaps(starts=starts, leaves=rate * (np.eye(phases) - np.eye(phases, k=1)), ends=ends)

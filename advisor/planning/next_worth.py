"""What measuring a deployment is worth before it is measured: one step of looking ahead, over draws of all speeds at once.

Knows regrets of options and log speeds in many draws. Refuses to know prices, and what is measured.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from advisor.planning.ranking import TIE_SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.planning.stakes import Stakes

    FloatArray = NDArray[np.float64]

OUTCOMES = 24
"""Equally likely results of a measurement that are told apart: more of them leave the worth within the noise of the draws."""

KNOWN = 1e-6
"""Spread of a speed over the error of a measurement below which there is nothing to learn."""

FARTHEST = 8.0
"""Standard deviations beyond which a normal law holds nothing."""


def outcome_shares(log_factors: FloatArray, *, noise_log_sd: float, outcomes: int = OUTCOMES) -> FloatArray:
    """Return how likely each result of a measurement is in each draw, shape ``(outcomes, draws)``; a draw's add up to 1.

    A result is that the measured log speed, true value plus a normal error, lies between two bounds. The bounds are
    quantiles of the draws, moved apart by what the error adds to their spread. Since the shares of a draw add up to 1,
    the results together say about any option what the draws say: looking ahead never finds a measurement that harms.

    Parameters
    ----------
    log_factors
        Log speed of what is measured in each draw, ``(draws,)``.
    noise_log_sd
        Standard deviation of the error of one measurement, over 0.
    outcomes
        Results that are told apart.
    """
    middle, spread = float(log_factors.mean()), float(log_factors.std())
    if spread < noise_log_sd * KNOWN:
        return np.ones((1, log_factors.size))
    inner = np.quantile(log_factors, np.arange(1, outcomes) / outcomes)
    bounds = middle + (inner - middle) * np.hypot(1.0, noise_log_sd / spread)
    below = _normal_shares((bounds[:, None] - log_factors[None, :]) / noise_log_sd)
    edges = np.vstack([np.zeros_like(log_factors), below, np.ones_like(log_factors)])
    return np.asarray(np.diff(edges, axis=0), dtype=np.float64)


def expected_regret(regrets: FloatArray, shares: FloatArray | None = None) -> float:
    """Return the expected regret of whoever takes the option with the least: now, or once a measurement has told.

    ``sum over results of min over options of mean over draws (share x regret)``: draws are weighed by how likely they
    make a result, which is Bayes' rule for draws of any law.

    Parameters
    ----------
    regrets
        What each option costs over the best one, ``(options, draws)``, finite.
    shares
        Those of `outcome_shares`, ``(outcomes, draws)``; None for what is known without any of them.

    References
    ----------
    Frazier, Powell and Dayanik, A knowledge-gradient policy for sequential information collection, SIAM J. Control and
    Optimization 47, 2008, equation 3.4, here over draws instead of normal laws.
    """
    weights = np.ones((1, regrets.shape[1])) if shares is None else shares
    return float((regrets @ weights.T).min(axis=0).sum() / regrets.shape[1])


def all_regrets(stakes: Stakes) -> FloatArray:
    """Return the regret of each option in each draw in which anything does, ``(options, such draws)``."""
    return np.array([stakes.regrets(option) for option in range(stakes.costs.shape[0])])


def beating_shares(stakes: Stakes, option: int) -> FloatArray:
    """Return in which share of draws each option is over 2 % cheaper than one of them, ``(options,)``."""
    return np.asarray((stakes.costs * (1 + TIE_SHARE) < stakes.costs[option]).mean(axis=1), dtype=np.float64)


def _normal_shares(deviations: FloatArray) -> FloatArray:
    """Return P(Z <= z) of a standard normal law, interpolated from a table (to 1e-6)."""
    points, shares = _normal_table()
    return np.asarray(np.interp(deviations, points, shares), dtype=np.float64)


@cache
def _normal_table() -> tuple[FloatArray, FloatArray]:
    points = np.linspace(-FARTHEST, FARTHEST, 6401)
    law = NormalDist()
    return points, np.array([law.cdf(z) for z in points.tolist()])

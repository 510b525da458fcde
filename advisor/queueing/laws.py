"""Laws of response times: a mixture over request sizes, with and without a wait for a slot.

Knows how long requests of given relative sizes take in a solved station. Refuses to know what a size is made of.
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp, log

import numpy as np

from advisor.queueing.gammas import Gammas
from advisor.queueing.station import FloatArray
from advisor.queueing.stationary import Stationary

RELATIVE_TOLERANCE = 1e-6
MARGIN = RELATIVE_TOLERANCE / 2.0
SMALLEST_TIME_S = 1e-100  # stands for zero, whose logarithm is not finite
SMALLEST_TIME_FACTOR = 1e-9  # quantiles below this share of the smallest mean are answered with it


@dataclass(frozen=True, eq=False)
class Law:
    """The law of a time over equally likely sample points, each a gamma law plus perhaps a wait.

    Point i is ``(1-Pw) Gamma(mean_i, var_i) + Pw Gamma(mean_i + W1, var_i + W1^2)``: given a wait, the wait is
    exponential with mean W1, and the sum is matched by two moments. A part of the time known for certain can be set
    apart; the gamma laws then describe what exceeds it.

    Parameters
    ----------
    means_s, variances_s2
        Mean (the certain part included) and variance of the time in service of each point; shape ``(points,)``.
    wait_probability
        Pw, in [0, 1].
    wait_given_wait_s
        W1, the mean wait of those that wait.
    certain_s
        Time that no request of a point undercuts, below its mean; a number or shape ``(points,)``.

    Raises
    ------
    ValueError
        If the vectors differ in shape or are empty, a mean does not exceed the certain part, or a variance is
        negative.
    """

    means_s: FloatArray
    variances_s2: FloatArray
    wait_probability: float
    wait_given_wait_s: float
    certain_s: FloatArray | float = 0.0

    def __post_init__(self) -> None:
        if self.means_s.ndim != 1 or self.means_s.size == 0 or self.means_s.shape != self.variances_s2.shape:
            raise ValueError("means_s and variances_s2 must be non-empty vectors of one length")
        uncertain_s = self.means_s - self.certain_s
        if not (uncertain_s.min() > 0 and self.variances_s2.min() >= 0):
            raise ValueError("means must exceed the certain part and variances not be negative")

    @cached_property
    def _gammas(self) -> Gammas:
        """The laws of what exceeds the certain part, without a wait and with one; prepared when first asked for."""
        uncertain_s, wait_s = self.means_s - self.certain_s, self.wait_given_wait_s
        return Gammas.matching(
            means_s=np.stack((uncertain_s, uncertain_s + wait_s)),
            variances_s2=np.stack((self.variances_s2, self.variances_s2 + wait_s * wait_s)),
        )

    def delayed(self, *, mean_s: float, second_s2: float) -> "Law":
        """Return the law of this time after an independent delay with a mean and a second moment."""
        variances_s2 = self.variances_s2 + max(second_s2 - mean_s**2, 0.0)
        wait = (self.wait_probability, self.wait_given_wait_s)
        return Law(self.means_s + mean_s, variances_s2, *wait, self.certain_s)

    def scaled(self, factor: float) -> "Law":
        """Return the law of this time where all of it, the wait included, takes so many times as long."""
        if factor == 1.0:
            return self
        waits = (self.wait_probability, self.wait_given_wait_s * factor)
        return Law(self.means_s * factor, self.variances_s2 * factor**2, *waits, self.certain_s * factor)

    def mean(self) -> float:
        """Return the mean time in seconds."""
        return float(self.means_s.mean()) + self.wait_probability * self.wait_given_wait_s

    def cdf(self, t_s: float) -> float:
        """Return P(T <= t)."""
        return self._share(t_s) if t_s > 0 else 0.0

    def cdf_each(self, limits_s: FloatArray) -> float:
        """Return the share of requests within limits of their own, one positive limit per sample point.

        A limit per token is ``limits_s = tokens * limit_s_per_token`` with the tokens of the same points.

        Raises
        ------
        ValueError
            If there is not one positive limit per point.
        """
        if limits_s.shape != self.means_s.shape or not limits_s.min() > 0:
            raise ValueError("limits_s needs one positive limit per sample point")
        return self._share(limits_s)

    def _share(self, times_s: FloatArray | float) -> float:
        excess_s = np.maximum(times_s - self.certain_s, SMALLEST_TIME_S)
        shares = self._gammas.cdf(excess_s)
        shares *= excess_s > SMALLEST_TIME_S  # the normal law leaves a trace of probability below zero
        served, waited = shares.mean(axis=1).tolist()
        return float(served + self.wait_probability * (waited - served))

    def quantile(self, p: float) -> float:
        """Return the time that a share ``p`` of the requests does not exceed, to 1e-6 relative.

        Below about p = 0.01 it says little where waits dominate: the normal law of the cube root then leaves up to
        0.4 % at zero.

        Raises
        ------
        ValueError
            If ``p`` is not strictly between 0 and 1.
        """
        if not 0.0 < p < 1.0:
            raise ValueError(f"p must lie strictly between 0 and 1, not {p}")
        high_s = float(self.means_s.max()) + self.wait_given_wait_s
        while self.cdf(high_s) < p:
            high_s *= 2.0
        low_s = min(high_s, float(self.means_s.min()))
        floor_s = low_s * SMALLEST_TIME_FACTOR
        while self.cdf(low_s) >= p:
            if low_s < floor_s:
                return low_s
            high_s, low_s = low_s, low_s / 4.0
        return exp(self._crossing(p, low=log(low_s), high=log(high_s)))

    def _crossing(self, p: float, *, low: float, high: float) -> float:
        """Return the log time at which the distribution function reaches ``p``, between two log times.

        False position in (log t, -log of the tail), where tails are nearly straight. An end kept twice in a row has
        its value halved (Illinois), and every third step bisects, because the function may jump.
        """
        values = [self._excess(low, p), self._excess(high, p)]
        last, step = -1, 0
        while high - low > RELATIVE_TOLERANCE:
            share = 0.5 if step % 3 == 2 else values[0] / (values[0] - values[1])
            # half a tolerance inside the bracket, so that the far end is pulled in as well
            middle = min(max(low + share * (high - low), low + MARGIN), high - MARGIN)
            value = self._excess(middle, p)
            end = 0 if value < 0 else 1
            if end == last:
                values[1 - end] /= 2.0
            low, high = (low, middle) if end else (middle, high)
            values[end], last, step = value, end, step + 1
        return high

    def _excess(self, log_t: float, p: float) -> float:
        tail = max(1.0 - self.cdf(exp(log_t)), 1e-300)
        return log((1.0 - p) / tail)


def sojourn_law(state: Stationary, *, sizes: FloatArray) -> Law:
    """Return the law of end-to-end times of requests with these relative sizes.

    A request of size x serves ``x * f`` on average, with variance
    ``v(x) = 2 Var f tau^2 (x/tau - 1 + exp(-x/tau))``: the integral of a slow-down that forgets its past at the
    exponential rate 1/tau. Short requests keep the surroundings they arrive in, long ones average over them.

    Parameters
    ----------
    state
        A solved station.
    sizes
        Work of equally likely requests relative to the mean over the whole workload; shape ``(points,)``.

    Raises
    ------
    ValueError
        If a size is not positive.

    References
    ----------
    Brandt and Brandt, ZIB-Report 09-25, 2009, for second moments in this model; the exponential covariance is our
    simplification. 1.5 % median error on p95 against simulation (methods section 1.2).
    """
    return Law(
        means_s=sizes * state.slowdown_s,
        variances_s2=_service_variances_s2(state, sizes),
        wait_probability=state.wait_probability,
        wait_given_wait_s=state.wait_given_wait_s,
    )


def _service_variances_s2(state: Stationary, sizes: FloatArray) -> FloatArray:
    if state.relaxation_work == 0.0:
        return np.zeros_like(sizes)
    ages = sizes / state.relaxation_work
    variances_s2 = 2.0 * state.slowdown_variance_s2 * state.relaxation_work**2 * (ages + np.expm1(-ages))
    return np.maximum(variances_s2, 0.0)


def partial_law(state: Stationary, *, sizes: FloatArray, fractions: FloatArray) -> Law:
    """Return the law of the time until a fraction of each request's own work is done, slot wait included.

    Parameters
    ----------
    state
        A solved station.
    sizes
        Relative work of equally likely requests; shape ``(points,)``.
    fractions
        Share of the own work to be done, in (0, 1], shape ``(points,)``; for a block-diffusion reply the prefill and
        the first canvas over all of its work.

    Raises
    ------
    ValueError
        If a fraction is outside (0, 1].

    Notes
    -----
    Assumes what the service law assumes: progress is shared equally, whatever a request is at. So the first part of
    a request is simply a smaller request.
    """
    if not (fractions.min() > 0 and fractions.max() <= 1):
        raise ValueError("fractions must lie in (0, 1]")
    return sojourn_law(state, sizes=sizes * fractions)

"""The steady state of a station under arrivals that come in bursts, or more evenly than at random.

Knows the law of the number in the system together with the phase of the gap between arrivals (a quasi-birth-death chain
whose upward step has rank one). Refuses to know where the variation of the gaps comes from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np

from advisor.queueing.gaps import Gaps, gaps_of
from advisor.queueing.station import FloatArray, Station

NEGLIGIBLE_LOG = -46.0
ROOT_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True)
class Levels:
    """How many requests are there: as arrivals find it, and over time. Counts ascend from ``first``.

    Attributes
    ----------
    first
        Requests present in the first entry; what lies below is negligible.
    found
        Probability that an arrival finds ``first + i`` < K requests; shape ``(levels,)``.
    present
        Probability over time of ``first + i`` <= K requests; shape ``(levels + 1,)``.
    found_full
        Probability that an arrival finds every slot taken.
    ratio
        Of neighboring states beyond the slots, where the law is geometric.
    mean_waiting
        Time average of the requests without a slot.
    """

    first: int
    found: FloatArray
    present: FloatArray
    found_full: float
    ratio: float
    mean_waiting: float


def levels_of(station: Station, *, arrival_rps: float, arrival_scv: float) -> Levels:
    """Return the law of the number in the system for renewal arrivals with a squared variation of their gaps.

    With D0 the phases of a gap, e its end rates and alpha its start, the chain goes up by ``e alpha``, a matrix of rank
    one. So ``pi(n) = c(n-1) w(n)`` with numbers c and row vectors w, and block elimination from the top level down
    becomes a recursion of vectors. As what goes up must come down, ``mu |w| = 1``, which rids it of differences:

        w(n) = alpha G + (alpha G e / mu) w' G / |w' G|,   G = (mu I - D0)^-1,   c(n) = c(n-1) w(n) e,

    mu the rate of level n, the prime at level n+1. From the last slot on w is constant and c falls by the ratio r that
    solves ``r = E exp(-mu (1-r) T)``, as in a GI/M/1 queue. The numbers c(n) are also what arrivals find.

    Parameters
    ----------
    station
        The server, or the pooled fleet.
    arrival_rps
        Mean arrivals per second, below the saturation rate.
    arrival_scv
        Squared coefficient of variation of the times between arrivals; 1 gives the Poisson law.

    Notes
    -----
    Exact for exponential work and these gaps. The gaps match three moments of a gamma law (two below 1).

    References
    ----------
    Neuts, "Matrix-Geometric Solutions in Stochastic Models", 1981, chapter 1 (GI/M/1 and rank one); Bright and Taylor,
    "Calculating the equilibrium distribution in level dependent quasi-birth-and-death processes", Stochastic Models 11,
    1995, for the elimination from the top.
    """
    gaps = gaps_of(arrival_scv)
    rates = station.rates_rps / arrival_rps  # per mean gap
    top = _top(station, arrival_rps=arrival_rps, arrival_scv=arrival_scv)
    ratio, w = _tail(gaps, float(rates[top - 1]))
    steps, first = _eliminate(gaps, rates, top=top, w=w)
    log_found = np.concatenate(([0.0], np.cumsum(np.log(steps))))  # c(first) .. c(top)
    found = np.exp(log_found - log_found.max())
    after = found[-1] * ratio / (1.0 - ratio)  # what arrivals find beyond the top
    total = float(found.sum()) + after
    present = np.concatenate(([0.0], found[:-1] / rates[first:top]))  # the first entry closes the sum, see below
    waiting = float(found[-1]) / float(rates[top - 1]) / (1.0 - ratio)
    # arrivals per gap are one, so that all c add up to the same as all probabilities over time
    present[0] = max(total - float(present.sum()) - waiting, 0.0)
    return Levels(
        first=first,
        found=found[:-1] / total,
        present=present / total,
        found_full=(float(found[-1]) + after) / total,
        ratio=ratio,
        mean_waiting=waiting / (1.0 - ratio) / total,
    )


def _top(station: Station, *, arrival_rps: float, arrival_scv: float) -> int:
    """Return the level to eliminate from: the last slot, or one that even bursts never reach."""
    log_law = station.counts * log(arrival_rps / station.saturation_rps) + station.log_weights
    likely = log_law - log_law.max() > NEGLIGIBLE_LOG * max(2.0 * arrival_scv, 1.0)
    highest = station.slots - int(likely[::-1].argmax())
    return max(highest, 1)


def _tail(gaps: Gaps, rate: float) -> tuple[float, FloatArray]:
    """Return the ratio of neighboring states where every level has this rate, and the phases there."""
    low, high = 0.0, 1.0 - ROOT_TOLERANCE
    while high - low > ROOT_TOLERANCE * high:
        middle = (low + high) / 2.0
        low, high = (middle, high) if gaps.transform(rate * (1.0 - middle)) > middle else (low, middle)
    ratio = (low + high) / 2.0
    settled = gaps.leaves + rate * (1.0 - ratio) * np.eye(gaps.starts.size)
    return ratio, np.asarray(np.linalg.solve(settled.T, gaps.starts), dtype=np.float64)


def _eliminate(gaps: Gaps, rates: FloatArray, *, top: int, w: FloatArray) -> tuple[FloatArray, int]:
    """Return ratios ``c(n) / c(n-1)`` for n = first+1 .. top, and ``first``, below which the law is negligible."""
    apart = gaps.starts.size == 2 and np.array_equal(gaps.leaves, np.diag(np.diagonal(gaps.leaves)))
    below = (_below_two if apart else _below)(gaps, rates[:top], w)
    steps = [float(w @ gaps.ends)]
    log_found = peak = 0.0
    level = top - 1
    while level >= 1 and log_found - peak > NEGLIGIBLE_LOG:
        steps.append(next(below))
        log_found -= log(steps[-1])
        peak = max(peak, log_found)
        level -= 1
    return np.array(steps[::-1]), level


def _below(gaps: Gaps, rates: FloatArray, w: FloatArray) -> Iterator[float]:
    """Yield the ratio of each level below the top, from the top down; `rates` are those of levels 1 to the top."""
    inverses = np.linalg.inv(gaps.leaves + rates[:, None, None] * np.eye(gaps.starts.size))
    starts = gaps.starts @ inverses
    straight = (starts @ gaps.ends) / rates
    for level in range(len(rates) - 2, -1, -1):
        w = w @ inverses[level]
        w = starts[level] + straight[level] / w.sum() * w
        yield float(w @ gaps.ends)


def _below_two(gaps: Gaps, rates: FloatArray, w: FloatArray) -> Iterator[float]:
    """Yield the same for two phases without a way between them, which all bursts have, in plain numbers.

    Pooled fleets have thousands of levels, and vectors of two cost far more than what is worked out with them.
    """
    inverses = 1.0 / (np.diagonal(gaps.leaves)[:, None] + rates[-2::-1])
    starts = gaps.starts[:, None] * inverses
    straight = gaps.ends @ starts / rates[-2::-1]
    (a, b), (end_a, end_b) = w.tolist(), gaps.ends.tolist()
    columns = (column.tolist() for column in (*inverses, *starts, straight))
    for inverse_a, inverse_b, start_a, start_b, through in zip(*columns, strict=True):
        a, b = a * inverse_a, b * inverse_b
        share = through / (a + b)
        a, b = start_a + share * a, start_b + share * b
        yield a * end_a + b * end_b

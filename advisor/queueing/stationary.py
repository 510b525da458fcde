"""The steady state of a station under random arrivals.

Knows the birth-death law of the number in the system and what one tagged request sees of it. Refuses to know
how large requests are, beyond the squared coefficient of variation that scales the wait for a slot.
"""

from dataclasses import dataclass
from math import exp, isfinite, log

import numpy as np

from advisor.queueing.bursts import Levels, levels_of
from advisor.queueing.station import FloatArray, Station, Unstable

NEGLIGIBLE_LOG = -46.0  # states below 1e-20 of the most likely one change no result in double precision
NEGLIGIBLE_SPREAD = 1e-18  # squared relative spread that is rounding, not randomness


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationary:
    """What a station does in steady state at one arrival rate. Work is in units of the mean request.

    Attributes
    ----------
    arrival_rps
        Offered requests per second.
    utilization
        Arrival rate over saturation rate, in (0, 1).
    mean_in_system, mean_waiting
        Time averages of the requests present, and of those without a slot.
    wait_probability
        Share of arrivals that find every slot taken.
    join_probability
        Share of arrivals that find a free slot, but no idle replica: they join others at once.
    mean_wait_s
        Mean wait for a slot over all requests, the lucky ones included.
    slowdown_s
        Seconds in service per unit of work; a request of size x serves ``x * slowdown_s`` on average.
    slowdown_variance_s2
        Variance of the seconds per unit of work over a request's own progress.
    relaxation_work
        How much own work a request does until its surroundings are forgotten; in units of mean work, not seconds.
    """

    arrival_rps: float
    utilization: float
    mean_in_system: float
    mean_waiting: float
    wait_probability: float
    join_probability: float
    mean_wait_s: float
    slowdown_s: float
    slowdown_variance_s2: float
    relaxation_work: float

    @property
    def mean_sojourn_s(self) -> float:
        """Mean time from arrival to completion."""
        return self.mean_wait_s + self.slowdown_s

    @property
    def wait_given_wait_s(self) -> float:
        """Mean wait of those requests that wait."""
        return self.mean_wait_s / self.wait_probability if self.wait_probability > 0 else 0.0


@dataclass(frozen=True, slots=True)
class _Levels:
    """Probabilities of the states that matter: ``law[j]`` belongs to ``first + j`` requests present, at most K."""

    first: int
    law: FloatArray
    ratio: float  # of neighboring states beyond the slots, where the law is geometric
    full: float  # probability that every slot is taken


def solve(
    station: Station, *, arrival_rps: float, work_scv: float = 1.0, arrival_scv: float = 1.0, replicas: int = 1
) -> Stationary:
    """Return the steady state of ``station``, by default under Poisson arrivals.

    ``pi(n) ~ prod_{i<=n} arrival / rate(i)``; ``f = (L - Lq) / arrival`` by Little's law over the slots;
    ``EW = Lq / arrival * (Ca2 + C2) / (Ca2 + 1)``.

    Parameters
    ----------
    station
        The server, or the pooled fleet.
    arrival_rps
        Mean arrivals per second, positive.
    work_scv
        Squared coefficient of variation C2 of the work per request: 0 constant, 1 exponential. Scales the wait.
    arrival_scv
        Squared coefficient of variation Ca2 of the times between arrivals: 0 constant, 1 Poisson, more for bursts.
    replicas
        How many replicas the station stands for; so many requests leave none of them idle.

    Raises
    ------
    Unstable
        If arrivals reach the saturation rate.
    ValueError
        If the arrival rate is not positive and finite, or the variation is negative.

    Notes
    -----
    Exact for exponential work; with Poisson arrivals and no slot limit exact in the mean for any work, because
    processor sharing is insensitive. The factor on the wait is the two-moment approximation of GI/G/c. Under bursts the
    number in the system is that of :func:`advisor.queueing.bursts.levels_of`, the spread is taken over what arrivals find,
    and the relaxation is that under Poisson arrivals: the drift sets it, not the burstiness (methods section 1.1).

    References
    ----------
    Brandt and Brandt, "Waiting times for M/M systems under state-dependent processor sharing", Queueing Systems 59,
    2008, doi 10.1007/s11134-008-9086-5; the same, ZIB-Report 09-25, 2009, for general work by two moments.
    """
    _check_offer(station, arrival_rps=arrival_rps, work_scv=work_scv)
    if arrival_scv != 1.0:
        return _solve_bursty(
            station, arrival_rps=arrival_rps, work_scv=work_scv, arrival_scv=arrival_scv, replicas=replicas
        )
    levels = _levels(station, load=arrival_rps / station.saturation_rps)
    mean_waiting = levels.full * levels.ratio / (1.0 - levels.ratio)
    in_service = _mean_in_service(station, levels)
    slowdown_s = in_service / arrival_rps
    variance_s2, relaxation_work = _spread(station, levels, slowdown_s=slowdown_s)
    return Stationary(
        arrival_rps=arrival_rps,
        utilization=levels.ratio,
        mean_in_system=in_service + mean_waiting,
        mean_waiting=mean_waiting,
        wait_probability=levels.full,
        join_probability=_joining(levels.law[: station.slots - levels.first], levels.first, replicas=replicas),
        mean_wait_s=mean_waiting / arrival_rps * (1.0 + work_scv) / 2.0,
        slowdown_s=slowdown_s,
        slowdown_variance_s2=variance_s2,
        relaxation_work=relaxation_work,
    )


def _solve_bursty(
    station: Station, *, arrival_rps: float, work_scv: float, arrival_scv: float, replicas: int
) -> Stationary:
    levels = levels_of(station, arrival_rps=arrival_rps, arrival_scv=arrival_scv)
    counts = np.arange(levels.first, levels.first + levels.present.size)
    in_service = float(counts @ levels.present) + station.slots * max(1.0 - float(levels.present.sum()), 0.0)
    calm = _levels(station, load=arrival_rps / station.saturation_rps)
    slowdown_s = _mean_in_service(station, calm) / arrival_rps
    _, relaxation_work = _spread(station, calm, slowdown_s=slowdown_s)
    return Stationary(
        arrival_rps=arrival_rps,
        utilization=arrival_rps / station.saturation_rps,
        mean_in_system=in_service + levels.mean_waiting,
        mean_waiting=levels.mean_waiting,
        wait_probability=levels.found_full,
        join_probability=_joining(levels.found, levels.first, replicas=replicas),
        mean_wait_s=levels.mean_waiting / arrival_rps * (arrival_scv + work_scv) / (arrival_scv + 1.0),
        slowdown_s=in_service / arrival_rps,
        slowdown_variance_s2=_spread_found(station, levels),
        relaxation_work=relaxation_work,
    )


def _joining(found: FloatArray, first: int, *, replicas: int) -> float:
    """Return the probability of at least so many requests, from the law of those counts that leave a slot free."""
    return float(found[max(replicas - first, 0) :].sum())


def _spread_found(station: Station, levels: Levels) -> float:
    """Return the variance [s2] of the slow-down over what arrivals find, themselves included."""
    slowdowns_s = station.slowdowns_s[levels.first : levels.first + levels.found.size]
    full_s = float(station.slowdowns_s[-1])
    mean_s = float(levels.found @ slowdowns_s) + levels.found_full * full_s
    return float(levels.found @ (slowdowns_s - mean_s) ** 2) + levels.found_full * (full_s - mean_s) ** 2


def _check_offer(station: Station, *, arrival_rps: float, work_scv: float) -> None:
    if not (isfinite(arrival_rps) and arrival_rps > 0):
        raise ValueError(f"arrival_rps must be positive and finite, not {arrival_rps}")
    if not work_scv >= 0:
        raise ValueError(f"work_scv must not be negative, it is {work_scv}")
    if arrival_rps >= station.saturation_rps:
        raise Unstable(f"{arrival_rps:g} requests/s reach the saturation rate of {station.saturation_rps:g}")


def _levels(station: Station, *, load: float) -> _Levels:
    """Return the law of the number present; logs keep thousands of factors from under- and overflowing."""
    log_law = station.counts * log(load)
    log_law += station.log_weights
    log_law -= log_law.max()
    kept = log_law > NEGLIGIBLE_LOG
    first = int(kept.argmax())
    law = np.exp(log_law[first : kept.size - int(kept[::-1].argmax())])
    all_slots = exp(log_law[-1])
    total = float(law.sum()) + all_slots * load / (1.0 - load)
    return _Levels(first=first, law=law / total, ratio=load, full=all_slots / (1.0 - load) / total)


def _mean_in_service(station: Station, levels: _Levels) -> float:
    """Return the mean of min(n, K); the law covers 0..K, the geometric rest adds K slots each."""
    counts = station.counts[levels.first : levels.first + levels.law.size]
    return float(counts @ levels.law) + station.slots * levels.full * levels.ratio


def _spread(station: Station, levels: _Levels, *, slowdown_s: float) -> tuple[float, float]:
    """Return the variance of the slow-down [s2] along a request's own progress and its relaxation [work].

    Let m count the requests present, the tagged one included, and f(m) = min(m, K) / rate(m) the seconds that one
    unit of its work takes. In the clock of its own progress the number present rises at rate ``arrival * f(m)``, and
    each of the others leaves at rate 1, having work left that is exponential and served as fast as its own. Detailed
    balance gives the weights w(m) = pi(m-1): with m in service, ``w(m) arrival f(m) = pi(m) m = w(m+1) m``. They are
    also what makes the mean of f equal Little's (L - Lq) / arrival. For a function g of mean zero on such a chain,

        asymptotic variance = 2 sum_m S_m^2 / (w(m) arrival f(m)),   S_m = sum_{j<=m} w(j) g(j),

    and ``w(m) arrival f(m) = min(m, K) pi(m)``. Beyond K slots f no longer changes and pi is geometric with ratio r,
    so that ``S_m = -g(K) pi(m) / (1-r)`` and the terms m >= K add up to ``g(K)^2 P(wait) / (K (1-r)^2)``. A covariance
    ``Var f exp(-|x-y|/tau)`` has asymptotic variance ``2 tau Var f``: that defines tau.

    References
    ----------
    Whitt, "Asymptotic formulas for Markov processes with applications to simulation", Operations Research 40, 1992,
    section 3, for the sum over a birth-death chain.
    """
    present = levels.law[: station.slots - levels.first]  # n = m-1 < K: what a request that finds a slot sees
    excess_s = station.slowdowns_s[levels.first : levels.first + present.size] - slowdown_s
    excess_full_s = float(station.slowdowns_s[-1]) - slowdown_s
    flux = present * excess_s
    variance_s2 = float(flux @ excess_s) + levels.full * excess_full_s**2
    if variance_s2 <= NEGLIGIBLE_SPREAD * slowdown_s**2:
        return 0.0, 0.0
    sums = _partial_sums(flux, rest=levels.full * excess_full_s, peak=int(present.argmax()))
    above = levels.law[1 : station.slots - levels.first]  # pi(m) for m = first+1 .. K-1
    counts = station.counts[levels.first + 1 : levels.first + 1 + above.size]
    terms = sums[: above.size] ** 2 / (counts * above)
    beyond = excess_full_s**2 * levels.full / (station.slots * (1.0 - levels.ratio) ** 2)
    return variance_s2, (float(terms.sum()) + beyond) / variance_s2


def _partial_sums(flux: FloatArray, *, rest: float, peak: int) -> FloatArray:
    """Return the sums up to each entry of terms that add to zero with ``rest``.

    Beyond the peak they are taken from the far end: differences of nearly equal sums, divided by tiny
    probabilities, would leave nothing but rounding.
    """
    from_end = np.concatenate(([rest], flux[::-1])).cumsum()[::-1]
    return np.concatenate((flux[:peak].cumsum(), -from_end[peak + 1 :]))

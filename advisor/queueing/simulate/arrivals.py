"""Times of arrival: drawn with a given variation, along the hours of a profile, or those of a trace at another speed."""

from collections.abc import Sequence

import numpy as np

from advisor.queueing.station import FloatArray

SECONDS_PER_HOUR = 3600.0


def arrival_times_s(
    rng: np.random.Generator, *, requests: int, arrival_rps: float, arrival_scv: float = 1.0
) -> FloatArray:
    """Return times of arrival whose gaps follow a gamma law: constant for 0, Poisson for 1, bursty above.

    Parameters
    ----------
    rng
        Source of randomness.
    requests
        How many, at least 1.
    arrival_rps
        Mean arrivals per second, positive.
    arrival_scv
        Squared coefficient of variation of the gaps, not negative.

    Raises
    ------
    ValueError
        If a parameter is out of its range.
    """
    if requests < 1 or not arrival_rps > 0 or not arrival_scv >= 0:
        raise ValueError("requests and rate must be positive, the variation not negative")
    if arrival_scv == 0:
        return np.arange(1.0, requests + 1.0) / arrival_rps
    return np.asarray(rng.gamma(1.0 / arrival_scv, arrival_scv / arrival_rps, size=requests).cumsum(), dtype=np.float64)


def stretched_s(times_s: FloatArray, *, arrival_rps: float) -> FloatArray:
    """Return the times of a trace, stretched or compressed so that its mean rate is the given one; the first is 0.

    Raises
    ------
    ValueError
        If the trace has no duration.
    """
    span_s = float(times_s[-1] - times_s[0])
    if not span_s > 0:
        raise ValueError("a trace without duration has no rate")
    return np.asarray((times_s - times_s[0]) * ((times_s.size - 1) / span_s / arrival_rps), dtype=np.float64)


def hourly_times_s(
    rng: np.random.Generator, *, shares_of_mean: Sequence[float], arrival_rps: float, arrival_scv: float = 1.0
) -> FloatArray:
    """Return the times of arrival of one pass through the hours of a profile.

    Gaps are drawn in operational time, in which the rate is constant, and mapped to the hours: where the rate doubles, gaps
    halve. May be empty where the rate is tiny.

    Parameters
    ----------
    rng
        Source of randomness.
    shares_of_mean
        Rate of each hour over the mean of all; mean 1.
    arrival_rps
        Mean rate over all hours.
    arrival_scv
        Squared coefficient of variation of the gaps in operational time.
    """
    hours = np.arange(len(shares_of_mean) + 1) * SECONDS_PER_HOUR
    expected = np.concatenate(([0.0], np.cumsum(shares_of_mean))) * SECONDS_PER_HOUR * arrival_rps
    total = float(expected[-1])
    drawn = max(int(total + 8.0 * np.sqrt(total * max(arrival_scv, 1.0))) + 8, 1)
    ticks = arrival_times_s(rng, requests=drawn, arrival_rps=1.0, arrival_scv=arrival_scv)
    kept = ticks[ticks < total]
    hour = np.searchsorted(expected, kept, side="right") - 1  # never one without load, which begins and ends alike
    passed = (kept - expected[hour]) / (expected[hour + 1] - expected[hour])
    return np.asarray(hours[hour] + passed * SECONDS_PER_HOUR, dtype=np.float64)

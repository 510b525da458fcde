"""Stations: a server whose speed depends on how many requests it holds.

Knows the completion curve of one replica and how several replicas act as one. Refuses to know arrivals.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]


class Unstable(ValueError):  # noqa: N818 - the condition's name, as with the rest of the error tree
    """The offered load is at or beyond what the station can complete: queues grow without bound."""


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """A processor-sharing server with a slot limit; requests beyond the slots wait first come, first served.

    Parameters
    ----------
    rates_rps
        Completions per second with 1..K requests in service; shape ``(K,)``. This is the closed-loop throughput
        X(c) read as a service rate. A curve that ends below its best rate should be cut at the best by the caller:
        with all slots busy the station runs at its *last* rate, however good an earlier one was.

    Attributes
    ----------
    counts
        Requests in the system, 0..K; shape ``(K+1,)``.
    log_weights
        Log of the stationary weights at load 1, ``sum_{i<=n} log(rates[-1] / rates[i-1])``; shape ``(K+1,)``. Kept
        here because a capacity search solves the same station at many loads. Scaled by the saturation rate so
        that the cumulated sum stays small where the mass is.
    slowdowns_s
        Seconds per unit of mean work while n share the server, ``n / rate(n)``; shape ``(K,)``.

    Raises
    ------
    ValueError
        If the curve is not a non-empty vector of finite positive rates.
    """

    rates_rps: FloatArray
    counts: FloatArray = field(init=False, repr=False)
    log_weights: FloatArray = field(init=False, repr=False)
    slowdowns_s: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rates_rps = np.array(self.rates_rps, dtype=np.float64)
        if rates_rps.ndim != 1 or rates_rps.size == 0:
            raise ValueError("rates_rps must be a non-empty vector")
        if not (np.isfinite(rates_rps).all() and (rates_rps > 0).all()):
            raise ValueError("rates_rps must be finite and positive")
        counts = np.arange(rates_rps.size + 1, dtype=np.float64)
        log_weights = np.zeros_like(counts)
        np.cumsum(np.log(rates_rps[-1] / rates_rps), out=log_weights[1:])
        self._keep(rates_rps=rates_rps, counts=counts, log_weights=log_weights, slowdowns_s=counts[1:] / rates_rps)

    def _keep(self, **arrays: FloatArray) -> None:
        for name, array in arrays.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def slots(self) -> int:
        """Requests that can be in service at once."""
        return int(self.rates_rps.size)

    @property
    def saturation_rps(self) -> float:
        """Completions per second with every slot busy: the arrival rate at which the queue stops being stable."""
        return float(self.rates_rps[-1])


def pool(station: Station, *, replicas: int) -> Station:
    """Return k replicas under least-outstanding routing as one station with k times the slots.

    ``rate_k(n) = k * rate(n / k)``, linear between measured counts; below one request per replica each request has
    a replica of its own, ``n * rate(1)``, which is the same line drawn from the origin.

    Parameters
    ----------
    station
        One replica.
    replicas
        How many identical replicas stand behind the router.

    Raises
    ------
    ValueError
        If ``replicas`` is below 1.

    Notes
    -----
    Assumes the router keeps the replicas level. Median error against simulation with 2-8 replicas: 0.6 % on the
    mean, 1.0 % on p95 (methods section 1.3).

    References
    ----------
    Gupta, Harchol-Balter, Sigman, Whitt, "Analysis of join-the-shortest-queue routing for web server farms",
    Performance Evaluation 64, 2007, doi 10.1016/j.peva.2007.06.012: this routing in front of processor sharing is
    nearly insensitive to the size law, which is what lets one pooled server stand for the fleet.
    """
    if replicas < 1:
        raise ValueError("replicas must be at least 1")
    per_replica = np.arange(1, replicas * station.slots + 1) / replicas
    rates_rps = np.interp(per_replica, station.counts, np.concatenate(([0.0], station.rates_rps)))
    return Station(rates_rps * replicas)

"""Several replicas behind a router: which station under which arrivals stands for them.

Knows the routing rules. Refuses to know what the replicas run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import sqrt

from advisor.domain.routing import Routing
from advisor.queueing.station import Station
from advisor.queueing.stationary import Stationary, solve


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What arrives at a fleet.

    Attributes
    ----------
    arrival_rps
        Mean arrivals per second at all replicas together.
    work_scv
        Squared coefficient of variation of the work per request.
    arrival_scv
        Squared coefficient of variation of the times between arrivals.
    """

    arrival_rps: float
    work_scv: float = 1.0
    arrival_scv: float = 1.0


@dataclass(frozen=True, slots=True)
class FleetState:
    """The steady state of the station that stands for the fleet, and how many replicas that station covers."""

    state: Stationary
    replicas: int


Pooling = Callable[[int], Station]


def fleet_state(pooled: Pooling, traffic: Traffic, *, replicas: int, routing: Routing) -> FleetState:
    """Return the steady state of identical replicas behind a router.

    Least outstanding acts as one pooled server. Under round robin each replica sees every k-th arrival, a gap of k gaps:
    variation Ca2 / k. Under random choice it sees a thinned stream, 1 + (Ca2 - 1) / k. Two choices lie between round robin
    and least outstanding, in the geometric mean; of two replicas they choose the better one.

    Parameters
    ----------
    pooled
        Returns the station of that many replicas under least-outstanding routing; of one for 1.
    traffic
        What arrives.
    replicas
        How many there are.
    routing
        The rule of the router.

    Raises
    ------
    Unstable
        If the replicas cannot complete what arrives.

    Notes
    -----
    Median error of p95 against simulation with 2 to 8 replicas, load 0.5 to 0.85, Poisson: 2.3, 1.8, 0.7 and 1.0 % in the
    order of this text, up to 6 % for four slots under least outstanding (``validate queueing``).
    """
    if replicas == 1:
        return FleetState(_solve(pooled(1), traffic), 1)
    return _OF_RULE[routing](pooled, traffic, replicas)


def _solve(station: Station, traffic: Traffic, *, replicas: int = 1) -> Stationary:
    return solve(
        station,
        arrival_rps=traffic.arrival_rps,
        work_scv=traffic.work_scv,
        arrival_scv=traffic.arrival_scv,
        replicas=replicas,
    )


def _least_outstanding(pooled: Pooling, traffic: Traffic, replicas: int) -> FleetState:
    return FleetState(_solve(pooled(replicas), traffic, replicas=replicas), replicas)


def _split(pooled: Pooling, traffic: Traffic, replicas: int, *, floor: float) -> FleetState:
    """Return one replica with its share of the arrivals; of their variation above `floor` a k-th remains."""
    scv = floor + (traffic.arrival_scv - floor) / replicas
    share = Traffic(arrival_rps=traffic.arrival_rps / replicas, work_scv=traffic.work_scv, arrival_scv=scv)
    return FleetState(_solve(pooled(1), share), 1)


def _power_of_two(pooled: Pooling, traffic: Traffic, replicas: int) -> FleetState:
    if replicas == 2:  # both are always drawn
        return _least_outstanding(pooled, traffic, replicas)
    level = _solve(pooled(replicas), traffic, replicas=replicas)
    blind = _split(pooled, traffic, replicas, floor=0.0).state
    return FleetState(_between(blind, level, replicas=replicas), 1)


def _between(one: Stationary, fleet: Stationary, *, replicas: int) -> Stationary:
    """Return the geometric mean of one replica's state and the share of one replica in a fleet's."""
    return Stationary(
        arrival_rps=one.arrival_rps,
        utilization=one.utilization,
        mean_in_system=sqrt(one.mean_in_system * fleet.mean_in_system / replicas),
        mean_waiting=sqrt(one.mean_waiting * fleet.mean_waiting / replicas),
        join_probability=sqrt(one.join_probability * fleet.join_probability),
        wait_probability=sqrt(one.wait_probability * fleet.wait_probability),
        mean_wait_s=sqrt(one.mean_wait_s * fleet.mean_wait_s),
        slowdown_s=sqrt(one.slowdown_s * fleet.slowdown_s),
        slowdown_variance_s2=sqrt(one.slowdown_variance_s2 * fleet.slowdown_variance_s2),
        relaxation_work=sqrt(one.relaxation_work * fleet.relaxation_work),
    )


_OF_RULE: Mapping[Routing, Callable[[Pooling, Traffic, int], FleetState]] = {
    Routing.LEAST_OUTSTANDING: _least_outstanding,
    Routing.ROUND_ROBIN: partial(_split, floor=0.0),
    Routing.RANDOM: partial(_split, floor=1.0),
    Routing.POWER_OF_TWO: _power_of_two,
}

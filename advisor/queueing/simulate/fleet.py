"""The event loop: requests arrive, a router picks a replica, replicas step when they are due."""

from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from math import inf
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from advisor.domain.routing import Routing
from advisor.queueing.simulate.records import Kind, Records, Replica
from advisor.queueing.simulate.routing import RULES, Choose
from advisor.queueing.station import FloatArray

Calendar: TypeAlias = list[tuple[float, int]]
"""When [s] which replica is due, as a heap."""


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What each request asks of a replica; vectors of one entry per request, in order of arrival.

    Parameters
    ----------
    arrivals_s
        Ascending times of arrival.
    work
        Units of progress until the reply is whole: relative work for :class:`Sharing`, steps for :class:`Batching`.
    first
        Units of progress until the first text shows; None: when the reply is whole.
    prompt_tokens
        Tokens to read before; None: none. :class:`Sharing` does not look at them.

    Raises
    ------
    ValueError
        If vectors differ in length or are empty, times descend, or work is not positive.
    """

    arrivals_s: FloatArray
    work: FloatArray
    first: FloatArray | None = None
    prompt_tokens: FloatArray | None = None

    def __post_init__(self) -> None:
        given = [values for values in (self.work, self.first, self.prompt_tokens) if values is not None]
        if self.arrivals_s.size == 0 or any(values.shape != self.arrivals_s.shape for values in given):
            raise ValueError("requests need one arrival, work, first text and prompt each")
        if not (np.diff(self.arrivals_s).min(initial=0.0) >= 0 and self.work.min() > 0):
            raise ValueError("times of arrival must ascend and work be positive")


@dataclass(frozen=True, eq=False)
class Outcome:
    """When each request arrived, got its slot, showed its first text and was done [s]; shape ``(requests,)`` each."""

    arrivals_s: FloatArray
    starts_s: FloatArray
    firsts_s: FloatArray
    dones_s: FloatArray

    @cached_property
    def e2e_s(self) -> FloatArray:
        """Arrival to last token."""
        return self.dones_s - self.arrivals_s

    @cached_property
    def ttft_s(self) -> FloatArray:
        """Arrival to first text."""
        return self.firsts_s - self.arrivals_s

    def waiting(self, times_s: ArrayLike) -> FloatArray:
        """Return how many requests wait for a slot at some moments."""
        return _count(self.arrivals_s, times_s) - _count(np.sort(self.starts_s), times_s)

    def in_service(self, times_s: ArrayLike) -> FloatArray:
        """Return how many requests have a slot at some moments."""
        return _count(np.sort(self.starts_s), times_s) - _count(np.sort(self.dones_s), times_s)

    def after(self, first: int) -> "Outcome":
        """Return the outcome of the requests from a position on."""
        return self.part(first, self.arrivals_s.size)

    def part(self, first: int, end: int) -> "Outcome":
        """Return the outcome of the requests from a position to before another."""
        times_s = (self.arrivals_s, self.starts_s, self.firsts_s, self.dones_s)
        return Outcome(*(column[first:end] for column in times_s))


def _count(ascending_s: FloatArray, times_s: ArrayLike) -> FloatArray:
    return np.searchsorted(ascending_s, times_s, side="right").astype(np.float64)


def simulate(
    kind: Kind,
    demand: Demand,
    *,
    replicas: int,
    routing: Routing = Routing.LEAST_OUTSTANDING,
    seed: int = 0,
) -> Outcome:
    """Run all requests through a fleet until the last one is done.

    Parameters
    ----------
    kind
        What the fleet is made of: :class:`Sharing` or :class:`Batching`.
    demand
        The requests.
    replicas
        How many replicas stand behind the router.
    routing
        How the router picks one.
    seed
        Of the router's own draws; the requests are drawn by the caller.

    Raises
    ------
    ValueError
        If ``replicas`` is below 1.
    """
    if replicas < 1:
        raise ValueError("replicas must be at least 1")
    work = demand.work.tolist()
    records = Records.blank(
        work=work,
        first=work if demand.first is None else demand.first.tolist(),
        prompt_tokens=[0.0] * len(work) if demand.prompt_tokens is None else demand.prompt_tokens.tolist(),
        replicas=replicas,
    )
    fleet = [kind.replica(records, index) for index in range(replicas)]
    draw = Random(seed)  # noqa: S311 - a router keeps no secrets
    _run(fleet, demand.arrivals_s.tolist(), RULES[routing](records.outstanding, draw))
    done_s = np.array(records.done_s)
    return Outcome(demand.arrivals_s, np.array(records.start_s), np.minimum(records.first_s, done_s), done_s)


def _run(fleet: list[Replica], arrivals_s: list[float], choose: Choose) -> None:
    """Let events happen in order of time. An entry of the calendar is stale if its replica is due at another time."""
    calendar: Calendar = []
    for job, arrival_s in enumerate(arrivals_s):
        while calendar and calendar[0][0] <= arrival_s:
            _next(calendar, fleet)
        index = choose()
        replica = fleet[index]
        before_s = replica.due_s
        replica.arrive(arrival_s, job)
        if replica.due_s != before_s:
            heappush(calendar, (replica.due_s, index))
    while calendar:
        _next(calendar, fleet)


def _next(calendar: Calendar, fleet: list[Replica]) -> None:
    due_s, index = heappop(calendar)
    replica = fleet[index]
    if due_s == replica.due_s:
        replica.step()
        if replica.due_s < inf:
            heappush(calendar, (replica.due_s, index))

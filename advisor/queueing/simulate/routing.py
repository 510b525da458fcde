"""The rules of :class:`advisor.domain.routing.Routing` as choices among replicas by their unfinished requests."""

from collections.abc import Callable, Mapping
from itertools import cycle
from random import Random

from advisor.domain.routing import Routing

Choose = Callable[[], int]
"""Returns the index of the replica that takes the next request."""


def _least_outstanding(outstanding: list[int], _draw: Random) -> Choose:
    # the first of those that tie: replicas are alike, so no other choice among them changes a law
    return lambda: outstanding.index(min(outstanding))


def _round_robin(outstanding: list[int], _draw: Random) -> Choose:
    turns = cycle(range(len(outstanding)))
    return lambda: next(turns)


def _random(outstanding: list[int], draw: Random) -> Choose:
    replicas, uniform = len(outstanding), draw.random
    return lambda: int(uniform() * replicas)


def _power_of_two(outstanding: list[int], draw: Random) -> Choose:
    replicas, uniform = len(outstanding), draw.random
    if replicas == 1:
        return lambda: 0

    def choose() -> int:
        one = int(uniform() * replicas)
        other = (one + 1 + int(uniform() * (replicas - 1))) % replicas
        return one if outstanding[one] <= outstanding[other] else other

    return choose


RULES: Mapping[Routing, Callable[[list[int], Random], Choose]] = {
    Routing.LEAST_OUTSTANDING: _least_outstanding,
    Routing.ROUND_ROBIN: _round_robin,
    Routing.RANDOM: _random,
    Routing.POWER_OF_TWO: _power_of_two,
}

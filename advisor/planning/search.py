"""Best-first search: size only those options whose cheapest conceivable price could still matter."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Priced(Protocol):
    """Anything with a price per hour in USD."""

    @property
    def usd(self) -> float:
        """Price per hour."""
        ...


PlanT = TypeVar("PlanT", bound=Priced)


class Option(NamedTuple, Generic[PlanT]):
    """A deployment before sizing. `floor_usd` is a lower bound of its price.

    `settle` sizes it, or returns it again with a better bound, or tells by None that it fails. A tuple, because
    thousands are made for one question.
    """

    floor_usd: float
    settle: Callable[[], PlanT | Option[PlanT] | None]


def cheapest_first(options: Iterable[Option[PlanT]]) -> Iterator[PlanT]:
    """Yield plans by rising price, settling as few options as the bounds allow.

    An option waits in the queue under its lower bound. When it comes up it is settled and waits again under its better
    bound or its true price; a plan that comes up with its true price is cheaper than whatever is left, and is yielded.
    """
    order = count()
    queue: list[tuple[float, int, Option[PlanT] | None, PlanT | None]] = [
        (option.floor_usd, next(order), option, None) for option in options
    ]
    heapq.heapify(queue)
    while queue:
        _, _, option, plan = heapq.heappop(queue)
        if option is None:
            if plan is not None:
                yield plan
            continue
        settled = option.settle()
        if isinstance(settled, Option):
            heapq.heappush(queue, (settled.floor_usd, next(order), settled, None))
        elif settled is not None:
            heapq.heappush(queue, (settled.usd, next(order), None, settled))


class Replay(Generic[PlanT]):
    """A stream of plans that several readers can go through from the start, each plan worked out once."""

    def __init__(self, plans: Iterator[PlanT]) -> None:
        self._rest = plans
        self._seen: list[PlanT] = []

    def __iter__(self) -> Iterator[PlanT]:
        """Yield the plans seen so far, then go on."""
        for position in count():
            if position == len(self._seen):
                try:
                    self._seen.append(next(self._rest))
                except StopIteration:
                    return
            yield self._seen[position]

"""Sending the requests of a run when they are due: in a closed loop, or at times drawn beforehand.

Everything happens in callbacks of one event loop: a request that ends sends the next one before anything else is done.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from advisor.domain.timing import Failure, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.run_figures import StopReason
    from advisor.loadgen.client import Client
    from advisor.loadgen.course import Course
    from advisor.loadgen.exchange import Exchange
    from advisor.loadgen.stock import Stock

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
EARLY_S = 0.001
"""How much earlier than a request is due the event loop wakes up: it rounds its waits up to whole milliseconds."""
LEAST_GAP_S = 0.005
"""Gap between requests below which that is left: the loop would wait for half of the time and see everything else late."""


class Drive(ABC):
    """A run in progress: requests in flight, those that have ended, and what is to come."""

    def __init__(self, client: Client, stock: Stock, course: Course) -> None:
        self._client = client
        self._stock = stock
        self.course = course
        self.in_flight: dict[Exchange, None] = {}
        self.ended: list[Exchange] = []
        self.held_back = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()

    @abstractmethod
    def start(self) -> None:
        """Send the first request, or wait until it is due."""

    @abstractmethod
    def drop_held(self) -> None:
        """Forget what has not been sent yet."""

    @abstractmethod
    def _follow(self, exchange: Exchange) -> None:
        """Do what the end of a request asks for."""

    def abandon(self, failure: Failure, detail: str) -> None:
        """Give up whatever is in flight."""
        for exchange in tuple(self.in_flight):
            exchange.abandon(failure, detail, perf_counter())

    def abandon_stalled(self, now_s: float, *, stall_s: float) -> None:
        """Give up requests of which nothing has been heard for too long."""
        for exchange in [e for e in self.in_flight if now_s - e.heard_s > stall_s]:
            exchange.abandon(Failure.STALLED, f"no event for {stall_s:g} s", now_s)

    def settle(self) -> None:
        """End the run once nothing is in flight or wanted."""
        if not self.in_flight and not self.course.wants_more and not self.done.done():
            self.done.set_result(None)

    def _send(
        self, phase: Phase, *, due_s: float, intended_s: float | None = None, stream: int = 0, share: float = 1.0
    ) -> None:
        exchange = self._stock.take(self._end, share=share)
        exchange.phase, exchange.stream, exchange.due_s = phase, stream, due_s
        self.in_flight[exchange] = None
        exchange.begun_s = perf_counter()
        exchange.intended_s = exchange.begun_s if intended_s is None else intended_s
        self._client.send(exchange)

    def _guard(self, call: Callable[..., None], *given: Any) -> None:
        """Call what nobody waits for; an error of ours is handed to whoever waits for the run."""
        try:
            call(*given)
        except Exception as problem:  # noqa: BLE001 - the event loop would log it and let the run hang
            if not self.done.done():
                self.done.set_exception(problem)

    def _end(self, exchange: Exchange) -> None:
        self._guard(self._ended, exchange)

    def _ended(self, exchange: Exchange) -> None:
        del self.in_flight[exchange]
        self.ended.append(exchange)
        self.course.end(exchange)
        self._follow(exchange)
        self._stock.fill()
        self.settle()


class ClosedDrive(Drive):
    """As many streams as requests in flight: each sends its next request when the last one has ended.

    The first requests of the streams ask for replies of staggered lengths, as if the load had been on for long: streams that
    all begin and end together would queue for each other's prompts.

    Nobody waits for the request that a stream sends next, so that it counts from when it is sent; how long we took to come to
    that is our lateness.
    """

    def __init__(self, client: Client, stock: Stock, course: Course, *, streams: int, stagger: bool) -> None:
        super().__init__(client, stock, course)
        self._streams = streams
        self._stagger = stagger and streams > 1
        self._failures = [0] * streams
        self._pauses = 0

    def start(self) -> None:
        """Send the first request of each stream."""
        now_s = self.course.start_s = perf_counter()
        for stream in range(self._streams):
            self._next(stream, now_s, share=(stream + 1) / self._streams if self._stagger else 1.0)

    def drop_held(self) -> None:
        """Forget nothing: a closed loop holds nothing back."""

    def settle(self) -> None:
        """End the run once nothing is in flight, pausing or wanted."""
        if not self._pauses:
            super().settle()

    def _follow(self, exchange: Exchange) -> None:
        stream = exchange.stream
        failures = self._failures[stream] = self._failures[stream] + 1 if exchange.failure else 0
        if failures < 2:  # one failure may be chance; several would make a loop that only spins
            self._next(stream, exchange.over_s or perf_counter())
            return
        self._pauses += 1
        self._loop.call_later(
            min(FIRST_PAUSE_S * 2 ** (failures - 2), LONGEST_PAUSE_S), self._guard, self._resume, stream
        )

    def _resume(self, stream: int) -> None:
        self._pauses -= 1
        self._next(stream, perf_counter())
        self.settle()

    def _next(self, stream: int, now_s: float, *, share: float = 1.0) -> None:
        phase = self.course.next_phase(now_s)
        if phase is not None:
            self._send(phase, due_s=now_s, stream=stream, share=share)


class OpenDrive(Drive):
    """Requests leave at their times, whatever the server does; those above a cap are held back, and still count from then.

    `due_s` are seconds after the start. `at_end` is why the run ends if they end.
    """

    def __init__(
        self,
        client: Client,
        stock: Stock,
        course: Course,
        *,
        due_s: Iterator[float],
        cap: int | None,
        at_end: StopReason,
    ) -> None:
        super().__init__(client, stock, course)
        self._due_s = due_s
        self._cap = cap
        self._at_end = at_end
        self._held: deque[tuple[Phase, float]] = deque()
        self._upcoming_s: float | None = None
        self._last_s = 0.0
        self._drained_from_s: float | None = None

    def start(self) -> None:
        """Wait for the first request."""
        self.course.start_s = perf_counter()
        self._upcoming_s = self._next_s()
        self._advance()

    def settle(self) -> None:
        """End the run once nothing is in flight, held back, or wanted."""
        if not self._held:
            super().settle()

    def drop_held(self) -> None:
        """Forget what has been held back."""
        self._held.clear()

    @property
    def window_end_s(self) -> float:
        """When the first request after the measured ones was due: so long they were what came."""
        return self._drained_from_s or self._upcoming_s or self._last_s

    def _advance(self) -> None:
        """Send what is due, and wait for what is not."""
        self._await_the_rest()
        while self._upcoming_s is not None and self._upcoming_s <= perf_counter() and self.course.wants_more:
            due_s, self._upcoming_s = self._upcoming_s, self._next_s()
            self._arrive(due_s)
        if self._upcoming_s is None:
            self.course.stop(self._at_end, perf_counter(), silent=True)
        elif self.course.wants_more:
            early_s = EARLY_S if self._upcoming_s - self._last_s >= LEAST_GAP_S else 0.0
            self._loop.call_later(self._upcoming_s - early_s - perf_counter(), self._guard, self._advance)
        self.settle()

    def _await_the_rest(self) -> None:
        """Wait, doing nothing else, for what is due within a millisecond: the loop itself cannot wait so exactly."""
        left_s = 0.0 if self._upcoming_s is None else self._upcoming_s - perf_counter()
        if 0.0 < left_s <= EARLY_S:
            sleep(left_s)

    def _next_s(self) -> float | None:
        after_s = next(self._due_s, None)
        return None if after_s is None else self.course.start_s + after_s

    def _arrive(self, intended_s: float) -> None:
        phase = self.course.next_phase(intended_s)
        if phase is None:
            return
        if phase is Phase.DRAIN:
            self._drained_from_s = self._drained_from_s or intended_s
        self._last_s = intended_s
        if self._cap is not None and len(self.in_flight) >= self._cap:
            self.held_back += phase is Phase.MEASURED
            self._held.append((phase, intended_s))
        else:
            self._send(phase, intended_s=intended_s, due_s=intended_s)

    def _follow(self, exchange: Exchange) -> None:
        if self._held and self._cap is not None and len(self.in_flight) < self._cap:
            phase, intended_s = self._held.popleft()
            self._send(phase, intended_s=intended_s, due_s=exchange.over_s or perf_counter())

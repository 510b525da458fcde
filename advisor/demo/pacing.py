"""Iterations in real time: each ends when its time is over, however long the work in between took."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from advisor.demo.scheduler import Scheduler, Written

MOST_LAG_S = 0.1
"""Lateness that is caught up with; time lost beyond it is counted, and the engine goes on from then."""


class Pacer:
    """Drives a scheduler on an event loop.

    An iteration is due at the due time of the one before and its own duration, so that being a little late does not add up.
    `late_s` and `lost_s` say how far this machine could not keep the times: the worst delay of an iteration, and the time
    that was given up.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        loop: asyncio.AbstractEventLoop,
        *,
        speed: float,
        deliver: Callable[[Sequence[Written]], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._scheduler, self._loop, self._speed = scheduler, loop, speed
        self._deliver, self._failed = deliver, failed
        self._due_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.late_s = 0.0
        self.lost_s = 0.0

    def wake(self) -> None:
        """Begin an iteration if none is under way."""
        if self._timer is None:
            self._due_s = self._loop.time()
            self._guarded(self._begin)

    def stop(self) -> None:
        """Let the iteration under way never end."""
        if self._timer is not None:
            self._timer.cancel()

    def _begin(self) -> None:
        duration_s = self._scheduler.begin()
        if duration_s is None:
            self._timer = None
            return
        self._due_s += duration_s / self._speed
        self._timer = self._loop.call_at(self._due_s, self._guarded, self._end)

    def _end(self) -> None:
        lag_s = self._loop.time() - self._due_s
        self.late_s = max(self.late_s, lag_s)
        if lag_s > MOST_LAG_S:
            self.lost_s += lag_s
            self._due_s += lag_s
        self._deliver(self._scheduler.finish())
        self._begin()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as problem:  # noqa: BLE001 - whatever the core fails with, clients are told and the server ends
            self._failed(problem)

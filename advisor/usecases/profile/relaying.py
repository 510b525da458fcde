"""From a function that tells what happens while it works to an iterator over what it told."""

from __future__ import annotations

from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class _Ended:
    """The last thing told; `problem` is what ended the work early."""

    def __init__(self, problem: BaseException | None = None) -> None:
        self.problem = problem


class _Relay(Generic[T]):
    def __init__(self, work: Callable[[Callable[[T], None]], None]) -> None:
        self._work = work
        self._told: Queue[T | _Ended] = Queue()

    def _run(self) -> None:
        try:
            self._work(self._told.put)
        except BaseException as problem:  # noqa: BLE001 - handed to the reader, who raises it
            self._told.put(_Ended(problem))
        else:
            self._told.put(_Ended())

    def __iter__(self) -> Iterator[T]:
        Thread(target=self._run, name="work", daemon=True).start()
        while not isinstance(told := self._told.get(), _Ended):
            yield told
        if told.problem is not None:
            raise told.problem


def relayed(work: Callable[[Callable[[T], None]], None]) -> Iterator[T]:
    """Run work in a thread and yield whatever it tells, when it tells it; its failure is raised at the end."""
    return iter(_Relay(work))

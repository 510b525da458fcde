"""What replicas note down of each request, and how many requests each of them holds."""

from dataclasses import dataclass
from math import inf
from typing import Protocol


@dataclass(slots=True)
class Records:
    """Work of every request, and when it was served; lists of one entry per request, for speed.

    ``work`` and ``first`` are in units of progress: all of it, and that after which the first text shows. Times are
    infinite until they are known. ``outstanding`` counts the unfinished requests of each replica.
    """

    work: list[float]
    first: list[float]
    prompt_tokens: list[float]
    start_s: list[float]
    first_s: list[float]
    done_s: list[float]
    outstanding: list[int]

    @classmethod
    def blank(cls, *, work: list[float], first: list[float], prompt_tokens: list[float], replicas: int) -> "Records":
        """Return records of requests that nobody has served yet."""
        unknown_s = [inf] * len(work)
        return cls(work, first, prompt_tokens, [*unknown_s], [*unknown_s], [*unknown_s], [0] * replicas)


class Replica(Protocol):
    """One server of the event loop. ``due_s`` is when its next event happens, infinite while it is idle."""

    due_s: float

    def arrive(self, now_s: float, job: int) -> None:
        """Take a request."""

    def step(self) -> None:
        """Let the event at ``due_s`` happen."""


class Kind(Protocol):
    """What kind of server a fleet is made of."""

    def replica(self, records: Records, index: int) -> Replica:
        """Return a new idle replica that notes down what it does in ``records``."""
        ...

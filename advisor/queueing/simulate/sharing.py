"""A replica that shares its speed equally: the station of the formulas, one request at a time."""

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

from advisor.queueing.simulate.records import Records
from advisor.queueing.station import Station


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """Replicas that behave like a station: work 1 takes ``n / rate(n)`` seconds while n share the server.

    Prompts are part of the work here. Requests beyond the slots wait, first come first served.
    """

    station: Station

    def replica(self, records: Records, index: int) -> "_SharingReplica":
        """Return a new idle replica that notes down what it does in ``records``."""
        return _SharingReplica([0.0, *self.station.slowdowns_s.tolist()], records, index)


class _SharingReplica:
    """One clock of attained work tells who finishes next: all in service progress alike.

    In the heap a request stands with the work at which it is done, and its complement ``~job`` with that at which its
    first text shows, where that comes before the end.
    """

    __slots__ = ("attained", "due_s", "held", "index", "paces_s", "records", "serving", "since_s", "slots", "waiting")

    def __init__(self, paces_s: list[float], records: Records, index: int) -> None:
        self.paces_s, self.records, self.index = paces_s, records, index
        self.slots = len(paces_s) - 1
        self.held = 0
        self.serving: list[tuple[float, int]] = []
        self.waiting: deque[int] = deque()
        self.attained = self.since_s = 0.0
        self.due_s = inf

    def arrive(self, now_s: float, job: int) -> None:
        """Take a request into service, or let it wait for a slot."""
        self.records.outstanding[self.index] += 1
        if self.held == self.slots:
            self.waiting.append(job)
            return
        if self.held:
            self.attained += (now_s - self.since_s) / self.paces_s[self.held]
        self.since_s = now_s
        self._admit(job)
        self.due_s = now_s + (self.serving[0][0] - self.attained) * self.paces_s[self.held]

    def step(self) -> None:
        """Finish the request whose turn it is, or show its first text."""
        now_s = self.since_s = self.due_s
        self.attained, job = heappop(self.serving)
        if job < 0:
            self.records.first_s[~job] = now_s
        else:
            self._finish(job)
        held = self.held
        self.due_s = now_s + (self.serving[0][0] - self.attained) * self.paces_s[held] if held else inf

    def _finish(self, job: int) -> None:
        records = self.records
        records.done_s[job] = self.since_s
        if records.first_s[job] == inf:
            records.first_s[job] = self.since_s
        records.outstanding[self.index] -= 1
        self.held -= 1
        if self.waiting:
            self._admit(self.waiting.popleft())

    def _admit(self, job: int) -> None:
        records = self.records
        records.start_s[job] = self.since_s
        self.held += 1
        work, first = records.work[job], records.first[job]
        heappush(self.serving, (self.attained + work, job))
        if first < work:
            heappush(self.serving, (self.attained + first, ~job))

"""A replica that works as an engine does: in iterations, one step for all requests it holds, prompts read in between."""

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

from advisor.queueing.simulate.records import Records
from advisor.queueing.station import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Batching:
    """Replicas of an engine with continuous batching and chunked prefill.

    An iteration gives every request in service one step (a token, a bunch of accepted tokens, or a denoising pass) and
    reads prompts that wait, as many tokens as the budget leaves. It takes ``step_s`` for the number in service plus
    ``prefill_s_per_token`` for each prompt token, and everybody waits for it: that is how prompts slow others down.
    A request has its first step in the iteration that ends its prompt.

    Parameters
    ----------
    step_s
        Seconds per step with 1..K requests in service; shape ``(K,)``. K is the number of slots.
    prefill_s_per_token
        Seconds per prompt token with 1..K in service; shape ``(K,)``.
    token_budget
        Tokens that one iteration may hold (``max_num_batched_tokens``).
    tokens_per_step
        Tokens that a request in service takes of the budget: 1, the drafted bunch, or a canvas.

    Raises
    ------
    ValueError
        If the vectors differ in length or are empty, a step is not positive, or the budget is below one token.
    """

    step_s: FloatArray
    prefill_s_per_token: FloatArray
    token_budget: int
    tokens_per_step: int = 1

    def __post_init__(self) -> None:
        if self.step_s.ndim != 1 or self.step_s.size == 0 or self.step_s.shape != self.prefill_s_per_token.shape:
            raise ValueError("step_s and prefill_s_per_token must be non-empty vectors of one length")
        if not (self.step_s.min() > 0 and self.prefill_s_per_token.min() >= 0 and self.token_budget >= 1):
            raise ValueError("steps must be positive, prefill times not negative, the budget at least one token")

    def replica(self, records: Records, index: int) -> "_BatchingReplica":
        """Return a new idle replica that notes down what it does in ``records``."""
        return _BatchingReplica(self, records, index)


class _BatchingReplica:
    """Runs of equal iterations are jumped over: events are arrivals, ends of prompts, first texts and ends of replies.

    ``steps`` counts iterations. In the heap a request stands with the count at which it is done, and its complement
    ``~job`` with that at which its first text shows, where that comes later than the end of its prompt.
    """

    __slots__ = (
        "budget", "due_s", "due_steps", "entering", "held", "index", "pace_s", "paces_s", "prefills_s", "reading", "records",
        "serving", "since_s", "slots", "steps", "unread", "waiting", "width",
    )  # fmt: skip

    def __init__(self, kind: Batching, records: Records, index: int) -> None:
        self.paces_s = [float(kind.step_s[0]), *kind.step_s.tolist()]
        self.prefills_s = [float(kind.prefill_s_per_token[0]), *kind.prefill_s_per_token.tolist()]
        self.budget, self.width = kind.token_budget, kind.tokens_per_step
        self.slots = len(self.paces_s) - 1
        self.records, self.index = records, index
        self.serving: list[tuple[float, int]] = []
        self.waiting: deque[int] = deque()
        self.entering: list[int] = []
        self.held = self.steps = self.due_steps = 0
        self.unread = 0.0
        self.reading = False
        self.since_s = self.pace_s = 0.0
        self.due_s = inf

    def arrive(self, now_s: float, job: int) -> None:
        """Take a request; it is looked at when the iteration under way ends."""
        self.records.outstanding[self.index] += 1
        self.waiting.append(job)
        if self.due_s == inf:
            self.since_s = now_s
            self._begin()
        elif not self.reading and self.held < self.slots:
            ended = int((now_s - self.since_s) / self.pace_s) + 1
            if self.steps + ended < self.due_steps:
                self.due_steps = self.steps + ended
                self.due_s = self.since_s + ended * self.pace_s

    def step(self) -> None:
        """End the iteration that is due, and begin the next."""
        self.since_s, self.steps = self.due_s, self.due_steps
        if self.entering:
            self._enter()
        serving, now_s, records = self.serving, self.since_s, self.records
        while serving and serving[0][0] <= self.steps:
            job = heappop(serving)[1]
            if job < 0:
                records.first_s[~job] = now_s
            else:
                records.done_s[job] = now_s
                records.outstanding[self.index] -= 1
                self.held -= 1
        self._begin()

    def _enter(self) -> None:
        """Let requests whose prompt has been read go on with the rest of their steps."""
        records, before = self.records, self.steps - 1
        for job in self.entering:
            work, first = records.work[job], records.first[job]
            if first <= 1 or first >= work:
                records.first_s[job] = self.since_s if first <= 1 else inf
            else:
                heappush(self.serving, (before + first, ~job))
            heappush(self.serving, (before + work, job))
        self.entering.clear()

    def _begin(self) -> None:
        """Begin an iteration with prompts, or a run of iterations without."""
        tokens = self._read() if self.waiting else 0.0
        if self.entering or tokens:
            self.reading = True
            self.due_steps = self.steps + 1
            self.due_s = self.since_s + self.paces_s[self.held] + tokens * self.prefills_s[self.held]
            return
        self.reading = False
        if not self.serving:
            self.due_s = inf
            return
        self.pace_s = self.paces_s[self.held]
        self.due_steps = int(-(-self.serving[0][0] // 1))
        self.due_s = self.since_s + (self.due_steps - self.steps) * self.pace_s

    def _read(self) -> float:
        """Take prompts into the iteration while slots and budget last; return their tokens."""
        records, waiting, taken = self.records, self.waiting, 0.0
        stepping = self.held - (self.unread > 0)  # whoever is still being read takes no step, and no width
        room = float(self.budget - stepping * self.width)
        while waiting and (self.unread or self.held < self.slots) and room > 0:
            job = waiting[0]
            if not self.unread:
                self.held += 1
                records.start_s[job] = self.since_s
                self.unread = records.prompt_tokens[job]
            chunk = min(self.unread, room)
            self.unread -= chunk
            taken += chunk
            room -= chunk
            if self.unread <= 0:
                room -= self.width
                self.entering.append(waiting.popleft())
        return taken

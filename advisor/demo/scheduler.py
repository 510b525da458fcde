"""The engine's core: which requests share an iteration, how long it takes, what each has written at its end.

It has no clock: `begin` returns how long the iteration takes, and whoever drives it calls `finish` when that time is over.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from advisor.demo.job import ABORT, LENGTH, STOP, Job, acceptance, drawn_accepted, drawn_steps
from advisor.demo.tally import Tally

if TYPE_CHECKING:
    from advisor.demo.setup import EngineSetup

SEEDS_APART = 2**40


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks of the engine. Without `ignores_end` the reply may end by itself, before `most_tokens`.

    `least_tokens` are written in any case. `most_steps` limits the denoising steps of a canvas.
    """

    prompt_tokens: int
    most_tokens: int
    least_tokens: int = 1
    ignores_end: bool = False
    most_steps: int | None = None


class Written(NamedTuple):
    """What a request got in one iteration, and whether it is over."""

    job: Job
    tokens: int
    done: bool


class Scheduler:
    """Continuous batching with chunked prefill, as vLLM does it.

    An iteration first gives each running request its step (a token, the accepted drafts, or a pass over its canvas) or the
    next chunk of its prompt, in order of admission, while the token budget lasts; then it admits waiting requests while slots, budget and
    KV cache last. A request has its first step in the iteration that ends its prompt. Where the KV cache is full, the
    request that was admitted last goes back to the queue and is read anew.
    """

    def __init__(self, setup: EngineSetup) -> None:
        self.setup = setup
        self.tally = Tally()
        self._chance = acceptance(setup.draft.accepted_tokens, setup.draft.tokens) if setup.draft else 0.0
        self._running: list[Job] = []
        self._waiting: deque[Job] = deque()
        self._reading: list[tuple[Job, int]] = []
        self._stepping: list[Job] = []
        self._in_it = 0
        self._held = 0
        self._arrived = 0
        self.iteration_tokens = 0

    @property
    def running(self) -> int:
        """Requests in service."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """Requests that wait for a slot."""
        return len(self._waiting)

    @property
    def kv_usage_share(self) -> float:
        """Share of the KV cache that is taken."""
        return self._held / self.setup.kv_tokens

    def submit(self, wish: Wish) -> Job:
        """Take a request; it is looked at when the next iteration begins.

        Raises
        ------
        ValueError
            If it is longer than the engine serves; what is served is limited before.
        """
        if wish.prompt_tokens + wish.most_tokens > self.setup.longest_tokens:
            raise ValueError("a request must fit into the context and the KV cache")
        random = Random(self.setup.seed * SEEDS_APART + self._arrived)  # noqa: S311 - a simulation, no secret
        usual = random.choice(self.setup.reply_tokens)
        ends = wish.most_tokens if wish.ignores_end else min(max(usual, wish.least_tokens), wish.most_tokens)
        job = Job(
            number=self._arrived,
            prompt_tokens=wish.prompt_tokens,
            output_tokens=ends,
            reason=LENGTH if ends == wish.most_tokens else STOP,
            random=random,
            unread=wish.prompt_tokens - self._cached(wish.prompt_tokens),
            most_steps=wish.most_steps,
        )
        self._arrived += 1
        self._waiting.append(job)
        return job

    def abort(self, job: Job) -> None:
        """Drop a request whose client is gone; the iteration under way takes as long as before."""
        if job.gone:
            return
        job.gone = True
        self._release(job)
        self.tally.finish(ABORT)
        if job.admitted:
            self._running.remove(job)
        else:
            self._waiting.remove(job)

    def begin(self) -> float | None:
        """Begin an iteration and return how long it takes [s], or None where there is nothing to do."""
        self._reading.clear()
        self._stepping.clear()
        self._in_it = 0
        preempted = self.tally.preemptions
        room = self._serve(self.setup.token_budget)
        if preempted == self.tally.preemptions:
            room = self._admit(room)
        if not self._in_it:
            return None
        self.iteration_tokens = self.setup.token_budget - room
        return self._duration_s()

    def finish(self) -> list[Written]:
        """End the iteration and return what was written in it."""
        self.tally.iterations += 1
        for job, chunk in self._reading:
            if not job.gone:
                self._read(job, chunk)
        written = [self._step(job) for job in self._stepping if not job.gone]
        if any(part.done for part in written):
            self._running = [job for job in self._running if not job.gone]
        return [part for part in written if part.tokens]

    def _serve(self, room: int) -> int:
        """Give running requests their part of the iteration and return the tokens left."""
        place = 0
        while place < len(self._running) and room > 0:
            left = self._enter(self._running[place], room)
            if left is None:
                self._preempt()
                continue
            room, place = left, place + 1
        return room

    def _admit(self, room: int) -> int:
        while self._waiting and room > 0 and len(self._running) < self.setup.slots:
            left = self._enter(self._waiting[0], room)
            if left is None:
                break
            job = self._waiting.popleft()
            job.admitted = True
            self._running.append(job)
            room = left
        return room

    def _enter(self, job: Job, room: int) -> int | None:
        """Let a request take part and return the tokens left; None if the KV cache has no room for it."""
        width, chunk = self.setup.step_tokens, min(job.unread, room)
        ends = chunk == job.unread
        # the last token of a prompt yields the first of the reply; a canvas takes positions of its own
        positions = width if not chunk or self.setup.canvas else 0
        steps = ends and room - chunk >= positions
        needed = job.context_tokens + chunk + (width if steps else 0) - job.held
        if not chunk and not steps:
            return room
        if needed > self.setup.kv_tokens - self._held:
            return None
        job.held += max(needed, 0)
        self._held += max(needed, 0)
        self._in_it += 1
        if chunk:
            self._reading.append((job, chunk))
        if steps:
            self._stepping.append(job)
        return room - chunk - (positions if steps else 0)

    def _preempt(self) -> None:
        job = self._running.pop()
        self._release(job)
        job.admitted = False
        job.unread, job.passes_left = job.prompt_tokens + job.written, 0
        self._waiting.appendleft(job)
        self.tally.preemptions += 1

    def _release(self, job: Job) -> None:
        self._held -= job.held
        job.held = 0

    def _duration_s(self) -> float:
        pace, tokens = self.setup.pace, sum(chunk for _, chunk in self._reading)
        denoising = self._start_canvases() if self.setup.canvas else 0
        extra_s = pace.denoising_s[denoising - 1] if denoising else 0.0
        return pace.step_s[self._in_it - 1] + extra_s + tokens * pace.prefill_s_per_token[self._in_it - 1]

    def _start_canvases(self) -> int:
        """Draw the steps of canvases that begin, and count those that denoise: all but the ones that commit."""
        law = self.setup.canvas
        for job in self._stepping:
            if law and not job.passes_left:
                job.passes_left = drawn_steps(law, job.random, most=job.most_steps) + 1
        return sum(1 for job in self._stepping if job.passes_left > 1)

    def _read(self, job: Job, chunk: int) -> None:
        job.unread -= chunk
        if not job.unread and not job.read:
            job.read = True
            self.tally.prompt_tokens += job.prompt_tokens
            self.tally.cached_prompt_tokens += self._cached(job.prompt_tokens)

    def _step(self, job: Job) -> Written:
        tokens = job.write(self._gained(job))
        self.tally.generation_tokens += tokens
        done = tokens > 0 and job.done
        if done:
            job.gone = True
            self._release(job)
            self.tally.finish(job.reason)
        return Written(job, tokens, done)

    def _gained(self, job: Job) -> int:
        canvas, draft = self.setup.canvas, self.setup.draft
        if canvas:
            job.passes_left -= 1
            self.tally.pass_canvas(canvas.tokens, commits=not job.passes_left)
            return 0 if job.passes_left else canvas.tokens
        if draft:
            accepted = drawn_accepted(self._chance, draft.tokens, job.random)
            self.tally.verify_draft(draft.tokens, accepted)
            return 1 + accepted
        return 1

    def _cached(self, prompt_tokens: int) -> int:
        """Return the prompt tokens that the prefix cache saves, rounded down: at least one is always read."""
        return int(prompt_tokens * self.setup.cached_prompt_share)

"""Small simulated engines, and a clock-free way to run them to the end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from advisor.demo.scheduler import Scheduler, Wish
from advisor.demo.setup import CanvasLaw, DraftLaw, EngineSetup, Pace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.demo.job import Job

STEP_S, PREFILL_S, DENOISING_S = 0.005, 0.0001, 0.01
CANVAS = CanvasLaw(tokens=256, steps_mean=12.0, steps_log_sd=0.4, max_steps=48)
STEADY = CanvasLaw(tokens=256, steps_mean=3.0, steps_log_sd=0.0, max_steps=48)
DRAFT = DraftLaw(tokens=3, accepted_tokens=2.5)


def engine(*, slots: int = 4, canvas: CanvasLaw | None = None, **more: Any) -> EngineSetup:
    """Return an engine whose n-th request adds as much to a step as the first."""
    counts = range(1, slots + 1)
    pace = Pace(
        step_s=tuple(STEP_S * n for n in counts),
        prefill_s_per_token=(PREFILL_S,) * slots,
        denoising_s=tuple(DENOISING_S * n if canvas else 0.0 for n in counts),
    )
    fields: dict[str, Any] = {
        "token_budget": 2048,
        "kv_tokens": 100_000,
        "context_tokens": 50_000,
        "reply_tokens": (20, 40, 600),
        **more,
    }
    return EngineSetup(pace=pace, canvas=canvas, **fields)


def wish(prompt: int = 100, reply: int = 50, **more: Any) -> Wish:
    """Return a request whose reply is as long as it says."""
    return Wish(prompt_tokens=prompt, most_tokens=reply, ignores_end=True, **more)


@dataclass
class Course:
    """What happened: when each request was asked, and each of its parts with its time."""

    asked_s: dict[int, float] = field(default_factory=dict)
    parts: dict[int, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    done_s: dict[int, float] = field(default_factory=dict)
    durations_s: list[float] = field(default_factory=list)
    most_running: int = 0
    most_tokens: int = 0
    most_kv_share: float = 0.0

    @property
    def tokens(self) -> dict[int, int]:
        """Tokens that each request got."""
        return {number: sum(tokens for _, tokens in parts) for number, parts in self.parts.items()}

    def e2e_s(self, number: int) -> float:
        """Return the virtual time from asking to the last token."""
        return self.done_s[number] - self.asked_s[number]


def run(
    scheduler: Scheduler,
    wishes: Sequence[tuple[int, Wish]],
    *,
    aborts: Mapping[int, int] | None = None,
    most_iterations: int = 200_000,
) -> tuple[Course, list[Job]]:
    """Serve wishes, each asked when so many iterations have begun, to the end.

    `aborts` name requests by their place, and how many iterations have begun when they are dropped, in the middle of one.
    """
    course, now_s = Course(), 0.0
    jobs: list[Job] = []
    coming, leaving = sorted(wishes, key=lambda pair: pair[0]), dict(aborts or {})
    for iteration in range(most_iterations):
        while coming and (coming[0][0] <= iteration or not (scheduler.running or scheduler.waiting)):
            jobs.append(scheduler.submit(coming.pop(0)[1]))
            course.asked_s[jobs[-1].number] = now_s
        duration_s = scheduler.begin()
        if duration_s is None:
            if not coming:
                return course, jobs
            continue
        _note(course, scheduler, duration_s)
        for number in [n for n, begun in leaving.items() if begun <= iteration and n < len(jobs)]:
            scheduler.abort(jobs[number])
            del leaving[number]
        now_s += duration_s
        for job, tokens, done in scheduler.finish():
            course.parts[job.number].append((now_s, tokens))
            if done:
                course.done_s[job.number] = now_s
    raise AssertionError(
        f"not done after {most_iterations} iterations: {scheduler.running} run, {scheduler.waiting} wait"
    )


def _note(course: Course, scheduler: Scheduler, duration_s: float) -> None:
    course.durations_s.append(duration_s)
    course.most_running = max(course.most_running, scheduler.running)
    course.most_tokens = max(course.most_tokens, scheduler.iteration_tokens)
    course.most_kv_share = max(course.most_kv_share, scheduler.kv_usage_share)

"""What the driver does with everything that comes from the cluster: store it, tell it, decide what is sent next."""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from advisor.domain.attempt import Attempt, AttemptResult, Outcome
from advisor.domain.campaign_plan import CampaignEvent, EventKind
from advisor.errors import BusyError
from advisor.profiling.cluster import Job
from advisor.usecases.profile.opening import now_utc
from advisor.usecases.profile.tally import S_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from advisor.domain.attempt import CellStart, WorkerNews
    from advisor.domain.campaign import Campaign, Cell, ServedDeployment
    from advisor.store.database import Store
    from advisor.usecases.profile.tally import Tally

GLANCE_S = 5.0
"""How often the driver looks for a request to stop, and says that it lives."""
PATIENCE_S = 300.0
"""How long a result waits for a database that another process is writing to."""
MOST_LOSSES = 3
"""Workers lost in a row, without a result between them, after which a deployment is left for a later resume."""


@dataclass(frozen=True, slots=True)
class AtWork:
    """A deployment with a worker, and since when its GPU time is in no attempt yet."""

    deployment: ServedDeployment
    since_s: float

    def gpu_s(self, now_s: float) -> float:
        """Return the GPU-seconds since then."""
        return self.deployment.rented_gpus * (now_s - self.since_s)


@dataclass
class Shepherd:
    """The state of a campaign that is being driven. Deployments go by all that they are: two may share a label."""

    held: Store
    claim: str
    campaign: Campaign
    tally: Tally
    watch: Callable[[CampaignEvent], None]
    price: Callable[[ServedDeployment], Decimal | None] = lambda _deployment: None
    texts: tuple[str, ...] = ()
    canvases: Mapping[str, int] = field(default_factory=dict)
    stopped_because: str = ""
    at_work: dict[str, AtWork] = field(default_factory=dict)
    begun: dict[str, CellStart] = field(default_factory=dict)
    losses: Counter[str] = field(default_factory=Counter)
    began_at: datetime = field(default_factory=now_utc)
    glanced_s: float = field(default_factory=monotonic)

    def jobs(self) -> list[Job]:
        """Return a job for each deployment with open cells."""
        return [self._job(deployment, cells) for deployment, cells in self.tally.open_deployments()]

    def _job(self, deployment: ServedDeployment, cells: Sequence[Cell]) -> Job:
        return Job(
            deployment=deployment,
            cells=tuple(cells),
            rules=self.campaign.rules,
            texts=self.texts,
            campaign_id=self.campaign.id,
            canvas_tokens=self.canvases.get(deployment.model),
        )

    def waits(self, job: Job, detail: str) -> None:
        """Pass on that a job has not begun yet, and for what it waits."""
        self._say(EventKind.WAITING, job, text=detail)

    def placed(self, job: Job, node: str) -> None:
        """Take note that a job has found its place: its GPUs are in use from now on."""
        self._counts_anew(job)
        self._say(EventKind.PLACED, job, text=f"begins on {node}")

    def hear(self, job: Job, news: WorkerNews) -> None:
        """Pass on what a worker does, and store where and when it begins with a cell."""
        if news.start is not None:
            self.begun[_key(job)] = news.start
            attempt = self.tally.next_try(news.start.cell_id)
            with suppress(BusyError):  # it is only to be looked at, and nothing may wait for it
                self.held.add_start(self.claim, news.start, attempt=attempt)
        cell = next((cell for cell in job.cells if cell.id == news.cell_id), None)
        self._say(EventKind.NEWS, job, cell=cell, stage=news.stage, text=news.text, done_share=news.done_share)

    def keep(self, job: Job, result: AttemptResult) -> None:
        """Store a result and tell it."""
        attempt = result.attempt
        self._store(result)
        self.losses[_key(job)] = 0
        self.begun.pop(_key(job), None)
        self._counts_anew(job)
        figures = attempt.run.figures if attempt.run else None
        self._say(
            EventKind.CELL,
            job,
            cell=next((cell for cell in job.cells if cell.id == attempt.cell_id), None),
            text=attempt.detail,
            outcome=attempt.outcome,
            valid=attempt.run.verdict.valid if attempt.run else None,
            reasons=attempt.run.verdict.reasons if attempt.run else (),
            output_tok_s=figures.output_tok_s if figures else None,
            e2e_p50_s=figures.e2e_s.p50 if figures and figures.e2e_s else None,
        )

    def lost(self, job: Job, detail: str, trace: str = "") -> list[Job]:
        """Record that a worker is gone, and send what is left of its job unless that keeps happening."""
        self.losses[_key(job)] += 1
        self._unmeasured(job, Outcome.LOST, detail, trace)
        self._say(EventKind.LOST, job, text=detail)
        return self.again(job) if self.losses[_key(job)] < MOST_LOSSES else []

    def no_node(self, job: Job, detail: str, *, without_gpu: bool = False) -> None:
        """Record that no machine has such GPUs; the cells stay open."""
        self._unmeasured(job, Outcome.NO_NODE, detail)
        self._say(EventKind.NO_NODE, job, text=detail, without_gpu=without_gpu)

    def halted(self, job: Job, detail: str) -> None:
        """Record that a cell in work was given up because everything was to stop; the cell stays open."""
        if _key(job) in self.at_work:
            self._unmeasured(job, Outcome.CANCELLED, detail)

    def interrupted(self) -> None:
        """Let everything stop because the user, or the machine, wants this process to end."""
        self.stopped_because = self.stopped_because or "it was interrupted"

    def again(self, job: Job) -> list[Job]:
        """Return what is still open of a job that has ended, as a job of its own."""
        if self.stopped_because:
            self.halted(job, self.stopped_because)
        self.at_work.pop(_key(job), None)
        self.begun.pop(_key(job), None)
        left = self.tally.open_cells(job.deployment)
        return [self._job(job.deployment, left)] if left and not self.stopped_because else []

    def _unmeasured(self, job: Job, outcome: Outcome, detail: str, log_tail: str = "") -> None:
        """Record an attempt at the cell in work, else at the one that would have been next, with the GPU time since the last result."""
        now, at_work, begun = now_utc(), self.at_work.pop(_key(job), None), self.begun.pop(_key(job), None)
        cell = next((cell for cell in job.cells if self.tally.is_open(cell)), None)
        if cell is None:
            return
        attempt = Attempt(
            id=uuid.uuid4().hex,
            cell_id=begun.cell_id if begun else cell.id,
            started_at=min(begun.started_at, now) if begun else now,
            ended_at=now,
            outcome=outcome,
            detail=detail,
            log_tail=log_tail,
            gpu_s=at_work.gpu_s(monotonic()) if at_work else 0.0,
        )
        self._store(AttemptResult(attempt))

    def _store(self, result: AttemptResult) -> None:
        """Store a result."""
        accept = self.tally.enter(result.attempt)
        self._written(partial(self.held.add_result, result, accept=accept, claim_id=self.claim))

    def _written(self, write: Callable[[], object]) -> None:
        """Write a result. A database that another process writes to is waited for: what was measured is worth more.

        Meanwhile the heart beats whenever the database lets it, and limits and requests to stop are seen.

        Raises
        ------
        DataError
            If it cannot be written, or is still locked after minutes.
        """
        until_s = monotonic() + PATIENCE_S
        while True:
            try:
                write()
            except BusyError as problem:
                if monotonic() > until_s:
                    raise
                self._say(EventKind.NEWS, text=f"waits to store a result: {problem}")
                self.should_stop()
            else:
                return

    def _counts_anew(self, job: Job) -> None:
        """Take note that what its GPUs have done so far is in an attempt, or that they begin."""
        self.at_work[_key(job)] = AtWork(job.deployment, monotonic())

    def should_stop(self) -> str:
        """Return why everything shall stop now; nothing while it shall go on. Called a few times a second."""
        if not self.stopped_because:
            limit, told = self._limit(), self._glance()
            self.stopped_because = limit or told
            if self.stopped_because:
                self._say(EventKind.LIMIT if limit else EventKind.CANCELLED, text=self.stopped_because)
        return self.stopped_because

    def _limit(self) -> str:
        limits, now_s = self.campaign.limits, monotonic()
        running = [(one.deployment, one.gpu_s(now_s) / S_PER_HOUR) for one in self.at_work.values()]
        hours = self.tally.gpu_hours + sum(more for _, more in running)
        if limits.gpu_hours is not None and hours >= limits.gpu_hours:
            return f"the limit of {limits.gpu_hours:g} GPU-hours is reached"
        if limits.usd is not None:
            running_usd = sum(float(self.price(deployment) or 0) * more for deployment, more in running)
            if float(self.tally.usd(self.price)) + running_usd >= float(limits.usd):
                return f"the limit of {limits.usd} USD is reached"
        return ""

    def _glance(self) -> str:
        """Say in the database that the driver lives, and see whether somebody asked for the end."""
        now_s = monotonic()
        if now_s - self.glanced_s < GLANCE_S:
            return ""
        self.glanced_s = now_s
        try:
            if not self.held.heartbeat(self.claim):
                return "another process has taken it over"
            asked = self.held.cancel_requested(self.campaign.id, since=self.began_at)
        except BusyError:  # somebody writes for long: the next glance will do
            return ""
        return "it was cancelled" if asked else ""

    def started(self) -> None:
        """Tell that the campaign begins."""
        waiting = len(self.tally.open_cells())
        self._say(EventKind.STARTED, text=f"{waiting} of {len(self.tally.cells)} cells to measure")

    def ended(self) -> None:
        """Tell that the campaign ends."""
        waiting = len(self.tally.open_cells())
        left = f"{waiting} of {len(self.tally.cells)} cells are left open" if waiting else "nothing more to do"
        self._say(EventKind.ENDED, text=": ".join(filter(None, (self.stopped_because, left))))

    def _say(self, kind: EventKind, job: Job | None = None, *, cell: Cell | None = None, **told: object) -> None:
        self.watch(
            CampaignEvent(
                event=kind,
                at=now_utc(),
                campaign_id=self.campaign.id,
                done=self.tally.settled,
                total=len(self.tally.cells),
                gpu_hours=self.tally.gpu_hours,
                deployment=job.deployment.label if job else "",
                cell_id=cell.id if cell else "",
                cell=cell.label if cell else "",
                **told,
            )
        )


def _key(job: Job) -> str:
    """Return what tells the deployment of a job from others."""
    return job.deployment.model_dump_json()

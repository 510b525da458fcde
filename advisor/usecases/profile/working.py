"""What a worker does with a job: start the server once, measure every cell on it, and tell each result as it comes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from advisor.domain.attempt import Attempt, AttemptResult, Outcome, ServerRecord, Stage, WorkerNews
from advisor.domain.model import Decode
from advisor.errors import MeasureError
from advisor.loadgen import Target
from advisor.profiling.servers import ServerFailed, gpu_readings, serving, sweep
from advisor.usecases.profile.beginning import load_begins, server_begins
from advisor.usecases.profile.measuring import Bench, bench_of, conditions_of, measure_cell
from advisor.usecases.profile.relaying import relayed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.campaign import Cell
    from advisor.domain.timing import Sample
    from advisor.profiling.cluster import Job
    from advisor.profiling.servers import Server
    from advisor.profiling.servers.gpu import GpuReadings

    Tell = Callable[[AttemptResult | WorkerNews], None]

SETTLE_S = 5.0
"""How long a server whose requests fail may take to end, before it is taken to be healthy."""


def work(job: Job) -> Iterator[AttemptResult | WorkerNews]:
    """Yield news and results of a job: the function that the cluster runs on a worker.

    A server that does not start ends the job, and every cell left gets that outcome. One that ends under load costs
    the cell in work, and is started anew for the others.
    """
    return relayed(partial(_work, job))


def _work(job: Job, tell: Tell) -> None:
    swept = sweep()
    if swept:
        text = f"ended {len(swept)} processes that earlier attempts left"
        tell(WorkerNews(job.deployment.label, Stage.SWEEPING, text=text))
    left = list(job.cells)
    while left:
        shift = Shift(job, tell, perf_counter())
        try:
            shift.serve(left)
        except ServerFailed as failed:
            for cell in left:
                tell(shift.failed(cell, failed))
            return


@dataclass
class Shift:
    """One start of the server, from before it starts to its end. `began_s` is when the time of the next attempt began."""

    job: Job
    tell: Tell
    began_s: float
    bench: Bench | None = None

    def serve(self, left: list[Cell]) -> None:
        """Measure cells until none is left or the server is of no more use; what was tried leaves the list.

        Raises
        ------
        ServerFailed
            If the server did not come up.
        """
        self.tell(server_begins(left[0]))
        with serving(
            self.job.deployment,
            campaign_id=self.job.campaign_id,
            server_id=uuid.uuid4().hex,
            tell=self.tell,
            canvas_tokens=self.job.canvas_tokens,
        ) as server:
            while left:
                result = self._try(left[0], server)
                left.pop(0)
                self.tell(result)
                if result.attempt.outcome is not Outcome.MEASURED:
                    return

    def _bench(self, server: Server) -> Bench:
        """Return the server ready to be measured; it is looked at once."""
        if self.bench is not None:
            return self.bench
        target = Target(
            url=server.url,
            served_name=server.served_name,
            decode=Decode.BLOCK_DIFFUSION if self.job.canvas_tokens else Decode.AUTOREGRESSIVE,
            api_key=server.api_key,
            lengths=self.job.rules.lengths,
        )
        conditions = conditions_of(self.job.deployment, server.record)
        canvas_tokens = self.job.canvas_tokens
        self.bench = bench_of(target, texts=self.job.texts, canvas_tokens=canvas_tokens, conditions=conditions)
        return self.bench

    def _try(self, cell: Cell, server: Server) -> AttemptResult:
        """Measure a cell; what happens to the server meanwhile becomes the outcome."""
        attempt = _attempt(cell, server.record)
        self.tell(load_begins(cell, attempt.started_at))
        try:
            with gpu_readings(perf_counter, count=self.job.deployment.tensor_parallel) as readings:
                measured = measure_cell(
                    cell,
                    self._bench(server),
                    rules=self.job.rules,
                    run_id=attempt.id,
                    tell=self.tell,
                    alive=server.alive,
                    read=partial(_on_clock, readings),
                )
        except MeasureError as problem:  # it stopped answering before the load came
            ended = server.failure(settle_s=SETTLE_S) or (Outcome.CRASHED, str(problem), server.log_tail())
            return self._unmeasured(attempt, server.record, *ended)
        failed = bool(measured.run.figures.failures)
        failure = server.stalled() if measured.silent else server.failure(settle_s=SETTLE_S if failed else 0.0)
        if failure is not None:
            return self._unmeasured(attempt, server.record, *failure)
        done = self._closed(attempt).model_copy(update={"run": measured.run})
        return AttemptResult(done, server.record, measured.timings, measured.samples)

    def failed(self, cell: Cell, problem: ServerFailed) -> AttemptResult:
        """Return the attempt at a cell whose server did not come up."""
        attempt = _attempt(cell, problem.record)
        return self._unmeasured(attempt, problem.record, problem.outcome, problem.detail, problem.log_tail)

    def _unmeasured(
        self, attempt: Attempt, record: ServerRecord, outcome: Outcome, detail: str, log_tail: str
    ) -> AttemptResult:
        told = {"outcome": outcome, "detail": detail, "log_tail": log_tail}
        return AttemptResult(self._closed(attempt).model_copy(update=told), record)

    def _closed(self, attempt: Attempt) -> Attempt:
        """Return an attempt with its end, and the GPU-seconds since the one before it; the first pays for the start."""
        now_s = perf_counter()
        gpus = self.job.deployment.rented_gpus
        gpu_s, self.began_s = gpus * (now_s - self.began_s), now_s
        return attempt.model_copy(update={"ended_at": datetime.now(UTC), "gpu_s": gpu_s})


def _on_clock(readings: GpuReadings, origin_s: float) -> tuple[Sample, ...]:
    """Return what was read so far, with times that count from an origin."""
    return tuple(replace(sample, at_s=sample.at_s - origin_s) for sample in tuple(readings.samples))


def _attempt(cell: Cell, record: ServerRecord) -> Attempt:
    now = datetime.now(UTC)
    return Attempt(
        id=uuid.uuid4().hex,
        cell_id=cell.id,
        server_id=record.id,
        started_at=now,
        ended_at=now,
        outcome=Outcome.MEASURED,
    )

"""Work for the machines of a test cluster: it measures nothing, and tells where it ran."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import ray

from advisor.domain.attempt import Attempt, AttemptResult, Outcome, Stage, WorkerNews
from advisor.domain.campaign import Cell, RunRules, ServedDeployment
from advisor.domain.load import ClosedLoad
from advisor.domain.model import Content
from advisor.domain.workload import LengthLaw, Workload
from advisor.profiling.cluster import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKLOAD = Workload(
    name="short", content=Content.CHAT, input=LengthLaw(mean_tokens=100), output=LengthLaw(mean_tokens=50)
)
LONG_S = 600.0
_SENT = count()


def job_on(gpu: str, *, cells: int = 2, **changes: Any) -> Job:
    """Return a job; its flags tell `tell_where` how long a cell takes, and before which cell it sleeps or breaks."""
    deployment = ServedDeployment(
        **{"model": "gemma-4-26b-a4b", "gpu": gpu, "max_num_seqs": 1 + next(_SENT), **changes}
    )
    planned = tuple(
        Cell(
            campaign_id="a-campaign",
            ordinal=ordinal,
            deployment=deployment,
            workload=WORKLOAD,
            load=ClosedLoad(concurrency=ordinal + 1),
            repeat=0,
        )
        for ordinal in range(cells)
    )
    return Job(deployment, planned, RunRules(), "a-campaign")


def what_is_left(job: Job, done: int) -> Job:
    """Return a job without its first cells, that sleeps no more."""
    deployment = job.deployment.model_copy(update={"flags": {}})
    return replace(job, deployment=deployment, cells=job.cells[done:])


def tell_where(job: Job) -> Iterator[AttemptResult | WorkerNews]:
    """Yield a result for each cell, with the node, the GPUs and the process that did it."""
    yield WorkerNews(job.deployment.label, Stage.STARTING)
    flags = job.deployment.flags
    for number, cell in enumerate(job.cells):
        if flags.get("sleeps_before") == number:
            time.sleep(LONG_S)
        if flags.get("breaks_before") == number:
            raise ZeroDivisionError("as was asked")
        began_at = datetime.now(UTC)
        time.sleep(float(flags.get("cell_s", 0.0)))
        yield _result(cell, began_at)


def _result(cell: Cell, began_at: datetime) -> AttemptResult:
    where = {
        "node": ray.get_runtime_context().get_node_id(),
        "gpus": os.environ.get("CUDA_VISIBLE_DEVICES", ""),
        "pid": os.getpid(),
    }
    return AttemptResult(
        Attempt(
            id=f"{cell.id}-{os.getpid()}",
            cell_id=cell.id,
            started_at=began_at,
            ended_at=datetime.now(UTC),
            outcome=Outcome.MEASURED,
            detail=json.dumps(where),
            log_tail="x" * 500_000,  # large enough to stay in the store of its node until it is fetched
        )
    )

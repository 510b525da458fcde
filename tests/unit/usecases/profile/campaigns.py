"""A small campaign, its cells and attempts, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from advisor.domain.attempt import Attempt, Outcome
from advisor.domain.basis import Basis
from advisor.domain.campaign import Campaign, CampaignDeployment, Cell, RunRules, ServedDeployment
from advisor.domain.load import ClosedLoad
from advisor.domain.model import Content
from advisor.domain.profiled import ProfiledRun, RunConditions
from advisor.domain.run_figures import RunFigures, Verdict
from advisor.domain.workload import LengthLaw, Workload

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WORKLOAD = Workload(
    name="short", content=Content.CHAT, input=LengthLaw(mean_tokens=100), output=LengthLaw(mean_tokens=50, cv=0.5)
)
DEPLOYMENT = ServedDeployment(model="gemma-4-26b-a4b", gpu="h100-sxm-80gb", checkpoint="a/b")
LEVELS = (1, 4, 16)
CAMPAIGN = Campaign(
    name="small",
    deployments=(CampaignDeployment(model="gemma-4-26b-a4b", gpu="h100-sxm-80gb"),),
    workloads=(WORKLOAD,),
    loads=tuple(ClosedLoad(concurrency=level) for level in LEVELS),
    rules=RunRules(repeats=1, attempts=2),
)
CELLS = tuple(
    Cell(
        campaign_id=CAMPAIGN.id,
        ordinal=ordinal,
        deployment=DEPLOYMENT,
        workload=WORKLOAD,
        load=ClosedLoad(concurrency=level),
        repeat=0,
    )
    for ordinal, level in enumerate(LEVELS)
)
_NUMBERS = count()


def attempt_at(cell: Cell, outcome: Outcome = Outcome.MEASURED, *, valid: bool = True, gpu_s: float = 60.0) -> Attempt:
    """Return an attempt at a cell; a measured one has a run."""
    attempt_id = f"attempt-{next(_NUMBERS)}"
    run = ProfiledRun(
        id=attempt_id,
        campaign_id=cell.campaign_id,
        cell_id=cell.id,
        conditions=RunConditions(model=cell.deployment.model, gpu=cell.deployment.gpu),
        load=cell.load,
        figures=RunFigures(duration_s=10.0, requests=40, completed=40),
        verdict=Verdict(valid=valid, reasons=() if valid else ("late: the client was late",)),
        basis=Basis.MEASURED,
        measured_at=NOW,
    )
    return Attempt(
        id=attempt_id,
        cell_id=cell.id,
        started_at=NOW,
        ended_at=NOW,
        outcome=outcome,
        gpu_s=gpu_s,
        run=run if outcome is Outcome.MEASURED else None,
    )

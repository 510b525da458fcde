"""A hand-made plan of a campaign, and how far one has come. Every name says `example`, and every number is invented."""

from __future__ import annotations

from decimal import Decimal

from advisor.domain.answer import Caution
from advisor.domain.attempt import Outcome, Stage
from advisor.domain.basis import Basis
from advisor.domain.campaign import Limits
from advisor.domain.campaign_plan import (
    CampaignPlan,
    CampaignStatus,
    CellAtWork,
    CellState,
    CellStatus,
    PlannedCell,
    PlannedServer,
)
from tests.samples.recommendations import NOW

_SERVERS = ("example-ar-26b fp8 on example-gpu-80gb", "example-diffusion-26b fp8 on 2x example-gpu-48gb")
_LOADS = ("1 in flight", "64 in flight", "8 in flight", "2 requests/s, Poisson")

CAMPAIGN_PLAN = CampaignPlan(
    campaign_id="example-12345678",
    name="example",
    title="An example campaign",
    database="sqlite:///example.db",
    servers=(
        PlannedServer(
            deployment=_SERVERS[0],
            model="example-ar-26b",
            gpu="example-gpu-80gb",
            accelerator_type="",
            gpus=1,
            checkpoint="example/ar-fp8",
            max_num_seqs=None,
            max_num_batched_tokens=None,
            cells=12,
            expected_s=1234.0,
            gpu_hours=0.343,
            usd_per_gpu_hour=Decimal("3.00"),
            usd=Decimal("1.03"),
            spread=0.21,
        ),
        PlannedServer(
            deployment=_SERVERS[1],
            model="example-diffusion-26b",
            gpu="example-gpu-48gb",
            accelerator_type="EXAMPLE",
            gpus=2,
            checkpoint="example/diffusion-fp8",
            max_num_seqs=16,
            max_num_batched_tokens=6144,
            cells=4,
            expected_s=9000.0,
            gpu_hours=5.0,
            usd_per_gpu_hour=None,
            usd=None,
            spread=None,
        ),
    ),
    cells=tuple(
        PlannedCell(
            ordinal=i,
            cell_id=f"cell{i:012d}",
            deployment=_SERVERS[i // 12],
            workload="chat",
            load=_LOADS[i % 4],
            repeat=i % 12 // 4 + 1,
            expected_s=20.0 + 10 * i,
        )
        for i in range(16)
    ),
    expected_s=10234.0,
    gpu_hours=5.343,
    usd=None,
    warnings=(Caution(code="no_price", message="no price of example-gpu-48gb is known"),),
)

CAMPAIGN_STATUS = CampaignStatus(
    campaign_id="example-12345678",
    name="example",
    title="An example campaign",
    database="sqlite:///example.db",
    basis=Basis.MEASURED,
    started_at=NOW,
    driver="",
    counts={CellState.OPEN: 0, CellState.MEASURED: 2, CellState.FLAGGED: 1, CellState.FAILED: 0},
    gpu_hours=1.25,
    cells=tuple(
        CellStatus(
            ordinal=i,
            cell_id=f"cell{i:012d}",
            deployment=_SERVERS[0],
            workload="chat",
            load=_LOADS[i],
            repeat=1,
            state=CellState.FLAGGED if i == 2 else CellState.MEASURED,
            attempts=2 if i == 2 else 1,
            run_id=f"run{i}",
            last_outcome=Outcome.MEASURED,
            detail="late: the client sent 40 ms late" if i == 2 else "",
        )
        for i in range(3)
    ),
    warnings=(Caution(code="example", message="this is an example"),),
)

CAMPAIGN_AT_WORK = CampaignStatus(
    campaign_id="example-12345678",
    name="example",
    title="An example campaign",
    database="sqlite:///example.db",
    basis=Basis.MEASURED,
    started_at=NOW,
    driver="process 1 on example-host",
    counts={CellState.OPEN: 2, CellState.MEASURED: 2, CellState.FLAGGED: 1, CellState.FAILED: 0},
    gpu_hours=1.25,
    limits=Limits(gpu_hours=4.0, usd=Decimal(12)),
    at_work=tuple(
        CellAtWork(
            ordinal=3 + i,
            cell_id=f"cell{3 + i:012d}",
            deployment=_SERVERS[i],
            workload="chat",
            load=_LOADS[3],
            repeat=1,
            attempt=1 + i,
            stage=Stage.MEASURING,
            node=f"example-node-{i}",
            gpus=("example-gpu-80gb, GPU 0",) if i == 0 else ("example-gpu-48gb, GPU 0", "example-gpu-48gb, GPU 1"),
            started_at=NOW,
            lasted_s=150.0,
            gpu_hours=0.1,
            interrupted=i == 1,
        )
        for i in range(2)
    ),
    cells=tuple(
        CellStatus(
            ordinal=i,
            cell_id=f"cell{i:012d}",
            deployment=_SERVERS[i // 4],
            workload="chat",
            load=_LOADS[min(i, 3)],
            repeat=1,
            state=(CellState.MEASURED, CellState.MEASURED, CellState.FLAGGED, CellState.OPEN, CellState.OPEN)[i],
            attempts=(1, 1, 2, 0, 1)[i],
            run_id=f"run{i}" if i < 3 else "",
            last_outcome=(*[Outcome.MEASURED] * 3, None, Outcome.LOST)[i],
            detail="late: the client sent 40 ms late" if i == 2 else "",
        )
        for i in range(5)
    ),
    warnings=(Caution(code="example", message="this is an example"),),
)

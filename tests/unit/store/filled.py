"""A small campaign with all that belongs to it, as workers would hand it over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from advisor.domain.attempt import (
    Attempt,
    AttemptResult,
    CampaignRecord,
    GitState,
    Hardware,
    Outcome,
    ServerRecord,
    Software,
)
from advisor.domain.campaign import Cell, ServedDeployment
from advisor.domain.load import ClosedLoad, Load, OpenLoad, RampLoad, TraceLoad
from advisor.domain.model import Content, Precision
from advisor.domain.timing import Phase, RequestTiming, Sample
from advisor.domain.workload import LengthLaw, Workload
from tests.runs import GEMMA, H100, profiled

if TYPE_CHECKING:
    from advisor.domain.profiled import ProfiledRun

STARTED_AT = datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC)
RECORD = CampaignRecord(
    id="chat-h100-0123abcd",
    name="chat-h100",
    title="Chat on an H100",
    text="name: chat-h100\n# é\n",
    git=GitState(commit="0123456789abcdef", dirty=True, path="campaigns/chat.yaml"),
    created_at=STARTED_AT,
)
CHAT = Workload(
    name="chat",
    content=Content.CHAT,
    input=LengthLaw(mean_tokens=800.0, cv=0.5),
    output=LengthLaw(mean_tokens=300.0, cv=0.8, max_tokens=4096),
)
TRACE = Workload(name="trace", content=Content.CODE, pairs=((10, 20), (30, 40)), arrival_s=(0.0, 1.5))
DEPLOYMENT = ServedDeployment(
    model=GEMMA, gpu=H100, precision=Precision.FP8, flags={"enforce-eager": True, "seed": 3}, env={"A": "b c"}
)
LOADS: tuple[Load, ...] = (
    ClosedLoad(concurrency=1),
    ClosedLoad(concurrency=64),
    OpenLoad(rate_rps=2.5, burstiness=4.0, max_in_flight=99),
    TraceLoad(rate_rps=0.1),
    RampLoad(from_rps=0.0, to_rps=9.0, duration_s=60.0),
)
CELLS = tuple(
    Cell(
        campaign_id=RECORD.id,
        ordinal=ordinal,
        deployment=DEPLOYMENT,
        workload=TRACE if isinstance(load, TraceLoad) else CHAT,
        load=load,
        repeat=0,
    )
    for ordinal, load in enumerate(LOADS)
)
SERVER = ServerRecord(
    id="server-1",
    campaign_id=RECORD.id,
    deployment=DEPLOYMENT.label,
    hardware=Hardware(hostname="node-1", gpus=("NVIDIA H100",), driver="580.1", memory_bytes=85_899_345_920),
    software=Software(engine="vllm", engine_version="0.33.0", command=("vllm", "serve", "--seed", "3")),
    effective={"max_num_seqs": 256, "dtype": "bfloat16", "enforce_eager": True, "seed": None, "share": 0.9},
    started_at=STARTED_AT,
    ready_after_s=31.5,
    log_tail="first line\nsecond line: é\n",
)
TIMINGS = (
    RequestTiming(0, Phase.WARMUP, 0.0, 0.0001, 0.05, 1.5, 800, 0, 300, 300, 300),
    RequestTiming(1, Phase.MEASURED, 0.1, 0.1 + 1e-9, None, None, 0, 0, 300, 0, 0, "http_500", "it said: no"),
    RequestTiming(2, Phase.DRAIN, 1.0 / 3.0, 0.4, 0.5, 0.6, 800, 640, 300, 12, 7),
)
SAMPLES = (
    Sample(0.0, 'vllm:num_requests_running{engine="0"}', 8.0),
    Sample(0.0, "gpu:power_w", float("inf")),
    Sample(1.0, 'vllm:num_requests_running{engine="0"}', 1.0 / 3.0),
)


def run_of(cell: Cell, name: str, **changes: Any) -> ProfiledRun:
    return profiled(name, campaign_id=cell.campaign_id, cell_id=cell.id, load=cell.load, **changes)


def result_of(cell: Cell, name: str, *, outcome: Outcome = Outcome.MEASURED, **changes: Any) -> AttemptResult:
    """Return an attempt at a cell, measured unless said otherwise, with requests and readings."""
    attempt = Attempt(
        id=name,
        cell_id=cell.id,
        server_id=SERVER.id,
        started_at=STARTED_AT + timedelta(minutes=cell.ordinal),
        ended_at=STARTED_AT + timedelta(minutes=cell.ordinal + 1),
        outcome=outcome,
        log_tail="the end\n",
        gpu_s=60.0,
        run=run_of(cell, name) if outcome is Outcome.MEASURED else None,
    )
    result = AttemptResult(attempt, SERVER, TIMINGS, SAMPLES)
    return replace(result, **changes)

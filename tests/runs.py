"""Runs as a load generator would report them: without fault, and changed where a test needs one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from advisor.domain.attempt import CampaignRecord
from advisor.domain.basis import Basis
from advisor.domain.load import ClosedLoad, Load
from advisor.domain.model import Content, Precision
from advisor.domain.profiled import ProfiledRun, RunConditions
from advisor.domain.run_figures import CanvasFigures, Percentiles, RunFigures, StopReason, Verdict
from advisor.store import open_store

GEMMA = "gemma-4-26b-a4b"
DIFFUSION = "diffusiongemma-26b-a4b"
H100 = "h100-sxm-80gb"
CONCURRENCY = 8
CANVAS = CanvasFigures(
    canvases=800.0,
    committed_tokens=204_800,
    denoising_steps=9600,
    steps_per_canvas=12.0,
    tokens_per_canvas=150.0,
    fill_share=0.586,
    length_tokens=256.0,
)
MEASURED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def conditions(**changes: Any) -> RunConditions:
    return RunConditions(
        **{
            "model": GEMMA,
            "gpu": H100,
            "checkpoint": "RedHatAI/gemma-4-26B-A4B-it-FP8-Dynamic",
            "precision": Precision.FP8,
            "engine": "vllm",
            "engine_version": "0.33.0",
            "max_num_seqs": 256,
            "workload": "chat",
            "content": Content.CHAT,
            **changes,
        }
    )


def figures(*, concurrency: int = CONCURRENCY, output_tok_s: float = 600.0, **changes: Any) -> RunFigures:
    """Return what a closed loop shows that is always full: rate times end-to-end time is what is in flight."""
    rate_rps = output_tok_s / 300.0
    return RunFigures(
        **{
            "duration_s": 400 / rate_rps,
            "requests": 400,
            "completed": 400,
            "input_tokens_mean": 800.0,
            "input_tokens_cv": 0.5,
            "output_tokens_mean": 300.0,
            "output_tokens_cv": 0.8,
            "output_tokens_total": 120_000,
            "request_rate_rps": rate_rps,
            "output_tok_s": output_tok_s,
            "in_flight_mean": float(concurrency),
            "ttft_ms": Percentiles(mean=60.0, p50=50.0, p95=120.0, p99=200.0),
            "e2e_s": Percentiles(mean=concurrency / rate_rps, p50=3.0, p95=9.0, p99=14.0),
            "throughput_half_width_share": 0.02,
            "e2e_half_width_share": 0.03,
            "lateness_p99_ms": 1.0,
            "stopped_by": StopReason.PRECISE,
            "preemptions": 0,
            "engine_queue_mean": 0.0,
            **changes,
        }
    )


def profiled(
    name: str,
    *,
    concurrency: int = CONCURRENCY,
    output_tok_s: float = 600.0,
    load: Load | None = None,
    under: RunConditions | None = None,
    showing: RunFigures | None = None,
    **changes: Any,
) -> ProfiledRun:
    return ProfiledRun(
        **{
            "id": name,
            "campaign_id": "chat-h100-0123abcd",
            "cell_id": f"cell-{concurrency}",
            "conditions": under or conditions(),
            "load": load or ClosedLoad(concurrency=concurrency),
            "figures": showing or figures(concurrency=concurrency, output_tok_s=output_tok_s),
            "verdict": Verdict(valid=True),
            "basis": Basis.MEASURED,
            "measured_at": MEASURED_AT,
            **changes,
        }
    )


def keep(database: str, *runs: ProfiledRun) -> None:
    """Put runs into a database, each under its own campaign."""
    with open_store(database) as store:
        for campaign in dict.fromkeys(run.campaign_id for run in runs):
            own = [run for run in runs if run.campaign_id == campaign]
            record = CampaignRecord(id=campaign, name="chat-h100", basis=own[0].basis, created_at=MEASURED_AT)
            store.add_runs(record, own)

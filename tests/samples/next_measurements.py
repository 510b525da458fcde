"""Hand-made answers about what to measure next. Every name says `example`, and every number is invented."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.model import Precision
from advisor.domain.next_measurement import (
    AdaptiveRun,
    AdaptiveStep,
    CellWorth,
    NextMeasurement,
    PlanAtStake,
    Reason,
)
from tests.samples.recommendations import NOW, QUESTION


def _cell(gpu: str, *, worth: str, cost: str, after: str, **changes: Any) -> CellWorth:
    return CellWorth(
        **{
            "model": "example-ar",
            "contender": "example-ar",
            "checkpoint": "example/ar-fp8",
            "precision": Precision.FP8,
            "kernel": "native",
            "gpu": gpu,
            "tensor_parallel": 1,
            "max_num_seqs": 64,
            "max_num_batched_tokens": 8192,
            "speculative": None,
            "engine": "example-engine",
            "engine_version": "1.2.3",
            "reason": Reason.WORTH,
            "basis": Basis.MODELED,
            "log_sd": 0.25,
            "beats_share": 0.125,
            "expected_regret_after_usd_per_month": Decimal(after),
            "saving_usd_per_month": Decimal(worth) / 12,
            "worth_usd": Decimal(worth),
            "loads": ("1 in flight", "8 in flight", "64 in flight", "2.5 requests/s, Poisson"),
            "hours": 0.25,
            "gpu_hours": 0.25,
            "usd_per_hour": Decimal(cost) * 4,
            "cost_usd": Decimal(cost),
            "worth_per_cost": float(Decimal(worth) / Decimal(cost)),
            "pays": Decimal(worth) > Decimal(cost),
            **changes,
        }
    )


NEXT_MEASUREMENT = NextMeasurement(
    generated_at=NOW,
    question=QUESTION,
    horizon_months=12.0,
    chosen=PlanAtStake(
        plan="2 x example-ar fp8 on example-gpu-80gb, 64 slots",
        usd_per_month=Decimal("4380.00"),
        expected_regret_usd_per_month=Decimal("300.00"),
    ),
    steadiest=PlanAtStake(
        plan="3 x example-ar fp8 on example-small-24gb, 32 slots",
        usd_per_month=Decimal("4500.00"),
        expected_regret_usd_per_month=Decimal("250.00"),
    ),
    settled=False,
    verdict="measure example-ar fp8 on 1 x example-small-24gb next: that is worth as much as an example is",
    cells=(
        _cell("example-small-24gb", worth="1800.00", cost="0.50", after="100.00", reason=Reason.RIVAL, beats_share=0.4),
        _cell("example-gpu-80gb", worth="2400.00", cost="1.25", after="50.00", log_sd=0.125, beats_share=0.0),
        _cell("example-large-141gb", worth="0.12", cost="2.00", after="249.99", tensor_parallel=2, gpu_hours=0.5),
    ),
    measured=("example-diffusion fp8 on example-gpu-80gb",),
    plans=9,
    draws=4000,
    seed=0,
    warnings=(Caution(code="price_age", message="the price of the chosen plan is 45 days old (1999-11-18)"),),
)

ADAPTIVE_RUN = AdaptiveRun(
    generated_at=NOW,
    database="sqlite:///example.db",
    basis=Basis.MEASURED,
    steps=(
        AdaptiveStep(
            deployment="example-ar fp8 on example-gpu-80gb",
            campaign_id="next-example-ar-0123abcd",
            expected_regret_before_usd_per_month=Decimal("420.00"),
            worth_usd=Decimal("2400.00"),
            expected_cost_usd=Decimal("1.25"),
            gpu_hours=0.3125,
            measured=4,
            failed=0,
        ),
        AdaptiveStep(
            deployment="example-ar fp8 on 2x example-large-141gb",
            campaign_id="next-example-ar-4567cdef",
            expected_regret_before_usd_per_month=Decimal("300.00"),
            worth_usd=Decimal("800.00"),
            expected_cost_usd=Decimal("2.00"),
            gpu_hours=0.125,
            measured=1,
            failed=3,
            stopped_because="0.4 GPU-hours are used up",
        ),
    ),
    gpu_hours=0.4375,
    stopped_because="0.4 GPU-hours are used up",
    last=NEXT_MEASUREMENT,
    warnings=NEXT_MEASUREMENT.warnings,
)

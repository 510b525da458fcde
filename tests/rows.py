"""Rows that a user measured on an H100 with the newest engine, as they would be stored."""

from __future__ import annotations

from datetime import date

from advisor.domain.basis import Basis
from advisor.domain.measurement import MeasuredMetric, Measurement
from advisor.domain.model import Content, Precision


def measured(
    name: str,
    *,
    concurrency: int = 8,
    value: float = 500.0,
    slots: int = 256,
    engine_version: str = "0.33.0",
    model: str = "gemma-4-26b-a4b",
    checkpoint: str = "RedHatAI/gemma-4-26B-A4B-it-FP8-Dynamic",
    steps: float | None = None,
    basis: Basis = Basis.MEASURED,
) -> Measurement:
    return Measurement(
        id=name,
        model=model,
        checkpoint=checkpoint,
        precision=Precision.FP8,
        gpu="h100-sxm-80gb",
        tensor_parallel=1,
        engine="vllm",
        engine_version=engine_version,
        speculative=None,
        input_tokens=800,
        output_tokens=300,
        concurrency=concurrency,
        slots=slots,
        content=Content.CHAT,
        steps=steps,
        kv_bytes_per_value=2.0,
        metric=MeasuredMetric.OUTPUT_TOK_S,
        value=value,
        basis=basis,
        date=date(2026, 11, 20),
        source_url="https://example.org/own",
        set_name="own",
    )

"""Hand-made answers of the other commands. Every name says `example`, and every number is invented."""

from __future__ import annotations

from advisor.domain.answer import Caution, Estimate, EstimatePoint, Listing, MemoryLine
from advisor.domain.basis import Basis
from advisor.domain.judged import Calibration, Constant, ErrorLine, ExcludedRows, Validation
from advisor.domain.model import Precision
from tests.samples.recommendations import NOW, SOURCES, TODAY


def _point(concurrency: int, output_tok_s: float, *, basis: Basis = Basis.MODELED) -> EstimatePoint:
    return EstimatePoint(
        concurrency=concurrency,
        in_service=min(concurrency, 32),
        output_tok_s=output_tok_s,
        request_rate_rps=output_tok_s / 256,
        ttft_mean_ms=40.0 + concurrency,
        tpot_mean_ms=None,
        ntpot_mean_ms=1000 * concurrency / output_tok_s,
        e2e_mean_s=256 * concurrency / output_tok_s,
        basis=basis,
        spread=0.16,
    )


ESTIMATE = Estimate(
    generated_at=NOW,
    model="example-diffusion-26b",
    contender="example-diffusion-26b",
    checkpoint="example-org/example-diffusion-26b",
    precision=Precision.BF16,
    kernel="weight_only",
    gpu="example-gpu-80gb",
    tensor_parallel=2,
    max_num_seqs=32,
    max_num_batched_tokens=8192,
    speculative=None,
    engine="example-engine",
    engine_version="0.0.1",
    input_tokens=512,
    output_tokens=256,
    canvases=1.0,
    steps_per_canvas=12.5,
    memory=MemoryLine(
        gpu_bytes=160 * 2**30,
        usable_bytes=144 * 2**30,
        weights_bytes=52 * 2**30,
        kv_bytes_per_request=30 * 2**20,
        reserved_bytes=6 * 2**30,
        slots_limit=32,
        slots_limited_by="engine",
        fits=True,
    ),
    points=(_point(1, 812.5), _point(8, 2210.0, basis=Basis.PUBLISHED), _point(64, 3055.2)),
    warnings=(Caution(code="beyond-slots", message="64 requests exceed 32 slots, so the rest of them wait."),),
    sources=SOURCES[2:5],
)

VALIDATION = Validation(
    generated_at=NOW,
    lines=(
        ErrorLine(
            scope="output tok/s",
            group="all",
            rows=1234,
            median=0.117,
            p90=0.312,
            mean=0.14,
            bias=-0.021,
            reference=0.34,
        ),
        ErrorLine(scope="output tok/s", group="example-gpu-80gb", rows=120, median=0.09, p90=0.25, mean=0.1, bias=0.03),
    ),
    batching_gain=(
        ErrorLine(scope="gain from 1 to 32", group="all", rows=12, median=0.08, p90=0.2, mean=0.1, bias=0.0),
    ),
    excluded=(ExcludedRows(reason="another engine version than the one modeled", rows=17),),
    notes=("Each GPU is predicted from constants that were fitted on the other GPUs only.",),
)

CALIBRATION = Calibration(
    fitted_at=TODAY,
    constants=(
        Constant(
            name="bandwidth_share",
            value=0.7312,
            unit="",
            meaning="share of the nominal bandwidth that decoding reaches",
        ),
        Constant(name="step_overhead_s", value=0.000213, unit="s", meaning="fixed time of one engine step"),
    ),
    rows=1234,
    gpus=6,
    log_sd=0.158,
    written_to=None,
)

LISTING = Listing(
    key="gpus",
    columns=(
        "name",
        "memory_bytes",
        "memory_bandwidth_bytes_per_s",
        "bf16_flops",
        "modeled",
        "precisions",
        "scores",
        "notes",
    ),
    rows=(
        {
            "name": "example-gpu-80gb",
            "memory_bytes": 80 * 2**30,
            "memory_bandwidth_bytes_per_s": 3.35e12,
            "bf16_flops": 9.89e14,
            "modeled": True,
            "precisions": ["bf16", "fp8", "nvfp4", "int4"],
            "scores": {"example bench": 82.5},
            "notes": "An invented chip | with a pipe, a long note, and nothing that anybody could measure.",
        },
        {
            "name": "example-small-gpu-48gb",
            "memory_bytes": 48 * 2**30,
            "memory_bandwidth_bytes_per_s": 8.64e11,
            "bf16_flops": None,
            "modeled": False,
            "precisions": ["bf16"],
            "scores": {},
            "notes": "",
        },
    ),
)

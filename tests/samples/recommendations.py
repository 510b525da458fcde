"""Hand-made answers. Every name says `example`, and every number is invented: nothing here is evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from advisor.domain.answer import (
    Candidate,
    Caution,
    CitedSource,
    Decision,
    ExplainLine,
    Latency,
    OfferLine,
    QualityLine,
    Recommendation,
    Rejected,
    Verdict,
)
from advisor.domain.assurance import Attainment, DecidedBy, Interval, OneFewer, Schedule
from advisor.domain.basis import Basis
from advisor.domain.certainty import Certainty, Outlook, Spread90, Sureness
from advisor.domain.model import Content, Precision
from advisor.domain.offer import Confidence, PriceBasis, Seller
from advisor.domain.question import Question
from advisor.domain.routing import Routing
from advisor.domain.slo import parse_slo
from advisor.domain.workload import LengthLaw, Workload

TODAY = date(2000, 1, 2)
NOW = datetime(2000, 1, 2, 3, 4, 5, tzinfo=UTC)
PRICE_PAGE = "https://prices.example/list"

WORKLOAD = Workload(
    name="example-chat",
    content=Content.CHAT,
    input=LengthLaw(mean_tokens=512, cv=0.5),
    output=LengthLaw(mean_tokens=256),
    objectives=parse_slo("e2e:p95<12s"),
)
QUESTION = Question(qps=50, workload=WORKLOAD, slo=parse_slo("ttft:p95<500ms;e2e:p95<12s"), today=TODAY)

SOURCES = (
    CitedSource(kind="price", title="Example price list", url=PRICE_PAGE, date=TODAY),
    CitedSource(kind="price", title="Own price", url=None, date=TODAY),
    CitedSource(kind="model", title="Example card | with a pipe", url="https://models.example/ar", date=TODAY),
    CitedSource(kind="gpu", title="Example data sheet", url="https://gpus.example/gpu", date=TODAY),
    CitedSource(
        kind="measurement",
        title="A long title of an example measurement which certainly needs more than one line on a narrow terminal",
        url="https://measurements.example/a/long/path/that/nobody/wants/to/see/torn/apart?run=123456789&view=all",
        date=TODAY,
    ),
    CitedSource(kind="measurement", title="Example run 2", url="https://measurements.example/2", date=TODAY),
    CitedSource(kind="quality", title="Example scores", url="https://quality.example/", date=TODAY),
    CitedSource(kind="engine", title="Example engine notes", url="https://engine.example/notes", date=TODAY),
)

LATENCY = Latency(
    ttft_p50_ms=121.4,
    ttft_p95_ms=344.9,
    tpot_mean_ms=9.87,
    ntpot_mean_ms=11.25,
    e2e_mean_ms=2880.0,
    e2e_p50_ms=2710.0,
    e2e_p95_ms=5214.0,
    e2e_p99_ms=7035.5,
)


def offer(*, shapes: int = 1, gpu_count: int = 8, usd: str = "32.00", instance: str = "example-8x") -> OfferLine:
    """Return an invented shape for rent."""
    return OfferLine(
        provider="example-cloud",
        region="example-1",
        instance_type=instance,
        gpu_count=gpu_count,
        shapes=shapes,
        usd_per_hour_each=Decimal(usd),
        price_basis=PriceBasis.ON_DEMAND,
        seller=Seller.SPECIALIST,
        confidence=Confidence.LIST,
        as_of=TODAY,
        source_url=PRICE_PAGE,
    )


def outlook(replicas: tuple[float, float], *, usd_each: float, e2e_p95_ms: tuple[float, float | None]) -> Outlook:
    """Return invented draws of a plan."""
    low, high = replicas
    return Outlook(
        replicas=Spread90(p05=low, p50=(low + high) // 2, p95=high),
        usd_per_hour=Spread90(p05=low * usd_each, p50=(low + high) // 2 * usd_each, p95=high * usd_each),
        e2e_p95_ms=Spread90(p05=e2e_p95_ms[0], p50=e2e_p95_ms[0] * 1.5, p95=e2e_p95_ms[1]),
        as_planned=0.91,
        feasible=0.995,
        best=0.62,
        expected_regret_usd_per_hour=Decimal("1.2345"),
    )


CERTAINTY = Certainty(
    sureness=Sureness.LIKELY,
    probability=0.87,
    rival="example-ar-26b on example-small-gpu-48gb",
    rival_probability=0.21,
    expected_regret_usd_per_hour=Decimal("1.2345"),
    expected_regret_usd_per_month=Decimal("901.19"),
    plan_probability=0.62,
    plans=12,
    draws=600,
    seed=0,
)

CHOSEN = Candidate(
    model="example-ar-26b",
    contender="example-ar-26b+example-mtp",
    checkpoint="example-org/example-ar-26b-fp8",
    precision=Precision.FP8,
    kernel="native",
    gpu="example-gpu-80gb",
    tensor_parallel=1,
    max_num_seqs=64,
    max_num_batched_tokens=8192,
    speculative="example-mtp",
    engine="example-engine",
    engine_version="0.0.1",
    replicas=6,
    spares=1,
    routing=Routing.LEAST_OUTSTANDING,
    gpus=6,
    gpus_paid=8,
    offer=offer(),
    usd_per_hour=Decimal("32.00"),
    usd_per_month=Decimal("23360.00"),
    usd_per_million_output_tokens=Decimal("0.694444"),
    usd_per_million_output_tokens_saturated=Decimal("0.4931"),
    usd_per_1k_requests=Decimal("0.17778"),
    utilization=0.712,
    headroom=0.288,
    capacity_qps=70.2,
    saturation_qps=Interval(value=84.3, low=66.9, high=106.2),
    attainment=Attainment(
        objective="e2e p95 <= 12 s",
        target=0.95,
        simulated=0.9712,
        low=0.9655,
        high=0.9769,
        one_fewer=0.9312,
        one_fewer_nominal=0.9312,
        one_fewer_reason=OneFewer.FAILS,
        requests=12_000,
    ),
    one_down_e2e_p95_ms=7431.0,
    in_flight_per_replica=24.0,
    latency=LATENCY,
    outlook=outlook((5, 8), usd_each=4.0, e2e_p95_ms=(3950.0, 8100.0)),
    basis=Basis.PUBLISHED,
    spread=0.18,
    evidence_points=14,
    notes=("Two of the eight rented GPUs stay idle: the shape is sold whole.",),
    sources=(SOURCES[0], SOURCES[2], SOURCES[4]),
)
PLAIN = CHOSEN.model_copy(
    update={
        "contender": "example-ar-26b",
        "speculative": None,
        "gpu": "example-small-gpu-48gb",
        "tensor_parallel": 2,
        "replicas": 9,
        "gpus": 18,
        "gpus_paid": 18,
        "offer": offer(shapes=9, gpu_count=2, usd="4.10", instance="example-2x"),
        "usd_per_hour": Decimal("36.90"),
        "usd_per_month": Decimal("26937.00"),
        "usd_per_million_output_tokens": Decimal("0.000123456"),
        "spares": 0,
        "attainment": Attainment(objective="e2e p95 <= 12 s", target=0.95),
        "basis": Basis.MODELED,
        "notes": (),
    }
)
OTHER = CHOSEN.model_copy(
    update={
        "model": "example-diffusion-26b",
        "contender": "example-diffusion-26b",
        "checkpoint": "example-org/example-diffusion-26b",
        "precision": Precision.BF16,
        "speculative": None,
        "replicas": 40,
        "gpus": 40,
        "gpus_paid": 40,
        "offer": offer(shapes=5),
        "usd_per_hour": Decimal("160.00"),
        "usd_per_month": Decimal("116800.00"),
        "latency": LATENCY.model_copy(
            update={"tpot_mean_ms": None, "e2e_p95_ms": 11_350.0, "decided_by": DecidedBy.SIMULATION}
        ),
        "one_down_e2e_p95_ms": None,
        "outlook": outlook((31, 58), usd_each=4.0, e2e_p95_ms=(8200.0, None)),
        "schedule": Schedule(
            profile="example-day",
            peak_qps=75.0,
            startup_s=120.0,
            replicas_by_hour=(*(20,) * 12, *(40,) * 12),
            paid_replica_hours=720.7,
            static_usd_per_month=Decimal("116800.00"),
            scheduled_usd_per_month=Decimal("87713.00"),
            saving_share=0.249,
        ),
        "basis": Basis.MEASURED,
        "notes": (),
    }
)

RECOMMENDATION = Recommendation(
    generated_at=NOW,
    question=QUESTION,
    decision=Decision(
        verdict=Verdict.CHEAPER,
        reason=(
            "Serve example-ar-26b with its drafter on 6x example-gpu-80gb: $23,360.00 per month (published), "
            "80 % less than example-diffusion-26b."
        ),
        candidate=CHOSEN,
        runner_up=OTHER,
        saving_share=0.8,
    ),
    certainty=CERTAINTY,
    candidates=(CHOSEN, PLAIN, OTHER),
    best_by_model={"example-ar-26b": CHOSEN, "example-diffusion-26b": OTHER, "example-huge": None},
    best_by_contender={
        "example-ar-26b": PLAIN,
        "example-ar-26b+example-mtp": CHOSEN,
        "example-diffusion-26b": OTHER,
        "example-huge": None,
    },
    rejected=(
        Rejected(
            deployment="example-huge bf16 on example-gpu-80gb, 4 slots",
            contender="example-huge",
            constraint="memory",
            reason="weights need 120.0 GiB and 71.2 GiB are usable; FP8 on 2 GPUs would fit",
        ),
        Rejected(
            deployment="example-huge fp8 on example-gpu-80gb, 4 slots",
            contender="example-huge",
            constraint="memory",
            reason="weights need 72.0 GiB and 71.2 GiB are usable",
        ),
        Rejected(
            deployment="example-diffusion-26b fp8 on example-small-gpu-48gb, 8 slots",
            contender="example-diffusion-26b",
            constraint="latency",
            reason="e2e p95 14.2 s > 12 s even with one request per GPU",
        ),
    ),
    quality=(
        QualityLine(
            benchmark="Example Bench",
            unit="%",
            higher_is_better=True,
            scores={"example-ar-26b": 82.5, "example-diffusion-26b": 77.1},
            source_url="https://quality.example/",
            date=TODAY,
        ),
        QualityLine(
            benchmark="Example Error Rate",
            unit="%",
            higher_is_better=False,
            scores={"example-ar-26b": 4.5, "example-diffusion-26b": 3.25},
            source_url="https://quality.example/",
            date=TODAY,
        ),
    ),
    explanation=(
        ExplainLine(
            contender="example-ar-26b+example-mtp",
            figure="weights",
            value="26.4",
            unit="GiB",
            basis=Basis.PUBLISHED,
            how="size of the example checkpoint's files",
        ),
        ExplainLine(
            contender="example-ar-26b+example-mtp",
            figure="capacity of one replica under the objectives",
            value="11.7",
            unit="qps",
            basis=Basis.MODELED,
            how="largest Poisson rate whose e2e p95 stays within 12 s, by bisection on the queue",
        ),
        ExplainLine(
            contender="example-diffusion-26b",
            figure="steps per canvas",
            value="12",
            unit="steps",
            basis=None,
            how="your --steps",
        ),
    ),
    warnings=(
        Caution(code="idle-gpus", message="2 of 8 rented GPUs stay idle because example-8x is sold whole."),
        Caution(
            code="old-price",
            message="the price of example-2x was read 120 days ago, longer than the 90 days asked for.",
        ),
    ),
    sources=SOURCES,
    deployments_considered=42,
)

"""A hand-made prediction. Every number is invented."""

from __future__ import annotations

from advisor.domain.answer import Caution
from advisor.domain.assurance import DecidedBy
from advisor.domain.prediction import Percentiles, Prediction
from advisor.domain.routing import Routing
from tests.samples.recommendations import NOW

PREDICTION = Prediction(
    generated_at=NOW,
    profile="example-server",
    rate_qps=24.0,
    burstiness=4.0,
    replicas=3,
    routing=Routing.ROUND_ROBIN,
    slots=64,
    saturation_qps=31.25,
    utilization=0.768,
    in_flight_per_replica=22.4,
    ttft_ms=Percentiles(mean=131.2, p50=112.0, p95=301.5, p99=522.75),
    e2e_s=Percentiles(mean=2.8, p50=2.1, p95=7.4, p99=12.25),
    ntpot_ms=10.9375,
    in_range=False,
    decided_by=DecidedBy.SIMULATION,
    notes=(
        "slots: 64, where throughput stops growing",
        "work of requests: an example of a note that is certainly too long for one line of a narrow terminal, and wraps",
    ),
    warnings=(
        Caution(code="weak_regime", message="the formulas are weak here (an example): the latencies are simulated"),
    ),
)

"""A hand-made simulation. Every name says `example`, and every number is invented: nothing here is evidence."""

from __future__ import annotations

from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.model import Precision
from advisor.domain.prediction import Percentiles
from advisor.domain.routing import Routing
from advisor.domain.simulation import ByFormula, Held, Hours, Kept, Latencies, Met, Moment, Simulation
from advisor.domain.slo import parse_slo
from tests.samples.recommendations import NOW, SOURCES

HOURS = 24
HOUR_S = 250.0
NIGHT, PEAK = 5, 14


def _moment(hour: int) -> Moment:
    busy = 1.0 - abs(hour - PEAK) / HOURS
    return Moment(
        start_s=hour * HOUR_S,
        start_hours=float(hour),
        arrival_rps=20.0 * busy,
        in_service=100.0 * busy**2,
        slots_used_share=100.0 * busy**2 / 128,
        waiting_most=0 if busy < 0.8 else round(200 * (busy - 0.8)),
        e2e_p95_s=None if hour == NIGHT else 2.0 + 4.0 * busy**3,
        e2e_p50_s=None if hour == NIGHT else 1.0 + 0.5 * busy**3,
        e2e_p99_s=None if hour == NIGHT else 3.0 + 6.0 * busy**3,
    )


SIMULATION = Simulation(
    generated_at=NOW,
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
    speed_basis=Basis.PUBLISHED,
    spread=0.18,
    replicas=2,
    routing=Routing.LEAST_OUTSTANDING,
    workload="example-chat",
    input_tokens=512,
    output_tokens=256,
    slo=parse_slo("ttft:p95<500ms;e2e:p95<5s;e2e:mean<3s"),
    qps=12.5,
    burstiness=1.0,
    trace=None,
    hours=Hours(profile="example-day", hours=HOURS, hour_s=HOUR_S, peak_qps=20.0, utilization=0.9091),
    requests=75_123,
    simulated_s=HOURS * HOUR_S,
    seed=7,
    saturation_qps=22.0,
    utilization=0.5682,
    attainment=(
        Kept(objective="ttft p95 <= 500 ms", target=0.95, share=0.99998, low=0.9991, high=1.0, met=Met.YES),
        Kept(objective="e2e p95 <= 5 s", target=0.95, share=0.951, low=0.943, high=0.959, met=Met.UNDECIDED),
        Kept(objective="e2e mean <= 3 s", target=None, share=0.62, low=0.6, high=0.64, met=Met.NO),
    ),
    latency=Latencies(
        ttft_ms=Percentiles(mean=88.8, p50=71.5, p95=214.0, p99=402.5),
        tpot_ms=Percentiles(mean=11.9, p50=11.2, p95=17.3, p99=19.9),
        ntpot_ms=Percentiles(mean=12.4, p50=11.6, p95=18.8, p99=22.1),
        e2e_ms=Percentiles(mean=3120.0, p50=2890.0, p95=4980.0, p99=6710.0),
    ),
    formulas=ByFormula(
        e2e_mean_ms=3090.0,
        e2e_p95_ms=5210.0,
        e2e_p99_ms=6400.0,
        mean_off_share=-0.0096,
        p95_off_share=0.0462,
        p99_off_share=-0.0462,
        weak_because=("load 91% of saturation",),
    ),
    slots=128,
    slots_used=Held(mean=46.2, peak=128),
    waiting=Held(mean=0.81, peak=40),
    timeline=tuple(_moment(hour) for hour in range(HOURS)),
    warnings=(
        Caution(code="simulated", message="latencies are simulated from an example speed and never count as evidence"),
        Caution(code="near_saturation", message="up to 20 qps arrive and 22 qps can be completed."),
    ),
    sources=SOURCES[2:5],
)

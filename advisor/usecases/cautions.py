"""What the reader must know beside the answer: age of prices, kind of evidence, load, validity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.cost.book import AGING_DAYS
from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.offer import PriceBasis
from advisor.domain.slo import Metric
from advisor.queueing import VALID_LOAD
from advisor.usecases.candidates import basis_of
from advisor.usecases.deployments import FOUR_BIT, version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from advisor.domain.answer import Candidate
    from advisor.domain.deployment import Deployment
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question
    from advisor.domain.workload import Workload
    from advisor.usecases.evidence import Evidence
    from advisor.usecases.plans import Plan

Z_95 = 1.645
"""95th percentile of the standard normal law: the two of them enclose 90 %."""

NEW_SAMPLER = (0, 31)
"""vLLM version that rewrote the diffusion sampler; no published curve uses it or a later one."""


PREFILL_HEAVY = 0.35
"""Share of prefill from which the latency formulas were too optimistic in iteration-level simulations (p95 by 19 to 45 %)."""

BURSTY = 2.0
"""Variance-to-mean ratio of arrival counts from which Poisson formulas are clearly too optimistic."""


def cautions(
    question: Question,
    *,
    plans: Sequence[Plan],
    shown: Sequence[Candidate],
    models: Sequence[ModelSpec],
    evidence: Evidence,
) -> tuple[Caution, ...]:
    """Return the warnings of an answer, each once: about the plans it compares and the offers it shows."""
    found = [
        *_prices(question, shown),
        *(
            caution
            for plan in plans
            for caution in _of_plan(plan)
            if _within(plan, evidence) or caution.code != "modeled"
        ),
        *_objectives(question, models),
        *_arrivals(question.workload),
        *(caution for plan in plans for caution in outside_validity(plan.deployment, evidence)),
        *odd_rows(evidence),
    ]
    return tuple({(c.code, c.message): c for c in found}.values())


def odd_rows(evidence: Evidence) -> Iterator[Caution]:
    """Yield a warning for each row that is too far from the model, and one for own rows that cannot be used."""
    for row in evidence.ignored:
        yield Caution(
            code="row_ignored",
            message=f"the row {row.id} ({row.value:g} {row.metric} on {row.gpu}) is left out: it is more than three "
            "times off the model, check its unit and conditions",
        )
    if evidence.unused:
        names = ", ".join(row.id for row in evidence.unused[:5]) + (", ..." if len(evidence.unused) > 5 else "")
        verb = "is" if len(evidence.unused) == 1 else "are"
        yield Caution(
            code="rows_unused",
            message=f"{len(evidence.unused)} of your own rows {verb} not used ({names}): an unknown model, GPU, precision "
            "or drafter, missing denoising steps, or no throughput figure",
        )


def _within(plan: Plan, evidence: Evidence) -> bool:
    return plan.deployment.gpu.vendor in evidence.vendors


def outside_validity(deployment: Deployment, evidence: Evidence) -> Iterator[Caution]:
    """Yield a warning where no row of any kind covers the GPU's vendor."""
    if deployment.gpu.vendor not in evidence.vendors:
        yield Caution(
            code="outside_validity",
            message=f"no measurement covers GPUs of {deployment.gpu.vendor}: the figures of {deployment.gpu.name} are "
            "modeled and their error is not known",
        )


def _arrivals(workload: Workload) -> Iterator[Caution]:
    if workload.count_dispersion is not None and workload.count_dispersion > BURSTY:
        yield Caution(
            code="bursty_arrivals",
            message=f"arrivals of {workload.name} come in bursts (variance-to-mean ratio of counts "
            f"{workload.count_dispersion:.1f} over ten seconds, 1 for a Poisson process); only its lengths are used "
            "here, and real latencies will be longer",
        )


def _prices(question: Question, shown: Iterable[Candidate]) -> Iterator[Caution]:
    for offer in (candidate.offer for candidate in shown):
        age = (question.today - offer.as_of).days
        if age > AGING_DAYS:
            what = f"{offer.provider} {offer.instance_type} ({offer.price_basis})"
            yield Caution(code="stale_price", message=f"the price of {what} is {age} days old ({offer.as_of})")
        if offer.price_basis is PriceBasis.SPOT:
            what = f"{offer.provider} {offer.instance_type}"
            yield Caution(code="spot", message=f"{what} is a spot price: replicas can be taken away, none is spare")


def _of_plan(plan: Plan) -> Iterator[Caution]:
    for code, message_of in OF_A_PLAN.items():
        message = message_of(plan)
        if message:
            yield Caution(code=code, message=message)


def _modeled(plan: Plan) -> str:
    n = plan.load.in_service
    low, high = np.exp(np.array([-Z_95, Z_95]) * plan.serving.curve.grounds.log_sd_at(n))
    return (
        f"{_name(plan)} at {n:.0f} requests in service is modeled, not measured: "
        f"its speed lies within {low:.2f} to {high:.2f} times the shown one with 90 % probability"
        if basis_of(plan) is Basis.MODELED
        else ""
    )


def _beyond_range(plan: Plan) -> str:
    grounds, n = plan.serving.curve.grounds, plan.load.in_service
    seen = f"{_name(plan)} was observed with up to {grounds.measured_up_to:.0f} requests in service"
    return f"{seen}, this plan runs {n:.0f}" if grounds.own_runs and n > grounds.measured_up_to else ""


def _other_version(plan: Plan) -> str:
    current = plan.deployment.engine_version
    rows = [row for run in plan.serving.curve.grounds.own_runs for row in run.rows]
    seen = sorted({row.engine_version for row in rows})
    if basis_of(plan) is Basis.MODELED or current in seen:
        return ""
    return f"{_name(plan)} was observed on version {', '.join(seen)}, not {current}: the spread allows for that"


def _saturated(plan: Plan) -> str:
    load = plan.load.state.utilization
    return (
        f"{_name(plan)} runs at {load:.0%} of saturation; above {VALID_LOAD:.0%} the latency formulas were not validated"
        if load > VALID_LOAD
        else ""
    )


def _prefill_heavy(plan: Plan) -> str:
    share = plan.load.prefill_share
    return (
        f"{_name(plan)} spends {share:.0%} of its time on prompts; above {PREFILL_HEAVY:.0%} latencies were up to 45 % "
        "longer in simulations than the formulas say"
        if share > PREFILL_HEAVY
        else ""
    )


def _consumer(plan: Plan) -> str:
    gpu = plan.deployment.gpu
    warning = f"{gpu.title} is a consumer part: its license terms limit use in data centers, have that checked"
    return warning if gpu.consumer else ""


def _quantized(plan: Plan) -> str:
    checkpoint = plan.deployment.checkpoint
    return (
        f"the quality scores are those of the 16-bit model; {checkpoint.name} has 4-bit weights and its own scores are "
        "not known here"
        if checkpoint.precision in FOUR_BIT
        else ""
    )


def _new_sampler(plan: Plan) -> str:
    engine_version = plan.deployment.engine_version
    return (
        "vLLM 0.31 rewrote the diffusion sampler and no published curve uses it: DiffusionGemma may be faster on "
        f"{engine_version} than shown"
        if plan.deployment.diffuses and version(engine_version) >= NEW_SAMPLER
        else ""
    )


def _name(plan: Plan) -> str:
    return f"{plan.deployment.contender} on {plan.deployment.gpu.name}"


OF_A_PLAN: Mapping[str, Callable[[Plan], str]] = {
    "modeled": _modeled,
    "beyond_measured_range": _beyond_range,
    "other_engine_version": _other_version,
    "near_saturation": _saturated,
    "prefill_heavy": _prefill_heavy,
    "consumer_gpu": _consumer,
    "quantized_quality": _quantized,
    "new_sampler": _new_sampler,
}
"""What can be said against a plan: a sentence where it applies, else nothing."""


def _objectives(question: Question, models: Sequence[ModelSpec]) -> Iterator[Caution]:
    limited = any(objective.metric is Metric.TPOT for objective in question.slo)
    if limited and any(model.canvas for model in models):
        yield Caution(
            code="tpot_on_canvas",
            message="TPOT means nothing for a model that shows 256 tokens at once; block diffusion is judged on "
            "normalized time per output token (end-to-end time over tokens) instead",
        )

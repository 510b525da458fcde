"""What the reader must know beside the answer: age of prices, kind of evidence, load, validity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.cost.book import AGING_DAYS
from advisor.domain.answer import Caution
from advisor.domain.assurance import OneFewer
from advisor.domain.basis import Basis
from advisor.domain.offer import PriceBasis
from advisor.domain.routing import Routing
from advisor.domain.slo import Metric
from advisor.usecases.candidates import basis_of
from advisor.usecases.confirming import one_fewer
from advisor.usecases.deployments import FOUR_BIT, version
from advisor.usecases.own_cautions import own_cautions, simulated_evidence
from advisor.usecases.plans import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from advisor.domain.answer import Candidate
    from advisor.domain.deployment import Deployment
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question
    from advisor.usecases.grounding.evidence import Evidence
    from advisor.usecases.plans import Plan

Z_95 = 1.645
"""95th percentile of the standard normal law: the two of them enclose 90 %."""

NEW_SAMPLER = (0, 31)
"""vLLM version that rewrote the diffusion sampler; no published curve uses it or a later one."""


def cautions(
    question: Question,
    *,
    plans: Sequence[Plan],
    listed: Sequence[Plan],
    shown: Sequence[Candidate],
    models: Sequence[ModelSpec],
    evidence: Evidence,
) -> tuple[Caution, ...]:
    """Return the warnings of an answer, each once: about the plans it compares, and the runs and offers of all it shows."""
    spoken = {plan.deployment.layout: plan.serving.curve for plan in listed}
    found = [
        *simulated_evidence(spoken),
        *_prices(question, shown),
        *(
            caution
            for plan in plans
            for caution in _of_plan(plan)
            if _within(plan, evidence) or caution.code != "modeled"
        ),
        *_objectives(question, models),
        *_trace(question),
        *(caution for plan in plans for caution in outside_validity(plan.deployment, evidence)),
        *own_cautions(evidence, spoken),
    ]
    return tuple({(c.code, c.message): c for c in found}.values())


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


def _trace(question: Question) -> Iterator[Caution]:
    work = question.workload
    if work.pairs and not work.arrival_s and question.burstiness is None:
        yield Caution(
            code="trace_without_times",
            message=f"the requests of {work.name} come all at once: it lends its lengths alone, arrivals are Poisson",
        )


def _prices(question: Question, shown: Iterable[Candidate]) -> Iterator[Caution]:
    for candidate in shown:
        offer = candidate.offer
        age = (question.today - offer.as_of).days
        if age > AGING_DAYS:
            what = f"{offer.provider} {offer.instance_type} ({offer.price_basis})"
            yield Caution(code="stale_price", message=f"the price of {what} is {age} days old ({offer.as_of})")
        if offer.price_basis is PriceBasis.SPOT:
            what = f"{offer.provider} {offer.instance_type}"
            yield Caution(
                code="spot",
                message=f"{what} is a spot price: replicas can be taken away, {candidate.spares or 'none'} spare",
            )


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
    if basis_of(plan) is not Basis.PUBLISHED or current in seen:
        return ""
    return f"{_name(plan)} was observed on version {', '.join(seen)}, not {current}: the spread allows for that"


def _weak(plan: Plan) -> str:
    if not plan.weaknesses:
        return ""
    where = f"formulas are known to be off at {' and '.join(plan.weaknesses)}"
    if plan.simulated is not None:
        return f"{where}: size and latencies of {_name(plan)} come from simulation"
    return f"{where}, and {_name(plan)} was not simulated: its latencies may be much longer than shown"


def _tie(plan: Plan) -> str:
    if plan.trials is None or one_fewer(plan).reason is not OneFewer.TIE:
        return ""
    return (
        f"{_name(plan)}: the simulation cannot tell whether {plan.needed - 1} replicas would do as well as {plan.needed}; "
        "the larger fleet is shown"
    )


def _routing(plan: Plan) -> str:
    routing = plan.question.routing
    if plan.replicas == 1 or routing is Routing.LEAST_OUTSTANDING or not plan.deployment.diffuses:
        return ""
    level = replace(plan.serving, arriving=replace(plan.serving.arriving, routing=Routing.LEAST_OUTSTANDING))
    best_s = level.predict(plan.question.peak_qps, replicas=plan.replicas).e2e.quantile(0.95)
    return (
        f"{_name(plan)} asks for least-outstanding routing: by formula its e2e p95 is then {seconds(best_s)}, with "
        f"{routing} it is {seconds(plan.load.e2e.quantile(0.95))}"
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
    "weak_formula": _weak,
    "tie": _tie,
    "routing": _routing,
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

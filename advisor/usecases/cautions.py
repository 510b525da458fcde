"""What the reader must know beside the answer: age of prices, kind of evidence, load, validity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.cost.book import AGING_DAYS
from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.slo import Metric
from advisor.queueing import VALID_LOAD
from advisor.usecases.candidates import basis_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from advisor.domain.answer import Candidate
    from advisor.domain.question import Question
    from advisor.usecases.plans import Plan

NEW_SAMPLER = (0, 31)
"""vLLM version that rewrote the diffusion sampler; no published curve uses it or a later one."""


def cautions(question: Question, plans: Sequence[Plan], shown: Sequence[Candidate]) -> tuple[Caution, ...]:
    """Return the warnings of an answer, each once."""
    found = [
        *_prices(question, shown),
        *(caution for plan in plans for caution in _of_plan(plan)),
        *_objectives(question, plans),
    ]
    return tuple({(c.code, c.message): c for c in found}.values())


def _prices(question: Question, shown: Iterable[Candidate]) -> Iterator[Caution]:
    for offer in (candidate.offer for candidate in shown):
        age = (question.today - offer.as_of).days
        if age > AGING_DAYS:
            what = f"{offer.provider} {offer.instance_type} ({offer.price_basis})"
            yield Caution(code="stale_price", message=f"the price of {what} is {age} days old ({offer.as_of})")


def _of_plan(plan: Plan) -> Iterator[Caution]:
    grounds, n, name = plan.serving.curve.grounds, plan.load.in_service, plan.deployment.contender
    low, high = np.exp(np.array([-1.645, 1.645]) * grounds.log_sd)
    if basis_of(plan) is Basis.MODELED:
        yield Caution(
            code="modeled",
            message=f"{name} on {plan.deployment.gpu.name} at {n:.0f} requests in service is modeled, not measured: "
            f"its speed lies within {low:.2f} to {high:.2f} times the shown one with 90 % probability",
        )
    if grounds.own_runs and n > grounds.measured_up_to:
        yield Caution(
            code="beyond_measured_range",
            message=f"{name} on {plan.deployment.gpu.name} was observed with up to {grounds.measured_up_to:.0f} "
            f"requests in service, this plan runs {n:.0f}",
        )
    if plan.load.state.utilization > VALID_LOAD:
        yield Caution(
            code="near_saturation",
            message=f"{name} runs at {plan.load.state.utilization:.0%} of saturation; above {VALID_LOAD:.0%} the "
            "latency formulas were not validated",
        )
    if plan.deployment.diffuses and release(plan.deployment.engine_version) >= NEW_SAMPLER:
        yield Caution(
            code="new_sampler",
            message="vLLM 0.31 rewrote the diffusion sampler and no published curve uses it: DiffusionGemma may be "
            f"faster on {plan.deployment.engine_version} than shown",
        )


def release(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version, for comparison."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _objectives(question: Question, plans: Sequence[Plan]) -> Iterator[Caution]:
    limited = any(objective.metric is Metric.TPOT for objective in question.slo)
    if limited and any(plan.deployment.diffuses for plan in plans):
        yield Caution(
            code="tpot_on_canvas",
            message="TPOT means nothing for a model that shows 256 tokens at once; block diffusion is judged on "
            "normalized time per output token (end-to-end time over tokens) instead",
        )

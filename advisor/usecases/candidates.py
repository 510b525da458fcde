"""A plan as the user sees it: settings, money, latencies, attainment, basis and sources."""

from __future__ import annotations

from decimal import Decimal
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from advisor.cost import per_million
from advisor.domain.answer import Candidate, CitedSource, Latency, OfferLine
from advisor.domain.assurance import Attainment, DecidedBy, Interval
from advisor.usecases import confirming
from advisor.usecases.deployments import line_of
from advisor.usecases.serving import Z_80

if TYPE_CHECKING:
    from advisor.domain.assurance import Schedule
    from advisor.domain.basis import Basis
    from advisor.domain.certainty import Outlook
    from advisor.domain.daily import Operations
    from advisor.domain.question import Question
    from advisor.domain.value import Source
    from advisor.usecases.judging import Judgment
    from advisor.usecases.plans import Plan

CENT = Decimal("0.01")
FINE = Decimal("0.0001")
MS = 1e3


def candidate_of(plan: Plan, schedule: Schedule | None = None, outlook: Outlook | None = None) -> Candidate:
    """Return everything that an answer says of a plan."""
    deployment, fleet, work = plan.deployment, plan.fleet, plan.serving.curve.work
    qps, out = plan.question.qps, work.demand.output_tokens
    return Candidate(
        **line_of(deployment),
        replicas=plan.replicas,
        spares=plan.spares,
        routing=plan.question.routing,
        gpus=plan.gpus,
        gpus_paid=fleet.gpus_paid,
        offer=_offer_line(plan),
        usd_per_hour=fleet.usd_per_hour.quantize(FINE),
        usd_per_month=fleet.usd_per_month.quantize(CENT),
        usd_per_million_output_tokens=per_million(fleet.usd_per_hour, units_per_s=qps * float(out)).quantize(FINE),
        usd_per_million_output_tokens_saturated=per_million(
            fleet.usd_per_hour, units_per_s=plan.saturation_rps * float(out)
        ).quantize(FINE),
        usd_per_1k_requests=(per_million(fleet.usd_per_hour, units_per_s=qps) / 1000).quantize(FINE),
        utilization=plan.load.state.utilization,
        headroom=plan.headroom,
        capacity_qps=plan.capacity_rps,
        saturation_qps=_saturation(plan),
        attainment=_attainment(plan),
        one_down_e2e_p95_ms=_ms(plan.one_down_e2e_p95_s),
        in_flight_per_replica=plan.load.in_system,
        latency=_latency(plan),
        schedule=schedule,
        outlook=outlook,
        basis=basis_of(plan),
        spread=plan.serving.curve.grounds.log_sd_at(plan.load.in_service),
        evidence_points=plan.serving.curve.grounds.points,
        notes=_notes(plan),
        sources=sources_of(plan),
    )


def _notes(plan: Plan) -> tuple[str, ...]:
    idle = plan.fleet.gpus_paid - plan.gpus
    routed = plan.deployment.diffuses and plan.replicas > 1
    return (
        *((f"{idle} of {plan.fleet.gpus_paid} rented GPUs stay idle: shapes are paid whole",) if idle else ()),
        *((ROUTED,) if routed else ()),
    )


ROUTED = (
    "block diffusion asks for a router that picks the replica with the fewest outstanding requests: with four replicas of "
    "four slots at 85 % load, round robin took 1.5 times its e2e p95, random choice twice (simulated, exponential work)"
)
"""Held by a test of the simulation, `test_fleets`."""


def basis_of(plan: Plan) -> Basis:
    """Return how the plan's speed is known at its load. Open-loop latencies always pass through the queueing model."""
    return plan.serving.curve.basis_at(plan.load.in_service)


def ttft_basis_of(plan: Plan) -> Basis:
    """Return how the plan's time to first token is known, which its speed alone does not tell."""
    return plan.serving.curve.ttft_basis_at(plan.load.in_service)


def _saturation(plan: Plan) -> Interval:
    factor = exp(Z_80 * plan.serving.log_sd)
    return Interval(value=plan.saturation_rps, low=plan.saturation_rps / factor, high=plan.saturation_rps * factor)


def _attainment(plan: Plan) -> Attainment:
    """Return how many requests keep the tightest objective with all spares down, and why there is no replica less."""
    question = plan.question
    if plan.trials is None:
        limit = min(question.limits, key=lambda limit: limit.percentile is None)
        return Attainment(objective=str(limit), target=limit.percentile)
    judgment = plan.trials.at(plan.needed, plan.rate_rps)
    tightest = judgment.tightest
    fewer = confirming.one_fewer(plan)
    return Attainment(
        objective=tightest.criterion.words,
        target=tightest.criterion.target,
        simulated=tightest.share.value,
        low=tightest.share.value if judgment.exact else tightest.share.low,
        high=tightest.share.value if judgment.exact else tightest.share.high,
        one_fewer=fewer.share,
        one_fewer_nominal=fewer.nominal,
        one_fewer_reason=fewer.reason,
        requests=judgment.requests,
    )


def _ms(time_s: float | None) -> float | None:
    return None if time_s is None else time_s * MS


def _latency(plan: Plan) -> Latency:
    if plan.simulated is not None:
        return _simulated_latency(plan, plan.simulated)
    load = plan.load
    e2e, ttft = load.e2e, load.ttft
    return Latency(
        ttft_p50_ms=ttft.quantile(0.5) * MS,
        ttft_p95_ms=ttft.quantile(0.95) * MS,
        tpot_mean_ms=None if plan.deployment.diffuses else load.mean_per_token_s(load.decode) * MS,
        ntpot_mean_ms=load.mean_per_token_s(e2e) * MS,
        e2e_mean_ms=e2e.mean() * MS,
        e2e_p50_ms=e2e.quantile(0.5) * MS,
        e2e_p95_ms=plan.e2e_p95_s * MS,
        e2e_p99_ms=e2e.quantile(0.99) * MS,
        ttft_basis=ttft_basis_of(plan),
    )


def _simulated_latency(plan: Plan, judgment: Judgment) -> Latency:
    e2e_ms, ttft_ms = judgment.e2e_s * MS, judgment.ttft_s * MS
    decode_ms = (e2e_ms - ttft_ms) / np.maximum(judgment.tokens - 1.0, 1.0)
    ttft, e2e = np.quantile(ttft_ms, (0.5, 0.95)), np.quantile(e2e_ms, (0.5, 0.95, 0.99))
    return Latency(
        ttft_p50_ms=float(ttft[0]),
        ttft_p95_ms=float(ttft[1]),
        tpot_mean_ms=None if plan.deployment.diffuses else float(decode_ms.mean()),
        ntpot_mean_ms=float((e2e_ms / judgment.tokens).mean()),
        e2e_mean_ms=float(e2e_ms.mean()),
        e2e_p50_ms=float(e2e[0]),
        e2e_p95_ms=float(e2e[1]),
        e2e_p99_ms=float(e2e[2]),
        decided_by=DecidedBy.SIMULATION,
        ttft_basis=ttft_basis_of(plan),
    )


def _offer_line(plan: Plan) -> OfferLine:
    offer = plan.fleet.offer
    return OfferLine(
        provider=offer.provider,
        region=offer.region,
        instance_type=offer.instance_type,
        gpu_count=offer.gpu_count,
        shapes=plan.fleet.shapes,
        usd_per_hour_each=offer.price_usd_per_hour,
        price_basis=offer.price_basis,
        seller=offer.seller,
        confidence=offer.confidence,
        as_of=offer.as_of,
        source_url=offer.source_url,
    )


def sources_of(plan: Plan) -> tuple[CitedSource, ...]:
    """Return what the plan's figures rest on: price, checkpoint, GPU, drafter, content, and rows of its cell."""
    deployment, offer = plan.deployment, plan.fleet.offer
    drafter, canvas = deployment.drafter, deployment.model.canvas
    observed = deployment.gpu.read_bandwidth_source
    parts = [
        CitedSource(
            kind="price",
            title=f"{offer.provider} {offer.instance_type}, {offer.region}, {offer.price_basis}",
            url=offer.source_url,
            date=offer.as_of,
        ),
        _cited("checkpoint", deployment.checkpoint.name, deployment.checkpoint.source),
        _cited("gpu", deployment.gpu.title, deployment.gpu.source),
        *(_cited("bandwidth", f"{deployment.gpu.title}, as observed", seen) for seen in [observed] if seen),
    ]
    if drafter:
        rate = drafter.accepted_tokens[plan.question.workload.content]
        parts.append(_cited("drafter", f"{drafter.name} acceptance", rate.source))
    if canvas:
        law = canvas.steps[plan.question.workload.content]
        own = plan.serving.curve.work.own_steps
        parts += own.sources() if own else ()
        what = "spread of denoising steps" if own else "denoising steps"
        parts.append(_cited("steps", f"{what} on {plan.question.workload.content}", law.source))
    anchor = plan.serving.curve.first_text
    return (*parts, *plan.serving.curve.grounds.sources(), *(anchor.sources() if anchor else ()))


def operations_of(question: Question, operations: Operations) -> tuple[CitedSource, ...]:
    """Return what spares and schedules of an answer rest on."""
    shares = ", ".join(f"{basis} {share:g}" for basis, share in operations.availability.items())
    daily = question.daily
    parts = []
    if question.availability is not None:
        parts.append(_cited("availability", f"of one replica, assumed: {shares}", operations.availability_source))
    if daily is not None and question.startup_s is None:
        parts.append(_cited("startup", f"{operations.startup_s:g} s until a replica serves", operations.startup_source))
    if daily is not None and daily.source is not None:
        parts.append(_cited("daily", daily.title or daily.name, daily.source))
    return tuple(parts)


def _cited(kind: str, title: str, source: Source) -> CitedSource:
    return CitedSource(kind=kind, title=title, url=source.url, date=source.date)

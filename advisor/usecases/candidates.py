"""A plan as the user sees it: settings, money, latencies, basis, sources, and the way to each figure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.cost import per_million
from advisor.domain.answer import Candidate, CitedSource, ExplainLine, Latency, OfferLine
from advisor.domain.basis import Basis
from advisor.usecases.curves import steps_of
from advisor.usecases.deployments import line_of

if TYPE_CHECKING:
    from advisor.domain.value import Source
    from advisor.usecases.plans import Plan

CENT = Decimal("0.01")
FINE = Decimal("0.0001")
MS = 1e3


def candidate_of(plan: Plan) -> Candidate:
    """Return everything that an answer says of a plan."""
    deployment, fleet, work = plan.deployment, plan.fleet, plan.serving.curve.work
    qps, out = plan.question.qps, work.demand.output_tokens
    return Candidate(
        **line_of(deployment),
        replicas=plan.replicas,
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
        in_flight_per_replica=plan.load.state.mean_in_system / plan.replicas,
        latency=_latency(plan),
        basis=basis_of(plan),
        spread=plan.serving.curve.grounds.log_sd_at(plan.load.in_service),
        evidence_points=plan.serving.curve.grounds.points,
        notes=_notes(plan),
        sources=sources_of(plan),
    )


def _notes(plan: Plan) -> tuple[str, ...]:
    idle = plan.fleet.gpus_paid - plan.gpus
    return (f"{idle} of {plan.fleet.gpus_paid} rented GPUs stay idle: shapes are paid whole",) if idle else ()


def basis_of(plan: Plan) -> Basis:
    """Return how the plan's speed is known at its load. Open-loop latencies always pass through the queueing model."""
    return plan.serving.curve.grounds.basis_at(plan.load.in_service)


def _latency(plan: Plan) -> Latency:
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
        parts.append(_cited("steps", f"denoising steps on {plan.question.workload.content}", law.source))
    return (*parts, *plan.serving.curve.grounds.sources())


def _cited(kind: str, title: str, source: Source) -> CitedSource:
    return CitedSource(kind=kind, title=title, url=source.url, date=source.date)


def explain(plan: Plan) -> tuple[ExplainLine, ...]:
    """Return the figures on the way to a plan, in the order they follow from each other."""
    curve, load, slots = plan.serving.curve, plan.load, plan.serving.slots
    demand, grounds, model = curve.work.demand, curve.grounds, plan.deployment.model
    speed = basis_of(plan)
    turn = "canvas" if model.canvas else "token"
    n = load.in_service
    lines: list[tuple[str, str, str, Basis | None, str]] = [
        ("input", f"{demand.input_tokens:.0f}", "tokens", None, "mean of the workload, cached prefix left out"),
        ("output", f"{demand.output_tokens:.0f}", "tokens", None, "mean of the workload"),
    ]
    if model.canvas:
        steps = f"{steps_of(model, plan.question.workload):.1f}"
        lines += [
            ("canvases per request", f"{demand.canvases:.2f}", "", None, "mean of ceil(output / canvas)"),
            ("denoising steps", steps, "per canvas", Basis.PUBLISHED, f"mean on {plan.question.workload.content}"),
        ]
    lines += [
        ("weights", f"{plan.deployment.checkpoint.weights_bytes / 1e9:.1f}", "GB", Basis.PUBLISHED, "checkpoint"),
        ("slots", f"{slots}", "", None, "max_num_seqs, within memory"),
        (
            "evidence factor",
            f"{curve.at(grounds.factors, n):.2f}",
            "",
            None,
            f"on modeled speed, {grounds.points} rows",
        ),
        ("spread", f"{grounds.log_sd_at(n):.2f}", "log sd", None, "of the speed, after all evidence"),
        ("in service", f"{n:.1f}", "requests per replica", None, "at the asked rate"),
        (f"time per {turn}", f"{curve.at(curve.turn_s, n) * MS:.2f}", "ms", speed, f"with {n:.1f} in service"),
        ("prefill", f"{curve.at(curve.prefill_s_per_token, n) * 1e6:.2f}", "us per token", speed, "beside decoding"),
        ("saturation", f"{plan.serving.station.saturation_rps:.2f}", "req/s per replica", speed, "all slots busy"),
        ("load", f"{load.state.utilization:.2f}", "of saturation", speed, f"{plan.question.qps:g} qps on all replicas"),
        ("wait for a slot", f"{load.state.mean_wait_s * MS:.1f}", "ms", speed, "mean, least-outstanding routing"),
    ]
    return tuple(
        ExplainLine(contender=plan.deployment.contender, figure=f, value=v, unit=u, basis=b, how=h)
        for f, v, u, b, h in lines
    )

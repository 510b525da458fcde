"""The way to each figure of a plan, in the order they follow from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.answer import ExplainLine
from advisor.domain.basis import Basis
from advisor.usecases.candidates import MS, basis_of, ttft_basis_of
from advisor.usecases.curves import steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.usecases.plans import Plan

Line = tuple[str, str, str, Basis | None, str]
"""Figure, value, unit, how it is known, how it came about."""


def explain(plan: Plan) -> tuple[ExplainLine, ...]:
    """Return the figures on the way to a plan."""
    return tuple(
        ExplainLine(contender=plan.deployment.contender, figure=f, value=v, unit=u, basis=b, how=h)
        for part in (_asked, _speed, _own_runs, _load, _simulation)
        for f, v, u, b, h in part(plan)
    )


def _asked(plan: Plan) -> Iterator[Line]:
    demand, model, content = plan.serving.curve.work.demand, plan.deployment.model, plan.question.workload.content
    yield "input", f"{demand.input_tokens:.0f}", "tokens", None, "mean of the workload, cached prefix left out"
    yield "output", f"{demand.output_tokens:.0f}", "tokens", None, "mean of the workload"
    if model.canvas:
        own, told = plan.serving.curve.work.own_steps, plan.question.workload.steps_per_canvas
        steps = f"{steps_of(model, plan.question.workload, own):.1f}"
        counted = f"mean on {content}, {len(own.runs)} own runs" if own else f"mean on {content}"
        known = None if told else own.basis if own else Basis.PUBLISHED
        yield "canvases per request", f"{demand.canvases:.2f}", "", None, "mean of ceil(output / canvas)"
        yield "denoising steps", steps, "per canvas", known, "as asked" if told else counted


def _speed(plan: Plan) -> Iterator[Line]:
    curve, n, speed = plan.serving.curve, plan.load.in_service, basis_of(plan)
    grounds, turn = curve.grounds, "canvas" if plan.deployment.diffuses else "token"
    weights = f"{plan.deployment.checkpoint.weights_bytes / 1e9:.1f}"
    factor, spread = curve.at(grounds.factors, n), grounds.log_sd_at(n)
    yield "weights", weights, "GB", Basis.PUBLISHED, "checkpoint"
    yield "slots", f"{plan.serving.slots}", "", None, "max_num_seqs, within memory"
    yield "evidence factor", f"{factor:.2f}", "", None, f"on modeled speed, {grounds.points} rows"
    yield "spread", f"{spread:.2f}", "log sd", None, "of the speed, after all evidence"
    yield "in service", f"{n:.1f}", "requests per replica", None, "at the asked rate"
    yield f"time per {turn}", f"{curve.at(curve.turn_s, n) * MS:.2f}", "ms", speed, f"with {n:.1f} in service"
    prefill_us = curve.at(curve.prefill_s_per_token, n) * 1e6
    yield "prefill", f"{prefill_us:.2f}", "us per token", speed, "beside decoding"


def _own_runs(plan: Plan) -> Iterator[Line]:
    """Yield the runs of the user's database behind the speed, campaign by campaign."""
    for run in plan.serving.curve.grounds.own_runs:
        if run.own:
            row, ids = run.own[0], run.run_ids
            source = f"campaign {row.set_name}, {row.date}, {row.engine_in_words}, by {row.tool}"
            yield "own runs", f"{len(ids)}", "", run.basis, f"{source}: {', '.join(ids)}"


def _load(plan: Plan) -> Iterator[Line]:
    serving, load, speed = plan.serving, plan.load, basis_of(plan)
    rate = f"{plan.question.peak_qps:g} qps on all replicas"
    yield "saturation", f"{serving.station.saturation_rps:.2f}", "req/s per replica", speed, "all slots busy"
    secure = f"{serving.secure_share:.2f}"
    yield "usable share", secure, "of saturation", speed, "low end of the 80 % interval of the speed"
    yield "load", f"{load.state.utilization:.2f}", "of saturation", speed, rate
    yield "burstiness", f"{load.arrival_scv:.2f}", "variance over mean", None, "1 is a Poisson process"
    wait = f"{load.state.mean_wait_s * MS:.1f}"
    yield "wait for a slot", wait, "ms", speed, f"mean, {plan.question.routing} routing"
    anchor = serving.curve.first_text
    shown = f"by formula, times {anchor.factor:.2f} as {anchor.kind} of your own show" if anchor else "by formula"
    yield "first token", f"{load.ttft.mean() * MS:.0f}", "ms", ttft_basis_of(plan), f"mean, {shown}"


def _simulation(plan: Plan) -> Iterator[Line]:
    if plan.trials is None:
        return
    judgment = plan.trials.at(plan.needed, plan.rate_rps)
    how = (
        f"{judgment.requests:,} requests on {plan.needed} replicas at {plan.rate_rps:g} qps, seed {plan.question.seed}"
    )
    yield "simulated e2e p95", f"{judgment.quantile_s(0.95) * MS:.0f}", "ms", basis_of(plan), how
    formula = f"{plan.serving.predict(plan.rate_rps, replicas=plan.needed).e2e.quantile(0.95) * MS:.0f}"
    yield "the same by formula", formula, "ms", basis_of(plan), "processor sharing with slots"

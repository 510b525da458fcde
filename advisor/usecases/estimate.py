"""`advisor estimate`: one deployment, its memory, and its closed-loop speed at given concurrencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.domain.answer import Caution, CitedSource, Estimate, EstimatePoint, MemoryLine
from advisor.domain.model import Precision
from advisor.domain.requests import representative_requests
from advisor.errors import InfeasibleError, InputError, UnknownNameError
from advisor.usecases.cautions import NEW_SAMPLER, odd_rows, outside_validity
from advisor.usecases.curves import GRID, Curve, curves, steps_of, work_of
from advisor.usecases.deployments import (
    Residents,
    deploy,
    does_not_fit,
    does_not_split,
    line_of,
    refusal,
    token_budget,
    too_long,
    version,
)
from advisor.usecases.evidence import Evidence
from advisor.usecases.shipped import Shipped, open_profiles

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.deployment import Deployment
    from advisor.domain.engine import EngineSpec
    from advisor.domain.model import Drafter, ModelSpec
    from advisor.domain.question import EstimateQuestion
    from advisor.physics.memory import Memory

PREFERRED = (Precision.FP8, Precision.BF16, Precision.NVFP4, Precision.INT4)
"""Precision taken where none is asked for: the first with a checkpoint and a kernel."""

MS = 1e3


def estimate(question: EstimateQuestion, *, profiles: Path | None, database: str | None) -> Estimate:
    """Return memory and closed-loop performance of one replica.

    Raises
    ------
    UnknownNameError
        If model, GPU or drafter are unknown.
    InfeasibleError
        If the deployment does not run; one that merely does not fit is answered with `memory.fits` false.
    """
    shipped = open_profiles(profiles, database=database)
    deployment = _deployment(question, shipped)
    requests = representative_requests(question.workload)
    if reason := too_long(deployment.model, requests):
        raise InfeasibleError(f"{deployment.model.name} cannot serve this workload: {reason}", hint="shorten --isl")
    work = work_of(requests, workload=question.workload, model=deployment.model)
    memory = Residents.of(deployment.model, requests, shipped.engine).memory(deployment)
    deployment = _with_slots(deployment, question.slots, memory, shipped.engine)
    evidence = Evidence(shipped)
    (curve,) = curves(
        [deployment],
        work=work,
        content=question.workload.content,
        constants=shipped.constants,
        evidence=evidence,
    )
    return _answer(question, deployment, memory, curve, evidence)


def _deployment(question: EstimateQuestion, shipped: Shipped) -> Deployment:
    model = shipped.models[catalog.resolve("model", question.model, shipped.models)]
    if question.workload.steps_per_canvas and model.canvas is None:
        raise InputError(f"--steps means nothing for {model.name}", hint="only block diffusion takes denoising steps")
    gpu = shipped.gpus[catalog.resolve("GPU", question.gpu, shipped.gpus)]
    wanted = (question.precision,) if question.precision else PREFERRED
    refusals = {p: refusal(model, gpu=gpu, precision=p, engine=shipped.engine) for p in wanted}
    precision = next((p for p, refused in refusals.items() if refused is None), None)
    if precision is None:
        reason = next(refused[1] for refused in refusals.values() if refused)
        raise InfeasibleError(f"{model.name} does not run on {gpu.name}: {reason}", hint="see `advisor gpus`")
    if question.tensor_parallel > gpu.max_per_host:
        raise InfeasibleError(
            f"a host of {gpu.name} holds {gpu.max_per_host}, not {question.tensor_parallel}",
            hint=f"use --tensor-parallel {gpu.max_per_host} or less",
        )
    unsplit = does_not_split(model, precision=precision, gpus=question.tensor_parallel)
    if unsplit:
        raise InfeasibleError(f"{model.name} does not run so: {unsplit}", hint="use another --tensor-parallel")
    return deploy(
        model,
        gpu=gpu,
        precision=precision,
        tensor_parallel=question.tensor_parallel,
        drafter=_drafter(model, question.speculative),
        engine=shipped.engine,
    )


def _drafter(model: ModelSpec, name: str | None) -> Drafter | None:
    if name in {None, "none"}:
        return None
    if not model.drafters:
        raise InputError(f"{model.name} has no drafter", hint="leave out --speculative")
    drafter = next((d for d in model.drafters if d.name == name), None)
    if drafter is None:
        raise UnknownNameError("drafter", str(name), [d.name for d in model.drafters])
    return drafter


def _with_slots(deployment: Deployment, asked: int | None, memory: Memory, engine: EngineSpec) -> Deployment:
    """Return the deployment with the slots asked for, as the engine would serve them.

    Without a wish a block-diffusion model gets the slots that the engine gives by default, others the default that
    fits. The engine's clamp is applied: it replaces large values for block diffusion silently.
    """
    default = engine.diffusion_slots_when_clamped if deployment.diffuses else engine.default_slots
    slots = min(asked or default, int(GRID[-1]))
    if deployment.diffuses and slots >= engine.diffusion_slot_clamp_from:
        slots = engine.diffusion_slots_when_clamped
    slots = max(min(slots, memory.slots), 1)
    return replace(deployment, max_num_seqs=slots, max_num_batched_tokens=token_budget(deployment, slots))


def _answer(
    question: EstimateQuestion, deployment: Deployment, memory: Memory, curve: Curve, evidence: Evidence
) -> Estimate:
    demand, model = curve.work.demand, deployment.model
    return Estimate(
        generated_at=datetime.now(UTC),
        **line_of(deployment),
        input_tokens=float(curve.work.input_tokens.mean()),
        output_tokens=float(demand.output_tokens),
        canvases=float(demand.canvases) if model.canvas else None,
        steps_per_canvas=steps_of(model, question.workload) if model.canvas else None,
        memory=_memory_line(memory),
        points=tuple(_point(c, curve) for c in question.concurrency) if memory.slots else (),
        warnings=(
            *_cautions(question, deployment, memory, curve),
            *outside_validity(deployment, evidence),
            *odd_rows(evidence),
        ),
        sources=_sources(deployment, curve),
    )


def _memory_line(memory: Memory) -> MemoryLine:
    return MemoryLine(
        gpu_bytes=memory.gpu_bytes,
        usable_bytes=memory.usable_bytes,
        weights_bytes=memory.weights_bytes,
        kv_bytes_per_request=memory.kv_bytes_per_request,
        reserved_bytes=memory.reserved_bytes,
        slots_limit=memory.slots,
        slots_limited_by="memory for weights" if not memory.slots else "memory per request",
        fits=memory.slots > 0,
    )


def _point(concurrency: int, curve: Curve) -> EstimatePoint:
    """Return closed-loop figures; requests beyond the slots wait for one, which their TTFT and e2e show."""
    served = min(concurrency, curve.deployment.max_num_seqs)
    rate_rps = float(curve.rates_rps[served - 1])
    e2e_s, wait_s = concurrency / rate_rps, (concurrency - served) / rate_rps
    demand, ttft_s = curve.work.demand, curve.at(curve.ttft_s, served)
    out = float(demand.output_tokens)
    return EstimatePoint(
        concurrency=concurrency,
        in_service=served,
        output_tok_s=rate_rps * out,
        request_rate_rps=rate_rps,
        ttft_mean_ms=(wait_s + ttft_s) * MS,
        tpot_mean_ms=None if curve.deployment.diffuses else (e2e_s - wait_s - ttft_s) / max(out - 1.0, 1.0) * MS,
        ntpot_mean_ms=e2e_s / out * MS,
        e2e_mean_s=e2e_s,
        basis=curve.grounds.basis_at(served),
        spread=curve.grounds.log_sd_at(served),
    )


def _cautions(question: EstimateQuestion, deployment: Deployment, memory: Memory, curve: Curve) -> tuple[Caution, ...]:
    found = []
    if not memory.slots:
        found.append(Caution(code="does_not_fit", message=does_not_fit(memory)))
    if question.slots and question.slots != deployment.max_num_seqs:
        message = f"{question.slots} slots were asked for, the engine serves {deployment.max_num_seqs}"
        found.append(Caution(code="slots", message=message))
    top = max(question.concurrency)
    if curve.grounds.own_runs and min(top, deployment.max_num_seqs) > curve.grounds.measured_up_to:
        message = f"this deployment was observed with up to {curve.grounds.measured_up_to:.0f} requests in service"
        found.append(Caution(code="beyond_measured_range", message=message))
    if deployment.diffuses and version(deployment.engine_version) >= NEW_SAMPLER:
        message = "vLLM 0.31 rewrote the diffusion sampler and no published curve uses it: it may be faster than shown"
        found.append(Caution(code="new_sampler", message=message))
    return tuple(found)


def _sources(deployment: Deployment, curve: Curve) -> tuple[CitedSource, ...]:
    pairs = (
        ("checkpoint", deployment.checkpoint.name, deployment.checkpoint.source),
        ("gpu", deployment.gpu.title, deployment.gpu.source),
    )
    cited = tuple(CitedSource(kind=k, title=t, url=s.url, date=s.date) for k, t, s in pairs)
    return (*cited, *curve.grounds.sources())

"""One replica as asked for: its deployment, its memory, and its speed at each number of requests in service."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.domain.answer import Caution, CitedSource
from advisor.domain.requests import representative_requests
from advisor.errors import InfeasibleError, InputError, UnknownNameError
from advisor.usecases.cautions import NEW_SAMPLER, outside_validity
from advisor.usecases.curves import GRID, Curve, curves, work_of
from advisor.usecases.deployments import (
    PREFERRED,
    Residents,
    deploy,
    does_not_fit,
    does_not_split,
    refusal,
    token_budget,
    too_long,
    version,
)
from advisor.usecases.first_text import anchored
from advisor.usecases.grounding.evidence import Evidence
from advisor.usecases.own_cautions import own_cautions, simulated_evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.deployment import Deployment
    from advisor.domain.engine import EngineSpec
    from advisor.domain.model import Drafter, ModelSpec
    from advisor.domain.question import EstimateQuestion
    from advisor.physics.memory import Memory
    from advisor.usecases.grounding.shipped import Shipped


@dataclass(frozen=True)
class Replica:
    """A deployment with the slots that the engine serves, its memory, its curve, and what that rests on."""

    deployment: Deployment
    memory: Memory
    curve: Curve
    evidence: Evidence

    def cautions(self, question: EstimateQuestion, *, in_service: float) -> Iterator[Caution]:
        """Yield what must be known of the deployment, with that many requests in service at most."""
        deployment, grounds = self.deployment, self.curve.grounds
        spoken = {deployment.layout: self.curve}
        yield from simulated_evidence(spoken)
        if not self.memory.slots:
            yield Caution(code="does_not_fit", message=does_not_fit(self.memory))
        if question.slots and question.slots != deployment.max_num_seqs:
            message = f"{question.slots} slots were asked for, the engine serves {deployment.max_num_seqs}"
            yield Caution(code="slots", message=message)
        if grounds.own_runs and min(in_service, deployment.max_num_seqs) > grounds.measured_up_to:
            message = f"this deployment was observed with up to {grounds.measured_up_to:.0f} requests in service"
            yield Caution(code="beyond_measured_range", message=message)
        if deployment.diffuses and version(deployment.engine_version) >= NEW_SAMPLER:
            message = (
                "vLLM 0.31 rewrote the diffusion sampler and no published curve uses it: it may be faster than shown"
            )
            yield Caution(code="new_sampler", message=message)
        yield from outside_validity(deployment, self.evidence)
        yield from own_cautions(self.evidence, spoken)

    def sources(self) -> tuple[CitedSource, ...]:
        """Return what its figures rest on: checkpoint, GPU, and rows of its cell."""
        pairs = (
            ("checkpoint", self.deployment.checkpoint.name, self.deployment.checkpoint.source),
            ("gpu", self.deployment.gpu.title, self.deployment.gpu.source),
        )
        cited = tuple(CitedSource(kind=k, title=t, url=s.url, date=s.date) for k, t, s in pairs)
        own, anchor = self.curve.work.own_steps, self.curve.first_text
        steps, first_text = (part.sources() if part else () for part in (own, anchor))
        return (*cited, *steps, *self.curve.grounds.sources(), *first_text)


def replica_of(question: EstimateQuestion, shipped: Shipped) -> Replica:
    """Return the replica that a question describes.

    Raises
    ------
    UnknownNameError
        If model, GPU or drafter are unknown.
    InfeasibleError
        If the deployment does not run; one that merely does not fit has a memory without slots.
    """
    deployment = _deployment(question, shipped)
    requests = representative_requests(question.workload)
    if reason := too_long(deployment.model, requests):
        raise InfeasibleError(f"{deployment.model.name} cannot serve this workload: {reason}", hint="shorten --isl")
    evidence = Evidence(shipped)
    work = work_of(requests, workload=question.workload, model=deployment.model, evidence=evidence)
    memory = Residents.of(deployment.model, requests, shipped.engine).memory(deployment)
    deployment = _with_slots(deployment, question.slots, memory, shipped.engine)
    plain = curves(
        [deployment],
        work=work,
        content=question.workload.content,
        constants=shipped.constants,
        evidence=evidence,
    )
    (curve,) = anchored(plain, evidence)
    return Replica(deployment, memory, curve, evidence)


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
        drafter=drafter_of(model, question.speculative),
        engine=shipped.engine,
    )


def drafter_of(model: ModelSpec, name: str | None) -> Drafter | None:
    """Return the drafter of that name; None where none is wanted.

    Raises
    ------
    InputError
        If the model has no drafter.
    UnknownNameError
        If it has others.
    """
    if name in {None, "none"}:
        return None
    if not model.drafters:
        raise InputError(f"{model.name} has no drafter", hint="use --speculative none")
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

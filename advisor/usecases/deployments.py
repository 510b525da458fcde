"""Every deployment worth sizing, and every one that drops out before, with the first constraint it fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from advisor.domain.answer import Rejected
from advisor.domain.deployment import Deployment
from advisor.domain.model import Decode, Precision
from advisor.physics.memory import Memory, memory_of, resident_kv_bytes
from advisor.physics.performance import ROOM_FOR_PROMPTS, peak_flops
from advisor.physics.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from advisor.domain.engine import EngineSpec
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import Drafter, ModelSpec
    from advisor.domain.requests import Requests

PREFERRED = (Precision.FP8, Precision.BF16, Precision.NVFP4, Precision.INT4)
"""Precision taken where none is told: the first with a checkpoint and a kernel."""

TENSOR_PARALLEL = (1, 2, 4, 8)
AUTOREGRESSIVE_SLOTS = (32, 64, 128, 256, 512)
CANVAS_SLOTS = (1, 2, 4, 8, 16, 32, 64)
"""Slots on offer. A block-diffusion model never gets the engine's default, which is clamped silently."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """A deployment that fits, with as many slots as its memory allows, and that memory."""

    deployment: Deployment
    memory: Memory


def slots_on_offer(deployment: Deployment, memory: Memory) -> list[int]:
    """Return the numbers of slots worth trying: those on offer that memory admits, else what memory admits."""
    offered = CANVAS_SLOTS if deployment.diffuses else AUTOREGRESSIVE_SLOTS
    fitting = [slots for slots in offered if slots <= memory.slots]
    return fitting or [memory.slots]


def token_budget(deployment: Deployment, slots: int) -> int:
    """Return `max_num_batched_tokens`: what all slots decode in a step and room for prompts, or the larger default."""
    canvas, drafter = deployment.model.canvas, deployment.drafter
    per_slot = canvas.tokens if canvas else 1 + (drafter.draft_tokens if drafter else 0)
    return max(slots * per_slot + ROOM_FOR_PROMPTS, 0 if canvas else deployment.max_num_batched_tokens)


@dataclass(frozen=True, slots=True)
class Space:
    """What is enumerated: models, GPUs, precisions, and the engine that runs them."""

    models: Sequence[ModelSpec]
    gpus: Sequence[GpuSpec]
    precisions: Sequence[Precision]
    engine: EngineSpec
    requests: Requests


def enumerate_deployments(space: Space) -> tuple[list[Fitting], list[Rejected]]:
    """Return all deployments that run and fit, and those that do not with their first failed constraint."""
    fitting: list[Fitting] = []
    rejected: list[Rejected] = []
    for candidate in _candidates(space):
        if isinstance(candidate, Rejected):
            rejected.append(candidate)
        else:
            fitting.append(candidate)
    return fitting, rejected


def contenders(model: ModelSpec) -> tuple[Drafter | None, ...]:
    """Return the ways to run a model: bare, and with each of its drafters."""
    return (None, *model.drafters)


def _candidates(space: Space) -> Iterator[Fitting | Rejected]:
    for model in space.models:
        reason = too_long(model, space.requests)
        if reason:
            yield Rejected(deployment=model.name, contender=model.name, constraint="context", reason=reason)
            continue
        residents = Residents.of(model, space.requests, space.engine)
        for drafter, gpu, precision in product(contenders(model), space.gpus, space.precisions):
            yield from _layouts(space.engine, residents, drafter, gpu, precision)


def too_long(model: ModelSpec, requests: Requests) -> str:
    """Return why requests exceed the model's context, or nothing."""
    share = float((requests.lengths > model.context_tokens).mean())
    return f"{share:.0%} of the requests exceed its context of {model.context_tokens:,} tokens" if share else ""


@dataclass(frozen=True, slots=True)
class Residents:
    """The requests that a replica holds, as its memory sees them: KV bytes of one by tensor-parallel size."""

    model: ModelSpec
    engine: EngineSpec
    kv_bytes: Mapping[int, int]

    @classmethod
    def of(cls, model: ModelSpec, requests: Requests, engine: EngineSpec) -> Residents:
        """Return the residents of a sample of requests, which stay as long as they write."""
        shape = shape_of(model)
        kv = {
            gpus: resident_kv_bytes(
                shape,
                lengths_tokens=requests.lengths,
                residence=requests.output_tokens,
                engine=engine,
                tensor_parallel=gpus,
            )
            for gpus in TENSOR_PARALLEL
        }
        return cls(model, engine, kv)

    def memory(self, deployment: Deployment) -> Memory:
        """Return the memory of a deployment that holds them."""
        return memory_of(
            shape=shape_of(self.model),
            engine=self.engine,
            gpu=deployment.gpu,
            checkpoint=deployment.checkpoint,
            drafter=deployment.drafter,
            tensor_parallel=deployment.tensor_parallel,
            kv_bytes_per_request=self.kv_bytes[deployment.tensor_parallel],
        )


def _layouts(
    engine: EngineSpec, residents: Residents, drafter: Drafter | None, gpu: GpuSpec, precision: Precision
) -> Iterator[Fitting | Rejected]:
    model = residents.model
    refused = refusal(model, gpu=gpu, precision=precision, engine=engine)
    if refused is not None:
        yield _rejected(model, drafter, gpu, precision, *refused)
        return
    for gpus in tensor_parallel_on(gpu, model=model, engine=engine):
        unsplit = does_not_split(model, precision=precision, gpus=gpus)
        if unsplit:
            yield _rejected(model, drafter, gpu, precision, "layout", unsplit, gpus=gpus)
            continue
        deployment = deploy(model, gpu=gpu, precision=precision, tensor_parallel=gpus, drafter=drafter, engine=engine)
        memory = residents.memory(deployment)
        if memory.slots:
            yield Fitting(replace(deployment, max_num_seqs=memory.slots), memory)
        else:
            yield _rejected(model, drafter, gpu, precision, "memory", does_not_fit(memory), gpus=gpus)


def does_not_split(model: ModelSpec, *, precision: Precision, gpus: int) -> str:
    """Return why a model cannot be split over that many GPUs, or nothing.

    Heads are not divided, and 4-bit weights share a scale in groups of 16 that stay together.
    """
    if gpus not in TENSOR_PARALLEL:
        return f"tensor parallelism of {gpus} is not on offer, only {', '.join(map(str, TENSOR_PARALLEL))}"
    if model.query_heads % gpus:
        return f"{model.query_heads} attention heads do not split over {gpus} GPUs"
    width = (model.experts.width if model.experts else model.dense_mlp_width) / gpus
    if precision in FOUR_BIT and width % SCALE_GROUP:
        return f"{precision} weights of width {width:g} per GPU do not split into groups of {SCALE_GROUP}"
    return ""


FOUR_BIT = frozenset({Precision.NVFP4, Precision.INT4})
SCALE_GROUP = 16


def refusal(model: ModelSpec, *, gpu: GpuSpec, precision: Precision, engine: EngineSpec) -> tuple[str, str] | None:
    """Return (constraint, reason) if a model cannot run on a GPU in a precision with an engine, else None."""
    rule = engine.kernel_rule(gpu.arch, precision)
    if version(engine.version) < version(model.min_engine_version):
        return "engine", f"{model.title} needs {engine.name} {model.min_engine_version} or newer"
    if model.checkpoint(precision) is None:
        return "checkpoint", f"no {precision} checkpoint of {model.name} is known"
    if rule is None or rule.kernel is None:
        return "kernel", (rule.reason if rule and rule.reason else f"{precision} does not run on {gpu.arch}")
    if model.decode is Decode.BLOCK_DIFFUSION and gpu.vendor not in engine.diffusion_vendors:
        return "engine", f"{engine.title} runs block diffusion on {', '.join(engine.diffusion_vendors)} only"
    peak = peak_flops(gpu, precision=precision, kernel=rule.kernel)
    missing = Precision.BF16 if gpu.bf16_flops is None else precision if peak is None else None
    return ("specification", f"no agreed dense {missing} rate of {gpu.name} is published") if missing else None


def tensor_parallel_on(gpu: GpuSpec, *, model: ModelSpec, engine: EngineSpec) -> list[int]:
    """Return the tensor-parallel sizes that a host of this GPU offers to a model."""
    allowed = version(engine.version) >= version(model.min_engine_version_tensor_parallel)
    return [g for g in TENSOR_PARALLEL if g == 1 or (allowed and g <= gpu.max_per_host)]


def version(text: str) -> tuple[int, ...]:
    """Return the numbers of a version for comparison; an empty text comes before all."""
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def deploy(
    model: ModelSpec,
    *,
    gpu: GpuSpec,
    precision: Precision,
    tensor_parallel: int,
    drafter: Drafter | None,
    engine: EngineSpec,
) -> Deployment:
    """Return a deployment of a combination that `refusal` lets pass, with the engine's default slots and budget."""
    checkpoint, rule = model.checkpoint(precision), engine.kernel_rule(gpu.arch, precision)
    if checkpoint is None or rule is None or rule.kernel is None:
        raise ValueError(f"{model.name} does not run on {gpu.name} in {precision}")
    return Deployment(
        model=model,
        checkpoint=checkpoint,
        gpu=gpu,
        tensor_parallel=tensor_parallel,
        max_num_seqs=engine.default_slots,
        max_num_batched_tokens=engine.default_token_budget(gpu.memory_bytes, gpu.arch),
        kernel=rule.kernel,
        engine=engine.name,
        engine_version=engine.version,
        drafter=drafter,
        kv_bytes_per_value=engine.kv_bytes_per_value,
    )


def does_not_fit(memory: Memory) -> str:
    """Return in words how far memory falls short of one request."""
    needed = memory.weights_bytes + memory.reserved_bytes + memory.bytes_per_slot
    return f"needs {needed / 1e9:.1f} GB for weights and one request, {memory.usable_bytes / 1e9:.1f} GB are usable"


def _rejected(
    model: ModelSpec,
    drafter: Drafter | None,
    gpu: GpuSpec,
    precision: Precision,
    constraint: str,
    reason: str,
    *,
    gpus: int = 1,
) -> Rejected:
    contender = model.name if drafter is None else f"{model.name}+{drafter.name}"
    layout = gpu.name if gpus == 1 else f"{gpus}x {gpu.name}"
    return Rejected(
        deployment=f"{contender} {precision} on {layout}", contender=contender, constraint=constraint, reason=reason
    )


def by_contender(fitting: Iterable[Fitting]) -> dict[str, list[Fitting]]:
    """Return deployments grouped by what competes."""
    groups: dict[str, list[Fitting]] = {}
    for item in fitting:
        groups.setdefault(item.deployment.contender, []).append(item)
    return groups


def line_of(deployment: Deployment) -> dict[str, Any]:
    """Return the fields of a `DeploymentLine`."""
    return {
        "model": deployment.model.name,
        "contender": deployment.contender,
        "checkpoint": deployment.checkpoint.name,
        "precision": deployment.checkpoint.precision,
        "kernel": deployment.kernel,
        "gpu": deployment.gpu.name,
        "tensor_parallel": deployment.tensor_parallel,
        "max_num_seqs": deployment.max_num_seqs,
        "max_num_batched_tokens": deployment.max_num_batched_tokens,
        "speculative": deployment.drafter.name if deployment.drafter else None,
        "engine": deployment.engine,
        "engine_version": deployment.engine_version,
    }

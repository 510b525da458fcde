"""From what a campaign file says to what servers run: names in full, checkpoints, slots, token budgets, drafters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.domain.campaign import ServedDeployment, ServerKind
from advisor.domain.load import ClosedLoad
from advisor.domain.requests import representative_requests
from advisor.errors import InfeasibleError, InputError
from advisor.physics.performance import ROOM_FOR_PROMPTS
from advisor.usecases.deployments import PREFERRED, Residents, deploy, refusal
from advisor.usecases.replica import drafter_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.campaign import Campaign, CampaignDeployment
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.load import Load
    from advisor.domain.model import ModelSpec, Precision
    from advisor.domain.workload import Workload
    from advisor.usecases.grounding.shipped import Shipped

USUAL_CANVAS_SLOTS = 8
"""Slots of a block-diffusion server where no closed-loop level says how many are wanted: what the engine itself would take."""


def resolved(campaign: Campaign, shipped: Shipped) -> list[tuple[ServedDeployment, tuple[Load, ...]]]:
    """Return each deployment as it will be served, with its loads.

    Raises
    ------
    UnknownNameError
        If a model, GPU or drafter is in no profile.
    InputError
        If the slots of a block-diffusion model would be clamped silently, or no precision is known to run.
    """
    return [
        (_resolve(d, loads := d.loads or campaign.loads, campaign=campaign, shipped=shipped), loads)
        for d in campaign.deployments
    ]


def _resolve(
    asked: CampaignDeployment, loads: Sequence[Load], *, campaign: Campaign, shipped: Shipped
) -> ServedDeployment:
    model = shipped.models[catalog.resolve("model", asked.model, shipped.models)]
    gpu = shipped.gpus[catalog.resolve("GPU", asked.gpu, shipped.gpus)]
    precision = asked.precision or _precision(model, gpu, shipped)
    checkpoint = model.checkpoint(precision)
    slots = asked.max_num_seqs or _slots(model, gpu, precision, loads, asked=asked, campaign=campaign, shipped=shipped)
    _refuse_clamped(model, slots, shipped)
    fields = {
        **asked.model_dump(exclude={"loads"}),
        "model": model.name,
        "gpu": gpu.name,
        "precision": precision,
        "checkpoint": asked.checkpoint or (checkpoint.name if checkpoint else ""),
        "max_num_seqs": slots,
        "max_num_batched_tokens": asked.max_num_batched_tokens or _budget(model, slots),
        "speculative": None if asked.speculative == "none" else asked.speculative,
        "flags": {**_drafting(asked, model), **asked.flags},
    }
    if not fields["checkpoint"]:
        raise InputError(f"no {precision} checkpoint of {model.name} is known", hint="name one with `checkpoint:`")
    return ServedDeployment(**fields)


def _precision(model: ModelSpec, gpu: GpuSpec, shipped: Shipped) -> Precision:
    """Return the first precision that is known to run; one that is named is tried whatever is known."""
    refusals = {p: refusal(model, gpu=gpu, precision=p, engine=shipped.engine) for p in PREFERRED}
    running = next((p for p, refused in refusals.items() if refused is None), None)
    if running is None:
        reason = next(refused[1] for refused in refusals.values() if refused)
        raise InfeasibleError(
            f"{model.name} does not run on {gpu.name}: {reason}", hint="name a `precision:` to try it"
        )
    return running


def _slots(
    model: ModelSpec,
    gpu: GpuSpec,
    precision: Precision,
    loads: Sequence[Load],
    *,
    asked: CampaignDeployment,
    campaign: Campaign,
    shipped: Shipped,
) -> int | None:
    """Return the slots of a block-diffusion server: the largest closed level, as far as memory goes; else the engine's own."""
    if model.canvas is None:
        return None
    wanted = max((load.concurrency for load in loads if isinstance(load, ClosedLoad)), default=USUAL_CANVAS_SLOTS)
    fitting = [_memory_slots(w, model, gpu, precision, asked, shipped) for w in campaign.workloads]
    return max(1, min(wanted, shipped.engine.diffusion_slot_clamp_from - 1, *(slots or wanted for slots in fitting)))


def _memory_slots(
    workload: Workload,
    model: ModelSpec,
    gpu: GpuSpec,
    precision: Precision,
    asked: CampaignDeployment,
    shipped: Shipped,
) -> int:
    """Return the slots that memory admits by the model; 0 where the model knows nothing of the combination."""
    if refusal(model, gpu=gpu, precision=precision, engine=shipped.engine) is not None:
        return 0
    residents = Residents.of(model, representative_requests(workload), shipped.engine)
    deployment = deploy(
        model,
        gpu=gpu,
        precision=precision,
        tensor_parallel=asked.tensor_parallel,
        drafter=drafter_of(model, asked.speculative),
        engine=shipped.engine,
    )
    return residents.memory(deployment).slots


def _refuse_clamped(model: ModelSpec, slots: int | None, shipped: Shipped) -> None:
    engine = shipped.engine
    if model.canvas and slots and slots >= engine.diffusion_slot_clamp_from:
        raise InputError(
            f"max_num_seqs {slots} of {model.name} would silently become {engine.diffusion_slots_when_clamped}",
            hint=f"give less than {engine.diffusion_slot_clamp_from}",
        )


def _budget(model: ModelSpec, slots: int | None) -> int | None:
    """Return a token budget that admits all canvases and some prompts; None leaves it to the engine."""
    return slots * model.canvas.tokens + ROOM_FOR_PROMPTS if model.canvas and slots else None


def _drafting(asked: CampaignDeployment, model: ModelSpec) -> dict[str, str]:
    """Return the engine's flag for a drafter, where vLLM is to be started with one."""
    drafter = drafter_of(model, asked.speculative)
    if drafter is None or asked.server is not ServerKind.VLLM:
        return {}
    config = {"model": drafter.checkpoint, "num_speculative_tokens": drafter.draft_tokens}
    return {"speculative-config": json.dumps(config)}

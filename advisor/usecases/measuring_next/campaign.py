"""The campaign that measures one deployment for a question: what a curve and a time to first token need, as a YAML file."""

from __future__ import annotations

import json
from dataclasses import replace
from math import ceil, floor, log, log2, sqrt
from typing import TYPE_CHECKING, Any

from advisor import catalog
from advisor.domain.campaign import Campaign, CampaignDeployment, RunRules, ServerKind
from advisor.domain.load import ClosedLoad, Load, OpenLoad
from advisor.usecases.profile.expecting import Expectation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.domain.deployment import Deployment
    from advisor.domain.engine import EngineSpec
    from advisor.domain.workload import Workload
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.plans import Plan

ANCHOR_SHARE = 0.35
"""Share of saturation at which one open loop anchors the time to first token (methods section 3: 0.3 to 0.4)."""

CANVAS_LEVELS = (1, 2, 4, 8)
"""Closed loops of a block-diffusion model, whose curve bends early (methods section 3)."""

CONTEXT_TOKENS = 16_384
"""Context that a server is started with, unless requests may be longer (a policy, as in the shipped campaigns)."""

UNSEEN_SHARE = 0.05
"""Chance that a run is so short that none of its requests lies above the percentile that is asked for."""


def campaign_of(plan: Plan, shipped: Shipped, *, server: ServerKind = ServerKind.VLLM) -> Campaign:
    """Return the campaign that measures the deployment of a plan under the workload of its question, each load once."""
    deployment, workload = plan.deployment, plan.question.workload
    served = CampaignDeployment(
        model=deployment.model.name,
        gpu=deployment.gpu.name,
        server=server,
        checkpoint=deployment.checkpoint.name,
        precision=deployment.checkpoint.precision,
        tensor_parallel=deployment.tensor_parallel,
        max_num_seqs=deployment.max_num_seqs,
        max_num_batched_tokens=deployment.max_num_batched_tokens,
        speculative=deployment.drafter.name if deployment.drafter else None,
        flags=_demo_flags(workload, shipped.root) if server is ServerKind.DEMO else _engine_flags(plan, shipped.engine),
    )
    return Campaign(
        name=_name(deployment, workload),
        title=f"{deployment.label}, {workload.name} within {' and '.join(map(str, plan.question.limits))}",
        deployments=(served,),
        workloads=(workload,),
        loads=tuple(loads_of(plan)),
        rules=RunRules(repeats=1, min_requests=_requests_needed(plan)),
    )


def loads_of(plan: Plan) -> Iterator[Load]:
    """Yield closed loops with one in flight, about the square root of the slots, and all slots busy; and one open loop.

    A block-diffusion model gets one, two, four and eight in flight, and all slots. The open loop has Poisson arrivals.
    """
    slots = plan.deployment.max_num_seqs
    levels = {1, round(sqrt(slots)), slots}
    if plan.deployment.diffuses:
        levels = {1, *(level for level in CANVAS_LEVELS if level <= slots), slots}
    yield from (ClosedLoad(concurrency=level) for level in sorted(levels))
    yield OpenLoad(rate_rps=float(f"{ANCHOR_SHARE * plan.serving.station.saturation_rps:.3g}"))


def expected_s(plan: Plan, campaign: Campaign, *, startup_s: float) -> float:
    """Return the seconds that a server start and all loads of a campaign take, as the model expects them."""
    expectation = Expectation(replace(plan.serving.curve, deployment=plan.deployment))
    return startup_s + sum(expectation.cell_s(load, campaign.rules) for load in campaign.loads)


def _requests_needed(plan: Plan) -> int:
    """Return the fewest requests of a run: with so many, some lie above the percentile that is asked for (59 for p95)."""
    shares = [limit.percentile for limit in plan.question.limits if limit.percentile is not None]
    needed = ceil(log(UNSEEN_SHARE) / log(max(shares))) if shares else 0
    usual = RunRules()
    return min(max(needed, usual.min_requests), usual.max_requests)


def _name(deployment: Deployment, workload: Workload) -> str:
    gpus = f"{deployment.tensor_parallel}x-{deployment.gpu.name}"
    parts = ("next", deployment.contender.replace("+", "-"), deployment.checkpoint.precision, gpus, workload.name)
    return "-".join(parts).lower()


def _engine_flags(plan: Plan, engine: EngineSpec) -> dict[str, str | int | float | bool]:
    """Return the flags of vLLM beside those that have fields: context, memory, no vision tower, the prefix cache as asked."""
    return {
        "max-model-len": _context_tokens(plan),
        "gpu-memory-utilization": _memory_share(plan.deployment, engine),
        "enable-prefix-caching": plan.question.workload.cached_prompt_share > 0.0,
        "language-model-only": True,
    }


def _context_tokens(plan: Plan) -> int:
    """Return a power of two that holds twice the longest of the representative requests, within the model's context."""
    work = plan.serving.curve.work
    longest = float((work.input_tokens + work.output_tokens).max())
    wanted = int(2 ** ceil(log2(2.0 * longest)))
    return min(max(CONTEXT_TOKENS, wanted), plan.deployment.model.context_tokens)


def _memory_share(deployment: Deployment, engine: EngineSpec) -> float:
    """Return the share of memory that the engine may reserve; the logits of canvases, which it does not, stay free."""
    free_bytes = engine.diffusion_bytes_per_slot * deployment.max_num_seqs if deployment.diffuses else 0
    return floor((engine.gpu_memory_utilization - free_bytes / deployment.gpu.memory_bytes) * 100) / 100


def _demo_flags(workload: Workload, root: Path) -> dict[str, str | int | float | bool]:
    """Return the flags that tell a demo engine which workload it is timed for."""
    if _is_shipped(workload, root):
        return {"workload": workload.name}
    told = {
        "content": workload.content.value,
        "steps": workload.steps_per_canvas,
        "cache-hit": workload.cached_prompt_share,
    }
    return {**_length_flags(workload), **{name: value for name, value in told.items() if value}}


def _length_flags(workload: Workload) -> dict[str, float]:
    """Return lengths as flags; those of a trace by their means."""
    if workload.input is None or workload.output is None:
        means = [sum(pair[i] for pair in workload.pairs) / len(workload.pairs) for i in (0, 1)]
        return {"isl": round(means[0], 1), "osl": round(means[1], 1)}
    laws = {"isl": workload.input, "osl": workload.output}
    return {name: law.mean_tokens for name, law in laws.items()} | {
        f"{name}-cv": law.cv for name, law in laws.items() if law.cv
    }


def _is_shipped(workload: Workload, root: Path) -> bool:
    known = catalog.spec_names(root, "workloads")
    return workload.name in known and catalog.read_workload(root, workload.name) == workload


def campaign_file(campaign: Campaign, root: Path, *, purpose: str) -> str:
    """Return a campaign as the YAML file that `advisor profile` reads. `purpose` is a sentence for whoever opens it.

    A shipped workload stands there by its name, any other one written out.
    """
    (served,) = campaign.deployments
    (workload,) = campaign.workloads
    fields = served.model_dump(mode="json", exclude_defaults=True)
    flags = fields.pop("flags", {})
    written = workload.name if _is_shipped(workload, root) else _written_out(workload)
    rules = campaign.rules.model_dump(mode="json", exclude_defaults=True)
    lines = [
        f"# {purpose}",
        "# Written by `advisor next`; the fields are explained in the shipped campaign demo.yaml. Slots and token budget are those",
        "# of the recommendation; closed loops give the curve, the open loop at a third of saturation the time to first token.",
        f"name: {_scalar(campaign.name)}",
        f"title: {_scalar(campaign.title)}",
        f"workloads: [{_scalar(written)}]",
        "deployments:",
        *_listed(fields),
        f"    flags: {_scalar(flags)}",
        "loads:",
        *(f"  - {_scalar(load.model_dump(mode='json', exclude_none=True))}" for load in campaign.loads),
        f"rules: {_scalar(rules)}",
        *([f"prompts: {_scalar(campaign.prompts)}"] if campaign.prompts else []),
    ]
    return "\n".join(lines) + "\n"


def _written_out(workload: Workload) -> dict[str, Any]:
    return workload.model_dump(mode="json", exclude_defaults=True, exclude={"source", "notes"})


def _listed(fields: dict[str, Any]) -> Iterator[str]:
    """Yield a mapping as the first entry of a list, a field per line."""
    for position, (name, value) in enumerate(fields.items()):
        yield f"{'  - ' if position == 0 else '    '}{name}: {_scalar(value)}"


def _scalar(value: object) -> str:
    """Return a value as JSON, which is YAML on one line."""
    return json.dumps(value, ensure_ascii=False)

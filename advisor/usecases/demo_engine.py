"""`advisor demo-engine`: a server that behaves like the engine, with the speed that is estimated for it.

Composes a replica as `advisor estimate` sees it with the demo server. Whatever is measured on it is simulated.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from advisor import __version__
from advisor.demo import CanvasLaw, DraftLaw, EngineSetup, Listening, Pace, serve
from advisor.errors import InfeasibleError, InputError
from advisor.physics.performance import performance
from advisor.physics.shape import shape_of
from advisor.usecases.curves import GRID, accepted_tokens, curves, log_sd_of_steps, steps_of
from advisor.usecases.deployments import does_not_fit, line_of
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.replica import replica_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from advisor.domain.demo import DemoQuestion
    from advisor.domain.model import ModelSpec
    from advisor.domain.workload import Workload
    from advisor.physics.memory import Memory
    from advisor.usecases.curves import Curve
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.replica import Replica

    FloatArray = NDArray[np.float64]

PUBLISHED_ALONE = "sqlite://"
"""No database: a rehearsal of what the user measured would only repeat it."""


def demo_engine(question: DemoQuestion, *, profiles: Path | None, tell: Callable[[str], None]) -> None:
    """Serve a simulated engine until it is told to stop. `tell` gets lines for the user.

    Raises
    ------
    InputError
        If the token budget holds no request, or the address is taken.
    UnknownNameError
        If model, GPU or drafter are unknown.
    InfeasibleError
        If the deployment does not run, or does not fit.
    """
    setup, listening = demo_setup(question, open_profiles(profiles, database=PUBLISHED_ALONE))
    for line in _introduction(listening.settings):
        tell(f"demo-engine: {line}")
    serve(setup, listening, tell=lambda address: tell(f"demo-engine: listening on {address}"))


def _introduction(settings: Mapping[str, object]) -> Iterator[str]:
    """Yield what must be known of the server before anybody believes its figures."""
    yield (
        f"SIMULATED by advisor {__version__}: no model runs here. Its timing is the estimate for {settings['contender']} "
        f"{settings['precision']} on {settings['tensor_parallel']}x {settings['gpu']}; tokens are {settings['tokens']}"
    )
    for name in ("max_num_seqs", "max_num_batched_tokens"):
        asked = settings[f"asked_{name}"]
        if asked not in {None, settings[name]}:
            yield f"{name} {asked} was asked for, {settings[name]} is served"
    yield f"effective settings {json.dumps(settings)}"


def demo_setup(question: DemoQuestion, shipped: Shipped) -> tuple[EngineSetup, Listening]:
    """Return the engine of a question, and how it is served."""
    replica = _replica(question, shipped)
    setup = _setup(question, replica, shipped)
    listening = Listening(
        served_name=question.served_name or replica.deployment.model.name,
        host=question.host,
        port=question.port,
        speed=question.speed,
        settings=_settings(question, replica, setup),
    )
    return setup, listening


def _replica(question: DemoQuestion, shipped: Shipped) -> Replica:
    """Return the replica, with the token budget that was asked for."""
    replica = replica_of(question.replica, shipped)
    if not replica.memory.slots:
        raise InfeasibleError(does_not_fit(replica.memory), hint="use a larger --gpu or a smaller --precision")
    if question.max_num_batched_tokens is None:
        return replica
    deployment = replace(replica.deployment, max_num_batched_tokens=question.max_num_batched_tokens)
    (curve,) = curves(
        [deployment],
        work=replica.curve.work,
        content=question.replica.workload.content,
        constants=shipped.constants,
        evidence=replica.evidence,
    )
    return replace(replica, deployment=deployment, curve=curve)


def _setup(question: DemoQuestion, replica: Replica, shipped: Shipped) -> EngineSetup:
    deployment, curve = replica.deployment, replica.curve
    drafter, workload = deployment.drafter, question.replica.workload
    try:
        return EngineSetup(
            pace=_pace(curve, shipped),
            token_budget=deployment.max_num_batched_tokens,
            kv_tokens=_kv_tokens(replica.memory, curve),
            context_tokens=deployment.model.context_tokens,
            reply_tokens=tuple(max(round(tokens), 1) for tokens in curve.work.output_tokens.tolist()),
            canvas=_canvas_law(deployment.model, workload),
            draft=DraftLaw(drafter.draft_tokens, accepted_tokens(deployment, workload.content)) if drafter else None,
            cached_prompt_share=workload.cached_prompt_share,
            seed=question.seed,
        )
    except ValueError as problem:
        raise InputError(f"--max-num-batched-tokens does not do: {problem}", hint="use a larger budget") from None


def _canvas_law(model: ModelSpec, workload: Workload) -> CanvasLaw | None:
    if model.canvas is None:
        return None
    return CanvasLaw(
        tokens=model.canvas.tokens,
        steps_mean=steps_of(model, workload),
        steps_log_sd=log_sd_of_steps(model.canvas.steps[workload.content]),
        max_steps=model.canvas.max_steps,
    )


def _pace(curve: Curve, shipped: Shipped) -> Pace:
    """Return seconds per iteration with 1..slots in service, straight between the points of the curve.

    All contexts are those of the workload's mean request: the curve knows no other.
    """
    passes_s = curve.step_s
    denoising_s = np.zeros_like(passes_s)
    if curve.deployment.diffuses:
        commit_s = _commit_s(curve, shipped)
        denoising_s = (curve.turn_s - commit_s) / (curve.work.passes_per_canvas - 1.0) - commit_s
        passes_s = commit_s
    slots = curve.deployment.max_num_seqs
    return Pace(
        step_s=_between(passes_s, slots),
        prefill_s_per_token=_between(curve.prefill_s_per_token, slots),
        denoising_s=_between(denoising_s, slots),
    )


def _commit_s(curve: Curve, shipped: Shipped) -> FloatArray:
    """Return seconds of a pass without the sampler, on `GRID`, as much corrected by evidence as the whole canvas is."""
    bare = performance(
        [curve.deployment],
        shape=shape_of(curve.deployment.model),
        constants=shipped.constants,
        demand=replace(curve.work.demand, steps=0.0),
        in_service=GRID.reshape(1, -1),
    )
    return np.asarray(bare.turn_s[0] / curve.grounds.factors, dtype=np.float64)


def _between(values: FloatArray, slots: int) -> tuple[float, ...]:
    return tuple(np.interp(np.arange(1, slots + 1), GRID, values).tolist())


def _kv_tokens(memory: Memory, curve: Curve) -> int:
    """Return the tokens that the KV cache holds: the memory left beside all slots' logits, in requests of the mean size."""
    work, slots = curve.work, curve.deployment.max_num_seqs
    beside = memory.bytes_per_slot - memory.kv_bytes_per_request
    lengths = work.input_tokens + work.output_tokens
    resident_tokens = float((lengths * work.output_tokens).sum() / work.output_tokens.sum())
    return int((memory.free_bytes - slots * beside) / memory.kv_bytes_per_request * resident_tokens)


def _settings(question: DemoQuestion, replica: Replica, setup: EngineSetup) -> dict[str, object]:
    """Return the effective settings as plain JSON values."""
    canvas, draft, workload = setup.canvas, setup.draft, question.replica.workload
    return {
        **line_of(replica.deployment),
        "asked_max_num_seqs": question.replica.slots,
        "asked_max_num_batched_tokens": question.max_num_batched_tokens,
        "max_model_len": setup.longest_tokens,
        "kv_cache_tokens": setup.kv_tokens,
        "content": str(workload.content),
        "workload": workload.name,
        "canvas_tokens": canvas.tokens if canvas else None,
        "steps_per_canvas": canvas.steps_mean if canvas else None,
        "max_denoising_steps": canvas.max_steps if canvas else None,
        "draft_tokens": draft.tokens if draft else None,
        "accepted_tokens_per_step": draft.accepted_tokens if draft else None,
        "cached_prompt_share": setup.cached_prompt_share,
        "tokens": "words between spaces",
        "speed": question.speed,
        "seed": question.seed,
        "simulated": True,
    }

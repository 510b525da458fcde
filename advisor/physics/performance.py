"""From step times to what users see: request rate and latency with n requests in flight on one replica.

One call evaluates many deployments of one model at many concurrencies: arrays are (deployments, concurrencies).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.engine import Kernel
from advisor.domain.model import Precision
from advisor.physics.autoregressive import Drafting, decode_step_s, prefill_s_per_token
from advisor.physics.diffusion import canvases_of, commit_pass_s, denoise_pass_s
from advisor.physics.step import Hardware

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.deployment import Deployment
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import ModelSpec
    from advisor.domain.requests import Requests
    from advisor.physics.arrays import Array, Number
    from advisor.physics.constants import Constants
    from advisor.physics.shape import Shape

SAMPLER_TILED_FROM = (0, 25)
"""vLLM version from which the diffusion sampler works in tiles (pull request 45672)."""

SAMPLER_TILED_FROM_NIGHTLY = "2026-07"
"""Month from which nightly builds have it."""

BF16_BYTES = 2.0

ROOM_FOR_PROMPTS = 2048
"""Prompt tokens that a pass has room for at least: token budgets are set so, also with all slots decoding."""

_RELEASE = re.compile(r"(\d+)\.(\d+)\.\d+$")
_NIGHTLY = re.compile(r"nightly.*?(20\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class Demand:
    """Means that the physics needs of a workload: numbers, or columns (deployments, 1) where each has its own.

    `input_tokens` are those that prefix caching does not save, `attended_tokens` the length of the prompt that a
    random prompt token belongs to, E[L^2] / E[L].
    """

    input_tokens: Number
    attended_tokens: Number
    output_tokens: Number
    context_tokens: Number
    canvases: Number = 0.0
    steps: Number = 0.0


def demand_of(requests: Requests, *, model: ModelSpec, steps: float, cached_prompt_share: float = 0.0) -> Demand:
    """Return the mean demand of a sample of requests on a model; `steps` are denoising steps per canvas."""
    prompt = float(requests.input_tokens.mean())
    reply = float(requests.output_tokens.mean())
    canvases = canvases_of(requests.output_tokens, canvas_tokens=model.canvas.tokens) if model.canvas else np.zeros(1)
    return Demand(
        input_tokens=prompt * (1.0 - cached_prompt_share),
        attended_tokens=float((requests.input_tokens**2).mean()) / prompt,
        output_tokens=reply,
        context_tokens=prompt + reply / 2.0,
        canvases=float(canvases.mean()),
        steps=steps if model.canvas else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Performance:
    """Closed-loop performance with n requests in service; every array is (deployments, concurrencies).

    `turn_s` is a decode step per token gained, or a whole canvas (its denoising steps and the commit pass).
    `cycle_s` is the mean time of a request in service, `prefill_s_per_token` what one prompt token adds.
    """

    in_service: Array
    turn_s: Array
    prefill_s_per_token: Array
    cycle_s: Array
    ttft_s: Array

    @property
    def request_rate_rps(self) -> Array:
        """Completed requests per second."""
        return np.asarray(self.in_service / self.cycle_s, dtype=np.float64)


def performance(
    deployments: Sequence[Deployment],
    *,
    shape: Shape,
    constants: Constants,
    demand: Demand,
    in_service: Array,
    accepted_tokens: Number = 1.0,
) -> Performance:
    """Return the performance of deployments of one contender (same model, same drafter).

    Parameters
    ----------
    in_service : requests in service, broadcastable to (deployments, concurrencies).
    accepted_tokens : tokens that a verified step yields with the drafter; 1 without.
    """
    hardware = hardware_of(deployments, constants=constants)
    n = np.asarray(in_service, dtype=np.float64)
    if shape.canvas_tokens:
        return _diffusion(deployments, shape, hardware, demand, n)
    return _autoregressive(deployments, shape, hardware, demand, n, accepted_tokens)


def _autoregressive(
    deployments: Sequence[Deployment],
    shape: Shape,
    hardware: Hardware,
    demand: Demand,
    n: Array,
    accepted_tokens: Number,
) -> Performance:
    drafter = deployments[0].drafter
    drafting = Drafting(drafter.draft_tokens, drafter.weights_bytes) if drafter else None
    gained = accepted_tokens if drafting else 1.0
    step_s = decode_step_s(
        shape,
        hardware=hardware,
        sequences=n,
        context_tokens=demand.context_tokens,
        drafting=drafting,
    )
    resident = n * (1 + (drafting.draft_tokens if drafting else 0))
    room = _room(deployments, resident)
    prefill = prefill_s_per_token(
        shape,
        hardware=hardware,
        resident_tokens=resident,
        sequences=n,
        prompt_tokens=demand.input_tokens,
        attended_tokens=demand.attended_tokens,
        prompts_per_pass=n * gained / demand.output_tokens,
        room_tokens=room,
    )
    turn_s, own_s = step_s / gained, demand.input_tokens * prefill
    # The others' prompts make iterations longer. An arriving prompt waits out half of one, then rides on as many as
    # its own chunks need.
    iteration_s = step_s + (n - 1.0) * gained / demand.output_tokens * own_s
    ttft_s = 0.5 * (n - 1.0) / n * iteration_s + np.ceil(demand.input_tokens / room) * iteration_s + own_s
    cycle_s = demand.output_tokens * turn_s + n * own_s
    return Performance(n, turn_s, prefill, cycle_s, np.minimum(ttft_s, cycle_s))


def _diffusion(
    deployments: Sequence[Deployment], shape: Shape, hardware: Hardware, demand: Demand, n: Array
) -> Performance:
    denoise_s = denoise_pass_s(
        shape,
        hardware=hardware,
        canvases=n,
        context_tokens=demand.context_tokens,
        logit_passes=_logit_passes(deployments, hardware.constants),
    )
    commit_s = commit_pass_s(shape, hardware=hardware, canvases=n, context_tokens=demand.context_tokens)
    canvas_s = demand.steps * denoise_s + commit_s
    prefill = prefill_s_per_token(
        shape,
        hardware=hardware,
        resident_tokens=n * shape.canvas_tokens,
        sequences=n,
        prompt_tokens=demand.input_tokens,
        attended_tokens=demand.attended_tokens,
        prompts_per_pass=n / (demand.canvases * (demand.steps + 1.0)),
        room_tokens=ROOM_FOR_PROMPTS,
    )
    own_s = demand.input_tokens * prefill
    cycle_s = demand.canvases * canvas_s + n * own_s
    later_s = (demand.canvases - 1.0) * (canvas_s + n * own_s / demand.canvases)
    return Performance(n, canvas_s, prefill, cycle_s, np.asarray(cycle_s - later_s, dtype=np.float64))


def hardware_of(deployments: Sequence[Deployment], *, constants: Constants) -> Hardware:
    """Return columns (deployments, 1) of what each deployment runs on.

    Raises
    ------
    ValueError
        If a GPU has no published peak for the arithmetic of its kernel; enumeration leaves such deployments out.
    """
    native_share, packed_share = constants.expert_flops_share, constants.weight_only_flops_share
    packed = [d.kernel is Kernel.WEIGHT_ONLY for d in deployments]
    wide = [d.checkpoint.dense_bytes_per_weight >= BF16_BYTES for d in deployments]
    peaks = [_peak(d) for d in deployments]
    bf16 = [_bf16(d.gpu) for d in deployments]
    return Hardware(
        bandwidth_bytes_per_s=_column([bandwidth(d.gpu) for d in deployments]),
        dense_flops=_column([b if w else p for b, w, p in zip(bf16, wide, peaks, strict=True)]),
        dense_flops_share=_column(
            [packed_share if k and not w else constants.dense_flops_share for k, w in zip(packed, wide, strict=True)]
        ),
        expert_flops=_column(peaks),
        expert_flops_share=_column([packed_share if k else native_share for k in packed]),
        head_flops=_column(bf16),
        dense_bytes_per_weight=_column([d.checkpoint.dense_bytes_per_weight for d in deployments]),
        expert_bytes_per_weight=_column([d.checkpoint.expert_bytes_per_weight for d in deployments]),
        head_bytes_per_weight=_column([d.checkpoint.head_bytes_per_weight for d in deployments]),
        kv_bytes_per_value=_column([d.kv_bytes_per_value for d in deployments]),
        tensor_parallel=_column([d.tensor_parallel for d in deployments]),
        link_bytes_per_s=_column([_link(d.gpu) for d in deployments]),
        constants=constants,
    )


def _link(gpu: GpuSpec) -> float:
    """Return the bandwidth between GPUs of a host [bytes/s]; infinite where there is only one, and nothing to send."""
    return max(gpu.link_bytes_per_s, gpu.pcie_bytes_per_s or 0.0) or float("inf")


def bandwidth(gpu: GpuSpec) -> float:
    """Return the read bandwidth to reckon with [bytes/s]: what was seen where somebody published it, else nominal."""
    return gpu.read_bandwidth_bytes_per_s or gpu.memory_bandwidth_bytes_per_s


def peak_flops(gpu: GpuSpec, *, precision: Precision, kernel: Kernel) -> float | None:
    """Return the peak of the arithmetic that a precision runs in on a GPU [FLOP/s], or None if none is published."""
    if kernel is Kernel.WEIGHT_ONLY:
        return gpu.bf16_flops
    native = {Precision.FP8: gpu.fp8_flops, Precision.NVFP4: gpu.fp4_flops}
    return native.get(precision, gpu.bf16_flops)


def _peak(deployment: Deployment) -> float:
    peak = peak_flops(deployment.gpu, precision=deployment.checkpoint.precision, kernel=deployment.kernel)
    if peak is None:
        raise ValueError(f"{deployment.gpu.name} has no published {deployment.checkpoint.precision} peak")
    return peak


def _bf16(gpu: GpuSpec) -> float:
    if gpu.bf16_flops is None:
        raise ValueError(f"{gpu.name} has no published bf16 peak")
    return gpu.bf16_flops


def _room(deployments: Sequence[Deployment], resident_tokens: Array) -> Array:
    """Return the prompt tokens that a pass has room for beside what it decodes, however many slots there are."""
    budget = _column([d.max_num_batched_tokens for d in deployments])
    return np.maximum(budget - resident_tokens, float(ROOM_FOR_PROMPTS))


def _logit_passes(deployments: Sequence[Deployment], constants: Constants) -> Array:
    tiled = [_is_tiled(d.engine_version) for d in deployments]
    return _column([constants.canvas_logit_passes if t else constants.canvas_logit_passes_day0 for t in tiled])


def _is_tiled(engine_version: str) -> bool:
    """Return whether a version has the tiled sampler; text that names neither release nor nightly counts as old."""
    release, nightly = _RELEASE.match(engine_version), _NIGHTLY.search(engine_version)
    if release:
        return (int(release[1]), int(release[2])) >= SAMPLER_TILED_FROM
    return nightly is not None and nightly[1] >= SAMPLER_TILED_FROM_NIGHTLY


def _column(values: Sequence[float]) -> Array:
    return np.asarray(values, dtype=np.float64).reshape(-1, 1)

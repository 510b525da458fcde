"""Time of one forward pass on one replica: a roofline by parts, plus floors.

Each part costs the soft maximum of its memory time and its compute time; parts follow one another. Sources: Williams et
al., Roofline, CACM 52(4), 2009; the soft maximum and all constants are fitted to public measurements (`advisor
calibrate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.physics.shape import Shape, attention_flops, distinct_experts, kv_bytes

if TYPE_CHECKING:
    from advisor.physics.arrays import Array, Number
    from advisor.physics.constants import Constants

ALL_REDUCES_PER_LAYER = 2
LOGIT_BYTES = 4.0
ACTIVATION_BYTES = 2.0


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the pass runs on: scalars or arrays that broadcast against each other, and the fitted constants.

    `expert_flops` and `dense_flops` are peaks of the arithmetic that the kernel uses; `*_share` are filled in from the
    constants because packed weights reach another share than native ones.
    """

    bandwidth_bytes_per_s: Number
    dense_flops: Number
    dense_flops_share: Number
    expert_flops: Number
    expert_flops_share: Number
    head_flops: Number
    dense_bytes_per_weight: Number
    expert_bytes_per_weight: Number
    head_bytes_per_weight: Number
    kv_bytes_per_value: Number
    tensor_parallel: Number
    link_bytes_per_s: Number
    constants: Constants


def soft_maximum(first: Number, second: Number, *, exponent: float) -> Array:
    """Return (a^p + b^p)^(1/p): the larger of two times, smoothed where they are close."""
    return np.asarray((np.power(first, exponent) + np.power(second, exponent)) ** (1.0 / exponent), dtype=np.float64)


def part_s(*, hardware: Hardware, bytes_read: Number, flops: Number, peak_flops_per_s: Number, share: Number) -> Array:
    """Return the time of one part of a pass [s], split over the tensor-parallel GPUs."""
    memory_s = bytes_read / (hardware.bandwidth_bytes_per_s * hardware.constants.bandwidth_share)
    compute_s = flops / (peak_flops_per_s * share)
    return soft_maximum(memory_s, compute_s, exponent=hardware.constants.roofline_exponent) / hardware.tensor_parallel


def experts_s(shape: Shape, *, hardware: Hardware, tokens: Number) -> Array:
    """Return the time of all expert layers [s] when `tokens` tokens pass through."""
    if not shape.expert_count:
        return np.zeros(())
    touched = distinct_experts(
        tokens, count=shape.expert_count, active=shape.expert_active, skew=hardware.constants.routing_skew
    )
    return part_s(
        hardware=hardware,
        bytes_read=touched / shape.expert_count * shape.experts * hardware.expert_bytes_per_weight,
        flops=2.0 * tokens * shape.experts * shape.expert_active / shape.expert_count,
        peak_flops_per_s=hardware.expert_flops,
        share=hardware.expert_flops_share,
    )


def dense_s(shape: Shape, *, hardware: Hardware, tokens: Number) -> Array:
    """Return the time of attention projections and the dense MLP [s]."""
    return part_s(
        hardware=hardware,
        bytes_read=shape.dense * hardware.dense_bytes_per_weight,
        flops=2.0 * tokens * shape.dense,
        peak_flops_per_s=hardware.dense_flops,
        share=hardware.dense_flops_share,
    )


def head_s(shape: Shape, *, hardware: Hardware, rows: Number) -> Array:
    """Return the time of the LM head for `rows` positions [s]."""
    return part_s(
        hardware=hardware,
        bytes_read=shape.head * hardware.head_bytes_per_weight,
        flops=2.0 * rows * shape.head,
        peak_flops_per_s=hardware.head_flops,
        share=hardware.constants.dense_flops_share,
    )


def attention_s(
    shape: Shape,
    *,
    hardware: Hardware,
    queries: Number,
    sequences: Number,
    context_tokens: Number,
) -> Array:
    """Return the time of attention itself [s]: `queries` in all, `sequences` caches of `context_tokens` read."""
    cache = kv_bytes(
        shape,
        context_tokens=context_tokens,
        bytes_per_value=hardware.kv_bytes_per_value,
        tensor_parallel=hardware.tensor_parallel,
    )
    return part_s(
        hardware=hardware,
        bytes_read=sequences * cache,
        flops=attention_flops(shape, tokens=queries, context_tokens=context_tokens),
        peak_flops_per_s=hardware.head_flops,
        share=hardware.constants.attention_flops_share,
    )


def allreduce_s(shape: Shape, *, hardware: Hardware, tokens: Number) -> Array:
    """Return the time of all-reduces between tensor-parallel GPUs [s]; none for a single GPU.

    A ring moves 2 (g - 1) / g of the activations over each link.
    """
    gpus = np.asarray(hardware.tensor_parallel, dtype=np.float64)
    ring = 2.0 * (gpus - 1.0) / gpus * tokens * shape.hidden * ACTIVATION_BYTES / hardware.link_bytes_per_s
    each = np.where(gpus > 1, hardware.constants.allreduce_s + ring, 0.0)
    return np.asarray(ALL_REDUCES_PER_LAYER * shape.layers * each, dtype=np.float64)


def body_s(shape: Shape, *, hardware: Hardware, tokens: Number, sequences: Number, context_tokens: Number) -> Array:
    """Return the time of all layers, without LM head and sampling [s], for `tokens` tokens of `sequences` requests."""
    work_s = (
        experts_s(shape, hardware=hardware, tokens=tokens)
        + dense_s(shape, hardware=hardware, tokens=tokens)
        + attention_s(
            shape,
            hardware=hardware,
            queries=tokens,
            sequences=sequences,
            context_tokens=context_tokens,
        )
    )
    floor_s = hardware.constants.layer_floor_s * shape.layers
    return (
        soft_maximum(work_s, floor_s, exponent=hardware.constants.floor_exponent)
        + allreduce_s(shape, hardware=hardware, tokens=tokens)
        + hardware.constants.sequence_s * np.asarray(sequences, dtype=np.float64)
    )

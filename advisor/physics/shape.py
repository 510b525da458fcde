"""Weights of a model by the part of the forward pass that touches them, and the KV bytes of a request.

Counts follow from the published configuration. They reproduce the cards of the three shipped models: 25.2 billion
weights in all and 3.8 billion active for Gemma 4 26B-A4B.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from advisor.domain.model import AttentionLayers, ModelSpec
    from advisor.physics.arrays import Array, Number


@dataclass(frozen=True, slots=True)
class AttentionGroup:
    """Equal attention layers: how many, their KV heads and head width, and how far back they look."""

    layers: int
    kv_heads: int
    head_dim: int
    window_tokens: float


@dataclass(frozen=True, slots=True)
class Shape:
    """Weight counts of one model.

    `dense` holds attention projections, dense MLP and self-conditioning; `experts` all experts of all layers; `head`
    the tied embedding. `canvas_tokens` is 0 for an autoregressive model.
    """

    layers: int
    hidden: int
    vocabulary: int
    query_heads: int
    dense: float
    experts: float
    expert_count: int
    expert_active: int
    head: float
    attention: tuple[AttentionGroup, ...]
    canvas_tokens: int


def attention_weights(*, hidden: int, query_heads: int, group: AttentionLayers) -> int:
    """Return the weights of one attention layer: query, key, value (absent where K is reused) and output."""
    query_and_output = 2 * hidden * query_heads * group.head_dim
    return query_and_output + hidden * group.kv_heads * group.head_dim * (1 if group.reuses_k_as_v else 2)


def shape_of(model: ModelSpec) -> Shape:
    """Return the weight counts of a model."""
    attention = sum(
        g.count * attention_weights(hidden=model.hidden, query_heads=model.query_heads, group=g)
        for g in model.attention
    )
    mlp = 3 * model.hidden * model.dense_mlp_width * model.layers
    conditioning = 3 * model.hidden * model.canvas.self_conditioning_width if model.canvas else 0
    experts = model.experts
    return Shape(
        layers=model.layers,
        hidden=model.hidden,
        vocabulary=model.vocabulary,
        query_heads=model.query_heads,
        dense=float(attention + mlp + conditioning),
        experts=float(3 * model.hidden * experts.width * experts.count * model.layers) if experts else 0.0,
        expert_count=experts.count if experts else 0,
        expert_active=experts.active if experts else 0,
        head=float(model.vocabulary * model.hidden),
        attention=tuple(
            AttentionGroup(g.count, g.kv_heads, g.head_dim, float(g.window_tokens or np.inf)) for g in model.attention
        ),
        canvas_tokens=model.canvas.tokens if model.canvas else 0,
    )


def kv_bytes(shape: Shape, *, context_tokens: Number, bytes_per_value: Number, tensor_parallel: Number = 1) -> Array:
    """Return the KV cache bytes that one request of a context length keeps resident, over all its GPUs.

    Windowed layers keep their window only. K and V are stored separately also where the model derives one from the
    other, as vLLM does. With more tensor-parallel GPUs than KV heads every GPU keeps a head, so heads are repeated.

    References
    ----------
    Kwon et al., PagedAttention, SOSP 2023, section 3, arXiv:2309.06180.
    """
    values = [
        g.layers
        * 2
        * np.maximum(g.kv_heads, tensor_parallel)
        * g.head_dim
        * np.minimum(context_tokens, g.window_tokens)
        for g in shape.attention
    ]
    return np.asarray(sum(values) * bytes_per_value, dtype=np.float64)


def attention_flops(shape: Shape, *, tokens: Number, context_tokens: Number) -> Array:
    """Return the FLOPs of attention scores and values for `tokens` queries that each see `context_tokens` keys."""
    per_layer = [
        g.layers * 4.0 * shape.query_heads * g.head_dim * np.minimum(context_tokens, g.window_tokens)
        for g in shape.attention
    ]
    return np.asarray(sum(per_layer) * tokens, dtype=np.float64)


def distinct_experts(tokens: Number, *, count: int, active: int, skew: float) -> Array:
    """Return the expected number of distinct experts that `tokens` tokens touch in one layer.

    Uniform routing gives E (1 - (1 - k/E)^T). With popularity proportional to rank^-skew, expert i is missed by a token
    with probability 1 - p_i, p_i = min(1, k w_i); the sum over i of 1 - (1 - p_i)^T is slightly smaller.

    References
    ----------
    MoESD, arXiv:2505.19645, for the uniform case.
    """
    nodes, touched = _distinct_table(count, active, skew)
    return np.asarray(np.interp(np.asarray(tokens, dtype=np.float64), nodes, touched), dtype=np.float64)


@lru_cache(maxsize=64)
def _distinct_table(count: int, active: int, skew: float) -> tuple[Array, Array]:
    """Return token counts and the distinct experts they touch: every count up to 64, then 1 % steps.

    A pass over thousands of deployments asks for this more often than for anything else; between nodes the curve is
    straight to 1e-5.
    """
    nodes = np.concatenate([np.arange(65.0), np.geomspace(65.0, LARGEST_PASS_TOKENS, 800)])
    popularity = np.arange(1, count + 1, dtype=np.float64) ** -skew
    chosen = np.minimum(active * popularity / popularity.sum(), 1.0 - 1e-12)
    missed = np.exp(np.multiply.outer(nodes, np.log1p(-chosen)))
    return nodes, (1.0 - missed).sum(axis=-1)


LARGEST_PASS_TOKENS = 200_000.0
"""Tokens in one pass beyond which every expert is certainly touched."""

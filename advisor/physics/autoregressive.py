"""Decode, drafted decode and prefill of an autoregressive model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.physics.step import LOGIT_BYTES, Hardware, attention_s, body_s, head_s

if TYPE_CHECKING:
    from advisor.physics.arrays import Array, Number
    from advisor.physics.shape import Shape


@dataclass(frozen=True, slots=True)
class Drafting:
    """How a drafter works: tokens proposed per step, and its weights."""

    draft_tokens: int
    weights_bytes: float


def decode_step_s(
    shape: Shape,
    *,
    hardware: Hardware,
    sequences: Number,
    context_tokens: Number,
    drafting: Drafting | None = None,
) -> Array:
    """Return the time of one decode step of `sequences` requests [s].

    With a drafter, one step verifies draft_tokens + 1 tokens of each request after draft_tokens drafter passes.
    """
    width = 1 + (drafting.draft_tokens if drafting else 0)
    rows = np.asarray(sequences, dtype=np.float64) * width
    logits = hardware.constants.logit_passes * rows * shape.vocabulary * LOGIT_BYTES / hardware.bandwidth_bytes_per_s
    step = (
        body_s(
            shape,
            hardware=hardware,
            tokens=rows,
            sequences=sequences,
            context_tokens=context_tokens,
        )
        + head_s(shape, hardware=hardware, rows=rows)
        + logits
    )
    return step if drafting is None else step + draft_s(drafting, hardware=hardware)


def draft_s(drafting: Drafting, *, hardware: Hardware) -> Array:
    """Return the time of the drafter passes of one step [s]: each reads the drafter's weights once."""
    read = drafting.weights_bytes / (hardware.bandwidth_bytes_per_s * hardware.constants.bandwidth_share)
    return np.asarray(drafting.draft_tokens * (read + hardware.constants.draft_floor_s), dtype=np.float64)


def prefill_s_per_token(
    shape: Shape,
    *,
    hardware: Hardware,
    resident_tokens: Number,
    sequences: Number,
    prompt_tokens: Number,
    attended_tokens: Number,
    prompts_per_pass: Number,
    room_tokens: Number,
) -> Array:
    """Return what one prompt token adds to the passes that carry it [s].

    Chunked prefill rides on passes that run anyway with `resident_tokens` tokens of `sequences` requests, so a prompt
    costs the difference between the pass with and without it: little once the experts are touched already. Prompts
    that fall into one pass share it, up to `room_tokens` tokens. A query sees half of its prompt, and long prompts
    have more queries: the mean prompt that a query belongs to is `attended_tokens`, E[L^2] / E[L].
    """
    prompt = np.asarray(prompt_tokens, dtype=np.float64)
    chunk = np.maximum(np.minimum(prompt * np.maximum(prompts_per_pass, 1.0), room_tokens), 1.0)
    without_s = body_s(shape, hardware=hardware, tokens=resident_tokens, sequences=sequences, context_tokens=0.0)
    with_s = body_s(
        shape,
        hardware=hardware,
        tokens=resident_tokens + chunk,
        sequences=sequences + chunk / prompt,
        context_tokens=0.0,
    )
    seen = np.asarray(attended_tokens, dtype=np.float64) / 2.0
    own_s = attention_s(shape, hardware=hardware, queries=1.0, sequences=1.0 / prompt, context_tokens=seen)
    return np.asarray((with_s - without_s) / chunk + own_s, dtype=np.float64)

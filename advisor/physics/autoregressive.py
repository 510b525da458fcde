"""Decode, drafted decode and prefill of an autoregressive model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.physics.arrays import Array, Number
from advisor.physics.step import LOGIT_BYTES, Hardware, attention_s, body_s, head_s

if TYPE_CHECKING:
    from advisor.physics.constants import Constants
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
    constants: Constants,
    sequences: Number,
    context_tokens: Number,
    drafting: Drafting | None = None,
) -> Array:
    """Return the time of one decode step of `sequences` requests [s].

    With a drafter, one step verifies draft_tokens + 1 tokens of each request after draft_tokens drafter passes.
    """
    width = 1 + (drafting.draft_tokens if drafting else 0)
    rows = np.asarray(sequences, dtype=np.float64) * width
    logits = constants.logit_passes * rows * shape.vocabulary * LOGIT_BYTES / hardware.bandwidth_bytes_per_s
    step = (
        body_s(
            shape,
            hardware=hardware,
            constants=constants,
            tokens=rows,
            sequences=sequences,
            context_tokens=context_tokens,
        )
        + head_s(shape, hardware=hardware, constants=constants, rows=rows)
        + logits
    )
    return step if drafting is None else step + draft_s(drafting, hardware=hardware, constants=constants)


def draft_s(drafting: Drafting, *, hardware: Hardware, constants: Constants) -> Array:
    """Return the time of the drafter passes of one step [s]: each reads the drafter's weights once."""
    read = drafting.weights_bytes / (hardware.bandwidth_bytes_per_s * constants.bandwidth_share)
    return np.asarray(drafting.draft_tokens * (read + constants.draft_floor_s), dtype=np.float64)


def prefill_s_per_token(
    shape: Shape,
    *,
    hardware: Hardware,
    constants: Constants,
    resident_tokens: Number,
    sequences: Number,
    prompt_tokens: Number,
    prompts_per_pass: Number,
    budget_tokens: Number,
) -> Array:
    """Return what one prompt token adds to the passes that carry it [s].

    Chunked prefill rides on passes that run anyway with `resident_tokens` tokens of `sequences` requests, so a prompt
    costs the difference between the pass with and without it: little once the experts are touched already. Prompts
    that fall into one pass share it, up to `budget_tokens` tokens. A query sees half of its prompt on average.
    """
    prompt = np.asarray(prompt_tokens, dtype=np.float64)
    joined = prompt * np.maximum(prompts_per_pass, 1.0)
    chunk = np.maximum(np.minimum(joined, np.asarray(budget_tokens, dtype=np.float64) - resident_tokens), 1.0)
    share = {"hardware": hardware, "constants": constants}
    without = body_s(shape, tokens=resident_tokens, sequences=sequences, context_tokens=0.0, **share)
    with_it = body_s(shape, tokens=resident_tokens + chunk, sequences=sequences + chunk / prompt, context_tokens=0.0, **share)
    own = attention_s(shape, queries=prompt, sequences=1.0, context_tokens=prompt / 2.0, **share) / prompt
    return (with_it - without) / chunk + own

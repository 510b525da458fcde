"""Denoising passes, canvases and prefill of a block-diffusion model.

Every pass runs all positions of all canvases in flight through the whole model: one canvas of 256 tokens already
touches every expert. After the last denoising step a commit pass writes the canvas into the KV cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.physics.step import LOGIT_BYTES, Hardware, body_s, head_s

if TYPE_CHECKING:
    from advisor.physics.arrays import Array, Number
    from advisor.physics.shape import Shape


def denoise_pass_s(
    shape: Shape,
    *,
    hardware: Hardware,
    canvases: Number,
    context_tokens: Number,
    logit_passes: Number,
) -> Array:
    """Return the time of one denoising pass over `canvases` canvases [s].

    Beside the body it costs the LM head at every position, the product of probabilities and embedding that feeds
    self-conditioning (as many FLOPs again), and `logit_passes` sweeps over the 32-bit logits. The sweeps are not split
    by tensor parallelism: every rank works on the full vocabulary (vLLM pull requests 47462 and 56210).
    """
    positions = np.asarray(canvases, dtype=np.float64) * shape.canvas_tokens
    sweeps = logit_passes * positions * shape.vocabulary * LOGIT_BYTES / hardware.bandwidth_bytes_per_s
    body = commit_pass_s(shape, hardware=hardware, canvases=canvases, context_tokens=context_tokens)
    sampler = sweeps + hardware.constants.canvas_s * np.asarray(canvases, dtype=np.float64)
    return body + 2.0 * head_s(shape, hardware=hardware, rows=positions) + sampler


def commit_pass_s(shape: Shape, *, hardware: Hardware, canvases: Number, context_tokens: Number) -> Array:
    """Return the time of the pass that writes finished canvases into the KV cache [s]: the body alone."""
    return body_s(
        shape,
        hardware=hardware,
        tokens=np.asarray(canvases, dtype=np.float64) * shape.canvas_tokens,
        sequences=canvases,
        context_tokens=np.asarray(context_tokens, dtype=np.float64) + shape.canvas_tokens,
    )


def canvases_of(output_tokens: Number, *, canvas_tokens: int) -> Array:
    """Return the canvases that a reply is paid in: whole ones, however little of the last is used."""
    return np.ceil(np.maximum(np.asarray(output_tokens, dtype=np.float64), 1.0) / canvas_tokens)

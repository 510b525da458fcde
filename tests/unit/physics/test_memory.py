"""What fits on which GPU."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.model import Precision
from advisor.physics.memory import Memory, memory_of
from advisor.physics.shape import kv_bytes, shape_of
from tests.shipped import DENSE, DIFFUSION, GEMMA, H100, SHIPPED, deployment


def memory(
    model: str, gpu: str, precision: Precision, *, gpus: int = 1, drafted: bool = False, context_tokens: float = 1366
) -> Memory:
    placed = deployment(model, gpu=gpu, precision=precision, tensor_parallel=gpus, drafted=drafted)
    shape = shape_of(placed.model)
    cache = kv_bytes(
        shape,
        context_tokens=context_tokens,
        bytes_per_value=SHIPPED.engine.kv_bytes_per_value,
        tensor_parallel=gpus,
    )
    return memory_of(
        shape=shape,
        engine=SHIPPED.engine,
        gpu=placed.gpu,
        checkpoint=placed.checkpoint,
        drafter=placed.drafter,
        tensor_parallel=gpus,
        kv_bytes_per_request=int(cache),
    )


@pytest.mark.parametrize(
    ("model", "gpu", "precision", "gpus", "fits"),
    [
        (GEMMA, H100, Precision.FP8, 1, True),
        (DIFFUSION, H100, Precision.FP8, 1, True),
        (GEMMA, H100, Precision.BF16, 1, True),
        (GEMMA, "l40s-48gb", Precision.FP8, 1, True),
        (GEMMA, "l40s-48gb", Precision.BF16, 1, False),
        (DIFFUSION, "l40s-48gb", Precision.BF16, 1, False),
        (GEMMA, "l40s-48gb", Precision.BF16, 2, True),
        (GEMMA, "l4-24gb", Precision.FP8, 1, False),
        (DENSE, H100, Precision.BF16, 1, True),
        (DENSE, H100, Precision.BF16, 2, True),
        (DENSE, "l40s-48gb", Precision.BF16, 1, False),
    ],
)
def test_a_checkpoint_fits_or_not(model: str, gpu: str, precision: Precision, gpus: int, fits: bool) -> None:
    assert (memory(model, gpu, precision, gpus=gpus).slots > 0) is fits


def test_free_memory_is_what_weights_and_runtime_leave_of_the_usable_part() -> None:
    shown = memory(GEMMA, H100, Precision.FP8)
    assert shown.usable_bytes == int(80e9 * SHIPPED.engine.gpu_memory_utilization)
    assert shown.free_bytes == shown.usable_bytes - 28_637_000_000 - SHIPPED.engine.runtime_bytes
    assert shown.slots == shown.free_bytes // shown.kv_bytes_per_request


def test_a_canvas_keeps_its_logits_free_beside_its_cache() -> None:
    bare, canvas = memory(GEMMA, H100, Precision.FP8), memory(DIFFUSION, H100, Precision.FP8)
    assert canvas.kv_bytes_per_request == bare.kv_bytes_per_request
    assert canvas.bytes_per_slot - canvas.kv_bytes_per_request == SHIPPED.engine.diffusion_bytes_per_slot
    assert canvas.slots < bare.slots / 4


def test_a_drafter_takes_its_weights() -> None:
    with_drafter, without = (memory(GEMMA, H100, Precision.FP8, drafted=drafted) for drafted in (True, False))
    assert with_drafter.weights_bytes - without.weights_bytes == 840_000_000


def test_what_does_not_fit_has_no_slots_rather_than_negative_ones() -> None:
    shown = memory(GEMMA, "l4-24gb", Precision.BF16)
    assert shown.free_bytes < 0
    assert shown.slots == 0
    assert replace(shown, weights_bytes=0).slots > 0


@given(context_tokens=st.floats(1, 262_144), more=st.floats(1, 4))
def test_longer_requests_never_leave_more_slots(context_tokens: float, more: float) -> None:
    shorter, longer = (
        memory(GEMMA, H100, Precision.FP8, context_tokens=tokens) for tokens in (context_tokens, context_tokens * more)
    )
    assert longer.slots <= shorter.slots


@given(gpus=st.sampled_from([1, 2, 4]), precision=st.sampled_from([Precision.BF16, Precision.FP8, Precision.NVFP4]))
def test_more_gpus_never_leave_fewer_slots(gpus: int, precision: Precision) -> None:
    assert (
        memory(GEMMA, "l40s-48gb", precision, gpus=2 * gpus).slots
        >= memory(GEMMA, "l40s-48gb", precision, gpus=gpus).slots
    )

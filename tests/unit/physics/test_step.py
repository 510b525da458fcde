"""Time of one pass: a roofline by parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.model import Precision
from advisor.physics.autoregressive import Drafting, decode_step_s, draft_s, prefill_s_per_token
from advisor.physics.diffusion import denoise_pass_s
from advisor.physics.performance import hardware_of
from advisor.physics.shape import shape_of
from advisor.physics.step import Hardware, allreduce_s, body_s, dense_s, experts_s, head_s, part_s, soft_maximum
from tests.shipped import DIFFUSION, GEMMA, SHIPPED, deployment

SHAPE = shape_of(SHIPPED.models[GEMMA])
CANVAS = shape_of(SHIPPED.models[DIFFUSION])

counts = st.floats(1, 512)
contexts = st.floats(1, 100_000)
factors = st.floats(1.0, 8.0)


def hardware(gpus: int = 1, **changes: float) -> Hardware:
    plain = hardware_of([deployment(tensor_parallel=gpus)], constants=SHIPPED.constants)
    return replace(plain, **{name: getattr(plain, name) * factor for name, factor in changes.items()})


def pass_s(
    kind: str, *, sequences: float = 8, context_tokens: float = 1000, on: Hardware | None = None, gpus: int = 1
) -> float:
    machine = on or hardware(gpus)
    if kind == "decode":
        time_s = decode_step_s(SHAPE, hardware=machine, sequences=sequences, context_tokens=context_tokens)
    elif kind == "drafted":
        time_s = decode_step_s(
            SHAPE,
            hardware=machine,
            sequences=sequences,
            context_tokens=context_tokens,
            drafting=Drafting(3, 840e6),
        )
    else:
        time_s = denoise_pass_s(
            CANVAS, hardware=machine, canvases=sequences, context_tokens=context_tokens, logit_passes=12.8
        )
    return float(time_s.item())


KINDS = pytest.mark.parametrize("kind", ["decode", "drafted", "denoise"])


@given(first=st.floats(1e-6, 1.0), second=st.floats(1e-6, 1.0), exponent=st.floats(1.0, 8.0))
def test_a_soft_maximum_lies_between_the_maximum_and_the_sum(first: float, second: float, exponent: float) -> None:
    smooth = float(soft_maximum(first, second, exponent=exponent))
    assert max(first, second) * (1 - 1e-9) <= smooth <= (first + second) * (1 + 1e-9)


def test_a_part_that_only_reads_takes_its_bytes_over_the_bandwidth() -> None:
    time_s = part_s(hardware=hardware(), bytes_read=3.35e12, flops=0.0, peak_flops_per_s=1e15, share=0.5)
    assert time_s.item() == pytest.approx(1 / SHIPPED.constants.bandwidth_share)


def test_a_part_that_only_computes_takes_its_flops_over_its_share_of_the_peak() -> None:
    assert part_s(
        hardware=hardware(), bytes_read=0.0, flops=1e15, peak_flops_per_s=1e15, share=0.5
    ).item() == pytest.approx(2.0)


@KINDS
@given(sequences=counts, context_tokens=contexts, more=factors)
def test_more_sequences_never_take_less(kind: str, sequences: float, context_tokens: float, more: float) -> None:
    few, many = (
        pass_s(kind, sequences=count, context_tokens=context_tokens) for count in (sequences, sequences * more)
    )
    assert many >= few


@KINDS
@given(sequences=counts, context_tokens=contexts, more=factors)
def test_longer_contexts_never_take_less(kind: str, sequences: float, context_tokens: float, more: float) -> None:
    short, long = (
        pass_s(kind, sequences=sequences, context_tokens=tokens) for tokens in (context_tokens, context_tokens * more)
    )
    assert long >= short


@given(tokens=st.floats(1, 50_000), more=factors, sequences=counts)
def test_more_tokens_in_a_pass_never_take_less(tokens: float, more: float, sequences: float) -> None:
    few, many = (
        body_s(SHAPE, hardware=hardware(), tokens=count, sequences=sequences, context_tokens=1000.0).item()
        for count in (tokens, tokens * more)
    )
    assert many >= few


@KINDS
@pytest.mark.parametrize(
    "resource", ["bandwidth_bytes_per_s", "dense_flops", "expert_flops", "head_flops", "link_bytes_per_s"]
)
@given(sequences=counts, context_tokens=contexts, more=factors)
def test_a_better_gpu_is_never_slower(
    kind: str, resource: str, sequences: float, context_tokens: float, more: float
) -> None:
    plain, better = (
        pass_s(kind, sequences=sequences, context_tokens=context_tokens, on=hardware(2, **{resource: factor}))
        for factor in (1.0, more)
    )
    assert better <= plain


@given(tokens=st.floats(1, 50_000), gpus=st.sampled_from([2, 4, 8]))
def test_tensor_parallelism_divides_the_work_of_every_part(tokens: float, gpus: int) -> None:
    one, several = hardware(1), hardware(gpus)
    parts = (
        (experts_s(SHAPE, hardware=machine, tokens=tokens) for machine in (one, several)),
        (dense_s(SHAPE, hardware=machine, tokens=tokens) for machine in (one, several)),
        (head_s(SHAPE, hardware=machine, rows=tokens) for machine in (one, several)),
    )
    for alone_s, shared_s in parts:
        assert shared_s.item() == pytest.approx(alone_s.item() / gpus)


def test_one_gpu_talks_to_nobody() -> None:
    assert allreduce_s(SHAPE, hardware=hardware(1), tokens=1000.0).item() == 0
    assert allreduce_s(SHAPE, hardware=hardware(2), tokens=1000.0).item() > 60 * SHIPPED.constants.allreduce_s


@KINDS
def test_two_gpus_are_faster_than_one_but_less_than_twice(kind: str) -> None:
    one, two = (pass_s(kind, sequences=32, gpus=gpus) for gpus in (1, 2))
    assert one / 2 < two < one


def test_a_lone_token_is_held_up_by_launches_more_than_by_weights() -> None:
    active_bytes = (SHAPE.dense + SHAPE.experts * 8 / 128) * 1.0 + SHAPE.head * 2.0
    reading_s = active_bytes / 3.35e12
    assert pass_s("decode", sequences=1) > 2 * reading_s
    assert pass_s("decode", sequences=1) > SHIPPED.constants.layer_floor_s * SHAPE.layers


def test_a_canvas_pass_is_dearer_than_a_token_pass_by_an_order() -> None:
    assert 1.5 < pass_s("denoise", sequences=1) / pass_s("decode", sequences=1) < 6
    assert pass_s("denoise", sequences=16) / pass_s("decode", sequences=16) > 6


def test_a_drafter_pass_reads_the_drafter_once_per_token() -> None:
    three, six = (draft_s(Drafting(count, 840e6), hardware=hardware()).item() for count in (3, 6))
    assert six == pytest.approx(2 * three)
    assert three > 3 * 840e6 / 3.35e12


def test_packed_weights_compute_at_their_own_share() -> None:
    packed = hardware_of([deployment(precision=Precision.NVFP4)], constants=SHIPPED.constants)
    native = hardware_of([deployment()], constants=SHIPPED.constants)
    assert packed.expert_flops_share == SHIPPED.constants.weight_only_flops_share
    assert native.expert_flops_share == SHIPPED.constants.expert_flops_share
    assert (packed.expert_flops, native.expert_flops) == (9.89e14, 1.979e15)


def riding_s(resident_tokens: float, prompt_tokens: float = 800, *, prompts: float = 1.0) -> float:
    shown = prefill_s_per_token(
        SHAPE,
        hardware=hardware(),
        resident_tokens=resident_tokens,
        sequences=resident_tokens,
        prompt_tokens=prompt_tokens,
        attended_tokens=prompt_tokens,
        prompts_per_pass=prompts,
        room_tokens=8192.0,
    )
    return float(shown.item())


def test_a_prompt_rides_cheaply_on_a_busy_pass() -> None:
    alone, busy, crowded = (riding_s(count, prompt_tokens=100) for count in (1.0, 64.0, 512.0))
    assert crowded < busy < alone
    assert busy < 0.6 * alone


def test_prompts_that_share_a_pass_are_cheaper() -> None:
    assert riding_s(8.0, 200, prompts=4.0) < riding_s(8.0, 200)


def test_a_prompt_never_costs_less_than_its_arithmetic() -> None:
    flops = 2 * (SHAPE.dense + SHAPE.experts * 8 / 128)
    assert riding_s(256.0) > flops / 1.979e15


@given(resident=st.floats(1, 512), prompt=st.floats(1, 30_000))
def test_a_prompt_token_always_costs_something(resident: float, prompt: float) -> None:
    assert 0 < riding_s(resident, prompt) < np.inf

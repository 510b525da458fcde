"""Weights and KV bytes, worked by hand from the published configurations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.physics.shape import attention_flops, attention_weights, distinct_experts, kv_bytes, shape_of
from tests.shipped import DENSE, DIFFUSION, GEMMA, SHIPPED

SHAPE = shape_of(SHIPPED.models[GEMMA])
BF16 = 2.0


@pytest.mark.parametrize(("group", "millions"), [(0, 34.60), (1, 49.02)])
def test_an_attention_layer_has_the_weights_of_its_heads(group: int, millions: float) -> None:
    # sliding: 2816 x 256 x (2 x 16 query and output heads + 2 x 8 KV heads); global: 2816 x 512 x (2 x 16 + 2), K is V
    weights = attention_weights(hidden=2816, query_heads=16, group=SHIPPED.models[GEMMA].attention[group])
    assert weights / 1e6 == pytest.approx(millions, abs=0.005)


def test_the_parts_of_gemma_4_are_those_of_its_configuration() -> None:
    assert SHAPE.layers == 30
    assert SHAPE.experts / 1e9 == pytest.approx(22.84, abs=0.005)
    assert SHAPE.head / 1e9 == pytest.approx(0.738, abs=0.0005)
    assert SHAPE.dense / 1e9 == pytest.approx(1.110 + 0.535, abs=0.001)


def test_the_parts_of_gemma_4_add_up_to_the_card() -> None:
    rest = SHAPE.dense + SHAPE.head
    assert (rest + SHAPE.experts) / 1e9 == pytest.approx(25.2, abs=0.05)
    assert (rest + SHAPE.experts * 8 / 128) / 1e9 == pytest.approx(3.8, abs=0.05)


def test_the_parts_of_the_dense_model_add_up_to_its_card() -> None:
    shape = shape_of(SHIPPED.models[DENSE])
    assert shape.experts == 0
    assert (shape.dense + shape.head) / 1e9 == pytest.approx(30.7, rel=0.02)


def test_diffusion_gemma_has_the_backbone_of_gemma_4() -> None:
    shape = shape_of(SHIPPED.models[DIFFUSION])
    assert (shape.experts, shape.head, shape.attention) == (SHAPE.experts, SHAPE.head, SHAPE.attention)
    assert (SHAPE.canvas_tokens, shape.canvas_tokens) == (0, 256)


def test_diffusion_gemma_adds_the_36_megabytes_of_its_self_conditioning() -> None:
    # a gated MLP as everywhere in this family: 3 x 2816 x 2112 weights of 2 bytes
    shape = shape_of(SHIPPED.models[DIFFUSION])
    assert (shape.dense - SHAPE.dense) * BF16 / 1e6 == pytest.approx(36, abs=0.5)


@pytest.mark.parametrize(
    ("tokens", "experts"), [(1, 8), (2, 15.5), (4, 29), (8, 52), (16, 82), (32, 112), (64, 126), (256, 128)]
)
def test_uniform_routing_touches_the_experts_of_the_formula(tokens: int, experts: float) -> None:
    touched = distinct_experts(tokens, count=128, active=8, skew=0.0)
    assert float(touched) == pytest.approx(experts, abs=0.51)
    assert float(touched) == pytest.approx(128 * (1 - (1 - 8 / 128) ** tokens), rel=1e-4)


def test_one_canvas_touches_all_experts() -> None:
    assert float(distinct_experts(256, count=128, active=8, skew=0.0)) >= 127.9
    assert float(distinct_experts(256, count=128, active=8, skew=SHIPPED.constants.routing_skew)) / 128 > 0.99


@given(tokens=st.floats(1, 1e5), more=st.floats(1, 10), skew=st.floats(0.0, 1.2))
def test_more_tokens_touch_more_experts_and_never_more_than_there_are(tokens: float, more: float, skew: float) -> None:
    few, many = distinct_experts(np.array([tokens, tokens * more]), count=128, active=8, skew=skew).tolist()
    assert 0 < few <= many + 1e-9
    assert many <= 128


@given(tokens=st.floats(1, 1e4), skew=st.floats(0.0, 1.2))
def test_skewed_routing_never_touches_more_experts(tokens: float, skew: float) -> None:
    uniform = distinct_experts(tokens, count=128, active=8, skew=0.0)
    assert distinct_experts(tokens, count=128, active=8, skew=skew) <= uniform * (1 + 1e-4)


def test_a_token_keeps_two_hundred_kilobytes_while_windows_fill() -> None:
    # 25 sliding layers: 25 x 8 x 256 x 2 x 2 B; 5 global layers: 5 x 2 x 512 x 2 x 2 B
    assert kv_bytes(SHAPE, context_tokens=1, bytes_per_value=BF16) == 204_800 + 20_480


def test_beyond_the_window_only_global_layers_grow() -> None:
    full = kv_bytes(SHAPE, context_tokens=1024, bytes_per_value=BF16)
    longer = kv_bytes(SHAPE, context_tokens=2024, bytes_per_value=BF16)
    assert longer - full == 1000 * 20_480
    assert (full - 1024 * 20_480) / 1e6 == pytest.approx(210, abs=0.5)


@pytest.mark.parametrize(("tokens", "gigabytes"), [(32_768, 0.88), (262_144, 5.6)])
def test_long_contexts_keep_their_published_bytes(tokens: int, gigabytes: float) -> None:
    assert kv_bytes(SHAPE, context_tokens=tokens, bytes_per_value=BF16) / 1e9 == pytest.approx(gigabytes, rel=0.01)


def test_fp8_halves_the_cache() -> None:
    sizes = [kv_bytes(SHAPE, context_tokens=5000, bytes_per_value=width) for width in (1.0, 2.0)]
    assert sizes[1] == 2 * sizes[0]


def test_the_dense_model_keeps_its_published_bytes() -> None:
    shape = shape_of(SHIPPED.models[DENSE])
    assert kv_bytes(shape, context_tokens=1, bytes_per_value=BF16) == 819_200 + 81_920


def test_attention_looks_no_further_back_than_its_windows() -> None:
    # 4 FLOPs per query head, head width and key: 25 layers see 1024 keys at most, 5 layers see all
    seen = 4 * 16 * (25 * 256 * 1024 + 5 * 512 * 5000)
    assert attention_flops(SHAPE, tokens=3, context_tokens=5000) == 3 * seen

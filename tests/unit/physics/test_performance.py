"""From step times to requests per second."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.requests import representative_requests
from advisor.physics.performance import Performance, bandwidth, demand_of, hardware_of, performance
from advisor.physics.shape import shape_of
from tests.shipped import DIFFUSION, GEMMA, H100, SHIPPED, deployment, workload

if TYPE_CHECKING:
    from advisor.domain.deployment import Deployment

GRID = np.array([[1.0, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]])


def shown(
    *placed: Deployment, lengths: tuple[float, float] = (800, 300), cached: float = 0.0, gained: float = 1.0
) -> Performance:
    model = placed[0].model
    requests = representative_requests(workload(*lengths))
    return performance(
        placed,
        shape=shape_of(model),
        constants=SHIPPED.constants,
        demand=demand_of(requests, model=model, steps=15.1, cached_prompt_share=cached),
        in_service=GRID,
        accepted_tokens=gained,
    )


KINDS = pytest.mark.parametrize("model", [GEMMA, DIFFUSION])
lengths_strategy = st.tuples(st.floats(1, 8000), st.floats(1, 3000))


@KINDS
@given(lengths=lengths_strategy)
def test_more_requests_in_flight_never_complete_fewer(model: str, lengths: tuple[float, float]) -> None:
    rates = shown(deployment(model), lengths=lengths).request_rate_rps[0]
    # beyond its best a replica of prompts without replies loses up to 1 % to per-sequence host time
    assert (rates >= 0.98 * np.maximum.accumulate(rates)).all()


@KINDS
@given(lengths=lengths_strategy)
def test_more_requests_in_flight_never_speed_up_one(model: str, lengths: tuple[float, float]) -> None:
    assert (np.diff(shown(deployment(model), lengths=lengths).cycle_s[0]) >= -1e-12).all()


@given(lengths=lengths_strategy, more=st.floats(1, 3))
def test_longer_replies_never_take_less(lengths: tuple[float, float], more: float) -> None:
    longer = (lengths[0], lengths[1] * more)
    assert (
        shown(deployment(), lengths=longer).cycle_s >= shown(deployment(), lengths=lengths).cycle_s * (1 - 1e-9)
    ).all()


@KINDS
@given(lengths=lengths_strategy, cached=st.floats(0, 0.9))
def test_a_cached_prefix_never_costs_throughput(model: str, lengths: tuple[float, float], cached: float) -> None:
    plain, saved = (shown(deployment(model), lengths=lengths, cached=share) for share in (0.0, cached))
    assert (saved.request_rate_rps >= plain.request_rate_rps * (1 - 1e-3)).all()


@KINDS
def test_deployments_are_answered_together_as_alone(model: str) -> None:
    many = [deployment(model), deployment(model, gpu="l40s-48gb"), deployment(model, tensor_parallel=2)]
    together = shown(*many)
    for row, one in enumerate(many):
        assert together.cycle_s[row] == pytest.approx(shown(one).cycle_s[0])


def test_little_s_law_holds_by_construction() -> None:
    view = shown(deployment())
    assert view.request_rate_rps * view.cycle_s == pytest.approx(GRID)


def test_accepted_drafts_shorten_the_time_per_token() -> None:
    few, many = (shown(deployment(drafted=True), gained=gained).turn_s for gained in (1.0, 2.67))
    assert few / many == pytest.approx(np.full(GRID.shape, 2.67))
    assert (few > shown(deployment()).turn_s).all()


def test_observed_bandwidth_goes_before_the_nominal_one() -> None:
    gpu = SHIPPED.gpus[H100]
    assert bandwidth(gpu) == gpu.memory_bandwidth_bytes_per_s
    assert bandwidth(gpu.model_copy(update={"read_bandwidth_bytes_per_s": 3e12})) == 3e12


def test_a_gpu_without_an_agreed_peak_is_refused() -> None:
    unknown = SHIPPED.gpus[H100].model_copy(update={"bf16_flops": None, "fp8_flops": None})
    with pytest.raises(ValueError, match="has no published fp8 peak"):
        hardware_of([replace(deployment(), gpu=unknown)], constants=SHIPPED.constants)
    half = SHIPPED.gpus[H100].model_copy(update={"bf16_flops": None})
    with pytest.raises(ValueError, match="has no published bf16 peak"):
        hardware_of([replace(deployment(), gpu=half)], constants=SHIPPED.constants)


@pytest.mark.parametrize(
    ("version", "tiled"),
    [
        ("0.24.0", False),
        ("0.25.0", True),
        ("0.33.0", True),
        ("1.0.0", True),
        ("0.22.1rc1.dev357", False),
        ("nightly 2026-06", False),
        ("nightly 2026-07", True),
        ("main", False),
    ],
)
def test_the_tiled_sampler_came_with_vllm_0_25(version: str, tiled: bool) -> None:
    passes = [shown(replace(deployment(DIFFUSION), engine_version=text)).turn_s[0, 5] for text in ("0.24.0", version)]
    assert bool(passes[1] < passes[0]) is tiled


def test_constants_say_what_they_are() -> None:
    names = SHIPPED.constants.names()
    assert len(names) == 16
    assert all(SHIPPED.constants.meaning(name) for name in names)
    assert {SHIPPED.constants.unit(name) for name in names} == {"1", "s"}

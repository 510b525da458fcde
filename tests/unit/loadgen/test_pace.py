from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.loadgen.pace import Lives, pace, token_rates


def streams(count: int, *, e2e_s: float, tokens: float, offset_s: float = 0.0, rounds: int = 40) -> Lives:
    """Return a closed loop in which every request takes the same time; streams are staggered evenly."""
    starts = (
        np.array([stream * e2e_s / count + turn * e2e_s for stream in range(count) for turn in range(rounds)])
        + offset_s
    )
    size = starts.size
    return Lives(starts, starts + e2e_s, np.full(size, tokens), np.ones(size))


@given(
    st.integers(min_value=1, max_value=20),
    st.floats(min_value=0.1, max_value=5.0),
    st.floats(min_value=0.0, max_value=0.9),
    st.floats(min_value=0.01, max_value=10.0),
)
def test_of_a_steady_closed_loop_the_pace_is_exact_wherever_the_window_lies(
    count: int, e2e_s: float, low: float, span: float
) -> None:
    lives = streams(count, e2e_s=e2e_s, tokens=128.0)
    low_s = (1.0 + low) * e2e_s
    found = pace(lives, low_s, low_s + span * e2e_s)
    assert found.output_tok_s == pytest.approx(count * 128.0 / e2e_s)
    assert found.request_rps == pytest.approx(count / e2e_s)
    assert found.in_flight == pytest.approx(count)


def test_a_request_half_in_the_window_brings_half_of_its_tokens() -> None:
    lives = Lives(np.array([0.0, 3.0]), np.array([2.0, 5.0]), np.array([100.0, 40.0]), np.ones(2))
    found = pace(lives, 1.0, 4.0)
    assert found.output_tok_s == pytest.approx((50.0 + 20.0) / 3.0)
    assert found.request_rps == pytest.approx(1.0 / 3.0)
    assert found.in_flight == pytest.approx(2.0 / 3.0)


def test_a_failed_request_is_in_flight_and_brings_nothing() -> None:
    lives = Lives(np.zeros(2), np.ones(2), np.array([10.0, 0.0]), np.array([1.0, 0.0]))
    found = pace(lives, 0.0, 1.0)
    assert (found.output_tok_s, found.request_rps, found.in_flight) == (10.0, 1.0, 2.0)


@given(st.floats(min_value=0.3, max_value=3.0), st.integers(min_value=1, max_value=12))
def test_slices_of_a_window_have_its_pace_for_their_mean(span_s: float, slices: int) -> None:
    rng = np.random.default_rng(3)
    starts = rng.uniform(0.0, 4.0, 60)
    lives = Lives(starts, starts + rng.uniform(0.1, 2.0, 60), rng.uniform(1.0, 50.0, 60), np.ones(60))
    rates = token_rates(lives, 1.0, 1.0 + span_s, slices=slices)
    assert rates.mean() == pytest.approx(pace(lives, 1.0, 1.0 + span_s).output_tok_s)

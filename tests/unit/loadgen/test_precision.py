"""How sure a throughput is: by slices that are long against the lives of requests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.loadgen.intervals import half_width_share
from advisor.loadgen.pace import Lives, pace, token_rates
from advisor.loadgen.precision import LEAST_SLICES, SLICE_LIVES, throughput_share

STREAMS = 8
LIFE_S = 1.0


def loop(rng: np.random.Generator, *, span_s: float) -> Lives:
    """Return a closed loop of streams: lives of gamma length, tokens that have nothing to do with it."""
    lives_s = rng.gamma(4.0, LIFE_S / 4.0, (STREAMS, int(2.0 * span_s / LIFE_S) + 20))
    ends_s = np.cumsum(lives_s, axis=1) - rng.uniform(0.0, 4.0, (STREAMS, 1))
    tokens = rng.exponential(100.0, lives_s.size)
    return Lives((ends_s - lives_s).ravel(), ends_s.ravel(), tokens, np.ones(lives_s.size))


def covered(span_s: float, *, slices: int | None) -> float:
    """Return how often the interval of a window covers the true rate; by so many slices, else as it is done."""
    hits, runs, truth = 0, 300, STREAMS * 100.0 / LIFE_S
    for seed in range(runs):
        lives = loop(np.random.default_rng(seed), span_s=span_s)
        rate = pace(lives, 0.0, span_s).output_tok_s
        found = half_width_share(token_rates(lives, 0.0, span_s, slices=slices)) if slices else None
        share = found if slices else throughput_share(lives, 0.0, span_s)
        assert share is not None
        hits += abs(rate - truth) <= share * rate
    return hits / runs


@pytest.mark.parametrize("lives", [16, 24, 48])
def test_the_interval_of_a_throughput_covers_it_about_as_often_as_it_says(lives: int) -> None:
    assert 0.90 <= covered(lives * LIFE_S, slices=None) <= 0.985


def test_ten_slices_of_a_window_of_a_few_lives_would_cover_far_too_seldom() -> None:
    assert covered(3.0 * LIFE_S, slices=10) < 0.8


def test_a_window_of_a_few_lives_tells_no_half_width() -> None:
    lives = loop(np.random.default_rng(0), span_s=20.0)
    low_s = SLICE_LIVES * LEAST_SLICES * LIFE_S
    assert throughput_share(lives, 0.0, 0.5 * low_s) is None
    assert throughput_share(lives, 0.0, 1.5 * low_s) is not None


@given(st.floats(0.1, 100.0), st.floats(0.0, 200.0))
def test_it_is_told_from_four_slices_of_three_lives_on(life_s: float, span_s: float) -> None:
    starts_s = np.arange(-300.0, 300.0, 1.0)
    lives = Lives(starts_s, starts_s + life_s, np.ones(600), np.ones(600))
    if abs(span_s / life_s - 12.0) > 1e-6:
        assert (throughput_share(lives, 0.0, span_s) is None) is (span_s < 12.0 * life_s)


def test_nothing_that_ended_tells_nothing() -> None:
    none = np.zeros(0)
    assert throughput_share(Lives(none, none, none, none), 0.0, 10.0) is None
    failed = Lives(np.zeros(3), np.ones(3), np.zeros(3), np.zeros(3))
    assert throughput_share(failed, 0.0, 10.0) is None

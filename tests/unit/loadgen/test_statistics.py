from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.loadgen.intervals import half_width_share, median_half_width_share, rising_p
from advisor.loadgen.steady import truncation


def test_a_slow_start_is_cut_off() -> None:
    rng = np.random.default_rng(1)
    start = np.linspace(9.0, 1.0, 60)
    values = np.concatenate((start, np.ones(400))) + rng.normal(0.0, 0.1, 460)
    assert 40 <= truncation(values) <= 70


def test_a_steady_run_is_left_whole_or_nearly() -> None:
    cuts = [truncation(np.random.default_rng(seed).normal(10.0, 1.0, 400)) for seed in range(40)]
    assert np.median(cuts) <= 40


def test_a_run_that_never_gets_steady_is_not_cut() -> None:
    assert truncation(np.linspace(1.0, 100.0, 200)) == 0


@given(st.integers(min_value=0, max_value=60), st.floats(min_value=0.1, max_value=100.0))
def test_equal_values_are_never_cut(size: int, value: float) -> None:
    assert truncation(np.full(size, value)) == 0


@given(st.lists(st.floats(min_value=0.0, max_value=1e6), max_size=120))
def test_the_cut_is_whole_batches_and_at_most_half(values: list[float]) -> None:
    cut = truncation(np.array(values))
    assert cut % 5 == 0
    assert cut <= len(values) / 2 or cut == 0


def test_the_half_width_is_that_of_student() -> None:
    batches = np.array([9.0, 10.0, 11.0, 10.0])
    assert half_width_share(batches) == pytest.approx(3.182446 * batches.std(ddof=1) / 2.0 / 10.0, rel=1e-5)


def test_the_interval_of_a_median_covers_it_as_often_as_it_says() -> None:
    covered, runs = 0, 400
    for seed in range(runs):
        values = np.random.default_rng(seed).exponential(1.0, 1000)
        share = median_half_width_share(values)
        assert share is not None
        middle = float(np.median(values))
        covered += abs(np.log(2.0) - middle) <= share * middle
    assert 0.91 <= covered / runs <= 0.98


def test_the_interval_shrinks_with_the_root_of_the_run() -> None:
    rng = np.random.default_rng(2)
    short, long = (
        np.mean([median_half_width_share(rng.exponential(1.0, size)) for _ in range(60)]) for size in (200, 3200)
    )
    assert 3.0 < short / long < 5.0


def test_too_few_values_have_no_interval() -> None:
    assert median_half_width_share(np.ones(19)) is None
    assert half_width_share(np.zeros(10)) is None
    assert rising_p(np.arange(19.0), np.arange(19.0)) is None


def test_values_that_rise_are_told_from_those_that_do_not() -> None:
    rng = np.random.default_rng(5)
    times_s = np.arange(400.0)
    noise = rng.normal(0.0, 1.0, 400)
    rising, falling = rising_p(times_s, 0.02 * times_s + noise), rising_p(times_s, -0.02 * times_s + noise)
    assert rising is not None
    assert rising < 1e-4
    assert falling is not None
    assert falling > 0.99
    assert rising_p(times_s, np.ones(400)) == 1.0


def test_what_does_not_rise_is_seldom_called_rising() -> None:
    times_s = np.arange(200.0)
    shares = [rising_p(times_s, np.random.default_rng(seed).normal(0.0, 1.0, 200)) or 0.0 for seed in range(400)]
    assert 0.02 <= np.mean(np.array(shares) < 0.05) <= 0.09

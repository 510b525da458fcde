"""How bursty the arrivals of a trace are."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.catalog.traces import count_dispersion


def test_evenly_spaced_arrivals_do_not_vary() -> None:
    assert count_dispersion([0.5 * i for i in range(1000)]) == pytest.approx(0.0, abs=0.01)


def test_poisson_arrivals_vary_as_much_as_their_mean() -> None:
    gaps_s = np.random.default_rng(7).exponential(0.2, 40_000)
    assert count_dispersion(gaps_s.cumsum().tolist()) == pytest.approx(1.0, abs=0.1)


def test_arrivals_in_tens_vary_ten_times_as_much() -> None:
    gaps_s = np.random.default_rng(7).exponential(2.0, 8_000)
    times_s = [time for time in gaps_s.cumsum().tolist() for _ in range(10)]
    assert count_dispersion(times_s) == pytest.approx(10.0, rel=0.15)


def test_a_short_trace_does_not_tell() -> None:
    assert count_dispersion([0.0, 5.0, 60.0]) is None

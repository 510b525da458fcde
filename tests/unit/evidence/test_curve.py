"""A throughput curve through few points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from advisor.evidence import StepCurve, fit_curve

levels_strategy = st.lists(st.integers(1, 512), min_size=3, max_size=8, unique=True).map(sorted)
coefficients = st.floats(1e-3, 10.0)


@st.composite
def sweeps(draw: st.DrawFn) -> tuple[list[int], list[float]]:
    levels = draw(levels_strategy)
    rates = draw(st.lists(st.floats(0.01, 100.0), min_size=len(levels), max_size=len(levels)))
    return levels, rates


@given(levels=levels_strategy, a=coefficients, b=coefficients, d=coefficients)
def test_a_curve_of_the_form_is_found_again(levels: list[int], a: float, b: float, d: float) -> None:
    c = np.array(levels, dtype=np.float64)
    true_s = a + b * c + d * np.sqrt(c)
    assert fit_curve(c, c / true_s).cycle_s(c) == pytest.approx(true_s, rel=1e-6)


def test_exact_coefficients_are_recovered() -> None:
    c = np.array([1.0, 4.0, 16.0, 64.0])
    curve = fit_curve(c, c / (2.0 + 0.1 * c + 0.5 * np.sqrt(c)))
    assert (curve.a, curve.b, curve.d) == pytest.approx((2.0, 0.1, 0.5))
    assert (curve.lowest, curve.highest) == (1.0, 64.0)


@given(sweep=sweeps())
def test_the_fit_is_as_good_as_that_of_scipy(sweep: tuple[list[int], list[float]]) -> None:
    c, x = (np.array(values, dtype=np.float64) for values in sweep)
    columns = np.stack([np.ones_like(c), c, np.sqrt(c)], axis=1) * (x / c)[:, None]
    _, misfit = nnls(columns, np.ones_like(c))
    curve = fit_curve(c, x)
    ours = np.linalg.norm(columns @ np.array([curve.a, curve.b, curve.d]) - 1.0)
    assert ours == pytest.approx(misfit, rel=1e-6, abs=1e-7)


@given(sweep=sweeps())
def test_throughput_never_falls_with_concurrency(sweep: tuple[list[int], list[float]]) -> None:
    curve = fit_curve(*sweep)
    assert min(curve.a, curve.b, curve.d) >= 0
    c = np.linspace(curve.lowest, curve.highest, 60)
    assert (np.diff(curve.cycle_s(c)) >= -1e-12).all()
    assert (np.diff(c / curve.cycle_s(c)) >= -1e-9 * (c / curve.cycle_s(c))[1:]).all()


@given(sweep=sweeps(), factor=st.floats(0.1, 10.0))
def test_a_machine_twice_as_fast_has_the_same_curve_twice_as_fast(
    sweep: tuple[list[int], list[float]], factor: float
) -> None:
    levels, rates = sweep
    plain, faster = fit_curve(levels, rates), fit_curve(levels, [rate * factor for rate in rates])
    assert faster.cycle_s(levels) * factor == pytest.approx(plain.cycle_s(levels), rel=1e-6)


def test_outside_the_known_levels_the_nearest_end_holds() -> None:
    curve = StepCurve(1.0, 1.0, 0.0, lowest=2.0, highest=8.0)
    assert curve.cycle_s([1, 2, 8, 100]).tolist() == [3.0, 3.0, 9.0, 9.0]


@pytest.mark.parametrize(
    ("levels", "rates"),
    [
        ([1, 8], [1.0, 4.0]),
        ([1, 8, 8, 1], [1.0, 4.0, 4.1, 1.1]),
        ([0, 1, 8], [1.0, 2.0, 4.0]),
        ([1, 4, 8], [1.0, 0.0, 4.0]),
        ([1, 4, 8], [1.0, -2.0, 4.0]),
    ],
)
def test_too_few_or_impossible_points_are_refused(levels: list[int], rates: list[float]) -> None:
    with pytest.raises(ValueError, match="three distinct positive concurrencies with positive rates"):
        fit_curve(levels, rates)

from math import factorial

import numpy as np
import pytest

from advisor.queueing.gaps import MOST_PHASES, Gaps, gaps_of


def moment(gaps: Gaps, order: int) -> float:
    """E[T^n] = n! alpha (-D0)^-n 1 of a phase-type law."""
    inverse = np.linalg.matrix_power(np.linalg.inv(gaps.leaves), order)
    return float(factorial(order) * gaps.starts @ inverse @ np.ones(gaps.starts.size))


@pytest.mark.parametrize("scv", [1.0 + 1e-9, 1.5, 4.0, 50.0, 400.0])
def test_bursty_gaps_have_three_moments_of_the_gamma_law(scv: float) -> None:
    gaps = gaps_of(scv)
    assert moment(gaps, 1) == pytest.approx(1.0, rel=1e-6)
    assert moment(gaps, 2) == pytest.approx(1.0 + scv, rel=1e-6)
    assert moment(gaps, 3) == pytest.approx((1.0 + scv) * (1.0 + 2.0 * scv), rel=1e-6)


@pytest.mark.parametrize("scv", [0.1, 0.25, 0.3, 0.5, 0.7, 1.0])
def test_smooth_gaps_have_two_moments_of_the_gamma_law(scv: float) -> None:
    gaps = gaps_of(scv)
    assert moment(gaps, 1) == pytest.approx(1.0, rel=1e-9)
    assert moment(gaps, 2) == pytest.approx(1.0 + scv, rel=1e-9)


def test_poisson_gaps_have_one_phase() -> None:
    assert gaps_of(1.0).starts.size == 1


def test_smoother_than_a_tenth_counts_as_a_tenth() -> None:
    assert gaps_of(0.0).starts.size == MOST_PHASES
    assert moment(gaps_of(0.0), 2) == pytest.approx(1.1, rel=1e-9)


@pytest.mark.parametrize("scv", [0.2, 1.0, 4.0])
def test_every_phase_is_left_for_another_or_for_the_end(scv: float) -> None:
    gaps = gaps_of(scv)
    np.testing.assert_allclose(gaps.leaves.sum(axis=1), gaps.ends, atol=1e-12)
    assert gaps.starts.sum() == pytest.approx(1.0, rel=1e-12)
    assert gaps.transform(0.0) == pytest.approx(1.0, rel=1e-12)


def test_the_transform_of_erlang_gaps_is_a_power() -> None:
    assert gaps_of(0.25).transform(2.0) == pytest.approx((4.0 / 6.0) ** 4, rel=1e-12)


@pytest.mark.parametrize("scv", [-0.1, float("nan")])
def test_variation_is_not_negative(scv: float) -> None:
    with pytest.raises(ValueError, match="not negative"):
        gaps_of(scv)

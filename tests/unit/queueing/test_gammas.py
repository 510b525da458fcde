import numpy as np
import pytest
from scipy.special import gammainc, gammaincinv, ndtr

from advisor.queueing import FloatArray, Gammas, Law, normal_cdf

TIMES = np.concatenate((np.logspace(-8, 2.5, 1500), np.linspace(0.01, 4, 1500)))


def errors(shapes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Signed errors at mean 1, and the exact values; rows are shapes."""
    laws = Gammas.matching(means_s=np.ones((shapes.size, 1)), variances_s2=1 / shapes[:, None])
    exact = gammainc(shapes[:, None], shapes[:, None] * TIMES)
    found = np.stack([laws.cdf(time)[:, 0] for time in TIMES.tolist()], axis=1)
    return found - exact, exact


def test_the_normal_law_is_accurate_to_a_ten_millionth() -> None:
    z = np.linspace(-9, 9, 20_001)
    assert np.abs(normal_cdf(z) - ndtr(z)).max() < 1e-7


def test_gamma_laws_of_any_shape_are_within_0_0125_and_within_0_0025_in_the_tail() -> None:
    error, exact = errors(np.logspace(-2, 4, 120))
    assert np.abs(error).max() < 0.0125
    assert np.abs(error[exact > 0.9]).max() < 0.0025


@pytest.mark.parametrize(("from_shape", "bound"), [(3.0, 0.0022), (10.0, 0.00065), (100.0, 0.00006)])
def test_narrower_gamma_laws_are_closer(from_shape: float, bound: float) -> None:
    error, _ = errors(np.geomspace(from_shape, 1e4, 40))
    assert np.abs(error).max() < bound


@pytest.mark.parametrize(
    ("shape", "bound"), [(0.1, 0.05), (0.3, 0.05), (0.7, 0.03), (1.0, 0.011), (1.5, 0.007), (3.0, 0.003), (20.0, 0.001)]
)
def test_upper_quantiles_are_within_a_bound_that_narrows_with_the_shape(shape: float, bound: float) -> None:
    law = Law(np.ones(1), np.array([1 / shape]), wait_probability=0.0, wait_given_wait_s=0.0)
    for p in (0.9, 0.95, 0.99):
        assert law.quantile(p) == pytest.approx(gammaincinv(shape, p) / shape, rel=bound)


def test_no_variance_is_a_step_at_the_mean() -> None:
    laws = Gammas.matching(means_s=np.array([1e-3, 1.0, 1e4]), variances_s2=np.zeros(3))
    np.testing.assert_array_equal(laws.cdf(np.array([1e-3, 1.0, 1e4])), 1.0)
    np.testing.assert_allclose(laws.cdf(np.array([1e-3, 1.0, 1e4]) * (1 - 1e-6)), 0.0, atol=1e-12)


@pytest.mark.parametrize("shape", [0.02, 0.4, 1.0, 2.0, 50.0])
def test_distribution_functions_rise_from_zero_to_one_but_for_dips_of_0_0012(shape: float) -> None:
    laws = Gammas.matching(means_s=np.array([1.0]), variances_s2=np.array([1 / shape]))
    values = [float(laws.cdf(time)[0]) for time in np.logspace(-80, 4, 2000).tolist()]
    assert (np.maximum.accumulate(values) - values).max() < 0.0012
    assert min(values) >= 0.0
    assert max(values) <= 1.0
    assert values[-1] == pytest.approx(1.0, abs=1e-6)

import numpy as np
import pytest
from scipy.stats import expon

from advisor.queueing import FloatArray, Law, Station, partial_law, sample_sizes, sojourn_law, solve

SIZES = sample_sizes(np.random.default_rng(5).lognormal(0.0, 1.0, size=4000))
STATE = solve(Station(np.arange(1.0, 5.0) / (1 + 0.6 * np.arange(1.0, 5.0))), arrival_rps=0.7, work_scv=2.0)


def law_of(means_s: FloatArray, variances_s2: FloatArray, *, waits: float = 0.0, wait_s: float = 0.0) -> Law:
    return Law(means_s, variances_s2, wait_probability=waits, wait_given_wait_s=wait_s)


@pytest.mark.parametrize("p", [0.001, 0.05, 0.5, 0.9, 0.95, 0.99, 0.9999])
def test_a_quantile_inverts_the_distribution_function(p: float) -> None:
    law = sojourn_law(STATE, sizes=SIZES)
    quantile_s = law.quantile(p)
    assert law.cdf(quantile_s) >= p - 1e-6
    assert law.cdf(quantile_s * (1 - 3e-6)) < p


def test_constant_times_have_a_quantile_per_step() -> None:
    law = law_of(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(4))
    assert [law.quantile(p) for p in (0.1, 0.3, 0.6, 0.9)] == pytest.approx([1.0, 2.0, 3.0, 4.0], rel=2e-6)
    assert law.cdf(2.0) == pytest.approx(0.5)


def test_the_mean_adds_the_wait_of_those_who_wait() -> None:
    assert law_of(np.array([1.0, 3.0]), np.ones(2), waits=0.25, wait_s=8.0).mean() == pytest.approx(4.0)


def test_the_mean_of_a_sojourn_law_is_the_mean_sojourn() -> None:
    assert sojourn_law(STATE, sizes=SIZES).mean() == pytest.approx(STATE.mean_sojourn_s, rel=1e-12)


def test_a_pure_exponential_wait_has_exponential_percentiles() -> None:
    law = law_of(np.array([1e-6]), np.zeros(1), waits=1.0, wait_s=2.0)
    for p in (0.5, 0.9, 0.99):
        assert law.quantile(p) == pytest.approx(expon.ppf(p, scale=2.0), rel=0.015)


def test_equal_limits_are_one_limit() -> None:
    law = sojourn_law(STATE, sizes=SIZES)
    assert law.cdf_each(np.full(SIZES.size, 7.0)) == pytest.approx(law.cdf(7.0), rel=1e-12)


def test_limits_in_proportion_to_size_are_limits_per_unit_of_work() -> None:
    law = law_of(np.array([1.0, 2.0]), np.zeros(2))
    assert law.cdf_each(np.array([0.9, 2.1])) == pytest.approx(0.5)


def test_no_time_is_never_enough() -> None:
    law = sojourn_law(STATE, sizes=SIZES)
    assert law.cdf(0.0) == law.cdf(-1.0) == 0.0


def test_the_certain_part_is_never_undercut() -> None:
    law = Law(np.array([3.0]), np.array([1.0]), wait_probability=0.2, wait_given_wait_s=1.0, certain_s=2.0)
    assert law.cdf(2.0) == law.cdf(1.0) == 0.0
    assert law.cdf(2.5) > 0.1
    assert law.quantile(1e-3) > 2.0


def test_spread_per_unit_of_work_shrinks_with_size() -> None:
    law = sojourn_law(STATE, sizes=np.array([0.01, 0.5, 1.0, 4.0, 400.0]))
    per_work_s2 = law.variances_s2 / (law.means_s / STATE.slowdown_s) ** 2
    assert (np.diff(per_work_s2) < 0).all()
    assert per_work_s2[0] == pytest.approx(STATE.slowdown_variance_s2, rel=0.01)


def test_the_whole_of_the_work_is_the_whole_request() -> None:
    whole, full = partial_law(STATE, sizes=SIZES, fractions=np.ones(SIZES.size)), sojourn_law(STATE, sizes=SIZES)
    assert whole.quantile(0.95) == full.quantile(0.95)


def test_the_first_part_still_waits_for_its_slot() -> None:
    law = partial_law(STATE, sizes=SIZES, fractions=np.full(SIZES.size, 0.25))
    assert law.mean() == pytest.approx(0.25 * STATE.slowdown_s + STATE.mean_wait_s, rel=1e-12)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.5, float("nan")])
def test_percentiles_lie_strictly_between_0_and_1(p: float) -> None:
    with pytest.raises(ValueError, match="strictly between"):
        sojourn_law(STATE, sizes=SIZES).quantile(p)


@pytest.mark.parametrize(
    ("means", "variances"), [([], []), ([1.0], [1.0, 1.0]), ([0.0], [1.0]), ([1.0], [-1.0]), ([float("nan")], [1.0])]
)
def test_a_law_needs_positive_means_and_matching_variances(means: list[float], variances: list[float]) -> None:
    with pytest.raises(ValueError, match="means"):
        law_of(np.array(means), np.array(variances))


@pytest.mark.parametrize("limits", [[1.0], [1.0, 0.0], [1.0, -1.0]])
def test_each_point_needs_a_positive_limit(limits: list[float]) -> None:
    with pytest.raises(ValueError, match="limits_s"):
        law_of(np.ones(2), np.ones(2)).cdf_each(np.array(limits))


@pytest.mark.parametrize("fraction", [0.0, 1.01])
def test_fractions_are_parts_of_the_work(fraction: float) -> None:
    with pytest.raises(ValueError, match="fractions"):
        partial_law(STATE, sizes=np.ones(1), fractions=np.array([fraction]))


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_a_scaled_law_has_every_time_so_many_times_as_long(factor: float) -> None:
    law = Law(np.array([3.0, 5.0]), np.array([1.0, 4.0]), wait_probability=0.2, wait_given_wait_s=1.0, certain_s=2.0)
    scaled = law.scaled(factor)
    assert scaled.mean() == pytest.approx(factor * law.mean())
    for p in (0.05, 0.5, 0.95, 0.99):
        assert scaled.quantile(p) == pytest.approx(factor * law.quantile(p), rel=1e-5)

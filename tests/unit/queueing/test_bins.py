import numpy as np
import pytest

from advisor.queueing import sample_sizes, size_bins, squared_cv


def test_a_request_on_the_edge_of_two_bins_counts_in_both() -> None:
    np.testing.assert_allclose(size_bins([3.0, 1.0, 2.0], points=2).average([3.0, 1.0, 2.0]), [4 / 3, 8 / 3])


def test_few_requests_stay_as_they_are_but_sorted() -> None:
    np.testing.assert_allclose(size_bins([3.0, 1.0, 2.0]).average([30.0, 10.0, 20.0]), [10.0, 20.0, 30.0])


def test_tokens_are_binned_beside_the_work_they_belong_to() -> None:
    work = np.random.default_rng(0).permutation(np.arange(1.0, 4001.0))
    bins = size_bins(work)
    np.testing.assert_allclose(bins.average(2 * work), 2 * bins.average(work), rtol=1e-9)


@pytest.mark.parametrize("requests", [1, 149, 150, 151, 256, 4000])
def test_the_mean_is_kept_for_any_number_of_requests(requests: int) -> None:
    work = np.random.default_rng(1).lognormal(size=requests)
    bins = size_bins(work)
    assert bins.average(work).size == min(requests, 150)
    assert bins.average(work).mean() == pytest.approx(work.mean(), rel=1e-12)
    assert sample_sizes(work).mean() == pytest.approx(1.0, rel=1e-12)


def test_squared_variation_of_exponential_work_is_one() -> None:
    assert squared_cv(-np.log(np.linspace(1e-5, 1, 100_000))) == pytest.approx(1.0, rel=0.01)


@pytest.mark.parametrize("work", [[], [[1.0]], [0.0], [1.0, float("nan")]])
def test_work_is_a_vector_of_positive_numbers(work: list[float]) -> None:
    with pytest.raises(ValueError, match="work"):
        size_bins(work)


def test_values_come_one_per_request() -> None:
    with pytest.raises(ValueError, match="one per request"):
        size_bins([1.0, 2.0]).average([1.0])

import numpy as np
import pytest
from scipy.stats import t as student

from advisor.queueing import FloatArray
from advisor.queueing.simulate import Share, batch_means, interval
from advisor.queueing.simulate.intervals import T_99


def alike(rng: np.random.Generator, *, values: int, correlation: float) -> FloatArray:
    """Draw a series around 0.5 in which each value resembles the last one."""
    shocks = rng.normal(size=values)
    series = np.empty(values)
    series[0] = shocks[0] / np.sqrt(1.0 - correlation**2)
    for i in range(1, values):
        series[i] = correlation * series[i - 1] + shocks[i]
    return np.asarray(0.5 + 0.1 * series, dtype=np.float64)


def test_batches_are_equal_and_drop_what_is_left_over_at_the_start() -> None:
    assert batch_means(np.arange(11.0), batches=3).tolist() == [3.0, 6.0, 9.0]


def test_the_interval_lies_around_the_mean_of_the_batches() -> None:
    share = interval(np.array([0.9, 0.95, 0.92, 0.97]))
    assert share.value == pytest.approx(0.935)
    assert share.value - share.low == pytest.approx(share.high - share.value)
    assert share.low < 0.9
    assert share.high > 0.97


def test_batches_that_agree_leave_no_doubt() -> None:
    share = interval(np.full(10, 0.95))
    assert [share.value, share.low, share.high] == pytest.approx([0.95] * 3, rel=1e-12)


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.98])
def test_the_true_mean_lies_in_most_intervals(correlation: float) -> None:
    rng = np.random.default_rng(4)
    series = [alike(rng, values=2000, correlation=correlation) for _ in range(300)]
    shares = [interval(batch_means(values, batches=20)) for values in series]
    covered = np.mean([share.low <= 0.5 <= share.high for share in shares])
    assert 0.96 <= covered <= 1.0


def test_the_table_is_students() -> None:
    assert list(T_99[1:]) == pytest.approx([float(student.ppf(0.995, k)) for k in range(1, len(T_99))], rel=1e-3)


@pytest.mark.parametrize("batches", [17, 21, 41, 201])
def test_beyond_the_table_the_interval_is_students_within_half_a_percent(batches: int) -> None:
    means = np.tile([0.4, 0.6], batches)[:batches]  # neighbors differ, so that nothing widens it
    share = interval(means)
    half = student.ppf(0.995, batches - 1) * means.std(ddof=1) / np.sqrt(batches)
    assert share.high - share.value == pytest.approx(half, rel=0.005)


def test_only_a_whole_interval_decides() -> None:
    share = Share(0.95, 0.94, 0.96)
    assert share.above(0.94)
    assert share.below(0.97)
    assert not share.above(0.95)
    assert not share.below(0.95)


@pytest.mark.parametrize("means", [[], [0.5]])
def test_one_batch_says_nothing_about_spread(means: list[float]) -> None:
    with pytest.raises(ValueError, match="two batches"):
        interval(np.array(means))

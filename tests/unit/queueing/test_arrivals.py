import numpy as np
import pytest

from advisor.queueing.simulate import arrival_times_s, hourly_times_s, stretched_s

SECONDS_PER_HOUR = 3600.0


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("scv", [0.0, 0.25, 1.0, 4.0, 16.0])
def test_gaps_have_the_mean_and_the_variation_asked_for(scv: float) -> None:
    times_s = arrival_times_s(rng(), requests=400_000, arrival_rps=5.0, arrival_scv=scv)
    gaps_s = np.diff(times_s)
    assert gaps_s.mean() == pytest.approx(0.2, rel=0.02)
    assert gaps_s.var() / gaps_s.mean() ** 2 == pytest.approx(scv, rel=0.05, abs=1e-12)


def test_arrivals_without_variation_are_evenly_spaced() -> None:
    assert arrival_times_s(rng(), requests=3, arrival_rps=4.0, arrival_scv=0.0).tolist() == [0.25, 0.5, 0.75]


def test_the_same_seed_draws_the_same_arrivals() -> None:
    one, same, other = (arrival_times_s(rng(seed), requests=50, arrival_rps=1.0) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert (one != other).all()


@pytest.mark.parametrize(
    ("requests", "rate_rps", "scv"), [(0, 1.0, 1.0), (1, 0.0, 1.0), (1, float("nan"), 1.0), (1, 1.0, -1.0)]
)
def test_there_must_be_something_to_draw(requests: int, rate_rps: float, scv: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        arrival_times_s(rng(), requests=requests, arrival_rps=rate_rps, arrival_scv=scv)


def test_a_stretched_trace_has_the_rate_asked_for_and_its_own_rhythm() -> None:
    times_s = np.array([10.0, 11.0, 13.0, 14.0])
    assert stretched_s(times_s, arrival_rps=1.5).tolist() == pytest.approx([0.0, 0.5, 1.5, 2.0])


def test_a_trace_whose_requests_come_all_at_once_has_no_rate() -> None:
    with pytest.raises(ValueError, match="duration"):
        stretched_s(np.full(3, 7.0), arrival_rps=1.0)


@pytest.mark.parametrize("scv", [0.25, 1.0, 4.0])
def test_every_hour_gets_its_share_of_the_arrivals(scv: float) -> None:
    shares = [0.25] * 6 + [1.0] * 12 + [1.75] * 6
    times_s = hourly_times_s(rng(), shares_of_mean=shares, arrival_rps=4.0, arrival_scv=scv)
    counts, _ = np.histogram(times_s, bins=np.arange(25) * SECONDS_PER_HOUR)
    expected = np.array(shares) * 4.0 * SECONDS_PER_HOUR
    assert (np.abs(counts - expected) < 4.0 * np.sqrt(expected * scv)).all()
    assert (np.diff(times_s) >= 0).all()


def test_a_constant_profile_is_no_profile() -> None:
    flat_s = hourly_times_s(rng(5), shares_of_mean=[1.0] * 24, arrival_rps=0.1, arrival_scv=2.0)
    plain_s = arrival_times_s(rng(5), requests=flat_s.size, arrival_rps=0.1, arrival_scv=2.0)
    np.testing.assert_allclose(flat_s, plain_s, rtol=1e-9)


def test_nobody_comes_in_an_hour_without_load() -> None:
    times_s = hourly_times_s(rng(), shares_of_mean=[0.0, 2.0, 0.0, 2.0], arrival_rps=1.0)
    hours = np.unique((times_s // SECONDS_PER_HOUR).astype(int))
    assert hours.tolist() == [1, 3]


def test_a_tiny_rate_may_bring_nobody() -> None:
    assert hourly_times_s(rng(), shares_of_mean=[1.0], arrival_rps=1e-9).size == 0

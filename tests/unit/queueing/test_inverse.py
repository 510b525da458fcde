import numpy as np
import pytest

from advisor.queueing import (
    MAX_LOAD,
    Limit,
    Station,
    capacity,
    pool,
    replicas_needed,
    sample_sizes,
    sojourn_law,
    solve,
)

REPLICA = Station(np.arange(1.0, 5.0) / (1 + 0.6 * np.arange(1.0, 5.0)))
SIZES = sample_sizes(np.random.default_rng(5).exponential(size=4000))
SATURATION_RPS = REPLICA.saturation_rps


def keeps(limit: Limit, rate_rps: float, *, replicas: int = 1) -> bool:
    return limit.met_by(sojourn_law(solve(pool(REPLICA, replicas=replicas), arrival_rps=rate_rps), sizes=SIZES))


@pytest.mark.parametrize("limit", [Limit(statistic=None, limit_s=3.0), Limit(statistic=0.95, limit_s=9.0)])
def test_the_capacity_keeps_the_limit_and_a_little_more_breaks_it(limit: Limit) -> None:
    rate_rps = capacity(REPLICA, meets=lambda rate: keeps(limit, rate))
    assert keeps(limit, rate_rps)
    assert not keeps(limit, rate_rps * 1.00011)


def test_a_limit_below_the_unloaded_time_leaves_no_capacity() -> None:
    assert capacity(REPLICA, meets=lambda rate: keeps(Limit(statistic=None, limit_s=1.5), rate)) == 0.0


def test_a_limit_that_never_binds_leaves_the_largest_load() -> None:
    rate_rps = capacity(REPLICA, meets=lambda rate: keeps(Limit(statistic=None, limit_s=1e9), rate))
    assert rate_rps == pytest.approx(MAX_LOAD * SATURATION_RPS)


def test_a_capacity_is_found_in_at_most_thirty_trials() -> None:
    tried: list[float] = []

    def meets(rate: float) -> bool:
        tried.append(rate)
        return rate <= 0.01 * SATURATION_RPS

    assert capacity(REPLICA, meets=meets) == pytest.approx(0.01 * SATURATION_RPS, rel=1e-4)
    assert len(tried) <= 30


@pytest.mark.parametrize("max_load", [0.0, 1.0])
def test_the_largest_load_is_below_saturation(max_load: float) -> None:
    with pytest.raises(ValueError, match="max_load"):
        capacity(REPLICA, meets=lambda _: True, max_load=max_load)


@pytest.mark.parametrize("enough", [1, 2, 3, 7, 16, 99, 100])
def test_the_smallest_sufficient_fleet_is_found(enough: int) -> None:
    found = replicas_needed(arrival_rps=0.5, saturation_rps=1.0, meets=lambda k: k >= enough, most=100)
    assert found == enough


def test_no_fleet_up_to_the_most_is_no_answer() -> None:
    assert replicas_needed(arrival_rps=0.5, saturation_rps=1.0, meets=lambda k: k > 100, most=100) is None
    assert replicas_needed(arrival_rps=500.0, saturation_rps=1.0, meets=lambda _: True, most=100) is None


@pytest.mark.parametrize("fleet", [1, 2, 3, 5, 6, 7, 10, 30])
def test_only_stable_fleets_are_tried(fleet: int) -> None:
    limit = Limit(statistic=0.95, limit_s=20.0)
    arrival_rps = fleet * SATURATION_RPS
    found = replicas_needed(
        arrival_rps=arrival_rps,
        saturation_rps=SATURATION_RPS,
        meets=lambda k: keeps(limit, arrival_rps, replicas=k),
        most=100,
    )
    assert found is not None
    assert found > fleet
    assert keeps(limit, arrival_rps, replicas=found)


def test_rates_are_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        replicas_needed(arrival_rps=0.0, saturation_rps=1.0, meets=lambda _: True, most=3)


@pytest.mark.parametrize(("statistic", "limit_s"), [(0.0, 1.0), (1.0, 1.0), (95.0, 1.0), (None, 0.0), (0.5, -1.0)])
def test_a_limit_is_a_share_and_a_positive_time(statistic: float | None, limit_s: float) -> None:
    with pytest.raises(ValueError, match=r"percentile|limit_s"):
        Limit(statistic=statistic, limit_s=limit_s)

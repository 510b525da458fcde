import numpy as np
import pytest

from advisor.queueing import Station, pool

CURVE_RPS = np.array([1.0, 1.8, 2.4, 2.8])


@pytest.mark.parametrize("rates", [[], [[1.0]], [0.0], [-1.0], [1.0, float("nan")], [float("inf")]])
def test_a_station_needs_finite_positive_rates(rates: list[float]) -> None:
    with pytest.raises(ValueError, match="rates_rps"):
        Station(np.array(rates))


def test_a_station_keeps_its_own_copy_of_the_curve() -> None:
    curve = CURVE_RPS.copy()
    station = Station(curve)
    curve[0] = 99.0
    assert station.rates_rps[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        station.rates_rps[0] = 99.0


def test_saturation_is_the_rate_with_every_slot_busy() -> None:
    assert Station(CURVE_RPS).saturation_rps == 2.8
    assert Station(np.array([1.0, 3.0, 2.0])).saturation_rps == 2.0


def test_a_pool_of_one_is_the_station() -> None:
    np.testing.assert_array_equal(pool(Station(CURVE_RPS), replicas=1).rates_rps, CURVE_RPS)


def test_a_pool_serves_as_its_replicas_do_when_evenly_filled() -> None:
    pooled = pool(Station(CURVE_RPS), replicas=3)
    assert pooled.slots == 12
    np.testing.assert_allclose(pooled.rates_rps[2::3], 3 * CURVE_RPS, rtol=1e-15)


def test_fewer_requests_than_replicas_each_run_alone() -> None:
    np.testing.assert_allclose(pool(Station(CURVE_RPS), replicas=4).rates_rps[:4], [1.0, 2.0, 3.0, 4.0], rtol=1e-15)


def test_a_pool_needs_a_replica() -> None:
    with pytest.raises(ValueError, match="replicas"):
        pool(Station(CURVE_RPS), replicas=0)

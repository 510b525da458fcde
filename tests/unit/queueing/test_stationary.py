from math import factorial

import numpy as np
import pytest

from advisor.queueing import FloatArray, Station, Unstable, pool, solve


def autoregressive_station(slots: int = 64) -> Station:
    n = np.arange(1.0, slots + 1)
    return Station(n / (0.5 + 0.01 * n + 0.02 * np.sqrt(n)))


def diffusion_station() -> Station:
    n = np.arange(1.0, 5.0)
    return Station(n / (1.0 + 0.6 * n))


def erlang_c(*, servers: int, offered: float) -> float:
    last = offered**servers / factorial(servers) * servers / (servers - offered)
    return last / (sum(offered**n / factorial(n) for n in range(servers)) + last)


def extended_law(station: Station, *, arrival_rps: float, states: int) -> FloatArray:
    """Multiply the stationary law out, truncated far from its mass."""
    rates = np.concatenate((station.rates_rps, np.full(states - station.slots, station.rates_rps[-1])))
    weights = np.concatenate(([1.0], np.cumprod(arrival_rps / rates)))
    law: FloatArray = weights / weights.sum()
    return law


@pytest.mark.parametrize("slots", [1, 7, 64, 2000])
@pytest.mark.parametrize("load", [0.01, 0.5, 0.9, 0.99])
def test_a_constant_rate_gives_the_mm1_mean(slots: int, load: float) -> None:
    state = solve(Station(np.full(slots, 2.0)), arrival_rps=2.0 * load)
    assert state.mean_sojourn_s == pytest.approx(1 / (2.0 - 2.0 * load), rel=1e-6)


@pytest.mark.parametrize("servers", [1, 2, 8, 50, 100])
@pytest.mark.parametrize("load", [0.3, 0.8, 0.98])
def test_rates_proportional_to_requests_give_erlang_c(servers: int, load: float) -> None:
    state = solve(Station(np.arange(1.0, servers + 1)), arrival_rps=load * servers)
    waits = erlang_c(servers=servers, offered=load * servers)
    assert state.wait_probability == pytest.approx(waits, rel=1e-9)
    assert state.mean_sojourn_s == pytest.approx(1 + waits / (servers * (1 - load)), rel=1e-9)
    assert state.slowdown_variance_s2 == 0.0


@pytest.mark.parametrize("load", [0.1, 0.6, 0.95])
def test_a_batch_server_agrees_with_direct_summation(load: float) -> None:
    n = np.arange(1.0, 33.0)
    station = Station(n / (0.02 + 0.003 * n))
    arrival_rps = load * station.saturation_rps
    law = extended_law(station, arrival_rps=arrival_rps, states=3000)
    present = np.arange(law.size)
    state = solve(station, arrival_rps=arrival_rps)
    assert state.mean_in_system == pytest.approx(law @ present, rel=1e-9)
    assert state.mean_waiting == pytest.approx(law @ np.maximum(present - 32, 0), rel=1e-9)
    assert state.wait_probability == pytest.approx(law[32:].sum(), rel=1e-9)


@pytest.mark.parametrize("station", [autoregressive_station(), diffusion_station()])
@pytest.mark.parametrize("load", [0.3, 0.7, 0.95])
def test_the_closed_sum_for_the_spread_solves_the_poisson_equation(station: Station, load: float) -> None:
    arrival_rps, slots = load * station.saturation_rps, station.slots
    states = slots + int(35 / -np.log(load))  # the geometric tail falls to 1e-15
    law = extended_law(station, arrival_rps=arrival_rps, states=states)[:states]
    served = np.minimum(np.arange(1.0, states + 1), slots)
    slowdowns_s = served / station.rates_rps[served.astype(int) - 1]
    mean_s = law @ slowdowns_s
    excess_s = slowdowns_s - mean_s
    up = arrival_rps * slowdowns_s
    down = np.concatenate(([0.0], up[:-1] * law[:-1] / law[1:]))
    up[-1] = 0.0
    generator = np.diag(up[:-1], 1) + np.diag(down[1:], -1) - np.diag(up + down)
    potential = np.linalg.solve(generator - np.outer(np.ones(states), law), -excess_s)
    state = solve(station, arrival_rps=arrival_rps)
    variance_s2 = law @ excess_s**2
    assert state.slowdown_s == pytest.approx(mean_s, rel=1e-9)
    assert state.slowdown_variance_s2 == pytest.approx(variance_s2, rel=1e-8)
    assert state.relaxation_work == pytest.approx(law @ (excess_s * potential) / variance_s2, rel=1e-7)


def test_others_leave_at_the_rate_of_their_number_in_the_clock_of_own_progress() -> None:
    n = np.arange(1.0, 65.0)
    weights = np.cumprod(np.concatenate(([1.0], 30.0 / autoregressive_station().rates_rps)))
    rises = 30.0 * n / autoregressive_station().rates_rps
    np.testing.assert_allclose(weights[:-2] * rises[:-1], weights[1:-1] * n[:-1], rtol=1e-12)


@pytest.mark.parametrize("scv", [0.0, 1.0, 2.25])
def test_with_one_slot_the_wait_is_pollaczek_and_khinchine(scv: float) -> None:
    state = solve(Station(np.array([2.0])), arrival_rps=1.5, work_scv=scv)
    assert state.mean_wait_s == pytest.approx(0.75 / 0.5 * (1 + scv) / 2, rel=1e-12)


def test_without_a_slot_limit_the_work_law_does_not_matter() -> None:
    station = autoregressive_station(slots=512)
    means = [solve(station, arrival_rps=30.0, work_scv=scv).mean_sojourn_s for scv in (0.0, 1.0, 9.0)]
    assert means == pytest.approx([means[0]] * 3, rel=1e-12)


def test_littles_law_ties_the_mean_number_to_the_mean_time() -> None:
    for load in (0.05, 0.5, 0.85, 0.99):
        state = solve(diffusion_station(), arrival_rps=load * diffusion_station().saturation_rps)
        assert state.mean_in_system == pytest.approx(state.arrival_rps * state.mean_sojourn_s, rel=1e-12)


def test_an_almost_idle_station_serves_each_request_alone() -> None:
    state = solve(autoregressive_station(), arrival_rps=1e-9)
    assert state.mean_sojourn_s == pytest.approx(0.53, rel=1e-6)


def test_thousands_of_states_neither_overflow_nor_lose_digits() -> None:
    fleet = pool(autoregressive_station(slots=256), replicas=32)
    for load in (1e-6, 0.5, 0.9, 0.999):
        state = solve(fleet, arrival_rps=load * fleet.saturation_rps)
        assert np.isfinite([state.mean_sojourn_s, state.slowdown_variance_s2, state.relaxation_work]).all()
        assert state.mean_in_system == pytest.approx(state.arrival_rps * state.mean_sojourn_s, rel=1e-10)


def test_the_wait_of_those_who_wait_is_exact_without_extra_variation() -> None:
    state = solve(diffusion_station(), arrival_rps=0.9)
    assert state.wait_given_wait_s == pytest.approx(1 / (diffusion_station().saturation_rps - 0.9), rel=1e-12)


@pytest.mark.parametrize("load", [1.0, 1.5])
def test_a_load_at_or_beyond_saturation_is_unstable(load: float) -> None:
    with pytest.raises(Unstable, match="saturation"):
        solve(diffusion_station(), arrival_rps=load * diffusion_station().saturation_rps)


def test_a_curve_that_falls_is_unstable_at_its_last_rate() -> None:
    with pytest.raises(Unstable):
        solve(Station(np.array([1.0, 3.0, 2.0])), arrival_rps=2.5)


@pytest.mark.parametrize("arrival_rps", [0.0, -1.0, float("nan"), float("inf")])
def test_arrivals_must_be_positive_and_finite(arrival_rps: float) -> None:
    with pytest.raises(ValueError, match="arrival_rps"):
        solve(diffusion_station(), arrival_rps=arrival_rps)


def test_variation_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="work_scv"):
        solve(diffusion_station(), arrival_rps=0.5, work_scv=-0.1)

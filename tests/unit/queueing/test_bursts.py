"""The law of the number in the system under bursts, against closed forms and against the whole chain solved at once."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from scipy.optimize import brentq

from advisor.queueing import FloatArray, Station, bursts, solve
from advisor.queueing.bursts import levels_of
from advisor.queueing.gaps import gaps_of

STATIONS = {
    "autoregressive": Station(np.arange(1.0, 65.0) / (0.5 + 0.01 * np.arange(1.0, 65.0))),
    "diffusion": Station(np.array([2.75, 3.76, 4.34, 4.59])),
    "one slot": Station(np.array([3.0])),
}
stations = pytest.mark.parametrize("station", STATIONS.values(), ids=STATIONS)


def two_exponentials(scv: float) -> tuple[FloatArray, FloatArray]:
    """Weights and means of the mixture with three moments of a gamma law of mean 1, by Prony's method."""
    second, third = (1.0 + scv) / 2.0, (1.0 + scv) * (1.0 + 2.0 * scv) / 6.0  # moments over factorials
    total = (third - second) / (second - 1.0)
    means = np.asarray(np.roots([1.0, -total, total - second]).real, dtype=np.float64)
    share = (1.0 - means[1]) / (means[0] - means[1])
    return np.array([share, 1.0 - share]), means


def hyperexponential_transform(rate: float, *, scv: float) -> float:
    weights, means = two_exponentials(scv)
    return float((weights / (1.0 + rate * means)).sum())


def erlang_transform(rate: float, *, phases: int) -> float:
    return float((phases / (phases + rate)) ** phases)


@pytest.mark.parametrize("load", [0.2, 0.7, 0.95])
@pytest.mark.parametrize(
    ("scv", "transform"),
    [
        (1.5, partial(hyperexponential_transform, scv=1.5)),
        (4.0, partial(hyperexponential_transform, scv=4.0)),
        (25.0, partial(hyperexponential_transform, scv=25.0)),
        (0.5, partial(erlang_transform, phases=2)),
        (0.25, partial(erlang_transform, phases=4)),
        (0.1, partial(erlang_transform, phases=10)),
    ],
)
def test_one_slot_is_a_gi_m_1_queue(load: float, scv: float, transform: Callable[[float], float]) -> None:
    rate = 1.0 / load  # service per mean gap
    sigma = brentq(lambda s: transform(rate * (1.0 - s)) - s, 0.0, 1.0 - 1e-4, xtol=1e-14)
    state = solve(Station(np.array([2.0])), arrival_rps=2.0 * load, arrival_scv=scv)
    assert state.wait_probability == pytest.approx(sigma, rel=1e-6)
    assert state.mean_wait_s == pytest.approx(sigma / (2.0 * (1.0 - sigma)), rel=1e-6)
    assert state.mean_sojourn_s == pytest.approx(1.0 / (2.0 * (1.0 - sigma)), rel=1e-6)
    assert state.mean_in_system == pytest.approx(load / (1.0 - sigma), rel=1e-6)


@stations
@pytest.mark.parametrize("load", [0.05, 0.5, 0.9, 0.99])
def test_poisson_gaps_give_the_poisson_law(station: Station, load: float) -> None:
    arrival_rps = load * station.saturation_rps
    levels = levels_of(station, arrival_rps=arrival_rps, arrival_scv=1.0)
    state = solve(station, arrival_rps=arrival_rps)
    assert levels.mean_waiting == pytest.approx(state.mean_waiting, rel=1e-6, abs=1e-15)
    assert levels.found_full == pytest.approx(state.wait_probability, rel=1e-6, abs=1e-15)
    assert levels.ratio == pytest.approx(load, rel=1e-6) or levels.found_full < 1e-15
    np.testing.assert_allclose(levels.found, levels.present[:-1], rtol=1e-6, atol=1e-14)  # arrivals see time averages


def whole_chain(station: Station, *, arrival_rps: float, scv: float, states: int) -> FloatArray:
    """Probability of each number present and phase, from the whole generator; shape ``(states, phases)``."""
    gaps = gaps_of(scv)
    phases = gaps.starts.size
    up = arrival_rps * np.outer(gaps.ends, gaps.starts)
    generator = np.zeros((states, phases, states, phases))
    for n in range(states):
        generator[n, :, n, :] -= arrival_rps * gaps.leaves
        generator[n, :, min(n + 1, states - 1), :] += up  # the highest state drops arrivals
        if n:
            rate_rps = station.rates_rps[min(n, station.slots) - 1]
            generator[n, :, n - 1, :] += rate_rps * np.eye(phases)
            generator[n, :, n, :] -= rate_rps * np.eye(phases)
    balance = generator.reshape(states * phases, states * phases).T
    balance[-1] = 1.0  # one balance equation says what the others do; instead, all probabilities add up to 1
    law = np.linalg.solve(balance, np.eye(states * phases)[-1])
    return np.asarray(law.reshape(states, phases), dtype=np.float64)


@pytest.mark.parametrize("scv", [4.0, 0.25])
@pytest.mark.parametrize("load", [0.3, 0.7])
@pytest.mark.parametrize("slots", [1, 3, 6])
def test_elimination_agrees_with_the_whole_chain(scv: float, load: float, slots: int) -> None:
    station = Station(np.arange(1.0, slots + 1) / (1.0 + 0.3 * np.arange(1.0, slots + 1) ** 1.2))
    arrival_rps = load * station.saturation_rps
    law = whole_chain(station, arrival_rps=arrival_rps, scv=scv, states=150)
    found = law @ gaps_of(scv).ends  # arrivals per unit of time, in mean gaps, that find so many
    present = law.sum(axis=1)
    levels = levels_of(station, arrival_rps=arrival_rps, arrival_scv=scv)
    assert levels.first == 0
    np.testing.assert_allclose(levels.present, present[: slots + 1], rtol=1e-6)
    np.testing.assert_allclose(levels.found, found[:slots], rtol=1e-6)
    assert levels.found_full == pytest.approx(found[slots:].sum(), rel=1e-6)
    assert levels.mean_waiting == pytest.approx(present @ np.maximum(np.arange(150) - slots, 0), rel=1e-6)


@stations
@pytest.mark.parametrize("scv", [0.25, 1.5, 4.0, 100.0])
@pytest.mark.parametrize("load", [0.1, 0.6, 0.97])
def test_what_comes_also_leaves(station: Station, scv: float, load: float) -> None:
    arrival_rps = load * station.saturation_rps
    levels = levels_of(station, arrival_rps=arrival_rps, arrival_scv=scv)
    rates_rps = np.concatenate(([0.0], station.rates_rps))[levels.first : levels.first + levels.present.size]
    beyond = max(1.0 - levels.present.sum(), 0.0)
    assert rates_rps @ levels.present + station.saturation_rps * beyond == pytest.approx(arrival_rps, rel=1e-6)
    assert levels.found.sum() + levels.found_full == pytest.approx(1.0, rel=1e-9)


@stations
def test_bursts_make_everything_slower_and_even_gaps_faster(station: Station) -> None:
    arrival_rps = 0.8 * station.saturation_rps
    means_s = [
        solve(station, arrival_rps=arrival_rps, arrival_scv=scv).mean_sojourn_s
        for scv in (0.1, 0.5, 1.0, 2.0, 4.0, 30.0)
    ]
    assert means_s == sorted(means_s)


def test_a_poisson_stream_and_one_next_to_it_are_solved_alike() -> None:
    station = STATIONS["autoregressive"]
    plain = solve(station, arrival_rps=45.0, work_scv=2.0)
    close = solve(station, arrival_rps=45.0, work_scv=2.0, arrival_scv=1.0 + 1e-7)
    for name in ("mean_in_system", "wait_probability", "mean_wait_s", "slowdown_s", "slowdown_variance_s2"):
        assert getattr(close, name) == pytest.approx(getattr(plain, name), rel=1e-5), name
    assert close.relaxation_work == plain.relaxation_work


def test_the_wait_grows_with_the_variation_of_the_work_in_the_two_moment_form() -> None:
    station = STATIONS["diffusion"]
    waits_s = [solve(station, arrival_rps=3.0, arrival_scv=4.0, work_scv=scv).mean_wait_s for scv in (0.0, 1.0, 2.5)]
    assert waits_s == pytest.approx([waits_s[1] * factor for factor in (4.0 / 5.0, 1.0, 6.5 / 5.0)], rel=1e-12)


def test_thousands_of_slots_neither_overflow_nor_lose_digits() -> None:
    n = np.arange(1.0, 4097.0)
    station = Station(n / (0.5 + 0.01 * n))
    for load in (1e-4, 0.5, 0.95, 0.999):
        arrival_rps = load * station.saturation_rps
        state = solve(station, arrival_rps=arrival_rps, arrival_scv=4.0)
        assert np.isfinite([state.mean_sojourn_s, state.slowdown_variance_s2, state.relaxation_work]).all()
        assert state.mean_in_system == pytest.approx(arrival_rps * state.mean_sojourn_s, rel=1e-9)


def test_variation_of_arrivals_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="variation"):
        solve(STATIONS["diffusion"], arrival_rps=1.0, arrival_scv=-0.1)


@stations
@pytest.mark.parametrize("scv", [1.0 + 1e-9, 1.5, 4.0, 150.0])
def test_plain_numbers_say_of_two_phases_what_matrices_say(
    station: Station, scv: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrival_rps = 0.8 * station.saturation_rps
    quick = levels_of(station, arrival_rps=arrival_rps, arrival_scv=scv)
    monkeypatch.setattr(bursts, "_below_two", bursts._below)
    slow = levels_of(station, arrival_rps=arrival_rps, arrival_scv=scv)
    assert quick.first == slow.first
    np.testing.assert_allclose(quick.present, slow.present, rtol=1e-9, atol=1e-15)
    assert quick.mean_waiting == pytest.approx(slow.mean_waiting, rel=1e-9)

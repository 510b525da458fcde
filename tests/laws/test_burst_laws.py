"""What must hold for every plausible curve, load and burstiness of arrivals."""

from math import factorial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.domain.routing import Routing
from advisor.queueing import Station, Traffic, fleet_state, pool, sample_sizes, sojourn_law, solve
from advisor.queueing.bursts import levels_of
from advisor.queueing.gaps import MOST_PHASES, Gaps, gaps_of
from tests.laws.test_queueing_laws import loads, stations

SIZES = sample_sizes(np.random.default_rng(7).lognormal(0.0, 0.8, size=2000))

bursty_scvs = st.floats(1.0, 200.0, exclude_min=True)
even_scvs = st.floats(1.0 / MOST_PHASES, 1.0)
arrival_scvs = st.one_of(bursty_scvs, even_scvs)
works_scvs = st.floats(0.0, 4.0)
some = settings(max_examples=60)


def moment(gaps: Gaps, order: int) -> float:
    inverse = np.linalg.matrix_power(np.linalg.inv(gaps.leaves), order)
    return float(factorial(order) * gaps.starts @ inverse @ np.ones(gaps.starts.size))


@given(scv=bursty_scvs)
def test_bursty_gaps_have_three_moments_of_the_gamma_law(scv: float) -> None:
    moments = [moment(gaps_of(scv), order) for order in (1, 2, 3)]
    np.testing.assert_allclose(moments, [1.0, 1.0 + scv, (1.0 + scv) * (1.0 + 2.0 * scv)], rtol=1e-6)


@given(scv=even_scvs)
def test_even_gaps_have_two_moments_of_the_gamma_law(scv: float) -> None:
    np.testing.assert_allclose([moment(gaps_of(scv), order) for order in (1, 2)], [1.0, 1.0 + scv], rtol=1e-6)


@given(scv=arrival_scvs)
def test_gaps_start_in_some_phase_and_leave_each_at_some_rate(scv: float) -> None:
    gaps = gaps_of(scv)
    assert gaps.starts.min() >= 0.0
    assert gaps.ends.min() >= 0.0
    assert np.diag(gaps.leaves).min() > 0.0
    np.testing.assert_allclose(gaps.starts.sum(), 1.0, rtol=1e-9)


@some
@given(station=stations(), load=loads, scv=arrival_scvs)
def test_littles_law_holds_under_bursts(station: Station, load: float, scv: float) -> None:
    state = solve(station, arrival_rps=load * station.saturation_rps, arrival_scv=scv)
    assert np.isclose(state.mean_in_system, state.arrival_rps * state.mean_sojourn_s, rtol=1e-9)


@some
@given(station=stations(), load=loads, scv=arrival_scvs)
def test_what_comes_also_leaves(station: Station, load: float, scv: float) -> None:
    arrival_rps = load * station.saturation_rps
    levels = levels_of(station, arrival_rps=arrival_rps, arrival_scv=scv)
    rates_rps = np.concatenate(([0.0], station.rates_rps))[levels.first : levels.first + levels.present.size]
    beyond = max(1.0 - float(levels.present.sum()), 0.0)
    assert np.isclose(rates_rps @ levels.present + station.saturation_rps * beyond, arrival_rps, rtol=1e-6)
    assert np.isclose(levels.found.sum() + levels.found_full, 1.0, rtol=1e-9)
    assert min(levels.found.min(initial=0.0), levels.present.min()) >= 0.0


@some
@given(station=stations(), load=loads, scv=arrival_scvs, more=st.floats(1.0, 10.0), work_scv=works_scvs)
def test_burstier_arrivals_never_take_less_time(
    station: Station, load: float, scv: float, more: float, work_scv: float
) -> None:
    calm, bursty = (
        solve(station, arrival_rps=load * station.saturation_rps, work_scv=work_scv, arrival_scv=c).mean_sojourn_s
        for c in (scv, scv * more)
    )
    assert bursty >= calm * (1 - 1e-9)


@some
@given(station=stations(), load=loads, more=st.floats(1.0, 3.0), scv=arrival_scvs)
def test_more_load_is_never_faster_under_bursts(station: Station, load: float, more: float, scv: float) -> None:
    light, heavy = (
        sojourn_law(solve(station, arrival_rps=share * station.saturation_rps, arrival_scv=scv), sizes=SIZES)
        for share in (load, min(load * more, 0.98))
    )
    assert heavy.mean() >= light.mean() * (1 - 1e-9)
    assert heavy.quantile(0.95) >= light.quantile(0.95) * (1 - 0.002)


@some
@given(station=stations(), load=loads, replicas=st.integers(1, 6), scv=arrival_scvs)
def test_no_rule_beats_asking_everybody_and_none_is_worse_than_chance(
    station: Station, load: float, replicas: int, scv: float
) -> None:
    traffic = Traffic(arrival_rps=load * replicas * station.saturation_rps, arrival_scv=scv)
    means_s = {
        routing: fleet_state(
            lambda k: pool(station, replicas=k), traffic, replicas=replicas, routing=routing
        ).state.mean_sojourn_s
        for routing in Routing
    }
    assert min(means_s.values()) >= means_s[Routing.LEAST_OUTSTANDING] * (1 - 1e-9)
    assert max(means_s.values()) <= means_s[Routing.RANDOM] * (1 + 1e-9)

"""What must hold for every plausible curve, load and workload."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.queueing import (
    Law,
    Limit,
    Station,
    capacity,
    pool,
    replicas_needed,
    sample_sizes,
    size_bins,
    sojourn_law,
    solve,
)

# p95 mixes gamma laws matched by two moments; it may dip by this much where the mean hardly moves
P95_SLACK = 0.002


@st.composite
def stations(draw: st.DrawFn) -> Station:
    """Curves X(n) = n / (a + b n + d sqrt n): rising in total, never faster per request."""
    n = np.arange(1.0, draw(st.integers(1, 80)) + 1)
    fixed_s, each_s, root_s = (draw(st.floats(1e-3, 1.0)) for _ in range(3))
    return Station(n / (fixed_s + each_s * n + root_s * np.sqrt(n)))


loads = st.floats(0.01, 0.97)
scvs = st.floats(0.0, 4.0)
works = st.lists(st.floats(0.01, 100.0), min_size=1, max_size=300)
SIZES = sample_sizes(np.random.default_rng(7).lognormal(0.0, 0.8, size=2000))


def law_at(station: Station, rate_rps: float, *, scv: float = 1.0) -> Law:
    return sojourn_law(solve(station, arrival_rps=rate_rps, work_scv=scv), sizes=SIZES)


@given(station=stations(), load=loads, more=st.floats(1.0, 3.0), scv=scvs)
def test_more_load_is_never_faster(station: Station, load: float, more: float, scv: float) -> None:
    light = law_at(station, load * station.saturation_rps, scv=scv)
    heavy = law_at(station, min(load * more, 0.98) * station.saturation_rps, scv=scv)
    assert heavy.mean() >= light.mean() * (1 - 1e-9)
    assert heavy.quantile(0.95) >= light.quantile(0.95) * (1 - P95_SLACK)


@given(station=stations(), load=loads, replicas=st.integers(1, 6), more=st.integers(1, 6))
def test_more_replicas_are_never_slower(station: Station, load: float, replicas: int, more: int) -> None:
    rate_rps = load * replicas * station.saturation_rps
    few = law_at(pool(station, replicas=replicas), rate_rps)
    many = law_at(pool(station, replicas=replicas + more), rate_rps)
    assert many.mean() <= few.mean() * (1 + 1e-9)
    assert many.quantile(0.95) <= few.quantile(0.95) * (1 + P95_SLACK)


@settings(max_examples=40)
@given(station=stations(), slack=st.floats(1.01, 20.0), looser=st.floats(1.0, 5.0))
def test_a_looser_limit_never_lowers_the_capacity(station: Station, slack: float, looser: float) -> None:
    unloaded_s = law_at(station, 1e-6 * station.saturation_rps).quantile(0.95)
    tight = Limit(statistic=0.95, limit_s=slack * unloaded_s)
    loose = Limit(statistic=0.95, limit_s=slack * unloaded_s * looser)
    kept_rps = capacity(station, meets=lambda rate: tight.met_by(law_at(station, rate)))
    assert capacity(station, meets=lambda rate: loose.met_by(law_at(station, rate))) >= kept_rps * (1 - 1e-3)


@settings(max_examples=40)
@given(station=stations(), slack=st.floats(1.01, 20.0), statistic=st.sampled_from([None, 0.5, 0.95, 0.99]))
def test_latency_at_the_capacity_keeps_the_limit(station: Station, slack: float, statistic: float | None) -> None:
    unloaded = law_at(station, 1e-6 * station.saturation_rps)
    limit_s = slack * (unloaded.mean() if statistic is None else unloaded.quantile(statistic))
    limit = Limit(statistic=statistic, limit_s=limit_s)
    rate_rps = capacity(station, meets=lambda rate: limit.met_by(law_at(station, rate)))
    assert 0.0 < rate_rps <= 0.99 * station.saturation_rps
    law = law_at(station, rate_rps)
    assert (law.mean() if statistic is None else law.quantile(statistic)) <= limit_s * (1 + 2e-6)


@given(station=stations(), load=loads)
def test_littles_law_holds_for_every_curve(station: Station, load: float) -> None:
    state = solve(station, arrival_rps=load * station.saturation_rps)
    assert np.isclose(state.mean_in_system, state.arrival_rps * state.mean_sojourn_s, rtol=1e-10)


@given(station=stations(), load=loads, scv=scvs, p=st.floats(0.01, 0.999))
def test_a_quantile_is_where_the_distribution_reaches_it(station: Station, load: float, scv: float, p: float) -> None:
    law = law_at(station, load * station.saturation_rps, scv=scv)
    quantile_s = law.quantile(p)
    assert law.cdf(quantile_s * (1 + 2e-6)) >= p - 1e-7
    assert law.cdf(quantile_s * (1 - 2e-6)) <= p + 1e-7


@given(station=stations(), load=loads, replicas=st.integers(1, 5), scale=st.floats(0.01, 100.0))
def test_faster_clocks_scale_every_time(station: Station, load: float, replicas: int, scale: float) -> None:
    fleet, scaled = pool(station, replicas=replicas), pool(Station(station.rates_rps * scale), replicas=replicas)
    rate_rps = load * fleet.saturation_rps
    assert np.isclose(law_at(scaled, rate_rps * scale).quantile(0.95) * scale, law_at(fleet, rate_rps).quantile(0.95))


@given(work=works, points=st.integers(1, 150))
def test_bins_keep_the_mean_and_the_order(work: list[float], points: int) -> None:
    averages = size_bins(work, points=points).average(work)
    assert np.isclose(averages.mean(), np.mean(work), rtol=1e-12)
    assert np.diff(averages).min(initial=0.0) >= -1e-9
    assert averages.size == min(points, len(work))


@given(enough=st.integers(1, 300), load=st.floats(0.01, 250.0))
def test_the_galloping_search_equals_counting_up(enough: int, load: float) -> None:
    counted = next((k for k in range(int(load) + 1, 201) if k >= enough), None)
    assert replicas_needed(arrival_rps=load, saturation_rps=1.0, meets=lambda k: k >= enough, most=200) == counted

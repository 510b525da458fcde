"""How bursty arrivals are, of drawn ones whose answer is known and of the shipped traces."""

import numpy as np
import pytest

from advisor import catalog
from advisor.queueing import CountDispersion, FloatArray
from advisor.queueing.simulate import arrival_times_s, stretched_s

TRACES = catalog.profiles_root() / "traces"
WINDOWS = (0.5, 2.0, 10.0, 50.0, 200.0, 1000.0)


def drawn(scv: float, *, requests: int = 200_000) -> CountDispersion:
    return CountDispersion.of(
        arrival_times_s(np.random.default_rng(1), requests=requests, arrival_rps=3.0, arrival_scv=scv)
    )


def trace_s(name: str) -> FloatArray:
    return np.array(catalog.read_trace(TRACES / f"azure-{name}-2023.csv").arrival_s)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_poisson_process_has_1_over_every_window(window: float) -> None:
    assert drawn(1.0).over(window) == pytest.approx(1.0, rel=0.12)


@pytest.mark.parametrize("scv", [0.25, 4.0])
def test_over_long_windows_counts_vary_as_the_gaps_do(scv: float) -> None:
    dispersion = drawn(scv)
    assert dispersion.over(200.0) == pytest.approx(scv, rel=0.1)
    assert dispersion.over(1000.0) == pytest.approx(scv, rel=0.15)


def test_over_short_windows_bursts_do_not_show_yet() -> None:
    dispersion = drawn(4.0)
    ratios = [dispersion.over(window) for window in WINDOWS[:4]]
    assert ratios == sorted(ratios)
    assert ratios[0] < 0.7 * 4.0


def test_evenly_spaced_arrivals_hardly_vary() -> None:
    assert 0.0 < drawn(0.0, requests=1000).over(40.0) < 0.01


def test_the_pace_of_a_trace_does_not_matter() -> None:
    times_s = trace_s("conversation")
    slow, fast = (CountDispersion.of(stretched_s(times_s, arrival_rps=rate)) for rate in (0.1, 50.0))
    assert [slow.over(w) for w in WINDOWS] == pytest.approx([fast.over(w) for w in WINDOWS], rel=1e-9)


def test_windows_beyond_the_measured_ones_are_answered_with_the_nearest() -> None:
    dispersion = drawn(4.0, requests=1000)
    assert dispersion.over(1e9) == dispersion.over(1000.0 / 12.0)
    assert dispersion.over(1e-12) == dispersion.over(0.5)
    assert dispersion.over(0.0) == dispersion.over(0.5)


@pytest.mark.parametrize("window", [30.0, 100.0, 300.0])
def test_the_code_trace_comes_in_bursts_that_no_formula_follows(window: float) -> None:
    assert CountDispersion.of(trace_s("code")).over(window) > 10.0


@pytest.mark.parametrize("window", [1.0, 10.0, 30.0, 100.0, 300.0])
def test_the_conversation_trace_is_a_little_burstier_than_chance(window: float) -> None:
    assert 1.0 < CountDispersion.of(trace_s("conversation")).over(window) < 8.0


@pytest.mark.parametrize("times_s", [[], [1.0], [1.0, 2.0], [3.0, 3.0, 3.0]])
def test_a_few_arrivals_say_nothing(times_s: list[float]) -> None:
    with pytest.raises(ValueError, match="three arrivals"):
        CountDispersion.of(np.array(times_s))

"""What several runs say together."""

from __future__ import annotations

from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.evidence.sweeps import disagreement, not_saturated, pooled_log_sd, variation

values = st.lists(st.floats(1.0, 1000.0), min_size=1, max_size=8)


@pytest.mark.parametrize(("last", "saturated"), [(104.9, True), (105.1, False), (90.0, True)])
def test_a_server_is_saturated_where_the_last_two_levels_differ_by_less_than_five_percent(
    last: float, saturated: bool
) -> None:
    assert (not not_saturated({1: 10.0, 32: 100.0, 64: last})) is saturated


def test_what_still_grows_is_told_with_its_figures() -> None:
    told = "throughput still grew by 50% from 8 to 64 in flight: what more would give was not measured"
    assert not_saturated({64: 15.0, 8: 10.0, 1: 1.0}) == told


def test_one_level_shows_no_end() -> None:
    assert "one level alone (8 in flight)" in not_saturated({8: 10.0})
    assert not not_saturated({})


@pytest.mark.parametrize(("off", "agree"), [(0.055, True), (0.057, False)])
def test_repeats_disagree_beyond_what_nine_in_ten_stay_below(off: float, agree: bool) -> None:
    repeats = [1.0 - off, 1.0, 1.0 + off]
    assert variation(repeats) == pytest.approx(off)
    assert (not disagreement(repeats)) is agree


def test_one_run_agrees_with_itself() -> None:
    assert not disagreement([5.0])


def test_three_repeats_leave_less_spread_than_one_and_ten_no_less_than_three() -> None:
    assert pooled_log_sd([100.0]) == 0.05
    assert pooled_log_sd([100.0] * 2) == pytest.approx(0.05 / 2**0.5)
    assert pooled_log_sd([100.0] * 3) == pooled_log_sd([100.0] * 10) == 0.03


@given(seen=values)
def test_repeats_that_differ_are_never_surer_than_their_own_spread_says(seen: list[float]) -> None:
    own = stdev(seen) / fmean(seen) / len(seen) ** 0.5 if len(seen) > 1 else 0.0
    assert pooled_log_sd(seen) >= max(own, 0.03)


def test_a_run_is_no_surer_than_its_own_interval_says() -> None:
    assert pooled_log_sd([100.0], half_width_shares=[0.02]) == 0.05
    assert pooled_log_sd([100.0], half_width_shares=[0.2262]) == pytest.approx(0.1)
    assert pooled_log_sd([100.0] * 4, half_width_shares=[0.4524] * 4) == pytest.approx(0.1)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6))
def test_wider_intervals_never_make_surer(shares: list[float]) -> None:
    rates = [100.0] * len(shares)
    wider = [2.0 * share for share in shares]
    narrow, wide = (pooled_log_sd(rates, half_width_shares=given) for given in (shares, wider))
    assert pooled_log_sd(rates) <= narrow <= wide

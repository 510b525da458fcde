"""Laws of pass rates, of costs with mistakes, and of cascades, on any counts and prices."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.planning.quality import (
    SURE_SHARE,
    Escalation,
    beta_below,
    cheaper_by_total,
    flips_at_usd,
    more_all_passing,
    more_at_this_rate,
    per_success,
    reaches,
    wilson,
    with_mistakes,
)
from advisor.planning.ranking import TIE_SHARE

USD = st.integers(1, 10**9).map(lambda n: Decimal(n) / 10**9)
SHARE = st.integers(1, 1000).map(lambda n: n / 1000)
FLOOR = st.integers(1, 99).map(lambda n: n / 100)
COUNTS = st.integers(1, 500).flatmap(lambda graded: st.tuples(st.integers(0, graded), st.just(graded)))
MISTAKE = st.integers(0, 10**6).map(lambda n: Decimal(n) / 1000)


def totals(costs: dict[str, tuple[Decimal, float]], mistake_usd: Decimal) -> dict[str, Decimal]:
    return {name: with_mistakes(usd, share, mistake_usd) for name, (usd, share) in costs.items()}


@given(counts=COUNTS)
def test_the_interval_holds_the_rate_and_stays_within_nought_and_one(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1


@given(counts=COUNTS, times=st.integers(2, 20))
def test_more_graded_answers_narrow_the_interval(counts: tuple[int, int], times: int) -> None:
    passed, graded = counts
    low, high = wilson(passed, graded)
    tighter_low, tighter_high = wilson(passed * times, graded * times)
    assert low <= tighter_low <= tighter_high <= high
    assert tighter_high - tighter_low < high - low


@given(counts=COUNTS, floor=FLOOR)
def test_one_more_that_passes_makes_a_floor_surer_and_one_that_fails_less_sure(
    counts: tuple[int, int], floor: float
) -> None:
    passed, graded = counts
    sure = reaches(passed, graded, floor)
    assert reaches(passed + 1, graded + 1, floor) >= sure - 1e-12
    assert reaches(passed, graded + 1, floor) <= sure + 1e-12
    assert 0 <= sure <= 1


@given(counts=COUNTS, floor=FLOOR)
def test_so_many_more_answers_settle_it_and_no_fewer_do(counts: tuple[int, int], floor: float) -> None:
    passed, graded = counts
    more = more_all_passing(passed, graded, floor)
    assert more is not None
    assert reaches(passed + more, graded + more, floor) >= SURE_SHARE
    assert more == 1 or reaches(passed + more - 1, graded + more - 1, floor) < SURE_SHARE
    alike = more_at_this_rate(passed, graded, floor)
    assert alike is None or alike >= more or reaches(passed, graded, floor) >= SURE_SHARE
    assert alike is not None or passed / graded <= floor + 0.01


@given(x=SHARE, a=st.floats(0.5, 50), b=st.floats(0.5, 50))
def test_a_beta_law_and_its_mirror_image_share_everything(x: float, a: float, b: float) -> None:
    assert beta_below(x, a, b) + beta_below(1 - x, b, a) == pytest.approx(1, abs=1e-9)


@given(x=SHARE, n=st.integers(1, 60))
def test_a_beta_law_of_one_shape_is_a_power(x: float, n: int) -> None:
    assert beta_below(x, n, 1) == pytest.approx(x**n, abs=1e-9)


@given(usd=USD, share=SHARE, other_usd=USD, other_share=SHARE)
def test_without_a_price_of_mistakes_the_plain_decision_stands(
    usd: Decimal, share: float, other_usd: Decimal, other_share: float
) -> None:
    assume(usd <= other_usd * (1 + Decimal(repr(TIE_SHARE))))
    costs = {"plain": (usd, share), "other": (other_usd, other_share)}
    assert cheaper_by_total("plain", totals(costs, Decimal(0))) == "plain"


@given(usd=USD, share=SHARE, other_usd=USD, other_share=SHARE, mistake=MISTAKE, more=MISTAKE)
def test_a_higher_price_of_mistakes_never_favors_the_model_that_passes_less_often(
    usd: Decimal, share: float, other_usd: Decimal, other_share: float, mistake: Decimal, more: Decimal
) -> None:
    assume(usd <= other_usd * (1 + Decimal(repr(TIE_SHARE))))
    costs = {"plain": (usd, share), "other": (other_usd, other_share)}
    before = cheaper_by_total("plain", totals(costs, mistake))
    after = cheaper_by_total("plain", totals(costs, mistake + more))
    assert costs[after][1] >= costs[before][1]


@given(usd=USD, share=SHARE, other_usd=USD, other_share=SHARE)
def test_at_the_price_where_it_turns_both_models_cost_the_same(
    usd: Decimal, share: float, other_usd: Decimal, other_share: float
) -> None:
    at = flips_at_usd(usd, share, other_usd, other_share)
    assert (at is None) == (other_share <= share)
    if at:
        ours, others = with_mistakes(usd, share, at), with_mistakes(other_usd, other_share, at)
        assert abs(ours - others) <= ours * Decimal("1e-20")
        assert with_mistakes(usd, share, at * 2) > with_mistakes(other_usd, other_share, at * 2)
    elif at is not None:
        assert other_usd <= usd


@given(usd=USD, share=SHARE, less=SHARE)
def test_a_success_costs_a_request_at_least_and_more_where_fewer_pass(usd: Decimal, share: float, less: float) -> None:
    cost, rarer = per_success(usd, share), per_success(usd, share * less)
    assert cost is not None
    assert rarer is not None
    assert usd <= cost <= rarer
    assert per_success(usd, 0.0) is None


@given(first=SHARE, second=SHARE)
def test_a_perfect_check_lets_through_what_passes_and_the_cascade_passes_most(first: float, second: float) -> None:
    perfect = Escalation(first, second, 1.0)
    assert perfect.accepted_share == pytest.approx(first)
    assert perfect.pass_share == pytest.approx(first + (1 - first) * second)
    assert perfect.pass_share >= max(first, second) - 1e-12


@given(first=SHARE, second=SHARE, right=SHARE)
def test_shares_of_a_cascade_are_shares(first: float, second: float, right: float) -> None:
    found = Escalation(first, second, right)
    assert 0 <= found.accepted_share <= 1
    assert found.accepted_share + found.rejected_share == pytest.approx(1)
    assert found.pass_share <= 1 + 1e-12


@given(first=SHARE, second=SHARE, right=SHARE, first_usd=USD, second_usd=USD, check_usd=USD)
def test_the_ratio_below_which_a_cascade_pays_is_where_its_costs_meet(
    first: float, second: float, right: float, first_usd: Decimal, second_usd: Decimal, check_usd: Decimal
) -> None:
    found = Escalation(first, second, right)
    whole = float(first_usd + check_usd) + found.rejected_share * float(second_usd)
    gap = float(first_usd / second_usd) - found.pays_below(check_usd, second_usd)
    assume(abs(gap) > 1e-9)
    assert (gap < 0) == (whole < float(second_usd))

"""Order among plans: price first, then what breaks a tie."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from advisor.planning.ranking import TIE_SHARE, ranked, ties


@dataclass(frozen=True)
class Plan:
    usd: float
    e2e_p95_s: float = 1.0
    headroom: float = 0.1
    gpus: int = 1


plans_strategy = st.lists(
    st.builds(Plan, st.floats(1, 1.1), st.floats(0.5, 2), st.sampled_from([0.0, 0.2]), st.integers(1, 3)),
    max_size=12,
)


def test_nothing_is_ranked_as_nothing() -> None:
    assert ranked([]) == []


def test_the_cheaper_plan_comes_first_however_slow() -> None:
    slow, fast = Plan(10.0, 9.0), Plan(10.3, 1.0)
    assert ranked([fast, slow]) == [slow, fast]


def test_prices_within_two_percent_are_equal_and_the_faster_plan_wins() -> None:
    slow, fast = Plan(10.0, 9.0), Plan(10.2, 1.0)
    assert ranked([slow, fast]) == [fast, slow]


def test_equally_fast_plans_are_ordered_by_headroom_and_then_by_gpus() -> None:
    tight, roomy, large = Plan(10.0, 1.0, 0.1, 1), Plan(10.1, 1.0, 0.3, 2), Plan(10.0, 1.0, 0.3, 4)
    assert ranked([tight, large, roomy]) == [roomy, large, tight]


def test_ties_are_with_the_cheapest_and_do_not_chain() -> None:
    first, second, third = Plan(10.0, 3.0), Plan(10.15, 2.0), Plan(10.3, 1.0)
    assert ties([first, second, third]) == [first, second]
    assert ranked([third, second, first]) == [second, first, third]


@given(plans=plans_strategy)
def test_the_first_plan_costs_as_little_as_any_within_a_tie(plans: list[Plan]) -> None:
    order = ranked(plans)
    assert sorted(order, key=repr) == sorted(plans, key=repr)
    if plans:
        least = min(plan.usd for plan in plans)
        tied = [plan for plan in plans if plan.usd <= least * (1 + TIE_SHARE)]
        assert order[0] in tied
        assert order[0].e2e_p95_s == min(plan.e2e_p95_s for plan in tied)
        assert set(order[: len(tied)]) == set(tied)


@given(plans=plans_strategy)
def test_behind_the_ties_prices_rise(plans: list[Plan]) -> None:
    order = ranked(plans)
    behind = [plan.usd for plan in order if plan.usd > min(p.usd for p in plans) * (1 + TIE_SHARE)]
    assert behind == sorted(behind)

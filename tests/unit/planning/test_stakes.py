"""How often a choice is right, and what it costs to be wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray  # noqa: TC002 - hypothesis reads annotations

from advisor.planning.stakes import Stakes

INFINITE = float("inf")


def stakes(*costs: list[float], planned: tuple[float, ...] | None = None) -> Stakes:
    return Stakes(np.array(costs), np.array(planned or tuple(row[0] for row in costs)))


def test_a_choice_is_right_where_nothing_is_more_than_two_percent_cheaper() -> None:
    found = stakes([10.0, 10.0, 10.0, 10.0], [9.9, 9.0, 11.0, 20.0])
    assert found.best_share([0]) == 0.75


def test_a_model_is_right_where_any_of_its_plans_is() -> None:
    found = stakes([10.0, 30.0], [30.0, 10.0], [20.0, 20.0])
    assert found.best_share([0]) == 0.5
    assert found.best_share([0, 1], among=[2]) == 1.0


def test_regret_is_what_the_choice_costs_over_the_best_on_average() -> None:
    assert stakes([10.0, 10.0], [8.0, 14.0]).regret(0) == pytest.approx(1.0)
    assert stakes([10.0, 10.0], [8.0, 14.0]).regret(1) == pytest.approx(2.0)


def test_a_plan_that_turns_out_not_to_do_has_cost_its_price_for_nothing() -> None:
    assert stakes([INFINITE, 6.0], [10.0, 10.0], planned=(6.0, 10.0)).regret(0) == pytest.approx((6.0 + 0.0) / 2)


def test_draws_in_which_nothing_does_tell_nothing() -> None:
    assert stakes([INFINITE, 10.0], [INFINITE, 8.0], planned=(9.0, 9.0)).regret(0) == pytest.approx(2.0)
    assert stakes([INFINITE], [INFINITE], planned=(9.0, 9.0)).regret(0) == 0.0


def test_a_draw_in_which_nothing_does_is_won_by_nobody() -> None:
    found = stakes([INFINITE, 10.0], [INFINITE, 12.0], planned=(10.0, 12.0))
    assert found.best_share([0]) == 0.5
    assert found.nothing_share == 0.5


def test_the_rival_is_who_is_cheapest_most_often_where_the_choice_is_not() -> None:
    found = stakes([10.0] * 5, [5.0, 20.0, 20.0, 20.0, 9.9], [20.0, 5.0, 5.0, 20.0, 20.0])
    assert found.rival_of(0) == (2, 0.4)
    assert stakes([10.0], [10.1]).rival_of(0) is None


@given(costs=arrays.arrays(np.float64, (4, 30), elements=st.floats(1.0, 1e6)))
def test_no_choice_has_less_than_no_regret_and_the_best_one_has_least(costs: NDArray[np.float64]) -> None:
    found = Stakes(costs, costs[:, 0])
    regrets = [found.regret(option) for option in range(4)]
    assert min(regrets) >= 0.0
    assert int(np.argmin(costs.mean(axis=1))) in np.flatnonzero(np.isclose(regrets, min(regrets)))
    assert found.best_share(range(4)) == 1.0

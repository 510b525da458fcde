"""Which deployment comes next."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.planning.next_choice import Lookahead
from advisor.planning.stakes import Stakes

DRAWS = 2000
NOISE = 0.05


def ahead(*, log_sds: tuple[float, ...] = (0.1, 0.3, 0.3), usd: tuple[float, ...] = (6.0, 7.0, 20.0)) -> Lookahead:
    """Return plans whose speeds have nothing to do with each other, and whose price is that over their speed."""
    rng = np.random.default_rng(2)
    speeds = np.array(log_sds)[:, None] * rng.standard_normal((len(log_sds), DRAWS))
    return Lookahead(Stakes(np.array(usd)[:, None] / np.exp(speeds), np.array(usd)), speeds, NOISE)


def test_the_rival_that_beats_the_choice_most_often_comes_first() -> None:
    assert ahead().likeliest_rival(0) == 1
    assert ahead().next_option(0, [0, 1, 2]) == 1


def test_a_choice_that_is_known_less_than_its_rival_comes_before_it() -> None:
    assert ahead(log_sds=(0.4, 0.2, 0.2)).next_option(0, [0, 1, 2]) == 0


def test_a_choice_that_is_known_about_as_well_as_its_rival_comes_after_it() -> None:
    found = ahead(log_sds=(0.305, 0.3, 0.3))
    assert found.log_sd(0) == pytest.approx(found.log_sd(1), rel=0.05)
    assert found.next_option(0, [0, 1, 2]) == 1


def test_what_is_measured_already_steps_aside() -> None:
    assert ahead().next_option(0, [0, 2]) == 0
    assert ahead().next_option(0, [2]) is None


def test_a_choice_that_nothing_ever_beats_has_no_rival() -> None:
    certain = Lookahead(Stakes(np.array([[5.0, 5.0], [9.0, 9.0]]), np.array([5.0, 9.0])), np.zeros((2, 2)), NOISE)
    assert certain.likeliest_rival(0) is None
    assert certain.next_option(0, [0, 1]) is None
    assert certain.regret_now() == 0.0


def test_prospects_come_by_what_is_left_to_regret() -> None:
    found = ahead().prospects([0, 1, 2])
    assert found[0].option == 1
    after = [prospect.regret_after for prospect in found]
    assert after == sorted(after)
    assert max(after) <= ahead().regret_now() + 1e-9


def test_the_steadiest_plan_is_the_one_with_the_least_regret() -> None:
    shaky = ahead(log_sds=(0.9, 0.01, 0.01), usd=(6.0, 6.1, 20.0))
    assert shaky.steadiest() == 1


def test_the_spread_of_a_speed_is_half_of_what_holds_two_thirds_of_draws() -> None:
    assert ahead().log_sd(1) == pytest.approx(0.3, rel=0.06)

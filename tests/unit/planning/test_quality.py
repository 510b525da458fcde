"""Pass rates and cascades against figures that others have worked out."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from scipy.special import betainc

from advisor.planning.quality import (
    MOST_ANSWERS,
    Escalation,
    beta_below,
    cheaper_by_total,
    flips_at_usd,
    more_all_passing,
    more_at_this_rate,
    reaches,
    wilson,
)


def test_the_interval_is_that_of_the_textbook() -> None:
    # Newcombe, Statistics in Medicine 17 (1998): 81 of 263 and 15 of 148
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_beta_law_is_that_of_scipy() -> None:
    draw = random.Random(5)
    for _ in range(300):
        a, b, x = 10 ** draw.uniform(-0.3, 5), 10 ** draw.uniform(-0.3, 5), draw.random()
        near = min(max(a / (a + b) + (x - 0.5) * 4 * (a * b / (a + b) ** 2 / (a + b + 1)) ** 0.5, 0.0), 1.0)
        for at in (x, near):
            assert beta_below(at, a, b) == pytest.approx(betainc(a, b, at), abs=1e-8)


def test_nothing_graded_is_the_prior() -> None:
    assert reaches(0, 0, 0.5) == pytest.approx(0.5)


@pytest.mark.parametrize(("passed", "graded", "more"), [(18, 20, 5), (81, 100, 2515), (16, 20, None), (0, 0, None)])
def test_it_takes_more_answers_the_nearer_the_rate_is_to_the_floor(passed: int, graded: int, more: int | None) -> None:
    assert more_at_this_rate(passed, graded, 0.8) == more


def test_where_a_million_answers_would_not_do_none_are_named() -> None:
    assert more_at_this_rate(80_001, 100_000, 0.8) is None
    assert more_all_passing(0, MOST_ANSWERS, 0.999999) is None


def test_a_cascade_with_the_published_scores_pays_below_the_published_ratios() -> None:
    # methods, section 5: 0.69 (AIME) and 0.78 (MMLU-Pro) with a perfect check, 0.60 and 0.67 with 90/10 at 5 %
    for first, second, perfect, usual in ((0.691, 0.883, 0.69, 0.60), (0.776, 0.826, 0.78, 0.67)):
        assert Escalation(first, second, 1.0).pays_below(Decimal(0), Decimal(1)) == pytest.approx(perfect, abs=0.005)
        assert Escalation(first, second, 0.9).pays_below(Decimal("0.05"), Decimal(1)) == pytest.approx(usual, abs=0.005)


def test_a_model_that_passes_more_often_and_is_no_dearer_wins_at_any_price() -> None:
    assert flips_at_usd(Decimal(2), 0.5, Decimal(1), 0.6) == 0
    assert flips_at_usd(Decimal(2), 0.5, Decimal(1), 0.5) is None


def test_within_a_tie_the_plain_decision_stands() -> None:
    assert cheaper_by_total("plain", {"plain": Decimal("1.02"), "other": Decimal(1)}) == "plain"
    assert cheaper_by_total("plain", {"plain": Decimal("1.03"), "other": Decimal(1)}) == "other"

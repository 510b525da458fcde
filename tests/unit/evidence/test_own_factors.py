"""What the rows of a cell say about each number of requests in service."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.evidence import Cell
from advisor.usecases.grounding.grounds import Run, own_factors
from tests.rows import measured

CELL = Cell("gemma", "gemma-fp8", "h100", 1)
GRID = np.array([1.0, 2, 4, 8, 16, 32, 64])
CYCLE_S = 1.0 + 0.1 * GRID


def run(*pairs: tuple[int, float], slots: int = 512) -> Run:
    rows = tuple(measured(f"c{level}", concurrency=level, slots=slots) for level, _ in pairs)
    return Run(CELL, rows, np.log([factor for _, factor in pairs]))


def factors(*runs: Run) -> list[float] | None:
    found = own_factors(runs, grid=GRID, cycle_s=CYCLE_S)
    return None if found is None else found.tolist()


def test_no_run_says_nothing() -> None:
    assert factors() is None


def test_one_level_says_too_little_about_the_others() -> None:
    assert factors(run((8, 1.3))) is None
    assert factors(run((8, 1.3)), run((8, 1.2))) is None


def test_between_two_levels_the_factor_is_interpolated_over_the_logarithm() -> None:
    assert factors(run((2, 1.0), (32, 4.0))) == pytest.approx([1.0, 1.0, 2**0.5, 2.0, 2**1.5, 4.0, 4.0])


def test_two_runs_of_one_level_each_make_two_levels() -> None:
    assert factors(run((2, 1.0)), run((32, 4.0))) == factors(run((2, 1.0), (32, 4.0)))


def test_rows_of_one_level_are_averaged() -> None:
    assert factors(run((2, 1.0), (32, 2.0)), run((32, 8.0))) == pytest.approx(factors(run((2, 1.0), (32, 4.0))))


def test_three_levels_that_agree_give_their_factor() -> None:
    assert factors(run((1, 1.5), (8, 1.5), (64, 1.5))) == pytest.approx([1.5] * 7, rel=1e-6)


def test_through_three_levels_goes_the_curve() -> None:
    # what was seen takes twice the time at 64, as modeled at 1: the curve passes all three
    seen_s = 1.1 + (2 * 7.4 - 1.1) * (GRID - 1) / 63
    at = {level: CYCLE_S[i] / seen_s[i] for i, level in enumerate(GRID.astype(int).tolist())}
    found = factors(run((1, at[1]), (8, at[8]), (64, at[64])))
    assert found == pytest.approx((CYCLE_S / seen_s).tolist(), rel=1e-6)


def test_outside_the_observed_levels_the_factor_stays() -> None:
    found = factors(run((4, 1.2), (8, 1.4), (16, 1.3)))
    assert found is not None
    assert found[0] == found[1] == found[2]
    assert found[4] == found[5] == found[6]


def test_a_level_is_what_the_slots_let_into_service() -> None:
    assert run((64, 1.0), slots=8).levels.tolist() == [8.0]

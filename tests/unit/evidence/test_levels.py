"""A figure through every measured concurrency."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.evidence import level_curve


@st.composite
def measured(draw: st.DrawFn) -> tuple[list[int], list[float]]:
    levels = draw(st.lists(st.integers(1, 512), min_size=1, max_size=8, unique=True).map(sorted))
    values = draw(st.lists(st.floats(0.01, 100.0), min_size=len(levels), max_size=len(levels)))
    return levels, values


@given(points=measured())
def test_the_curve_passes_through_every_point(points: tuple[list[int], list[float]]) -> None:
    levels, values = points
    assert level_curve(levels, values).at(levels) == pytest.approx(np.array(values), rel=1e-9)


@given(points=measured())
def test_no_figure_between_is_negative(points: tuple[list[int], list[float]]) -> None:
    assert level_curve(*points).at(np.arange(1.0, 513.0)).min() > 0


def test_a_curve_of_the_form_is_found_again_below_the_lowest_level_too() -> None:
    c = np.array([4.0, 16.0, 64.0])
    every = np.arange(1.0, 65.0)
    curve = level_curve(c, 2.0 + 0.1 * c + 0.5 * np.sqrt(c))
    assert curve.at(every) == pytest.approx(2.0 + 0.1 * every + 0.5 * np.sqrt(every))


def test_nothing_is_extrapolated_beyond_the_highest_level() -> None:
    curve = level_curve([1, 8, 64], [1.0, 2.0, 5.0])
    assert curve.at([64, 65, 1000]).tolist() == [5.0, 5.0, 5.0]


def test_two_points_make_a_straight_line() -> None:
    assert level_curve([2, 10], [3.0, 7.0]).at([1, 6]).tolist() == pytest.approx([2.5, 5.0], rel=0.05)


@pytest.mark.parametrize(("values", "alone"), [([4.0, 3.0], 4.0), ([1.0, 9.0], 0.5)])
def test_a_line_through_two_points_neither_falls_nor_begins_below_zero(values: list[float], alone: float) -> None:
    assert float(level_curve([2, 4], values).at(1)) == pytest.approx(alone)


def test_one_point_is_a_constant() -> None:
    assert level_curve([8], [3.0]).at([1, 8, 99]).tolist() == [3.0, 3.0, 3.0]


@pytest.mark.parametrize(("levels", "values"), [([], []), ([0, 1], [1.0, 1.0]), ([1, 2], [1.0, 0.0])])
def test_figures_and_levels_are_positive(levels: list[int], values: list[float]) -> None:
    with pytest.raises(ValueError, match="positive figures at positive concurrencies"):
        level_curve(levels, values)

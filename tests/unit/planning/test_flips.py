"""Stretches, flips and where a flip lies in draws: pure functions of names and costs."""

from __future__ import annotations

from itertools import groupby, pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.planning.flips import (
    Flip,
    Leaders,
    Stretch,
    condensed,
    flips_in_draws,
    flips_of,
    leaders_of,
    stretches,
)

A, B, C = ("a",), ("b",), ("a", "b")
few = settings(max_examples=40)
GRID = np.geomspace(1.0, 100.0, 33).tolist()


def led(changes: list[tuple[float, Leaders]], value: float) -> Leaders:
    """Return who leads at a value, given where each starts to lead."""
    return next(leaders for start, leaders in reversed(changes) if value >= start)


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[float, Leaders]]:
    """Who leads from where on, each for longer than two steps of the grid."""
    parts = draw(st.lists(st.floats(0.3, 1.5), min_size=1, max_size=6))
    starts = np.exp(np.cumsum([0.0, *parts])).tolist()
    return [(start, draw(st.sampled_from([A, B, C]))) for start in starts]


@few
@given(courses())
def test_stretches_are_those_of_a_fine_grid(course: list[tuple[float, Leaders]]) -> None:
    found = stretches(lambda value: led(course, value), GRID, narrow_share=1e-4)
    fine = np.geomspace(1.0, 100.0, 4001).tolist()
    brute = [(next(group), leaders) for leaders, group in groupby(fine, key=lambda value: led(course, value))]
    assert [stretch.leaders for stretch in found] == [leaders for _, leaders in brute]
    assert [stretch.low for stretch in found] == pytest.approx([start for start, _ in brute], rel=2e-3)


@few
@given(courses())
def test_stretches_fill_the_axis_and_neighbours_differ(course: list[tuple[float, Leaders]]) -> None:
    found = stretches(lambda value: led(course, value), GRID)
    assert (found[0].low, found[-1].high) == (GRID[0], GRID[-1])
    for left, right in pairwise(found):
        assert left.high == right.low
        assert left.leaders != right.leaders


def test_leaders_are_all_within_a_tie_by_name() -> None:
    assert leaders_of({"b": 1.0, "a": 1.019, "c": 1.03}) == ("a", "b")
    assert leaders_of({"a": inf, "b": 7.0}) == ("b",)
    assert leaders_of({"a": inf}) == ()


def test_a_saw_of_whole_replicas_is_told_as_one_flip_with_its_range() -> None:
    saw = [Stretch(1, 10, A)]
    saw += [Stretch(low, low + 1, leaders) for low, leaders in zip(range(10, 20), [B, A] * 5, strict=True)]
    told = condensed([*saw, Stretch(20, 100, B)])
    assert told == [Stretch(1, 10, A), Stretch(10, 20, C, alternates=True), Stretch(20, 100, B)]
    assert flips_of(told) == [Flip(10, 20, "a", "b")]


def test_a_single_short_stretch_stays_and_a_return_is_no_flip() -> None:
    found = [Stretch(1, 10, A), Stretch(10, 11, B), Stretch(11, 100, A)]
    assert condensed(found) == found
    turning = [Stretch(1, 10, A), Stretch(10, 10.5, B), Stretch(10.5, 11, C), Stretch(11, 100, A)]
    assert flips_of(condensed(turning)) == []


def test_a_tie_between_two_leaders_is_the_range_of_the_flip() -> None:
    (flip,) = flips_of([Stretch(1, 4, A), Stretch(4, 9, C), Stretch(9, 20, B)])
    assert (flip.low, flip.high) == (4, 9)
    assert flip.value == pytest.approx(6.0)


def test_nothing_feasible_between_two_leaders_is_part_of_the_range() -> None:
    assert flips_of([Stretch(1, 4, A), Stretch(4, 9, ()), Stretch(9, 20, B)]) == [Flip(4, 9, "a", "b")]


def test_a_flip_in_a_draw_is_where_costs_cross() -> None:
    values = np.geomspace(1.0, 100.0, 41)
    crossings = np.array([3.0, 10.0, 40.0])
    below = np.outer(values, 1.0 / crossings)  # cheaper below the crossing, dearer above it
    found = flips_in_draws(below, np.ones_like(below), values, ends=(1.0, 100.0))
    assert found == pytest.approx(crossings, rel=0.02)


def test_a_draw_in_which_one_is_always_cheaper_has_no_flip() -> None:
    values = np.geomspace(1.0, 100.0, 9)
    dear = np.full((9, 1), 2.0)
    assert np.isnan(flips_in_draws(dear, dear / 2, values, ends=(1.0, 100.0))).all()
    assert np.isnan(flips_in_draws(dear / 2, dear, values, ends=(1.0, 100.0))).all()


def test_where_one_cannot_do_it_the_other_is_the_cheaper() -> None:
    values = np.geomspace(1.0, 16.0, 5)
    below = np.array([[1.0], [1.0], [inf], [inf], [inf]])
    (found,) = flips_in_draws(below, np.full((5, 1), 3.0), values, ends=(1.0, 16.0)).tolist()
    assert 2.0 < found < 4.0


@given(st.integers(8, 28), st.booleans())
def test_one_point_of_another_order_does_not_move_a_flip(place: int, above: bool) -> None:
    values = np.geomspace(1.0, 50.0, 33)
    lead = np.where(np.arange(33) < place, 1.0, -1.0)
    lead[place + 3 if above else place - 4] *= -1.0
    (found,) = flips_in_draws(np.ones((33, 1)), np.exp(lead)[:, None], values, ends=(1.0, 50.0)).tolist()
    assert values[place - 1] < found < values[place]

"""Cells are measured in the order in which they tell most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.usecases.profile.ordering import bisecting, informative_first

if TYPE_CHECKING:
    from advisor.domain.load import Load

LEVELS = st.lists(st.integers(1, 4096), max_size=12)


def test_the_ends_come_first_and_then_the_middle_of_the_widest_gap() -> None:
    assert bisecting([1, 2, 4, 8, 16, 32, 64, 128]) == [1, 128, 8, 32, 2, 4, 16, 64]


def test_one_open_loop_run_follows_the_first_three_levels() -> None:
    loads: list[Load] = [
        OpenLoad(rate_rps=2.0),
        OpenLoad(rate_rps=5.0),
        *(ClosedLoad(concurrency=c) for c in (1, 4, 16, 64)),
    ]
    labels = [load.label for load in informative_first(loads)]
    assert labels == [
        "1 in flight",
        "64 in flight",
        "4 in flight",
        "2 requests/s, Poisson",
        "16 in flight",
        "5 requests/s, Poisson",
    ]


@given(LEVELS)
def test_every_level_comes_once(levels: list[int]) -> None:
    assert sorted(bisecting(levels)) == sorted(set(levels))


@given(LEVELS.filter(lambda levels: len(set(levels)) > 1))
def test_the_range_is_known_after_two_levels(levels: list[int]) -> None:
    assert bisecting(levels)[:2] == [min(levels), max(levels)]

"""Replicas to install so that enough are up."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.planning.sparing import enough_up, spares_needed


@pytest.mark.parametrize(
    ("availability", "installed"),
    [
        # replicas to install for 1, 2, 4, 8, 16, 32 that are up 99.9 % of the time: an independent calculation
        (0.999, {1: 1, 2: 3, 4: 5, 8: 9, 16: 17, 32: 33}),
        (0.995, {1: 2, 2: 3, 4: 5, 8: 9, 16: 18, 32: 34}),
        (0.98, {1: 2, 2: 4, 4: 6, 8: 10, 16: 19, 32: 36}),
        (0.95, {1: 3, 2: 4, 4: 7, 8: 12, 16: 21, 32: 39}),
    ],
)
def test_spares_are_those_of_the_published_table(availability: float, installed: dict[int, int]) -> None:
    needed = {n: n + spares_needed(n, availability=availability, target=0.999) for n in installed}
    assert needed == installed


def test_the_chance_that_enough_are_up_is_that_of_counting_every_case() -> None:
    availability, installed = 0.9, 5
    for needed in range(1, installed + 1):
        cases = [up for up in product((True, False), repeat=installed) if sum(up) >= needed]
        counted = sum(availability ** sum(up) * (1 - availability) ** (installed - sum(up)) for up in cases)
        assert enough_up(needed, installed=installed, availability=availability) == pytest.approx(counted, rel=1e-9)


def test_fleets_of_thousands_do_not_overflow() -> None:
    spares = spares_needed(4000, availability=0.98, target=0.999)
    assert 80 < spares < 140


@given(
    needed=st.integers(1, 60),
    availability=st.floats(0.8, 0.9999),
    target=st.floats(0.5, 0.9999),
)
def test_the_spares_suffice_and_one_fewer_do_not(needed: int, availability: float, target: float) -> None:
    spares = spares_needed(needed, availability=availability, target=target)
    assert enough_up(needed, installed=needed + spares, availability=availability) >= target
    assert spares == 0 or enough_up(needed, installed=needed + spares - 1, availability=availability) < target


@pytest.mark.parametrize(
    ("needed", "availability", "target"), [(0, 0.9, 0.9), (1, 1.0, 0.9), (1, 0.0, 0.9), (1, 0.9, 1.0), (1, 0.9, 0.0)]
)
def test_impossible_wishes_are_refused(needed: int, availability: float, target: float) -> None:
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        spares_needed(needed, availability=availability, target=target)


def test_replicas_that_are_hardly_ever_up_are_refused() -> None:
    with pytest.raises(ValueError, match="no number of spares"):
        spares_needed(1, availability=0.001, target=0.9999)

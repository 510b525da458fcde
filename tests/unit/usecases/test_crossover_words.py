"""The sentence of `crossover`: what its interval is of, and where contenders take turns."""

from __future__ import annotations

import pytest

from advisor.domain.crossover import Axis, FlipLine, Scope, ScopeLine, Standing, StretchLine
from advisor.usecases.crossing.words import summary_of

LOAD = Axis(name="qps", title="load", unit="requests/s", low=1.0, high=64.0, asked_value=8.0)


def line(*stretches: tuple[float, float, Standing, tuple[str, ...]], flips: tuple[FlipLine, ...] = ()) -> ScopeLine:
    told = tuple(StretchLine(low=a, high=b, standing=standing, leaders=names) for a, b, standing, names in stretches)
    return ScopeLine(scope=Scope.OVERALL, name="all", stretches=told, flips=flips)


@pytest.mark.parametrize(
    ("none_share", "told"),
    [
        (0.0, "(90 % of draws: 3 requests/s to 9 requests/s)"),
        (0.26, "(90 % of the 74 % of draws that have a flip: 3 requests/s to 9 requests/s)"),
    ],
)
def test_an_interval_says_of_which_draws_it_is(none_share: float, told: str) -> None:
    flip = FlipLine(
        value=5.0, low=5.0, high=5.0, below="a", above="b", changes_model=True, p05=3.0, p95=9.0, none_share=none_share
    )
    assert told in summary_of(LOAD, [line(flips=(flip,))])


def test_without_a_flip_the_stretches_where_contenders_take_turns_are_named() -> None:
    found = line(
        (1.0, 1.29, Standing.ALONE, ("a",)),
        (1.29, 3.88, Standing.TURNS, ("a", "b")),
        (3.88, 60.0, Standing.ALONE, ("a",)),
        (60.0, 64.0, Standing.TIE, ("a", "b")),
    )
    assert summary_of(LOAD, [found]) == (
        "No flip between 1 requests/s and 64 requests/s: a is the cheapest, ties aside; "
        "between 1.29 and 3.88 requests/s the cheaper one alternates with whole replicas (a, b)."
    )
